"""A corpus from its recipe: what is kept, what goes and why, and the same bytes however it was made."""

import json
import os
import pickle
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import datasets
import pytest

import data
import recipes
from data import clean, lengths
from data.__main__ import main
from data.audit import leaks
from data.build import passes, plan, run, store
from data.clean import Drop, Step
from data.hashing import row_hashes
from data.streaming import part
from eval import stamps
from eval.probes import swap
from recipes import ROOT, BadInput, folder

from .conftest import release


def bytes_of(out: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in out.iterdir() if path.suffix in (".parquet", ".jsonl", ".md")}


def rows_of(out: Path) -> list[data.Example]:
    return [row for path in sorted(out.glob("part-*.parquet")) for row in store.read(path)]


def test_a_corpus_holds_the_rows_of_its_sources(place: Path, corpus) -> None:
    release(place)
    out = run.build(corpus())
    found = {row.id: row for row in rows_of(out)}
    wanted = [*data.load("vqa_rad", "train"), *data.load("clinic", "train", n=10, seed=3)]
    assert found.keys() == {row.id for row in wanted}
    for row in wanted:
        kept = found[row.id]
        for name in ("question", "answer", "kind", "options", "source", "split", "modality", "license"):
            assert getattr(kept, name) == getattr(row, name), name
        assert json.loads(json.dumps(dict(row.meta))) == kept.meta
        pairs = zip(data.open_images(row), data.open_images(kept), strict=True)
        assert all(one.tobytes() == other.tobytes() for one, other in pairs)
    assert folder.is_finished(out)
    assert not (out / "work").exists()


def test_the_shards_are_of_the_stated_size_and_shuffled(place: Path, corpus) -> None:
    release(place, 30)
    vqa = [{"use": "vqa_rad", "split": "train"}]
    rows = rows_of(out := run.build(corpus(sources=vqa, rows_per_shard=8)))
    sizes = [store.count(path) for path in sorted(out.glob("part-*"))]
    assert sorted(sizes) == [7, 7, 8, 8]
    ids = [row.id for row in data.load("vqa_rad", "train")]
    assert [row.id for row in rows] != ids
    assert sorted(row.id for row in rows) == sorted(ids)
    straight = run.build(corpus("straight", vqa, rows_per_shard=8, shuffle=False))
    assert [row.id for row in rows_of(straight)] == ids
    assert [store.count(path) for path in sorted(straight.glob("part-*"))] == [7, 8, 7, 8]


def test_others_can_read_the_shards(place: Path, corpus) -> None:
    release(place)
    out = run.build(corpus())
    shards = [str(path) for path in sorted(out.glob("*.parquet"))]
    rows = datasets.load_dataset("parquet", data_files=shards, cache_dir=str(out / "cache"))["train"]
    [one] = [row for row in rows if row["id"] == "vqa_rad/train/3"]
    assert one["images"][0].size == (80, 70)
    assert one["images"][0].getpixel((0, 0)) == (3, 0, 252)


def test_what_is_built_is_a_data_set(place: Path, corpus) -> None:
    release(place)
    out = run.build(corpus())
    found = data.load("built", "train", path=str(out))
    assert len(found) == 22
    assert len(data.load("built", "train", n=5, path=str(out))) == 5
    assert set(found[0].columns()) <= {*data.describe("built").columns, *found[0].meta}
    with pytest.raises(BadInput, match="holds no part-"):
        data.load("built", "train", path=str(out / "nowhere"))
    with pytest.raises(BadInput, match="name the folder"):
        data.load("built", "train")


def test_a_corpus_is_named_by_its_recipe(place: Path, corpus) -> None:
    release(place, 4)
    recipe = corpus(sources=[{"use": "vqa_rad", "split": "train"}])
    path = str(recipe.path)
    with pytest.raises(BadInput, match=f"has not been built yet; build it with `python -m data build {path}`"):
        data.load("built", "train", path=path)
    first = run.build(recipe)
    assert len(data.load("built", "train", path=path)) == 4
    (place / "trainset.json").write_text(json.dumps(json.loads((place / "trainset.json").read_text())[:3]))
    second = run.build(recipe)
    assert (second.name, len(data.load("built", "train", path=path))) == ("out-2", 3)
    assert len(data.load("built", "train", path=str(first))) == 4
    assert part(path).n == 3
    recipe.path.write_text(recipe.path.read_text().replace('"workers": 1', '"workers": 2'))
    assert len(data.load("built", "train", path=path)) == 3
    recipe.path.write_text(recipe.path.read_text().replace('"seed": 3', '"seed": 4'))
    with pytest.raises(BadInput, match="has changed since .*out-2 was built: seed: 3 -> 4; build it with"):
        data.load("built", "train", path=path)
    with pytest.raises(BadInput, match="is a sft recipe and makes no corpus"):
        data.load("built", "train", path="recipes/sft_med.yaml")


def test_pictures_of_a_corpus_stay_in_its_files_until_they_are_opened(place: Path, corpus, monkeypatch) -> None:
    release(place, 12)
    monkeypatch.setattr(store, "AT_MOST", 500)  # a few rows a group
    vqa = [{"use": "vqa_rad", "split": "train"}]
    out = run.build(corpus(sources=vqa, rows_per_shard=8))
    rows, held = data.load("built", "train", path=str(out)), rows_of(out)
    assert len(pickle.dumps(rows)) < len(pickle.dumps(held))
    assert [row.images[0]() for row in reversed(rows)] == [row.images[0] for row in reversed(held)]
    assert all(data.image_sizes(row) == [(80, 70)] for row in rows)
    for row, other in zip(rows, held, strict=True):
        pictures = partial(data.open_images, row)
        assert leaks.picture_keys(row) == leaks.picture_keys(other) != []
        assert swap.keys(row) == swap.keys(other)
        assert stamps.of_items([row]) == stamps.of_items([other])
        assert row_hashes(row, pictures) == row_hashes(other, pictures)
    for context in ("fork", "spawn"):  # as workers of a loader are
        with get_context(context).Pool(1) as pool:
            assert pool.map(data.open_images, rows[:3]) == [data.open_images(row) for row in held[:3]]
    again = rows_of(run.build(corpus("again", [{"use": "built", "path": str(out)}])))
    assert {row.id: row.images for row in again} == {row.id: row.images for row in held}  # the same bytes
    for shard in out.glob("part-*"):
        shard.unlink()
    with pytest.raises(BadInput, match=f"{rows[0].id}: image .* cannot be read"):
        data.open_images(rows[0])


def test_rows_that_go_are_in_the_log_and_counted_in_the_card(place: Path, corpus, capsys) -> None:
    release(place, 12, small=3, broken=1)
    recipe = corpus(steps=["image_size"], max_bad=0.1)
    assert main(["build", str(recipe.path), "--json"]) == 0
    card = json.loads(capsys.readouterr().out)
    out = Path(card["out"])
    [vqa, clinic] = card["sources"]
    assert vqa["removed"] == {"image_size: image below 64 px": 3, "read: image cannot be read": 1}
    assert (vqa["read"], vqa["kept"], clinic["removed"]) == (12, 8, {})
    removed = [json.loads(line) for line in (out / "removed.jsonl").read_text().splitlines()]
    assert {row["id"] for row in removed} == {f"vqa_rad/train/{i}" for i in range(4)}
    assert {row["detail"] for row in removed if row["step"] == "image_size"} == {"40 x 70 px"}
    assert {row["source"] for row in removed} == {"vqa_rad_train"}
    page = (out / "README.md").read_text()
    assert f"| vqa_rad_train | {data.describe('vqa_rad').license} | open | 12 | 4 | 8 |" in page
    assert "1. `image_size`: a picture is smaller than min_px" in page
    assert card["rows"] == 18 == sum(shard["rows"] for shard in card["shards"])
    assert "| vqa_rad | 8 | 8; 80 x 70 px | " in page.partition("## How long")[2]
    measured = lengths.facts(lengths.measured(rows_of(out)))["sources"]
    assert card["lengths"]["sources"] == measured  # counted a shard at a time


def test_rows_that_are_none_are_set_aside(place: Path, corpus) -> None:
    release(place, 12, torn=1)
    out = run.build(corpus(max_bad=0.1))
    [vqa, _] = json.loads((out / "card.json").read_text())["sources"]
    assert vqa["removed"] == {"read: row cannot be read": 1}
    [line] = (out / "removed.jsonl").read_text().splitlines()
    assert "question" in json.loads(line)["detail"]


def test_too_many_broken_rows_stop_the_build(place: Path, corpus, capsys) -> None:
    release(place, 12, broken=2)
    recipe = corpus(max_bad=0.1)
    assert main(["build", str(recipe.path)]) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith(
        "error: vqa_rad_train: 2 of 12 rows are broken, more than build.max_bad (0.1) bears; the first"
    )
    assert "images/0.png cannot be read" in line


def test_every_fault_of_the_recipe_is_told_before_anything_is_read(corpus, tmp_path: Path, capsys) -> None:
    sources = [
        {"use": "vqa_rda"},
        {"use": "clinic", "split": "trian"},
        {"use": "clinic", "weight": 2.0, "dificulty": 1},
    ]
    recipe = corpus(
        sources=sources,
        steps=["image_sise", {"use": "image_size", "min_pixels": 3}, {"use": "image_size", "min_px": 0}],
    )
    assert main(["build", str(recipe.path), "--check"]) == 2
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 7
    for place, word in {
        "data.train.0.use": "did you mean vqa_rad?",
        "data.train.1.split": "clinic has train",
        "data.train.2.weight": "a build keeps every row",
        "data.train.2:": "dificulty",
        "build.steps.0": "did you mean image_size?",
        "build.steps.1": "unknown knob 'min_pixels'",
        "build.steps.2": "min_px is 0",
    }.items():
        assert any(place in line and word in line for line in said), place
    assert not (tmp_path / "out").exists()


@dataclass(frozen=True)
class Twins(Step):
    """Of rows with the same answer the first stays; an answer of `drop` goes; the rest is marked."""

    about = "the answer comes twice"
    needs_notes = True
    drop: str = ""

    def look(self, row, pictures):
        return None if row.source == "clinic" else str(row.answer)

    def decide(self, notes):
        seen: set[str] = set()
        return {row: Drop("twin") for row, answer in notes if answer in seen or seen.add(answer)}

    def clean(self, row, pictures):
        from dataclasses import replace

        return Drop("unwanted") if row.answer == self.drop else replace(row, meta={**row.meta, "seen": True})


def test_steps_that_compare_rows_see_all_of_them_in_the_order_of_trust(place: Path, corpus, monkeypatch) -> None:
    release(place)
    known = clean.load
    monkeypatch.setattr(
        clean, "load", lambda use, knobs=None: Twins(**(knobs or {})) if use == "twins" else known(use, knobs)
    )
    both = [{"use": "vqa_rad", "split": "test"}, {"use": "vqa_rad", "split": "train"}]
    found = rows_of(run.build(corpus(sources=both, steps=["image_size", {"use": "twins"}, "image_size"])))
    assert sorted(row.id for row in found) == ["vqa_rad/test/0", "vqa_rad/test/1"]
    assert all(row.meta["seen"] for row in found)
    one = run.build(corpus("two", both, steps=[{"use": "twins"}, {"use": "twins", "drop": "yes"}]))
    assert [row.id for row in rows_of(one)] == ["vqa_rad/test/0"]
    whys = {json.loads(line)["why"] for line in (one / "removed.jsonl").read_text().splitlines()}
    assert whys == {"twin", "unwanted"}


def test_turns_end_where_a_step_must_see_all() -> None:
    size, twins = clean.load("image_size"), Twins()
    found = plan.turns([size, twins, size, twins], ["a", "b", "c", "d"])
    assert [(turn.names, turn.next_name) for turn in found] == [(("a",), "b"), (("b", "c"), "d"), (("d",), None)]
    assert [(turn.names, turn.next_name) for turn in plan.turns([], [])] == [((), None)]


def test_processes_and_tasks_change_nothing(place: Path, corpus) -> None:
    release(place, 23, small=2)
    first = bytes_of(run.build(corpus("x", steps=["image_size"])))
    second = bytes_of(run.build(corpus("x", steps=["image_size"], workers=2, tasks=7)))
    assert {name for name in first if name.endswith(".parquet")}
    first["README.md"] = first["README.md"].replace(b"# x\n", b"# x-2\n")
    assert first == second


@pytest.mark.parametrize("after", range(1, 8))
def test_a_build_that_was_stopped_goes_on_and_ends_the_same(after: int, place: Path, corpus, monkeypatch) -> None:
    release(place, 23, small=2)
    recipe = corpus("whole", steps=["image_size"])
    whole = bytes_of(run.build(recipe))
    recipe = corpus("stopped", steps=["image_size"])
    here, calls = run._here, []

    def dying(one, workers):
        calls.append(one.name)
        if len(calls) > after:
            raise KeyboardInterrupt
        here(one, workers)

    with monkeypatch.context() as patch:
        patch.setattr(run, "_here", dying)
        with pytest.raises(KeyboardInterrupt):
            run.build(recipe)
    folder.release(Path(recipe.run.output_dir))
    made = [path for path in Path(recipe.run.output_dir).glob("work/**/*") if path.is_file()]
    kept = run.build(recipe)
    assert kept == Path(recipe.run.output_dir)
    again = bytes_of(kept)
    again["README.md"] = again["README.md"].replace(b"# stopped\n", b"# whole\n")
    assert again == whole
    assert made


@pytest.mark.parametrize("first", range(1, 6))
def test_a_build_stopped_at_its_files_goes_on_and_ends_the_same(first: int, place: Path, corpus, monkeypatch) -> None:
    """Again and again, by turns just before and just after the fifth file appears (the first time another); the rows of
    more than two passes never lie on the disk."""
    release(place, 13, small=2, broken=1)
    known, move = clean.load, os.replace
    monkeypatch.setattr(
        clean, "load", lambda use, knobs=None: Twins(**(knobs or {})) if use == "twins" else known(use, knobs)
    )
    sources = [{"use": "vqa_rad", "split": "train"}]
    how = {"steps": ["image_size", {"use": "twins"}, "image_size"], "max_bad": 0.1, "tasks": 1, "rows_per_shard": 1}
    whole = bytes_of(run.build(corpus("whole", sources, **how)))
    recipe, times, left = corpus("stopped", sources, **how), 0, first
    out = Path(recipe.run.output_dir)

    def dying(old, new):
        nonlocal left
        path = Path(new)
        begun_anew = {"rows-0", "removed-0"} & set(path.parts)
        counts = path.is_relative_to(out) and (path.suffix == ".parquet" or "work" in path.parts) and not begun_anew
        left -= counts
        if times % 2 or not counts or left:
            move(old, new)
        if counts and not left:
            raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", dying)
    while not folder.is_finished(out) and times < 50:
        try:
            run.build(recipe)
        except KeyboardInterrupt:
            assert len(list(out.glob("work/rows-*/*/*.parquet"))) <= 3 + 1
            assert len(list(out.glob("work/notes-*"))) <= 1
        left, times = 5, times + 1
    assert times > 5
    again = bytes_of(out)
    again["README.md"] = again["README.md"].replace(b"# stopped\n", b"# whole\n")
    assert again == whole


@pytest.mark.slow
def test_a_killed_build_goes_on(place: Path, corpus, monkeypatch) -> None:
    """kill -9 at five moments of the command, then the same command to its end."""
    release(place, 300)
    monkeypatch.setenv("LINGSHU_DATA", str(place.parent))
    whole = bytes_of(run.build(corpus("whole", steps=["image_size"], rows_per_file=7)))
    recipe = corpus("killed", steps=["image_size"], rows_per_file=7)
    command = [sys.executable, "-m", "data", "build", str(recipe.path)]
    for wait in (1.5, 2.0, 2.5, 3.0, 3.5):
        process = subprocess.Popen(command, cwd=ROOT, env=dict(os.environ), stderr=subprocess.DEVNULL)
        time.sleep(wait)
        process.send_signal(signal.SIGKILL)
        process.wait()
    subprocess.run(command, cwd=ROOT, check=folder.unfinished(recipe.run.output_dir) is not None, capture_output=True)
    again = bytes_of(Path(recipe.run.output_dir))
    again["README.md"] = again["README.md"].replace(b"# killed\n", b"# whole\n")
    assert again == whole


def test_a_full_disk_is_one_line(place: Path, corpus, capsys, monkeypatch) -> None:
    release(place)

    move = os.replace

    def full(old, new):
        if "work" in str(new):
            raise OSError(28, "No space left on device")
        move(old, new)

    monkeypatch.setattr(os, "replace", full)
    assert main(["build", str(corpus().path)]) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert line.endswith("cannot be written: No space left on device")


def test_notes_of_other_rows_are_not_asked_for(place: Path, corpus) -> None:
    release(place)
    step = Twins()
    assert step.look(data.load("clinic", "train", n=1)[0], list) is None
    assert passes.key(0, "a") != passes.key(1, "a")
    assert 0 <= passes.key(0, "a") < 2**64


@pytest.mark.parametrize("path", sorted((ROOT / "recipes" / "data").glob("*.yaml")), ids=lambda path: path.stem)
def test_the_recipes_of_the_tree_fit(path: Path, tmp_path: Path) -> None:
    """But for steps that read an evaluation, which is still to be made."""
    recipe = recipes.load(path)
    if recipe.kind != "build":
        assert recipe.kind == "suites"
        return
    steps = [step for step in recipe.build.steps if step.use not in ("pass_rate", "needs_reasoning")]
    asked = {"data": {"train": recipe.resolved()["data"]["train"]}}
    asked["build"] = {"steps": [{"use": step.use, **step.knobs} for step in steps]}
    (tmp_path / "without.yaml").write_text(json.dumps(asked))
    assert plan.of(recipes.load(tmp_path / "without.yaml")).turns
