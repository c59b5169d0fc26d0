"""What a chest report asserts: findings with their side, read sentence by sentence with the scope of negations."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from rewards.reading.fold import fold
from rewards.reading.words import spelling

TABLE = Path(__file__).with_name("chest_findings.toml")
LONGEST = 8000  # characters of a report that are read
SENTENCE = re.compile(r"[.!?](?=\s|$)|;|\n\s*\n|\n(?=\s*(?:[-*•]|\d+[.)]|[A-Z]))")
# Sections that do not say what this image shows, up to the next heading.
ASIDE = re.compile(
    r"\b(?:indication|history|clinical information|comparison|technique|exam(?:ination)?|reason for exam)\s*:"
    r".*?(?=\b(?:findings?|impression|conclusion|report)\s*:|\Z)",
    re.IGNORECASE | re.DOTALL,
)
SIDES: dict[str, tuple[str, ...]] = {
    "left": ("left",), "lt": ("left",), "lul": ("left",), "lll": ("left",), "lingula": ("left",), "lingular": ("left",),
    "right": ("right",), "rt": ("right",), "rul": ("right",), "rml": ("right",), "rll": ("right",),
    "bilateral": ("left", "right"), "bilaterally": ("left", "right"), "both": ("left", "right"),
    "bibasilar": ("left", "right"), "bibasal": ("left", "right"), "biapical": ("left", "right"),
}  # fmt: skip
SIDE = re.compile(rf"\b(?:{'|'.join(SIDES)})\b")
NOT = re.compile(
    r"\b(?:no|not|without|absence of|absent|negative for|free of|clear of|neither|nor|never|denies|resolved|"
    r"resolution of|removal of|removed|ruled out|excluded|lacks?|lack of|rather than)\b"
)
# "No change in the effusion" says that it is there; nor does "not only" deny.
SHAM = re.compile(
    r"\b(?:no|not|without)\s(?:\w+\s){0,2}?(?:change|increase|decrease|improvement|interval|progression|only)\b"
    r"|\b(?:can ?not|not|could not) (?:be )?(?:exclude|rule)\w*"
)
# What ends the reach of a denial: another statement in the same sentence.
TURN = re.compile(
    r"\b(?:but|however|although|though|except|apart from|aside from|other than|there (?:is|are)|which|with|"
    r"(?:is|are) (?:seen|present|noted|visible|identified|unchanged|stable)|remains?|persists?)\b"
)
# After a comma, what reads as a finding that is there, unless the list goes on to an "or".
ASSERTED = re.compile(
    r",\s*(?:and\s)?(?:there\b|(?:a\s)?(?:new|small|mild|mildly|moderate|large|tiny|trace|severe|stable|unchanged|"
    r"persistent|residual|increased|worsening|minimal|minor|slight|left|right|bilateral|bibasilar)\b)(?!.*\bor\b)"
)
DENIED_AFTER = re.compile(
    r"^[^,]{0,50}?\b(?:(?:is|are|was|were|has|have) (?:been )?(?:not|no longer|removed|resolved|cleared|absent|"
    r"excluded|ruled out|gone)|not (?:seen|present|identified|visible|evident)|absent|resolved|unlikely)\b"
)
READ_AS = re.compile(
    r"\b(?:likely|probabl[ey]|possibl[ey]|reflect|represent|consistent|compatible|suggest|concern|due)\w*"
)
BETWEEN = r"(?:and|or|(?:greater|more|worse|less) than)"
PAIR = re.compile(rf"\bleft {BETWEEN} right\b|\bright {BETWEEN} left\b")
NOT_NOW = re.compile(
    r"\b(?:history of|h/o|evaluate for|evaluation for|assess for|rule out|r/o|status post|prior|previous)\b"
)
NORMAL = re.compile(
    r"\b(?:normal|clear|unremarkable|within normal limits|no (?:acute|active|significant|abnormal|evidence)\b.{0,40}?"
    r"(?:abnormalit|disease|process|finding|radiograph)\w*|no findings?)\b"
)


@dataclass(frozen=True)
class Report:
    """What a text asserts: present (finding, side or ''), denied findings, and whether it calls anything normal."""

    present: frozenset[tuple[str, str]]
    denied: frozenset[str]
    normal: bool

    @property
    def facts(self) -> frozenset[tuple[str, str]]:
        """What is present; "no finding" where nothing is and the text says so."""
        return self.present or frozenset({("no finding", "")} if self.normal or self.denied else ())


@cache
def table() -> tuple[re.Pattern[str], dict[str, str], frozenset[str]]:
    """(all terms as one pattern, term -> finding, the findings that have a side)."""
    found = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    names = {spelled(term): name for name, entry in found.items() for term in entry["terms"]}
    longest = sorted(names, key=len, reverse=True)
    pattern = re.compile(rf"\b({'|'.join(map(re.escape, longest))})(?:s|es)?\b")
    return pattern, names, frozenset(name for name, entry in found.items() if entry["sided"])


def findings() -> list[str]:
    """All findings of the table."""
    return sorted(set(table()[1].values()))


def spelled(text: str) -> str:
    """Lower case, one spelling, hyphens as spaces."""
    return re.sub(r"[a-z]+", lambda word: spelling(word[0]), text.lower().replace("-", " "))


def read_report(text: str) -> Report:
    """Read a report.

    >>> sorted(read_report("Small left effusion. No pneumothorax or edema.").present)
    [('pleural_effusion', 'left')]
    >>> read_report("No pleural effusion, pneumothorax, or focal consolidation.").present
    frozenset()
    """
    text = ASIDE.sub(" ", fold(text[:LONGEST]))
    present: set[tuple[str, str]] = set()
    denied: set[str] = set()
    for sentence in SENTENCE.split(text):
        for name, sides, there in read_sentence(" ".join(spelled(sentence).split())):
            present |= {(name, side) for side in sides} if there else set()
            denied |= set() if there else {name}
    sided = {name for name, side in present if side}
    present = {(name, side) for name, side in present if side or name not in sided}  # said again without its side
    return Report(frozenset(present), frozenset(denied), bool(NORMAL.search(text.lower())))


def read_sentence(sentence: str) -> Iterator[tuple[str, tuple[str, ...], bool]]:
    """(finding, sides, whether it is there) for each term of a sentence."""
    pattern, names, sided = table()
    mentions = list(pattern.finditer(sentence))
    inherited: tuple[str, ...] = ()
    for number, match in enumerate(mentions):
        name = names[match[1]]
        before = sentence[mentions[number - 1].end() if number else 0 : match.start()]
        after = sentence[match.end() : mentions[number + 1].start() if number + 1 < len(mentions) else None]
        sides = side_of(before, match[0], after) or (inherited if number and joined(before) else ())
        inherited = sides
        if NOT_NOW.search(sentence[max(0, match.start() - 40) : match.start()]):
            continue
        yield name, (sides or ("",)) if name in sided else ("",), not denies(sentence, match)


def side_of(before: str, term: str, after: str) -> tuple[str, ...]:
    """The sides of a finding: the last word of side before it or in it, else the first after it."""
    if found := SIDE.findall(f"{before} {term}"):
        return tuple(
            sorted({side for word in found[-2:] for side in SIDES[word]} if pair(before) else SIDES[found[-1]])
        )
    tail = re.split(r",|\band\b|\bbut\b|\bwith\b", after)[0] if not SIDE.match(after.strip()) else after
    found = SIDE.findall(tail)
    return tuple(sorted({side for word in found for side in SIDES[word]}))


def pair(text: str) -> bool:
    """Whether both sides are named together."""
    return bool(PAIR.search(text))


def joined(before: str) -> bool:
    """Whether a finding goes on from the one before it: "left effusion and adjacent atelectasis", "..., likely X"."""
    return bool(READ_AS.search(before) or ("," not in before and re.search(r"\b(?:and|with|or)\b|/", before)))


def denies(sentence: str, match: re.Match[str]) -> bool:
    """Whether a denial reaches the finding, from before or from after it."""
    before = SHAM.sub(lambda sham: " " * len(sham[0]), sentence[: match.start()])
    if " is " in match[0]:  # a statement of its own: "no effusion, and the heart is enlarged"
        before = " " * (len(before) - len(tail := re.split(r",|\band\b", before)[-1])) + tail
    cue = next(reversed(list(NOT.finditer(before))), None)
    if cue and not TURN.search(before, cue.end()):
        turn = ASSERTED.search(f"{before}{match[0]}{rest(sentence, match)}", cue.end())
        if not turn or turn.start() > match.start():
            return True
    return bool(DENIED_AFTER.match(sentence[match.end() :])) and not SHAM.match(sentence[match.end() :].strip())


def rest(sentence: str, match: re.Match[str]) -> str:
    """The list that a finding stands in, after it: up to the next clause."""
    return re.split(r"\b(?:but|however|with|there)\b", sentence[match.end() :])[0]
