"""The model card beside a checkpoint: where it comes from, and what it is not for."""

from pathlib import Path

import pytest

from recipes import folder
from sft import card


@pytest.fixture
def run(load) -> Path:
    recipe = load()
    claimed = folder.claim(recipe.run.output_dir, recipe.resolved())
    folder.write_versions(claimed, recipe.run.seed)
    yield claimed
    folder.release(claimed)


def test_lineage_names_recipe_parents_and_facts(load, run: Path, tmp_path: Path) -> None:
    recipe = load("MODEL", "{name: owner/model}")
    made = card.lineage(recipe, run, steps=7)
    assert made["recipe"] == f"{tmp_path}/r.yaml"
    assert made["resolved"] == recipe.resolved()
    assert (made["parents"], made["seed"], made["steps"]) == (["owner/model"], 0, 7)
    assert "CPU cores" in made["hardware"]


def test_the_card_says_where_the_model_comes_from_and_what_it_is_not_for(load, run: Path) -> None:
    final = run / "checkpoints" / "final"
    final.mkdir(parents=True)
    text = card.write(final, card.lineage(load(), run), results="| suite | base |").read_text()
    assert text.startswith("---\nlibrary_name: transformers\ntags: [lingshu-rlvr, sft]\n---\n# base\n")
    for words in ("Not for clinical use", "none: trained from random weights", "`clinic`, split train"):
        assert words in text
    assert "max_steps: 2" in text
    assert "| suite | base |" in text


def test_without_results_the_card_says_so(load, run: Path) -> None:
    final = run / "checkpoints" / "final"
    final.mkdir(parents=True)
    made = card.lineage(load("from: OUT/base.yaml", "name: owner/model", kind="grpo"), run)
    text = card.write(final, made).read_text()
    assert "Not measured on its own" in text
    assert "tags: [lingshu-rlvr, grpo]" in text
    assert "`owner/model`" in text
