"""Saved responses graded again: what is read, what is refused, what is counted."""

import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import Future
from pathlib import Path

import pytest

from eval import regrade, saved
from eval.__main__ import main
from eval.grading import Grader
from eval.kept import json_lines
from eval.saved import Saved
from eval.tally import Graded, Tally
from recipes import ROOT

OPTIONS = {"A": "liver", "B": "spleen", "C": "kidney"}


def row(number: int, completion: str = "<answer>A</answer>", **columns) -> dict:
    return {
        "id": f"q{number}",
        "question": "Which organ is it?",
        "options": OPTIONS,
        "gold": "A",
        "completion": completion,
        **columns,
    }


class Here:
    """What looks like a pool of processes, and is this one: to start one takes a second."""

    def __init__(self, workers, context, start, arguments) -> None:
        use, file = arguments
        regrade._worker[:] = [regrade._Worker(Grader(use), file, 10.0)]

    def submit(self, function, *arguments) -> Future:
        done = Future()
        try:
            done.set_result(function(*arguments))
        except Exception as error:
            done.set_exception(error)
        return done

    def shutdown(self, cancel_futures: bool) -> None:
        pass


@pytest.fixture
def here(monkeypatch) -> None:
    monkeypatch.setattr(regrade, "ProcessPoolExecutor", Here)


@pytest.fixture
def score(tmp_path: Path, capsys, here):
    """score(rows or text, *flags) -> (exit code, summary or error, verdicts or None); a fresh output each time."""
    calls = iter(range(100))

    def run(content, *flags: str, name: str = "rows.jsonl"):
        file, out = tmp_path / name, tmp_path / f"out{next(calls)}.jsonl"
        if not isinstance(content, str | bytes):
            content = "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in content)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        code = main(["score", str(file), "--out", str(out), "--workers", "1", "--json", *flags])
        printed = capsys.readouterr()
        assert not list(tmp_path.glob("*.part"))
        if code:
            assert not out.exists()
            assert len(printed.err.splitlines()) == 1
            return code, printed.err, None
        return code, json.loads(printed.out), list(json_lines(out))

    return run


MIXED = [
    row(1),
    row(2, "<answer>B</answer>"),
    row(3, "I do not know"),
    row(4, "<think>so it", truncated=True),
    row(5, "<answer>A</answer>", gold=None),
    {"id": "q6", "question": "Sodium?", "answer": "140 mmol/L", "completion": "140", "unknown": [1]},
    {"id": "q7", "question": "Is it?", "gold": "yes", "completion": None, "kind": "yesno"},
]


def test_every_outcome_is_counted_apart_and_by_kind(score) -> None:
    code, found, verdicts = score(MIXED)
    assert code == 0
    assert found["outcomes"] == {"right": 2, "wrong": 1, "unparsed": 2, "truncated": 1, "ungraded": 1}
    assert (found["n"], found["answers"]) == (6, 7)
    assert found["accuracy"] == pytest.approx(2 / 6)
    assert found["low"] < 2 / 6 < found["high"]
    assert {kind: part["n"] for kind, part in found["by"]["kind"].items()} == {"numeric": 1, "option": 4, "yesno": 1}
    assert [verdict["id"] for verdict in verdicts] == [one["id"] for one in MIXED]
    assert [verdict["correct"] for verdict in verdicts] == [True, False, False, False, None, True, False]
    assert set(verdicts[0]) == {"id", "sample", "correct", "score", "parsed", "rule", "why", "format"}


def test_the_same_rows_in_any_layout_give_the_same_verdicts(score, tmp_path: Path) -> None:
    import pyarrow
    import pyarrow.parquet

    lines = score(MIXED)[2]
    assert score(json.dumps(MIXED, indent=4), name="results.json")[2] == lines
    assert score("\ufeff \n" + json.dumps(MIXED, ensure_ascii=False), name="bom.json")[2] == lines
    assert score("\n\n".join(json.dumps(one) for one in MIXED))[2] == lines
    names = sorted({name for one in MIXED for name in one} - {"unknown"})
    table = pyarrow.Table.from_pylist([{name: one.get(name) for name in names} for one in MIXED])
    pyarrow.parquet.write_table(table, tmp_path / "rows.parquet")
    assert score((tmp_path / "rows.parquet").read_bytes(), name="no_suffix")[2] == lines


def test_parquet_maps_and_unknown_lengths_are_read(score, tmp_path: Path) -> None:
    import pyarrow
    import pyarrow.parquet

    table = pyarrow.Table.from_pylist([row(1, n_tokens=float("nan")), row(2, n_tokens=8.0)])
    kind = pyarrow.map_(pyarrow.string(), pyarrow.string())
    options = pyarrow.array([list(OPTIONS.items())] * 2, kind)
    table = table.set_column(table.schema.get_field_index("options"), "options", options)
    pyarrow.parquet.write_table(table, tmp_path / "rows.parquet")
    _, found, _ = score((tmp_path / "rows.parquet").read_bytes())
    assert (found["accuracy"], found["mean_tokens"]) == (1.0, 8.0)


@pytest.mark.parametrize(
    ("bad", "wanted"),
    [
        ("{broken}\n", ":2: not JSON"),
        ("[1]\n", ":2: a row must be an object, not list"),
        ({"id": "q2", "gold": "A"}, ":2: the row lacks completion"),
        ({"completion": "A"}, ":2: the row lacks id, gold"),
        (row(2, gold="D"), ':2: the answer "D" is none of the options A, B, C'),
        (row(2, gold=["A", "E"]), ':2: the answer "E" is none of the options'),
        (row(2, answer="B"), ':2: gold "A" and answer "B" contradict each other'),
        (row(1), ":2: id 'q1' was there before"),
        (row(2, kind="optoin"), ':2: kind "optoin" is none of'),
        (row(2, 12), ":2: completion 12 is of the wrong kind (text or null)"),  # pyright: ignore
        (row(2, sample=-1), ":2: sample -1 is of the wrong kind"),
        (row(2, options="A, B"), ":2: options"),
        (row(2, n_tokens="many"), ":2: n_tokens"),
        ({**row(2), "id": None}, ":2: id nothing is of the wrong kind"),
    ],
)
def test_a_bad_row_stops_the_command_or_is_left_out(bad, wanted, score) -> None:
    middle = bad if isinstance(bad, str) else json.dumps(bad) + "\n"
    text = json.dumps(row(1)) + "\n" + middle + json.dumps(row(3)) + "\n"
    code, error, _ = score(text)
    assert code == 2
    assert wanted in error
    assert "--skip-bad" in error
    code, found, verdicts = score(text, "--skip-bad")
    assert code == 0
    assert [verdict["id"] for verdict in verdicts] == ["q1", "q3"]
    assert found["skipped"]["rows"] == 1
    assert wanted in found["skipped"]["first"][0]
    assert found["answers"] == 2


@pytest.mark.parametrize("indent", [None, 4])
@pytest.mark.parametrize("name", ["rows.jsonl", "results.json"])
def test_a_file_that_was_cut_off_is_told_as_such(name, indent, score) -> None:
    rows = [row(number) for number in range(3)]
    if name == "results.json":
        text, place = json.dumps(rows, indent=indent), "results.json[2]"
    else:
        text, place = "".join(json.dumps(one) + "\n" for one in rows), "rows.jsonl:3"
    for cut in (3, 4, 40, 100):
        code, error, _ = score(text[:-cut], name=name)
        assert code == 2
        assert f"{place}: cut off or damaged from here on" in error
        assert len(score(text[:-cut], "--skip-bad", name=name)[2]) == 2


def test_an_array_without_its_end_is_told_though_its_rows_are_whole(score) -> None:
    for text in ("[%s", "[%s,", "[%s, \n", "[%s] more"):
        code, error, _ = score(text % json.dumps(row(1)), name="results.json")
        assert code == 2
        assert "results.json[1]: cut off or damaged from here on" in error


def test_damage_within_an_array_is_found_without_reading_on(score, monkeypatch) -> None:
    rows = json.dumps([row(number) for number in range(50)])
    damaged = rows.replace('"q7"', "q7")
    monkeypatch.setattr(saved, "BLOCK", 2000)  # several rows a block
    code, error, _ = score(damaged, name="results.json")
    assert code == 2
    assert "results.json[7]: cut off or damaged from here on" in error
    code, error, _ = score(rows + rows, name="results.json")
    assert code == 2
    assert "results.json[50]" in error


@pytest.mark.parametrize("block", [1, 2, 7, 64, 1000])
def test_an_array_is_read_in_blocks_of_any_size(block, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(saved, "BLOCK", block)
    monkeypatch.setattr(saved, "NEAR", 8)
    rows = [{"id": i, "text": 'ü "\\ 😀 ] , [' * (i % 3), "n": [1.5e-7, None, {"a": []}]} for i in range(20)]
    for indent in (None, 1):
        (tmp_path / "a.json").write_text(json.dumps(rows, indent=indent, ensure_ascii=bool(indent)), encoding="utf-8")
        read = list(Saved(tmp_path / "a.json"))
        assert [json.loads(text) for _, text in read] == rows
        assert [number for number, _ in read] == list(range(20))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", "holds no rows to grade"),
        ("[]", "holds no rows to grade"),
        (b"PAR1 and no more", "not a Parquet file"),
        ('{\n  "test_1": "B"\n}', "one object over several lines"),
    ],
)
def test_a_file_without_rows_is_refused(text, wanted, score) -> None:
    code, error, _ = score(text)
    assert code == 2
    assert wanted in error


def test_nothing_is_written_over_and_bad_use_is_told(tmp_path: Path, score, capsys) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_text(json.dumps(row(1)))
    for flags, wanted in (
        (["--out", str(file)], "exists"),
        (["--out", str(tmp_path / "o"), "--workers", "0"], "must be at least 1"),
        (["--out", str(tmp_path / "o"), "--grader", "answer_mach"], "did you mean"),
        (["--out", str(file / "o")], "nothing was written"),
    ):
        assert main(["score", str(file), *flags]) == 2
        assert wanted in capsys.readouterr().err
    assert main(["score", str(tmp_path / "none"), "--out", str(tmp_path / "o")]) == 2
    assert "no such file" in capsys.readouterr().err
    assert file.read_text() == json.dumps(row(1))
    assert not (tmp_path / "o").exists()


def test_half_a_surrogate_pair_survives(score) -> None:
    _, found, verdicts = score(r'{"id": "1\ud83d", "gold": "gout", "completion": "gout \ud83d"}' + "\n")
    assert verdicts[0]["id"] == "1\ud83d"
    assert found["answers"] == 1


def test_several_samples_of_an_item_are_one_item(score) -> None:
    rows = [row(item, f"<answer>{'AB'[k]}</answer>", sample=k) for k in (0, 1) for item in range(40)]
    _, found, verdicts = score(rows)
    assert (found["n"], found["answers"], found["accuracy"]) == (40, 80, 0.5)
    # Forty items that are all half right tell no more than forty items: Wilson's interval of 20 of 40.
    assert (found["low"], found["high"]) == pytest.approx((0.352, 0.648), abs=1e-3)
    assert [verdict["sample"] for verdict in verdicts] == [0] * 40 + [1] * 40
    code, error, _ = score([*rows, rows[3]])
    assert code == 2
    assert "id 'q3' was there before" in error


def test_the_order_of_rows_is_kept_over_many_chunks_and_workers(tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.setattr(regrade, "CHUNK", 4)
    file, out = tmp_path / "rows.jsonl", tmp_path / "out.jsonl"
    slow = "C is not it. Reasoning goes on. " * 60
    file.write_text("".join(json.dumps(row(i, slow if i % 5 == 0 else "A")) + "\n" for i in range(203)))
    assert main(["score", str(file), "--out", str(out), "--workers", "3"]) == 0
    assert [one["id"] for one in json_lines(out)] == [f"q{i}" for i in range(203)]
    assert "kind: option" in capsys.readouterr().out


GRADERS = '''
import os, re, time
from rewards import reward

@reward()
def slow(response, answer):
    """Never ends on some."""
    if "loop" in response.text:
        while True:
            pass
    if "regex" in response.text:
        re.match(r"(a+)+$", "a" * 60 + "b")
    return float(response.text == answer)

@reward()
def broken(response, answer):
    """Fails."""
    return 1 / (response.text != "zero")

@reward()
def dies(response, answer):
    """Ends its process."""
    os._exit(3)

@reward()
def asks(response, answer, hint):
    """Wants a column."""
    return 1.0
'''


@pytest.fixture
def graders(tmp_path: Path) -> str:
    (tmp_path / "mine.py").write_text(GRADERS)
    return str(tmp_path / "mine.py")


@pytest.mark.parametrize("how", ["loop", "regex"])
def test_a_verdict_that_never_comes_costs_its_row_alone(how, graders, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(regrade, "LIMIT_S", 0.2)
    regrade._worker[:] = []
    old = signal.getsignal(signal.SIGALRM), signal.getsignal(signal.SIGINT)
    file = tmp_path / "rows.jsonl"
    file.write_text("".join(json.dumps(row(i, text, gold="A")) + "\n" for i, text in enumerate(("A", how, "B"))))
    try:  # in this process, where the limit can be set
        regrade._start(f"{graders}:slow", Saved(file))
        found = regrade._grade(Saved(file))
    finally:
        signal.signal(signal.SIGALRM, old[0])
        signal.signal(signal.SIGINT, old[1])
    assert [one.graded.outcome for one in found] == ["right", "ungraded", "wrong"]
    assert [one.graded.late for one in found] == [False, True, False]
    assert "took more than 0.2 s" in json.loads(found[1].line)["why"]


def test_a_grader_that_fails_stops_the_command_at_the_row(graders, score) -> None:
    rows = [row(1), row(2, "zero")]
    for flags in ((), ("--skip-bad",)):
        code, error, _ = score(rows, "--grader", f"{graders}:broken", *flags)
        assert code == 2
        assert "rows.jsonl:2: the grader fails: raised ZeroDivisionError" in error
    code, error, _ = score(rows, "--grader", f"{graders}:asks")
    assert code == 2
    assert "rows.jsonl:1: the row lacks hint, which the grader needs" in error


def test_a_worker_that_is_killed_stops_the_command(graders, tmp_path: Path, capsys) -> None:
    file, out = tmp_path / "rows.jsonl", tmp_path / "out.jsonl"
    file.write_text(json.dumps(row(1)) + "\n")
    assert main(["score", str(file), "--out", str(out), "--grader", f"{graders}:dies"]) == 2
    assert "a worker process was killed" in capsys.readouterr().err
    assert sorted(path.name for path in tmp_path.glob("*.*")) == ["mine.py", "rows.jsonl"]


def children(pid: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGINT])
def test_a_killed_command_leaves_no_worker_and_no_output(sent, graders, tmp_path: Path) -> None:
    file, out = tmp_path / "rows.jsonl", tmp_path / "out.jsonl"
    file.write_text("".join(json.dumps(row(i, "loop")) + "\n" for i in range(4)))
    command = ["-m", "eval", "score", str(file), "--out", str(out), "--workers", "1", "--grader", f"{graders}:slow"]
    said = tmp_path / "stderr"
    with said.open("wb") as stderr:
        process = subprocess.Popen(
            [sys.executable, *command],
            cwd=ROOT,
            stderr=stderr,
            start_new_session=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a shell's background jobs ignore it
        )
    until = time.monotonic() + 60
    while len(workers := children(process.pid)) < 2 and time.monotonic() < until:  # also multiprocessing's own tracker
        time.sleep(0.1)
    time.sleep(1)
    if sent == signal.SIGINT:
        os.killpg(process.pid, sent)  # as a terminal does
    else:
        process.send_signal(sent)
    process.wait(60)
    while (alive := [pid for pid in workers if Path(f"/proc/{pid}/cmdline").exists() and running(pid)]) and (
        time.monotonic() < until
    ):
        time.sleep(0.1)
    assert alive == []
    assert not out.exists()
    if sent == signal.SIGINT:
        assert not list(tmp_path.glob("*.part"))
        assert (process.returncode, said.read_text()) == (130, "stopped; nothing was written\n")


def running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except FileNotFoundError:
        return False


def graded(number: int, outcome: str = "right", theirs: bool | None = None, **groups: str) -> Graded:
    return Graded(f"q{number}", 0, tuple(groups.items()), outcome, theirs, None, None, False)


@pytest.mark.parametrize("split", [(2, 2), (4, 0), (0, 4)])
def test_perfect_items_are_exactly_right_whatever_the_split(split) -> None:
    """Another scorer's totals of such items: 1.5 and 0.5 of right ones, and a division by zero without open items."""
    tally = Tally()
    kinds = ["closed"] * split[0] + ["open"] * split[1]
    for number, kind in enumerate(kinds):
        assert tally.add(graded(number, theirs=True, type=kind))
    found = tally.summary()
    assert (found["accuracy"], found["high"]) == (1.0, 1.0)
    assert {kind: part["accuracy"] for kind, part in found["by"]["type"].items()} == dict.fromkeys(kinds, 1.0)
    assert sum(part["outcomes"]["right"] for part in found["by"]["type"].values()) == found["outcomes"]["right"] == 4


def test_without_a_graded_item_there_is_no_accuracy() -> None:
    tally = Tally()
    tally.add(graded(1, "ungraded", True, kind="box"))
    found = tally.summary()
    assert (found["n"], found["accuracy"], found["by"]["kind"]["box"]["accuracy"]) == (0, None, None)
    assert "theirs" not in found


def test_an_item_costs_little_memory() -> None:
    import tracemalloc

    tally = Tally()
    tracemalloc.start()
    for number in range(20_000):
        tally.add(graded(number, "right" if number % 3 else "wrong", kind="option"))
    spent = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert spent < 150 * 20_000
