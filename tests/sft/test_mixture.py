"""What a recipe trains on: every row, in the stated proportion, the same for the same seed."""

from collections import Counter
from pathlib import Path

import pytest

import data
from recipes import BadInput
from sft import mixture

ONE = "    - {use: clinic, split: train, n: 24, families: [lab_range, lesion_side]}\n"


def sets(*weights_and_sizes: tuple[float, int]) -> str:
    names = ("gcs", "bmi", "curb65")
    return "".join(
        f"    - {{use: clinic, n: {n}, weight: {weight}, families: {name}}}\n"
        for name, (weight, n) in zip(names, weights_and_sizes, strict=False)
    )


def families(recipe) -> dict[str, int]:
    return dict(Counter(example.meta["family"] for example in mixture.load(recipe)))


def test_equal_weights_take_every_row(load) -> None:
    assert families(load(ONE, sets((1.0, 30), (1.0, 10)))) == {"gcs": 30, "bmi": 10}
    assert families(load(ONE, sets((0.5, 30), (0.5, 10)))) == {"gcs": 30, "bmi": 10}


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (((1.0, 30), (2.0, 30)), {"gcs": 15, "bmi": 30}),
        (((3.0, 30), (1.0, 30)), {"gcs": 30, "bmi": 10}),
        (((1.0, 100), (2.0, 10)), {"gcs": 5, "bmi": 10}),
        (((1.0, 40), (2.0, 30), (1.0, 12)), {"gcs": 12, "bmi": 24, "curb65": 12}),
        (((1.0, 30), (0.0, 30)), {"gcs": 30}),
    ],
)
def test_weights_are_proportions_and_no_row_comes_twice(load, wanted, found) -> None:
    recipe = load(ONE, sets(*wanted))
    assert families(recipe) == found
    ids = [(example.id, example.meta["family"]) for example in mixture.load(recipe)]
    assert len(ids) == len(set(ids))


def test_the_seed_alone_decides_rows_and_order(load) -> None:
    def ids(*swaps: str) -> list[str]:
        return [example.id for example in mixture.load(load(*swaps))]

    first = ids()
    assert first == ids()
    unshuffled = [example.id for example in data.load("clinic", "train", n=24, families=["lab_range", "lesion_side"])]
    assert first != unshuffled
    assert sorted(first) == sorted(unshuffled)
    other = ids("report_to: none", "report_to: none, seed: 7")
    assert sorted(other) != sorted(first)  # the items themselves are drawn with the run's seed ...
    pinned = ids("report_to: none", "report_to: none, seed: 7", "n: 24", "n: 24, seed: 0")
    assert sorted(pinned) == sorted(first)  # ... unless the set has its own
    assert pinned != first


def test_what_a_set_refuses_is_named_with_its_place(load, tmp_path) -> None:
    with pytest.raises(BadInput) as refused:
        mixture.load(load("n: 24", "n: 24, difficulty: 9, image_size: 3"))
    assert [line.split(": ", 2)[:2] for line in refused.value.problems] == [
        [f"{tmp_path}/r.yaml:4", "data.train.0"],
        [f"{tmp_path}/r.yaml:4", "data.train.0"],
    ]
    assert "difficulty is 9, it must be 1, 2 or 3" in refused.value.problems[0]


PUBMEDQA = "use: clinic, split: train, n: 24, families: [lab_range, lesion_side]", "use: pubmedqa, split: train"


def test_files_that_are_missing_are_named(load, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "data" / "pubmedqa"
    folder.mkdir(parents=True)
    monkeypatch.setenv("LINGSHU_DATA", str(folder.parent))
    with pytest.raises(BadInput, match=r"r\.yaml:4: data\.train\.0: .*ori_pqal\.json is missing"):
        mixture.load(load(*PUBMEDQA))


def test_a_set_without_rows_is_refused(load, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "data" / "pubmedqa"
    folder.mkdir(parents=True)
    (folder / "ori_pqal.json").write_text('{"17": {}}')  # one row, and it is a test row
    (folder / "test_ground_truth.json").write_text('{"17": "yes"}')
    monkeypatch.setenv("LINGSHU_DATA", str(folder.parent))
    with pytest.raises(BadInput, match=r"r\.yaml:4: data\.train\.0: data set pubmedqa: split train has no rows"):
        mixture.load(load(*PUBMEDQA))


def test_shares_of_the_rows_contain_the_smaller_ones(load) -> None:
    def ids(share: float) -> list[str]:
        return [one.id for one in mixture.load(load("prompt: plain", f"prompt: plain\n  share: {share}"))]

    assert [len(ids(share)) for share in (0.25, 0.5, 1.0)] == [6, 12, 24]
    assert ids(0.5)[:6] == ids(0.25)
    assert ids(1.0)[:12] == ids(0.5)


def test_a_group_is_left_out_and_the_rest_keeps_its_order(load) -> None:
    def rows(more: str = "") -> list[tuple[str, str]]:
        recipe = load("prompt: plain", f"prompt: plain{more}")
        return [(one.meta["family"], one.id) for one in mixture.load(recipe)]

    kept = rows("\n  leave_out: {family: lesion_side}")
    assert kept == [row for row in rows() if row[0] != "lesion_side"]
    assert 0 < len(kept) < 24
    with pytest.raises(
        BadInput, match=r"data.leave_out.family: no row has 'lesion_sied' there \(did you mean lesion_side"
    ):
        rows("\n  leave_out: {family: lesion_sied}")
    with pytest.raises(BadInput, match="leaves no row to train on"):
        rows("\n  leave_out: {family: [lesion_side, lab_range]}")


def test_values_of_several_columns_are_left_out_together(load) -> None:
    """Each column is looked up in all rows: what one takes away entirely, another may still name."""
    rows = mixture.load(load("prompt: plain", "prompt: plain\n  leave_out: {modality: text, kind: option}"))
    assert {row.meta["family"] for row in rows} == {"lesion_side"}
    with pytest.raises(BadInput, match="data.leave_out.organ: no row has 'liver' there, or anything else"):
        mixture.load(load("prompt: plain", "prompt: plain\n  leave_out: {organ: liver}"))


def test_weight_0_leaves_a_set_out_and_the_others_whole(load) -> None:
    assert families(load(ONE, sets((1.0, 30), (1.0, 10), (0.0, 20)))) == {"gcs": 30, "bmi": 10}
