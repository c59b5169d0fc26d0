"""What is shown to a model that learns from a row: its reasoning with the answer, the answer alone, or a teacher's
demonstration of mixed quality (sft/teacher.py)."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

from data import Example
from data.prompt import messages
from recipes import BadInput, Recipe
from sft.samples import Sample
from sft.teacher import demonstrate

BARE = ("paper",)  # prompt styles that ask for the answer and nothing else


def samples(recipe: Recipe, examples: Sequence[Example]) -> list[Sample]:
    """What the model learns from, one sample an example, drawn by the run's seed.

    Rows with a trace are thinking samples, but for the share `1 - data.thinking`; these and rows without a trace are
    asked to answer directly (style "direct" where `data.prompt` is "think") and show the answer alone. With a teacher
    every row needs a trace.
    """
    rng = random.Random(recipe.run.seed)
    return [_sample(example, said, style) for example, said, style in _shown(recipe, examples, rng)]


def _shown(recipe: Recipe, examples: Sequence[Example], rng: random.Random) -> Iterator[tuple[Example, str, str]]:
    style, share = recipe.data.prompt, recipe.data.thinking
    for example in examples:
        if recipe.data.teacher:
            if not example.meta.get("trace"):
                raise BadInput([f"{recipe.path}: example {example.id} has no reasoning trace to imitate"])
            yield example, demonstrate(example, rng, **recipe.data.teacher.model_dump()), style
        elif example.meta.get("trace") and (share == 1 or rng.random() < share):
            yield example, thinking(example, style), style
        else:
            yield example, direct(example, style), "direct" if style == "think" else style


def _sample(example: Example, said: str, style: str) -> Sample:
    asked = messages(example, style)
    return Sample(example.id, (*asked, {"role": "assistant", "content": said}), example.images, learnt=(len(asked),))


def thinking(example: Example, style: str) -> str:
    """The row's trace and its answer, as the style asks for them."""
    if style == "reasoning":
        return f"{example.meta['trace']}\n\\boxed{{{gold(example)}}}"
    return f"<think>{example.meta['trace']}</think><answer>{gold(example)}</answer>"


def direct(example: Example, style: str) -> str:
    """The row's answer, as the style asks for it."""
    if style in BARE or example.meta.get("rubrics") is not None:
        return gold(example)
    return f"\\boxed{{{gold(example)}}}" if style == "reasoning" else f"<answer>{gold(example)}</answer>"


def gold(example: Example) -> str:
    return ", ".join(example.golds)
