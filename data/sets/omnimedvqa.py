"""OmniMedVQA, the open-access part: questions over 42 medical image data sets, two to four options.

Hu Y et al., OmniMedVQA: A New Large-Scale Comprehensive Evaluation Benchmark for Medical LVLM (CVPR 2024). Read from
the release, one archive: QA_information/Open-access with a file a data set, and Images; the hub has the archive and no
rows. The part with restricted access comes without pictures and is not read. A row gives its gold as text; the letter
here is the first option that reads the same, if need be but for case and a full stop. `cluster` is the picture. Each
data set keeps its own license.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

from data.example import Example
from data.registry import SetInfo, folder
from data.sets._items import Row, choice, examples, image_folder, lettered, remedy
from data.sets._release import clean, sample, table
from recipes import BadInput

NAME = "omnimedvqa"
HUB = "foreverbeliever/OmniMedVQA"
QUESTIONS = "QA_information/Open-access"

ABOUT = SetInfo(
    name=NAME,
    splits=("test",),
    license="of each data set",
    kinds=("option",),
    text="questions over 42 open-access medical image data sets, up to four options",
    hub=HUB,
    extra=("language", "cluster", "dataset", "question_type", "modality_type", "distractors"),
    citation="Hu Y et al., OmniMedVQA: A New Large-Scale Comprehensive Evaluation Benchmark for Medical LVLM,"
    " CVPR 2024, arXiv 2402.09181",
    remedy=f"run `hf download {HUB} OmniMedVQA.zip --repo-type dataset --local-dir {{place}}` and unzip it there, so"
    f" that {QUESTIONS} and Images lie in {{place}} or in {{place}}/OmniMedVQA",
    rows={"test": 88996},
    benchmark="test",
)


def load(split: str, *, n: int | None = None, seed: int = 0) -> list[Example]:
    """The test split, or n rows of it at random."""
    place, todo = folder(NAME), remedy(ABOUT)
    root = place / "OmniMedVQA" if (place / "OmniMedVQA").is_dir() else place
    paths = sorted((root / QUESTIONS).glob("*.json"))
    if not paths:
        raise BadInput([f"{root / QUESTIONS / '*.json'} is missing; {todo}"])
    image_folder(ABOUT, root / "Images")
    found: list[Example] = []
    for path in paths:
        made = partial(_example, split, root, path.stem)
        found += examples(ABOUT, str(path), table(path.parent, path.name, todo), made)
    return sample(found, n, seed, f"{NAME}/{split}")


def _example(split: str, root: Path, file: str, number: int, row: Row) -> Example:
    options = lettered({letter: row.get(f"option_{letter}") for letter in "ABCD"})
    gold, picture = clean(row["gt_answer"]), clean(row["image_path"])
    modality = row.get("modality") or row["modality_type"]  # one row of the release calls it modality
    meta = {
        "cluster": f"image:{picture}",
        "dataset": row["dataset"],
        "question_type": row["question_type"],
        "modality_type": modality,
    }
    example = choice(
        ABOUT, split, f"{file}/{clean(row['question_id'])}", row["question"], options, _letter(gold, options), meta
    )
    return replace(example, images=(str(root / picture),), modality=clean(modality).lower())


def _letter(gold: str, options: Mapping[str, str]) -> str:
    for same in (str, _plain):
        if letter := next((letter for letter, text in options.items() if same(text) == same(gold)), None):
            return letter
    raise ValueError(f"the answer {gold!r} is none of the options {list(options.values())}")


def _plain(text: str) -> str:
    return text.rstrip(" .").casefold()
