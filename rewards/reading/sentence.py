"""The one phrase that a text commits to: what its sentences claim, deny, weigh, or only explain."""

import re
from collections.abc import Iterator

from rewards.reading import Reading
from rewards.reading.after_answer import (
    ALSO_FITS,
    DISCLAIMER,
    FINAL_HEADING,
    IN_BRACKETS,
    LIST_MARK,
    NAME_THEN_LIST,
    PLAN,
    PLEASANTRY,
    RIVAL,
    RIVALS,
    TAKEN_BACK,
    TELLS,
    THOUGH,
)
from rewards.reading.canon import canon, stems, terms
from rewards.reading.claim import DIRECT, Claim, read_clause
from rewards.reading.dress import in_latin, unwrapped
from rewards.reading.guards import DIRECTIONS, GROUPS
from rewards.reading.phrase_cues import (
    ARROW,
    BULLET,
    CONTRAST,
    DENIED,
    FINAL_LABEL,
    HEADING,
    IDENTIFIES,
    LEAD_IN,
    MARKER,
    MINE,
    NOT_BUT,
    REFUSAL,
    RESTATED,
    SENTENCE,
    STOP,
    TURN,
    TURNS,
    VERB,
)  # fmt: skip
from rewards.reading.tables import vocabulary

CONCEDED = 0.5  # the rank of what a sentence names before its turn
LAST_LINE = 4.4  # the rank of a name that stands alone on the last line; above DIRECT where sentences lead to it
NAMING = 3.95  # the rank from which a clause gives a thing its name
DETAIL = re.compile(r"\s(?:of|with|in|due)\s")
SENTENCES = re.compile(r"[.!?]\s+\S")
MOST_SENTENCES = 80  # that are read, from the end of a text
LONGEST_NAME = 8  # words
DESCRIPTION = 4  # words from which on a bare phrase may describe rather than name
LONGEST = 4000  # characters of a text that are read, from its end


def read_phrase(text: str, question: str | None = None, denials: bool = False) -> Reading:
    """The one phrase a folded text commits to, without its sentence; None with the reason where it commits to none.

    denials: a denial is a claim too ("no fracture" may be the answer).

    >>> read_phrase("The image shows a pneumothorax, because the markings end.").value
    'a pneumothorax'
    >>> read_phrase("It is not gout but sepsis.").value, read_phrase("It might be gout.").value
    ('sepsis', None)
    """
    text = in_latin(unwrapped(text[-LONGEST:].strip()))
    if heading := next(reversed(list(FINAL_HEADING.finditer(text))), None):
        text = text[heading.end() :].strip() or text
    text = without_plan(without_reasons(text))
    if refusal := REFUSAL.search(text):
        turn = TURN.search(text, refusal.end())
        if turn:
            text = text[turn.end() :].strip()
        elif not MARKER.search(text, refusal.end()):
            return Reading(None, "refusal", "the text declines to answer")
    if text.endswith(("?", "？")):
        return Reading(None, "question", "it asks instead of answering")
    asked = asked_about(question)
    claims, why = claimed(text, asked, denials)
    if not claims:
        return Reading(None, *why)
    return chosen(claims)


def without_reasons(text: str) -> str:
    """A text without the list of reasons below a name, if no entry of the list is a name too, and without whole
    sentences in brackets."""
    if "(" in text:
        text = IN_BRACKETS.sub("", text)
    named = NAME_THEN_LIST.match(text) if "\n" in text else None
    if not named or not known_name(named[1]):
        return text
    entries = LIST_MARK.split(text[named.end() :])
    return text if any(known_name(entry.strip(" .;,\n")) for entry in entries) else named[1]


def without_plan(text: str) -> str:
    """A text without what is to be done, told under a heading of its own after the answer."""
    plan = PLAN.search(text) if "\n" in text else None
    return text[: plan.start()].strip() if plan and not MARKER.search(text, plan.end()) else text


def stated(text: str) -> str:
    """All that a text states as its answer, without "the answer is" and the like; more than one sentence as it "
    "stands."""
    marker = next(reversed(list(MARKER.finditer(text[-LONGEST:]))), None)
    rest = text[-LONGEST:][marker.end() :] if marker else text[-LONGEST:]
    rest = LEAD_IN.sub("", rest)
    return IDENTIFIES.sub("", rest).strip()


def asked_about(question: str | None) -> frozenset[str]:
    """The words of the question itself, the last sentence, that say what is looked for."""
    pieces = [piece for piece in SENTENCE.split((question or "").strip()[-600:]) if piece and piece.strip()]
    return frozenset(stems(pieces[-1])) - STOP if pieces else frozenset()


def chosen(claims: list[Claim]) -> Reading:
    """The firmest claim; two of the firmest that differ, or bare names side by side, are none."""
    first = claims[0]
    best = max(claim.rank for claim in claims)
    firm = [claim for claim in claims if claim.rank == best]
    if first.bare and first.rank == DIRECT and (name := diagnosis_of(claims)):
        return Reading(name.phrase, "phrase")
    if first.bare and first.rank == DIRECT == best:
        rivals = [claim for claim in claims[1:] if claim.bare and len(claim.phrase.split()) <= 5]
        rivals = [claim for claim in rivals if not TELLS.search(claim.phrase)]
    elif best == 5:
        rivals = firm[1:] + (
            claims[:1] if first.rank == DIRECT and claims[1:2] == firm[:1] and len(first.phrase) < 30 else []
        )
        first = firm[0]
    else:
        first = firm[0] if best == 1 else firm[-1]
        rivals = []
    for claim in rivals:
        if not akin(first.phrase, claim.phrase):
            return Reading(None, "conflict", f"two answers: {first.phrase[:80]!r} and {claim.phrase[:80]!r}")
    agreeing = [claim.phrase for claim in firm if claim.phrase] if best == 5 else [first.phrase]
    return Reading(min(agreeing, key=len), "marker" if best == 5 else "phrase")


def diagnosis_of(claims: list[Claim]) -> Claim | None:
    """The known name that follows a description of four words or more at the head: "Rib notching and ... Hence ..."."""
    first, *others = claims
    if max(claim.rank for claim in claims) >= 5 or len(first.phrase.split()) < DESCRIPTION or known_name(first.phrase):
        return None
    named = [claim for claim in others if (claim.bare or claim.rank >= NAMING) and known_head(claim.phrase)]
    strangers = [claim for claim in others if claim.bare and claim not in named and not TELLS.search(claim.phrase)]
    return named[0] if len(named) == 1 and not strangers else None


def known_name(phrase: str) -> bool:
    """Whether a table knows the phrase as the name of one thing."""
    return stems(phrase) in terms().names


def known_head(phrase: str) -> bool:
    """Whether a phrase is a known name, or one with a detail behind it: a carcinoma of moderate differentiation."""
    return known_name(phrase) or known_name(DETAIL.split(phrase, maxsplit=1)[0])


def akin(one: str, other: str) -> bool:
    """Whether two phrases can name one thing: the words of one are among the other's."""
    first, second = set(canon(one)), set(canon(other))
    if any(group & first and group & second and not group & first & second for group in GROUPS):
        return False  # left, right
    if first <= second or second <= first:
        return True
    return all(word in DIRECTIONS or word in vocabulary("detail") for word in second)


def claimed(text: str, asked: frozenset[str], denials: bool) -> tuple[list[Claim], tuple[str, str]]:
    """Every claim of a text in order, and (rule, why) for when there is none."""
    claims: list[Claim] = []
    why = ("empty", "no phrase is stated")
    marked = turned = False
    broken: tuple[str, str] | None = None  # after that, only a marked answer counts
    for place, (clause, whole) in enumerate(clauses(text)):
        if HEADING.match(clause) or PLEASANTRY.match(clause) or (claims and aside(clause, whole)):
            continue
        if claims and (undone := undoes(clause)):
            broken = undone
            claims.clear()
        if MINE.fullmatch(clause) and claims:
            claims[-1] = Claim(5, claims[-1].phrase, claims[-1].bare)
            continue
        if FINAL_LABEL.match(clause.strip(" :#")):
            marked = True
            continue
        claim = read_clause(clause, asked, whole and place == 0, denials)
        if isinstance(claim, tuple):
            why = claim
            if claim[0] == "listing":
                return [], claim
        elif claim and claim.phrase:
            if turned and not whole and claims and claims[-1].rank < 5 and known_name(claim.phrase):
                claims[-1] = Claim(CONCEDED, claims[-1].phrase, claims[-1].bare)  # "X is suggested, but it is Y"
            claims.append(Claim(5, claim.phrase, claim.bare) if marked else claim)
        marked, turned = False, not whole
    if broken:
        claims, why = [claim for claim in claims if claim.rank == 5], broken
    if len(claims) > 1 and claims[-1].bare and claims[-1].rank < LAST_LINE and ends_alone(text, claims[-1].phrase):
        told = SENTENCES.search(text.rsplit("\n", 1)[0]) and not known_name(claims[0].phrase)
        claims[-1] = Claim(LAST_LINE + 0.2 * bool(told), claims[-1].phrase, True)
    return claims, why


def aside(clause: str, whole: bool) -> bool:
    """Whether a clause after the answer says nothing of it: a contrast, advice, a disclaimer."""
    if DISCLAIMER.match(clause):
        return True
    contrast = CONTRAST.match(clause) or (not whole and THOUGH.match(clause) and not RIVALS.search(clause))
    return bool(contrast) and not MARKER.search(clause)


def undoes(clause: str) -> tuple[str, str] | None:
    """(rule, why) where a clause takes back what was named before it, or offers one more answer."""
    if TAKEN_BACK.match(clause):
        return "retracted", "what was named is taken back"
    if ALSO_FITS.search(clause) and not DENIED.search(clause):
        return "conflict", "one more answer is said to fit"
    rival = RIVAL.match(clause)
    if rival and not (rival[1] and VERB.search(clause)):  # "also, the uric acid is raised" is no answer
        return "conflict", "one more answer is offered, or the first is taken back"
    return None


def ends_alone(text: str, phrase: str) -> bool:
    """Whether a short phrase is the last line of a text."""
    line = BULLET.sub("", text.rsplit("\n", 1)[-1]) if "\n" in text else ""
    return line.strip(" .!") == phrase and len(phrase.split()) <= LONGEST_NAME


def clauses(text: str) -> Iterator[tuple[str, bool]]:
    """(clause, whether it is a sentence of its own): sentences, and within them what stands before and after a turn."""
    for sentence in SENTENCE.split(text)[-MOST_SENTENCES:]:
        sentence = BULLET.sub("", sentence).strip()
        if not sentence or sentence.endswith("?") or sentence.startswith("---"):
            continue
        if (arrow := ARROW.search(sentence)) and not MARKER.search(sentence[: arrow.end()]):
            before, after = sentence[: arrow.start()], sentence[arrow.end() :].strip(" .")
            short = after and len(after.split()) <= LONGEST_NAME and len(before.split()) > len(after.split())
            if short and not re.search(r"[()]|->|=>|[→⇒]", after):
                yield before, False
                sentence = f"so {after}"
            else:
                sentence = before
        if restated := RESTATED.match(sentence):
            first, then = (part for part in restated.groups() if part)
            if not TELLS.search(then):
                yield first, False
                sentence = f"so {then}"
        if NOT_BUT.search(sentence):
            yield sentence, True
            continue
        pieces = [piece.strip(" ,") for piece in TURNS.split(sentence) if piece and piece.strip(" ,.")]
        yield from ((piece, len(pieces) == 1) for piece in pieces)
