"""Medbullets: questions in the style of USMLE steps 2 and 3, the same 308 with four options (op4) and with five (op5).

Chen H et al., Benchmarking Large Language Models on Answering and Explaining Challenging Medical Questions (NAACL
2025). Read from the release files medbullets_op4.csv and medbullets_op5.csv, or from the hub, a repository for each.
The two parts ask the same questions, and `cluster` is the same for both: 616 rows are no 616 independent ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from data.example import Example
from data.registry import SetInfo
from data.sets._items import Row, choice, chosen, examples, lettered, rows_of
from data.sets._release import clean, hub_rows, rank, sample

NAME = "medbullets"
HUBS = {"op4": "tuenguyen/Medical-Eval-MedBullets_op4", "op5": "LangAGI-Lab/medbullets_op5"}
OPTIONS = {"op4": "ABCD", "op5": "ABCDE"}

ABOUT = SetInfo(
    name=NAME,
    splits=("test",),
    license="not stated",
    kinds=("option",),
    text="hard USMLE questions of steps 2 and 3, with four and with five options",
    hub=HUBS["op5"],
    extra=("language", "part", "cluster", "link", "trace", "distractors"),
    citation="Chen H et al., Benchmarking Large Language Models on Answering and Explaining Challenging Medical"
    " Questions, NAACL 2025, arXiv 2402.18060",
    remedy="put medbullets/medbullets_op4.csv and medbullets_op5.csv of github.com/HanjieChen/ChallengeClinicalQA into"
    f" {{place}} (on the hub: {HUBS['op4']}, {HUBS['op5']})",
    rows={"test": 616},
    benchmark="test",
)


def load(
    split: str,
    *,
    n: int | None = None,
    seed: int = 0,
    part: str | Sequence[str] | None = None,
    source: str = "auto",
    hub: Mapping[str, str] = HUBS,
) -> list[Example]:
    """The test split, or n rows of it at random. The trace of a row is the site's explanation, where there is one.

    part: op4, op5, or both (by default); source: files, hub, or auto (files where their folder is, else the hub); hub:
    the ids there by part.
    """
    found: list[Example] = []
    for name in chosen(ABOUT, "part", part, HUBS):
        where, rows = rows_of(ABOUT, f"medbullets_{name}.csv", source, partial(hub_rows, hub[name], "train"))
        found += examples(ABOUT, where, rows, partial(_example, split, name))
    return sample(found, n, seed, f"{NAME}/{split}")


def _example(split: str, part: str, number: int, row: Row) -> Example:
    named = row["options"] if "options" in row else {x: row[f"op{x.lower()}"] for x in OPTIONS[part]}
    meta = {
        "part": part,
        "cluster": f"question:{rank(clean(row['question']))[:12]}",
        "link": row.get("link"),
        "trace": clean(row.get("explanation") or ""),
    }
    return choice(ABOUT, split, f"{part}/{number}", row["question"], lettered(named), row["answer_idx"], meta)
