"""What an Example accepts, how a missing kind is read, how pictures are opened."""

import pytest
from PIL import Image

import data
from data.example import infer_kind
from recipes import BadInput


@pytest.mark.parametrize(
    ("answer", "options", "kind"),
    [
        (["A", "C"], None, "multi"),
        (["A", "C"], {"A": "x", "C": "y"}, "multi"),
        ("B", {"A": "x", "B": "y"}, "option"),
        ("Yes", None, "yesno"),
        ("maybe", None, "yesno"),
        ("12", None, "numeric"),
        ("-0.5 mmol/L", None, "numeric"),
        ("1,200 mL", None, "numeric"),
        ("23.4 kg/m²", None, "numeric"),
        ("3 cm mass in the left lobe", None, "text"),
        ("pneumonia", None, "text"),
        ("T2", None, "text"),
    ],
)
def test_missing_kind_is_inferred(answer, options, kind):
    assert infer_kind(answer, options) == kind
    assert data.Example("i", "q", answer, options=options).kind == kind


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"id": ""}, "empty"),
        ({"question": "  "}, "empty"),
        ({"answer": ""}, "answer"),
        ({"answer": " yes"}, "outer spaces"),
        ({"answer": []}, "answer"),
        ({"kind": "choice"}, "kind"),
        ({"kind": "option"}, "letter"),
        ({"kind": "option", "options": {"A": "x"}}, "letter"),
    ],
)
def test_contradictory_rows_are_refused(change, said):
    with pytest.raises(ValueError, match=said):
        data.Example(**({"id": "i", "question": "q", "answer": "B"} | change))


def test_columns_are_fields_and_meta_and_fields_win():
    row = data.Example("i", "q", "yes", meta={"trace": "t", "answer": "no"})
    assert row.columns()["trace"] == "t"
    assert row.columns()["answer"] == "yes"


def test_images_open_as_rgb_from_memory_and_from_paths(tmp_path):
    Image.new("L", (5, 4), 7).save(tmp_path / "grey.png")
    row = data.Example("i", "q", "yes", images=(str(tmp_path / "grey.png"), Image.new("RGBA", (2, 3))))
    opened = data.open_images(row)
    assert [image.mode for image in opened] == ["RGB", "RGB"]
    assert [image.size for image in opened] == [(5, 4), (2, 3)]
    assert opened[0].getpixel((0, 0)) == (7, 7, 7)
    assert data.image_sizes(row) == [(5, 4), (2, 3)]


@pytest.mark.parametrize("content", [None, b"not a picture", b"\x89PNG\r\n\x1a\n cut short"])
def test_a_broken_image_is_named_with_its_row(tmp_path, content):
    path = tmp_path / "scan.png"
    if content is not None:
        path.write_bytes(content)
    for read in (data.open_images, data.image_sizes):
        with pytest.raises(BadInput) as caught:
            read(data.Example("row-7", "q", "yes", images=(path,)))
        assert len(caught.value.problems) == 1
        assert "row-7" in str(caught.value)
        assert str(path) in str(caught.value)


def test_a_truncated_image_is_named_too(tmp_path):
    path = tmp_path / "cut.png"
    Image.effect_noise((64, 64), 50).save(path)
    path.write_bytes(path.read_bytes()[:1500])
    with pytest.raises(BadInput, match="cut.png"):
        data.open_images(data.Example("i", "q", "yes", images=(path,)))
