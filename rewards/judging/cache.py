"""Verdicts that were given before: one small file each, so that processes share them and a run can be resumed."""

import hashlib
import json
import os
from pathlib import Path

from rewards.contract import RewardError

ROOT = Path(__file__).resolve().parents[2]


class Cache:
    """A folder of verdicts by key; relative to the checkout, as every path in a recipe is."""

    def __init__(self, folder: str, who: str = "llm_judge") -> None:
        self.folder, self.who = ROOT / Path(folder).expanduser(), who

    def get(self, key: str) -> tuple[str, str] | None:
        """(verdict, why), or None; a file that is not whole counts as none."""
        try:
            kept = json.loads(self._path(key).read_text(encoding="utf-8"))
            return kept["verdict"], kept["why"]
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def put(self, key: str, verdict: str, why: str, model: str) -> None:
        """Keep a verdict. RewardError where the folder cannot be written."""
        path = self._path(key)
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            draft.write_text(json.dumps({"verdict": verdict, "why": why, "model": model}), encoding="utf-8")
            draft.replace(path)
        except OSError as error:
            raise RewardError(f"{self.who}: cannot write its cache {self.folder}: {error.strerror}") from error

    def _path(self, key: str) -> Path:
        return self.folder / key[:2] / f"{key}.json"


def key_of(*parts: str) -> str:
    """One key for these texts, and no other."""
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
