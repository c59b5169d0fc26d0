"""Finished evaluations on disk: result.json beside the answers and verdicts, written last and read back whole."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from eval import stats
from eval.results import Result, record
from recipes import BadInput


def save(result: Result, folder: Path) -> None:
    """Writes result.json, which goes last and at once: its presence says that the evaluation finished."""
    part = folder / "result.json.part"
    part.write_text(json.dumps(result.summary(), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    part.replace(folder / "result.json")


def read(folder: Path) -> list[Result]:
    """All finished evaluations in a folder and below it, by name, those under a probe last."""
    found = sorted(Path(folder).rglob("result.json"), key=lambda path: ("+" in path.parent.name, path))
    if not found:
        raise BadInput([f"{folder}: holds no evaluation (no result.json); make one with `python -m eval run`"])
    return [read_one(path.parent) for path in found]


def read_one(folder: Path) -> Result:
    """The finished evaluation in this very folder."""
    try:
        head = json.loads((folder / "result.json").read_text(encoding="utf-8"))
        pairs = zip(json_lines(folder / "responses.jsonl"), json_lines(folder / "scores.jsonl"), strict=True)
        failed = json_lines(folder / "failed.jsonl") if (folder / "failed.jsonl").is_file() else ()
        return Result(
            head["suite"],
            head["samples"],
            head["settings"],
            [record(*pair) for pair in pairs],
            {row["id"]: row["why"] for row in failed},
            folder,
            _metrics(folder),
        )
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise BadInput([f"{folder}: not a whole evaluation ({error!r}); score or run it again"]) from error


def keep_metrics(folder: Path, found: Mapping[str, stats.Interval]) -> None:
    """Report metrics of all answers together, beside them; those of the same names replace what was there."""
    kept = {name: asdict(interval) for name, interval in {**_metrics(folder), **found}.items()}
    part = folder / "metrics.json.part"
    part.write_text(json.dumps(kept, indent=2) + "\n", encoding="utf-8")
    part.replace(folder / "metrics.json")


def _metrics(folder: Path) -> dict[str, stats.Interval]:
    path = folder / "metrics.json"
    kept = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return {name: stats.Interval(**ends) for name, ends in kept.items()}


def json_lines(path: Path) -> Iterator[dict[str, Any]]:
    """The objects of a JSON lines file, one after the other; BadInput names the line that is none."""
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            try:
                row = json.loads(line)
            except ValueError as error:
                raise BadInput([f"{path}:{number}: not JSON ({error})"]) from error
            if not isinstance(row, dict):
                raise BadInput([f"{path}:{number}: a row must be an object, not {type(row).__name__}"])
            yield row
