"""Whole runs over a real wire: what is kept and why not, what is counted, and a killed run that goes on."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image

import data
from data.synth import rows
from data.synth.__main__ import main
from data.synth.run import FEWEST

from .conftest import Endpoint, asked, completion
from .test_cot import GOOD, reply

ROOT = Path(__file__).parents[3]
OPTIONS = {"A": "vitamin A", "B": "vitamin C", "C": "niacin"}


def ask_for(path: Path, n: int) -> Path:
    """A file of n questions that differ."""
    lines = [
        {"id": f"q{i}", "question": f"Question {i}: which prevents scurvy?", "options": OPTIONS, "answer": "B"}
        for i in range(n)
    ]
    path.write_text("\n".join(json.dumps(line) for line in lines))
    return path


def command(endpoint: Endpoint, tmp_path: Path, *words: str) -> list[str]:
    base = ["--data", str(tmp_path / "in.jsonl"), "--out", str(tmp_path / "out"), "--cache", str(tmp_path / "cache")]
    return [*words, *base, "--base-url", endpoint.url, "--model", "m"]


def lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_every_row_is_kept_or_has_its_reason(endpoint: Endpoint, tmp_path: Path, capsys) -> None:
    ask_for(tmp_path / "in.jsonl", 8)
    script = {
        "0": reply(), "1": "", "2": "no JSON", "3": completion(reply()[:50], "length"), "4": reply(answer="A"),
        "5": reply(f"As given, {GOOD}"), "6": (400, {}), "7": reply(),
    }  # fmt: skip

    def said(body: dict, nth: int):
        if "check whether" in body["messages"][0]["content"]:
            return "INCONSISTENT" if "Question 7" in asked(body) else "CONSISTENT"
        return script[asked(body).partition("Question ")[2][0]]

    endpoint.script = said
    words = command(
        endpoint, tmp_path, "cot", "verify", "--price-in", "2", "--price-out", "10", "--most-failures", "0.6"
    )
    assert main([*words, "--json"]) == 0
    cot, verify = json.loads(capsys.readouterr().out)
    assert cot["dropped"] == {
        "empty reply": 1, "no JSON": 1, "cut off": 1, "wrong answer": 1, "cites the answer it was given": 1,
        "the endpoint refused the request (400)": 1,
    }  # fmt: skip
    assert (cot["rows"], cot["kept"], cot["asked"], cot["n_in"], cot["n_out"]) == (8, 2, 7, 700, 70)
    assert (verify["rows"], verify["kept"], verify["dropped"]) == (2, 1, {"found inconsistent": 1})
    log = {line["id"]: (line["verdict"], line["reason"]) for line in lines(tmp_path / "out" / "01-cot.jsonl")}
    assert log == {
        "q0": ("kept", ""), "q1": ("set aside", "empty reply"), "q2": ("set aside", "no JSON"),
        "q3": ("set aside", "cut off"), "q4": ("dropped", "wrong answer"),
        "q5": ("dropped", "cites the answer it was given"),
        "q6": ("set aside", "the endpoint refused the request (400)"), "q7": ("kept", ""),
    }  # fmt: skip
    [row] = rows.read(tmp_path / "out" / "rows.jsonl")
    assert (row.id, row.meta["trace"]) == ("q0", GOOD)
    made_by = [(one["stage"], one["model"], one["prompt"], len(one["prompt_hash"])) for one in row.meta["made_by"]]
    assert made_by == [("cot", "m", "cot_mcq", 16), ("verify", "m", "verify", 16)]


def test_the_same_command_asks_only_what_was_not_answered(endpoint: Endpoint, tmp_path: Path, capsys) -> None:
    ask_for(tmp_path / "in.jsonl", 4)
    endpoint.script = lambda body, nth: (400, {}) if "Question 2" in asked(body) else reply()
    words = command(endpoint, tmp_path, "cot", "--most-failures", "0.5")
    assert main(words) == 0
    endpoint.script = lambda body, nth: reply()
    assert main(words) == 0
    assert (len(endpoint.bodies), len(list(rows.read(tmp_path / "out" / "rows.jsonl")))) == (5, 4)
    before = (tmp_path / "out" / "rows.jsonl").read_bytes()
    capsys.readouterr()
    assert main([*words, "--json"]) == 0
    [counts] = json.loads(capsys.readouterr().out)
    assert (len(endpoint.bodies), counts["asked"], counts["cached"], counts["n_in"]) == (5, 0, 4, 0)
    assert (tmp_path / "out" / "rows.jsonl").read_bytes() == before


def test_a_stage_that_was_run_anew_makes_the_later_ones_new(endpoint: Endpoint, tmp_path: Path) -> None:
    """Also where the run stops in between."""
    ask_for(tmp_path / "in.jsonl", 3)
    words = command(endpoint, tmp_path, "cot", "verify", "--most-failures", "0.5")

    def said(refused: bool, locked: bool):
        def _said(body: dict, nth: int):
            if "Solution:" in asked(body):
                return (401, {}) if locked else "CONSISTENT"
            return (400, {}) if refused and "Question 2" in asked(body) else reply()

        return _said

    endpoint.script = said(refused=True, locked=False)
    assert main(words) == 0
    endpoint.script = said(refused=False, locked=True)
    assert main(words) == 2
    endpoint.script = said(refused=False, locked=False)
    assert main(words) == 0
    assert [row.id for row in rows.read(tmp_path / "out" / "rows.jsonl")] == ["q0", "q1", "q2"]


def test_a_killed_run_goes_on_and_asks_nothing_twice(endpoint: Endpoint, tmp_path: Path) -> None:
    ask_for(tmp_path / "in.jsonl", 40)
    endpoint.script = lambda body, nth: time.sleep(0.02) or reply()
    words = command(endpoint, tmp_path, "cot", "--at-once", "2")
    process = subprocess.Popen([sys.executable, "-m", "data.synth", *words], cwd=ROOT, stderr=subprocess.DEVNULL)
    while len(endpoint.bodies) < 15 and process.poll() is None:
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    kept = len(lines(tmp_path / "cache" / "replies.jsonl"))
    assert 0 < kept < 40
    assert not (tmp_path / "out" / "rows.jsonl").exists()
    so_far = len(endpoint.bodies)
    assert so_far - kept <= 2  # those under way when it died
    assert main(words) == 0
    assert len(endpoint.bodies) - so_far == 40 - kept
    whole = (tmp_path / "out" / "rows.jsonl").read_bytes()
    other = command(endpoint, tmp_path, "cot")
    other[other.index("--out") + 1] = str(tmp_path / "other")
    assert main(other) == 0
    assert (tmp_path / "other" / "rows.jsonl").read_bytes() == whole


def test_too_many_failures_stop_with_one_line(endpoint: Endpoint, tmp_path: Path, capsys) -> None:
    ask_for(tmp_path / "in.jsonl", 200)
    endpoint.script = lambda body, nth: "nonsense"
    assert main(command(endpoint, tmp_path, "cot", "--at-once", "2")) == 2
    [line] = capsys.readouterr().err.strip().splitlines()[-1:]
    assert line.startswith(f"error: stage cot: {FEWEST} of {FEWEST} requests failed (no JSON: {FEWEST})")
    assert len(endpoint.bodies) < 60
    assert not (tmp_path / "out" / "rows.jsonl").exists()


def test_a_few_rows_that_all_fail_stop_too(tmp_path: Path, endpoint: Endpoint, capsys) -> None:
    ask_for(tmp_path / "in.jsonl", 2)
    words = command(endpoint, tmp_path, "cot", "--tries", "2")
    words[words.index("--base-url") + 1] = "http://127.0.0.1:9/v1"
    assert main(words) == 2
    assert "2 of 2 requests failed (no answer: 2)" in capsys.readouterr().err


def test_samples_are_drawn_apart(endpoint: Endpoint, tmp_path: Path, capsys) -> None:
    ask_for(tmp_path / "in.jsonl", 1)
    endpoint.script = lambda body, nth: reply(answer="B" if body["seed"] % 3 else "C")
    assert main(command(endpoint, tmp_path, "cot", "k=3", "keep=2", "--temperature", "1")) == 0
    assert sorted(body["seed"] for body in endpoint.bodies) == [0, 1, 2]
    kept = list(rows.read(tmp_path / "out" / "rows.jsonl"))
    assert [(row.id, round(row.meta["agreement"], 2)) for row in kept] == [("q0", 0.67), ("q0#2", 0.67)]
    assert main(command(endpoint, tmp_path, "cot", "k=3")) == 2
    assert "draws 3 samples, all the same at --temperature 0" in capsys.readouterr().err


BAD_USE = {
    "no stage": (["k=2"], "no stage is named; there are"),
    "a stage that is none": (["cott"], "no synthesis stage 'cott' (did you mean cot?)"),
    "a knob that is none": (["cot", "kk=2"], "unknown knob 'kk'"),
    "a knob out of range": (["cot", "keep=2"], "stage cot: keep is 2, it must be 1 to k, which is 1"),
    "tries": (["cot", "--tries", "0"], "--tries is 0, it must be at least 1"),
    "no rows": (["cot", "--n", "0"], "--n is 0, it must be at least 1"),
    "no number": (["cot", "--temperature", "nan"], "--temperature is nan, it must be at least 0"),
    "no file": (["cot", "--data", "none.jsonl"], "--data none.jsonl: there is no such file"),
    "no split": (["cot", "--data", "clinic"], "write NAME:SPLIT"),
}


@pytest.mark.parametrize(("words", "said"), BAD_USE.values(), ids=BAD_USE)
def test_bad_use_is_one_line(endpoint: Endpoint, tmp_path: Path, capsys, words: list[str], said: str) -> None:
    ask_for(tmp_path / "in.jsonl", 1)
    base = [word for word in command(endpoint, tmp_path) if word not in ("--data", str(tmp_path / "in.jsonl"))]
    source = [] if "--data" in words else ["--data", str(tmp_path / "in.jsonl")]
    assert main([*words, *source, *base]) == 2
    err = capsys.readouterr().err
    assert said in err
    assert err.count("\n") == 1


def test_a_folder_is_one_runs(endpoint: Endpoint, tmp_path: Path, capsys) -> None:
    ask_for(tmp_path / "in.jsonl", 1)
    endpoint.script = lambda body, nth: reply()
    assert main(command(endpoint, tmp_path, "cot")) == 0
    assert main(command(endpoint, tmp_path, "cot", "--seed", "1")) == 2
    assert "holds a run with other settings (seed); name another folder with --out" in capsys.readouterr().err


def test_rows_that_are_none_are_named_by_line(endpoint: Endpoint, tmp_path: Path, capsys) -> None:
    good = json.dumps({"id": "a", "question": "q", "answer": "x"})
    for text, said in {f"{good}\n{good}": ":2: the id a comes twice", f"{good}\n[1]": ":2: no row"}.items():
        (tmp_path / "in.jsonl").write_text(text)
        words = command(endpoint, tmp_path, "cot")
        words[words.index("--out") + 1] = str(tmp_path / said[5:9])
        assert main(words) == 2
        assert said in capsys.readouterr().err


def test_a_stage_by_rule_needs_no_endpoint(tmp_path: Path, capsys) -> None:
    line = {"images": ["a.png"], "modality": "X-ray", "source": "s"}
    rows_ = [{**line, "id": f"i{i}", "labels": {"anatomy": ["chest", "knee"][i % 2]}} for i in range(4)]
    (tmp_path / "in.jsonl").write_text("\n".join(map(json.dumps, rows_)))
    words = ["template_vqa", "--data", str(tmp_path / "in.jsonl"), "--out", str(tmp_path / "out"), "--n", "3"]
    assert main(words) == 0
    assert "template_vqa" in capsys.readouterr().out
    made = list(rows.read(tmp_path / "out" / "rows.jsonl"))
    assert [row.options[row.answer] for row in made if row.options] == ["chest", "knee", "chest"]
    assert made[0].meta["made_by"] == [{"stage": "template_vqa"}]
    assert main([*words[:-2], "cot"]) == 2
    assert "stage cot asks a model: name it with --base-url and --model" in capsys.readouterr().err


def test_a_picture_that_cannot_be_read_sets_its_row_aside(endpoint: Endpoint, tmp_path: Path, capsys) -> None:
    (tmp_path / "torn.png").write_bytes(b"\x89PNG torn")
    line = {"question": "Which prevents scurvy?", "options": OPTIONS, "answer": "B"}
    torn = {**line, "id": "torn", "images": ["torn.png"]}
    (tmp_path / "in.jsonl").write_text("\n".join(map(json.dumps, [torn, {**line, "id": "whole"}])))
    endpoint.script = lambda body, nth: reply()
    assert main(command(endpoint, tmp_path, "cot", "--json")) == 0
    [counts] = json.loads(capsys.readouterr().out)
    assert (counts["kept"], counts["dropped"]) == (1, {"the row cannot be read": 1})


def test_pictures_made_here_lie_beside_the_rows(endpoint: Endpoint, tmp_path: Path) -> None:
    """The rows of `ocr` can be moved with their folder."""
    ask_for(tmp_path / "in.jsonl", 2)
    endpoint.script = lambda body, nth: reply()
    assert main(command(endpoint, tmp_path, "ocr")) == 0
    (tmp_path / "out").rename(tmp_path / "moved")
    found = list(rows.read(tmp_path / "moved" / "rows.jsonl"))
    assert [row.id for row in found] == ["q0/ocr", "q1/ocr"]
    assert all(Path(row.images[0]).is_relative_to(tmp_path / "moved" / "images") for row in found)
    assert all(Path(row.images[0]).is_file() for row in found)


def test_knobs_are_read_from_files(endpoint: Endpoint, tmp_path: Path, capsys) -> None:
    ask_for(tmp_path / "in.jsonl", 1)
    (tmp_path / "words.yaml").write_text("500")
    endpoint.script = lambda body, nth: reply()
    assert main(command(endpoint, tmp_path, "cot", f"min_words=@{tmp_path / 'words.yaml'}", "--json")) == 0
    assert json.loads(capsys.readouterr().out)[0]["dropped"] == {"no reasoning": 1}
    assert main(command(endpoint, tmp_path, "cot", "min_words=@none.yaml")) == 2
    assert "the file cannot be read" in capsys.readouterr().err


def test_the_table_says_what_became_of_rows_and_money(endpoint: Endpoint, tmp_path: Path, capsys) -> None:
    ask_for(tmp_path / "in.jsonl", 4)
    endpoint.script = lambda body, nth: reply(answer="A") if "Question 1" in asked(body) else reply()
    words = command(endpoint, tmp_path, "cot", "--price-in", "100", "--price-out", "1000")
    assert main(words) == 0
    head, line, dropped, _ = capsys.readouterr().out.splitlines()
    names = ["stage", "rows", "asked", "cached", "kept", "made", "tokens", "in", "out", "cost"]
    assert head.split() == names
    assert line.split() == ["cot", "4", "4", "0", "3", "3", "400", "40", "0.0800"]
    assert dropped.split() == ["dropped", "1", "wrong", "answer"]


def test_every_stage_is_listed_with_its_knobs(capsys) -> None:
    assert main(["list", "--json"]) == 0
    listed = {one["stage"]: one["knobs"] for one in json.loads(capsys.readouterr().out)}
    assert len(listed) == 11
    assert listed["cot"] == {"k": 1, "agree": 0.5, "keep": 1, "min_words": 20}
    assert listed["template_vqa"] == {"n_options": 4, "seed": 0}


def test_letters_that_no_file_can_hold_stop_nothing(endpoint: Endpoint, tmp_path: Path, capsys) -> None:
    """Halves of UTF-16 pairs, in the reply as it is sent and in the JSON inside it; in a row they are named."""
    ask_for(tmp_path / "in.jsonl", 2)
    half = reply(f"{GOOD} \ud83d")
    endpoint.script = lambda body, nth: half if "Question 0" in asked(body) else f"\ud83d {reply()}"
    assert main(command(endpoint, tmp_path, "cot", "verify", "--json", "--most-failures", "1")) == 0
    cot, _ = json.loads(capsys.readouterr().out)
    assert (cot["kept"], cot["dropped"]) == (2, {})
    (tmp_path / "in.jsonl").write_text('{"id": "a", "question": "\\ud83d", "answer": "x"}')
    words = command(endpoint, tmp_path, "cot")
    words[words.index("--out") + 1] = str(tmp_path / "other")
    assert main(words) == 2
    assert "in.jsonl:1: no row (UnicodeEncodeError" in capsys.readouterr().err


def test_questions_are_made_of_a_set_of_labelled_pictures(tmp_path, monkeypatch):
    monkeypatch.setenv("LINGSHU_DATA", str(tmp_path / "sets"))
    for kind in ("benign", "malignant", "normal"):
        (tmp_path / "sets/busi" / kind).mkdir(parents=True)
        Image.new("RGB", (8, 8)).save(tmp_path / "sets/busi" / kind / f"{kind} (1).png")
    assert main(["template_vqa", "--data", "busi:train", "--out", str(tmp_path / "out")]) == 0
    made = data.load("synthesised", "train", path=str(tmp_path / "out"))
    assert [(row.options or {})[str(row.answer)] for row in made] == ["benign tumour", "malignant tumour", "no tumour"]
    assert {row.modality for row in made} == {"ultrasound"}
