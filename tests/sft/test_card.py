"""What lies beside a checkpoint: its whole lineage, where it comes from, and what it is not for."""

import hashlib
import json
from pathlib import Path

import pytest

import data
from recipes import folder
from sft import card, digests, mixture


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


def test_lineage_says_what_decided_the_numbers_and_how_it_ended(load, run: Path) -> None:
    metrics = [{"step": 1, "loss": 3.0, "num_tokens": 10}, {"step": 2, "loss": 2.0, "num_tokens": 25, "grad_norm": 9.0}]
    metrics += [{"step": 2, "eval/clinic_test/accuracy": 0.5}, {"step": 2, "train_loss": 2.5, "loss": None}]
    (run / "metrics.jsonl").write_text("".join(json.dumps(row) + "\n" for row in metrics))
    made = card.lineage(load(), run)
    assert made["metrics"] == {"loss": 2.0, "num_tokens": 25, "eval/clinic_test/accuracy": 0.5, "train_loss": 2.5}
    assert made["packages"].keys() >= {"torch", "transformers", "trl"}
    assert len(made["packages"]) <= len(card.DECIDING)
    assert made["ancestors"] == []


def test_each_checkpoint_holds_the_lineage_of_all_that_it_grew_from(load, run: Path, tmp_path: Path) -> None:
    start, below = None, []
    for name in ("one", "two", "three"):
        made = card.lineage(load(name=f"{name}.yaml"), run, start=start, data=[])
        assert made["ancestors"] == below
        final = tmp_path / name / "checkpoints" / "final"
        final.mkdir(parents=True)
        card.write(final, made)
        assert json.loads((final / "lineage.json").read_text()) == made
        start, below = str(final), [{k: v for k, v in made.items() if k != "ancestors"}, *below]
    page = (final / "README.md").read_text()
    assert page.index("three.yaml") < page.index("two.yaml") < page.index("one.yaml")


def test_what_the_runs_of_a_lineage_scored_stands_side_by_side_the_oldest_first(capsys, load, run: Path) -> None:
    scored = {"before": 0.0, "low": 0.0, "high": 0.0, "change": "gain"}
    old = {"recipe": "old.yaml", "measured": {"a": {**scored, "n": 1200, "after": 0.25}}}
    between = {"recipe": "unmeasured.yaml"}
    new = {"a": {**scored, "n": 1200, "after": 0.5}, "b@8": {**scored, "n": 10, "after": 1.0}}
    header, rows = card.measured({"recipe": "new.yaml", "measured": new, "ancestors": [between, old]})
    assert header == ("after", "a %, n 1,200", "b@8 %, n 10")
    assert rows == [("`old.yaml`", "25.0", "-"), ("`new.yaml`", "50.0", "100.0")]
    other = {**old, "measured": {"a": {**scored, "n": 9, "after": 0.75}}}  # other items: a column of its own
    first = card.measured({"recipe": "new.yaml", "measured": new, "ancestors": [other]})[1][0]
    assert first == ("`old.yaml`", "75.0", "-", "-")
    assert card.measured({"recipe": "new.yaml", "measured": new, "ancestors": [between]})[1] == []
    card.show({"recipe": "new.yaml", "measured": new, "ancestors": [old]})
    assert "25.0" in capsys.readouterr().out


def test_the_lineage_of_an_older_run_lies_in_its_folder_and_others_have_none(load, run: Path, tmp_path: Path) -> None:
    final = tmp_path / "old" / "checkpoints" / "final"
    final.mkdir(parents=True)
    old = {"recipe": "old.yaml", "resolved": load().resolved(), "git": None}
    (tmp_path / "old" / "lineage.json").write_text(json.dumps(old))
    made = card.lineage(load(), run, start=str(final))
    assert made["ancestors"] == [old]
    assert "| `old.yaml` | all | - | - | - | unknown |" in card.write(final, made).read_text()
    for elsewhere in ("owner/model", str(tmp_path / "old" / "checkpoints"), str(tmp_path / "nothing" / "x")):
        assert card.lineage(load(), run, start=elsewhere)["ancestors"] == []


def test_a_digest_is_of_ids_questions_and_answers(load) -> None:
    [one] = digests.of(mixture.drawn(load()))
    rows = data.load("clinic", "train", n=24, families=["lab_range", "lesion_side"])
    lines = [json.dumps([row.id, row.question, row.answer], ensure_ascii=False) + "\n" for row in rows]
    assert one["digest"] == hashlib.sha256("".join(lines).encode()).hexdigest()
    assert (one["use"], one["rows"], one["families"]) == ("clinic", 24, ["lab_range", "lesion_side"])
    assert digests.of_rows(rows[:-1]) != one["digest"]
    assert digests.of_rows(list(reversed(rows))) != one["digest"]


def test_a_built_corpus_is_known_by_its_card(load, tmp_path: Path) -> None:
    recipe = load(
        "use: clinic, split: train, n: 24, families: [lab_range, lesion_side]", "use: built, path: OUT/corpus"
    )
    (tmp_path / "corpus").mkdir()
    rows = data.load("clinic", "train", n=3)
    parts = [mixture.Drawn(recipe.data.train[0], rows)]
    [bare] = digests.of(parts)
    assert bare["digest"] == digests.of_rows(rows)
    (tmp_path / "corpus" / "card.json").write_text("{}")
    [one] = digests.of(parts)
    assert (one["card"], one["rows"]) == (hashlib.sha256(b"{}").hexdigest(), 3)
    assert (one["folder"], "digest" in one) == (str(tmp_path / "corpus"), False)


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
