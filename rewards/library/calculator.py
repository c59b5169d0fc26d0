"""Bedside formulas: the right inputs, and a result that follows from them."""

import math
from collections.abc import Mapping
from typing import Any

from rewards import Response, Score, reward
from rewards.contract import gold_text
from rewards.reading.formulas import Formula, formula_named, measured, plain, quantity_named, read_input
from rewards.reading.prose import committed_text
from rewards.reading.statements import Amount, statements

RESULT = {"result", "answer", "final answer", "value", "output"}
EXAMPLES = [
    {
        "question": "Sodium 140, chloride 104, bicarbonate 24 mEq/L. What is the anion gap?",
        "answer": "12 mEq/L",
        "formula": "anion_gap",
        "inputs": {"sodium": 140, "chloride": 104, "bicarbonate": "24 mEq/L"},
        "right": [
            "sodium = 140 mEq/L\nchloride = 104 mEq/L\nbicarbonate = 24 mEq/L\nanion gap = 140 - 104 - 24 = 12 mEq/L",
            '{"inputs": {"Na": 140, "Cl": 104, "HCO3": "24 mmol/L"}, "result": 12}',
        ],
        "wrong": [
            "sodium = 140\nchloride = 104\nbicarbonate = 24\nanion gap = 36",
            "sodium = 140\nchloride = 106\nbicarbonate = 22\nanion gap = 12",
            "sodium = 140\nchloride = 104\nanion gap = 12",
            "sodium = 140\nchloride = 104\nbicarbonate = 24\nanion gap = 140 - 104 - 24",
            "sodium = 140\nchloride = 104\nbicarbonate = 24\nresult = 12\nresult = 36",
            "12 mEq/L",
        ],
    },
]


@reward(low=0.0, high=1.0)
def calculator(
    response: Response,
    answer: str | float | None = None,
    formula: str | None = None,
    inputs: Mapping[str, object] | None = None,
    tolerance: float = 0.01,
    partial: float = 0.0,
) -> Score | None:
    """1 if the answer states the gold inputs and a result that follows from what it states, else 0.

    The answer has lines `name = value unit`, or JSON; the result stands under the formula's name, "result" or
    "answer".  formula: a name of `rewards.reading.formulas`, which has the sources.  inputs: name -> number in the
    formula's unit, "140 mEq/L", or [140, "mEq/L"].  tolerance: relative, of the result; a number may also be rounded
    to two digits or more.  partial: what a result that follows from the stated inputs may earn while only a share of
    these is right, times that share.
    Source: MedCalc-Bench (arXiv 2406.12036), whose rows have inputs, and whose golds contradict them at times
    (arXiv 2512.19691).  None where formula or inputs are missing or unknown, or contradict the gold `answer`.
    Known hacks, all scored 0: the result alone, easy inputs of one's own, two results, an expression left to the
    grader: the model's text is never evaluated.

    >>> calculator("SBP: 120 mmHg, DBP: 80 mmHg, MAP = 93.3 mmHg", formula="map", inputs={"sbp": 120, "dbp": 80}).value
    1.0
    """
    found = formula_named(formula) if isinstance(formula, str) else None
    gold = gold_inputs(found, inputs) if found and isinstance(inputs, Mapping) else None
    if found is None or gold is None or not agrees(found, gold, answer):
        return None
    text = committed_text(response)
    if text.value is None:
        return Score(0.0, None, text.rule, text.why)
    said, result, problem = stated(text.value, found)
    if problem or result is None:
        return Score(0.0, None, "calculator", problem or "no result is stated")
    due = recomputed(found, said)
    if due is None or not close(result, due, tolerance):
        return Score(0.0, f"{result.value:g}", "calculator", f"what is stated gives {due}, not {result.value:g}")
    right = [name for name in gold if name in said and same(said[name], gold[name])]
    value = 1.0 if len(right) == len(gold) == len(said) else partial * len(right) / max(len(gold), len(said))
    return Score(value, f"{result.value:g}", "calculator", f"{len(right)} of {len(gold)} inputs of {found.name} right")


def right_answer(columns: Mapping[str, Any]) -> str:
    """The gold inputs and the result they give, line by line."""
    formula, inputs = formula_named(str(columns.get("formula"))), columns.get("inputs")
    gold = gold_inputs(formula, inputs) if formula and isinstance(inputs, Mapping) else None
    if formula is None or gold is None:
        return gold_text(columns.get("answer"))
    shown = [f"{name} = {value if isinstance(value, str) else f'{value.value:.10g}'}" for name, value in gold.items()]
    return "\n".join([*shown, f"result = {recomputed(formula, gold):.6g}"])


def gold_inputs(formula: Formula, inputs: Mapping[str, object]) -> dict[str, Amount | str] | None:
    """The formula's inputs by name; None where one is missing or unreadable."""
    gold: dict[str, Amount | str] = {}
    for key, value in inputs.items():
        name = quantity_named(key)
        if name in formula.inputs:
            shown = " ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
            if (read := read_input(shown, name)) is None:
                return None
            gold[name] = read
    return gold if recomputed(formula, gold) is not None else None


def stated(text: str, formula: Formula) -> tuple[dict[str, Amount | str], Amount | None, str]:
    """(inputs, result, problem or '') of an answer; names that the formula does not use are left aside."""
    results = RESULT | {plain(name) for name in (formula.name, *formula.also)}
    said: dict[str, Amount | str] = {}
    result: Amount | None = None
    for key, value in statements(text):
        name = quantity_named(key)
        if plain(key) in results:
            read = measured(value, formula.units)
            if read is None or result not in (None, read):
                return said, None, f"{key} = {value[:60]!r} cannot be read, or is a second result"
            result = read
        elif name in formula.inputs:
            entry = read_input(value, name)
            if entry is None or said.get(name, entry) != entry:
                return said, None, f"{key} = {value[:60]!r} cannot be read, or is stated twice"
            said[name] = entry
    return said, result, ""


def recomputed(formula: Formula, inputs: Mapping[str, Amount | str]) -> float | None:
    """The formula's result; None where it has none (an input missing, a division by zero)."""
    try:
        due = formula.compute(**{name: read if isinstance(read, str) else read.value for name, read in inputs.items()})
    except (TypeError, ValueError, ArithmeticError):
        return None
    return due if isinstance(due, int | float) and math.isfinite(due) else None


def same(said: Amount | str, gold: Amount | str) -> bool:
    """Whether an input is the gold one, within 1 % where it is stated in a unit of another size."""
    if isinstance(said, str) or isinstance(gold, str):
        return said == gold
    return close(said, gold.value, 0.0 if said.scale == gold.scale else 0.01)


def close(said: Amount, due: float, tolerance: float) -> bool:
    """Whether a number is another within a relative tolerance, or rounded from it to two digits or more."""
    return abs(said.value - due) <= max(said.half_step if said.digits > 1 else 0.0, tolerance * abs(due), 1e-9)


def agrees(formula: Formula, gold: Mapping[str, Amount | str], answer: object) -> bool:
    """Whether the gold answer, if there is one, is the formula's result of the gold inputs, within 5 %."""
    due = recomputed(formula, gold)
    read = measured(str(answer), formula.units) if answer is not None else None
    return due is not None and (read is None or close(read, due, 0.05))
