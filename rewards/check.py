"""The audit of a reward: gold earns the maximum, nothing and cheats the minimum, and no text hurts it."""

import math
import pickle
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from rewards.cases import ROWS, Row, as_response, bads, golds, odd_texts, tagged, uncommitted
from rewards.contract import Reward, RewardError, Score
from rewards.response import parse
from rewards.trl_style import TrlReward

SLOWEST_MS = 100.0  # for one response of any length
TRIES = 5
AnyReward = Reward | TrlReward


@dataclass
class Audit:
    """What was tried (`tallies`: name -> [passed, tried]) and what failed (one line each)."""

    name: str
    tallies: dict[str, list[int]] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    ungraded: int = 0

    @property
    def passed(self) -> bool:
        """Whether nothing failed."""
        return not self.failures

    def note(self, group: str, right: bool, failure: str) -> None:
        """Count one trial; keep the failure's line if it went wrong."""
        tally = self.tallies.setdefault(group, [0, 0])
        tally[0] += right
        tally[1] += 1
        if not right:
            self.failures.append(f"{group}: {failure}")


def check(reward: AnyReward, kinds: Iterable[str] | None = None, rows: Iterable[Mapping[str, Any]] = ()) -> Audit:
    """Audit a reward on the built-in rows (of some kinds only), and on `rows` of a data set.

    Raises RewardError if it needs columns that neither have.
    """
    audit = Audit(reward.name)
    rows = list(rows)
    built_in = [row for row in ROWS if not kinds or row.kind in kinds] if not reward.examples else []
    lacking = [need for need in reward.needs if need not in ROWS[0].columns]
    if lacking and not rows and not reward.examples:
        raise RewardError(
            f"reward {reward.name}: needs {lacking[0]!r}, which the built-in cases lack; name rows: --data"
        )
    for example in reward.examples:
        check_example(audit, reward, example)
    if reward.is_grader:
        for row in built_in if not lacking else ():
            check_row(audit, reward, row)
        check_data(audit, reward, rows)
        if not any(tried for name, (_, tried) in audit.tallies.items() if name.endswith("gold")):
            audit.note("gold", False, "no row at all could be graded")
    usable = [*reward.examples, *(rows if lacking else ()), *(row.columns for row in (*built_in, ROWS[0]))]
    check_manners(audit, reward, usable[0])
    return audit


def check_example(audit: Audit, reward: AnyReward, example: Mapping[str, Any]) -> None:
    """A row of the reward's own file: its right answers earn the maximum, its wrong ones the minimum.

    For a grader, so does whatever holds the right answer where it is no commitment.
    """
    right, wrong = ([texts] if isinstance(texts, str) else texts for texts in (example["right"], example["wrong"]))
    for text in right:
        score = attempt(audit, reward, as_response(text), example)
        audit.note("own gold", score is not None and score.value == reward.high, f"{text[-160:]!r}: {score}")
    tricks = [("wrong", as_response(text)) for text in wrong]
    if reward.is_grader:
        tricks += uncommitted(right[0], wrong[0])
    for name, text in tricks:
        score = attempt(audit, reward, text, example)
        audit.note("own hacks", score is not None and score.value == reward.low, f"{name}: {text[-160:]!r}: {score}")


def check_row(audit: Audit, reward: AnyReward, row: Row) -> None:
    """Gold earns the maximum, all else the minimum; a row the reward abstains on is left out."""
    scored = [(name, text, attempt(audit, reward, text, row.columns)) for name, text in golds(row)]
    if all(score is None for *_, score in scored):
        audit.ungraded += 1
        return
    best = max((score.value for *_, score in scored if score), default=reward.high)
    high = reward.high if isinstance(reward, Reward) else best
    for name, text, score in scored:
        got = None if score is None else score.value
        audit.note(f"{row.kind} gold", got == high, f"{name} of {row.gold!r}: {got}, wanted {high:g}: {text!r}")
    for name, text in bads(row):
        score = attempt(audit, reward, text, row.columns)
        right = score is not None and (score.value == reward.low if isinstance(reward, Reward) else score.value < best)
        got, low = None if score is None else score.value, reward.low if isinstance(reward, Reward) else f"< {best}"
        audit.note(f"{row.kind} hacks", right, f"{name}: {got}, wanted {low}; gold {row.gold!r}: {text[:160]!r}")


def check_data(audit: Audit, reward: AnyReward, rows: list[Mapping[str, Any]]) -> None:
    """On every row of a data set the gold earns the maximum, the empty and a known wrong response the minimum."""
    for row in rows:
        gold = row.get("answer")
        score = attempt(audit, reward, tagged(reward.right_answer(row)), row)
        if score is None:
            audit.ungraded += 1
            continue
        audit.note("data gold", score.value == reward.high, f"row {row.get('id')}: {gold!r} earns {score.value}")
        for group, text in (("data empty", ""), *(("data wrong", tagged(wrong)) for wrong in wrongs(row))):
            score = attempt(audit, reward, text, row)
            value = None if score is None else score.value
            audit.note(group, value == reward.low, f"row {row.get('id')}: gold {gold!r}, {text[-60:]!r} earns {value}")


def wrongs(row: Mapping[str, Any]) -> list[str]:
    """Answers known to be wrong for a row: another letter, the other polarity, or the set's own distractors."""
    gold, kind = row.get("answer"), row.get("kind")
    if kind == "option":
        options = row.get("options") or {}
        return [letter for letter, text in options.items() if letter != gold and text is not None][:1]
    if kind == "yesno":
        return ["no" if str(gold).lower().startswith("y") else "yes"]
    return [str(wrong) for wrong in row.get("distractors") or ()]


def check_manners(audit: Audit, reward: AnyReward, columns: Mapping[str, Any]) -> None:
    """Any reward: no exception and no long work on any text, in range, deterministic, picklable."""
    for name, text in (("no text", None), *odd_texts()):
        took = math.inf
        for _ in range(TRIES):  # of the processor, not of the clock: another program may be running
            start = time.process_time()
            attempt(audit, reward, text, columns, "odd text", name)
            took = min(took, (time.process_time() - start) * 1e3)
            if took <= SLOWEST_MS:
                break
        audit.note("speed", took <= SLOWEST_MS, f"{name}: {took:.0f} ms, at most {SLOWEST_MS:.0f} are allowed")
    texts = [tagged("C"), "C", tagged("yes"), "<think>cut", tagged("12 mEq/L"), "", "left"]  # odd in number
    first = [attempt(audit, reward, text, columns) for text in texts]
    audit.note("deterministic", first == [attempt(audit, reward, text, columns) for text in texts], "two calls differ")
    try:
        copy = pickle.loads(pickle.dumps(reward))
    except Exception as error:
        audit.note("picklable", False, f"{type(error).__name__}: {error}")
    else:
        audit.note("picklable", first == [attempt(audit, copy, text, columns) for text in texts], "the copy differs")


def attempt(
    audit: Audit,
    reward: AnyReward,
    text: str | None,
    columns: Mapping[str, Any],
    group: str = "in range",
    name: str = "",
) -> Score | None:
    """The score of a response; an exception or a value out of range is a failure, not a crash of the audit."""
    try:
        tokens = len(text.split()) if text else 0
        score = reward(parse(text, n_tokens=tokens), **columns)
    except Exception as error:
        audit.note(group, False, f"{name or repr((text or '')[:80])}: {type(error).__name__}: {error}")
        return None
    audit.note(group, True, "")
    return score
