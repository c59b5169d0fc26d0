"""Agreement with an examiner on the cases of tests/rewards/cases, beside an exact match and math-verify.

A case is judged right (true), wrong (false) or not gradable (null); a grader agrees if its verdict is the same one. A
false positive is a right where the examiner has none; a false negative a wrong or null where the examiner has a right.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import rewards
from rewards.rows import columns_of

CASES = Path(__file__).resolve().parents[2] / "tests" / "rewards" / "cases"
KINDS = ("option", "yesno", "numeric", "text", "multi", "ranked", "format")
KNOBS = ("tolerance", "lower", "upper", "need_unit")  # a case may set these
Case = dict[str, Any]
Verdict = bool | None
Grader = Callable[[Case], Verdict]


def read_cases(part: str) -> list[Case]:
    """The cases of all files of a part, "dev" or "held"."""
    found = sorted(CASES.glob(f"{part}_*.jsonl"))
    return [json.loads(line) for path in found for line in path.read_text(encoding="utf-8").splitlines() if line]


def ours(case: Case) -> Verdict:
    """answer_match; format for cases of form."""
    grader = rewards.load("format" if case["kind"] == "format" else "answer_match")
    grader = grader.bind(**{name: case[name] for name in KNOBS if name in case and name in grader.knobs})
    columns = {name: value for name, value in columns_of(case).items() if name not in KNOBS}
    score = grader(rewards.parse(case["completion"], n_tokens=case.get("n_tokens")), **columns)
    return None if score is None else score.value == grader.high


def exact_match(case: Case) -> Verdict:
    """The parser's answer and the gold, in lower case and stripped of space, end marks and bold; lists as sets."""
    gold = case["gold"]
    if gold in (None, "", []):
        return None
    said = rewards.parse(case["completion"]).answer
    if isinstance(gold, list):
        return said is not None and {plain(x) for x in re.split(r"[,;\n]", said)} == {plain(x) for x in gold}
    return said is not None and plain(said) == plain(str(gold))


def plain(text: str) -> str:
    """Lower case, without outer space, markdown, brackets and end marks."""
    return " ".join(text.lower().strip(" \t\n.*_`\"'()[]").split())


def math_verify(case: Case) -> Verdict:
    """math-verify on the parser's answer: letters for options, else expressions and LaTeX."""
    from math_verify import ExprExtractionConfig, LatexExtractionConfig, StringExtractionConfig, parse, verify

    if case["gold"] in (None, "", []):
        return None
    letters = tuple(case["options"] or {})
    configs = [StringExtractionConfig(letters)] if letters else [LatexExtractionConfig(), ExprExtractionConfig()]
    gold = parse(str(case["gold"]), configs)
    said = rewards.parse(case["completion"]).answer
    if not gold:
        return None
    return bool(said) and verify(gold, parse(said, configs), float_rounding=2)


PEERS: dict[str, tuple[Grader, tuple[str, ...]]] = {
    "ours": (ours, KINDS),
    "exact match": (exact_match, KINDS[:-1]),
    "math-verify": (math_verify, ("option", "numeric")),
}


@dataclass
class Slice:
    """What a grader did on some cases."""

    n: int = 0
    agreed: int = 0
    false_positives: int = 0
    false_negatives: int = 0

    def add(self, said: Verdict, truth: Verdict) -> None:
        """Count one case."""
        self.n += 1
        self.agreed += said is truth
        self.false_positives += said is True and truth is not True
        self.false_negatives += said is not True and truth is True

    def as_json(self) -> dict[str, Any]:
        """Counts, and the agreement with its 95 % interval (Wilson)."""
        share = self.agreed / self.n if self.n else None
        return {**vars(self), "agreement": share, "interval": wilson(self.agreed, self.n)}


def wilson(hits: int, n: int, z: float = 1.96) -> list[float] | None:
    """The 95 % interval of a share."""
    if not n:
        return None
    middle, half = hits + z * z / 2, z * math.sqrt(hits * (n - hits) / n + z * z / 4)
    return [round(max(0.0, (middle - half) / (n + z * z)), 4), round(min(1.0, (middle + half) / (n + z * z)), 4)]


def slices_of(case: Case) -> Iterable[str]:
    """The slices of the tables that a case belongs to: all, its kind, tricks, and the groups with a target."""
    kind = case["kind"]
    yield from ("all", kind)
    if case.get("trick"):
        yield "hack"
    if case.get("trick") or kind in ("option", "yesno", "format"):
        yield "option, yes/no, format, hack"
    elif kind == "text":
        yield "free text"
    else:
        yield "numeric, multi, ranked"


def agreement(cases: list[Case], peers: Iterable[str] = tuple(PEERS)) -> dict[str, dict[str, Slice]]:
    """Peer -> slice -> counts; a peer is asked only about the kinds that it is made for."""
    found: dict[str, dict[str, Slice]] = {}
    for peer in peers:
        grade, kinds = PEERS[peer]
        slices = found.setdefault(peer, {})
        for case in cases:
            if case["kind"] in kinds:
                said = grade(case)
                for name in slices_of(case):
                    slices.setdefault(name, Slice()).add(said, case["verdict"])
    return found


def disagreements(cases: list[Case]) -> list[str]:
    """A line for each case on which we and the examiner differ. Only for cases that may be looked at."""
    lines = []
    for case in cases:
        if (said := ours(case)) is not case["verdict"]:
            end = " ".join(str(case["completion"]).split())[-160:]
            lines.append(f"{case['id']} {case['kind']}: said {said}, is {case['verdict']} ({case['why']}); "
                         f"gold {case['gold']!r}; ...{end}")  # fmt: skip
    return lines
