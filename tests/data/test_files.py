"""A user's own table of questions as a data set."""

import csv
import json
from pathlib import Path

import pytest
from PIL import Image

import data
from data.__main__ import main
from data.registry import Bad, setting_aside
from recipes import BadInput


def table(path: Path, rows: list[dict]) -> str:
    with path.open("w", newline="", encoding="utf-8-sig") as file:  # as Excel writes it
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return str(path)


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Pictures that differ: 0.png to 7.png of 80 x 70 px."""
    (tmp_path / "pics").mkdir()
    for i in range(8):
        image = Image.effect_noise((80, 70), 60 + i)
        image.save(tmp_path / "pics" / f"{i}.png")
    return tmp_path


def test_rows_of_a_csv(pictures: Path) -> None:
    rows = [
        {"question": "Which metal?", "answer": "tin", "images": "pics/0.png", "patient": "7", "ward": "3b"},
        {"question": "Is it red?", "answer": "Yes", "images": "", "patient": "", "ward": ""},
        {"question": "How heavy?", "answer": "5 kg", "images": "pics/1.png; pics/2.png", "patient": "", "ward": ""},
        {"question": "", "answer": "A plate of copper.", "images": "pics/3.png", "patient": "", "ward": ""},
    ]
    found = data.load("files", "train", path=table(pictures / "mine.csv", rows), modality="CT", license="ours")
    assert [(row.id, row.kind, row.answer, row.modality) for row in found] == [
        ("mine/1", "text", "tin", "ct"), ("mine/2", "yesno", "yes", "text"), ("mine/3", "numeric", "5 kg", "ct"),
        ("mine/4", "text", "A plate of copper.", "ct"),
    ]  # fmt: skip
    assert found[0].images == (str(pictures / "pics/0.png"),)
    assert len(found[2].images) == 2
    assert found[3].question.endswith(".") or found[3].question.endswith("?")  # one of our requests for a caption
    assert (found[0].meta["cluster"], found[0].meta["ward"], found[0].license) == ("patient:7", "3b", "ours")
    assert {row.source for row in found} == {"mine"}


def test_options_are_columns_or_json_and_the_answer_a_letter_or_a_text(tmp_path: Path) -> None:
    lines = [
        {"question": "Which?", "answer": "zinc", "options": ["tin", "zinc"]},
        {"question": "Which?", "answer": "A", "options": {"A": "tin", "B": "zinc"}},
        {"question": "Which?", "answer": ["A", "B"], "options": {"A": "tin", "B": "zinc"}},
    ]
    path = tmp_path / "mine.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert [row.answer for row in data.load("files", "train", path=str(path))] == ["B", "A", ["A", "B"]]
    rows = [{"question": "Which?", "answer": "tin", "A": "lead", "B": "tin", "C": ""}]
    [row] = data.load("files", "train", path=table(tmp_path / "columns.csv", rows))
    assert (row.kind, row.answer, row.options, row.meta["distractors"]) == (
        "option",
        "B",
        {"A": "lead", "B": "tin"},
        ["A"],
    )


def test_columns_by_other_names_and_splits(tmp_path: Path) -> None:
    rows = [{"Frage": f"What is {i}?", "Antwort": "tin", "Teil": ("train", "test")[i % 2], "nr": i} for i in range(5)]
    path = table(tmp_path / "mine.csv", rows)
    columns = {"question": "Frage", "answer": "Antwort", "split": "Teil", "id": "nr"}
    for split, ids in {"train": ["mine/0", "mine/2", "mine/4"], "test": ["mine/1", "mine/3"]}.items():
        assert [row.id for row in data.load("files", split, path=path, columns=columns)] == ids
    with pytest.raises(BadInput, match="has no column answer; it has Frage, Antwort, Teil, nr; .* columns"):
        data.load("files", "train", path=path)
    with pytest.raises(BadInput, match=r"columns: no 'anwser' \(did you mean answer\?\)"):
        data.load("files", "train", path=path, columns={"anwser": "Antwort"})


def test_a_bad_row_is_set_aside_with_its_number_and_without_its_text(pictures: Path) -> None:
    rows = [
        {"question": "What?", "answer": "tin", "images": "pics/0.png"},
        {"question": "What?", "answer": "secret", "images": "../../etc/passwd"},
        {"question": "What secret?", "answer": "", "images": ""},
        {"question": "", "answer": "secret", "images": ""},
    ]
    path = table(pictures / "mine.csv", rows)
    bad: list[Bad] = []
    with setting_aside(bad):
        assert len(data.load("files", "train", path=path)) == 1
    assert [one.row for one in bad] == [2, 3, 4]
    assert "leaves the folder" in bad[0].why
    assert "secret" not in str(bad)
    with pytest.raises(BadInput, match=r"mine.csv: row 2: the path of a picture leaves"):
        data.load("files", "train", path=path)


@pytest.mark.parametrize(
    ("name", "content"), {"a.csv": b"question,answer\n\xff\xfe", "a.xlsx": b"PK", "b.csv": None}.items()
)
def test_a_file_that_cannot_be_read_is_one_line(tmp_path: Path, name: str, content: bytes | None) -> None:
    if content:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(BadInput, match=r"Your own files") as caught:
        data.load("files", "train", path=str(tmp_path / name))
    assert len(caught.value.problems) == 1


def test_own_files_are_cleaned_as_the_others_are(pictures: Path, capsys) -> None:
    pytest.importorskip("presidio_analyzer")
    Image.new("RGB", (80, 70), (9, 9, 9)).save(pictures / "pics/blank.png")
    rows = [{"question": "Which metal is this?", "answer": "tin", "images": f"pics/{i}.png"} for i in range(8)]
    rows += [rows[0], {"question": "Which?", "answer": "tin", "images": "pics/blank.png"}]
    rows += [{"question": "What did Mr. Smith, phone 555-123-4567, swallow?", "answer": "a tin plate", "images": ""}]
    path = table(pictures / "mine.csv", rows)
    words = ["recipes/data/own_files.yaml", f"data.train.0.path={path}", f"run.output_dir={pictures / 'out'}"]
    assert main(["build", *words, "--check"]) == 0
    capsys.readouterr()
    assert main(["build", *words, "build.workers=1", "--json"]) == 0
    card = json.loads(capsys.readouterr().out)
    assert card["sources"][0]["removed"] == {
        "image_blank: blank image": 1,
        "image_dedup: image seen elsewhere (distance 0)": 1,
    }
    kept = data.load("built", "train", path=card["out"])
    [scrubbed] = [row.question for row in kept if "swallow" in row.question]
    assert "Smith" not in scrubbed
    assert "4567" not in scrubbed
