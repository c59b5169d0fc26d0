"""What is asked of any reward: range, speed, determinism, pickling, and no eye for form unless it declares one."""

import copy
import math
import os
import pickle
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rewards.audit import Audit
from rewards.cases import odd_texts, same_form, tagged
from rewards.contract import Reward, Score
from rewards.response import parse
from rewards.trl_style import TrlReward

SLOWEST_MS = 50.0  # of processor time, for one response of any length, parsing included
TRIES = 12  # the fastest counts; a core shared with other work is slower even by its own clock
LONG = 100_000  # characters; longer responses are not asked about again
REPEATED = 150  # verdicts that are asked for again in another process
AnyReward = Reward | TrlReward
Columns = Mapping[str, Any]
Made = list[tuple[str | None, Columns, Score | None]]  # what was asked, and the verdict


def value(score: Score | None) -> float | None:
    """The number of a verdict."""
    return None if score is None else score.value


def check_alone(audit: Audit, reward: AnyReward, columns: Columns) -> None:
    """A call leaves its columns as they were: other rewards read them too."""
    before = copy.deepcopy({name: columns.get(name) for name in reward.wants})
    attempt(audit, reward, tagged("C"), columns)
    same = before == {name: columns.get(name) for name in reward.wants}
    audit.note("row left alone", same, f"it changes its columns, which were {before}")


def check_form(audit: Audit, reward: AnyReward, columns: Columns) -> None:
    """A shaper scores the same words in other case, space or marks alike, unless it declares that it judges form."""
    for group, plain, other in same_form():
        one, two = (attempt(audit, reward, text, columns) for text in (plain, other))
        remedy = "if it judges form, declare it: @reward(form=True)"
        audit.note(group, one == two or value(one) == value(two), f"{value(one)} and {value(two)}; {remedy}: {other!r}")


def check_manners(audit: Audit, reward: AnyReward, columns: Columns, made: Made) -> None:
    """Any reward: no exception and no long work on any text, in range, deterministic, picklable."""
    for name, text in (("no text", None), *odd_texts()):
        took, tokens = math.inf, len(text.split()) if text else 0
        for _ in range(TRIES):  # of the processor, not of the clock: another program may be running
            start = time.process_time()
            attempt(audit, reward, text, columns, group="odd texts", name=name, n_tokens=tokens)
            took = min(took, (time.process_time() - start) * 1e3)
            if took <= SLOWEST_MS:
                break
        audit.note("speed", took <= SLOWEST_MS, f"{name}: {took:.0f} ms, at most {SLOWEST_MS:.0f} are allowed")
    texts = [tagged("C"), "C", tagged("yes"), "<think>cut", tagged("12 mEq/L"), "", "left"]  # odd in number
    first = [(text, columns, attempt(audit, reward, text, columns)) for text in texts]
    for text, row, score in (first + made)[::-1]:
        again = attempt(audit, reward, text, row)
        audit.note("deterministic", again == score, f"{score}, then {again}: {(text or '')[-80:]!r}")
    check_elsewhere(audit, reward, (made[:: max(1, len(made) // REPEATED)] + first)[-REPEATED:])


def check_elsewhere(audit: Audit, reward: AnyReward, made: Made) -> None:
    """The reward goes to a worker process (where strings hash otherwise) and gives the same scores there."""
    try:
        work = pickle.dumps((reward, [(text, dict(row)) for text, row, _ in made]))
    except Exception as error:
        audit.note("picklable", False, f"{type(error).__name__}: {error}")
        return
    code = "from rewards.manners import answer_elsewhere; answer_elsewhere()"
    root = str(Path(__file__).resolve().parents[1])
    path = os.pathsep.join([root, *filter(None, [os.environ.get("PYTHONPATH")])])
    seed = "1" if os.environ.get("PYTHONHASHSEED") != "1" else "2"
    there = {**os.environ, "PYTHONPATH": path, "PYTHONHASHSEED": seed}
    done = subprocess.run([sys.executable, "-c", code], input=work, capture_output=True, env=there)
    if done.returncode:
        last = done.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        audit.note("picklable", False, f"it cannot be loaded in another process: {last}")
        return
    audit.note("picklable", True, "")
    for (text, _, score), found in zip(made, pickle.loads(done.stdout), strict=True):
        audit.note("other process", found == score, f"{score} here, {found} there: {(text or '')[-80:]!r}")


def answer_elsewhere() -> None:
    """The other process: read a reward and its work from standard input, write the scores to standard output."""
    reward, work = pickle.loads(sys.stdin.buffer.read())
    audit, out = Audit(reward.name), sys.stdout.buffer
    sys.stdout = sys.stderr  # what a reward prints is no score
    out.write(pickle.dumps([attempt(audit, reward, text, row) for text, row in work]))


def attempt(
    audit: Audit,
    reward: AnyReward,
    text: str | None,
    columns: Columns,
    made: Made | None = None,
    group: str = "in range",
    name: str = "",
    n_tokens: int | None = None,
) -> Score | None:
    """The score of a response; an exception or a value out of range is a failure, not a crash of the audit.

    n_tokens: the words of the text, if they are not given.
    """
    tokens = len((text or "").split()) if n_tokens is None else n_tokens
    try:
        score = reward(parse(text, n_tokens=tokens), **columns)
    except Exception as error:
        reason = " ".join(str(error).split())
        audit.note(group, False, f"{name or repr((text or '')[:80])}: {type(error).__name__}: {reason}")
        return None
    audit.note(group, True, "")
    if made is not None and len(text or "") < LONG:
        made.append((text, columns, score))
    return score
