"""The substance that a question or an answer names, and what it weighs: mmol/L to mg/dL, mEq/L to mmol/L."""

import re
import tomllib
from functools import cache, lru_cache
from pathlib import Path

from rewards.reading.units import Unit

TABLE = Path(__file__).with_name("analytes.toml")
SYMBOL = re.compile(r"[a-z]{1,2}[+-]?")  # a name that short is a symbol, which is told from a unit by its case


@cache
def table() -> dict[str, tuple[float, int]]:
    """Analyte -> (g/mol, elementary charges); 0 where it has none."""
    raw = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    return {name: (float(row.get("mass", 0.0)), int(row.get("valence", 0))) for name, row in raw.items()}


@cache
def pattern() -> tuple[re.Pattern[str], dict[str, str]]:
    """A pattern of all names, longest first, and name -> analyte."""
    raw = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    owner = {name: analyte for analyte, row in raw.items() for name in row["names"]}
    names = "|".join(map(re.escape, sorted(owner, key=len, reverse=True)))
    return re.compile(rf"(?<![A-Za-z])(?:{names})(?![A-Za-z])", re.IGNORECASE), owner


@lru_cache(maxsize=2048)
def analytes(text: str) -> frozenset[str]:
    """The analytes that a text names; symbols such as Na only with a capital.

    >>> sorted(analytes("serum glucose and Na+, in mg/dL")), analytes("5 mg na")
    (['glucose', 'sodium'], frozenset())
    """
    names, owner = pattern()
    found = [match[0] for match in names.finditer(text[-3000:])]
    return frozenset(
        owner[name.lower()] for name in found if not (SYMBOL.fullmatch(name.lower()) and name == name.lower())
    )


def substance_factors(said: Unit, gold: Unit, *texts: str) -> set[float]:
    """The factors from one unit to another by way of the substances that the texts name: two where a question names
    two, such as albumin and calcium, which are too far apart to be taken for each other.

    Empty where none is named, or the units differ by more than the substance.
    """
    named = {name for text in texts for name in analytes(text)}
    found = {weighed(said, gold, *table()[name]) for name in named}
    return {float(f"{factor:.10g}") for factor in found if factor is not None}


def weighed(said: Unit, gold: Unit, mass: float, valence: int) -> float | None:
    """The factor between units that differ in grams, moles and equivalents of one substance only."""
    sizes = {"[mass]": 1.0, "[substance]": mass, "[charge]": mass / valence if valence and mass else 0.0}
    if not mass:  # moles and equivalents only
        sizes = {"[substance]": 1.0, "[charge]": 1.0 / valence}
    said_dims, gold_dims = dict(said.dims), dict(gold.dims)
    factor, left = said.factor / gold.factor, 0
    for name in {*said_dims, *gold_dims}:
        power = said_dims.get(name, 0) - gold_dims.get(name, 0)
        if power and (name not in sizes or abs(power) != 1 or not sizes[name]):
            return None
        factor *= sizes.get(name, 1.0) ** power if power else 1.0
        left += power
    return factor if left == 0 else None
