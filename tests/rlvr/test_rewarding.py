"""The recipe's rewards are found with their knobs and weights, or named with their place."""

from pathlib import Path

import pytest

from recipes import BadInput
from rewards import parse
from rlvr import rewarding

MINE = """
def at_step(prompts, completions, trainer_state, bonus=0.5):
    return [trainer_state.global_step + bonus for _ in prompts]
"""


def test_rewards_come_with_their_knobs_and_weights(load, tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(MINE)
    swap = "- {use: ./mine.py:at_step, bonus: 1.5, weight: 0.25}\n  - {use: length, max_tokens: 2, slack: 0}"
    (step, weight), (length, one) = rewarding.load_rewards(load("- {use: answer_match}", swap))
    assert (step.name, weight, step.bound) == ("at_step", 0.25, {"bonus": 1.5})
    assert (length.name, one) == ("length", 1.0)
    assert length(parse("a", n_tokens=3)).value == -1.0


@pytest.mark.parametrize(
    ("use", "said"),
    [
        ("{use: answer_mach}", "did you mean answer_match?"),
        ("{use: answer_match, toleranc: 1}", "did you mean tolerance?"),
        ("{use: ./lost.py:mine}", "lost.py"),
        ("{use: length, max_tokens: many}", "max_tokens must be int"),
    ],
)
def test_what_is_no_reward_is_named_with_its_place(load, tmp_path: Path, use: str, said: str) -> None:
    with pytest.raises(BadInput) as refused:
        rewarding.load_rewards(load("{use: answer_match}", use))
    [line] = refused.value.problems
    assert line.startswith(f"{tmp_path}/r.yaml:7: rewards.0: ")
    assert said in line
