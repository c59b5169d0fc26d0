"""A folded text as clauses, each with the word that joins it to the one before: statements, reasons, turns."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

SENTENCE_END = re.compile(r"\s*\n\s*|[.!?]+[\"')\]]*(?=\s|$)\s*")
# What begins a clause of its own, by what it says of the one before or after it.
JOINT = re.compile(
    r"(?P<why>[,;(]?\s(?:- )?\(?(?:because|since|given(?: that)?|as (?:the|it|its|there|this|these|they|"
    r"shown|seen|indicated|we)|"
    r"due to|in view of|based on|considering|owing to|for the reason|in that)\b"
    r"|,\s(?:which|where|who|whose)\s|,\s(?:with|causing|leading|resulting|showing|typical|consistent|"
    r"characteristic|as)\b)"
    r"|(?P<but>[,;]?\s(?<!thing )(?<!\ball )(?<!none )(?:but|however|yet|nevertheless|nonetheless)\b,?)"
    r"|(?P<though>[,;(]?\s(?:whereas|while|although|though|even (?:though|if)|despite|if|unless|whenever)\b)"
    r"|(?P<so>[,;]?\s(?:and )?(?:so(?! that| much| many| far)|therefore|thus|hence|consequently|"
    r"accordingly|leaving)\b,?|\s*->\s*)"
    r"|(?P<semi>;\s*|\s*\|\s*|\s-+\s)",
    re.IGNORECASE,
)  # fmt: skip
OPENING = re.compile(
    r"(?P<why>because|since|given|as|based on|considering|due to|with|in view of|after|having|unlike)\b"
    r"|(?P<though>although|though|while|whereas|even though|even if|despite|if|unless|when|whenever|in spite of)\b"
    r"|(?P<but>but|however|yet)\b|(?P<so>so|therefore|thus|hence|consequently|accordingly)\b",
    re.IGNORECASE,
)
TURN = re.compile(r"(?:but|however|no|wait|actually|or|also|alternatively|hmm|oops|sorry)\b", re.IGNORECASE)
COMMA = re.compile(r",\s")
LABEL = re.compile(r"[(\[\"']{0,2}[A-Za-z][)\]\"']{0,2}")
ABBREVIATION = re.compile(r"(?:^|[\s(])(?:vs|dr|ans|st|cf|e\.g|i\.e|al|mr|mrs|approx|fig|spp?|ca|var|[A-Za-z])$", re.I)


@dataclass(frozen=True)
class Clause:
    """A part of a text from `start` to `end`: how it is joined on ("" where it opens a sentence, else why, but,
    though, so, semi, main), the number of its sentence and of its line, and whether its sentence asks."""

    start: int
    end: int
    link: str
    sentence: int
    line: int
    asks: bool = False


def sentences(text: str) -> Iterator[tuple[int, int, int, bool]]:
    """(start, end, line, asks) of the sentences of a folded text."""
    start = line = 0
    for stop in SENTENCE_END.finditer(text):
        if "\n" not in stop[0] and not ends(text, start, stop):
            continue
        if stop.start() > start:
            yield start, stop.start(), line, "?" in stop[0]
        start, line = stop.end(), line + ("\n" in stop[0])
    if start < len(text):
        yield start, len(text), line, False


def ends(text: str, start: int, stop: re.Match[str]) -> bool:
    """Whether a stop ends the sentence that began at `start`.

    It does not after an option's letter ("B. Left atrium") or an abbreviation (vs., C. difficile), but it does after a
    letter that stands at the end of a statement ("The answer is B. A is thick.").
    """
    said = text[start : stop.start()]
    if not stop[0].startswith(".") or stop.end() >= len(text):
        return True
    if said[-2:].lower() == "no" and text[stop.end()].isdigit():
        return False
    if LABEL.fullmatch(said):
        return bool(TURN.match(text, stop.end()))
    return not ABBREVIATION.search(said) or (said[-1].isupper() and not text[stop.end()].islower() and len(said) > 3)


def clauses(text: str, near: Sequence[int] | None = None) -> list[Clause]:
    """The clauses of a folded text in order; with `near`, sentences that neither hold one of these places (ascending)
    nor follow one that does are left in one piece.

    >>> text = "Since the wall is thin, it is C. A is thick, so no. Is it B?"
    >>> [(c.link, text[c.start:c.end].strip()) for c in clauses(text)][:4]
    [('why', 'Since the wall is thin'), ('main', 'it is C'), ('', 'A is thick'), ('so', 'no')]
    """
    found: list[Clause] = []
    holds, i = False, 0
    for number, (start, end, line, asks) in enumerate(sentences(text)):
        follows, holds = holds, near is None
        while near is not None and i < len(near) and near[i] < end:
            holds, i = True, i + 1
        for at, until, link in parts(text, start, end) if holds or follows else ((start, end, ""),):
            if text[at:until].strip(" ,"):
                found.append(Clause(at, until, link, number, line, asks))
    return found


def parts(text: str, start: int, end: int) -> Iterator[tuple[int, int, str]]:
    """(start, end, link) of the clauses of one sentence."""
    link = ""
    if opening := OPENING.match(text, start, end):
        link = opening.lastgroup or ""
        comma = COMMA.search(text, opening.end() + 1, end)
        if comma and link in ("why", "though"):
            yield start, comma.start(), link
            start, link = comma.end(), "main"
    for joint in JOINT.finditer(text, start, end):
        if joint.start() > start:
            yield start, joint.start(), link
        start, link = joint.end(), joint.lastgroup or ""
    if start < end:
        yield start, end, link
