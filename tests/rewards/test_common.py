"""The one test that every reward of the library passes, and the proof that it is not passed by hackable ones."""

import ast
from pathlib import Path

import pytest

import rewards
from rewards.check import check
from rewards.registry import LIBRARY

HACKABLE = '''
import re
from rewards import Response, Score, reward

@reward()
def contains(response: Response, answer: str) -> float:
    """Gold anywhere."""
    return float(str(answer).lower() in response.text.lower())

@reward()
def contained(response: Response, answer: str) -> float:
    """Empty is contained in everything."""
    return float((response.answer or "").lower() in str(answer).lower())

@reward()
def last_tag(response: Response, answer: str) -> float:
    """The last answer tag, also inside the thinking."""
    found = re.findall("<answer>(.*?)</answer>", response.text)
    return float(bool(found) and str(answer).lower() == found[-1].lower())

@reward()
def raises(response: Response, answer: str) -> float:
    """Breaks on some texts."""
    return float(response.answer.strip() == answer)

@reward()
def out_of_range(response: Response) -> float:
    """Characters."""
    return float(len(response.text))

calls = []

@reward()
def moody(response: Response) -> float:
    """Depends on the calls before."""
    calls.append(1)
    return float(len(calls) % 2)

@reward()
def slow(response: Response) -> float:
    """Quadratic in the length."""
    sum(1 for i in range(min(len(response.text), 6000)) for j in range(min(len(response.text), 600)))
    return 0.0
'''


@pytest.mark.parametrize("name", rewards.names())
def test_every_reward_passes_the_audit(name, judge, tmp_path):
    reward = rewards.load(name)
    if "base_url" in reward.knobs:  # asks a judge: one that knows what equals the gold, here
        reward = reward.bind(base_url=judge.url, model="equal", cache=str(tmp_path))
    assert check(reward).failures == []


@pytest.mark.parametrize("name", rewards.names())
def test_every_reward_file_is_short_and_documented(name):
    path = LIBRARY / f"{name}.py"
    tree = ast.parse(path.read_text())
    reward = rewards.load(name)
    assert 20 <= len(path.read_text().splitlines()) <= 150
    assert ast.get_docstring(tree)
    for word in (">>>", "Source", "Known hack"):
        assert word in reward.doc, f"{name} lacks {word}"


@pytest.mark.parametrize(
    ("function", "failure"),
    [
        ("contains", "hacks: thinking only"),
        ("contains", "hacks: negated"),
        ("contained", "hacks: empty"),
        ("last_tag", "hacks: answer only inside the thinking"),
        ("raises", "AttributeError"),
        ("out_of_range", "wanted a number from 0.0 to 1.0"),
        ("moody", "deterministic"),
        ("slow", "speed"),
    ],
)
def test_bad_rewards_fail_the_audit(tmp_path, function, failure):
    path = tmp_path / "bad.py"
    path.write_text(HACKABLE)
    failures = check(rewards.load(f"{path}:{function}")).failures
    assert any(failure in line for line in failures), failures[:5]


def test_the_audit_says_which_rows_of_a_data_set_are_wrong():
    rows = [
        {"id": "r1", "question": "?", "answer": "C", "kind": "option", "options": {"A": "x", "C": "y"}},
        {"id": "r2", "question": "?", "answer": "Q", "kind": "option", "options": {"A": "x", "C": "y"}},
        {"id": "r3", "question": "?", "answer": "left", "kind": "text", "distractors": ["right", "Left"]},
    ]
    audit = check(rewards.load("answer_match"), rows=rows)
    assert audit.ungraded == 1
    assert [line for line in audit.failures if "r3" in line]
    assert not [line for line in audit.failures if "r1" in line]


def test_a_reward_that_needs_other_columns_asks_for_rows(tmp_path: Path):
    path = tmp_path / "mine.py"
    path.write_text("def limits(response, answer, lower): return 1.0")
    with pytest.raises(rewards.RewardError, match="'lower'"):
        check(rewards.load(f"{path}:limits"))
