"""`python -m eval report`: the report metrics over saved answers, with 95 % intervals."""

import json
import sys
from argparse import Namespace
from collections.abc import Sequence
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import numpy as np

from data.pages import tables
from eval import metrics, report_texts, stats
from eval.kept import keep_metrics
from eval.metrics import Missing, Scores
from eval.report_texts import Pairs
from recipes import BadInput

HEADER = ("metric", "value", "95 % interval", "times", "n")
AT_ONCE = 4_000_000  # draws at a time, which bounds the memory


def run(arguments: Namespace) -> int:
    """Scores the file, prints the table and what is missing; writes everything, report by report, to --out."""
    path, out = arguments.file, arguments.out
    if not path.is_file():
        raise BadInput([f"{path}: no such file; name the responses.jsonl of a report suite"])
    if out and out.exists():
        raise BadInput([f"{out}: exists; delete it or choose another --out"])
    wanted = [metrics.load(name).name for name in dict.fromkeys(arguments.metric or metrics.names())]
    pairs = report_texts.read(path, arguments.section, arguments.keep_scaffold)
    scores, missing = score_all(pairs, wanted)
    if not scores:
        raise BadInput([f"{name}: {line}" for name, line in missing.items()])
    asked = {"file": str(path), "section": arguments.section, "keep_scaffold": arguments.keep_scaffold}
    found = {**asked, **summary(pairs, scores, missing, arguments.seed)}
    if out:
        out.parent.mkdir(parents=True, exist_ok=True)
        part = out.with_name(out.name + ".part")
        part.write_text(json.dumps({**found, "reports": by_report(pairs, scores)}, indent=2) + "\n", encoding="utf-8")
        part.replace(out)
    kept = _keep(path, found)
    print(json.dumps(found, indent=2)) if arguments.json else _show(found)
    if kept and not arguments.json:
        print(f"kept for `python -m eval compare`: {kept}")
    return 0


def _keep(path: Path, found: dict[str, Any]) -> Path | None:
    """metrics.json beside a finished evaluation: whole reports without scaffold, as its comparison takes them."""
    if path.name != "responses.jsonl" or not (path.parent / "result.json").is_file():
        return None
    if found["section"] != "both" or found["keep_scaffold"]:
        return None
    ends = ("value", "low", "high", "how")
    graded = [(name, metric) for name, metric in found["metrics"].items() if metric["value"] is not None]
    keep_metrics(path.parent, {name: stats.Interval(*(one[end] for end in ends)) for name, one in graded})
    return path.with_name("metrics.json")


def score_all(pairs: Pairs, names: Sequence[str]) -> tuple[dict[str, Scores], dict[str, str]]:
    """(name -> scores, name -> why it is missing)."""
    scores: dict[str, Scores] = {}
    missing: dict[str, str] = {}
    for name in names:
        said, due = zip(*pairs.headed, strict=True) if metrics.load(name).headed else (pairs.said, pairs.due)
        try:
            with redirect_stdout(sys.stderr):  # models announce themselves
                scores[name] = metrics.score(name, said, due)
        except Missing as error:
            missing[name] = str(error)
    return scores, missing


def summary(pairs: Pairs, scores: dict[str, Scores], missing: dict[str, str], seed: int) -> dict[str, Any]:
    """The numbers of the file as JSON: values as the metrics give them, None where nothing could be graded."""
    n = len(pairs.studies)
    found = {name: entry(name, scores[name], interval) for name, interval in intervals(scores, pairs, seed).items()}
    return {
        "n": n,
        "studies": len(set(pairs.studies)),
        "clusters": len(set(pairs.clusters)),
        "empty": sum(pairs.unread.values()) / n,
        "empty_because": dict(pairs.unread),
        "left_out": pairs.left_out,
        "other_rows": pairs.others,
        "metrics": found,
        "missing": missing,
        "seed": seed,
        "resamples": stats.RESAMPLES,
    }


def entry(name: str, score: Scores, interval: stats.Interval) -> dict[str, Any]:
    """One metric of the summary; `times`: what a table multiplies its values by."""
    metric = metrics.load(name)
    graded = [item for item in score.items if item is not None]
    ends = {"value": interval.value, "low": interval.low, "high": interval.high}
    return {
        "title": metric.title,
        "kind": metric.kind,
        **{end: value if graded else None for end, value in ends.items()},
        "how": interval.how,
        "n": len(graded),
        "mean_of_reports": float(np.mean(graded)) if graded else None,
        "times": metric.times,
        "about": metric.about,
    }


def by_report(pairs: Pairs, scores: dict[str, Scores]) -> list[dict[str, Any]]:
    """Each report's own values, in the order of the file."""
    items = zip(*(score.items for score in scores.values()), strict=True)
    return [
        {"id": study, "sample": sample, **dict(zip(scores, values, strict=True))}
        for study, sample, values in zip(pairs.studies, pairs.samples, items, strict=True)
    ]


def intervals(scores: dict[str, Scores], pairs: Pairs, seed: int) -> dict[str, stats.Interval]:
    """Percentile bootstrap over clusters, all studies of a patient drawn together; the same draws for all metrics.

    Values that no draw can change have no width, which claims too much: where they lie in [0, 1] they get what so many
    right-or-wrong verdicts would leave open.
    """
    _, places = np.unique(pairs.clusters, return_inverse=True)
    n = int(places.max()) + 1
    sums = np.zeros((n, sum(score.parts.shape[1] for score in scores.values())))  # (clusters, parts of all metrics)
    np.add.at(sums, places, np.hstack([score.parts for score in scores.values()]))
    drawn = resampled(sums, seed)
    how = "clustered bootstrap" if n < len(pairs.studies) else "bootstrap"
    found = {}
    for name, score in scores.items():
        own, drawn = np.split(drawn, [score.parts.shape[1]], axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            value, values = score.corpus, score.combine(own)
        low, high = np.nanquantile(values, [0.025, 0.975]) if score.n else (np.nan, np.nan)
        fixed = high - low < 1e-12 and 0 <= value <= 1
        found[name] = stats.wilson(value * n, n) if fixed else stats.Interval(value, float(low), float(high), how)
    return found


def resampled(sums: np.ndarray, seed: int) -> np.ndarray:
    """Sums over as many clusters as there are, drawn with replacement: (clusters, k) -> (stats.RESAMPLES, k)."""
    rng, n = np.random.default_rng(seed), len(sums)
    drawn = []
    for start in range(0, stats.RESAMPLES, at_once := max(1, AT_ONCE // n)):
        m = min(at_once, stats.RESAMPLES - start)
        picks = rng.integers(n, size=(m, n)) + n * np.arange(m)[:, None]
        drawn.append(np.bincount(picks.ravel(), minlength=m * n).reshape(m, n) @ sums)
    return np.concatenate(drawn)


def _show(found: dict[str, Any]) -> None:
    rows = [_row(metric) for metric in found["metrics"].values()]
    clusters = f" in {found['clusters']} clusters" if found["clusters"] < found["studies"] else ""
    tables.show(HEADER, rows, f"{found['n']} reports on {found['studies']} studies{clusters}")
    why = ", ".join(f"{reason} {times}" for reason, times in found["empty_because"].items())
    print(f"{100 * found['empty']:.1f} % without a report{f' ({why})' if why else ''}; they count as 0")
    if found["left_out"]:
        print(f"{found['left_out']} left out: their reference has no section {found['section']!r}")
    if found["other_rows"]:
        print(f"{found['other_rows']} rows of other kinds left out")
    for name, line in found["missing"].items():
        print(f"missing: {metrics.load(name).title} ({name}): {line}")


def _row(metric: dict[str, Any]) -> tables.Row:
    """Values as the paper prints them: times 100, CIDEr-D times 1000."""
    shown = [
        None if metric[end] is None else f"{metric['times'] * metric[end]:.1f}" for end in ("value", "low", "high")
    ]
    interval = "-" if shown[0] is None else f"[{shown[1]}, {shown[2]}]"
    return metric["title"], shown[0] or "-", interval, f"{metric['times']:.0f}", str(metric["n"])
