"""Other words around the same question: an answer that hangs on the wording is no knowledge."""

import random
from collections.abc import Sequence
from dataclasses import replace

from data import Example
from eval.probes import Asked

ABOUT = "other words around the same question: an answer that hangs on the wording is no knowledge"
FRAMES = {
    "en": (
        "Please consider this question carefully.\n{}",
        "A colleague asks you: {}",
        "Here is a question from daily practice.\n{}",
        "{}\nAnswer as precisely as you can.",
    ),
    "zh": (
        "请仔细考虑这个问题。\n{}",
        "一位同事问你：{}",
        "这是一个来自日常工作的问题。\n{}",
        "{}\n请尽可能准确地回答。",
    ),
}


def applies(item: Example) -> bool:
    return True


def ask(asked: Asked, others: Sequence[Example], rng: random.Random) -> Asked:
    frames = FRAMES["zh" if asked.item.columns().get("language") == "zh" else "en"]
    return replace(asked, item=replace(asked.item, question=rng.choice(frames).format(asked.item.question)))
