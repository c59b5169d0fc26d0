"""From an evaluation's right answers to a model that was trained on them."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

import data
from eval import suites
from eval.engines import Completion, Decoding, Prompt
from eval.run import Arm, evaluate
from sft import lessons, mixture, train

OURS = "    - {use: clinic, split: train, n: 24, families: [lab_range, lesion_side]}\n"
TEACHER = "  teacher: {careful: 0.5, careful_right: 1.0, hasty_right: 0.3}\n"
KNOBS = {"families": ["lab_range", "lesion_side"]}


class Solver:
    """Thinks the set's own trace aloud, with the sample's number before it; right in every second sample."""

    stamp = {"engine": "solver"}

    def __init__(self, rows: Iterable[data.Example]) -> None:
        self.rows = {row.id: row for row in rows}

    def stream(self, prompts: Iterable[Prompt], how: Decoding) -> Iterator[tuple[str, list[Completion]]]:
        for prompt in prompts:
            row = self.rows[prompt.id]
            yield prompt.id, [self._says(row, sample) for sample in range(how.n)]

    def _says(self, row: data.Example, sample: int) -> Completion:
        answer = row.answer if sample % 2 == 0 else row.meta["distractors"][0]
        thinking = f"try {sample} looks twice at what the question shows: {row.meta['trace']}"
        return Completion(f"<think>{thinking}</think><answer>{answer}</answer>", 20, False)


@pytest.fixture
def sampled(tmp_path: Path) -> Path:
    suite = suites.load("clinic_train", {"n": 16, **KNOBS})
    arm = Arm(suite, samples=4, style="plain")
    evaluate(Solver(data.load("clinic", "train", n=16, **KNOBS)), arm, out=tmp_path / arm.name)
    return tmp_path / "clinic_train@4"


def test_right_answers_become_thinking_and_direct_samples(load, sampled: Path) -> None:
    ours = f"    - {{use: kept_traces, path: {sampled}, most: 2}}\n"
    recipe = load(OURS, ours, TEACHER, "  thinking: 0.5\n", "prompt: plain", "prompt: think")
    rows = mixture.load(recipe)
    assert len(rows) == 32
    assert {row.meta["trace"].split()[1] for row in rows} == {"0", "2"}  # the right ones
    assert all(row.meta["agreement"] == 0.5 for row in rows)
    said = [sample.texts()[-1] for sample in lessons.samples(recipe, rows)]
    thinking = sum(text.startswith("<think>try ") for text in said)
    direct = sum(text.startswith("<answer>") for text in said)
    assert thinking + direct == 32
    assert 6 < direct < 26


@pytest.mark.slow
def test_a_model_is_trained_on_them_and_its_change_is_told(load, sampled, checkpoint, tmp_path, capsys) -> None:
    ours = f"    - {{use: kept_traces, path: {sampled}}}\n"
    held_out = "report_to: none}\neval: {suites: [{use: clinic_val, n: 6}], max_tokens: 8}"
    swaps = (OURS, ours, TEACHER, "  thinking: 0.8\n", "report_to: none}", held_out)
    recipe = load("MODEL", f"{{name: {checkpoint}}}", *swaps)
    assert train.train(recipe, resume=False) == 0
    assert "over 6 items: no clear change" in capsys.readouterr().out
    made = json.loads((tmp_path / "base" / "lineage.json").read_text())
    assert (made["examples"], made["measured"]["clinic_val"]["change"]) == (16, "no clear change")
    card = (tmp_path / "base" / "checkpoints" / "final" / "README.md").read_text()
    assert "- clinic_val: 0.0 % before" in card
    assert "`kept_traces`" in card
