"""Every reader of an image benchmark: on eight rows of its release's shape, whole and broken."""

import os
import subprocess
import sys

import pytest

import data
import rewards
from data.images import open_images
from data.registry import folder
from recipes import BadInput

from . import picture_releases as releases
from .picture_releases import FOLDERS, RELEASES, put

OFFICIAL = [name for name, release in RELEASES.items() if release.id]
ANSWERED = [name for name, release in RELEASES.items() if release.answer]


@pytest.fixture
def place(monkeypatch, tmp_path):
    """place(name) -> the folder of a set's release."""
    monkeypatch.setenv("LINGSHU_DATA", str(tmp_path / "sets"))
    return folder


def load(name, **knobs):
    release = RELEASES[name]
    return data.load(name, release.split, **{**release.knobs, **knobs})


def refused(name, **knobs):
    """The one line of the refusal."""
    with pytest.raises(BadInput) as caught:
        load(name, **knobs)
    (line,) = caught.value.problems
    return line


def shades(row):
    """The grey of each picture, in order."""
    return [picture.getpixel((0, 0))[0] for picture in open_images(row)]


@pytest.mark.parametrize("name", RELEASES)
def test_rows_become_examples_with_the_columns_that_are_described(name, place):
    put(name, place(name))
    info, rows = data.describe(name), load(name)
    assert len(rows) == len({row.id for row in rows}) == RELEASES[name].kept
    for row in rows:
        assert set(row.columns()) == set(info.columns)
        assert row.id.startswith(f"{name}/")
        assert (row.source, row.split, row.license) == (name, RELEASES[name].split, info.license)
        assert row.kind in info.kinds
        assert row.meta["language"] == "en"
        assert row.modality == row.modality.lower()
        assert shades(row)
    assert len(load(name, n=3, seed=1)) == 3


@pytest.mark.parametrize("name", RELEASES)
def test_what_is_known_without_reading(name):
    info = data.describe(name)
    assert info.benchmark in info.splits
    assert info.citation
    assert info.license
    assert info.remedy.count("{place}") >= 1
    assert "\n" not in info.remedy
    assert info.hub
    assert set(info.rows) <= set(info.splits)


@pytest.mark.parametrize("name", RELEASES)
def test_the_gold_earns_the_maximum_and_its_distractors_nothing(name, place):
    put(name, place(name))
    match = rewards.load("answer_match")
    for row in load(name):
        assert match(f"<answer>{row.answer}</answer>", **row.columns()).value == 1.0
        wrong = row.meta["distractors"]
        assert len(wrong) == max(len(row.options or ()) - 1, 0)
        assert all(match(f"<answer>{letter}</answer>", **row.columns()).value == 0.0 for letter in wrong)


@pytest.mark.parametrize("name", RELEASES)
def test_missing_files_say_what_to_download_and_where_to_put_it(name, place):
    place(name).mkdir(parents=True)
    line = refused(name)
    assert " is missing; " in line
    assert data.describe(name).remedy.format(place=place(name)) in line
    assert "hf download" in line


@pytest.mark.parametrize("name", FOLDERS)
def test_a_missing_folder_of_images_is_one_line_and_a_missing_image_is_named_when_opened(name, place):
    put(name, place(name))
    first = load(name)[0]
    images = place(name) / FOLDERS[name].split("/")[0]
    for path in images.rglob("*.png"):
        path.unlink()
    with pytest.raises(BadInput, match=r"image .*\.png cannot be read") as caught:
        open_images(load(name)[0])
    assert first.id in str(caught.value)
    images.rename(images.with_name("elsewhere"))
    line = refused(name)
    assert f"the folder of images {images} is missing; " in line
    assert data.describe(name).remedy.format(place=place(name)) in line


@pytest.mark.parametrize("name", RELEASES)
def test_a_column_that_lacks_is_named_with_its_file(name, place):
    release = RELEASES[name]
    rows = [{key: value for key, value in row.items() if key != release.needed} for row in release.rows()]
    path = put(name, place(name), rows)
    line = refused(name)
    assert f"row 1 has no column '{release.needed}'" in line
    assert path.name in line or "test-*.parquet" in line or "*.json" in line
    assert data.describe(name).remedy.format(place=place(name)) in line


@pytest.mark.parametrize("name", ANSWERED)
def test_an_answer_outside_the_options_is_named_with_its_row(name, place):
    release = RELEASES[name]
    rows = release.rows()
    column, outside = release.answer
    rows[2][column] = outside
    put(name, place(name), rows)
    line = refused(name)
    assert "row 3: " in line
    assert f"'{outside}' is " in line


@pytest.mark.parametrize("name", OFFICIAL)
def test_an_id_that_comes_twice_is_named(name, place):
    release = RELEASES[name]
    rows = release.rows()
    rows[4][release.id] = rows[1][release.id]
    put(name, place(name), rows)
    assert f"{rows[1][release.id]} comes twice" in refused(name)


@pytest.mark.parametrize("name", RELEASES)
def test_a_truncated_file_is_named(name, place):
    path = put(name, place(name))
    path.write_bytes(path.read_bytes()[:-20] + b"\xff\xfe")
    line = refused(name)
    assert path.name in line
    assert "cannot be read" in line


def test_medframeqa_keeps_every_frame_in_order(place):
    put("medframeqa", place("medframeqa"))
    rows = load("medframeqa")
    assert [shades(row) for row in rows[:2]] == [[1, 2], [1, 2, 3, 4, 5]]
    assert (rows[0].modality, rows[0].meta["organ"], rows[0].id) == ("ct", "knee", "medframeqa/q0")
    assert [row.meta["cluster"] for row in rows[:3]] == ["video:v0", "video:v0", "video:v1"]
    lost = RELEASES["medframeqa"].rows()
    lost[3] |= {f"image_{i}": None for i in range(2, 6)}
    put("medframeqa", place("medframeqa"), lost)
    assert "row 4: has 1 frames, it must have 2 at least" in refused("medframeqa")
    lost[3] |= {"image_2": {"bytes": None, "path": None}}
    put("medframeqa", place("medframeqa"), lost)
    assert "row 4: a picture has neither bytes nor a path" in refused("medframeqa")


def test_medxpertqa_has_two_parts_and_asks_the_options_once(place):
    put("medxpertqa", place("medxpertqa"))
    releases.write(place("medxpertqa") / "Text/test.jsonl", [releases.medxpertqa_text(i) for i in range(8)])
    both = load("medxpertqa", part=None)
    text, mm = both[:8], both[8:]
    assert ({row.modality for row in text}, {row.modality for row in mm}) == ({"text"}, {"mixed"})
    assert {len(row.options or "") for row in text} == {10}
    assert (text[0].question, mm[0].question) == ("Which metal is 0?", "Which metal is 0?")
    assert [shades(row) for row in mm[:2]] == [[0], [1, 0]]
    assert {row.meta["part"] for row in text} == {"text"}
    assert [mm[0].meta[key] for key in ("medical_task", "body_system", "organ", "question_type")] == [
        "Diagnosis", "Skeletal", "Skeletal", "Reasoning",
    ]  # fmt: skip
    assert load("medxpertqa", part="text") == text
    assert "no part 'mmm' (did you mean mm?)" in refused("medxpertqa", part="mmm")
    assert "the hub's rows of part mm hold no pictures" in refused("medxpertqa", source="hub")
    lost = RELEASES["medxpertqa"].rows()
    lost[5]["images"] = []
    put("medxpertqa", place("medxpertqa"), lost)
    assert "row 6: MM-5 names no picture" in refused("medxpertqa")


def test_pmc_vqa_options_lose_their_labels_and_nothing_else(place):
    put("pmc_vqa", place("pmc_vqa"))
    rows = load("pmc_vqa")
    assert rows[0].options == {"A": "copper", "B": "zinc", "C": "iron", "D": "tin"}
    assert [(row.options or {})["D"] for row in rows[1:3]] == ["ratio D: 2", "lead-free"]
    assert [row.answer for row in rows[:5]] == ["A", "B", "C", "D", "A"]
    assert (rows[3].question, rows[3].meta["cluster"], shades(rows[3])) == ("Which, 3?", "image:3.png", [3])
    (place("pmc_vqa") / "figures").rename(place("pmc_vqa") / "images")
    assert shades(load("pmc_vqa")[3]) == [3]
    releases.write(place("pmc_vqa") / "train_2.csv", RELEASES["pmc_vqa"].rows()[:2])
    assert [row.id for row in data.load("pmc_vqa", "train")] == ["pmc_vqa/train/1", "pmc_vqa/train/2"]


def test_omnimedvqa_finds_the_letter_of_its_gold_and_every_data_set(place):
    put("omnimedvqa", place("omnimedvqa"))
    other = [
        row | {"dataset": "Ores", "question_id": f"Ores_{i}"} for i, row in enumerate(RELEASES["omnimedvqa"].rows())
    ]
    releases.write(place("omnimedvqa") / "QA_information/Open-access/Ores.json", other)
    releases.write(place("omnimedvqa") / "QA_information/Restricted-access/Closed.json", other)
    rows = load("omnimedvqa")
    assert [row.meta["dataset"] for row in rows] == ["Metals"] * 8 + ["Ores"] * 8
    assert [row.answer for row in rows[:8]] == ["A", "B"] * 4
    assert [len(row.options or {}) for row in rows[2:5]] == [4, 2, 4]
    assert {(row.modality, row.meta["modality_type"]) for row in rows} == {("x-ray", "X-Ray")}
    assert rows[0].meta["cluster"] == rows[4].meta["cluster"] == "image:Images/Metals/0.png"
    before = [row.id for row in rows]
    inside = place("omnimedvqa") / "OmniMedVQA"
    inside.mkdir()
    for part in ("QA_information", "Images"):
        (place("omnimedvqa") / part).rename(inside / part)
    assert [row.id for row in load("omnimedvqa")] == before
    assert shades(load("omnimedvqa")[5]) == [1]


def test_mmmu_keeps_every_picture_and_names_it_by_its_place(place):
    put("mmmu_med", place("mmmu_med"))
    rows = load("mmmu_med")
    assert rows[0].question == "[image 1] Which, 0?"
    assert shades(rows[1]) == [10, 20, 40]
    assert rows[1].options == {"A": "[image 2]", "B": "[image 3]", "C": "tin", "D": "lead"}
    assert rows[0].modality == "body scans: mri, ct; tables"
    assert [rows[1].meta[key] for key in ("subject", "difficulty", "subfield")] == ["Pharmacy", "hard", "Metals"]


def test_mmmu_open_items_take_every_answer_that_is_accepted(place):
    put("mmmu_med", place("mmmu_med"))
    number, several, words = load("mmmu_med")[4:7]
    assert [(row.answer, row.kind) for row in (number, several, words)] == [
        ("2.5", "numeric"), ("1.5", "numeric"), ("grey tin", "text"),
    ]  # fmt: skip
    match = rewards.load("answer_match")
    assert match("<answer>alpha-tin</answer>", **words.columns()).value == 1.0
    assert match("<answer>white tin</answer>", **words.columns()).value == 0.0
    assert number.options is None


def test_mmmu_reads_a_folder_a_subject(place):
    put("mmmu_med", place("mmmu_med"))
    rows = [row | {"id": row["id"].replace("Pharmacy", "Public_Health")} for row in RELEASES["mmmu_med"].rows()]
    releases.write(place("mmmu_med") / "Public_Health/test-00000-of-00001.parquet", rows)
    both = load("mmmu_med", subject=["Public_Health", "Pharmacy"])
    assert [row.meta["subject"] for row in both] == ["Public_Health"] * 8 + ["Pharmacy"] * 8
    assert "Basic_Medical_Science/test-*.parquet is missing" in refused("mmmu_med", subject=None)
    assert "no subject 'Pharmacie' (did you mean Pharmacy?)" in refused("mmmu_med", subject="Pharmacie")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"question": "<image 3> Which?"}, "row 1: names picture 3, which it does not have"),
        ({"answer": None}, "row 1: has no answer"),
        ({"answer": "[]"}, "row 1: has no answer"),
        ({"answer": "?"}, "row 1: its answer is held back (?)"),
        ({"image_1": None}, "row 1: has no picture"),
        ({"options": "['copper', "}, "row 1: \"['copper', \" is no list"),
    ],
)
def test_mmmu_rows_that_cannot_be_asked_are_named(place, change, said):
    rows = RELEASES["mmmu_med"].rows()
    rows[0] |= change
    put("mmmu_med", place("mmmu_med"), rows)
    assert said in refused("mmmu_med")


def test_loading_files_is_light(place):
    for name in ("pmc_vqa", "omnimedvqa", "medxpertqa"):
        put(name, place(name))
    code = (
        "import sys, data; data.load('medxpertqa', 'test', part='mm');"
        "[data.load(name, 'test') for name in ('pmc_vqa', 'omnimedvqa')];"
        "print(sorted({'torch', 'PIL', 'datasets', 'numpy', 'pyarrow', 'huggingface_hub'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ)
    assert done.stdout.strip() == "[]"
