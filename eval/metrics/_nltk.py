"""What the metrics of NLTK share."""

from importlib.util import find_spec


def missing() -> str | None:
    return None if find_spec("nltk") else "needs the package nltk: pip install -e '.[reports]'"
