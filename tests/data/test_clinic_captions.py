"""clinic_captions: the phantoms of clinic with what is seen in them, and what follows."""

import pytest

import data
from data.clinic import families, is_image
from data.sets.clinic import split_of
from recipes import BadInput
from rewards.library.answer_match import answer_match

IMAGE = sorted(name for name, family in families().items() if is_image(family))


@pytest.mark.parametrize("difficulty", [1, 2, 3])
def test_a_caption_says_what_the_reasoning_says_and_a_long_one_ends_in_the_right_class(difficulty):
    short = data.load("clinic_captions", "train", n=5 * len(IMAGE), difficulty=difficulty)
    long = data.load("clinic_captions", "train", n=5 * len(IMAGE), difficulty=difficulty, long=True)
    asked = {"families": IMAGE, "kinds": ["option"], "difficulty": difficulty, "shuffle_options": False}
    rows = data.load("clinic", "train", n=5 * len(IMAGE), **asked)
    assert {row.meta["family"] for row in short} == set(IMAGE)
    for row, brief, full in zip(rows, short, long, strict=True):
        assert full.answer == f"{brief.answer}, so {(row.options or {})[row.golds[0]]}" == row.meta["trace"]
        assert brief.kind == full.kind == "text"
        assert brief.meta["key"] == row.meta["key"]
        assert full.question == f"{brief.question} What follows from it?"
        assert brief.images[0].tobytes() == full.images[0].tobytes() == row.images[0].tobytes()


def test_splits_are_those_of_clinic():
    for split in ("train", "validation", "test"):
        found = data.load("clinic_captions", split, n=30)
        assert all(split_of(row.meta["key"]) == split and row.split == split for row in found)


def test_as_a_suite_another_caption_of_the_same_family_is_wrong():
    rows = data.load("clinic_captions", "validation", n=60)
    for row in rows:
        others = {one.answer for one in rows if one.meta["family"] == row.meta["family"]} - {row.answer}
        asked = {"answer": row.answer, "kind": row.kind, "question": row.question}
        assert answer_match(f"<answer>{row.answer}</answer>", **asked).value == 1
        assert not [one for one in others if answer_match(f"<answer>{one}</answer>", **asked).value]


def test_families_without_images_are_refused():
    with pytest.raises(BadInput, match=r"no family of images 'gcs'.*lesion_count"):
        data.load("clinic_captions", "train", families=["gcs"])
    with pytest.raises(BadInput, match="no family is named"):
        data.load("clinic_captions", "train", families=[])
