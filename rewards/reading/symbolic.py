"""Symbolic golds, by math-verify.  LaTeX is parsed by a grammar there; no text is ever evaluated as code."""

import logging
import re
from functools import cache, lru_cache
from typing import Any

MATH = re.compile(r"\\(?:frac|sqrt|pi|ln|log|exp|infty)|[A-Za-z0-9)}]\^|sqrt\(")
HEAVY = re.compile(r"!|\^.{0,12}\^|\^\s*\{?\s*[-+]?\d{3}|\d{16}|\\(?:sum|int|prod|lim)|[A-Za-z]{12}")
LONGEST = 120  # characters of an expression


def looks_symbolic(text: str) -> bool:
    """Whether a gold that is no plain number is a formula.

    >>> looks_symbolic(r"\\frac{\\sqrt{2}}{2}"), looks_symbolic("five")
    (True, False)
    """
    return bool(MATH.search(text)) and len(text) <= LONGEST and not HEAVY.search(text)


@cache
def library() -> Any:
    """math-verify, imported here since sympy comes with it; its notes that no alarm is set are silenced: an alarm
    works in a main thread only, and short texts without towers of powers need none."""
    import math_verify

    logging.getLogger("math_verify").setLevel(logging.ERROR)
    return math_verify


@lru_cache(maxsize=256)
def parsed(text: str) -> tuple[object, ...]:
    """What math-verify reads in a LaTeX text; () if nothing."""
    if len(text) > LONGEST or HEAVY.search(text):
        return ()
    body = text.strip().strip("$").rstrip(".")
    config = [library().LatexExtractionConfig()]
    found = library().parse(f"${body}$", extraction_config=config, parsing_timeout=None, raise_on_error=False)
    return tuple(item for item in found if not isinstance(item, str))


def same_expression(said: str, gold: str) -> bool:
    """Whether two LaTeX texts are one value; False where either cannot be read."""
    mine, wanted = list(parsed(said)), list(parsed(gold))
    return bool(mine and wanted) and bool(library().verify(wanted, mine, timeout_seconds=None))
