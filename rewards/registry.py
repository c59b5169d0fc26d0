"""Finding rewards: the folder `rewards/library` is listed, or a file is named as `path.py:function`."""

import hashlib
import importlib
import importlib.util
import sys
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from rewards.contract import Reward, RewardError, nearest
from rewards.trl_style import TrlReward, is_trl_style

LIBRARY = Path(__file__).parent / "library"


def names() -> list[str]:
    """The rewards of the library: one file each, the file's name is the reward's."""
    return sorted(path.stem for path in LIBRARY.glob("[!_]*.py"))


def load(use: str, folder: Path | str | None = None) -> Reward | TrlReward:
    """A reward by its library name, or by `path.py:function` (relative to `folder`, else the working directory).

    Raises RewardError, one line, when there is no such file, function or reward.

    >>> load("option_choice").needs
    ('answer', 'options')
    """
    path, colon, function = use.rpartition(".py:")
    if colon:
        file = Path(folder or ".", f"{path}.py").expanduser().resolve()
        return from_file(file, function)
    if use not in names():
        known = ", ".join(names())
        raise RewardError(f"no reward {use!r}{nearest(use, names())}; there are {known}; or name a file: ./FILE.py:FN")
    return as_reward(importlib.import_module(f"rewards.library.{use}"), use, use)


def from_file(file: Path, function: str) -> Reward | TrlReward:
    """The reward `function` of a Python file; a library file is loaded under its library name."""
    if file.parent == LIBRARY.resolve() and file.stem in names():
        return as_reward(importlib.import_module(f"rewards.library.{file.stem}"), function, f"{file}:{function}")
    if not file.is_file():
        raise RewardError(f"no file {file} (wanted for the reward {function!r})")
    return as_reward(module_of(file), function, f"{file}:{function}")


@cache
def module_of(file: Path) -> ModuleType:
    """Execute a reward file once, under a name of its own."""
    name = f"rewards_file_{file.stem}_{hashlib.sha256(str(file).encode()).hexdigest()[:8]}"
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise RewardError(f"{file}: not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses and pickle look a module up here while it is being executed
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        del sys.modules[name]
        reason = " ".join(str(error).split())
        raise RewardError(f"{file}: cannot be imported: {type(error).__name__}: {reason}") from error
    return module


def as_reward(module: ModuleType, name: str, use: str) -> Reward | TrlReward:
    """The module's reward of that name: decorated, written for TRL, or a plain function (then scored 0 to 1)."""
    found: Any = getattr(module, name, None)
    if isinstance(found, TrlReward):
        return found
    if isinstance(found, Reward):
        found.use = use
        return found
    if not callable(found):
        known = [key for key, value in vars(module).items() if callable(value) and not key.startswith("_")]
        raise RewardError(f"{module.__file__}: has no reward {name!r}{nearest(name, known)}")
    if is_trl_style(found):
        return TrlReward(found, use)
    plain = Reward(found, 0.0, 1.0)
    plain.use = use
    return plain
