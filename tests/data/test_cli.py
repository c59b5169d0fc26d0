"""`python -m data`."""

import json

import pytest
from PIL import Image

from data.__main__ import main

from .releases import write
from .sources import ROWS


def test_list_names_every_set(capsys):
    assert main(["list"]) == 0
    shown = capsys.readouterr().out
    assert all(name in shown for name in ("clinic", "vqa_rad", "pubmedqa"))


def test_list_as_json(capsys):
    assert main(["list", "--json"]) == 0
    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)}
    assert rows["clinic"]["knobs"]["image_size"] == 56
    assert rows["pubmedqa"]["hub"] == "qiaojin/PubMedQA"


def test_list_says_what_is_here_and_what_was_run(capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("LINGSHU_DATA", str(tmp_path))
    (tmp_path / "slake").mkdir()
    assert main(["list"]) == 0
    lines = {line.split()[0]: line for line in capsys.readouterr().out.splitlines()}
    for name, words in {
        "slake": "here unverified instruct, rl",
        "roco": "hub unverified captions",
        "busi": "missing unverified imaging",
        "mimic_cxr_vqa": "credentialed unverified",
        "clinic": "here verified",
        "pubmedvision": "captions, instruct 1,294,062",
        "llava_pretrain": "general/captions unknown",
    }.items():
        assert all(word in lines[name].split("  ") or f" {word} " in lines[name] for word in words.split()), name


def test_list_of_a_class(capsys):
    assert main(["list", "--class", "text", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert {"medqa", "medreason", "icliniq"} <= {row["name"] for row in rows}
    assert all(any(name.startswith("text/") for name in row["classes"]) for row in rows)
    assert all(row["download"] and row["where"] for row in rows)


def test_show_takes_knobs_before_and_after_options_and_writes_images(capsys, tmp_path):
    words = ["show", "clinic", "difficulty=2", "--split", "test", "--n", "2", "--out", str(tmp_path / "pictures")]
    assert main([*words, "families=[lesion_count]", "image_size=40"]) == 0
    shown = capsys.readouterr().out
    assert "reasoning: the image shows" in shown
    assert shown.count("answer: ") == 2
    written = sorted((tmp_path / "pictures").glob("*.png"))
    assert len(written) == 2
    assert Image.open(written[0]).size == (40, 40)


def test_show_reads_as_a_conversation(capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("LINGSHU_DATA", str(tmp_path))
    write(tmp_path / "llava_med" / "llava_med_instruct_60k.json", [ROWS["llava_med"](0)])
    (tmp_path / "llava_med" / "images").mkdir()
    assert main(["show", "llava_med", "part=captions", "--prompt", "plain"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "--- llava_med/captions/train/1  text  mixed  images: 1",
        f"image: {tmp_path}/llava_med/images/a/0.jpg",
        "user: What is metal 0.0?",
        "",
        "assistant: Copper, and What is metal 0.0?",
        "",
        "user: What is metal 0.1?",
        "",
        "assistant: Copper, and What is metal 0.1?",
        "",
        "user: What is metal 0.2?",
        "answer: Copper, and What is metal 0.2?",
    ]


def test_show_tells_reasoning_labels_and_mask(capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("LINGSHU_DATA", str(tmp_path))
    write(tmp_path / "medical_o1_reasoning" / "medical_o1_sft.json", [ROWS["medical_o1_reasoning"](0)])
    assert main(["show", "medical_o1_reasoning", "--prompt", "plain"]) == 0
    assert capsys.readouterr().out.splitlines()[1:] == ["What is 0?", "reasoning: Hm.", "answer: Copper."]
    for path in ("benign (1).png", "benign (1)_mask.png"):
        (tmp_path / "busi" / "benign").mkdir(parents=True, exist_ok=True)
        (tmp_path / "busi" / "benign" / path).touch()
    assert main(["show", "busi", "--prompt", "plain"]) == 0
    assert capsys.readouterr().out.splitlines()[-3:] == [
        "label space: ['benign tumour', 'malignant tumour', 'no tumour']",
        f"mask: {tmp_path}/busi/benign/benign (1)_mask.png",
        "answer: benign tumour",
    ]


def test_show_json_is_a_row_a_line(capsys):
    assert main(["show", "clinic", "--n", "3", "--json", "families=gcs"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["family"] for row in rows] == ["gcs"] * 3
    assert rows[0]["question"] in rows[0]["prompt"]


@pytest.mark.parametrize(
    "words",
    [
        ["show", "clinc"],
        ["show", "clinic", "difficulty"],
        ["show", "clinic", "difficulty=[1"],
        ["show", "clinic", "--n", "0"],
        ["show", "clinic", "difficulty=7"],
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(capsys, words):
    assert main(words) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert error.count("\n") == 1


@pytest.mark.parametrize(
    "words", [[], ["frob"], ["show"], ["show", "clinic", "--spli", "x"], ["list", "x"], ["list", "--class", "x"]]
)
def test_bad_use_is_one_line_and_exit_code_2(capsys, words):
    with pytest.raises(SystemExit) as caught:
        main(words)
    assert caught.value.code == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert error.count("\n") == 1


@pytest.mark.parametrize("words", [["--help"], ["list", "--help"], ["show", "--help"]])
def test_help(capsys, words):
    with pytest.raises(SystemExit) as caught:
        main(words)
    assert caught.value.code == 0
    assert "usage" in capsys.readouterr().out
