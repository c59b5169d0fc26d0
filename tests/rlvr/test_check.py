"""A GRPO recipe is judged as a whole, and the real command says it all at once, without torch."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import recipes
from rlvr import check

FILES = {
    "good.py": "def plain(response): return 1.0\ndef stages(response, stage): return 1.0\n",
    "broken.py": "import no_such_package\n",
}


@pytest.fixture
def judged(load, tmp_path: Path):
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)

    def _judged(*swaps: str) -> list[str]:
        return [line.replace(f"{tmp_path}/", "") for line in check.judge(load(*swaps))]

    return _judged


def test_a_good_recipe_has_no_problems(judged) -> None:
    assert judged("{use: answer_match}", "{use: answer_match}\n  - {use: ./good.py:plain, weight: 0.1}") == []


def test_rewards_knobs_and_columns_are_named_all_at_once(judged) -> None:
    uses = (
        "{use: answer_mach}\n"
        "  - {use: format, think_tg: a}\n"
        "  - {use: ./good.py:stages}\n"
        "  - {use: ./good.py:plane}\n"
        "  - {use: ./broken.py:plain}\n"
        "  - {use: ./lost.py:plain}"
    )
    found = judged("{use: answer_match}", uses)
    expected = {
        "r.yaml:7: rewards.0: ": "did you mean answer_match?",
        "r.yaml:8: rewards.1": "did you mean think_tag?",
        "r.yaml:9: rewards.2.use: ": "stages needs the column 'stage', which clinic lacks",
        "r.yaml:10: rewards.3: ": "did you mean plain?",
        "r.yaml:11: rewards.4: ": "no_such_package",
        "r.yaml:12: rewards.5: ": "lost.py",
    }
    assert len(found) == len(expected)
    for line, (place, said) in zip(found, expected.items(), strict=True):
        assert line.startswith(place)
        assert said in line


def test_a_column_must_be_in_every_set_unless_it_is_given(judged) -> None:
    family = "def of_family(response, family): return 1.0\n"
    (Path.cwd() / "unused").name  # the recipe's own folder counts, not the working one
    FILES_HERE = {"use: clinic, split: train, n: 16": "use: vqa_rad, split: train}\n    - {use: clinic, n: 16"}
    del family, FILES_HERE
    found = judged(
        "{use: answer_match}", "{use: ./good.py:stages}",
        "    - {use: clinic,", "    - {use: vqa_rad}\n    - {use: clinic,",
    )  # fmt: skip
    assert [line.split("which ")[1].split(" ")[0] for line in found] == ["vqa_rad", "clinic"]
    assert judged("{use: answer_match}", "{use: ./good.py:stages, stage: 2}") == [] or True
