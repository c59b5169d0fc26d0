"""Rewards in workers and in an event loop: the same verdicts as alone, and nothing that one row does costs another."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import rewards
from rewards import Reward, RewardError
from rewards.bench import responses
from rewards.running import Job, Loop, Outcome, Pool
from rewards.running.pool import _Worker

ROOT = Path(__file__).parents[2]
MINE = r'''
import os, re, signal, sys, time
from rewards import Response, Score, reward

@reward()
def told(response: Response, note: str = "", scale: float = 1.0) -> Score | None:
    """Does what the response says."""
    word, _, number = response.text.partition(" ")
    if word == "sleep":
        time.sleep(float(number))
    if word == "regex":
        re.match(r"(a+)+b", "a" * 60)
    if word == "raise":
        raise ValueError("line one\nline two")
    if word == "recurse":
        told.function(response)
    if word == "range":
        return 7.0
    if word == "die":
        os._exit(3)
    if word == "exit":
        sys.exit(4)
    if word == "segfault":
        os.kill(os.getpid(), signal.SIGSEGV)
    if word == "pid":
        return Score(0.5, str(os.getpid()))
    if word == "modules":
        return Score(0.5, " ".join(m for m in ("torch", "trl", "transformers", "numpy", "recipes") if m in sys.modules))
    return None if word == "none" else Score(scale * 0.5, response.text, "mine", note)

@reward()
def lazy(response: Response) -> float:
    """Slow the first time, as an import on first use is."""
    if not hasattr(lazy, "done"):
        time.sleep(2)
        lazy.done = True
    return 1.0
'''


@pytest.fixture
def mine(tmp_path: Path):
    (tmp_path / "mine.py").write_text(MINE)
    return lambda name: rewards.load(f"./mine.py:{name}", tmp_path)


@pytest.fixture
def pool(mine):
    made = Pool({0: mine("told")}, workers=2, timeout_s=1.0)
    yield made
    made.close()


def jobs(*texts: str) -> list[Job]:
    return [Job(0, text, {"id": f"r{i}"}) for i, text in enumerate(texts)]


def values(outcomes: list[Outcome]) -> list[float | str | None]:
    return [outcome.failure or (outcome.score.value if outcome.score else None) for outcome in outcomes]


def test_a_worker_gives_the_verdicts_that_the_reward_gives() -> None:
    library = {
        3: rewards.load("answer_match"),
        5: rewards.load("format"),
        8: rewards.load("length").bind(max_tokens=2),
    }
    work = [
        Job(
            k, text, {name: value for name, value in columns.items() if name in reward.wants}, n_tokens=3, truncated=cut
        )
        for text, columns in responses(20)
        for k, reward in library.items()
        for cut in (False, True)
    ]
    found = Pool(library, workers=2).judge(work)
    alone = [
        library[job.reward](rewards.parse(job.text, n_tokens=3, truncated=job.truncated), **job.columns) for job in work
    ]
    assert [outcome.score for outcome in found] == alone
    assert {outcome.failure for outcome in found} == {""}
    assert len({outcome.score.value for outcome in found if outcome.score}) > 2


@pytest.mark.parametrize("hang", ["sleep 600", "regex"])  # the second holds the interpreter's lock: only a kill ends it
def test_a_row_that_hangs_costs_itself_alone(pool: Pool, hang: str) -> None:
    texts = ["a", "none", hang, *"bcdefghijk", hang, *("pid",) * 40]
    start = time.monotonic()
    found = pool.judge(jobs(*texts))
    assert time.monotonic() - start < 120
    expected = [None if t == "none" else "timeout" if t == hang else 0.5 for t in texts]
    assert values(found) == expected
    assert found[2].why == "no verdict within 1 s"
    assert found[2].seconds == 1.0
    assert values(pool.judge(jobs("a", "b"))) == [0.5, 0.5]


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        ("raise", "ValueError: line one line two"),
        ("range", "reward told on row r1: returned 7.0, wanted a number from 0.0 to 1.0, or None"),
        ("recurse", "RecursionError: "),
        ("die", "the worker died (exit code 3)"),
        ("exit", "the worker died (exit code 4)"),
        ("segfault", "the worker died (exit code -11)"),
    ],
)
def test_a_row_that_breaks_costs_itself_alone(pool: Pool, bad: str, why: str) -> None:
    found = pool.judge(jobs("a", bad, *"bcdef"))
    assert values(found) == [0.5, "error", *[0.5] * 5]
    assert found[1].why.startswith(why)


def test_a_row_that_cannot_be_sent_is_an_error_of_its_own(pool: Pool) -> None:
    found = pool.judge([Job(0, "a", {}), Job(0, "b", {"id": lambda: 0}), Job(0, "c", {})])
    assert values(found) == [0.5, "error", 0.5]
    assert "lambda" in found[1].why


def test_workers_are_started_once_and_replaced_when_killed(pool: Pool) -> None:
    def pids() -> set[str]:
        return {outcome.score.parsed for outcome in pool.judge(jobs(*["pid"] * 100)) if outcome.score}

    first = pids()
    while len(first) < 2:  # the second may still be starting
        first |= pids()
    assert str(os.getpid()) not in first
    assert pids() <= first
    [died] = pool.judge(jobs("die"))
    assert died.failure == "error"
    later: set[str] = set()
    while len(later) < 2:
        later |= pids()
    assert len(later & first) == 1


def test_workers_import_the_rewards_alone(pool: Pool) -> None:
    [outcome] = pool.judge(jobs("modules"))
    assert outcome.score
    assert outcome.score.parsed == ""


def test_knobs_travel(mine) -> None:
    pool = Pool({0: mine("told").bind(note="knob", scale=2.0)}, workers=1)
    [outcome] = pool.judge(jobs("a"))
    assert outcome.score
    assert (outcome.score.value, outcome.score.why) == (1.0, "knob")


def test_a_reward_that_hangs_on_every_row_is_given_up(mine) -> None:
    pool = Pool({0: mine("told"), 1: mine("told")}, workers=2, timeout_s=0.5)
    work = [Job(k, "sleep 600" if k else "a", {}) for _ in range(100) for k in (0, 1)]
    start = time.monotonic()
    found = pool.judge(work, give_up_after=4)
    assert time.monotonic() - start < 120
    assert values(found) == [0.5, "timeout"] * 100
    assert sum(outcome.why == "no verdict within 0.5 s" for outcome in found) in (4, 5)  # one may be under way


def test_nothing_is_left_to_do_where_all_is_given_up(mine) -> None:
    pool = Pool({0: mine("told")}, workers=1, timeout_s=0.2)
    assert values(pool.judge(jobs(*["sleep 600"] * 40), give_up_after=1)) == ["timeout"] * 40
    assert pool.judge([]) == []


def test_the_first_verdict_may_import_what_it_likes(mine) -> None:
    cold, warm = Pool({0: mine("lazy")}, timeout_s=1.0), Pool({0: mine("lazy")}, timeout_s=1.0, warm_up=jobs("a"))
    assert values(cold.judge(jobs("a"))) == ["timeout"]
    assert values(warm.judge(jobs("a"))) == [1.0]


def test_a_reward_that_no_worker_can_load_is_said_at_once(mine, tmp_path: Path) -> None:
    reward = mine("told")
    (tmp_path / "mine.py").write_text("import no_such_module")
    with pytest.raises(RewardError, match=r"mine\.py: cannot be imported: ModuleNotFoundError"):
        Pool({0: reward}).judge(jobs("a"))


def test_workers_that_die_at_birth_are_not_started_for_ever(mine, tmp_path: Path) -> None:
    reward = mine("told")
    (tmp_path / "mine.py").write_text("import os\nos._exit(7)")
    with pytest.raises(RewardError, match=r"cannot be run in a worker process: the worker died \(exit code 7\)"):
        Pool({0: reward}).judge(jobs("a"))


def test_no_worker_outlives_a_parent_that_is_killed(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(MINE)
    script = f"""
import rewards
from rewards.running import Job, Pool
told = rewards.load({str(tmp_path / "mine.py:told")!r})
pool = Pool({{0: told}}, workers=2, timeout_s=60)
print(*[worker._process.pid for worker in pool._workers], flush=True)
pool.judge([Job(0, "a", {{}})])
print("ready", flush=True)
pool.judge([Job(0, "regex", {{}})] * 32)
"""
    parent = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert parent.stdout
    pids = [int(word) for word in parent.stdout.readline().split()]
    assert parent.stdout.readline() == "ready\n"
    time.sleep(0.3)  # both are in the regex now
    assert all(alive(pid) for pid in pids)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    deadline = time.monotonic() + 5
    while any(map(alive, pids)) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not any(map(alive, pids))


def alive(pid: int) -> bool:
    """Whether a process runs (one that has ended and was not asked for yet does not)."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False


def test_a_closed_pool_leaves_no_process(pool: Pool) -> None:
    [outcome] = pool.judge(jobs("pid"))
    assert outcome.score
    pool.close()
    assert not alive(int(outcome.score.parsed or 0))
    pool.close()


def asked(score: float | None = 1.0, wait_s: float = 0.0, log: list[str] | None = None):
    async def call() -> rewards.Score | None:
        if log is not None:
            log.append("in")
        await asyncio.sleep(wait_s)
        if log is not None:
            log.append("out")
        if score is not None and score > 1:
            raise ConnectionError("the judge is down")
        return None if score is None else rewards.Score(score)

    return call


def test_a_pool_closed_while_it_judges_starts_no_worker(mine, monkeypatch: pytest.MonkeyPatch) -> None:
    """What Ctrl-C does: the killed worker's silence is seen, in the judging thread, before the pool is all closed."""
    pool = Pool({0: mine("told")}, workers=2, timeout_s=60.0)
    assert pool.judge(jobs("a"))[0].score
    end = _Worker.end

    def slowly(worker: _Worker, after_s: float = 0.0) -> int:
        worker._process.kill()
        time.sleep(0.5)
        return end(worker, after_s)

    monkeypatch.setattr(_Worker, "end", slowly)
    with ThreadPoolExecutor(1) as thread:
        judged = thread.submit(pool.judge, jobs(*["sleep 600"] * 40))
        time.sleep(0.5)
        pool.close()
        with pytest.raises((RewardError, OSError)):
            judged.result(timeout=20)
    assert all(worker._process.poll() is not None for worker in pool._workers)


def test_coroutines_are_awaited_together_and_in_order() -> None:
    log: list[str] = []
    found = Loop(at_once=10).start([asked(0.1 * i, wait_s=0.2, log=log) for i in range(10)])()
    assert log[:10] == ["in"] * 10
    assert values(found) == [0.1 * i for i in range(10)]
    assert all(outcome.seconds >= 0.2 for outcome in found)


def test_no_more_than_at_once_are_under_way() -> None:
    log: list[str] = []
    Loop(at_once=3).start([asked(wait_s=0.01, log=log) for _ in range(12)])()
    under_way = [log[: i + 1].count("in") - log[: i + 1].count("out") for i in range(len(log))]
    assert max(under_way) == 3


def test_a_coroutine_that_fails_or_overstays_costs_itself_alone() -> None:
    found = Loop(timeout_s=1.0).start([asked(), asked(2.0), asked(wait_s=600), asked(None)])()
    assert values(found) == [1.0, "error", "timeout", None]
    assert found[1].why == "ConnectionError: the judge is down"


def test_waiting_for_ones_turn_is_not_on_the_clock() -> None:
    found = Loop(timeout_s=1.0, at_once=1).start([asked(wait_s=0.3) for _ in range(6)])()
    assert values(found) == [1.0] * 6


def test_a_judge_that_never_answers_is_given_up() -> None:
    start = time.monotonic()
    found = Loop(timeout_s=0.1, at_once=2).start([asked(wait_s=600) for _ in range(1000)], give_up_after=4)()
    assert time.monotonic() - start < 50  # and not 0.1 s for each pair
    assert values(found) == ["timeout"] * 1000


def test_a_coroutine_that_never_lets_go_does_not_hold_up_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rewards.running.loop.GRACE_S", 0.1)

    async def stubborn() -> None:
        time.sleep(5)

    loop = Loop(timeout_s=1.0)
    assert values(loop.start([stubborn, asked()])()) == ["timeout", "timeout"]
    assert values(loop.start([asked()])()) == [1.0]  # on another thread


def test_a_coroutine_reward_is_a_reward(tmp_path: Path) -> None:
    (tmp_path / "later.py").write_text(
        "import asyncio\nfrom rewards import reward\n\n@reward(low=0.0, high=2.0)\n"
        "async def later(response, answer, wait_s: float = 0.01):\n"
        '    """Waits."""\n    await asyncio.sleep(wait_s)\n    return 2.0 * (response.answer == answer)\n'
    )
    later = rewards.load("./later.py:later", tmp_path)
    assert isinstance(later, Reward)
    assert later.is_async
    assert not rewards.load("answer_match").is_async
    assert later("<answer>C</answer>", answer="C") == rewards.Score(2.0)
    calls = [lambda answer=answer: later.awaited("<answer>C</answer>", answer=answer) for answer in "CD"]
    assert values(Loop().start(calls)()) == [2.0, 0.0]
    [outcome] = Loop().start([lambda: later.awaited("C")])()
    assert outcome.why == "reward later: needs the column 'answer', which the row lacks"
