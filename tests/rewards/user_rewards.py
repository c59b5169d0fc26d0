"""Rewards as users write them: honest ones that the audit must pass, and ones broken otherwise than by hacks."""

import random
import re

from rewards import Response, Score, reward


def low(text) -> str:
    return str(text if text is not None else "").strip().lower()


# --- honest


@reward(low=0.0, high=1.0)
def concise(response: Response, max_tokens: int = 200) -> float | None:
    """1 if the reasoning stays within max_tokens; cannot say where nobody counted the tokens."""
    return None if response.n_tokens is None else float(response.n_tokens <= max_tokens)


@reward()
def exact(response: Response, answer: str) -> float:
    return float(low(response.answer) == low(answer))


@reward()
def exact_with_why(response: Response, answer: str | list[str]) -> Score:
    want = ", ".join(answer) if isinstance(answer, list) else answer
    return Score(float(low(response.answer) == low(want)), response.answer, "exact", "compared")


@reward()
def exact_letter(response: Response, answer: str, options: dict | None) -> float | None:
    return float(low(response.answer).strip("().* ") == low(answer)) if options else None


@reward()
def exact_yes_or_no(response: Response, answer: str) -> float:
    return float(low(answer) in ("yes", "no") and low(response.answer).strip("*.") == low(answer))


@reward(low=-1.0)
def exact_in_another_range(response: Response, answer: str) -> float:
    return 1.0 if low(response.answer) == low(answer) else -1.0


def exact_for_trl(completions, answer, **columns):
    answers = [re.sub(r"(?s)<think>.*?(</think>|$)", "", text) for text in completions]
    found = [re.findall(r"(?s)<answer>(.*?)</answer>", text) for text in answers]
    return [float({low(one) for one in said} == {low(gold)}) for said, gold in zip(found, answer, strict=True)]


@reward()
def few_letters(response: Response, most: int = 1000) -> float:
    return max(0.0, 1 - len(response.text) / most)


@reward()
def some_thinking(response: Response, words: int = 50) -> float:
    return min(1.0, len((response.thinking or "").split()) / words)


@reward(form=True)
def no_bold(response: Response) -> float:
    return float("*" not in response.text)


HONEST = [
    "concise", "exact", "exact_with_why", "exact_letter", "exact_yes_or_no", "exact_in_another_range", "few_letters",
    "some_thinking", "no_bold",
]  # fmt: skip


# --- broken in another way: name, and the group of the audit that says so


@reward()
def always_wrong(response: Response, answer: str) -> float:
    return 0.0


@reward()
def minds_case(response: Response, answer: str) -> float:
    return float(response.answer == answer)


@reward()
def minds_space(response: Response, answer: str) -> float:
    return float(f"<answer>{answer}</answer>".lower() in response.text.lower() and exact(response, answer=answer).value)


@reward()
def raises(response: Response, answer: str) -> float:
    return float(response.answer.strip() == answer)  # pyright: ignore


@reward()
def out_of_range(response: Response) -> float:
    return float(len(response.text))


@reward()
def not_a_number(response: Response) -> float:
    return float("nan")


@reward()
def wrong_type(response: Response):
    return "good"


calls = []


@reward()
def moody(response: Response) -> float:
    calls.append(1)
    return float(len(calls) % 2)


@reward()
def rarely_random(response: Response, answer: str) -> float:
    return float(low(response.answer) == low(answer) and random.random() < 0.9)


@reward()
def hashed(response: Response) -> float:
    return float(hash(response.text) % 2)


@reward()
def slow(response: Response) -> float:
    sum(1 for i in range(min(len(response.text), 6000)) for j in range(min(len(response.text), 600)))
    return 0.0


@reward()
def changes_its_row(response: Response, options: dict | None) -> float:
    if options:
        options.clear()
    return 0.0


@reward()
def likes_bold(response: Response) -> float:
    return float("*" in response.text)


@reward()
def likes_capitals(response: Response) -> float:
    return float(response.text.upper() == response.text)


BROKEN = [
    ("always_wrong", "gold"), ("minds_case", "case"), ("minds_space", "space"), ("raises", "in range"),
    ("out_of_range", "in range"), ("not_a_number", "in range"), ("wrong_type", "in range"), ("moody", "deterministic"),
    ("rarely_random", "deterministic"), ("hashed", "other process"), ("slow", "speed"),
    ("changes_its_row", "row left alone"), ("likes_bold", "markdown"),
]  # fmt: skip
