"""Demonstrations of mixed quality, as distilled medical data are.

A careful demonstration works the item out (the data set's own reasoning trace); a hasty one names an answer
after a few words. Both are wrong at stated rates. A base that imitates such a teacher holds both ways of
answering; which one pays is what reinforcement learning has to find out.
"""

import random
from collections.abc import Sequence

from data import Example

HASTY = "it looks like {answer}"


def demonstrate(
    example: Example, rng: random.Random, *, careful: float = 1.0, careful_right: float = 1.0, hasty_right: float = 1.0
) -> str:
    """One completion for `example`: `<think>…</think><answer>…</answer>`.

    Args:
        careful: share of careful demonstrations; the rest are hasty.
        careful_right, hasty_right: share of each whose answer is right. A wrong answer is one of the
            example's distractors; a careful trace is kept as it stands and only its conclusion is wrong.
    """
    is_careful = rng.random() < careful
    is_right = rng.random() < (careful_right if is_careful else hasty_right)
    gold = ", ".join(example.golds)
    answer = gold if is_right else rng.choice(wrong_answers(example))
    thinking = str(example.meta["trace"]) if is_careful else HASTY.format(answer=answer)
    return f"<think>{thinking}</think><answer>{answer}</answer>"


def wrong_answers(example: Example) -> Sequence[str]:
    distractors = example.meta.get("distractors")
    if not distractors:
        raise ValueError(f"example {example.id} has no distractors: a hasty teacher needs wrong answers to give")
    return distractors
