"""Saved responses: rows of a JSON lines or Parquet file in, verdicts out."""

import inspect
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from rewards.contract import Reward, RewardError, Score
from rewards.response import parse
from rewards.trl_style import TrlReward

NOT_COLUMNS = frozenset({"completion", "gold", "n_tokens", "truncated"})
AnyReward = Reward | TrlReward
Row = Mapping[str, Any]
Verdicts = dict[str, dict[str, Any]]


def read_rows(path: Path) -> Iterator[dict[str, Any]]:
    """The rows of a .parquet file (needs pyarrow), else of a JSON lines file; RewardError with place and reason.

    Bytes that are no UTF-8 are read as replacement marks.
    """
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
            except (ValueError, RecursionError) as error:
                raise RewardError(f"{path}:{number}: not JSON: {error}") from None
            if not isinstance(row, dict):
                raise RewardError(f"{path}:{number}: a row must be a JSON object, not {type(row).__name__}")
            yield row


def parquet_rows(path: Path) -> Iterator[dict[str, Any]]:
    """The rows of a Parquet file, a batch at a time."""
    try:
        import pyarrow  # heavy: only when such a file is read
        import pyarrow.parquet as parquet
    except ImportError:
        raise RewardError(f"{path}: Parquet needs pyarrow: pip install pyarrow, or give JSON lines") from None
    try:
        for batch in parquet.ParquetFile(path).iter_batches(1024):
            columns = [
                column.cast(pyarrow.binary()) if pyarrow.types.is_string(column.type) else column  # checked by nobody
                for column in batch.columns
            ]
            for values in zip(*(column.to_pylist() for column in columns), strict=True):
                yield dict(zip(batch.schema.names, map(as_text, values), strict=True))
    except (OSError, ValueError) as error:
        raise RewardError(f"{path}: not a Parquet file: {' '.join(str(error).split())}") from None


def as_text(value: Any) -> Any:
    """Bytes as text; all else as it is."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def columns_of(row: Row) -> dict[str, Any]:
    """A row under the names rewards use: `gold` is their `answer`; what is null is absent, but answer and options."""
    columns = {key: value for key, value in row.items() if key not in NOT_COLUMNS and value is not None}
    options = columns.get("options")
    if isinstance(options, list) and options and isinstance(options[0], Sequence) and not isinstance(options[0], str):
        columns["options"] = dict(options)  # Parquet gives a map as pairs
    gold = row.get("gold")
    return {"options": None, **columns, "answer": row.get("answer") if gold is None else gold}


def ungradable(reward: AnyReward, row: Row, columns: Row) -> str:
    """Why a row cannot be graded whatever the response, as far as that is seen from here; '' if it may be."""
    gold, answer = row.get("gold"), row.get("answer")
    if gold is not None and answer is not None and gold != answer:
        return f"gold {gold!r} and answer {answer!r} contradict each other"
    missing = [need for need in reward.needs if need not in columns]
    if "answer" in reward.needs and columns["answer"] in (None, "", []) and not takes_none(reward):
        missing.append("gold")
    return f"the row has no {missing[0]}" if missing else ""


def takes_none(reward: AnyReward) -> bool:
    """Whether the reward declares that it can do without a gold (`answer: str | None`)."""
    wanted = str(inspect.signature(reward.function).parameters["answer"].annotation)
    return "None" in wanted or "Optional" in wanted


def verdict(reward: AnyReward, row: Row) -> dict[str, Any]:
    """{correct, score, parsed, rule, why} of one row; nulls where it cannot be graded."""
    columns = columns_of(row)
    why = ungradable(reward, row, columns)
    score: Score | None = None
    if not why:
        completion = as_text(row["completion"])
        response = parse(completion, n_tokens=row.get("n_tokens"), truncated=bool(row.get("truncated")))
        score = reward(response, **columns)
    if score is None:
        why = why or (f"no gold that {reward.name} can grade" if reward.is_grader else f"{reward.name} abstains")
        return {"correct": None, "score": None, "parsed": None, "rule": None, "why": why}
    correct = score.value >= reward.high if isinstance(reward, Reward) else None
    read = {"parsed": score.parsed, "rule": score.rule, "why": score.why}
    return {"correct": correct, "score": score.value, **read}


def score_rows(
    rows: Iterable[Row], rewards: Sequence[AnyReward], watch: Callable[[Row, Verdicts], None] = lambda row, found: None
) -> Iterator[dict[str, Any]]:
    """The verdicts in order, an object a row: the first reward's; with several, all under `rewards` by name.

    watch: sees each row with its verdicts.
    """
    for number, row in enumerate(rows, 1):
        place = f"row {number} (id {row.get('id')!r})"
        if "completion" not in row:
            raise RewardError(f"{place}: has no completion")
        verdicts: Verdicts = {}
        for reward in rewards:
            try:
                verdicts[reward.name] = verdict(reward, row)
            except RewardError as error:
                raise RewardError(f"{place}: {error}") from error
            except Exception as error:
                end = repr(row["completion"])[-80:]
                reason = f"{type(error).__name__}: {error}"
                raise RewardError(f"{place}: reward {reward.name}: raised {reason}; on the completion {end}") from error
        watch(row, verdicts)
        first = {"id": row.get("id"), **verdicts[rewards[0].name]}
        yield first if len(rewards) == 1 else {**first, "rewards": verdicts}


def write_rows(rows: Iterable[Row], out: Path) -> list[dict[str, Any]]:
    """Write JSON lines, all or nothing, and return them."""
    if not out.parent.is_dir():
        raise RewardError(f"no folder {out.parent} to write {out.name} to")
    written = [dict(row) for row in rows]
    part = out.with_name(f"{out.name}.{os.getpid()}.part")
    with part.open("w", encoding="utf-8") as file:
        for row in written:
            file.write(json.dumps(row, ensure_ascii=True) + "\n")
    part.replace(out)
    return written
