"""The folder a run leaves behind.

A finished run is never written again: `outputs/x` is followed by `outputs/x-2`, `outputs/x-3`. `lineage.json` is
written last, so its presence means finished. `run.lock` is held by flock as long as the process that claimed the
folder lives.
"""

import fcntl
import json
import os
import platform
import shutil
import subprocess
import sys
import time
from importlib import metadata
from pathlib import Path
from typing import IO, Any

from .paths import ROOT, from_root
from .problems import BadInput, shown
from .schema import completed

RECIPE, VERSIONS, LINEAGE, LOCK = "recipe.json", "versions.json", "lineage.json", "run.lock"
_locks: dict[Path, IO[str]] = {}  # kept open, since closing the file would release the lock


def claim(output_dir: str | Path, recipe: dict[str, Any], resume: bool = False) -> Path:
    """Take the folder that a run of `recipe` (resolved) writes to, lock it and write recipe.json; for rank 0 alone.

    With `resume`, the unfinished run in the newest folder is taken over if its recipe, but for `run`, is the same.
    BadInput if the folder is in use, unfinished without `resume`, not one of ours, or cannot be written.
    """
    folder = from_root(output_dir)
    try:
        folder = _next(folder, resume)
        folder.mkdir(parents=True, exist_ok=True)
        _lock(folder)
        _settle(folder, recipe, resume)
    except BadInput:
        release(folder)
        raise
    except (OSError, ValueError) as error:  # ValueError: a null byte in the path
        release(folder)
        reason = getattr(error, "strerror", None) or error
        raise BadInput(f"{folder}: cannot be written: {reason}; choose another run.output_dir") from None
    return folder


def release(folder: Path) -> None:
    """Let go of the folder's lock, if this process holds it."""
    lock = _locks.pop(folder, None)
    if lock:
        lock.close()


def abandon(folder: Path) -> None:
    """Undo the claim of a run that was refused before it began; what an earlier process wrote there stays."""
    written = [path for path in folder.iterdir() if path.is_file() or any(path.iterdir())]
    begun = {path.name for path in written} - {RECIPE, VERSIONS, LOCK}
    release(folder)
    if not begun:
        shutil.rmtree(folder)


def write_versions(folder: Path, seed: int) -> Path:
    """Write versions.json: packages, git state, seed and hardware. A resumed run adds versions-2.json, ..."""
    versions = {
        "packages": dict(sorted((dist.name, dist.version) for dist in metadata.distributions() if dist.name)),
        "python": platform.python_version(),
        "git": git_state(),
        "seed": seed,
        "hardware": _hardware(),
        "command": sys.argv,
        "time": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
    }
    number, path = 1, folder / VERSIONS
    while path.exists():
        number += 1
        path = folder / f"versions-{number}.json"
    _write(path, versions)
    return path


def finish(folder: Path, lineage: dict[str, Any]) -> None:
    """Write lineage.json, the mark of a finished run, and release the folder. Call it when all else is written."""
    if is_finished(folder):
        raise RuntimeError(f"{folder} is finished already")
    _write(folder / LINEAGE, lineage)
    release(folder)


def is_finished(folder: str | Path) -> bool:
    """Whether the run in this folder came to its end."""
    return (from_root(folder) / LINEAGE).is_file()


def newest(output_dir: str | Path) -> Path | None:
    """The newest finished run of `output_dir`, `output_dir`-2, ..., None if there is none."""
    finished = [folder for folder in _runs(from_root(output_dir)) if is_finished(folder)]
    return finished[-1] if finished else None


def unfinished(output_dir: str | Path) -> Path | None:
    """The newest run of `output_dir` if it was begun and has not come to its end, else None."""
    runs = _runs(from_root(output_dir))
    return runs[-1] if runs and (runs[-1] / RECIPE).is_file() and not is_finished(runs[-1]) else None


def difference(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """What changed between two resolved recipes, a line each: `grpo.beta: 0.0 -> 0.001`. A key that one of them lacks
    and the other has at its default is no change."""
    before, after = map(_flat, completed(old, new))
    keys = [*before, *(key for key in after if key not in before)]
    absent = object()
    return [
        f"{key}: {shown(before[key]) if key in before else '(absent)'} -> "
        f"{shown(after[key]) if key in after else '(absent)'}"
        for key in keys
        if before.get(key, absent) != after.get(key, absent)
    ]


def _runs(folder: Path) -> list[Path]:
    """The folders of this name that exist, in the order of their numbers."""
    numbered = {1: folder} if folder.exists() else {}
    if folder.parent.is_dir():
        for path in folder.parent.iterdir():
            head, _, number = path.name.rpartition("-")
            if head == folder.name and number.isascii() and number.isdigit() and number[0] != "0" and int(number) > 1:
                numbered[int(number)] = path
    return [numbered[number] for number in sorted(numbered)]


def _next(folder: Path, resume: bool) -> Path:
    """The newest folder of this name if its run is not finished, else the one after it."""
    runs = _runs(folder)
    if not runs:
        if resume:
            raise BadInput(f"{folder}: no run to resume; start it without --resume")
        return folder
    last = runs[-1]
    if not is_finished(last):
        return last
    number = 1 if last == folder else int(last.name.rpartition("-")[2])
    following = folder.with_name(f"{folder.name}-{number + 1}")
    if resume:
        raise BadInput(f"{last}: finished, nothing to resume; without --resume the next run goes to {following}")
    return following


def _lock(folder: Path) -> None:
    """Hold the folder's lock; BadInput if a live process holds it, or if the folder is none of ours."""
    if any(folder.iterdir()) and not any((folder / name).exists() for name in (LOCK, RECIPE)):
        raise BadInput(f"{folder}: holds files that no run wrote; choose another run.output_dir")
    lock = (folder / LOCK).open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        owner = lock.read().strip() or "unknown"
        lock.close()
        text = f"{folder}: in use by a running process (pid {owner}); wait for it, or choose another run.output_dir"
        raise BadInput(text) from None
    except OSError:
        pass  # a file system without locks: go on without that protection
    lock.truncate(0)
    lock.write(str(os.getpid()))
    lock.flush()
    _locks[folder] = lock


def _settle(folder: Path, recipe: dict[str, Any], resume: bool) -> None:
    """With the lock held: a new folder gets its recipe.json, an unfinished run is taken over or refused."""
    written = folder / RECIPE
    if is_finished(folder):
        raise BadInput(f"{folder}: another process has just finished a run here; start again")
    if not written.exists():
        _write(written, recipe)
    elif not resume:
        raise BadInput(f"{folder}: holds an unfinished run; continue it with --resume, or delete the folder")
    elif changes := difference(_without_run(_read(written)), _without_run(recipe)):
        told = f"{folder}: cannot be resumed, its recipe has changed since: {'; '.join(changes)}"
        raise BadInput(f"{told}; change it back, or delete the folder")


def _without_run(recipe: dict[str, Any]) -> dict[str, Any]:
    return {section: values for section, values in recipe.items() if section != "run"}


def _read(path: Path) -> dict[str, Any]:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        raise BadInput(f"{path}: not valid JSON; delete the folder and start again") from None


def _write(path: Path, values: dict[str, Any]) -> None:
    """Write JSON so that a reader sees the whole file or none, even after a crash."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with draft.open("w", encoding="utf-8") as stream:
        json.dump(values, stream, indent=2, ensure_ascii=False)
        stream.write("\n")
        stream.flush()
        os.fsync(stream.fileno())
    draft.replace(path)


def publish(draft: Path, place: Path) -> None:
    """Give the folder `draft` the name `place`, in place of what has it, once all of it is on the disk: whoever finds
    the name finds the whole folder, also after a power cut."""
    for path in (*draft.rglob("*"), draft):
        _settle_on_disk(path)
    shutil.rmtree(place, ignore_errors=True)
    draft.rename(place)
    _settle_on_disk(place.parent)


def _settle_on_disk(path: Path) -> None:
    """Wait until a file's bytes, or a folder's names, are on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _flat(value: Any, key: str = "") -> dict[str, Any]:
    """Nested mappings and lists as dotted keys; an empty one stands for itself."""
    if not isinstance(value, dict | list) or not value:
        return {key: value}
    items = value.items() if isinstance(value, dict) else enumerate(value)
    return {k: v for name, item in items for k, v in _flat(item, f"{key}.{name}".lstrip(".")).items()}


def git_state() -> dict[str, Any] | None:
    """The commit of the checkout and whether files differ from it; None outside git."""
    sha, changed = _output("git", "rev-parse", "HEAD"), _output("git", "status", "--porcelain", "-uno")
    return {"sha": sha, "changed": bool(changed)} if sha else None


def _hardware() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    gpus = (_output("nvidia-smi", "--query-gpu=name,memory.total", "--format=csv,noheader") or "no GPU").splitlines()
    return f"{platform.machine()}, {os.cpu_count()} CPU cores, {memory:.0f} GiB, {', '.join(gpus)}"


def _output(*command: str) -> str | None:
    """What a command prints; None if it is not there, fails or hangs."""
    if not shutil.which(command[0]):
        return None
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=20, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()
