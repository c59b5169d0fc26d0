"""MedEvalKit's results.json: its items as rows that our graders read, with its own verdict kept.

https://github.com/alibaba-damo-academy/MedEvalKit, read at commit 9b12e3b and in forks that keep their runs. Its items
are the data set's own fields and, whatever the set, `answer` (a letter, or a text), `response`, `correct` once they
have been scored, and for questions with options `choices`: a list of "A. text", "A.text" or text alone. Its MMMU
validation files (parsed_output.json) name them `index2ans` and `judge`; report sets have `findings` and `impression`.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from data.sets.slake import POLARITY
from rewards.reading.option_words import LETTERS

Item = Mapping[str, Any]
IDS = ("id", "question_id", "uuid")  # of MedMCQA, MedXpertQA, CMB and MMMU; of OmniMedVQA; of SuperGPQA
ASKED = re.compile(r"\s*(?:Question:|问题:|问题：)\s*(.*?)\s*\n(?:Options:|选项:|选项：)", re.DOTALL)


def is_item(row: Item) -> bool:
    """Whether a row is one of MedEvalKit's rather than of ours: it has a response and no completion."""
    return "response" in row and "completion" not in row


def row(item: Item, number: int) -> dict[str, Any]:
    """An item in our columns; what it lacks is absent. `number` is its id where it has none.

    `theirs` is its own verdict (None before scoring), `type` its own split: choice, closed or open. A question is
    closed where the set says so (SLAKE, Rad-ReStruct) or else where the gold is yes or no (VQA-RAD, PathVQA).
    """
    options = _options(item)
    own = next((item[name] for name in IDS if item.get(name) is not None), number)
    found: dict[str, Any] = {"id": str(own), "completion": item["response"], "options": options}
    found["question"] = item.get("question") or item.get("Question") or _asked(item.get("prompt"))
    found |= _gold(item)
    found["type"] = "choice" if options else "closed" if _is_closed(item) else "open"
    found |= {ours: item[name] for ours, name in (("language", "lang"), ("modality", "modality_type")) if name in item}
    return {**found, "theirs": _verdict(item)}


def _gold(item: Item) -> dict[str, Any]:
    if item.get("lang") == "zh" and _is_closed(item) and (polarity := POLARITY.get(str(item.get("answer")).strip())):
        return {"gold": polarity, "kind": "yesno"}  # SLAKE's Chinese yes and no
    if "answer" in item:
        # a list is a choice of wordings (MMMU's open questions), not a set of answers: no grader of ours reads it
        return {"gold": item["answer"]} | ({"kind": "text"} if isinstance(item["answer"], list) else {})
    if "findings" in item or "impression" in item:
        parts = [item.get(name) for name in ("findings", "impression")]
        return {"gold": " ".join(part for part in parts if part), "kind": "report"}
    return {}


def _options(item: Item) -> dict[str, str] | None:
    """Letter -> text without its letter; None for questions that were asked without options."""
    if index := item.get("index2ans"):
        return dict(index)
    choices = item.get("choices")
    if not isinstance(choices, list) or item.get("answer_type") == "single_choice":
        return None  # Rad-ReStruct asks such questions for yes or no, and shows no options
    return unlabelled([str(choice) for choice in choices])


def unlabelled(choices: Sequence[str]) -> dict[str, str]:
    """Letter -> text of a list of options; letters are cut off where every option bears the one of its place.

    >>> unlabelled(["A. liver", "B.spleen"]), unlabelled(["(A) liver", "spleen"])
    ({'A': 'liver', 'B': 'spleen'}, {'A': '(A) liver', 'B': 'spleen'})
    """
    labels = [
        re.match(rf"\s*\(?{letter}\s*[.:)：．、]\s*", text) for letter, text in zip(LETTERS, choices, strict=False)
    ]
    starts = [label.end() for label in labels if label]
    starts = starts if len(starts) == len(choices) else [0] * len(choices)
    return {letter: text[start:].strip() for letter, text, start in zip(LETTERS, choices, starts, strict=False)}


def _asked(prompt: object) -> str | None:
    """The question within a prompt, for sets that save nothing else (PMC-VQA, MedQA)."""
    if not isinstance(prompt, str):
        return None
    match = ASKED.match(prompt)
    return match[1] if match else prompt.strip()


def _is_closed(item: Item) -> bool:
    if (stated := item.get("answer_type")) is not None:
        return str(stated).upper() in ("CLOSED", "SINGLE_CHOICE")
    return str(item.get("answer")).strip().lower() in ("yes", "no")


def _verdict(item: Item) -> bool | None:
    if item.get("judge") in ("Correct", "Wrong"):
        return item["judge"] == "Correct"
    return bool(item["correct"]) if item.get("correct") in (True, False) else None
