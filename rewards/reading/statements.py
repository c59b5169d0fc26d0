"""`name = value unit` statements, as lines or as JSON.  Nothing is evaluated."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

LINE = re.compile(
    r"[\s*•-]*(?:\d{1,2}[.)]\s)?(?P<name>[A-Za-z][^=:≈\n]{0,60}?)\s{0,4}[=:≈]\s{0,4}(?P<value>[^\n]{1,200})"
)
BREAK = re.compile(r"[\n;]|,\s{1,4}(?=[A-Za-z][^=:,\n]{0,40}[=:])")
NUMBER = re.compile(
    r"(?P<number>[-+]?(?:\d{1,3}(?:,\d{3})+|\d{1,15}|(?=\.\d))(?:\.\d{1,15})?(?:e[-+]?\d{1,2})?)(?P<unit>.*)", re.I
)
NOT_UNIT = re.compile(r"\s*(?:[-+*/^,:]?\s*\d|[-+*<>~])")  # a range, a sum, another number


@dataclass(frozen=True)
class Amount:
    """A number as it is written: its value, half a unit of its last digit, how many digits it shows, the rest as its
    unit; scale: by what value and half_step have been multiplied to another unit."""

    value: float
    half_step: float
    digits: int
    unit: str
    scale: float = 1.0


def statements(text: str) -> list[tuple[str, str]]:
    """(name, what it is said to be) of a folded text; of "a = b = c" the last part.

    >>> statements("Na = 140 mEq/L; gap = 140 - 104 - 24 = 12")
    [('Na', '140 mEq/L'), ('gap', '12')]
    >>> statements('{"inputs": {"na": "140 mEq/L"}, "result": 12}')
    [('na', '140 mEq/L'), ('result', '12')]
    """
    start = text.find("{")
    if start >= 0:
        try:
            return list(flat(json.loads(text[start : text.rfind("}") + 1], object_pairs_hook=list)))
        except (ValueError, RecursionError):
            pass
    found = [match for piece in BREAK.split(text) if (match := LINE.match(piece))]
    return [(match["name"].strip(), re.split(r"[=≈]", match["value"])[-1].strip()) for match in found]


def flat(pairs: object, depth: int = 0) -> Iterator[tuple[str, str]]:
    """The leaves of parsed JSON objects, which are lists of pairs here so that a repeated name is seen."""
    if isinstance(pairs, list) and depth < 4:
        for pair in pairs:
            if isinstance(pair, tuple) and len(pair) == 2:
                name, value = pair
                fields = {key: leaf for key, leaf in value if isinstance(key, str)} if is_object(value) else {}
                if "value" in fields:
                    yield name, f"{fields['value']} {fields.get('unit', '')}".strip()
                elif is_object(value):
                    yield from flat(value, depth + 1)
                else:
                    yield name, " ".join(map(str, value)) if isinstance(value, list) else str(value)


def is_object(value: object) -> bool:
    """Whether a parsed JSON value was an object."""
    return isinstance(value, list) and bool(value) and all(isinstance(item, tuple) for item in value)


def amount(text: str) -> Amount | None:
    """A text that is one number and then its unit; None if it is anything else.

    >>> amount("1,234.5 mg/dL"), amount("10-12")
    (Amount(value=1234.5, half_step=0.05, digits=5, unit='mg/dL', scale=1.0), None)
    """
    match = NUMBER.fullmatch(text.strip().rstrip("."))
    if not match or NOT_UNIT.match(match["unit"].replace("10^9", "")):
        return None
    number = match["number"].lower().replace(",", "")
    mantissa, _, power = number.partition("e")
    places = len(mantissa.partition(".")[2])
    digits = len(re.sub(r"\D", "", mantissa).lstrip("0"))
    return Amount(float(number), 0.5 * 10.0 ** (int(power or 0) - places), digits, match["unit"].strip())
