"""An evaluation that dies, is divided, or meets what it cannot ask: nothing is lost and nothing is counted twice."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

import data
from eval import suites
from eval.answers import Answers, Shard
from eval.engines import Completion, Decoding, Prompt, Unanswered
from eval.grading import Judge
from eval.kept import json_lines
from eval.results import Result
from eval.run import Arm, check, evaluate
from recipes import ROOT, BadInput

FILES = ("responses.jsonl", "scores.jsonl", "result.json")


class Mortal:
    """The student of these tests, who dies after so many answers."""

    def __init__(self, engine: Any, lives: int) -> None:
        self.engine, self.lives, self.stamp = engine, lives, engine.stamp

    def stream(self, prompts: Iterable[Prompt], how: Decoding) -> Iterator[tuple[str, Any]]:
        for number, answer in enumerate(self.engine.stream(prompts, how)):
            if number == self.lives:
                raise RuntimeError("the engine died")
            yield answer


class Picky:
    """Cannot answer some items, in no particular order."""

    stamp: dict[str, Any] = {}

    def __init__(self, refuses: Iterable[str]) -> None:
        self.refuses, self.seen = set(refuses), []

    def stream(self, prompts: Iterable[Prompt], how: Decoding) -> Iterator[tuple[str, Any]]:
        for prompt in sorted(prompts, key=lambda prompt: prompt.id[::-1]):
            self.seen.append(prompt.id)
            yes = [Completion("<think>so</think><answer>yes</answer>", 3, False)] * how.n
            yield prompt.id, Unanswered("too long") if prompt.id in self.refuses else yes


@pytest.fixture
def ids(small_suite: suites.Suite) -> list[str]:
    loaded = data.load(small_suite.use, small_suite.split, n=small_suite.n, **small_suite.knobs)
    return [item.id for item in loaded]


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in FILES}


def test_what_died_is_gone_on_with(small_suite, student, tmp_path: Path) -> None:
    arm = Arm(small_suite, samples=3)
    evaluate(student(0.5), arm, out=tmp_path / "whole")
    place = tmp_path / "died"
    for lives in (0, 2, 5):
        with pytest.raises(RuntimeError, match="died"):
            evaluate(Mortal(student(0.5), lives), arm, out=place)
        assert not (place / "responses.jsonl").exists()
    last = student(0.5)
    evaluate(last, arm, out=place)
    assert len(last.seen) == 12 - 7
    assert bytes_of(place) == bytes_of(tmp_path / "whole")
    assert not (place / "answers").exists()


@pytest.mark.parametrize("cut", [1, 5, 40])
def test_a_line_cut_while_it_was_written_is_asked_again(small_suite, student, tmp_path: Path, cut: int) -> None:
    arm, place = Arm(small_suite), tmp_path / "cut"
    evaluate(student(0.5), arm, out=tmp_path / "whole")
    with pytest.raises(RuntimeError):
        evaluate(Mortal(student(0.5), 4), arm, out=place)
    kept = place / "answers" / "shard-0-of-1.jsonl"
    kept.write_bytes(kept.read_bytes()[:-cut])
    last = student(0.5)
    evaluate(last, arm, out=place)
    assert len(last.seen) == 12 - 3
    assert bytes_of(place) == bytes_of(tmp_path / "whole")


def test_answers_of_other_settings_are_never_mixed(small_suite, student, tmp_path: Path) -> None:
    with pytest.raises(RuntimeError):
        evaluate(Mortal(student(0.5), 4), Arm(small_suite), out=tmp_path)
    before = (tmp_path / "answers" / "shard-0-of-1.jsonl").read_bytes()
    other = student(0.5)
    other.stamp = {"engine": "another"}
    for engine, arm, what in (
        (student(0.5), Arm(small_suite, seed=1), "seed: 0 -> 1"),
        (student(0.5), Arm(small_suite, style="plain"), "style: "),
        (other, Arm(small_suite), "engine: "),
    ):
        with pytest.raises(BadInput, match=what):
            evaluate(engine, arm, out=tmp_path)
    assert (tmp_path / "answers" / "shard-0-of-1.jsonl").read_bytes() == before


def test_shards_together_are_the_whole(small_suite, student, tmp_path: Path) -> None:
    arm = Arm(small_suite, samples=2)
    evaluate(student(0.5), arm, out=tmp_path / "whole")
    place = tmp_path / "parts"
    results = [evaluate(student(0.5), arm, out=place, shard=Shard(i, 3)) for i in (2, 0, 1)]
    assert [result is None for result in results] == [True, True, False]
    assert bytes_of(place) == bytes_of(tmp_path / "whole")
    assert evaluate(student(0.5), arm, out=place, shard=Shard(2, 3)) == results[2]


def test_the_division_may_change_between_runs(small_suite, student, tmp_path: Path) -> None:
    arm, place = Arm(small_suite), tmp_path / "parts"
    evaluate(student(0.5), arm, out=tmp_path / "whole")
    assert evaluate(student(0.5), arm, out=place, shard=Shard(1, 3)) is None
    rest = student(0.5)
    assert evaluate(rest, arm, out=place) is not None
    assert len(rest.seen) == 8
    assert bytes_of(place) == bytes_of(tmp_path / "whole")


def test_a_shard_is_named_as_index_and_count() -> None:
    assert Shard.read("2/4") == Shard(2, 4)
    assert [Shard(i, 3).of("abcdefgh") for i in range(3)] == ["adg", "beh", "cf"]
    for bad in ("4/4", "1", "1/0", "-1/2", "a/b", "0/1/2"):
        with pytest.raises(BadInput, match="INDEX/COUNT"):
            Shard.read(bad)


def test_two_processes_never_write_one_shard(tmp_path: Path) -> None:
    with Answers(tmp_path, {"a": 1}):
        with pytest.raises(BadInput, match=f"process {os.getpid()} on .* is writing shard-0-of-1 there"):
            Answers(tmp_path, {"a": 1}).__enter__()
        with Answers(tmp_path, {"a": 1}, Shard(1, 2)) as other:
            other.add("x", [Completion("yes", 1, False)])
    with Answers(tmp_path, {"a": 1}) as again:
        assert again.is_answered("x")


def test_an_item_that_fails_costs_itself_alone_and_is_told(small_suite, ids, tmp_path: Path, caplog) -> None:
    result = evaluate(Picky(ids[2:4]), Arm(small_suite, samples=2), out=tmp_path)
    assert result is not None
    assert list(result.failed) == ids[2:4]
    assert [record.id for record in result.records] == [item for item in ids if item not in ids[2:4] for _ in "ab"]
    assert [row["id"] for row in json_lines(tmp_path / "failed.jsonl")] == ids[2:4]
    assert json.loads((tmp_path / "result.json").read_text())["failed"] == 2
    assert [record.getMessage() for record in caplog.records] == [
        f"clinic_test@2: item {item} failed: too long" for item in sorted(ids[2:4], key=lambda item: item[::-1])
    ]
    again = evaluate(Picky([]), Arm(small_suite, samples=2), out=tmp_path)
    assert again == result


def test_what_failed_is_asked_again_when_the_run_is_gone_on_with(small_suite, ids, tmp_path: Path) -> None:
    assert evaluate(Picky(ids[:2]), Arm(small_suite), out=tmp_path / "x", shard=Shard(0, 2)) is None
    second = Picky([])
    assert evaluate(second, Arm(small_suite), out=tmp_path / "x", shard=Shard(0, 2)) is None
    assert second.seen == ids[:1]


def test_a_run_that_can_answer_nothing_stops(small_suite, ids, tmp_path: Path) -> None:
    engine = Picky(ids)
    with pytest.raises(BadInput, match=r"no item of the first 8 can be answered: .*: too long"):
        evaluate(engine, Arm(small_suite), out=tmp_path)
    assert not (tmp_path / "result.json").exists()


def test_a_broken_image_is_told_by_item_and_file(small_suite, tmp_path: Path, monkeypatch) -> None:
    good, bad = tmp_path / "good.png", tmp_path / "bad.png"
    Image.new("RGB", (32, 32)).save(good)
    bad.write_bytes(good.read_bytes()[:40])
    items = [data.Example(f"i{i}", "Is it?", "yes", images=(str(path),)) for i, path in enumerate((good, bad, good))]
    monkeypatch.setattr(data, "load", lambda *_, **__: items)
    for name, probe in (("seen", None), ("blank", "blank")):
        result = evaluate(Picky([]), Arm(small_suite, probe=probe), out=tmp_path / name)
        assert result is not None
        assert [record.id for record in result.records] == ["i0", "i2"]
        assert list(result.failed) == ["i1"]
        assert str(bad) in result.failed["i1"]


def test_a_full_disk_tells_what_is_kept(small_suite, student, tmp_path: Path, monkeypatch) -> None:
    real = Answers.add

    def full(self: Answers, item: str, answer: Any) -> None:
        if self.n_answered == 3:
            assert self._file is not None
            self._file.close()
            self._file = open("/dev/full", "wb", buffering=0)  # noqa: SIM115 - closed with the answers
        real(self, item, answer)

    with monkeypatch.context() as patched:
        patched.setattr(Answers, "add", full)
        with pytest.raises(BadInput, match="No space left on device; 3 answers are kept"):
            evaluate(student(0.5), Arm(small_suite), out=tmp_path / "full")
    evaluate(student(0.5), Arm(small_suite), out=tmp_path / "whole")
    rest = student(0.5)
    evaluate(rest, Arm(small_suite), out=tmp_path / "full")
    assert len(rest.seen) == 9
    assert bytes_of(tmp_path / "full") == bytes_of(tmp_path / "whole")


KILLED = """
import sys, time
from dataclasses import replace
from pathlib import Path
from eval import suites
from eval.engines import Completion
from eval.grading import Judge
from eval.run import Arm, check, evaluate

class Slow:
    stamp = {}
    def stream(self, prompts, how):
        for prompt in prompts:
            time.sleep(0.002)
            yield prompt.id, [Completion("<answer>" + prompt.id[-1] + "</answer>", 3, False)] * how.n

suite = suites.load("clinic_test", {"n": 200, "families": ["gcs", "lab_range"]})
print("ready", flush=True)
evaluate(Slow(), Arm(suite, samples=2), out=Path(sys.argv[1]), progress=False)
"""


def test_killed_at_any_moment_it_ends_as_if_nothing_had_been(tmp_path: Path) -> None:
    def start(place: Path) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", KILLED, str(place)]
        return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)

    whole, place, rng = tmp_path / "whole", tmp_path / "killed", random.Random(0)
    assert start(whole).wait(60) == 0
    killed = 0
    for _ in range(5):
        running = start(place)
        assert running.stdout
        running.stdout.readline()
        time.sleep(rng.uniform(0.0, 0.3))
        running.send_signal(signal.SIGKILL)
        killed += running.wait(60) == -signal.SIGKILL
    assert start(place).wait(60) == 0
    assert killed >= 3
    assert bytes_of(place) == bytes_of(whole)
    assert isinstance(json.loads((place / "result.json").read_text())["accuracy"], float)


def test_results_without_a_folder_are_the_same(small_suite, student, tmp_path: Path) -> None:
    one, other = (evaluate(student(0.5), Arm(small_suite), out=out) for out in (None, tmp_path))
    assert isinstance(one, Result)
    assert one == other


def test_a_grader_that_breaks_costs_the_answer_its_grade(small_suite, student, tmp_path: Path, caplog) -> None:
    (tmp_path / "mine.py").write_text(
        "from rewards import Response, reward\n\n\n@reward()\ndef moody(response: Response, answer: str) -> float:\n"
        "    'Breaks on some.'\n    return 1.0 if response.answer == answer else 1 / 0\n"
    )
    suite = replace(small_suite, grader=str(tmp_path / "mine.py:moody"))
    result = evaluate(student(0.5), Arm(suite), out=tmp_path / "x")
    assert result is not None
    assert {record.outcome for record in result.records} == {"right", "ungraded"}
    assert all("ZeroDivisionError" in record.getMessage() for record in caplog.records)
    assert len(caplog.records) == sum(record.outcome == "ungraded" for record in result.records)


def test_a_judge_is_asked_about_several_answers_at_once(small_suite, student, tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(
        "import asyncio\nfrom rewards import Response, reward\n\n\n@reward()\nasync def judge(response: Response,"
        " answer: str, base_url: str = '', model: str = '', key_env: str = '') -> float:\n"
        "    'Takes its time.'\n    await asyncio.sleep(0.2)\n    return float(response.answer == answer)\n"
    )
    suite = replace(small_suite, grader=str(tmp_path / "mine.py:judge"))
    with pytest.raises(BadInput, match="name one: --judge-url and --judge-model"):
        check(Arm(suite))
    start = time.monotonic()
    result = evaluate(student(0.5), Arm(suite, samples=2, judge=Judge("http://x", "m", at_once=12)), out=tmp_path / "x")
    assert time.monotonic() - start < 2.5  # 24 verdicts of 0.2 s
    assert result is not None
    assert result.accuracy().value == evaluate(student(0.5), Arm(small_suite, samples=2)).accuracy().value
    assert result.settings["judge"] == "m"
