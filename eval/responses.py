"""One saved response: its JSON text read, brought into our columns and checked before it is graded."""

import json
from collections.abc import Mapping
from typing import Any

from data.example import KINDS
from eval import medevalkit
from recipes.problems import hint, shown
from rewards.library.option_choice import gold_letter
from rewards.reading.gold import infer_kind
from rewards.reading.option_words import lettered

NEEDED = ("id", "completion", "gold")
MOST_SAMPLES = 100_000  # of one item
Row = dict[str, Any]


class BadRow(ValueError):
    """Not a whole row; the message ends in a remedy."""


def read(text: bytes, number: int) -> Row:
    """A row from its JSON text, with `gold`; MedEvalKit's items are recognised. BadRow says what is wrong.

    text: with a line break behind it, unless it is the end of a file that was cut off. number: see Saved.
    """
    row = _object(text)
    if medevalkit.is_item(row):
        row = medevalkit.row(row, number)
    if lacking := [name for name in NEEDED if name not in row and not (name == "gold" and "answer" in row)]:
        raise BadRow(f"the row lacks {', '.join(lacking)}; add the column")
    gold, answer = row.get("gold"), row.get("answer")
    if None not in (gold, answer) and gold != answer:
        raise BadRow(f"gold {shown(gold)} and answer {shown(answer)} contradict each other; delete one of them")
    row["gold"] = answer if gold is None else gold
    _check_types(row)
    _check_gold(row)
    return row


def kind_of(row: Row) -> str:
    """The kind of a row, inferred where it states none."""
    return row.get("kind") or infer_kind(row["gold"], row.get("options"))


def _object(text: bytes) -> Row:
    try:
        row = json.loads(text)
    except (ValueError, RecursionError) as error:
        if text.endswith(b"\n"):
            raise BadRow(f"not JSON ({error}); mend or delete the row") from None
        raise BadRow(f"cut off or damaged from here on ({error}); let its writer finish, or cut it back") from None
    if not isinstance(row, dict):
        raise BadRow(f"a row must be an object, not {type(row).__name__}; is this a file of responses?")
    return row


def _check_types(row: Row) -> None:
    """Also makes a mapping of options that Parquet gives as pairs."""
    options = row.get("options")
    if isinstance(options, list) and options and isinstance(options[0], list | tuple):
        row["options"] = options = dict(options)
    if row.get("n_tokens") != row.get("n_tokens"):
        row["n_tokens"] = None  # NaN: how a column of numbers that were not all known is saved
    wrong = {
        "id": not isinstance(row["id"], str | int),
        "completion": not isinstance(row["completion"], str | None),
        "sample": not isinstance(row.get("sample", 0), int) or not 0 <= row.get("sample", 0) < MOST_SAMPLES,
        "options": not isinstance(options, Mapping | list | None),
        "n_tokens": not isinstance(row.get("n_tokens"), int | float | None),
    }
    for name, is_wrong in wrong.items():
        if is_wrong:
            raise BadRow(f"{name} {shown(row[name])} is of the wrong kind ({MEANT[name]}); mend the column")
    if kind_of(row) not in KINDS:
        said = str(row["kind"])
        raise BadRow(f"kind {shown(said)} is none of {', '.join(KINDS)}{hint(said, KINDS)}; mend it or leave it out")


MEANT = {
    "id": "text or a number",
    "completion": "text or null",
    "sample": "a number from 0",
    "options": "letter -> text, a list, or null",
    "n_tokens": "a number or null",
}


def _check_gold(row: Row) -> None:
    """BadRow for an answer that is none of the options it is to be chosen from."""
    choices = lettered(row.get("options"))
    gold = row["gold"]
    if kind_of(row) == "option" and choices and gold is not None:
        outside = [gold] if gold_letter(gold, choices) is None else []
    else:
        letters = [one for one in gold if len(str(one).strip()) == 1] if isinstance(gold, list) and choices else []
        outside = [one for one in letters if gold_letter(str(one), choices) is None]
    if outside:
        raise BadRow(f"the answer {shown(outside[0])} is none of the options {', '.join(choices)}; mend one of them")
