"""Units of medical answers: pint and a file of medical definitions, read as text is written in charts."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

DEFINITIONS = Path(__file__).with_name("medical_units.txt")
# Only these take SI prefixes: "nd" is no nanoday, "md" no milliday.
PREFIXED = frozenset(
    {"meter", "gram", "second", "mole", "liter", "equivalent", "osmole", "enzyme_unit", "katal", "molar", "pascal",
     "joule", "calorie", "watt", "volt", "ampere", "ohm", "hertz", "becquerel", "curie", "gray", "sievert"}
)  # fmt: skip
NO_MEGA = frozenset({"gram", "liter", "mole", "meter", "second", "equivalent", "osmole", "molar"})  # MG is milligram
SPELT = (
    (re.compile(r"mm ?(?:of )?hg\b|millimet(?:er|re)s? of mercury", re.I), "mmHg"),
    (re.compile(r"cm ?(?:of )?(?:h_?2o|water)\b|centimet(?:er|re)s? of water", re.I), "cmH2O"),
    (
        re.compile(r"\(?1[.]73 ?(?:m ?\^?2|sq\.? ?m|square met(?:er|re)s?)\)?(?: (?:of )?bsa)?|1[.]73(?=$|\W)", re.I),
        "bsa",
    ),
    (re.compile(r"(?:°|\bdeg(?:rees?)?\.?|\bo) ?(?=[cf]\b)|\bdegrees? (?=celsius|fahrenheit|centigrade)", re.I), "deg"),
    (re.compile(r"\bdegcelsius\b|\b(?:deg)?centigrade\b|^c$", re.I), "degC"),
    (re.compile(r"\bdegfahrenheit\b|^f$", re.I), "degF"),
    (re.compile(r"°"), "deg"),
    (re.compile(r"\b(?:sq(?:uare)?\.?) ?(cm|mm|m|met(?:er|re)s?|centimet(?:er|re)s?)\b", re.I), r"\1^2"),
    (re.compile(r"\bcubic (mm|cm|millimet(?:er|re)s?|centimet(?:er|re)s?)\b", re.I), r"\1^3"),
    (re.compile(r"\b(m|met(?:er|re)s?) squared\b", re.I), r"\1^2"),
    (re.compile(r"\binternational units?\b", re.I), "IU"),
    (re.compile(r"\b(wood|hounsfield) units?\b", re.I), r"\1_unit"),
    (re.compile(r"\bhounsfield_unit\b", re.I), "HU"),
    (re.compile(r"(?<=\w) an? (?=minute|second)", re.I), "/"),
    (re.compile(r"\b(?:high[- ]power(?:ed)? fields?)\b", re.I), "hpf"),
    (re.compile(r"\b(mg|g) ?%"), r"\1/dL"),
    (re.compile(r"\bpercent(?:age)?(?: points?)?\b|\bper ?cent\b", re.I), "%"),
    (re.compile(r"\bper\b", re.I), "/"),
)
SCALE = re.compile(r"^[x*]? ?10 ?(?:\^|\*\*|[eE])? ?[({]?([-+]?\d{1,2})[)}]? ?(?=/|$|[A-Za-z])")
THOUSANDS = (
    re.compile(r"^(?:k|K|thou|thousands?)(?=\s?/)"),
    re.compile(r"^(?:M|mil|millions?)(?=\s?/)"),
    re.compile(r"^G(?=/[lL]\b)"),
)
PART = re.compile(r"(?P<name>%|‰|[A-Za-zÅ][A-Za-z_]*(?:2[oO])?)(?:\^?\(?(?P<power>[-+]?[1-5])\)?)?")
LONGEST = 40  # characters of a unit


@dataclass(frozen=True)
class Unit:
    """dims: powers by base dimension; factor: to the base units; scale: name of a temperature scale, else ''."""

    dims: tuple[tuple[str, int], ...]
    factor: float
    scale: str = ""


@cache
def registry():
    """pint with the medical definitions; imported here since it takes longer than all of `rewards`."""
    import pint

    return pint.UnitRegistry(str(DEFINITIONS))


@lru_cache(maxsize=8192)
def unit(text: str) -> Unit | None:
    """A unit as written, or None.

    >>> unit("mg/dL") == unit("mg per deciliter"), unit("mcg/kg/min") == unit("ug*kg^-1*min^-1"), unit("points")
    (True, True, None)
    """
    plain = text.strip(" .,;:[]")
    if not plain or len(plain) > LONGEST:
        return None
    if plain.startswith("(") and plain.endswith(")"):
        plain = plain[1:-1]
    for pattern, spelt in SPELT:
        plain = pattern.sub(spelt, plain)
    scale, plain = magnitude(plain.strip())
    powers: dict[str, int] = {}
    parts = list(factors(plain))
    if None in parts or not parts and scale == 1.0:
        return None
    for name, sign in filter(None, parts):
        found = named(name)
        if found is None:
            return None
        scale *= found.factor**sign
        for dimension, power in found.dims:
            powers[dimension] = powers.get(dimension, 0) + sign * power
        if found.scale and len(parts) == 1:
            return found
    return Unit(tuple(sorted((name, power) for name, power in powers.items() if power)), scale)


def magnitude(text: str) -> tuple[float, str]:
    """A leading power of ten, and the rest: "x10^9/L", "K/uL"."""
    if match := SCALE.match(text):
        return 10.0 ** int(match[1]), text[match.end() :]
    for pattern, size in zip(THOUSANDS, (1e3, 1e6, 1e9), strict=True):
        if match := pattern.match(text):
            return size, text[match.end() :]
    return 1.0, text


def factors(text: str) -> Iterator[tuple[str, int] | None]:
    """(name, power) of each factor of a product or quotient; a None where it is not one."""
    for place, piece in enumerate(text.split("/")):
        piece = piece.strip(" ()")
        if not piece and place:
            yield None
        words = re.split(r"[\s*]+|-(?=[A-Za-z])", piece) if piece else []
        if " " in piece and "*" not in piece and not re.search(r"-\d\)?$", piece):
            yield None  # "8 mm in the lung" is no product, "mL kg-1" is
        for word in words:
            match = PART.fullmatch(word)
            if not match and word:
                yield None
            elif match:
                power = int(match["power"] or 1)
                name = "m" if match["name"] == "M" and abs(power) > 1 else match["name"]  # KG/M2 has no molars
                yield name, -power if place else power


@lru_cache(maxsize=4096)
def named(name: str) -> Unit | None:
    """One name with its prefix, by pint: as written, else in lower case, else as a plural."""
    for spelt in dict.fromkeys((name, name.lower(), name.lower().removesuffix("s"), name.lower().removesuffix("es"))):
        for prefix, base, _ in registry().parse_unit_name(spelt):
            if prefix and (base not in PREFIXED or prefix in ("mega", "giga") and base in NO_MEGA):
                continue
            if base in ("degree_Celsius", "degree_Fahrenheit"):
                return Unit((("[temperature]", 1),), 1.0, base)
            return by_pint(prefix + base)
    return None


def by_pint(name: str) -> Unit:
    """A unit that pint knows."""
    size: Any = registry().get_base_units(name)[0]
    dims: Any = registry().get_dimensionality(name)
    return Unit(tuple(sorted((key, int(power)) for key, power in dims.items())), float(size))


def convert(value: float, said: Unit, wanted: Unit) -> float | None:
    """A value in another unit of the same quantity; None where the quantities differ.

    >>> convert(99.5, unit("F"), unit("°C")), round(convert(1.0, unit("kPa"), unit("mm Hg")), 4)
    (37.5, 7.5006)
    """
    if said.dims != wanted.dims:
        return None
    if said.scale != wanted.scale:
        if not said.scale or not wanted.scale:
            return None
        return (value - 32) * 5 / 9 if wanted.scale.endswith("Celsius") else value * 9 / 5 + 32
    return value * said.factor / wanted.factor
