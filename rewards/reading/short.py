"""Short plain answers, such as "12 mEq/L", "**12.**" and "MAP = 93.3 mmHg", without the full reading.

Most answers in training are no more than that.  What is taken here reads exactly as `read_amount` would read it, which
the tests hold for every case; all that looks in any way else is left to it.
"""

import re
from functools import lru_cache

from rewards.reading import number_cues as cues
from rewards.reading.amounts import Amount, Quantity, unit_of
from rewards.reading.fold import fold
from rewards.reading.numerals import GROUPED
from rewards.reading.prose import committed_text
from rewards.reading.quantity import Stated, read_amount
from rewards.response import Response

SHORT = re.compile(
    r"\s*(?P<open>\$?\\text\{|\*\*|[\"(*]|)"
    r"(?P<lead>(?:(?:[Tt]he )?(?:final |correct )?[Aa]nswer(?: is|:|=) |(?:about|approximately|roughly|around) |"
    r"[A-Z][A-Za-z0-9]{1,9}(?: is| =|:|) )?)"
    r"(?P<number>-?\d{1,9}(?:\.\d{1,9})?)"
    r"(?P<unit>(?: ?[A-DF-WYZa-df-wyz%µμ°/][A-Za-zµμ°%/]{0,14}(?:\^?[23]|[²³]|2[oO])?)?)(?P<stop>\.?)"
    r"(?P<close>\}?\$?|\*\*|[\")*]|)(?P<after>\.?)\s*"
)
CLOSES = {"": "", "**": "**", '"': '"', "(": ")", "*": "*", "\\text{": "}", "$\\text{": "}$"}
PROBE = "83641"  # a number that no answer says in words beside it
LONGEST = 80  # characters of an answer that may be plain


@lru_cache(maxsize=4096)
def short_amount(text: str) -> tuple[Stated, str] | None:
    """(the amount of a short plain answer, the rule by which it is read), or None where it is not so plain.

    >>> str(short_amount("**12 mEq/L**")[0]), short_amount("The answer is 12.")[1], short_amount("12 or 13")
    ('12 mEq/L', 'marker', None)
    """
    match = SHORT.fullmatch(text) if len(text) <= LONGEST else None
    if match is None or CLOSES[match["open"]] != match["close"] or match["stop"] and (match["after"] or match["close"]):
        return None
    lead, shown, written = match["lead"], match["number"], match["unit"]
    rule = rule_of(lead, "-" if shown[0] == "-" else "") if lead else "number"
    if rule is None or rule == "aside":
        return None
    if not written.isascii():
        written = " " * (written[0] == " ") + fold(written)
    said, size = unit_of(written) if written else ("", 0)
    if size != len(written) or GROUPED.search(f"0{written}"):  # 12 points, 12k
        return None
    whole, point, places = shown.partition(".")
    digits = len((whole.lstrip("-") + places).lstrip("0"))
    part = Quantity(float(shown), 10.0 ** -len(places), digits, bool(point), said)
    core = lead + shown + written
    amount = Amount(len(lead), len(core), (part,))
    return Stated(amount, "", core), "aside" if match["open"] == "(" else rule


@lru_cache(maxsize=1024)
def rule_of(lead: str, sign: str) -> str | None:
    """The rule by which the full reader reads a number after these words; None where they do more than name it."""
    text = committed_text(Response(lead, answer=f"{lead}{sign}{PROBE}", rule="tags")).value
    if text is None or cues.PERIOD.search(lead):  # whether "over 12" is an answer hangs on the unit
        return None
    said, how = read_amount(text)
    return how.rule if said and not said.bound and str(said) == sign + PROBE else None
