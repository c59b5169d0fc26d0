"""The five stages of a caption: labels, boxes from masks and volumes, two descriptions, one summary."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from data.clean import Drop
from data.example import Example
from data.synth import Nonsense, boxes, load, rows, wording
from data.synth.__main__ import main
from data.synth.client import messages
from data.synth.stages.captions import GROUPS, group_of, short_caption
from recipes import BadInput

from .conftest import Endpoint, asked

META, REGIONS, FACTS, PREFERENCE, SUMMARY = load("captions")


def seen(**meta) -> Example:
    picture = Image.new("RGB", (60, 40), (90, 90, 90))
    return Example("c1", "Describe the image.", "x", kind="report", images=(picture,), modality="MRI", meta=meta)


def test_the_short_caption_tells_what_is_visible_and_nothing_else() -> None:
    labels = {"sequence": "T2", "plane": "axial", "anatomy": "brain", "abnormality": ["glioma", "oedema"]}
    private = {"age": "61", "name": "Somebody", "date": "2001-02-03", "patient_id": "77"}
    knob = {"knowledge": {"Glioma": "A tumour of glial cells."}}
    [row] = load("captions", knob)[0].read(seen(labels={**labels, **private}), "")
    assert row.meta["short_caption"] == "T2 MRI, axial plane of the brain, showing glioma, oedema."
    assert row.meta["knowledge"] == "A tumour of glial cells."
    assert not {*private} & {*row.meta["labels"]}
    assert META.read(seen(labels=private), "") == Drop("no label of what is seen", "neither anatomy nor abnormality")
    assert short_caption({"modality": ["CT"], "abnormality": ["normal"]}) == "CT, without a labelled abnormality."


def test_each_region_of_a_mask_gets_the_smallest_rectangle() -> None:
    mask = np.zeros((40, 60), np.uint8)
    mask[2:10, 5:20] = 1
    mask[30:38, 40:44] = 2
    mask[20:24, 10:12] = mask[24:28, 12:15] = 1  # touch at a corner: one region
    mask[39, 59] = 1  # noise
    found = [(one["label"], one["box"]) for one in boxes.boxes_of(mask, min_px=2)]
    assert found == [(1, [5, 2, 20, 10]), (1, [10, 20, 15, 28]), (2, [40, 30, 44, 38])]
    assert boxes.boxes_of(np.zeros((4, 4), int)) == []


def test_regions_that_meet_late_are_one() -> None:
    """Shapes whose arms a row-by-row search meets first apart: U, W, ring, comb."""
    for rows_ in (
        ["#.#", "#.#", "###"],
        ["#.#.#", "#.#.#", "#####"],
        ["###", "#.#", "###"],
        ["#...#", ".#.#.", "..#.."],
    ):
        marked = np.array([[c == "#" for c in row] for row in rows_])
        [(n, box)] = boxes.regions(marked)
        assert (n, box) == (marked.sum(), [0, 0, marked.shape[1], marked.shape[0]])


def test_regions_agree_with_a_slower_search() -> None:
    draw = np.random.default_rng(0)
    for share in (0.2, 0.4, 0.6):
        marked = draw.random((25, 31)) < share
        left, expected = set(zip(*np.nonzero(marked), strict=True)), []
        while left:
            stack, part = [left.pop()], []
            while stack:
                y, x = stack.pop()
                part.append((y, x))
                near = {(y + dy, x + dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1)} & left
                left -= near
                stack += near
            ys, xs = zip(*part, strict=True)
            expected.append((len(part), [min(xs), min(ys), max(xs) + 1, max(ys) + 1]))
        assert sorted(boxes.regions(marked)) == sorted(expected)


def test_a_mask_file_is_read_or_named(tmp_path: Path) -> None:
    mask = np.zeros((40, 60), np.uint8)
    mask[5:15, 10:30] = 255
    Image.fromarray(mask).save(tmp_path / "mask.png")
    [row] = REGIONS.read(seen(mask=str(tmp_path / "mask.png")), "")
    assert row.meta["boxes"] == [{"box": [10, 5, 30, 15], "label": 255}]
    Image.fromarray(mask[:20]).save(tmp_path / "small.png")
    Image.fromarray(np.arange(2400, dtype=np.uint8).reshape(40, 60)).save(tmp_path / "photo.png")
    (tmp_path / "torn.png").write_bytes(b"x")
    wrong = {"small": "is 60 x 20 px, its picture 60 x 40 px", "photo": "has 256 values", "torn": "cannot be read"}
    for name, said in wrong.items():
        with pytest.raises(BadInput, match=said):
            REGIONS.read(seen(mask=str(tmp_path / f"{name}.png")), "")
    Image.fromarray(mask * 0).save(tmp_path / "empty.png")
    assert REGIONS.read(seen(mask=str(tmp_path / "empty.png")), "") == Drop("an empty mask")
    assert REGIONS.read(seen(), "")[0].meta["boxes"] == []
    assert REGIONS.read(seen(boxes=[[1, 2, 3, 4]]), "")[0].meta["boxes"] == [{"box": [1, 2, 3, 4], "label": 1}]


def test_a_volume_becomes_its_marked_slices(tmp_path: Path) -> None:
    volume, mask = np.zeros((20, 30, 12), np.int16), np.zeros((20, 30, 12), np.uint8)
    volume[5:9, 6:12, 3:8] = 80
    mask[5:9, 6:12, 3:8] = 1
    np.save(tmp_path / "v.npy", volume)
    np.save(tmp_path / "m.npy", mask)
    stage = load("captions", {"slices": 3, "window": [40, 80]})[1]
    row = Example("v", "q", "x", meta={"volume": str(tmp_path / "v.npy"), "mask": str(tmp_path / "m.npy")})
    made = stage.read(row, "")
    assert [(new.id, new.meta["z"]) for new in made] == [("v/z3", 3), ("v/z5", 5), ("v/z7", 7)]
    assert all(new.meta["boxes"] == [{"box": [6, 5, 12, 9], "label": 1}] for new in made)
    [image] = made[0].images
    assert (image.size, image.getpixel((7, 6)), image.getpixel((0, 0))) == ((30, 20), (255,) * 3, (0,) * 3)
    np.save(tmp_path / "m.npy", mask[:, :, :5])
    assert stage.read(row, "") == Drop("mask and volume differ in shape or place", "(20, 30, 5) and (20, 30, 12)")
    (tmp_path / "v.npy").write_bytes(b"torn")
    with pytest.raises(BadInput, match="it must be a .npy or NIfTI file"):
        stage.read(row, "")


def test_nifti_slices_are_shown_as_radiologists_see_them(tmp_path: Path) -> None:
    """A mark at the patient's right front lies at the upper left, however the file stores its axes."""
    nibabel = pytest.importorskip("nibabel")
    values = np.zeros((30, 20, 6), np.int16)  # to the right, to the front, to the head
    values[22:28, 14:18, 4] = 1
    for name, array, affine in (
        ("ras", values, np.diag([1.0, 1, 2, 1])),
        ("lps", values[::-1, ::-1], np.array([[-1.0, 0, 0, 29], [0, -1, 0, 19], [0, 0, 2, 0], [0, 0, 0, 1]])),
        ("turned", values.transpose(2, 0, 1), np.array([[0.0, 1, 0, 0], [0, 0, 1, 0], [2, 0, 0, 0], [0, 0, 0, 1]])),
    ):
        nibabel.save(nibabel.Nifti1Image(np.ascontiguousarray(array), affine), tmp_path / f"{name}.nii.gz")
        path = str(tmp_path / f"{name}.nii.gz")
        [row] = REGIONS.read(Example("v", "q", "x", meta={"volume": path, "mask": path}), "")
        assert (row.id, row.meta["boxes"], row.images[0].size) == (
            "v/z4",
            [{"box": [2, 2, 8, 6], "label": 1}],
            (30, 20),
        )
    moved = nibabel.Nifti1Image(values, np.diag([1.0, 1, 2, 1]) + np.eye(4)[:, ::-1] * [[5], [0], [0], [0]])
    nibabel.save(moved, tmp_path / "moved.nii")
    meta = {"volume": str(tmp_path / "ras.nii.gz"), "mask": str(tmp_path / "moved.nii")}
    assert REGIONS.read(Example("v", "q", "x", meta=meta), "").why == "mask and volume differ in shape or place"
    (tmp_path / "torn.nii").write_bytes(b"x" * 400)
    with pytest.raises(BadInput, match="cannot be read"):
        REGIONS.read(Example("v", "q", "x", meta={"volume": str(tmp_path / "torn.nii"), "mask": path}), "")


def test_the_model_sees_the_box_and_the_reader_does_not(tmp_path: Path) -> None:
    row = seen(short_caption="MRI of the brain.", boxes=[{"box": [10, 5, 30, 15], "label": 1}])
    [boxed] = FACTS.ask(row).images
    assert boxed.getpixel((9, 10)) == boxes.INK
    assert boxed.getpixel((20, 10)) == (90, 90, 90)  # what is enclosed is not drawn over
    assert row.images[0].getpixel((9, 10)) == (90, 90, 90)
    with pytest.raises(BadInput, match="does not lie in its picture"):
        FACTS.ask(seen(short_caption="x", boxes=[{"box": [10, 5, 99, 15], "label": 1}]))


def facts(findings: str = "A bright focus.") -> str:
    return json.dumps({"overview": "An MRI.", "findings": findings, "relations": "No shift."})


def test_descriptions_that_speak_of_what_is_hidden_go() -> None:
    [row] = FACTS.read(seen(), facts())
    assert row.meta["facts"] == "An MRI.\nA bright focus.\nNo shift."
    hidden = Drop("speaks of what the reader does not see")
    for said in ("Inside the red box is a focus.", "The bounding box holds it.", "As the caption says, a focus."):
        assert FACTS.read(seen(), facts(said)) == hidden
        assert SUMMARY.read(seen(), json.dumps({"caption": said})) == hidden
    assert isinstance(FACTS.read(seen(), "{}"), Nonsense)
    assert PREFERENCE.read(seen(), '{"description": ""}') == Nonsense("a key is empty", "description")


MODALITIES = {
    "knee X-ray": ("radiography", {"modality": "X-ray", "anatomy": "knee"}), "X-ray": ("chest-xray", {}),
    "MRI": ("", {"modality": "MRI", "sequence": "FLAIR"}), "CT": ("CT", {}), "histopathology": ("histopathology", {}),
    "skin": ("dermoscopy", {}), "GI endoscopy": ("endoscopy", {}), "fundus": ("fundus photography", {}),
    "ultrasound": ("ultrasound", {}), "": ("optical coherence tomography", {}),
}  # fmt: skip


@pytest.mark.parametrize("group", MODALITIES)
def test_each_modality_has_its_checklist(group: str) -> None:
    modality, labels = MODALITIES[group]
    row = Example("r", "q", "x", modality=modality, meta={"labels": labels})
    assert group_of(row) == group
    if group:
        assert wording.sections("caption_checklists")[group] in messages(
            PREFERENCE.ask(Example("r", "q", "x", modality=modality, meta={"labels": labels}))
        )[-1]["content"]  # fmt: skip
    else:
        assert PREFERENCE.ask(row) == Drop("no checklist for this modality")


def test_the_checklists_are_nine() -> None:
    assert {group for *_, group in GROUPS} == {*wording.sections("caption_checklists")} == {*MODALITIES} - {""}


def test_all_five_stages_over_a_wire(endpoint: Endpoint, tmp_path: Path) -> None:
    Image.new("RGB", (60, 40), (90, 90, 90)).save(tmp_path / "a.png")
    mask = np.zeros((40, 60), np.uint8)
    mask[5:15, 10:30] = 1
    Image.fromarray(mask).save(tmp_path / "m.png")
    labels = {"anatomy": "brain", "abnormality": "glioma", "age": "61"}
    line = {"id": "a", "images": ["a.png"], "mask": "m.png", "modality": "MRI", "labels": labels}
    (tmp_path / "in.jsonl").write_text(json.dumps(line))

    def said(body: dict, nth: int):
        if "Description A" in asked(body):
            return json.dumps({"caption": "An MRI of the brain with a glioma.", "conflicts": ["normal brain"]})
        return json.dumps({"description": "A normal brain."}) if "This image belongs" in asked(body) else facts()

    endpoint.script = said
    words = ["captions", "--data", str(tmp_path / "in.jsonl"), "--out", str(tmp_path / "out"), "--model", "m"]
    assert main([*words, "--base-url", endpoint.url, "--cache", str(tmp_path / "cache")]) == 0
    [row] = rows.read(tmp_path / "out" / "rows.jsonl")
    assert (row.answer, row.kind, row.question) == (
        "An MRI of the brain with a glioma.",
        "report",
        "Describe the image.",
    )
    assert row.meta["conflicts"] == ["normal brain"]
    assert [one["stage"] for one in row.meta["made_by"]] == [
        "caption_metadata", "caption_regions", "caption_facts", "caption_preference", "caption_summary",
    ]  # fmt: skip
    assert "61" not in json.dumps([body["messages"][-1]["content"][-1] for body in endpoint.bodies[:1]])
    assert len(list((tmp_path / "out").glob("0?-*.rows.jsonl"))) == 5
    assert row.images == (str(tmp_path / "a.png"),)
