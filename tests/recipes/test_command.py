"""The command line that the training scripts share: what it takes, and how it prints what was found."""

import json

import pytest

from recipes.command import parse

FOUND = {
    "model": "new",
    "missing here": [],
    "eval": ["a", "b"],
    "tokens": {"text": "min 1, max 4\n1-4  ## 2", "min": 1, "max": 4},
}


def test_facts_are_aligned_lines_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    parse("", ["r.yaml", "--plan"]).report(FOUND)
    assert capsys.readouterr().out.splitlines() == [
        "model:        new",
        "missing here: nothing",
        "eval:         a, b",
        "tokens:       min 1, max 4",
        "              1-4  ## 2",
    ]


def test_facts_are_json_with_their_numbers_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    parse("", ["r.yaml", "--plan", "--json"]).report(FOUND)
    assert json.loads(capsys.readouterr().out) == FOUND


def test_a_recipe_is_judged_or_planned() -> None:
    asked = parse("", ["r.yaml", "run.seed=1", "--plan"])
    assert (asked.recipe, asked.overrides, asked.check, asked.plan) == ("r.yaml", ["run.seed=1"], False, True)
    assert parse("", ["r.yaml", "--check"]).check
    with pytest.raises(SystemExit) as refused:
        parse("", ["r.yaml", "--check", "--plan"])
    assert refused.value.code == 2
