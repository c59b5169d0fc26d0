"""HealthBench: conversations about health whose next reply is judged by a rubric that physicians wrote.

Arora RK et al., HealthBench: Evaluating Large Language Models Towards Improved Human Health (2025). Read from the
release's three files, or from the hub: main (5,000 conversations), and of their conversations consensus (3,671, only
with criteria that many physicians agree on) and hard (1,000). The parts share conversations, so they are asked one by
one; `cluster` is the conversation.

The question is the last turn; the turns before it are the column `history`. The gold of a row is a physician's reply
where the release has one, else REPLY: nothing is compared with it, the reward `rubric` grades by `rubrics`. Not all
conversations are in English and none says which it is in, so there is no column `language`. `question_type` is the
row's theme.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from data.example import Example
from data.registry import SetInfo
from data.sets._items import Row, chosen, examples, hub_file, rows_of
from data.sets._release import clean, sample, table

NAME = "healthbench"
HUB = "openai/healthbench"
LICENSE = "MIT"
FILES = {
    "main": "2025-05-07-06-14-12_oss_eval.jsonl",
    "consensus": "consensus_2025-05-09-20-00-46.jsonl",
    "hard": "hard_2025-05-08-21-00-10.jsonl",
}
REPLY = "(no one right reply: see the rubric)"
COLUMNS = ("prompt_id", "example_tags", "rubrics")  # official names

ABOUT = SetInfo(
    name=NAME,
    splits=("test",),
    license=LICENSE,
    kinds=("text",),
    text="conversations about health, the reply judged by a physicians' rubric",
    hub=HUB,
    extra=("part", "cluster", "question_type", "history", *COLUMNS),
    citation="Arora RK et al., HealthBench: Evaluating Large Language Models Towards Improved Human Health, 2025,"
    " arXiv 2505.08775",
    remedy=f"run `hf download {HUB} --repo-type dataset --local-dir {{place}}`",
    rows={"test": 5000},
    benchmark="test",
    metric="rubric",
)


def load(
    split: str,
    *,
    n: int | None = None,
    seed: int = 0,
    part: str | Sequence[str] = "main",
    source: str = "auto",
    hub: str = HUB,
) -> list[Example]:
    """The test split, or n rows of it at random.

    part: one or several of main, consensus and hard; source: files, hub, or auto (files where their folder is, else the
    hub); hub: the id there.
    """
    found: list[Example] = []
    for name in chosen(ABOUT, "part", part, FILES):
        where, rows = rows_of(ABOUT, FILES[name], source, partial(_hub, hub, FILES[name]))
        found += examples(ABOUT, where, rows, partial(_example, split, name))
    return sample(found, n, seed, f"{NAME}/{split}")


def _hub(hub: str, name: str, todo: str) -> Any:
    path = hub_file(hub, name, todo)
    return table(path.parent, path.name, todo)


def _example(split: str, part: str, number: int, row: Row) -> Example:
    turns, prompt_id = _turns(row["prompt"]), clean(row["prompt_id"])
    themes = [tag.removeprefix("theme:") for tag in row["example_tags"] if tag.startswith("theme:")]
    own = {
        "part": part,
        "cluster": f"conversation:{prompt_id}",
        "question_type": themes[0] if themes else None,
        "history": turns[:-1],
        "prompt_id": prompt_id,
        "example_tags": list(row["example_tags"]),
        "rubrics": _rubrics(row["rubrics"]),
    }
    return Example(
        id=f"{NAME}/{part}/{prompt_id}",
        question=turns[-1]["content"],
        answer=clean((row.get("ideal_completions_data") or {}).get("ideal_completion") or "") or REPLY,
        kind="text",
        source=NAME,
        split=split,
        license=LICENSE,
        meta=own,
    )


def _turns(prompt: Iterable[Mapping[str, str]]) -> list[dict[str, str]]:
    """The conversation; ValueError unless it ends with a user's turn."""
    turns = [{"role": turn["role"], "content": clean(turn["content"])} for turn in prompt]
    if not turns or turns[-1]["role"] != "user":
        raise ValueError("the prompt does not end with a user's turn")
    return turns


def _rubrics(rubrics: Iterable[Row]) -> list[dict[str, Any]]:
    """The criteria; ValueError where none of them gives points, since nothing could be scored."""
    found = [
        {"criterion": clean(one["criterion"]), "points": float(one["points"]), "tags": list(one.get("tags") or ())}
        for one in rubrics
    ]
    if not any(one["points"] > 0 for one in found):
        raise ValueError("no criterion of the rubric gives points")
    return found
