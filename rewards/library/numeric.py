"""A number, with its unit."""

from rewards import Response, Score, reward
from rewards.reading.prose import committed_text
from rewards.reading.quantity import compare, gold_quantity, read_quantity


@reward(low=0.0, high=1.0)
def numeric(response: Response, answer: str, tolerance: float = 0.0, need_unit: bool = False) -> Score | None:
    """1 if the response commits to one number that is the gold in the gold's unit.

    tolerance: relative, for decimal golds only; an integer gold wants the exact value.  A value rounded to fewer
    digits, at least two, is right if the gold rounds to it.  need_unit: a bare number is wrong if the gold has a unit.
    Source: MedCalc-Bench grades in this way with 5 % on decimals (arXiv 2406.12036).
    None where the gold is no number.  Known hacks, all scored 0: ranges, lists, bounds, unevaluated expressions,
    another unit, the gold among other numbers.  Nothing is evaluated as code.
    Limit: units are converted by factors only; mmol/L to mg/dL needs the substance and is not done here.

    >>> [numeric(text, answer="93.3 mmHg").value for text in ("MAP = 93.3 mmHg", "93.33", "93 mmHg", "93.3 kPa")]
    [1.0, 1.0, 1.0, 0.0]
    >>> [numeric(text, answer="12").value for text in ("140 - 128 = 12", "10-14", "24/2", "12.4")]
    [1.0, 0.0, 0.0, 0.0]
    """
    gold = gold_quantity(str(answer)) if isinstance(answer, str | int | float) else None
    if gold is None:
        return None
    text = committed_text(response)
    if text.value is None:
        return Score(0.0, None, text.rule, text.why)
    said, how = read_quantity(text.value)
    if said is None:
        return Score(0.0, None, how.rule, how.why)
    right, why = compare(said, gold, tolerance, need_unit)
    return Score(float(right), str(said), how.rule, why)
