"""Recipes written on the spot: a good one of each kind, and a judge that returns the problems of a changed one."""

from collections.abc import Callable
from pathlib import Path

import pytest

import recipes

SFT = """\
model:
  init: {hidden_size: 64, num_layers: 2, num_heads: 4, num_kv_heads: 2, intermediate_size: 128, vocab_size: 500,
         vision_hidden_size: 32, vision_depth: 1, vision_heads: 2}
data: {train: [{use: clinic}], teacher: {careful: 0.5}}
sft: {learning_rate: 1e-3, packing: false}
run: {auto: true}
"""
GRPO = """\
model:
  from: BASE
data:
  train:
    - {use: clinic, split: train, weight: 1.0, level: 3}
rewards:
  - {use: answer_match, weight: 1.0}
  - {use: ./mine.py:concise, weight: 0.1, max_tokens: 50}
grpo:
  num_generations: 8
  learning_rate: 1e-6
eval:
  suites: [clinic_test, {use: vqa, n: 40, flavour: mild}]
run:
  report_to: none
"""
Write = Callable[..., Path]
Problems = Callable[..., list[str]]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """write(text, name="r.yaml") -> the file; BASE in the text becomes a good sft recipe."""

    def _write(text: str, name: str = "r.yaml") -> Path:
        base = tmp_path / "base.yaml"
        base.write_text(SFT)
        path = tmp_path / name
        path.write_text(text.replace("BASE", str(base)))
        return path

    return _write


@pytest.fixture
def problems(write: Write) -> Problems:
    """problems("old", "new", ...) -> what is wrong with the good grpo recipe after the replacements, file name cut."""

    def _problems(*swaps: str, text: str = GRPO, overrides: tuple[str, ...] = ()) -> list[str]:
        for old, new in zip(swaps[::2], swaps[1::2], strict=True):
            assert old in text
            text = text.replace(old, new)
        path = write(text)
        try:
            recipes.load(path, overrides)
        except recipes.BadInput as error:
            return [line.replace(str(path), "FILE") for line in error.problems]
        return []

    return _problems
