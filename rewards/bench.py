"""How long a verdict takes, parsing included."""

import time

from rewards.cases import ROWS, tagged
from rewards.contract import Reward
from rewards.hacks import hedges, worded
from rewards.registry import load, names
from rewards.response import parse

WORDS = "The finding is weighed against the history, the range of normal and the other signs in this patient. "


def responses(thinking_words: int = 250) -> list[tuple[str, dict[str, object]]]:
    """Typical responses of about 300 tokens, right and wrong, each different, with their columns."""
    thinking = (WORDS * (thinking_words // 18)).strip()
    found = [(tagged(row.gold, f"{thinking} Case {i}."), row.columns) for i, row in enumerate(ROWS)]
    prose = [(row, text) for row in ROWS for _, text in (worded(row.wrong[0])[1], hedges(row.gold, *row.wrong)[1])]
    tricks = [(text, row.columns) for row, text in prose]
    return found + [(f"<think>{thinking}</think>{text}", columns) for text, columns in tricks]


def bench(seconds: float = 0.2) -> list[dict[str, object]]:
    """Microseconds a call of every reward of the library takes, on one core, over the same responses."""
    work = responses()
    rows: list[dict[str, object]] = []
    for name in names():
        reward = load(name)
        if isinstance(reward, Reward) and not reward.is_async:  # what waits for a network is not timed
            rows.append({"reward": name, **timed(reward, work, seconds)})
    return rows


def timed(reward: Reward, work: list[tuple[str, dict[str, object]]], seconds: float) -> dict[str, float]:
    """{us_per_call, calls_per_s} of one reward."""
    calls = 0
    start = time.perf_counter()
    while (spent := time.perf_counter() - start) < seconds:
        for text, columns in work:
            reward(parse(text, n_tokens=300), **columns)
        calls += len(work)
    return {"us_per_call": round(spent / calls * 1e6, 1), "calls_per_s": round(calls / spent)}
