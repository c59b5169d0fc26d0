"""Replies that were paid for: JSON lines that are only ever appended to, so that a killed run asks nothing twice."""

from __future__ import annotations

import fcntl
import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from recipes import BadInput


@dataclass(frozen=True)
class Reply:
    """What an endpoint said. finish: its finish_reason, "refusal" where the model declined. n_in, n_out: tokens, None
    where the endpoint did not count them."""

    text: str
    finish: str
    n_in: int | None = None
    n_out: int | None = None
    cached: bool = False


def key_of(*parts: Any) -> str:
    """One key for these JSON values, and no other."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


class Replies:
    """The file FOLDER/replies.jsonl, one process at a time; only the places of its lines are held in memory.

    BadInput where it cannot be written, or is in another process's hands.
    """

    def __init__(self, folder: Path) -> None:
        path = folder / "replies.jsonl"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._file = path.open("a+b")
        except OSError as error:
            raise BadInput(
                f"cache {folder}: cannot be written ({error.strerror}); name another with --cache"
            ) from error
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._file.close()
            raise BadInput(f"cache {folder}: another process writes it; wait, or name another with --cache") from None
        self._places = dict(self._read())

    def get(self, key: str) -> Reply | None:
        """The reply that is kept, marked as cached."""
        if (place := self._places.get(bytes.fromhex(key))) is None:
            return None
        self._file.seek(place)
        kept = json.loads(self._file.readline())
        return Reply(kept["text"], kept["finish"], kept["n_in"], kept["n_out"], cached=True)

    def put(self, key: str, reply: Reply) -> None:
        """Keep a reply; it is with the operating system when this returns, and so outlives a killed process."""
        fields = {name: value for name, value in asdict(reply).items() if name != "cached"}
        place = self._file.seek(0, 2)
        self._file.write(json.dumps({"key": key, **fields}).encode() + b"\n")
        self._file.flush()
        self._places[bytes.fromhex(key)] = place

    def close(self) -> None:
        self._file.close()

    def _read(self) -> Iterator[tuple[bytes, int]]:
        """(key, place) of every whole line; a torn last one, of a process that died writing it, is cut off."""
        self._file.seek(0)
        place = 0
        for line in self._file:
            try:
                key = bytes.fromhex(json.loads(line)["key"]) if line.endswith(b"\n") else b""
            except (ValueError, LookupError, TypeError):
                key = b""
            if key:
                yield key, place
            elif not line.endswith(b"\n"):
                self._file.truncate(place)
                return
            place += len(line)
