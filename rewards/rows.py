"""Saved responses: rows of a JSON lines or Parquet file in, verdicts out."""

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from rewards.contract import Reward, RewardError, Score
from rewards.response import parse
from rewards.trl_style import TrlReward

NOT_COLUMNS = frozenset({"completion", "gold", "n_tokens", "truncated"})


def read_rows(path: Path) -> Iterator[dict[str, Any]]:
    """The rows of a .parquet file (needs pyarrow), else of a JSON lines file; RewardError with place and reason."""
    if not path.is_file():
        raise RewardError(f"no file {path}")
    if path.suffix == ".parquet":
        yield from parquet_rows(path)
        return
    with path.open(encoding="utf-8", errors="replace") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except ValueError as error:
                raise RewardError(f"{path}:{number}: not JSON: {error}") from None
            if not isinstance(row, dict):
                raise RewardError(f"{path}:{number}: a row must be a JSON object, not {type(row).__name__}")
            yield row


def parquet_rows(path: Path) -> Iterator[dict[str, Any]]:
    """The rows of a Parquet file, a batch at a time."""
    try:
        import pyarrow.parquet as parquet  # heavy: only when such a file is read
    except ImportError:
        raise RewardError(f"{path}: Parquet needs pyarrow: pip install pyarrow, or give JSON lines") from None
    try:
        for batch in parquet.ParquetFile(path).iter_batches(1024):
            yield from batch.to_pylist()
    except (OSError, ValueError) as error:
        raise RewardError(f"{path}: not a Parquet file: {' '.join(str(error).split())}") from None


def columns_of(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row under the names rewards use: `gold` is their `answer`; what is null is absent, but answer and options."""
    columns = {key: value for key, value in row.items() if key not in NOT_COLUMNS and value is not None}
    options = columns.get("options")
    if isinstance(options, list) and options and isinstance(options[0], Sequence) and not isinstance(options[0], str):
        columns["options"] = dict(options)  # Parquet gives a map as pairs
    gold = row.get("gold")
    return {"options": None, **columns, "answer": row.get("answer") if gold is None else gold}


def verdict(reward: Reward | TrlReward, row: Mapping[str, Any]) -> dict[str, Any]:
    """{correct, score, parsed, rule, why} of one row; nulls where it cannot be graded."""
    response = parse(row["completion"], n_tokens=row.get("n_tokens"), truncated=bool(row.get("truncated")))
    columns = columns_of(row)
    missing = [need for need in reward.needs if need not in columns]
    score: Score | None = None if missing else reward(response, **columns)
    if score is None:
        why = f"the row has no {missing[0]}" if missing else f"no gold that {reward.name} can grade"
        return {"correct": None, "score": None, "parsed": None, "rule": None, "why": why}
    correct = score.value >= reward.high if isinstance(reward, Reward) else None
    read = {"parsed": score.parsed, "rule": score.rule, "why": score.why}
    return {"correct": correct, "score": score.value, **read}


def score_rows(rows: Iterable[Mapping[str, Any]], rewards: Sequence[Reward | TrlReward]) -> Iterator[dict[str, Any]]:
    """The verdicts in order, an object a row: the first reward's; with several, all under `rewards` by name."""
    for number, row in enumerate(rows, 1):
        if "completion" not in row:
            raise RewardError(f"row {number} (id {row.get('id')!r}): has no completion")
        try:
            verdicts = {reward.name: verdict(reward, row) for reward in rewards}
        except RewardError:
            raise
        except Exception as error:
            raise RewardError(f"row {number} (id {row.get('id')!r}): {type(error).__name__}: {error}") from error
        first = {"id": row.get("id"), **verdicts[rewards[0].name]}
        yield first if len(rewards) == 1 else {**first, "rewards": verdicts}


def write_rows(rows: Iterable[Mapping[str, Any]], out: Path) -> list[dict[str, Any]]:
    """Write JSON lines, all or nothing, and return them."""
    written = [dict(row) for row in rows]
    if not out.parent.is_dir():
        raise RewardError(f"no folder {out.parent} to write {out.name} to")
    part = out.with_name(f"{out.name}.{os.getpid()}.part")
    with part.open("w", encoding="utf-8") as file:
        for row in written:
            file.write(json.dumps(row, ensure_ascii=True) + "\n")
    part.replace(out)
    return written
