"""What one clause claims, and how firmly."""

import re
from dataclasses import dataclass

from rewards.reading.after_answer import CLEFT, DENIED_BEHIND, TELLS
from rewards.reading.canon import canon, stems, terms
from rewards.reading.phrase_cues import (
    CONCLUDES,
    CONDITION,
    DENIED,
    EXPLAINS,
    FINAL_LABEL,
    FRAME,
    IDENTIFIES,
    IDIOM,
    LABEL,
    LEAD_IN,
    LONG_FRAME,
    MARKER,
    MINE,
    NOT_BUT,
    PLACED,
    PREDICATE,
    REASON,
    RELATIVE,
    SIGNS,
    SIGNS_OF,
    STATE,
    STRONG_FRAME,
    SUBORDINATE,
    UNSURE,
    VERB,
    WEIGHED,
)  # fmt: skip
from rewards.reading.tables import vocabulary
from rewards.reading.told import STRONGS
from rewards.reading.words import family

PREFERS = re.compile(r"\b(?:favou?rs?|prefers?|chosen?)\b", re.IGNORECASE)
DANGLING = re.compile(r"[\s,]+(?:against|in|on|with|of|for|by|to|from|at|and|or)$", re.IGNORECASE)
PRONOUNS = frozenset({"it", "they", "this", "that", "these", "those", "he", "she"})
NAMED = re.compile(r"\b(?:is|are) (?:also )?(?:known as|called|termed|named|referred to as)\b", re.IGNORECASE)
THAT = re.compile(r"^[^,;:]{3,120}? (?:one|change|finding|abnormality|sign) is that (.{3,})$", re.IGNORECASE)
ASIDE = re.compile(r"\s*\([^()]*\)(?=\s+\w)")
FITTED = re.compile(r"\b(?:fits|match(?:es)?) (\S.{2,60}) (?:best|well|perfectly|nicely)$", re.IGNORECASE)
IT_IS = re.compile(r"^(?:it|these|they) (?:is|are) (?:\S+ ?){1,6}$", re.IGNORECASE)
LISTING = -2  # the rank of a clause that opens a list of candidates
DIRECT = 4.5  # the rank of a name that stands alone at the head of a text


# A subject that is the answer: "two cysts are present", "doxycycline would be the best choice".
SUBJECT = (
    r"(?P<it>(?!(?:it|this|that|these|those|there|he|she|they|what|which|who|nothing|none|neither|no)\b)[^,;:]{3,80}?)"
)
NOUNS = (
    "therapy|treatment|diagnosis|choice|step|test|event|cause|culprit|drug|agent|organism|pathogen|explanation|abnormality|"
    "finding|disorder|answer"
)
THERE = re.compile(
    rf"^{SUBJECT} (?:is|are|was|were|can be) (?:\w+ly )?(?:present|visible|seen|noted|identified|evident|demonstrated|"
    r"observed|apparent)\b(?!.*\b(?:but|not|no)\b)",
    re.IGNORECASE,
)
CALLED = re.compile(
    rf"^(?:(?:in|at|on|with|given|for|after)\b[^,]*,\s+|.*,\s+so\s+)?(?!.*\b(?:{NOUNS})\b.* (?:is|was|are|would be)\b)"
    rf"{SUBJECT} (?:would be|is|was|remains|are|were)(?: most likely| probably)? (?:my|the|our) (?:[\w-]+ ){{0,4}}"
    rf"(?:{NOUNS})\W*$",
    re.IGNORECASE,
)
INSERTED = re.compile(r",?\s+(?:over (?:an?|the)|who|whose|where|without)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Claim:
    """A phrase that a clause claims, and how firmly.

    rank: 5 marked as the answer, 4.5 a name at the head of the text, 4 concluded, 3 about what is asked, 2 "it is ..."
    or a bare name, 1 else.  bare: a name without a verb.
    """

    rank: float
    phrase: str
    bare: bool


def read_clause(clause: str, asked: frozenset[str], alone: bool, denials: bool) -> Claim | tuple[str, str] | None:
    """What a clause claims; (rule, why) where it denies or only weighs.

    asked: words of the question. alone: it is the first sentence of its text.
    """
    clause, rank = marked_part(IDIOM.sub(" is ", clause).strip())
    if rank < 0:
        return ("listing", "a list of candidates") if rank == LISTING else ("denied", "the answer is denied")
    if turned := NOT_BUT.search(clause):
        clause, rank = turned[1], max(rank, 4)
    label = LABEL.match(clause)
    if label and rank < 5 and explained(label[1], clause[label.end() :]):
        clause = label[1]
    elif label and rank < 5 and not VERB.search(label[1]):
        clause = clause[label.end() :]
        rank = 5 if FINAL_LABEL.match(label[1]) else 3 if asks_for(label[1], asked) else 1
    if mine := MINE.search(clause):
        clause, rank = clause[: mine.start()], 5
    body = LEAD_IN.sub("", SUBORDINATE.sub("", LEAD_IN.sub("", clause))).strip()
    core = REASON.sub("", concluding(body))
    if PREFERS.search(core):
        core = re.sub(r"\s+over\s+.*$", "", core)
    if rank < 5 and (WEIGHED.search(core) or CONDITION.match(clause)):
        return "weighed", "only weighed"
    if (DENIED.search(core) or DENIED_BEHIND.search(body)) and not denials:
        return "denied", "the text denies it"
    if UNSURE.search(core):
        return "hedge", "not committed to"
    subject = trimmed(core)
    told = THERE.match(core) or CALLED.match(core)
    phrase = unframed(trimmed(told["it"])) if told else unframed(subject)
    if (state := STATE.match(subject)) and asked & set(stems(state[2])):
        phrase = state[1]  # which organ is enlarged?
    bare = not VERB.search(subject) and not TELLS.search(subject)
    return Claim(rank or rank_of(clause, subject, phrase, asked, alone and bare), phrase, bare)


def concluding(body: str) -> str:
    """The conclusion of a clause whose subject has an insertion that reads as a reason: "numbness over the deltoid,
    with weakness, indicates damage to the nerve"."""
    cut = REASON.search(body)
    if not cut or not INSERTED.match(body, cut.start()):
        return body
    verb = STRONGS.search(body, cut.start())
    return f"this {body[verb.start() :]}" if verb else body


def explained(label: str, rest: str) -> bool:
    """Whether a label is the name and what follows tells why: "Gout: the crystals are typical", "Gout - red, hot"."""
    if stems(label) not in terms().names:
        return False
    if VERB.search(rest):
        return True
    signs = [piece for piece in re.split(r",|\band\b", rest) if piece.strip()]
    named = any(stems(piece) in terms().names for piece in signs[:1])
    return len(signs) > 1 + named and not vocabulary("places").issuperset(canon(label))


def asks_for(label: str, asked: frozenset[str]) -> bool:
    """Whether a label says in some form what the question asks for: "Inheritance" where it asks how it is inherited."""
    words = stems(label.replace("_", " "))
    return bool(asked & {*words} or {family(word) for word in asked} & {family(word) for word in words})


def marked_part(clause: str) -> tuple[str, float]:
    """(what a marker names as the answer, 5), or (the clause, 0); a negative rank where the marker names none."""
    marker = next(reversed(list(MARKER.finditer(clause + " "))), None)
    if not marker or not clause[marker.end() :].strip(" .:"):
        return (
            (clause, LISTING)
            if re.match(r"(?:the )?(?:differential|possible|candidates)\b", clause, re.I) and clause.endswith(":")
            else (clause, 0)
        )
    before = clause[: marker.end()]
    if re.search(r"differential(?: diagnosis)?\W*$|\bdifferential\b", before, re.IGNORECASE):
        return clause, LISTING
    if DENIED.search(before):
        return clause, -1
    return clause[marker.end() :].strip(), 5


def rank_of(clause: str, subject: str, phrase: str, asked: frozenset[str], alone: bool) -> float:
    """How firmly a clause without a marker claims its phrase."""
    if alone and len(subject.split()) <= 8:
        return DIRECT
    if CONCLUDES.search(clause):
        return 4
    if NAMED.search(clause):
        return 3.95
    if IT_IS.match(subject) and stems(phrase) in terms().names:
        return 4
    shared = asked & set(stems(subject))
    if shared and any(len(word) > 3 and word in terms().vocabulary for word in canon(phrase)):
        return 3 + min(len(shared), 9) / 10
    return 2 if IDENTIFIES.search(subject) else 1


def unframed(phrase: str) -> str:
    """A phrase without its sentence: "The organ affected is the liver" and "the liver is affected" -> the liver."""
    if said := THAT.match(phrase):
        return unframed(said[1])
    if "(" in phrase and not FRAME.match(phrase) and FRAME.match(plain := ASIDE.sub("", phrase)):
        phrase = plain  # commas in brackets hide the verb
    if cleft := CLEFT.match(phrase):
        return trimmed(cleft[1])
    if strong := STRONG_FRAME.match(phrase):
        return trimmed(phrase[strong.end() :])
    phrase = RELATIVE.sub("", re.sub(r"\s+(?:it|that|this) (?:is|must be|has to be|was|remains)$", "", phrase))
    if (explains := EXPLAINS.match(phrase)) and not SIGNS_OF.search(explains[1]):
        return trimmed(explains[1])
    if (fitted := FITTED.search(phrase)) and SIGNS_OF.search(phrase[: fitted.start()]):
        return trimmed(fitted[1])
    if not VERB.search(phrase) and not FRAME.match(phrase):
        return phrase
    if predicate := PREDICATE.search(phrase):
        front = phrase[: predicate.start()]
        if placed := PLACED.match(front):  # "in this syndrome the median nerve is compressed"
            front = placed[1]
        if front and front.lower() not in ("it", "this", "that", "which"):
            return trimmed(front)
    if state := STATE.match(phrase):
        return state[2] if state[1].lower() in PRONOUNS else f"{state[2]} {state[1]}"
    for _ in range(4):
        frame = FRAME.match(phrase) or LONG_FRAME.match(phrase)
        if not frame or frame.end() == len(phrase):
            break
        phrase = RELATIVE.sub("", phrase[frame.end() :])
        if not VERB.search(phrase):
            break
    return trimmed(phrase)


def trimmed(phrase: str) -> str:
    """Without quotes, stops and loose brackets at its ends."""
    phrase = SIGNS.sub("", phrase).strip(" \t.,;:!\"'*_`")
    if phrase.startswith("(") and phrase.endswith(")"):
        phrase = phrase[1:-1]
    if phrase.count("(") > phrase.count(")"):
        phrase = phrase[: phrase.rindex("(")]
    return DANGLING.sub("", phrase.strip(" .,;:!\"'"))
