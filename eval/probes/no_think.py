"""Thinking switched off by the prompt: what reasoning adds is what is lost."""

import random
from collections.abc import Sequence
from dataclasses import replace

from data import Example
from eval.probes import Asked

ABOUT = "the answer asked for at once, without thinking: what is lost is what thinking adds"
STYLES = {"think": "direct", "reasoning": "paper", "plain": "direct"}  # the same form of answer, without reasoning


def applies(item: Example) -> bool:
    return True


def ask(asked: Asked, others: Sequence[Example], rng: random.Random) -> Asked:
    return replace(asked, style=STYLES.get(asked.style, asked.style))
