"""Where a picture comes from: a path or the bytes of a file, and how whatever is wrong with it ends in one line."""

from __future__ import annotations

import importlib
import io
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import BinaryIO

from recipes import BadInput

MAX_PIXELS = 178_956_970  # of all frames asked for together; of one picture it is Pillow's own bound
HEAD = 4096  # bytes that a format may look at to know its files


@dataclass(frozen=True)
class Source:
    """A path, or bytes."""

    file: Path | bytes

    @property
    def name(self) -> str:
        return "(in memory)" if isinstance(self.file, bytes) else str(self.file)

    @property
    def ending(self) -> str:
        """The file's name in lower case, for its endings; empty for bytes."""
        return "" if isinstance(self.file, bytes) else self.file.name.lower()

    def open(self) -> BinaryIO:
        return io.BytesIO(self.file) if isinstance(self.file, bytes) else self.file.open("rb")

    def head(self) -> bytes:
        with self.open() as file:
            return file.read(HEAD)


def source(file: str | Path | bytes, root: str | Path | None = None) -> Source:
    """The source; a relative path is looked for under `root`, and none may lead out of it (`..`, links): BadInput."""
    if isinstance(file, bytes):
        return Source(file)
    if root is None:
        return Source(Path(file))
    base = Path(root).resolve()
    path = (base / file).resolve()
    if not path.is_relative_to(base):
        raise refused(str(file), f"it leads out of {root}", "keep the data inside their folder")
    return Source(path)


def refused(name: str, why: str, remedy: str = "restore the file or leave the row out") -> BadInput:
    return BadInput(f"image {name} cannot be read ({why}); {remedy}")


@contextmanager
def reading(source: Source) -> Iterator[None]:
    """Whatever a decoder makes of a broken file becomes one line.

    Decoders are given files that nobody has checked, and raise nearly anything. Only the words of OSError are passed
    on: those of the others may quote the file, which may tell of a patient.
    """
    try:
        yield
    except BadInput:
        raise
    except Refusal as error:
        raise refused(source.name, str(error), error.remedy) from error
    except OSError as error:
        raise refused(source.name, error.strerror or str(error)) from error
    except Exception as error:
        raise refused(source.name, f"its content is broken: {type(error).__name__}") from None


@contextmanager
def quietly(log: str) -> Iterator[None]:
    """Without the warnings and the log of a package: of odd values they quote what may tell of a patient."""
    logger = logging.getLogger(log)
    was, logger.disabled = logger.disabled, True
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.disabled = was


class Refusal(Exception):
    """Why a file is not read, in words that do not quote it."""

    def __init__(self, why: str, remedy: str = "restore the file or leave the row out") -> None:
        super().__init__(why)
        self.remedy = remedy


def bounded(width: int, height: int, frames: int = 1) -> None:
    """Refusal where so many pixels would have to be decoded at once."""
    if width < 1 or height < 1:
        raise Refusal(f"its header says {width} x {height} px")
    if (pixels := width * height * frames) > MAX_PIXELS:
        size = f"{width} x {height} px" + (f" in {frames} frames" if frames > 1 else "")
        raise Refusal(f"{size} are {pixels:,} pixels, more than {MAX_PIXELS:,}", "ask for fewer frames, or shrink it")


def needs(module: str) -> ModuleType:
    """An imported package of the extra `imaging`; BadInput where it is not installed."""
    try:
        return importlib.import_module(module)
    except ImportError:
        package = module.split(".")[0]
        raise BadInput(f"this picture needs {package}: pip install 'lingshu-rlvr[imaging]'") from None
