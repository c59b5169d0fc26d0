"""The one phrase that a text commits to: what its sentences claim, deny, weigh, or only explain."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from rewards.reading import Reading
from rewards.reading.canon import canon, stems

LONGEST = 4000  # characters of a text that are read, from its end
REFUSAL = re.compile(
    r"\b(?:(?:can ?not|can't|could not|couldn't|am unable to|unable to|not able to|not possible to|impossible to|hard to|difficult to|"
    r"won't|will not|decline to|refuse to)\b[^.\n]{0,40}"
    r"\b(?:answer|determine|say|tell|assess|know|provide|conclude|decide|be sure|diagnose|identify|be determined|establish)"
    r"|(?:do not|don't) (?:really )?know\b|(?:i am|i'm) not (?:sure|certain)\b|no idea\b"
    r"|(?:insufficient|not enough) (?:information|data|detail)|as an ai\b|(?:could|might|may) be anything\b|"
    r"(?:consult|see|ask) (?:a|your) (?:doctor|physician|radiologist|healthcare))",
    re.IGNORECASE,
)
TURN = re.compile(r"\b(?:but|however|still|though|nevertheless|nonetheless|if i had to|having said that|that said)\b,?", re.I)
MARKER = re.compile(
    r"(?:^|\b)(?:(?:so|thus|therefore|hence|and),? )?(?:(?:final|correct|best|right|single|overall|leading|working|definitive|"
    r"most likely|most probable|likely|probable|my|the|short|our) ){0,4}"
    r"(?:answer|diagnosis|conclusion|impression|ans|dx|choice|verdict|diagnose)\b"
    r"(?:\s*\([^)]{0,40}\))?(?: (?:to (?:the|this|your) question|here|for (?:this|the) \w+|of choice|in this case|in this patient)){0,2}"
    r"(?: (?:is|would be|should be|must be|has to be|remains|was|=)(?: (?:therefore|thus|clearly|most likely|likely|probably))?(?=[ :,])"
    r"\s*:?|\s*[:=]|\.(?= )|\s*\n|\s+-\s)\s*(?:is\b:?\s*)?|答案(?:是|为|:)?\s*",
    re.IGNORECASE,
)
CONCLUDES = re.compile(
    r"^(?:so|therefore|thus|hence|consequently|overall|in (?:conclusion|summary|short)|altogether|taken together|all in all|"
    r"accordingly|i (?:would |'d )?(?:think|believe|conclude|say|favou?r|go (?:with|for)|choose|pick|settle on)|"
    r"it is therefore|this (?:means|makes)|which (?:means|makes)|in my (?:opinion|view)|my read)\b"
    r"|\b(?:consistent with|compatible with|in keeping with|(?:most )?suggestive of|indicative of|diagnostic of|"
    r"pathognomonic (?:of|for)|points? to|pointing to|most likely|likeliest|diagnosis (?:is|of)|confirms?|characteristic of|"
    r"typical (?:of|for)|represents?|in favou?r of|best explained by|this must be|classic for|fits? (?:best )?with|speaks? for)\b",
    re.IGNORECASE,
)
LEAD_IN = re.compile(
    r"^(?:(?:so|therefore|thus|hence|consequently|overall|and|well|ok|okay|yes|sure|certainly|clearly|here|now|finally|then|"
    r"in (?:conclusion|summary|short)|altogether|accordingly|all in all|taken together|in my (?:opinion|view)|of course|"
    r"to conclude|to sum up|to summarize|answering your question|it follows that|this means(?: that)?|which means(?: that)?|"
    r"i(?: would|'d)? (?:think|believe|conclude|say|favou?r|go (?:with|for)|choose|pick|settle on|suspect|see|note)(?: that)?|"
    r"it (?:seems|appears)(?: that)?|we (?:see|can see|conclude|have)(?: that)?|let us say|"
    r"(?:from|in|on|judging (?:by|from)) (?:this|the|these) (?:\w+ ){0,4}(?:image|scan|film|picture|radiograph|slice|view|study|case|findings?|photo\w*)s?)"
    r"\b[,:]?\s*)+",
    re.IGNORECASE,
)
SUBORDINATE = re.compile(
    r"^(?:as|since|because|given|although|though|even though|while|when|if|based on|despite|in view of|due to|judging by|"
    r"considering|on the basis of|looking at|after|for this)\b[^,\n]{3,240},\s*(?:so |then )?",
    re.IGNORECASE,
)
LIKELY = (
    r"(?:(?:therefore|thus|clearly|definitely|most likely|most probably|likely|probably|almost certainly|certainly|obviously|"
    r"best|actually|really|indeed|called|termed|named|known as|a case of|due to|caused by|shown|that of|to be|in fact|"
    r"described as|seen|located|found|situated|consistent with|compatible with|in keeping with|(?:most )?suggestive of|"
    r"characteristic of|typical of|indicative of|an example of|diagnosed with|diagnostic of|evidence of|in|on|at|within)\s+)*"
)
FRAME = re.compile(
    r"^[^,;:!?\n]{0,160}?\b(?:is|are|was|were|'s|shows?|showed|demonstrates?|reveals?|represents?|suggests?|indicates?|depicts?|displays?|"
    r"confirms?|points? to|pointing to|looks? like|resembles?|appears? to be|seems? to be|must be|should be|would be|has to be|consistent with|"
    r"compatible with|in keeping with|suggestive of|indicative of|diagnostic of|pathognomonic (?:of|for)|characteristic of|typical (?:of|for)|fits?(?: best)? with|"
    r"means?|means that|has|have|suffers from|diagnosis of|harbou?rs|classic for|speaks? for|lies|sits|uses?|used|involves?|affects?|hits|arises? from|"
    r"comes? from|called|i see|there is|there are|named|in favou?r of|best explained by)\b:?\s+" + LIKELY,
    re.IGNORECASE,
)
PREDICATE = re.compile(
    r"[\s,]+(?:is|are|was|were|looks?|appears?|seems?|can be|would be|has been|must be|remains?)\s+(?:the |a |my )?(?:clearly |most |therefore |thus )?"
    r"(?:(?:most )?(?:likely|probable|correct|best|right|final|leading|single|suspected|usual|typical|causative|likeliest)\s+)?(?:likely )?"
    r"(?:present|seen|visible|shown|noted|identified|visualized|observed|evident|affected|involved|abnormal|imaged|depicted|displayed|"
    r"diseased|injured|damaged|compressed|torn|fractured|suspected|used|likely|probable|suggested|diagnosed|confirmed|responsible|"
    r"diagnosis|answer|finding|cause|organ|modality|structure|one|option|choice|culprit|drug of choice|treatment of choice|"
    r"abnormality|agent|organism|pathogen|drug|treatment|plane|sequence|vessel|nerve|to blame)\b(?:\s+(?:here|in|on|by|of|for|with|that|which)\b.*)?$",
    re.IGNORECASE,
)
REASON = re.compile(
    r",? (?:because|since|given that|given|as (?:the|it|there|this|these|they|he|she|seen|shown|evidenced|suggested|indicated|well as)|due to the fact|"
    r"which|so that|whereas|while|rather than|instead of|as opposed to|supported by|based on|in view of|"
    r"evidenced by|unlike|in contrast to|for the following|that (?:is|are|was|lies|has|causes?)|who|whose|where)\b.*$"
    r"|,? (?:suggested|shown|confirmed|characteri[sz]ed|indicated|identified|recogni[sz]ed) by\b.*$"
    r"|,\s*(?:as|and not|not|with the|but not|and thus|hence|thus|to be (?:exact|precise))\b.*$"
    r"|\s-+\s.*$|:\s.*$",
    re.IGNORECASE | re.DOTALL,
)
DENIED = re.compile(
    r"\b(?:not|never|neither|nor|isn't|aren't|wasn't|doesn't|don't|unlikely|excluded?|excludes|absent|ruled? out|rules out|denies|"
    r"denied|argues? against|against|no (?:sign|evidence|trace|features?)|less likely|improbable|incorrect|wrong|incompatible|"
    r"without|anything but|far from|fails? to|lacks?|no longer|cannot be|can't be)\b|^no\b",
    re.IGNORECASE,
)
NOT_BUT = re.compile(r"\b(?:not|isn't|aren't|rather than|instead of|no)\b[^.;\n]{1,120}?(?:,? but(?: rather| instead)?|,? rather|;|, it is|, it's|\. it is)\s+(.+)$", re.I)
WEIGHED = re.compile(
    r"\b(?:first thought|at first|initially|considered?|considering|(?:might|could|may|would) (?:also )?(?:think|suspect|say|suggest|have said|call|expect)|"
    r"(?:many|some|most people|others|one|students|you)\b(?: \w+)? (?:would|might|may|could|say|think|call|confuse)|differentials?|tempting|mimics?|mimicking|"
    r"confused with|mistaken for|versus|compared with|in contrast|by contrast|previously|alternatives?|alternatively|would be|would show|would have|"
    r"would look|would cause|were it|had it been|if it (?:were|was)|instead|other (?:options|causes|possibilities)|distractor|also (?:possible|consider)|"
    r"classically|usually|in general|generally)\b",
    re.IGNORECASE,
)
UNSURE = re.compile(r"\b(?:might|may (?:be|represent|well)|could (?:be|also|represent|well)|possibl[ey]|perhaps|maybe|conceivabl[ey]|cannot (?:exclude|rule)|can't (?:exclude|rule)|uncertain|unsure|unclear|a guess)\b", re.I)
VERB = re.compile(
    r"\b(?:is|are|was|were|be|has|have|had|shows?|suggests?|indicates?|means?|causes?|lies|lie|do|does|can|could|will|would|may|might|must|"
    r"demonstrates?|reveals?|represents?|see|seen|appears?|looks?|makes?|gives?|leads?|drains?|supplies|fits?|points?|let|think|believe|occurs?|arises?|turns?)\b|'s\b|'re\b",
    re.IGNORECASE,
)
SENTENCE = re.compile(r"(?<![A-Z0-9]\.)(?<!\b[A-Z]\.)(?<!vs\.)(?<!St\.)(?<!Dr\.)(?<!e\.g\.)(?<!i\.e\.)(?<!approx\.)(?<=[.!?。])\s+|\n+|;\s+|\s*\|\s*")
TURNS = re.compile(
    r",?\s+(?:but|however|yet)\b,?\s+|,\s+(?:so|therefore|thus|hence|which means(?: that)?|which makes|and therefore|and so|this is|making)\s+(?=\w)|\s+so (?=(?:it|the|this|that|i)\b)"
    r"|,?\s+(?:although|though|even though|whereas|while)\s+(?=\w+ \w+)",
    re.IGNORECASE,
)
BULLET = re.compile(r"^\s*(?:[-*•>]|\d{1,2}[.)]|\(\d\))\s+")
LABEL = re.compile(r"^([A-Za-z][A-Za-z_ /-]{1,40}?)\s*[:=]\s+(?=\S)")
FINAL_LABEL = re.compile(r"^(?:final |my |short )?(?:answer|diagnosis|impression|conclusion|ans|dx|diagnose)s?$", re.I)
STOP = frozenset("what which where who how is are was the of in on this that these it does do did to for with a an and by most likely here there be has have shown image seen show patient".split())


@dataclass(frozen=True)
class Claim:
    """A phrase that a clause claims, and how firmly: 5 marked as the answer, 4 concluded, 3 about what is asked, 2 bare, 1 said."""

    rank: int
    phrase: str
    bare: bool


def read_phrase(text: str, question: str | None = None) -> Reading:
    """The one phrase a folded text commits to, without its sentence; None with the reason where it commits to none.

    >>> read_phrase("The image shows a pneumothorax, because the markings end.").value
    'a pneumothorax'
    >>> read_phrase("It is not gout but sepsis.").value, read_phrase("It might be gout.").value
    ('sepsis', None)
    """
    text = unwrapped(text[-LONGEST:].strip())
    if refusal := REFUSAL.search(text):
        turn = TURN.search(text, refusal.end())
        if turn:
            text = text[turn.end() :].strip()
        elif not MARKER.search(text, refusal.end()):
            return Reading(None, "refusal", "the text declines to answer")
    if text.endswith(("?", "？")):
        return Reading(None, "question", "it asks instead of answering")
    asked = frozenset(stems(question)) - STOP if question else frozenset()
    claims, why = claimed(text, asked)
    if not claims:
        return Reading(None, *why)
    return chosen(claims)


def chosen(claims: list[Claim]) -> Reading:
    """The firmest claim; two marked ones that differ are none."""
    best = max(claim.rank for claim in claims)
    firm = [claim for claim in claims if claim.rank == best]
    if best == 5:
        for claim in firm[1:]:
            if not akin(firm[0].phrase, claim.phrase):
                return Reading(None, "conflict", f"two answers: {firm[0].phrase[:80]!r} and {claim.phrase[:80]!r}")
        return Reading(min(firm, key=lambda claim: len(claim.phrase)).phrase if len(firm) > 1 else firm[0].phrase, "marker")
    if best == 2:
        bare = [claim for claim in firm if not akin(firm[0].phrase, claim.phrase)]
        if bare:
            return Reading(None, "conflict", f"also {bare[0].phrase[:80]!r}")
    one = firm[-1] if best in (3, 4) else firm[0]
    return Reading(one.phrase, "phrase")


def akin(one: str, other: str) -> bool:
    """Whether two phrases can name one thing: the words of one are among the other's."""
    first, second = set(canon(one)), set(canon(other))
    return first <= second or second <= first


def claimed(text: str, asked: frozenset[str]) -> tuple[list[Claim], tuple[str, str]]:
    """Every claim of a text in order, and (rule, why) for when there is none."""
    claims: list[Claim] = []
    why = ("empty", "no phrase is stated")
    marked = False
    for clause in clauses(text):
        if MARKER.fullmatch(clause + "\n") or FINAL_LABEL.match(clause.strip(" :#")):
            marked = True
            continue
        claim = read_clause(clause, asked, first=not claims)
        if isinstance(claim, tuple):
            why = claim
        elif claim and claim.phrase:
            claims.append(Claim(5, claim.phrase, claim.bare) if marked else claim)
            marked = False
    return claims, why


def clauses(text: str) -> Iterator[str]:
    """Sentences, and within them what stands before and after a turn."""
    for sentence in SENTENCE.split(text):
        sentence = BULLET.sub("", sentence).strip()
        if not sentence or sentence.endswith("?") or sentence.startswith("---"):
            continue
        if NOT_BUT.search(sentence):
            yield sentence
            continue
        yield from (piece.strip(" ,") for piece in TURNS.split(sentence) if piece and piece.strip(" ,."))


def read_clause(clause: str, asked: frozenset[str], first: bool) -> Claim | tuple[str, str] | None:
    """What a clause claims; (rule, why) where it denies or only weighs."""
    rank = 0
    if marker := next(reversed(list(MARKER.finditer(clause + " "))), None):
        if DENIED.search(clause[: marker.end()]):
            return "denied", "the answer is denied"
        if not clause[marker.end() :].strip(" .:"):
            return None
        clause, rank = clause[marker.end() :].strip(), 5
    if turned := NOT_BUT.search(clause):
        clause, rank = turned[1], max(rank, 4)
    label = LABEL.match(clause)
    if label and rank < 5 and not VERB.search(label[1]):
        clause = clause[label.end() :]
        rank = 5 if FINAL_LABEL.match(label[1]) else 3 if asked & set(stems(label[1].replace("_", " "))) else 1
    core = REASON.sub("", clause)
    if rank < 5 and WEIGHED.search(core):
        return "weighed", "only weighed"
    if DENIED.search(core):
        return "denied", "the text denies it"
    if UNSURE.search(core):
        return "hedge", "not committed to"
    concluded = bool(CONCLUDES.search(clause))
    body = SUBORDINATE.sub("", LEAD_IN.sub("", clause))
    body = LEAD_IN.sub("", body).strip()
    phrase = trimmed(REASON.sub("", body))
    bare = not VERB.search(phrase)
    subject = phrase
    phrase = unframed(phrase)
    if not rank:
        rank = 4 if concluded and not (bare and first) else 5 if bare and first else 2 if bare else 1
        if rank == 1 and asked & set(stems(subject.removesuffix(phrase))):
            rank = 3
    return Claim(rank, phrase, bare)


def unframed(phrase: str) -> str:
    """A phrase without its sentence: "The organ affected is the liver" and "the liver is affected" -> the liver."""
    if not VERB.search(phrase) and not FRAME.match(phrase):
        return phrase
    if predicate := PREDICATE.search(phrase):
        front = phrase[: predicate.start()]
        if front and front.lower() not in ("it", "this", "that", "which"):
            return trimmed(front)
    for _ in range(3):
        frame = FRAME.match(phrase)
        if not frame or frame.end() == len(phrase):
            break
        phrase = phrase[frame.end() :]
        if not VERB.search(phrase):
            break
    return trimmed(phrase)


def trimmed(phrase: str) -> str:
    """Without quotes, stops and loose brackets at its ends."""
    phrase = phrase.strip(" \t.,;:!\"'*_`")
    if phrase.startswith("(") and phrase.endswith(")"):
        phrase = phrase[1:-1]
    if phrase.count("(") > phrase.count(")"):
        phrase = phrase[: phrase.rindex("(")]
    return phrase.strip(" .,;:!\"'")


def unwrapped(text: str) -> str:
    """The answer of a JSON object, or the text."""
    start, end = text.find("{"), text.rfind("}")
    if start < 0 or end < start or '"' not in text[start:end]:
        return text
    try:
        found = json.loads(text[start : end + 1])
    except (ValueError, RecursionError):
        return text
    if isinstance(found, dict):
        for key, value in found.items():
            if FINAL_LABEL.match(str(key).replace("_", " ")) and isinstance(value, str):
                return value
    return text
