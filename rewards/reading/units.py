"""Units of medical answers in a simple first form: factors to a base unit, and their products and quotients."""

import re
from functools import lru_cache

# Factors by dimension; SI prefixes are written out so that no letter is read in two ways.  mEq, U and the like are
# dimensions of their own: converting them needs the substance.  Source: SI brochure; 1 mmHg = 0.133322 kPa.
TABLE: dict[str, dict[str, float]] = {
    "mass": {"kg": 1e3, "g": 1.0, "gram": 1.0, "mg": 1e-3, "milligram": 1e-3, "ug": 1e-6, "mcg": 1e-6,
             "microgram": 1e-6, "ng": 1e-9, "pg": 1e-12, "kilogram": 1e3, "lb": 453.59237, "pound": 453.59237},
    "volume": {"l": 1.0, "liter": 1.0, "litre": 1.0, "dl": 0.1, "ml": 1e-3, "cc": 1e-3, "milliliter": 1e-3,
               "ul": 1e-6, "fl": 1e-15},
    "length": {"m": 1.0, "meter": 1.0, "cm": 1e-2, "centimeter": 1e-2, "mm": 1e-3, "millimeter": 1e-3, "um": 1e-6,
               "inch": 0.0254, "in": 0.0254, "km": 1e3},
    "time": {"s": 1.0, "sec": 1.0, "second": 1.0, "min": 60.0, "minute": 60.0, "h": 3600.0, "hr": 3600.0,
             "hour": 3600.0, "day": 86400.0, "d": 86400.0, "week": 604800.0, "wk": 604800.0},
    "month": {"month": 1.0, "mo": 1.0, "year": 12.0, "yr": 12.0, "y": 12.0},
    "amount": {"mol": 1.0, "mmol": 1e-3, "umol": 1e-6, "nmol": 1e-9, "pmol": 1e-12},
    "charge": {"eq": 1.0, "meq": 1e-3},
    "osmoles": {"osm": 1.0, "mosm": 1e-3},
    "activity": {"u": 1.0, "iu": 1.0, "unit": 1.0, "mu": 1e-3, "miu": 1e-3, "ku": 1e3},
    "pressure": {"mmhg": 1.0, "kpa": 7.50062, "cmh2o": 0.735559},
    "temperature": {"c": 1.0, "degc": 1.0, "celsius": 1.0},
    "fahrenheit": {"f": 1.0, "degf": 1.0, "fahrenheit": 1.0},
    "percent": {"%": 1.0, "percent": 1.0},
    "rate": {"bpm": 1.0},
    "count": {"drop": 1.0, "gtt": 1.0},
    "body": {"bsa": 1.0},
}  # fmt: skip
BASE = {name: (dimension, factor) for dimension, names in TABLE.items() for name, factor in names.items()}
SPELT = (
    re.compile(r"mm hg|millimet(?:er|re)s? of mercury|torr\b"),
    re.compile(r"1[.]73 ?m(?:\^?2)"),
    re.compile(r"beats? ?(?:per|/) ?min(?:ute)?"),
)
PART = re.compile(r"(?:(?P<scale>10\^?\d+|1[.]73)\s*\*?\s*)?(?P<name>%|[a-z][a-z0-9]*?)(?:\^?(?P<power>-?[123]))?$")


@lru_cache(maxsize=4096)
def unit(text: str) -> tuple[tuple[tuple[str, int], ...], float] | None:
    """(dimensions with powers, factor to the base units) of a unit; None if it is not in the table.

    >>> unit("mg/dL") == unit("mg/dl"), unit("mcg/kg/min")[0]
    (True, (('mass', 0), ('time', -1)))
    """
    plain = SPELT[0].sub("mmhg", text.lower().replace("°", "deg").replace("deg ", "deg"))
    plain = SPELT[1].sub("bsa", SPELT[2].sub("bpm", plain.replace("cm h2o", "cmh2o")))
    plain = re.sub(r"\bper\b", "/", plain).strip(" .,;:)(")
    powers: dict[str, int] = {}
    factor = 1.0
    for place, piece in enumerate(plain.split("/")):
        for part in re.split(r"[\s*]+(?!\^)", piece.strip(" ()")) if piece.strip(" ()") else ():
            found = part_of(part)
            if found is None:
                return None
            dimension, size, power = found
            sign = -1 if place else 1
            powers[dimension] = powers.get(dimension, 0) + sign * power
            factor *= size ** (sign * power)
    return (tuple(sorted(powers.items())), factor) if powers else None


def part_of(part: str) -> tuple[str, float, int] | None:
    """(dimension, factor, power) of one factor of a unit; a number in it (1.73, 10^9) is a factor without dimension."""
    if re.fullmatch(r"(?:x?10\^?\d+|1[.]73)", part):
        scale = part.lstrip("x")
        return "number", 10.0 ** int(scale[2:].lstrip("^")) if scale.startswith("10") else 1.73, 1
    match = PART.match(part)
    if not match:
        return None
    name = match["name"]
    known = BASE.get(name) or (BASE.get(name[:-1]) if len(name) > 3 and name.endswith("s") else None)
    return (*known, int(match["power"] or 1)) if known else None
