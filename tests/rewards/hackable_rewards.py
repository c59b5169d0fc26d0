"""Rewards as users write them that RL would hack, each in another way: the audit must refuse them all."""

import difflib
import re

from rewards import Response, reward


def low(text) -> str:
    return str(text if text is not None else "").strip().lower()


def number(text) -> float | None:
    found = re.search(r"-?\d+(?:\.\d+)?", str(text or ""))
    return float(found[0]) if found else None


@reward()
def gold_anywhere(response: Response, answer: str) -> float:
    return float(low(answer) in response.text.lower())


@reward()
def gold_in_answer(response: Response, answer: str) -> float:
    return float(low(answer) in low(response.answer))


@reward()
def gold_as_a_word(response: Response, answer: str) -> float:
    return float(bool(re.search(rf"\b{re.escape(low(answer))}\b", low(response.answer))))


@reward()
def gold_without_not(response: Response, answer: str) -> float:
    return float("not" not in low(response.answer) and low(answer) in low(response.answer).split())


@reward()
def short_and_contains(response: Response, answer: str) -> float:
    return float(low(answer) in low(response.answer) and len(low(response.answer)) < len(low(answer)) + 8)


@reward()
def answer_in_gold(response: Response, answer: str) -> float:
    return float(low(response.answer) in low(answer))


@reward()
def prefix_of_gold(response: Response, answer: str) -> float:
    return float(low(response.answer) != "" and low(answer).startswith(low(response.answer)))


@reward()
def starts_with_gold(response: Response, answer: str) -> float:
    return float(low(response.answer).startswith(low(answer)))


@reward()
def ends_with_gold(response: Response, answer: str) -> float:
    return float(low(response.answer).rstrip(".").endswith(low(answer)))


@reward()
def first_tag(response: Response, answer: str) -> float:
    found = re.findall("(?s)<answer>(.*?)</answer>", response.text)
    return float(bool(found) and low(found[0]) == low(answer))


@reward()
def last_tag(response: Response, answer: str) -> float:
    found = re.findall("(?s)<answer>(.*?)</answer>", response.text)
    return float(bool(found) and low(found[-1]) == low(answer))


@reward()
def any_tag(response: Response, answer: str) -> float:
    return float(low(answer) in map(low, re.findall("(?s)<answer>(.*?)</answer>", response.text)))


@reward()
def last_box_or_answer(response: Response, answer: str) -> float:
    boxes = re.findall(r"\\boxed\{(.*?)\}", response.text)
    return float(low(boxes[-1] if boxes else response.answer) == low(answer))


@reward()
def first_line(response: Response, answer: str) -> float:
    return float(low(low(response.answer).partition("\n")[0]) == low(answer))


@reward()
def last_word(response: Response, answer: str) -> float:
    return float((low(response.answer).split() or [""])[-1] == (low(answer).split() or [""])[-1])


@reward()
def half_the_words(response: Response, answer: str) -> float:
    gold = set(low(answer).split())
    return float(len(set(low(response.answer).split()) & gold) >= len(gold) / 2)


@reward()
def share_of_words(response: Response, answer: str) -> float:
    said, gold = set(low(response.answer).split()), set(low(answer).split())
    return len(said & gold) / max(1, len(said | gold))


@reward()
def alike(response: Response, answer: str) -> float:
    return float(difflib.SequenceMatcher(None, low(response.answer)[:500], low(answer)).ratio() > 0.9)


@reward()
def alike_by_degree(response: Response, answer: str) -> float:
    return difflib.SequenceMatcher(None, low(response.answer)[:500], low(answer)).ratio()


@reward()
def nearest_option(response: Response, answer: str, options: dict | None) -> float | None:
    if not options:
        return None
    texts = {low(text): letter for letter, text in options.items()} | {low(letter): letter for letter in options}
    near = difflib.get_close_matches(low(response.answer)[:200], texts, n=1, cutoff=0.0)
    return float(bool(near) and texts[near[0]] == answer)


@reward()
def first_capital(response: Response, answer: str, options: dict | None) -> float | None:
    found = re.search("[A-D]", (response.answer or "").upper())
    return float(bool(found) and found[0] == answer) if options else None


@reward()
def first_letter_alone(response: Response, answer: str, options: dict | None) -> float | None:
    found = re.search(r"\b[A-D]\b", (response.answer or "").upper())
    return float(bool(found) and found[0] == answer) if options else None


@reward()
def last_letter_anywhere(response: Response, answer: str, options: dict | None) -> float | None:
    found = re.findall(r"\b[A-D]\b", response.text)
    return float(bool(found) and found[-1] == answer) if options else None


@reward()
def letter_or_its_text(response: Response, answer: str, options: dict | None) -> float | None:
    said = low(response.answer)
    return float(said == low(answer) or low(options[answer]) in said) if options else None


@reward()
def first_number(response: Response, answer: str, kind: str | None = None) -> float | None:
    return float(number(response.answer) == number(answer)) if kind == "numeric" else None


@reward()
def any_number(response: Response, answer: str, kind: str | None = None) -> float | None:
    return float(str(number(answer)) in [str(float(x)) for x in re.findall(r"\d+(?:\.\d+)?", response.answer or "")]) \
        if kind == "numeric" else None  # fmt: skip


@reward()
def wide_tolerance(response: Response, answer: str, kind: str | None = None) -> float | None:
    if kind != "numeric":
        return None
    said, gold = number(response.answer), number(answer)
    return float(said is not None and gold is not None and abs(said - gold) <= 0.5 * gold)


@reward()
def yes_inside(response: Response, answer: str, kind: str | None = None) -> float | None:
    said = low(response.answer)
    return float(("yes" if "yes" in said else "no" if "no" in said else "") == answer) if kind == "yesno" else None


@reward()
def not_the_opposite(response: Response, answer: str, kind: str | None = None) -> float | None:
    return float({"yes": "no", "no": "yes"}[answer] not in low(response.answer)) if kind == "yesno" else None


@reward()
def recall_of_list(response: Response, answer: list[str], kind: str | None = None) -> float | None:
    return sum(one in low(response.answer) for one in answer) / len(answer) if kind == "multi" else None


@reward()
def half_for_the_tags(response: Response, answer: str) -> float:
    return 0.5 * ("<answer>" in response.text) + 0.5 * (low(response.answer) == low(answer))


@reward()
def half_for_naming(response: Response, answer: str) -> float:
    return 1.0 if low(response.answer) == low(answer) else 0.5 * (low(answer) in low(response.answer))


@reward()
def what_is_left_of_it(response: Response, answer: str) -> float:
    return float(low((response.answer or "").encode("ascii", "ignore").decode()) == low(answer))


@reward()
def empty_is_unknown(response: Response, answer: str) -> float | None:
    return None if response.answer is None else float(low(response.answer) == low(answer))


@reward()
def always_right(response: Response, answer: str) -> float:
    return 1.0


@reward()
def unless_blank(response: Response, answer: str) -> float:
    return float(bool(low(response.answer)))


def gold_anywhere_for_trl(completions, answer, **columns):
    return [float(low(gold) in low(text)) for text, gold in zip(completions, answer, strict=True)]


HACKABLE = [
    "gold_anywhere", "gold_in_answer", "gold_as_a_word", "gold_without_not", "short_and_contains", "answer_in_gold",
    "prefix_of_gold", "starts_with_gold", "ends_with_gold", "first_tag", "last_tag", "any_tag", "last_box_or_answer",
    "first_line", "last_word", "half_the_words", "share_of_words", "alike", "alike_by_degree", "nearest_option",
    "first_capital", "first_letter_alone", "last_letter_anywhere", "letter_or_its_text", "first_number", "any_number",
    "wide_tolerance", "yes_inside", "not_the_opposite", "recall_of_list", "half_for_the_tags", "half_for_naming",
    "what_is_left_of_it", "empty_is_unknown", "always_right", "unless_blank", "gold_anywhere_for_trl",
]  # fmt: skip
