"""VQA-RAD: clinicians' questions about radiology images.

Lau JJ et al., A dataset of clinically generated visual questions and answers about radiology images, Sci Data 5:180251
(2018). Read from the release files trainset.json, testset.json and images/ (3,064 + 451 questions) or from the hub
(fewer train rows: repeated ones were removed there; without the columns besides question, answer and image).
The official split shares images between train and test.

`form` is closed where the gold is yes or no, as MedEvalKit counts it: 251 of the test split (272 by the set's own
`answer_type`, which calls choices closed too). `organ` and `cluster` are the set's image_organ and image_name; on the
hub, which has neither, the cluster is a name made of the image's bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from data.example import Example
from data.registry import SetInfo, folder
from data.sets._items import Row, examples, hub_pictures, remedy
from data.sets._release import clean, from_files, of_kinds, read_json, sample
from data.sets._vqa import asked, form_of, kept
from recipes import BadInput

NAME = "vqa_rad"
HUB = "flaviagiammarino/vqa-rad"
LICENSE = "MIT"
FILES = {"train": "trainset.json", "test": "testset.json"}
# official names; question and answer are fields of Example
COLUMNS = ("qid", "image_name", "image_organ", "answer_type", "question_type", "phrase_type")
MODALITIES = {"HEAD": "head-ct-mr", "CHEST": "chest-xray", "ABD": "abdomen-ct"}

ABOUT = SetInfo(
    name=NAME,
    splits=tuple(FILES),
    license=LICENSE,
    kinds=("yesno", "numeric", "text"),
    text="clinicians' questions about radiology images, half of them yes/no",
    hub=HUB,
    extra=("language", "form", "organ", "cluster", *COLUMNS),
    citation="Lau JJ et al., A dataset of clinically generated visual questions and answers about radiology images,"
    " Scientific Data 5:180251 (2018)",
    remedy="put data/trainset.json, data/testset.json and data/images of github.com/Awenbocc/med-vqa into {place}",
    rows={"train": 3064, "test": 451},
    benchmark="test",
    verified=True,
    classes=("instruct", "rl"),
)


def load(
    split: str,
    *,
    n: int | None = None,
    seed: int = 0,
    kinds: Sequence[str] | None = None,
    source: str = "auto",
    hub: str = HUB,
) -> list[Example]:
    """A split, or n rows of it at random.

    kinds: keep only these; source: files, hub, or auto (files where their folder is, else the hub); hub: the id there.
    """
    rows = _released(split) if from_files(source, folder(NAME), NAME) else _on_hub(hub, split)
    return sample(of_kinds(rows, kinds, NAME), n, seed, f"{NAME}/{split}")


def _released(split: str) -> list[Example]:
    """All rows of a release file; BadInput also for pictures that are not there."""
    place, todo = folder(NAME), remedy(ABOUT)
    path = place / FILES[split]
    rows = read_json(path, todo)
    if not isinstance(rows, list) or not rows:
        raise BadInput([f"{path} holds no list of rows; {todo}"])
    found = examples(ABOUT, f"{path} is not in VQA-RAD's form", rows, partial(_example, split, place / "images"))
    _find_missing(found, place, todo)
    return found


def _example(split: str, images: Path, number: int, row: Row) -> Example:
    own = {name: clean(row[name]) for name in COLUMNS}
    standard = {"organ": own["image_organ"].lower(), "cluster": f"image:{own['image_name']}"}
    modality = MODALITIES.get(own["image_organ"], "radiology")
    return _asked(f"{split}/{own['qid']}", row, split, str(images / own["image_name"]), modality, own | standard)


def _on_hub(hub: str, split: str) -> list[Example]:
    rows = hub_pictures(hub, split, f"check the network, or {remedy(ABOUT)}")
    return examples(ABOUT, f"the hub data set {hub}", rows, partial(_hub_example, split, {}))


def _hub_example(split: str, seen: dict[str, bytes], number: int, row: Row) -> Example:
    image, name = kept(row["image"], seen)
    own = {**dict.fromkeys(COLUMNS), "organ": None, "cluster": f"image:{name}"}
    return _asked(f"{split}/hub-{number - 1}", row, split, image, "radiology", own)


def _asked(name: str, row: Row, split: str, image: str | bytes, modality: str, own: Row) -> Example:
    standard = {"language": "en", "form": form_of(row["answer"])}
    return asked(ABOUT, split, name, row["question"], row["answer"], image, modality, {**own, **standard})


def _find_missing(rows: list[Example], place: Path, todo: str) -> None:
    """One BadInput for the pictures that are not there."""
    there = {str(path) for path in (place / "images").glob("*")}
    lost = sorted({row.images[0] for row in rows} - there)
    if lost:
        raise BadInput([f"{NAME}: {len(lost)} images are missing, the first is {lost[0]}; {todo}"])
