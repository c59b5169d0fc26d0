"""The readers of chest X-ray reports: MedEvalKit's form and ReXrank's, whole and broken; all content is invented."""

import json

import pytest
from PIL import Image

import data
import rewards
from data.registry import folder
from eval import suites
from recipes import BadInput

SETS = ("chexpert_plus", "iu_xray", "mimic_cxr")
SAID = (
    ("The heart is enlarged.", "Cardiomegaly."),
    ("Small left pleural effusion.", "Left effusion."),
    ("The lungs are clear.", ""),
    ("", "No pneumothorax."),
    ("Right lower lobe consolidation.", "Right pneumonia."),
    ("The heart size is normal.", "No acute disease."),
    ("There is a nodule in the left lung.", "Left nodule."),
    ("Low lung volumes with atelectasis.", "Atelectasis."),
)


def toolkit():
    """MedEvalKit's form: one image as a path, two as a list."""
    images = ["a.png", ["a.png", "deep/b.png"]]
    return [
        {"id": f"patient{i // 2}_study{i}", "image": images[i % 2], "findings": findings, "impression": impression}
        for i, (findings, impression) in enumerate(SAID)
    ]


def rexrank():
    """ReXrank's form: a mapping, NaN for no section, paths that begin with a slash."""
    nan = float("nan")
    return {
        f"patient{i // 2}_study{i}": {
            "image_path": ["/deep/b.png", "a.png"], "key_image_path": "a.png", "subject_id": 10 + i // 2,
            "section_findings": findings or nan, "section_impression": f"\n{impression}\n" if impression else nan,
            "context": "Age:50-60.Indication: cough.", "frontal_lateral": ["Frontal", "Lateral"], "report": "x",
        }
        for i, (findings, impression) in enumerate(SAID)
    }  # fmt: skip


@pytest.fixture
def put(monkeypatch, tmp_path):
    """put(name, studies) -> the file of a release with its two images."""
    monkeypatch.setenv("LINGSHU_DATA", str(tmp_path / "sets"))

    def write(name, studies):
        place = folder(name)
        (place / "images" / "deep").mkdir(parents=True, exist_ok=True)
        for image, width in (("a.png", 4), ("deep/b.png", 5)):
            Image.new("L", (width, 3)).save(place / "images" / image)
        (place / "test.json").write_text(studies if isinstance(studies, str) else json.dumps(studies))
        return place / "test.json"

    return write


def refused(name):
    """The one line of the refusal; it ends with what to do."""
    with pytest.raises(BadInput) as caught:
        data.load(name, "test")
    (line,) = caught.value.problems
    assert line.endswith(data.describe(name).remedy.format(place=folder(name)))
    return line


@pytest.mark.parametrize("studies", [toolkit, rexrank])
@pytest.mark.parametrize("name", SETS)
def test_studies_become_reports(name, studies, put):
    put(name, studies())
    info, rows = data.describe(name), data.load(name, "test")
    assert len(rows) == len({row.id for row in rows}) == 8
    for row, (findings, impression) in zip(rows, SAID, strict=True):
        assert set(row.columns()) == set(info.columns)
        assert (row.kind, row.modality, row.source, row.split) == ("report", "chest-xray", name, "test")
        assert (row.meta["findings"], row.meta["impression"]) == (findings, impression)
        assert row.answer == f"{findings}\n{impression}".strip()
    assert [row.id for row in data.load(name, "test", n=3, seed=1)] == [
        row.id for row in data.load(name, "test", n=5, seed=1)[:3]
    ]


def test_every_image_of_a_study_comes_in_the_file_s_order(put):
    put("iu_xray", toolkit())
    one, two = (data.image_sizes(row) for row in data.load("iu_xray", "test")[:2])
    assert (one, two) == ([(4, 3)], [(4, 3), (5, 3)])
    put("iu_xray", rexrank())
    row = data.load("iu_xray", "test")[0]
    assert data.image_sizes(row) == [(5, 3), (4, 3)]
    assert row.meta["views"] == ["Frontal", "Lateral"]


def test_the_indication_is_kept_and_not_shown(put):
    from data.prompt import user_text

    put("mimic_cxr", rexrank())
    row = data.load("mimic_cxr", "test")[0]
    assert row.meta["indication"] == "Age:50-60.Indication: cough."
    assert not any("cough" in user_text(row, style) for style in ("think", "paper", "reasoning"))


@pytest.mark.parametrize(
    ("name", "first", "clusters"),
    [("chexpert_plus", "patient:0", 4), ("mimic_cxr", "patient:10", 4), ("iu_xray", None, 8)],
)
def test_the_cluster_is_the_patient_where_it_is_known(name, first, clusters, put):
    put(name, rexrank())
    rows = data.load(name, "test")
    assert len({row.meta["cluster"] for row in rows}) == clusters
    assert rows[0].meta["cluster"] == (first or f"study:{rows[0].meta['study']}")


def test_a_study_without_a_report_asks_nothing(put):
    studies = toolkit()
    studies[3] |= {"findings": " ", "impression": ""}
    put("iu_xray", studies)
    assert [row.meta["study"] for row in data.load("iu_xray", "test")][2:4] == ["patient1_study2", "patient2_study4"]


@pytest.mark.parametrize("name", SETS)
def test_the_gold_report_earns_the_maximum_and_an_unrelated_one_does_not(name, put):
    put(name, toolkit())
    report = rewards.load("report")
    scores = [report(f"<answer>{row.answer}</answer>", **row.columns()) for row in data.load(name, "test")]
    assert {score and score.value for score in scores} <= {1.0, None}
    assert sum(score is not None for score in scores) >= 6
    first = data.load(name, "test")[0]
    other = report("<answer>Right pneumothorax.</answer>", **first.columns())
    assert other is not None
    assert other.value == 0.0


@pytest.mark.parametrize("name", SETS)
def test_each_is_a_suite_graded_by_the_report_reward(name):
    suite, info = suites.load(name), data.describe(name)
    assert (suite.grader, suite.split) == ("report", "test")
    assert info.citation
    assert info.access


@pytest.mark.parametrize("name", SETS)
def test_missing_files_and_images_are_named_with_what_to_do(name, put):
    path = put(name, toolkit())
    (path.parent / "images" / "deep" / "b.png").unlink()
    assert "4 images are missing" in refused(name)
    assert "deep/b.png of " in refused(name)
    path.unlink()
    assert f"{path} is missing" in refused(name)


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("column", ["id", "image", "findings", "impression"])
def test_a_column_that_lacks_is_named_with_its_row(name, column, put):
    studies = toolkit()
    del studies[2][column]
    assert f"{put(name, studies)}: row 3 has no column '{column}'" in refused(name)


@pytest.mark.parametrize("name", SETS)
def test_a_study_that_comes_twice_is_named_in_both_forms(name, put):
    studies = toolkit()
    studies[5]["id"] = studies[1]["id"]
    put(name, studies)
    assert "row 6: the id " in refused(name)
    assert "patient0_study1 comes twice" in refused(name)
    put(name, json.dumps(rexrank()).replace("patient2_study5", "patient0_study1"))
    assert "the key 'patient0_study1' comes twice" in refused(name)


@pytest.mark.parametrize("name", SETS)
def test_a_broken_file_is_named(name, put):
    path = put(name, json.dumps(toolkit())[:-30])
    assert f"{path} cannot be read" in refused(name)
    put(name, '"text"')
    assert f"{path} holds no list of studies" in refused(name)
    put(name, {"patient0_study0": "text"})
    assert f"{path} holds no list of studies" in refused(name)
    put(name, [])
    assert "holds no row to ask" in refused(name)
    put(name, [{**toolkit()[0], "image": []}])
    assert "row 1: study patient0_study0 has no image" in refused(name)
    put(name, [{**toolkit()[0], "findings": ["text"]}])
    assert "row 1: ['text'] is no text of a report" in refused(name)
