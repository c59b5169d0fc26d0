"""`python -m eval judge`: a language model's verdict on saved answers beside the rules', and how far the two agree.

The rules' verdicts stay what they are. The judge is the reward `llm_judge`, so its verdicts are cached, nothing is paid
for twice, and a run that was stopped goes on where it was.
"""

import functools
import json
from argparse import Namespace
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from data.pages import tables
from eval import stats, table
from eval.grading import columns_of
from eval.kept import json_lines
from recipes import BadInput
from rewards import Reward
from rewards.library.llm_judge import llm_judge
from rewards.running import Loop, Outcome

BATCH = 512  # answers handed to the loop at once
PATIENCE = 16  # so many answers in a batch without any verdict, and the run stops
HEADER = ("suite", "n", "rules %", "judge %", "agree %", "kappa", "only rules", "only judge", "no verdict")
PAIRS = {(True, True): "both", (True, False): "only_rules", (False, True): "only_judge", (False, False): "neither"}


@dataclass(frozen=True)
class Opinion:
    """What rules and judge say of one answer; None: no verdict."""

    id: str
    sample: int
    rules: bool | None
    judge: bool | None
    why: str


def run(arguments: Namespace) -> int:
    """Judges every evaluation in a folder and below it; judged.jsonl and judge.json beside its answers."""
    kinds = arguments.kind or ["text"]
    bound = {"base_url": arguments.base_url, "model": arguments.model, "key_env": arguments.key_env}
    bound["cache"] = arguments.cache
    judge = llm_judge.bind(**bound)
    places = sorted(path.parent for path in arguments.folder.rglob("responses.jsonl"))
    if not places:
        raise BadInput(f"{arguments.folder}: holds no answers (no responses.jsonl)")
    loop = Loop(timeout_s=arguments.timeout, at_once=arguments.at_once)
    found = {}
    for place in places:
        rows = list(_rows(place, kinds))
        if rows:
            opinions = list(_opinions(rows, lambda calls: loop.start(calls), judge))
            found[place.name] = agreement(opinions)
            _write(place, opinions, {**found[place.name], "judge": arguments.model, "kinds": kinds})
    if not found:
        raise BadInput(f"{arguments.folder}: no answer is of kind {', '.join(kinds)}; choose others by --kind")
    if arguments.json:
        print(json.dumps(found, indent=2))
    else:
        tables.show(HEADER, [_shown(name, one) for name, one in found.items()])
        print("disagreements: judged.jsonl in each folder")
    return 0


def agreement(opinions: Sequence[Opinion]) -> dict[str, Any]:
    """The numbers over the answers on which both have a verdict, and how many lack one.

    kappa is Cohen's (1960): agreement beyond what two raters with these shares of right answers reach by chance; None
    where chance alone agrees on all.
    """
    both = [(bool(one.rules), bool(one.judge)) for one in opinions if None not in (one.rules, one.judge)]
    cells = Counter(PAIRS[pair] for pair in both)
    counts = {name: cells[name] for name in PAIRS.values()}
    found: dict[str, Any] = {"n": len(both), "no_verdict": len(opinions) - len(both), **counts}
    if not both:
        return {**found, "rules": None, "judge_accuracy": None, "agreement": None, "kappa": None}
    for name, k in (
        ("rules", cells["both"] + cells["only_rules"]),
        ("judge_accuracy", cells["both"] + cells["only_judge"]),
    ):
        share = stats.wilson(k, len(both))
        found[name] = {"accuracy": share.value, "low": share.low, "high": share.high}
    agree = (cells["both"] + cells["neither"]) / len(both)
    p, q = found["rules"]["accuracy"], found["judge_accuracy"]["accuracy"]
    chance = p * q + (1 - p) * (1 - q)
    return {**found, "agreement": agree, "kappa": (agree - chance) / (1 - chance) if chance < 1 else None}


def _rows(place: Path, kinds: Sequence[str]) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """(answer, the rules' verdict) of the wanted kinds."""
    scores = place / "scores.jsonl"
    if not scores.is_file():
        raise BadInput(f"{place}: has no scores.jsonl; finish the evaluation, or score the answers first")
    for row, verdict in zip(json_lines(place / "responses.jsonl"), json_lines(scores), strict=True):
        if "all" in kinds or row.get("kind") in kinds:
            yield row, verdict


def _opinions(
    rows: Sequence[tuple[dict[str, Any], dict[str, Any]]],
    start: Callable[[Sequence[Any]], Callable[[], list[Outcome]]],
    judge: Reward,
) -> Iterator[Opinion]:
    from tqdm import tqdm

    with tqdm(total=len(rows), desc="judging", disable=None) as bar:
        for batch in _batched(rows):
            calls = [functools.partial(judge.awaited, row["completion"], **_wanted(judge, row)) for row, _ in batch]
            outcomes = start(calls)()
            if len(outcomes) >= PATIENCE and all(outcome.failure for outcome in outcomes):
                raise BadInput(f"the judge gave no verdict on {len(outcomes)} answers: {outcomes[0].why}")
            for (row, verdict), outcome in zip(batch, outcomes, strict=True):
                said = None if outcome.score is None else outcome.score.value >= judge.high
                why = outcome.score.why if outcome.score else outcome.why or "undecidable"
                yield Opinion(row["id"], row.get("sample", 0), verdict["correct"], said, why)
            bar.update(len(batch))


def _batched(rows: Sequence[Any]) -> Iterable[Sequence[Any]]:
    return (rows[start : start + BATCH] for start in range(0, len(rows), BATCH))


def _wanted(judge: Reward, row: dict[str, Any]) -> dict[str, Any]:
    columns = columns_of(row)
    return {name: columns[name] for name in ("id", *judge.wants) if name in columns}


def _write(place: Path, opinions: Sequence[Opinion], numbers: dict[str, Any]) -> None:
    with (place / "judged.jsonl").open("w", encoding="utf-8") as file:
        for one in opinions:
            file.write(json.dumps(vars(one), ensure_ascii=False) + "\n")
    (place / "judge.json").write_text(json.dumps(numbers, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _shown(name: str, found: dict[str, Any]) -> tables.Row:
    if not found["n"]:
        return (name, "0", "-", "-", "-", "-", "-", "-", str(found["no_verdict"]))
    kappa = "-" if found["kappa"] is None else f"{found['kappa']:.2f}"
    shares = (
        table.interval(found["rules"]),
        table.interval(found["judge_accuracy"]),
        table.percent(found["agreement"]),
    )
    counts = (str(found[key]) for key in ("only_rules", "only_judge", "no_verdict"))
    return (name, str(found["n"]), *shares, kappa, *counts)
