"""PMC-VQA: questions about the figures of PubMed Central articles, four options.

Zhang X et al., PMC-VQA: Visual Instruction Tuning for Medical Visual Question Answering (2023). Read from the release's
second version, whose figures hold one picture each: train_2.csv, test_2.csv and the unzipped images_2.zip, which makes
the folder figures; the hub has the same files and no rows. The paper reports on test_2.csv, all of which a model wrote;
test_clean.csv, the 2,000 questions that people checked, belongs to the first version. `cluster` is the figure.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

from data.example import Example
from data.registry import SetInfo, folder
from data.sets._items import Row, choice, examples, image_folder, remedy
from data.sets._release import clean, sample, table

NAME = "pmc_vqa"
HUB = "RadGenome/PMC-VQA"
FIGURES = ("figures", "images")  # as the archive unpacks, and as its name suggests

ABOUT = SetInfo(
    name=NAME,
    splits=("train", "test"),
    license="CC-BY-SA",
    kinds=("option",),
    text="questions about the figures of articles, four options",
    hub=HUB,
    extra=("language", "cluster", "caption", "distractors"),
    citation="Zhang X et al., PMC-VQA: Visual Instruction Tuning for Medical Visual Question Answering, 2023,"
    " arXiv 2305.10415",
    remedy=f"run `hf download {HUB} train_2.csv test_2.csv images_2.zip --repo-type dataset --local-dir {{place}}` and"
    " unzip images_2.zip there, so that its pictures lie in {place}/figures",
    rows={"test": 33430},
    benchmark="test",
    classes=("instruct", "rl"),
)


def load(split: str, *, n: int | None = None, seed: int = 0) -> list[Example]:
    """A split, or n rows of it at random."""
    place, name = folder(NAME), f"{split}_2.csv"
    rows = table(place, name, remedy(ABOUT))
    there = next((place / figures for figures in FIGURES if (place / figures).is_dir()), place / FIGURES[0])
    made = partial(_example, split, image_folder(ABOUT, there))
    return sample(examples(ABOUT, str(place / name), rows, made), n, seed, f"{NAME}/{split}")


def _example(split: str, figures: Path, number: int, row: Row) -> Example:
    options = {letter: clean(clean(row[f"Choice {letter}"]).removeprefix(f"{letter}:")) for letter in "ABCD"}
    figure = clean(row["Figure_path"])
    meta = {"cluster": f"image:{figure}", "caption": row.get("Caption")}
    example = choice(ABOUT, split, f"{split}/{number}", row["Question"], options, row["Answer"], meta)
    return replace(example, images=(str(figures / figure),), modality="mixed")
