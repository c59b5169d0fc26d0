"""Answers kept as they come, so that a run that dies is resumed: nothing is asked twice, nothing is counted twice.

While an evaluation runs, its folder holds

    settings.json                 what the answers depend on; answers made under other settings are never added to them
    answers/shard-I-of-N.jsonl    a line an item, with all of its samples, by the process that holds shard-I-of-N.lock

and when every item of the suite has been answered, whichever process sees that writes responses.jsonl from them.
"""

import fcntl
import json
import os
import shutil
import socket
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from io import FileIO
from pathlib import Path
from typing import IO, Any

from eval.engines import Completion, Unanswered
from recipes import BadInput, folder

Answer = list[Completion] | Unanswered
SETTINGS, KEPT = "settings.json", "answers"


@dataclass(frozen=True)
class Shard:
    """Part `index` of `count` of a suite: every count-th item, so that each part is like the whole."""

    index: int = 0
    count: int = 1

    @classmethod
    def read(cls, text: str) -> "Shard":
        """From "0/4", the first of four; BadInput for anything else."""
        index, _, count = text.partition("/")
        if not (index.isdecimal() and count.isdecimal() and int(index) < int(count)):
            raise BadInput([f"shard {text!r}: must be INDEX/COUNT with INDEX from 0, such as 0/4 to 3/4"])
        return cls(int(index), int(count))

    def of(self, items: Sequence[Any]) -> Sequence[Any]:
        return items[self.index :: self.count]

    def __str__(self) -> str:
        return f"shard-{self.index}-of-{self.count}"


WHOLE = Shard()


class Answers:
    """The answers of one evaluation: in memory, and in `place` where it is given. A context that holds the shard.

    settings: what the answers depend on, as JSON. BadInput on entering when another process holds the shard, or the
    answers in the folder were made under other settings.
    """

    def __init__(self, place: Path | None, settings: dict[str, Any], shard: Shard = WHOLE) -> None:
        self.place, self.settings, self.shard = place, settings, shard
        self._found: dict[str, Answer] = {}
        self._file: FileIO | None = None
        self._lock: IO[str] | None = None

    def __enter__(self) -> "Answers":
        if self.place is not None:
            with _written(self.place, lambda: 0):
                (self.place / KEPT).mkdir(parents=True, exist_ok=True)
                self._lock = _locked(self.place / KEPT / f"{self.shard}.lock", self.place)
                self._settle(self.place)
                self._file = _appendable(self._own(self.place))
            self.reread()
        return self

    def __exit__(self, *_: object) -> None:
        for file in (self._file, self._lock):
            if file is not None:
                file.close()

    def reread(self) -> None:
        """Take in what the processes of all shards have written by now."""
        for path in sorted((self.place / KEPT).glob("*.jsonl")) if self.place else ():
            for name, answer in _lines(path):
                if not isinstance(self._found.get(name), list):  # an answer is never displaced by a failure
                    self._found[name] = answer

    def add(self, item: str, answer: Answer) -> None:
        """Keep the answer to `item`, in one write. BadInput when the disk does not take it."""
        if self._file is not None and self.place is not None:
            with _written(self.place, lambda: self.n_answered):  # counted only where it is told
                line = _line(item, answer)
                while line:
                    line = line[self._file.write(line) :]
        self._found[item] = answer

    @property
    def n_answered(self) -> int:
        """How many items have been answered; failed ones are not."""
        return sum(isinstance(answer, list) for answer in self._found.values())

    def is_answered(self, item: str) -> bool:
        """Whether the samples of `item` are there; what failed is asked again."""
        return isinstance(self._found.get(item), list)

    def lacking(self, items: Iterable[str]) -> list[str]:
        """The items about which nothing is known yet."""
        return [item for item in items if item not in self._found]

    def __getitem__(self, item: str) -> Answer:
        return self._found[item]

    def discard(self) -> None:
        """Remove the shards' files, once all that is in them stands elsewhere."""
        if self.place:
            shutil.rmtree(self.place / KEPT, ignore_errors=True)  # another process may be at it, too

    def _own(self, place: Path) -> Path:
        return place / KEPT / f"{self.shard}.jsonl"

    def _settle(self, place: Path) -> None:
        """Write the settings, or hold them against those that are there."""
        path = place / SETTINGS
        mine = json.dumps(self.settings, indent=2, ensure_ascii=False, sort_keys=True)
        if not path.exists():
            part = path.with_name(f"{path.name}.{self.shard}.part")
            part.write_text(mine, encoding="utf-8")
            part.replace(path)
            return
        same_settings(path, json.loads(mine))


def same_settings(path: Path, mine: dict[str, Any]) -> None:
    """BadInput naming what differs between the settings kept in `path` and `mine`."""
    try:
        theirs = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise BadInput([f"{path}: cannot be read ({error}); delete {path.parent} and run again"]) from error
    if changed := folder.difference(theirs, mine):
        raise BadInput(
            [f"{path.parent}: its answers were made under other settings: {'; '.join(changed)}; choose another folder"]
        )


def _line(item: str, answer: Answer) -> bytes:
    kept = {"failed": answer.why} if isinstance(answer, Unanswered) else {"answers": [asdict(one) for one in answer]}
    return (json.dumps({"id": item, **kept}, ensure_ascii=False) + "\n").encode()


def _lines(path: Path) -> Iterator[tuple[str, Answer]]:
    """What was kept, line by line; a last line that was cut while it was written is no answer."""
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if not line.endswith(b"\n"):
                return
            try:
                row = json.loads(line)
                failed = row.get("failed")
                yield row["id"], Unanswered(failed) if failed else [Completion(**one) for one in row["answers"]]
            except (ValueError, KeyError, TypeError) as error:
                raise BadInput(
                    [f"{path}:{number}: is not an answer ({error!r}); delete the line, its item will be asked again"]
                ) from error


def _appendable(path: Path) -> FileIO:
    """The file, open at the end of its last whole line; without a buffer, which would be tried again on closing."""
    path.touch()
    file = path.open("r+b", buffering=0)
    size = file.seek(0, os.SEEK_END)
    while size:
        start = max(0, size - 65_536)
        file.seek(start)
        if (cut := file.read(size - start).rfind(b"\n")) >= 0:
            size = start + cut + 1
            break
        size = start
    file.truncate(size)
    file.seek(size)
    return file


def _locked(path: Path, place: Path) -> IO[str]:
    """The lock of a shard, held until the file is closed or this process ends."""
    lock = path.open("a+", encoding="utf-8")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        holder = lock.read().strip() or "another process"
        lock.close()
        raise BadInput([f"{place}: {holder} is writing {path.stem} there; wait, or choose another folder"]) from None
    lock.truncate(0)
    lock.write(f"process {os.getpid()} on {socket.gethostname()}")
    lock.flush()
    return lock


@contextmanager
def _written(place: Path, count: Callable[[], int]) -> Iterator[None]:
    """What the system says against writing becomes a BadInput that tells what is kept."""
    try:
        yield
    except OSError as error:
        n_kept = count()
        kept = f"; {n_kept} answers are kept, and the same command goes on from them" if n_kept else ""
        raise BadInput([f"{place}: cannot be written: {error.strerror or error}{kept}"]) from error
