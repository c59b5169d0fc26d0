"""Free text against a gold phrase: canonical equality, or the gold with added detail that changes nothing."""

import re

from rewards.reading import Reading
from rewards.reading.fold import canon
from rewards.reading.prose import committed_clause

FRAME = re.compile(
    r"^[^,;:.!?\n]{0,80}?\b(?:is|are|was|shows?|demonstrates?|reveals?|represents?|suggests?|indicates?|see|"
    r"appears to be|looks like|consistent with|likely|probably)(?::|\b)(?: most)?"
    r"(?: likely| probably| consistent with)?(?: to be)?\s+",
    re.IGNORECASE,
)
LABEL = re.compile(r"^(?:answer|final answer|diagnosis|impression|finding)s?\s*:\s*", re.IGNORECASE)
TRAILER = re.compile(
    r"\s+(?:is|are) (?:present|seen|visible|shown|noted|identified|"
    r"(?:the )?(?:most likely|likely|correct|best|right|final)? ?"
    r"(?:diagnosis|answer|finding|cause|organ|modality|structure|one|option|choice))$",
    re.IGNORECASE,
)
LIST = re.compile(r"\s*(?:[,;/\n]|\band\b|\bor\b|\bvs\.?\b|\bversus\b|&|\+)\s*", re.IGNORECASE)
EITHER = re.compile(r"\b(?:or|vs|versus|either)\b", re.IGNORECASE)
VERB = re.compile(
    r"\b(?:is|are|was|were|has|have|shows?|suggests?|indicates?|means?|causes?|because|due|with|seen|no|not)\b", re.I
)
FRAGMENT = re.compile(r"[\n;]+|[.!](?=\s|$)")
NEGATED = re.compile(
    r"\b(?:not|never|no|neither|nor|isn't|aren't|unlikely|alternatives?|alternatively|differential|excluded?|absent|"
    r"rule[sd]? out|denie[sd])\b",
    re.IGNORECASE,
)
# Words that may stand before the gold and only add detail to it.
DETAIL = frozenset(
    {"left", "right", "bilateral", "unilateral", "upper", "lower", "middle", "lobe", "lobar", "anterior", "posterior",
     "lateral", "medial", "superior", "inferior", "central", "peripheral", "acute", "chronic", "subacute", "severe",
     "mild", "moderate", "small", "large", "focal", "diffuse", "multiple", "single", "solitary", "probable", "likely",
     "probably", "suspected", "classic", "typical", "early", "late", "new", "basal", "apical", "proximal", "distal"}
)  # fmt: skip
TAIL = frozenset(
    {"in", "of", "at", "on", "involving", "within", "due", "from", "affecting", "near", "with", "secondary"}
)
# Of each group, a word that the gold has not must not be added to one that it has.
SIDES = (
    {"left", "right", "bilateral"}, {"acute", "chronic"}, {"upper", "lower", "middle"}, {"anterior", "posterior"},
    {"superior", "inferior"}, {"medial", "lateral"}, {"proximal", "distal"}, {"unilateral", "bilateral"},
)  # fmt: skip


def read_phrase(text: str) -> Reading:
    """The one phrase a folded text commits to, without its sentence frame."""
    clause = committed_clause(text)
    if clause.value is None:
        return clause
    phrase = TRAILER.sub("", LABEL.sub("", clause.value)).strip(" .,;:\"'()")
    return Reading(phrase, "phrase") if phrase else Reading(None, "empty", "no phrase is stated")


def same_phrase(said: str, gold: str) -> tuple[bool, str]:
    """(right, why).  Lists are equal as sets; a phrase may add side, acuity, place or cause, not contradict.

    >>> [same_phrase(said, "edema")[0] for said in ("Left lower lobe oedema", "not edema", "edema or TB")]
    [True, False, False]
    """
    want = canon(gold)
    if not want:
        return False, "the gold is empty"
    framed = FRAME.match(said)
    for phrase in (said, said[framed.end() :] if framed and not NEGATED.search(framed[0]) else said):
        if canon(phrase) == want or (listed(phrase) == listed(gold) and not EITHER.search(phrase)):
            return True, "same words"
        if not LIST.search(phrase) and not NEGATED.search(phrase) and detailed(canon(phrase), want):
            return True, "the gold with added detail"
    return False, f"{said[:80]!r} is not {gold!r}"


def rivals(text: str, gold: str) -> str | None:
    """A further phrase that stands beside the first like one more answer: short, without a verb, not the gold."""
    pieces = [piece for piece in FRAGMENT.split(text[:1000]) if piece.strip()]
    for piece in pieces[1:]:
        words = canon(piece)
        if 0 < len(words) <= 4 and not VERB.search(piece) and words != canon(gold):
            return piece.strip()
    return None


def listed(text: str) -> frozenset[tuple[str, ...]]:
    """The entries of a list as a set of canonical phrases."""
    return frozenset(entry for entry in map(canon, LIST.split(text)) if entry)


def detailed(said: tuple[str, ...], want: tuple[str, ...]) -> bool:
    """Whether `said` is `want` after words of detail only, and before nothing or a prepositional tail."""
    size = len(want)
    for start in range(len(said) - size + 1):
        if said[start : start + size] == want:
            before, after = said[:start], said[start + size :]
            side = all(not group & set(want) or not (group & set(before + after)) - set(want) for group in SIDES)
            return side and DETAIL.issuperset(before) and (not after or after[0] in TAIL)
    return False
