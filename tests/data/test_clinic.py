"""clinic as a set: every family valid, reproducible, random access, splits disjoint, balanced."""

import re
from collections import Counter

import pytest

import data
from data.clinic import families, is_image
from data.sets.clinic import SIZES, bucket, split_of
from recipes import ROOT, BadInput

ALL = sorted(families())
TEXT = [name for name in ALL if not is_image(families()[name])]
IMAGE = [name for name in ALL if is_image(families()[name])]
SPLITS = ("train", "validation", "test")
DEMO = ["lab_range", "gcs", "curb65", "cha2ds2_vasc", "lesion_count", "lesion_size_mm", "lesion_side"]


def rows(split="train", **knobs):
    return data.load("clinic", split, **{"n": 60, "image_size": 28} | knobs)


def pixels(row):
    return tuple((image.size, image.tobytes()) for image in row.images)


def same(one, other):
    """Equal rows, pictures compared by their bytes."""
    plain = ({k: v for k, v in row.columns().items() if k != "images"} for row in (one, other))
    return next(plain) == next(plain) and pixels(one) == pixels(other)


def test_enough_families_one_file_each():
    files = {path.stem for path in (ROOT / "data" / "clinic").glob("[!_]*.py")}
    assert set(ALL) == files
    assert len(TEXT) >= 12
    assert len(IMAGE) >= 4


@pytest.mark.parametrize("name", ALL)
def test_family_file_states_what_it_is_and_where_it_comes_from(name):
    family = families()[name]
    assert name == family.NAME
    assert len(set(family.KINDS)) == len(family.KINDS) >= 2
    assert set(family.KINDS) <= {"option", "yesno", "numeric", "text"}
    assert family.ABOUT
    assert re.search(r"(19|20)\d\d", family.__doc__ or ""), "the docstring cites a source with its year"


@pytest.mark.parametrize("difficulty", [1, 2, 3])
@pytest.mark.parametrize("name", ALL)
def test_rows_are_complete_and_their_wrong_answers_are_wrong(name, difficulty):
    found = rows(families=[name], difficulty=difficulty, n=80)
    assert {row.kind for row in found} == set(families()[name].KINDS)
    for row in found:
        assert row.source == "clinic"
        assert row.meta["family"] == name
        assert row.meta["difficulty"] == difficulty
        assert row.meta["key"].startswith(name)
        assert len(row.images) == (name in IMAGE)
        assert row.modality == ("phantom" if name in IMAGE else "text")
        _check_answers(row)


def _check_answers(row):
    wrong = row.meta["distractors"]
    assert row.answer not in wrong
    assert len(set(wrong)) == len(wrong) >= 1
    if row.kind == "option":
        assert len(set(row.options.values())) == len(row.options)
        assert {row.answer, *wrong} == set(row.options)
        said = row.options[row.answer]
    else:
        assert row.options is None
        said = row.answer
    assert said in row.meta["trace"]
    if row.kind == "yesno":
        assert {row.answer, *wrong} == {"yes", "no"}
        assert row.meta["trace"].endswith(f"? {row.answer}")  # the claim is repeated before it is judged
    if row.kind == "numeric":
        assert len(wrong) == 3
        assert all(re.fullmatch(r"-?\d+(\.\d+)?( \S+)?", text) for text in (row.answer, *wrong))
        units = {text.partition(" ")[2] for text in (row.answer, *wrong)}
        assert len(units) == 1


@pytest.mark.parametrize("difficulty", [1, 3])
def test_an_item_depends_on_seed_and_number_alone(difficulty):
    many, few = rows(n=60, difficulty=difficulty, seed=4), rows(n=25, difficulty=difficulty, seed=4)
    assert all(same(one, other) for one, other in zip(few, many, strict=False))
    other = rows(n=25, difficulty=difficulty, seed=5)
    assert sum(one.meta["key"] == two.meta["key"] for one, two in zip(few, other, strict=True)) < 5


def test_ids_are_unique_across_splits_and_seeds():
    ids = [row.id for split in SPLITS for seed in (0, 1) for row in rows(split, seed=seed)]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("name", ALL)
def test_splits_are_disjoint_whatever_the_seed_and_difficulty(name):
    keys = {split: set() for split in SPLITS}
    texts = {split: set() for split in SPLITS}
    for split in SPLITS:
        for seed in (0, 17):
            for difficulty in (1, 2, 3):
                for row in rows(split, families=[name], seed=seed, difficulty=difficulty, n=40):
                    assert split_of(row.meta["key"]) == split
                    keys[split].add(row.meta["key"])
                    texts[split].add((row.question, pixels(row)))
    for one, other in (("train", "validation"), ("train", "test"), ("validation", "test")):
        assert not keys[one] & keys[other]
        assert not texts[one] & texts[other], "the same question, read or seen, in two splits"
        if name in IMAGE:
            assert not {seen for _, seen in texts[one]} & {seen for _, seen in texts[other]}


def test_shares_are_eighty_ten_ten_and_fixed_for_ever():
    counts = Counter(split_of(f"gcs {i}") for i in range(10_000))
    assert abs(counts["train"] - 8000) < 250
    assert abs(counts["test"] - 1000) < 150
    # a changed hash would move rows that a model was trained on into its test set
    assert [bucket(f"gcs {e} 5 6") for e in (1, 2, 3, 4)] == [2, 7, 7, 8]


@pytest.mark.parametrize("name", ALL)
def test_every_class_can_be_met_in_every_split(name):
    kind = "option" if "option" in families()[name].KINDS else families()[name].KINDS[0]
    size = 120 if name in IMAGE else 200
    for difficulty in (1, 2, 3):
        met = {}
        for split in SPLITS:
            found = rows(split, families=[name], kinds=[kind], difficulty=difficulty, n=size, shuffle_options=False)
            met[split] = {row.answer for row in found}
        assert met["train"] == met["validation"] == met["test"]
        assert len(met["test"]) >= 2


@pytest.mark.parametrize("name", ALL)
def test_guessing_does_not_pay(name):
    """No answer of a kind is right so often that a model could do well without reading."""
    for difficulty in (1, 2, 3):
        found = rows(families=[name], difficulty=difficulty, n=300, shuffle_options=False)
        for kind in {row.kind for row in found} & {"option", "yesno"}:
            answers = Counter(row.answer for row in found if row.kind == kind)
            assert answers.most_common(1)[0][1] / answers.total() < 0.72, (difficulty, kind, answers)


def test_families_take_turns():
    for n in (7, 14, 50):
        counts = Counter(row.meta["family"] for row in rows(families=DEMO, n=n))
        assert max(counts.values()) - min(counts.values()) <= 1
    assert {row.meta["family"] for row in rows(n=len(ALL))} == set(ALL)


def test_sizes_without_n():
    assert len(data.load("clinic", "validation", image_size=28)) == SIZES["validation"]


def test_kinds_are_kept_to():
    assert {row.kind for row in rows(kinds=["numeric", "text"])} == {"numeric", "text"}
    assert {row.kind for row in rows(kinds="yesno", families="gcs")} == {"yesno"}
    with pytest.raises(BadInput, match="lab_range has only"):
        rows(families=["lab_range", "gcs"], kinds=["numeric"])


def test_ordinal_options_stand_in_order_when_easy_and_are_shuffled_when_hard():
    easy = [tuple(row.options.values()) for row in rows(families=["curb65"], kinds=["option"])]
    assert set(easy) == {("low", "moderate", "high")}
    hard = {tuple(row.options.values()) for row in rows(families=["curb65"], kinds=["option"], difficulty=2)}
    assert len(hard) == 6
    chosen = rows(families=["curb65"], kinds=["option"], shuffle_options=True)
    assert len({tuple(row.options.values()) for row in chosen}) == 6
    for row in chosen:
        assert row.meta["trace"].endswith(f"so {row.options[row.answer]}, {row.answer}")


@pytest.mark.parametrize("name", DEMO)
def test_the_easiest_items_are_short_enough_for_a_tiny_model(name):
    for row in rows(families=[name], n=150):
        options = " ".join((row.options or {}).values())
        assert len(re.findall(r"[A-Za-z]+|[\d./]+", f"{row.question} {options}")) <= 45
        assert len(re.findall(r"[A-Za-z]+|\d|[./]", row.meta["trace"])) <= 38


def test_the_easy_families_share_a_small_vocabulary():
    found = rows(families=DEMO, n=700)
    words = {word for row in found for word in re.findall(r"[A-Za-z]+", f"{row.question} {row.meta['trace']}")}
    assert len(words) <= 90


def test_image_size_is_a_knob():
    assert {row.images[0].size for row in rows(families=IMAGE, n=12, image_size=112)} == {(112, 112)}
    assert {row.images[0].mode for row in rows(families=IMAGE, n=12)} == {"RGB"}
