"""`python -m eval score`: saved responses graded again, whoever saved them, and the numbers that come of it."""

import json
import os
import sys
from argparse import Namespace
from collections.abc import Callable, Iterable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from tqdm import tqdm

from data.pages import tables
from eval import table
from eval.grading import Grader
from eval.regrade import Bad, Verdict, regrade
from eval.saved import Saved
from eval.tally import Tally, agreement_lines
from recipes import BadInput

NAMED = 5  # bad rows that are named


def run(arguments: Namespace) -> int:
    """The command: verdicts to --out, the summary to the terminal."""
    if arguments.workers < 1:
        raise BadInput(f"--workers {arguments.workers}: must be at least 1")
    how = {"grader": arguments.grader, "workers": arguments.workers, "skip_bad": arguments.skip_bad}
    found = score(arguments.file, arguments.out, **how, progress=sys.stderr.isatty())
    if arguments.json:
        print(json.dumps(found, indent=2, ensure_ascii=False))
    else:
        show(found)
    return 0


def score(
    path: Path,
    out: Path,
    *,
    grader: str = "answer_match",
    workers: int = 1,
    skip_bad: bool = False,
    progress: bool = False,
) -> dict[str, Any]:
    """Grade the rows of `path`, write a verdict a line to `out` in their order, and return the summary.

    path: rows of responses.jsonl or of the same columns (JSON lines, a JSON array, Parquet), or MedEvalKit's
    results.json, whose own verdicts are kept as `theirs`. skip_bad: bad rows are left out, counted and named under
    `skipped`; otherwise BadInput names the first one. `out` appears when it is whole, or not at all.
    A script that calls this needs `if __name__ == "__main__"`, since worker processes import it.
    """
    if out.exists():
        raise BadInput(f"{out}: exists; delete it or choose another --out")
    saved, tally = Saved(path), Tally()
    Grader(grader)  # whether there is such a grader is told before workers start
    part = out.with_name(f"{out.name}.{os.getpid()}.part")
    try:
        part.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as file, closing(regrade(saved, grader, workers)) as rows:
            shown = tqdm(rows, unit=" rows", disable=not progress)
            skipped = _write(file.write, saved, tally, shown, skip_bad)
        if not tally.items:
            raise BadInput(f"{path}: holds no rows to grade")
        if out.exists():
            raise BadInput(f"{out}: another run made it meanwhile; choose another --out")
        part.replace(out)
    except OSError as error:
        raise BadInput(f"{error.filename or part}: {error.strerror}; nothing was written") from error
    finally:
        with suppress(OSError):  # it may never have been made
            part.unlink()
    return {"file": str(path), "out": str(out), "grader": grader, **tally.summary(), "skipped": skipped}


def _write(
    write: Callable[[bytes], object], saved: Saved, tally: Tally, rows: Iterable[Verdict | Bad], skip_bad: bool
) -> dict[str, Any]:
    """Write the verdicts and count them; {rows, first} of the bad ones that were left out."""
    n_bad, first = 0, []
    for row in rows:
        if isinstance(row, Verdict):
            if tally.add(row.graded):
                write(row.line)
                continue
            sample = f", sample {row.graded.sample}," if row.graded.sample else ""
            row = Bad(row.number, f"id {row.graded.id!r}{sample} was there before; delete one of the two")
        problem = f"{saved.place(row.number)}: {row.why}"
        if not skip_bad:
            raise BadInput(f"{problem}, or leave bad rows out with --skip-bad")
        n_bad += 1
        first += [problem] if len(first) < NAMED else []
    return {"rows": n_bad, "first": first}


def show(found: dict[str, Any]) -> None:
    """The summary as a table, what was left out, and how it agrees with the file's own verdicts."""
    split = [(f"{name}: {value}", part) for name, by in found["by"].items() for value, part in by.items()]
    header = ("", "n", "accuracy %", *found["outcomes"])
    tables.show(header, [_row(name, part) for name, part in [("all", found), *split]])
    if found["answers"] > found["n"] + found["outcomes"]["ungraded"]:
        print(f"{found['answers']} answers to {found['n']} items; an item's accuracy is the mean over its answers")
    if found["late"]:
        print(f"{found['late']} verdicts took too long and are among the ungraded")
    if found["skipped"]["rows"]:
        print(f"{found['skipped']['rows']} bad rows were left out:", *found["skipped"]["first"], sep="\n  ")
    if "theirs" in found:
        print("\n".join(agreement_lines(found["theirs"])))
    print(f"verdicts: {found['out']}")


def _row(name: str, part: dict[str, Any]) -> tuple[str, ...]:
    accuracy = "-" if part["accuracy"] is None else table.interval(part)
    return name, str(part["n"]), accuracy, *map(str, part["outcomes"].values())
