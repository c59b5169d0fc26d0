"""A chest report: does it say what the reference says?"""

from collections import defaultdict
from dataclasses import replace

from rewards import Response, RewardError, Score, reward
from rewards.reading.findings import Report, findings, read_report
from rewards.reading.overlap import cider, rouge_l
from rewards.reading.prose import committed_text
from rewards.reading.report_models import METRICS, scorer

EXAMPLES = [
    {
        "kind": "report",
        "question": "Write the findings of this chest radiograph.",
        "answer": "Small left pleural effusion. The heart is enlarged. No pneumothorax.",
        "right": [
            "Small left pleural effusion. The heart is enlarged. No pneumothorax.",
            "Findings: Cardiomegaly. Blunting of the left costophrenic angle. Impression: left effusion, no pneumonia.",
        ],
        "wrong": [
            "Normal chest.",
            "No pleural effusion. Heart size is normal.",
            "Small right pleural effusion. Left pneumothorax.",
            ". ".join(name.replace("_", " ") for name in findings()),
            ". ".join(f"bilateral {name.replace('_', ' ')}" for name in findings()),
        ],
    },
    {
        "kind": "report",
        "question": "Write the findings of this chest radiograph.",
        "answer": "Heart size is normal. The lungs are clear.",
        "right": ["No acute cardiopulmonary process.", "No effusion, pneumothorax or consolidation."],
        "wrong": ["Small left effusion.", "The image.", "No effusion, but cardiomegaly."],
    },
]


@reward(low=0.0, high=1.0)
def report(
    response: Response, answer: str, kind: str | None = None, metric: str = "findings", corpus: str = ""
) -> Score | None:
    """How well a report agrees with the reference, by a metric; 0 for an empty one.

    metric: "findings" (the F1 of present findings with their side, over the table chest_findings.toml, rescaled so
    that naming every finding earns 0), "radgraph", "ratescore" or "chexbert" (models: pip extras radeval, ratescore)
    or, for context only, since they pay for a template of a normal report, "rouge_l" and "cider" (with `corpus`, a file
    of reference reports, one a line).
    A finding that is denied is not there.  A gold side must be said; a side beyond the gold is detail.  A report
    without findings is right, if it says so, where the gold has none.
    Source: the labels of CheXpert (arXiv 1901.07031) and more; negation by scopes, as NegEx (Chapman 2001).
    None where the reference says nothing that can be read, or the row is of another kind.
    Known hacks: listing all findings, a template of a normal report, findings in the thinking.
    Limit: the table knows chest radiographs in English; severity and position beyond the side are not compared.

    >>> gold = "Small left effusion. No pneumothorax."
    >>> [report(text, answer=gold).value for text in ("Left pleural fluid.", "Right effusion.", "No effusion.", "")]
    [1.0, 0.0, 0.0, 0.0]
    """
    if metric not in ("findings", "rouge_l", "cider", *METRICS):
        raise RewardError(f"reward report: metric is findings, rouge_l, cider, {', '.join(METRICS)}, not {metric!r}")
    gold = read_report(answer) if isinstance(answer, str) else None
    if kind not in (None, "report") or gold is None or not (gold.facts if metric == "findings" else answer.strip()):
        return None
    text = committed_text(replace(response, rule="prose"))  # a report may be longer than other answers
    if text.value is None:
        return Score(0.0, None, text.rule, text.why)
    if metric == "findings":
        return compared(read_report(text.value), gold)
    value = {"rouge_l": rouge_l, "cider": lambda said, due: cider(said, due, corpus)}.get(metric) or scorer(metric)
    return Score(value(text.value, answer), None, metric)


def compared(said: Report, gold: Report) -> Score:
    """The F1 of facts, above that of naming everything."""
    mine, wanted = by_finding(said), by_finding(gold)
    right = sum(shared(mine.get(name, set()), sides) for name, sides in wanted.items())
    due = sum(map(len, wanted.values()))
    # Where the gold has no side, a finding counts once, whatever sides it is given.
    stated = sum(1 if wanted.get(name) == {""} else len(sides) for name, sides in mine.items())
    f1 = 2 * right / (due + stated) if stated else 0.0
    every = 2 * due / (due + len(findings()))
    shown = ", ".join(sorted(f"{side} {name}".strip() for name, side in said.facts)) or None
    why = f"{right} of {due} findings, {stated} stated; F1 {f1:.2f}"
    return Score(max(0.0, (f1 - every) / (1 - every)) if due < len(findings()) else f1, shown, "findings", why)


def by_finding(report: Report) -> dict[str, set[str]]:
    """Finding -> its sides ('' if none is said)."""
    found: dict[str, set[str]] = defaultdict(set)
    for name, side in report.facts:
        found[name].add(side)
    return dict(found)


def shared(said: set[str], gold: set[str]) -> int:
    """How many of a finding's gold sides are said; any side will do where the gold has none."""
    return int(bool(said)) if gold == {""} else len(said & gold)
