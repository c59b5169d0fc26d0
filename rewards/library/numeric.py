"""A number, with its unit."""

from dataclasses import replace

from rewards import Response, Score, reward
from rewards.reading.asked import asked_unit
from rewards.reading.closeness import Terms, compare
from rewards.reading.numerals import unambiguous
from rewards.reading.prose import committed_text
from rewards.reading.quantity import gold_amount, read_amount
from rewards.reading.short import short_amount
from rewards.reading.symbolic import looks_symbolic, same_expression


@reward(low=0.0, high=1.0)
def numeric(
    response: Response,
    answer: str | float,
    tolerance: float = 0.0,
    need_unit: bool = False,
    lower: str | float | None = None,
    upper: str | float | None = None,
    question: str | None = None,
) -> Score | None:
    """1 if the response commits to one number that is the gold in the gold's unit, or in another of the same quantity.

    tolerance: relative, for decimal golds only; an integer gold wants the exact value.  A decimal may be rounded to
    fewer digits if the gold rounds to it, at most a tenth off.  lower, upper: limits in the gold's unit, in either
    order, used instead of the tolerance (equal limits want the exact value).  need_unit: a bare number is wrong if the
    gold has a unit.  question: names the unit of a bare gold, the order of a date's parts, the substance for mmol/L to
    mg/dL, and what is asked where several quantities are stated.  Golds may be dates, durations ("2 weeks, 3 days"),
    pairs ("120/80 mmHg"), ranges, ratios, sizes, bounds, and LaTeX that math-verify reads.
    Source: MedCalc-Bench grades in this way with 5 % on decimals (arXiv 2406.12036).
    None where the gold is no number.  Known hacks, all scored 0: ranges, lists, bounds, unevaluated expressions,
    another unit, the gold among other numbers.  Nothing is evaluated as code.

    >>> [numeric(text, answer="93.3 mmHg").value for text in ("MAP = 93.3 mmHg", "93.33", "93 mmHg", "93.3 kPa")]
    [1.0, 1.0, 1.0, 0.0]
    >>> [numeric(text, answer="12").value for text in ("140 - 128 = 12", "10-14", "24/2", "12.4")]
    [1.0, 0.0, 0.0, 0.0]
    >>> numeric("5.5 mmol/L", answer="99 mg/dL", question="What is the fasting glucose?").value
    1.0
    """
    gold = gold_amount(str(answer)) if isinstance(answer, str | int | float) else None
    symbolic = gold is None and looks_symbolic(str(answer))
    if gold is None and not symbolic:
        return None
    question = question if isinstance(question, str) else None
    plain = short_amount(response.answer) if gold and response.answer else None
    if gold is None or plain is None:
        text = committed_text(replace(response, answer=response.answer and unambiguous(response.answer)))
        if text.value is None:
            return Score(0.0, None, text.rule, text.why)
        if gold is None:
            right = same_expression(text.value.rpartition("=")[2], str(answer))
            return Score(float(right), text.value[:200], "math_verify", f"{text.value[:80]} against {answer}")
        sort = gold.amount.parts[-1].unit if gold.amount.parts else ""
        said, how = read_amount(text.value, question, sort or (asked_unit(question) if question else ""))
        if said is None:
            return Score(0.0, None, how.rule, how.why)
        plain = said, how.rule
    said, rule = plain
    right, why = compare(said, gold, Terms(tolerance, need_unit, limit(lower), limit(upper), question))
    return Score(float(right), str(said), rule, why)


def limit(value: str | float | None) -> float | None:
    """A limit as a number; None where it is none (a date, weeks and days)."""
    try:
        return float(value) if value is not None else None
    except (TypeError, ValueError):
        return None
