"""Where a recipe's paths lead: relative ones start at the root of the checkout."""

import os.path
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def from_root(path: str | Path) -> Path:
    """The file a path inside a recipe means; an absolute path stays as it is."""
    return ROOT / _expanded(path)


def from_here(path: str | Path) -> Path:
    """The file a path on the command line means: seen from the working directory, else from the checkout's root."""
    return _expanded(path) if os.path.exists(_expanded(path)) else from_root(path)


def _expanded(path: str | Path) -> Path:
    return Path(os.path.expanduser(path))  # unlike Path.expanduser, leaves an unknown user's ~name as it is
