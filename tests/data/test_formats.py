"""What the four formats make of rows."""

import json
import pickle

import pytest

import data
from data.example import Example
from data.formats import captions, conversations, labelled, parquet, qa
from data.formats.release import Release, joined
from data.registry import SetInfo
from recipes import BadInput

from .picture_releases import cell, picture
from .releases import write

ABOUT = SetInfo(
    name="plates", splits=("train",), license="MIT", kinds=("text",), text="metals", remedy="put it into {place}"
)


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.setenv("LINGSHU_DATA", str(tmp_path))
    (tmp_path / "plates" / "images").mkdir(parents=True)
    return tmp_path / "plates"


def talk(*turns, **more):
    return {"conversations": [{"from": who, "value": what} for who, what in turns], **more}


def read(load, place, rows, file="rows.json") -> list[Example]:
    write(place / file, rows)
    return load("train")


def refused(load, place, row) -> str:
    with pytest.raises(BadInput) as caught:
        read(load, place, [row])
    (line,) = caught.value.problems
    assert line.endswith(f"put it into {place}")
    return line


def test_a_caption_answers_one_of_our_requests(place):
    load = captions.loader(Release(ABOUT, files="rows.json"), image="image", caption="caption")
    rows = read(load, place, [{"image": f"{i}.png", "caption": f" Plate {i}. "} for i in range(60)])
    assert rows[7].answer == "Plate 7."
    assert rows[7].images == (str(place / "images" / "7.png"),)
    assert rows[7].meta["cluster"] == f"image:{place / 'images' / '7.png'}"
    wordings = {one for one, _ in captions.WORDINGS}
    assert {row.question for row in rows} == wordings
    assert [row.question for row in load("train")] == [row.question for row in rows]


def test_several_pictures_are_asked_for_as_several(place):
    load = captions.loader(Release(ABOUT, files="rows.json"), image="image", caption="caption")
    (row,) = read(load, place, [{"image": ["1.png", "2.png"], "caption": "Plates."}])
    assert len(row.images) == 2
    assert row.question in {several for _, several in captions.WORDINGS}


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"image": "1.png"}, "no column 'caption'"),
        ({"image": "1.png", "caption": " "}, "there is no caption"),
        ({"image": [], "caption": "Plates."}, "there is no picture"),
        ({"image": "../../1.png", "caption": "Plates."}, "leaves the folder"),
        ({"image": "/etc/1.png", "caption": "Plates."}, "leaves the folder"),
        ({"image": "..\\1.png", "caption": "Plates."}, "leaves the folder"),
    ],
)
def test_a_caption_that_cannot_be_used_names_its_row(place, row, said):
    load = captions.loader(Release(ABOUT, files="rows.json"), image="image", caption="caption")
    line = refused(load, place, row)
    assert "row 1" in line
    assert said in line


def test_the_folder_of_pictures_must_be_there(place):
    load = captions.loader(Release(ABOUT, files="rows.json", pictures="figures"), image="image", caption="caption")
    with pytest.raises(BadInput, match="folder of images .*figures is missing; put it into"):
        read(load, place, [{"image": "1.png", "caption": "Plate."}])


def test_the_last_reply_is_the_answer_and_the_rest_history(place):
    load = conversations.loader(Release(ABOUT, files="rows.json"), image="image")
    turns = ("system", "Be kind."), ("human", "<image>\nWhat?"), ("gpt", "Tin."), ("human", "Sure?"), ("gpt", "Yes.")
    (row,) = read(load, place, [talk(*turns, image="1.png")])
    assert (row.question, row.answer, row.kind) == ("Sure?", "Yes.", "text")
    assert row.meta["history"] == [
        {"role": "system", "content": "Be kind."},
        {"role": "user", "content": "What?"},
        {"role": "assistant", "content": "Tin."},
    ]
    assert row.modality == "mixed"


def test_placeholders_leave_the_text_around_them(place):
    load = conversations.loader(Release(ABOUT, files="rows.json"), image="image")
    turns = ("human", "Look at <image> and <image>\nWhat is it?"), ("gpt", "Tin.")
    (row,) = read(load, place, [talk(*turns, image=["1.png", "2.png"])])
    assert row.question == "Look at\nand\nWhat is it?"


def test_a_conversation_without_a_picture_is_of_text(place):
    load = conversations.loader(Release(ABOUT, files="rows.json"), image="image")
    (row,) = read(load, place, [talk(("human", "What?"), ("gpt", "Tin."))])
    assert (row.images, row.modality) == ((), "text")


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (talk(("human", "<image>\nWhat?"), ("gpt", "Tin.")), "show 1 pictures, the row has 0"),
        (talk(("human", "What?")), "do not end with"),
        (talk(("gpt", "Tin."), ("human", "What?")), "do not end with"),
        (talk(("human", "What?"), ("robot", "Tin.")), "by 'robot'"),
        (talk(("human", "What?"), ("gpt", " ")), "answer ''"),
        ({"conversations": "What?"}, "no list"),
        ({}, "no column 'conversations'"),
    ],
)
def test_a_conversation_that_cannot_be_used_names_its_row(place, row, said):
    line = refused(conversations.loader(Release(ABOUT, files="rows.json"), image="image"), place, row)
    assert "row 1" in line
    assert said in line


def test_reasoning_is_the_trace_and_kinds_are_inferred(place):
    load = qa.loader(Release(ABOUT, files="rows.json"), question=joined("q", "more"), answer="a", trace="why")
    golds = ("Yes", "25 %", "tin")
    rows = read(load, place, [{"q": "What?", "more": None, "a": gold, "why": "Hm."} for gold in golds])
    assert [(row.kind, row.answer) for row in rows] == [("yesno", "yes"), ("numeric", "25 %"), ("text", "tin")]
    assert {row.meta["trace"] for row in rows} == {"Hm."}
    assert {row.question for row in rows} == {"What?"}


def test_options_have_a_letter_for_answer_and_distractors(place):
    load = qa.loader(Release(ABOUT, files="rows.json"), question="q", answer="a", options="o")
    (row,) = read(load, place, [{"q": "What?", "a": "B", "o": ["tin", "zinc", "iron"]}])
    assert (row.kind, row.answer, row.options) == ("option", "B", {"A": "tin", "B": "zinc", "C": "iron"})
    assert row.meta["distractors"] == ["A", "C"]


def test_labels_have_words_a_space_and_a_mask(place):
    load = labelled.loader(
        Release(ABOUT, files="rows.csv", cluster=lambda row: f"patient:{row['who']}"),
        image="file",
        label="dx",
        words={"t": "tin", "z": "zinc", "i": "iron"},
        mask=lambda row: f"masks/{row['file']}",
        anatomy="plate",
    )
    rows = read(load, place, [{"file": f"{i}.png", "dx": dx, "who": 7} for i, dx in enumerate("tz")], "rows.csv")
    assert [row.answer for row in rows] == ["tin", "zinc"]
    assert rows[0].meta["label_space"] == ["iron", "tin", "zinc"]
    assert (rows[0].meta["label"], rows[0].meta["cluster"]) == ("t", "patient:7")
    assert rows[1].meta["mask"] == str(place / "images" / "masks" / "1.png")
    assert rows[0].options is None
    assert rows[0].meta["labels"] == {
        "abnormality": "tin",
        "anatomy": "plate",
        "modality": "mixed",
    }  # as synth takes it
    assert rows[0].meta["volume"] is None


def test_several_labels_are_a_list_and_none_is_left_out(place):
    load = labelled.loader(Release(ABOUT, files="rows.csv"), image="file", label=labelled.marked("tin", "zinc", "iron"))
    rows = read(
        load,
        place,
        [
            {"file": "0.png", "tin": "1", "zinc": "0", "iron": "1.0"},
            {"file": "1.png", "tin": "-1", "zinc": "", "iron": ""},
        ],
        "rows.csv",
    )
    assert [row.answer for row in rows] == [["tin", "iron"]]
    assert rows[0].kind == "multi"
    assert rows[0].meta["label_space"] == ["iron", "tin"]


def test_a_label_without_words_names_its_row(place):
    load = labelled.loader(Release(ABOUT, files="rows.json"), image="file", label="dx", words={"t": "tin"})
    assert "label 'x' is none of t" in refused(load, place, {"file": "0.png", "dx": "x"})


def test_a_folder_a_class_without_masks(place):
    for path in ("tin/1.png", "tin/1_mask.png", "zinc/2.png"):
        (place / path).parent.mkdir(exist_ok=True)
        (place / path).write_bytes(picture(1))
    release = Release(ABOUT, files="*/*.png", pictures="", reader=labelled.folders(without="_mask"))
    rows = labelled.loader(release, label="folder")("train")
    assert [(row.answer, row.images) for row in rows] == [
        ("tin", (str(place / "tin" / "1.png"),)),
        ("zinc", (str(place / "zinc" / "2.png"),)),
    ]


def test_pictures_stay_in_a_parquet_file_until_they_are_opened(place):
    rows = [{"image": cell(i), "pages": [cell(j) for j in range(i)], "caption": f"Plate {i}."} for i in range(1, 5)]
    path = write(place / "rows.parquet", rows)
    found = list(parquet.rows(place, "rows.parquet", "get it"))
    assert [row["caption"] for row in found] == [row["caption"] for row in rows]
    assert [len(row["pages"]) for row in found] == [1, 2, 3, 4]
    sent = pickle.loads(pickle.dumps(found[2]["pages"][1]))
    assert sent() == cell(1)["bytes"]
    assert found[3]["image"]() == cell(4)["bytes"]
    assert str(path) in repr(found[3]["image"])
    load = captions.loader(Release(ABOUT, files="rows.parquet"), image="pages", caption="caption")
    assert [len(data.open_images(row)) for row in load("train")] == [1, 2, 3, 4]


def test_a_picture_without_bytes_names_its_row_when_it_is_opened(place):
    write(place / "rows.parquet", [{"image": {"bytes": b, "path": "1.png"}, "caption": "Plate."} for b in (b"", b"x")])
    load = captions.loader(Release(ABOUT, files="rows.parquet"), image="image", caption="caption")
    for row in load("train"):
        with pytest.raises(BadInput, match="plates/train/[12]: image .* cannot be read"):
            data.open_images(row)


def test_a_broken_parquet_file_is_named(place):
    (place / "rows.parquet").write_bytes(b"PAR1 is all there is")
    with pytest.raises(BadInput, match="rows.parquet cannot be read .*put it into"):
        captions.loader(Release(ABOUT, files="rows.parquet"), image="image", caption="caption")("train")


def test_parts_are_asked_for_by_name_and_named_in_ids(place):
    load = qa.loader(Release(ABOUT, files={"red": "red.json", "grey": "grey.json"}), question="q", answer="a")
    for part in ("red", "grey"):
        write(place / f"{part}.json", [{"q": "What?", "a": part}])
    assert [row.id for row in load("train")] == ["plates/red/train/1", "plates/grey/train/1"]
    assert [row.answer for row in load("train", part="grey")] == ["grey"]
    with pytest.raises(BadInput, match="no part 'gray', did you mean 'grey'|no part 'gray'"):
        load("train", part="gray")


def test_a_local_copy_of_the_hub_is_read_where_the_folder_is_missing(tmp_path, monkeypatch):
    monkeypatch.setenv("LINGSHU_DATA", str(tmp_path / "none"))
    write(tmp_path / "copy" / "data" / "train-0.parquet", [{"q": "What?", "a": "tin"}])
    load = qa.loader(Release(ABOUT), question="q", answer="a")
    assert [row.answer for row in load("train", hub=str(tmp_path / "copy"))] == ["tin"]
    with pytest.raises(BadInput, match="plates is not on the hub"):
        load("train", source="hub")
    with pytest.raises(BadInput, match="missing"):
        load("train")


def test_a_sample_is_the_same_for_a_seed_and_grows(place):
    load = qa.loader(Release(ABOUT, files="rows.json"), question="q", answer="a")
    rows = read(load, place, [{"q": f"What is {i}?", "a": "tin"} for i in range(9)])
    assert len(rows) == 9
    few, more = load("train", n=3, seed=1), load("train", n=5, seed=1)
    assert [row.id for row in more[:3]] == [row.id for row in few]
    assert json.dumps([row.meta["language"] for row in few]) == '["en", "en", "en"]'
