"""A model's own right answers as reasoning to learn from: rejection sampling over a finished evaluation.

`{use: kept_traces, path: outputs/nano/traces/clinic_train@8, most: 2}`: the questions of the folder SUITE@k that
`python -m eval run` left, with the thinking of answers that its grader took for right (STaR, Zelikman et al. 2022). The
rows are those of the set that was asked, pictures and all, with ids of their own; the column `trace` is the thinking,
`agreement` the share of the question's graded answers that were right.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import rewards
from data import answered, registry
from data.example import KINDS, Example
from data.registry import SetInfo
from data.sets._release import sample
from data.synth.leaks import leak
from recipes import BadInput, from_root, hint

NAME = "kept_traces"
CHOICES = ("shortest", "drawn")

ABOUT = SetInfo(
    name=NAME,
    splits=("train",),
    license="that of its rows",
    kinds=KINDS,
    text="right answers of an evaluation with their thinking, named by its folder: path=outputs/x/clinic_train@8",
    extra=("trace", "agreement"),
    remedy="make it with `python -m eval run --suite SET_train --samples 8`",
    verified=True,
)


class Tried(NamedTuple):
    """The samples of one question: a digest of what was asked, how many were graded and right, and the thinking of
    those that were right, as (sample, text)."""

    asked_as: str
    graded: int
    right: int
    traces: list[tuple[int, str]]


def load(
    split: str,
    *,
    n: int | None = None,
    seed: int = 0,
    path: str = "",
    most: int = 1,
    choose: str = "shortest",
    agree: float = 0.0,
) -> list[Example]:
    """All rows, or n of them at random, in the order of the questions.

    most: traces of a question. choose: the shortest, or drawn by the seed. agree: the least share of a question's
    graded answers that must be right. Answers that were cut off or show no thinking, a thinking that comes twice, and
    one that cites or leaks the gold (data.synth.leaks) are left out. BadInput for a folder that is no finished
    evaluation, one of held-out items or under a probe, and where its questions have changed since.
    """
    _judge(most, choose, agree)
    place = _place(path)
    try:
        tried, rows = _tried(place), _asked(place)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadInput([f"{NAME}: {place}: not a whole evaluation ({error!r}); run it again"]) from error
    if changed := [name for name, one in tried.items() if name not in rows or _digest(rows[name]) != one.asked_as]:
        text = f"{len(changed)} of {len(tried)} questions are not in the set as they were asked, such as {changed[0]}"
        raise BadInput([f"{NAME}: {place}: {text}; run the evaluation again"])
    made = [new for name, one in tried.items() for new in _kept(rows[name], one, most, choose, agree, seed)]
    if not made:
        text = "no right answer shows a thinking that can be kept; sample more, or lower `agree`"
        raise BadInput([f"{NAME}: {place}: {text}"])
    return sample(made, n, seed, f"{NAME}/{path}")


def _judge(most: object, choose: object, agree: object) -> None:
    problems = []
    if type(most) is not int or most < 1:
        problems.append(f"{NAME}: most is {most!r}, it must be at least 1")
    if choose not in CHOICES:
        problems.append(f"{NAME}: choose is {choose!r}{hint(str(choose), CHOICES)}; it must be {' or '.join(CHOICES)}")
    if not isinstance(agree, int | float) or not 0 <= agree <= 1:
        problems.append(f"{NAME}: agree is {agree!r}, it must be a share from 0 to 1")
    if problems:
        raise BadInput(problems)


def _place(path: str) -> Path:
    place = from_root(path)
    if not path or not (place / answered.RESULT).is_file():
        told = f"{place} holds no finished evaluation ({answered.RESULT})" if path else "no evaluation is named"
        raise BadInput([f"{NAME}: {told}; path is OUT/SUITE@k as `python -m eval run` left it"])
    return place


def _tried(place: Path) -> dict[str, Tried]:
    """Question id -> its samples, in the order asked."""
    found: dict[str, Tried] = {}
    for row, verdict in answered.samples(place):
        one = found.get(row["id"]) or Tried(answered.digest(row["question"], row["gold"]), 0, 0, [])
        is_right = verdict["correct"] is True
        if is_right and (trace := _thinking(row)):
            one.traces.append((row.get("sample", 0), trace))
        found[row["id"]] = one._replace(
            graded=one.graded + (verdict["correct"] is not None), right=one.right + is_right
        )
    return found


def _thinking(row: dict[str, Any]) -> str:
    """What a whole answer thought before it; "" for one that was cut off or has no answer outside its thinking."""
    said = rewards.parse(row["completion"], truncated=bool(row.get("truncated")))
    return (said.thinking or "").strip() if said.answer and not said.truncated else ""


def _asked(place: Path) -> dict[str, Example]:
    """Id -> row of the set that was asked, read again: responses hold no pictures."""
    settings = json.loads((place / answered.RESULT).read_text(encoding="utf-8"))["settings"]
    asked = settings["data"]
    use, split = asked["use"], asked["split"]
    if split in ("test", registry.describe(use).benchmark):
        raise BadInput([f"{NAME}: {place}: {use}/{split} is held out, nothing may be learnt from it; ask train"])
    if settings.get("probe"):
        raise BadInput([f"{NAME}: {place}: was asked under the probe {settings['probe']}; name the folder without it"])
    rows = registry.load(use, split, n=asked["n"], seed=asked["seed"], **asked["knobs"])
    return {row.id: row for row in rows}


def _digest(row: Example) -> str:
    return answered.digest(row.question, row.answer)


def _kept(row: Example, one: Tried, most: int, choose: str, agree: float, seed: int) -> Iterator[Example]:
    """The question once for each trace that is kept of it."""
    if not one.right or one.right < agree * one.graded:
        return
    different = {trace: number for number, trace in reversed(one.traces)}  # of equal ones the first
    good = [(number, trace) for trace, number in different.items() if leak(row, trace) is None]
    for number, trace in _chosen(row.id, sorted(good), most, choose, seed):
        meta = {**row.meta, "trace": trace, "agreement": one.right / one.graded}
        yield replace(row, id=f"{NAME}/{row.id}#{number}", meta=meta)


def _chosen(name: str, good: Sequence[tuple[int, str]], most: int, choose: str, seed: int) -> Sequence[tuple[int, str]]:
    if choose == "shortest":
        return sorted(good, key=lambda one: (len(one[1]), one[0]))[:most]
    return random.Random(f"{NAME}/{seed}/{name}").sample(good, min(most, len(good)))
