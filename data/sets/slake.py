"""SLAKE: questions in English and Chinese about CT, MRI and X-ray images.

Liu B et al., SLAKE: A Semantically-Labeled Knowledge-Enhanced Dataset for Medical Visual Question Answering (ISBI
2021). Read from the release's train.json, validation.json (validate.json outside the hub) and test.json, and its folder
imgs/. The Lingshu paper asks both languages of the test split together, 2,094 items: 1,258 open, 836 closed, by the
set's own `answer_type`.

A closed question whose answer says yes or no, in either language, is of the kind yesno and has "yes" or "no" for its
gold, which the reward reads from a Chinese reply too; the set's own wording is the column `official_answer`. `organ` is
the set's location, `question_type` its content_type, `cluster` the image.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

from data.example import Example
from data.registry import SetInfo, folder
from data.sets._items import Row, examples, remedy
from data.sets._release import clean, sample, table
from data.sets._vqa import asked, pictures
from recipes import BadInput, hint

NAME = "slake"
HUB = "BoKelvin/SLAKE"
FILES = {"train": "train.json", "validation": "validat*.json", "test": "test.json"}
LANGUAGES = ("en", "zh", "both")
FORMS = {"OPEN": "open", "CLOSED": "closed"}
# official names; question, answer and modality are fields of Example
COLUMNS = ("qid", "img_id", "img_name", "answer_type", "content_type", "base_type", "location", "triple")
POLARITY = {
    **dict.fromkeys(("yes", "是", "是的", "有", "存在", "包含", "对", "能", "可以"), "yes"),
    **dict.fromkeys(("no", "否", "不是", "不是的", "没有", "无", "不存在", "不包含", "不", "不对", "不能"), "no"),
}

ABOUT = SetInfo(
    name=NAME,
    splits=tuple(FILES),
    license="CC-BY-4.0",
    kinds=("yesno", "numeric", "text"),
    text="questions about CT, MRI and X-ray images, English and Chinese, open and closed",
    hub=HUB,
    extra=("language", "form", "organ", "question_type", "cluster", "official_answer", *COLUMNS),
    citation="Liu B et al., SLAKE: A Semantically-Labeled Knowledge-Enhanced Dataset for Medical Visual Question"
    " Answering, ISBI 2021, arXiv 2102.09542",
    remedy=f"run `hf download {HUB} --repo-type dataset --local-dir {{place}}` and unzip imgs.zip there",
    rows={"train": 9835, "validation": 2099, "test": 2094},
    benchmark="test",
    languages=("en", "zh"),
    classes=("instruct", "rl"),
)


def load(split: str, *, n: int | None = None, seed: int = 0, language: str = "both") -> list[Example]:
    """A split, or n rows of it at random. language: en, zh or both."""
    if language not in LANGUAGES:
        raise BadInput([f"{NAME}: no language {language!r}{hint(str(language), LANGUAGES)}; it must be en, zh or both"])
    rows = table(folder(NAME), FILES[split], remedy(ABOUT))
    made = partial(_example, split, language, pictures(ABOUT, "imgs"))
    return sample(examples(ABOUT, str(folder(NAME) / FILES[split]), rows, made), n, seed, f"{NAME}/{split}")


def _example(split: str, language: str, images: Path, number: int, row: Row) -> Example | None:
    spoken, name = clean(row["q_lang"]), clean(row["img_name"])
    if spoken not in LANGUAGES[:2]:
        raise ValueError(f"q_lang is {spoken!r}, it must be en or zh")
    if language not in (spoken, "both"):
        return None
    answer, form = row["answer"], FORMS.get(clean(row["answer_type"]))
    if form is None:
        raise ValueError(f"answer_type is {row['answer_type']!r}, it must be OPEN or CLOSED")
    polarity = POLARITY.get(clean(answer).rstrip(".。").lower()) if form == "closed" else None
    own = {
        "language": spoken,
        "form": form,
        "organ": clean(row["location"]).lower(),
        "question_type": clean(row["content_type"]).lower(),
        "cluster": f"image:{name}",
        "official_answer": clean(answer),
        **{column: row[column] for column in COLUMNS},
    }
    image, modality = str(images / name), clean(row["modality"]).lower()
    item = asked(
        ABOUT, split, f"{split}/{clean(row['qid'])}", row["question"], polarity or answer, image, modality, own
    )
    return item if polarity or item.kind == "numeric" else replace(item, kind="text", answer=clean(answer))
