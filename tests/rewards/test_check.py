"""The audit: every reward of the library passes it in full, honest ones pass, hackable and broken ones do not."""

import json
from functools import cache
from pathlib import Path

import pytest

import rewards
from rewards.__main__ import main
from rewards.check import check
from rewards.registry import module_of

from .conftest import says

HERE = Path(__file__).parent
FILE, HACKS = HERE / "user_rewards.py", HERE / "hackable_rewards.py"


def listed(path, name):
    """A list that a file of rewards ends with."""
    return vars(module_of(path))[name]


HONEST, BROKEN, HACKABLE = listed(FILE, "HONEST"), listed(FILE, "BROKEN"), listed(HACKS, "HACKABLE")


@cache
def audited(name):
    return check(rewards.load(f"{HACKS if name in HACKABLE else FILE}:{name}"))


def same_text(asked):
    """What a judge says that knows only what reads as the gold, or as the word that a criterion quotes."""
    if asked["criterion"]:
        return says(asked)
    right = asked["answer"].strip(" \n*").casefold() == asked["reference"].casefold()
    return json.dumps({"request": asked["code"], "verdict": "right" if right else "wrong", "why": "compared"})


@pytest.mark.parametrize("name", rewards.names())
def test_every_reward_of_the_library_passes_the_strict_audit(name, judge, tmp_path):
    reward = rewards.load(name)
    asks = "base_url" in reward.knobs  # a judge that knows only what equals the gold, here
    if asks:
        judge.reply = same_text
        reward = reward.bind(base_url=judge.url, model="equal", cache=str(tmp_path))
    audit = check(reward, strict=not asks)
    assert audit.failures == []
    assert sum(tally.tried for tally in audit.groups.values()) > 40


@pytest.mark.parametrize("name", HONEST)
def test_an_honest_reward_passes(name):
    assert audited(name).failures == []


def test_an_honest_function_for_trl_has_no_false_positive_of_its_own():
    audit = audited("exact_for_trl")
    parsers = {"taken back"}  # what follows the tags is for the parser, which such a function does not use
    assert {name for name, tally in audit.groups.items() if tally.false_positives} <= parsers


@pytest.mark.parametrize("name", HACKABLE)
def test_a_hackable_reward_is_refused_for_what_it_wrongly_pays(name):
    audit = audited(name)
    by_the_parser = 20  # hacks that a parser of the committed answer is blind to would not be the reward's fault
    unpaid = name == "empty_is_unknown"  # it does not pay, it abstains, where an answer is wrong
    assert sum(tally.false_positives for tally in audit.groups.values()) > (by_the_parser if unpaid else 0)
    assert not audit.passed


def test_hackable_rewards_fail_where_their_weakness_is():
    weak = {
        "gold_anywhere": ["thinking", "all listed", "negated", "a megabyte"],
        "answer_in_gold": ["nothing"],
        "last_tag": ["thinking", "tags", "injection"],
        "starts_with_gold": ["near misses", "several answers"],
        "alike": ["wrong"],
        "first_letter_alone": ["several answers", "question copied"],
        "what_is_left_of_it": ["disguise"],
        "last_box_or_answer": ["thinking", "several answers"],
        "half_for_the_tags": ["wrong"],
    }
    for name, groups in weak.items():
        failed = {group for group, tally in audited(name).groups.items() if tally.false_positives}
        assert failed >= set(groups), name


@pytest.mark.parametrize(("name", "group"), BROKEN)
def test_a_broken_reward_is_refused_and_told_why(name, group):
    audit = audited(name)
    assert audit.groups[group].failed
    assert any(line.startswith(group) for line in audit.failures)


def test_a_strict_exact_match_is_told_what_it_refuses():
    audit = audited("exact")
    assert {line.partition(" (")[0] for line in audit.warnings} == {"markdown", "other forms", "other kinds"}
    assert not check(rewards.load(f"{FILE}:exact"), strict=True).passed


def test_a_row_that_is_abstained_on_is_counted_not_failed():
    audit = audited("exact_letter")
    assert audit.ungraded > 5
    assert set(audit.kinds) == {"option"}


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


def test_a_reward_that_needs_other_columns_is_hacked_on_the_rows_that_have_them(tmp_path):
    (tmp_path / "mine.py").write_text(
        "def limits(response, answer, lower):\n    return float(str(answer) in (response.answer or ''))\n"
    )
    limits = rewards.load(f"{tmp_path}/mine.py:limits")
    with pytest.raises(rewards.RewardError, match="'lower'.*--data"):
        check(limits)
    rows = [{"id": i, "question": "?", "answer": f"{i}.5", "lower": 1, "kind": "numeric", "distractors": [f"{i + 40}"]}
            for i in range(1, 30)]  # fmt: skip
    audit = check(limits, rows=rows)
    assert audit.groups["several answers"].false_positives >= 100
    assert (audit.groups["data gold"].tried, audit.groups["data gold"].failed) == (29, 0)


def test_the_table_names_groups_and_kinds_and_the_exit_code_follows(capsys):
    assert main(["check", f"{HACKS}:first_tag"]) == 1
    out = capsys.readouterr().out
    for word in ("group", "tried", "failed", "false +", "false -", "thinking", "FAIL", "by kind of row", "numeric"):
        assert word in out
    assert main(["check", f"{FILE}:concise"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "passed"
    assert main(["check", f"{HACKS}:first_tag", "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert found["tallies"]["thinking"]["false_positives"] > 10
    assert not found["passed"]


def test_knobs_are_set_and_bad_ones_are_one_line(capsys):
    assert main(["check", "length", "--knob", "max_tokens=5"]) == 0
    for words in (["max_tokens=five"], ["max_token=5"], ["max_tokens"]):
        assert main(["check", "length", "--knob", *words]) == 2
        err = capsys.readouterr().err
        assert err.startswith("error: ")
        assert err.count("\n") == 1


def test_a_judge_that_cannot_be_asked_is_one_error(capsys):
    assert main(["check", "llm_judge"]) == 2
    assert "base_url" in capsys.readouterr().err
