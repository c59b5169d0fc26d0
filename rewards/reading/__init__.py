"""Readers: what a committed text says, as a letter, a polarity, a quantity or a phrase.  They never guess."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Reading:
    """What was read: `value` (None = no commitment), the `rule` that read it, and `why`."""

    value: str | None
    rule: str
    why: str = ""
