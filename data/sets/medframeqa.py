"""MedFrameQA: questions that need several frames of a medical video at once, two to five each.

Yu S et al., MedFrameQA: A Multi-Image Medical VQA Benchmark for Clinical Reasoning (2025). Read from the Parquet files
of the authors' hub release, or from the hub. The frames are the columns image_1 to image_5, in the question's order;
`cluster` is the video, since one gives several questions.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from data.example import Example
from data.registry import SetInfo
from data.sets._items import Row, choice, examples, hub_pictures, lettered, rows_of, stored
from data.sets._release import clean, sample

NAME = "medframeqa"
HUB = "SuhaoYu1020/MedFrameQA"
FRAMES = tuple(f"image_{i}" for i in range(1, 6))
COLUMNS = ("system", "organ", "keyword", "video_id", "reasoning_chain")  # official names

ABOUT = SetInfo(
    name=NAME,
    splits=("test",),
    license="CC-BY-4.0",
    kinds=("option",),
    text="questions over two to five frames of a medical video",
    hub=HUB,
    extra=("language", "cluster", *COLUMNS, "distractors"),
    citation="Yu S et al., MedFrameQA: A Multi-Image Medical VQA Benchmark for Clinical Reasoning, 2025,"
    " arXiv 2505.16964",
    remedy=f"run `hf download {HUB} --repo-type dataset --local-dir {{place}}`",
    rows={"test": 2851},
    benchmark="test",
)


def load(split: str, *, n: int | None = None, seed: int = 0, source: str = "auto", hub: str = HUB) -> list[Example]:
    """The test split, or n rows of it at random.

    source: files, hub, or auto (files where their folder is, else the hub); hub: the id there.
    """
    where, rows = rows_of(ABOUT, f"data/{split}-*.parquet", source, partial(hub_pictures, hub, split))
    return sample(examples(ABOUT, where, rows, partial(_example, split)), n, seed, f"{NAME}/{split}")


def _example(split: str, number: int, row: Row) -> Example:
    frames = [stored(row[column]) for column in FRAMES if row.get(column) is not None]
    if len(frames) < 2:
        raise ValueError(f"has {len(frames)} frames, it must have 2 at least")
    meta = {name: row.get(name) for name in COLUMNS} | {"cluster": f"video:{row['video_id']}"}
    asked = row["question"], lettered(row["options"]), row["correct_answer"]
    example = choice(ABOUT, split, clean(row["question_id"]), *asked, meta)
    return replace(example, images=tuple(frames), modality=clean(row["modality"]).lower())
