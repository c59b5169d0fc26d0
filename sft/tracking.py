"""Where the numbers of a run go: its own metrics.jsonl always, and the trackers that the recipe names."""

import json
import math
import os
import socket
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from transformers import TrainerCallback

from recipes import Recipe

METRICS = "metrics.jsonl"


def prepare(recipe: Recipe, folder: Path) -> None:
    """Point the trackers at the run's folder; W&B goes offline by itself rather than ask for a key or a network."""
    os.environ.setdefault("TRACKIO_DIR", str(folder / "trackio"))
    os.environ.setdefault("TENSORBOARD_LOGGING_DIR", str(folder / "tensorboard"))
    if "wandb" not in recipe.run.report_to:
        return
    os.environ.setdefault("WANDB_DIR", str(folder))
    os.environ.setdefault("WANDB_PROJECT", "lingshu-rlvr")
    os.environ.setdefault("WANDB_SILENT", "true")
    if "WANDB_MODE" not in os.environ and not (has_wandb_key() and reaches_wandb()):
        os.environ["WANDB_MODE"] = "offline"


def _wandb_url() -> str:
    return os.environ.get("WANDB_BASE_URL", "https://api.wandb.ai")


def has_wandb_key() -> bool:
    """A key in the environment or in ~/.netrc, where `wandb login` leaves it."""
    netrc = Path(os.environ.get("NETRC", Path.home() / ".netrc"))
    host = urlsplit(_wandb_url()).hostname or ""
    return bool(os.environ.get("WANDB_API_KEY")) or (netrc.is_file() and host in netrc.read_text(errors="ignore"))


def reaches_wandb(timeout_s: float = 3.0) -> bool:
    url = urlsplit(_wandb_url())
    try:
        with socket.create_connection((url.hostname or "", url.port or 443), timeout_s):
            return True
    except OSError:
        return False


def final(run: Path) -> dict[str, float]:
    """Of a run's metrics.jsonl the last value of each number that says how it ended."""
    ending = ("loss", "train_loss", "mean_token_accuracy", "num_tokens", "reward")
    found: dict[str, float] = {}
    if (run / METRICS).is_file():
        with (run / METRICS).open(encoding="utf-8") as file:
            for row in map(json.loads, file):
                found |= {k: v for k, v in row.items() if v is not None and (k in ending or k.startswith("eval/"))}
    return found


class MetricsFile(TrainerCallback):
    """Appends whatever the trainer logs to metrics.jsonl, one JSON object a line with its step and time.

    A number that is not finite is written as null: JSON has no word for it. A resumed run goes on below the step it
    starts from: later rows, of steps that are now made again, are dropped, and the summary of a run that was stopped.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / METRICS
        self._start = time.monotonic()

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        if not (state.is_world_process_zero and self.path.exists()):
            return
        with self.path.open(encoding="utf-8") as file:  # whose lines do not end at a U+2028 in a text
            kept = [row for row in file if _goes_on(row, state.global_step)] if state.global_step else []
        draft = self.path.with_suffix(".draft")
        draft.write_text("".join(kept), encoding="utf-8")
        draft.replace(self.path)

    def on_log(self, args: Any, state: Any, control: Any, logs: Mapping[str, Any] | None = None, **_: Any) -> None:
        if state.is_world_process_zero and logs:
            self.write(state.global_step, logs)

    def write(self, step: int, values: Mapping[str, Any]) -> None:
        row = {"step": step, "seconds": round(time.monotonic() - self._start, 2), **values}
        finite = {key: None if isinstance(v, float) and not math.isfinite(v) else v for key, v in row.items()}
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(finite, allow_nan=False) + "\n")


def _goes_on(line: str, step: int) -> bool:
    """Whether a line of metrics tells of the steps up to `step`; not one that a killed run left half written."""
    try:
        row = json.loads(line)
    except ValueError:
        return False
    return row["step"] <= step and "train_runtime" not in row
