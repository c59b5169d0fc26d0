"""What real sources hold and real machines do to a build: no row is lost or counted twice without a word."""

import io
import json
import os
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest
from PIL import Image

import data
import recipes
from data import clean
from data.__main__ import main
from data.build import passes, plan, run, store
from data.clean import Drop, Step
from data.example import Example
from recipes import BadInput

from .conftest import picture, release
from .test_build import Twins, bytes_of, rows_of

ODD = "a\u2028b\x85c é 漢 \U0001f600"


def row(name: str = "x/1", **more: Any) -> Example:
    return Example(name, "What is it?", "liver", **more)


def removed(out: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in (out / "removed.jsonl").read_text().split("\n") if line]


@pytest.fixture
def source(monkeypatch: pytest.MonkeyPatch):
    """source(rows): what every data set then holds."""

    def made(*rows: Example) -> None:
        monkeypatch.setattr(data, "load", lambda use, split, **more: list(rows))

    return made


def steps(monkeypatch: pytest.MonkeyPatch, **own: Step) -> None:
    known = clean.load
    monkeypatch.setattr(clean, "load", lambda use, knobs=None: own[use] if use in own else known(use, knobs))


CLINIC = [{"use": "clinic", "split": "train"}]


def test_any_text_passes_through_rows_and_logs(source, corpus) -> None:
    source(*(replace(row(f"{i}/{ODD}"), question=ODD, answer="yes" if i else "no") for i in range(3)))
    recipe = corpus(sources=CLINIC, steps=[{"use": "keep", "column": "answer", "values": ["yes"]}])
    out = run.build(recipe)
    assert {one.id for one in rows_of(out)} == {f"1/{ODD}", f"2/{ODD}"}
    assert [line["id"] for line in removed(out)] == [f"0/{ODD}"]
    assert removed(out)[0]["detail"] == ""  # an answer is text of a row


def test_rows_that_no_file_can_hold_are_set_aside_with_their_reason(source, corpus) -> None:
    fine = [row(f"x/{i}") for i in range(6)]
    half = replace(row("half"), question="\ud83d?")
    none = row("none", kind="text", options={"A": None})  # type: ignore[dict-item]
    alien = row("alien", meta={"what": object()})
    keys = row("keys", meta={1: 1, "a": 2})
    lost = row("lost", images=(None,))
    raises = row("raises", images=(lambda: 1 / 0,))
    source(*fine, half, none, alien, keys, lost, raises)
    out = run.build(corpus(sources=CLINIC, max_bad=0.9))
    assert {one.id for one in rows_of(out)} == {one.id for one in fine}
    told = {line["id"]: f"{line['why']}: {line['detail']}" for line in removed(out)}
    assert told["half"] == "row cannot be read: its text holds half of a UTF-16 pair"
    assert told["none"] == "row cannot be read: an option is no text"
    assert told["alien"] == "row cannot be read: its meta cannot be written as JSON (it holds a object)"
    assert "row cannot be read" in told["keys"]
    assert "image cannot be read" in told["lost"]
    assert "ZeroDivisionError" in told["raises"]
    [card] = json.loads((out / "card.json").read_text())["sources"]
    assert (card["read"], card["kept"]) == (12, 6)


def test_meta_of_numpy_and_the_like_stays_what_it_is(tmp_path: Path) -> None:
    meta = {
        "number": np.float32(0.5),
        "array": np.arange(3),
        "true": np.bool_(True),
        "set": {"b", "a"},
        "when": datetime(2020, 1, 2),
        "nested": MappingProxyType({"a": (1, None)}),
    }
    store.write(tmp_path / "x", [row(meta=meta)], embed=True)
    [found] = store.read(tmp_path / "x")
    told = {"number": 0.5, "array": [0, 1, 2], "true": True, "set": ["a", "b"], "when": "2020-01-02 00:00:00"}
    assert found.meta == {**told, "nested": {"a": [1, None]}}


def test_row_groups_of_large_pictures_are_small(tmp_path: Path, monkeypatch) -> None:
    import pyarrow.parquet as pq

    noise = np.random.default_rng(0).integers(0, 256, (60, 60, 3), np.uint8)
    file = io.BytesIO()
    Image.fromarray(noise).save(file, "PNG")
    rows = [row(f"x/{i}", images=(file.getvalue(),)) for i in range(10)]
    monkeypatch.setattr(store, "AT_MOST", 3 * len(file.getvalue()) + 100)
    store.write(tmp_path / "x", rows, embed=True)
    assert pq.ParquetFile(tmp_path / "x").num_row_groups == 4
    assert [one.id for one in store.read(tmp_path / "x", 4)] == [one.id for one in rows[4:]]
    assert [len(one.images) for one in store.read(tmp_path / "x", pictures=False)] == [1] * 10


def png(image: Image.Image, **how: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, **{"format": "PNG", **how})
    return file.getvalue()


def chunk(name: bytes, content: bytes) -> bytes:
    import zlib

    return len(content).to_bytes(4) + name + content + zlib.crc32(name + content).to_bytes(4)


def test_what_is_embedded_is_pixels_only() -> None:
    plain, grey = Image.new("RGB", (70, 80), (9, 8, 7)), Image.new("L", (70, 80), 9)
    bare, end = png(plain), chunk(b"IEND", b"")
    exif = Image.Exif()
    exif[0x8825] = {1: "N"}  # GPS
    dirty = [
        png(plain, exif=exif),
        bare[: -len(end)] + chunk(b"eXIf", exif.tobytes()) + end,  # behind the pixels
        bare[: -len(end)] + chunk(b"tIME", b"\x07\xe4\x01\x02\x03\x04\x05") + end,
        bare + b"Jane Roe",
        png(plain, format="JPEG", exif=exif),
        png(plain, format="JPEG", comment=b"Jane Roe"),
        png(plain, format="JPEG") + b"Jane Roe",
        png(plain, transparency=(9, 8, 7)),
        png(plain, save_all=True, append_images=[Image.new("RGB", (70, 80), "red")]),
    ]
    for content in (bare, png(grey), png(plain, format="JPEG"), png(grey, format="JPEG")):
        assert store.encoded(row(images=(content,)), 0) == content
    for place, content in enumerate(dirty):
        found = store.encoded(row(images=(content,)), 0)
        assert found != content, place
        assert store._chunks(found) == {b"IHDR", b"IDAT", b"IEND"}, place


def test_a_picture_that_is_gone_is_no_full_disk(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(BadInput, match="x/1: image .*folder cannot be read"):
        store.write(tmp_path / "out.parquet", [row(images=(str(tmp_path / "folder"),))], embed=True)


def test_referenced_pictures_are_found_from_anywhere(tmp_path: Path, monkeypatch, source, corpus) -> None:
    (tmp_path / "1.png").write_bytes(picture(1))
    monkeypatch.chdir(tmp_path)
    source(row(images=("1.png",)))
    [found] = rows_of(run.build(corpus(sources=CLINIC, images="referenced")))
    monkeypatch.chdir("/")
    assert data.open_images(found)[0].size == (80, 70)


@dataclass(frozen=True)
class Refusing(Step):
    about = "cannot work"

    def clean(self, row, pictures):
        raise BadInput("this step needs a package")


def test_a_step_that_cannot_work_stops_the_build(place: Path, corpus, monkeypatch) -> None:
    """It is no broken picture, for which each row would go."""
    release(place)
    steps(monkeypatch, refusing=Refusing())
    with pytest.raises(BadInput, match="this step needs a package"):
        run.build(corpus(steps=["refusing"]))
    assert run.build(corpus("other"))  # the lock is let go


@dataclass(frozen=True)
class Counting(Step):
    about = "counts what is decoded"
    needs_notes = True

    def look(self, row, pictures):
        return len(pictures())

    def clean(self, row, pictures):
        return Drop("none") if not pictures() else replace(row, meta={**row.meta, "seen": 1})


def test_pictures_are_decoded_once_a_pass(place: Path, corpus, monkeypatch) -> None:
    release(place, 4)
    steps(monkeypatch, counting=Counting())
    decoded, known = [], passes.open_images
    monkeypatch.setattr(passes, "open_images", lambda row: decoded.append(row.id) or known(row))
    vqa = [{"use": "vqa_rad", "split": "train"}]
    run.build(corpus(sources=vqa, steps=[{"use": "image_blank", "min_content": 0}, {"use": "counting"}]))
    assert len(decoded) == 3 * 4  # when read, before notes and after


def test_an_id_of_two_sources_keeps_its_first_row(place: Path, corpus, monkeypatch) -> None:
    """By id alone a step that compares would remove both."""
    release(place)
    first = run.build(corpus("first", [{"use": "vqa_rad", "split": "train"}]))
    steps(monkeypatch, twins=Twins())
    both = [{"use": "vqa_rad", "split": "train"}, {"use": "built", "path": str(first)}]
    out = run.build(corpus(sources=both, steps=[{"use": "twins"}], tasks=3))
    assert sorted(one.id for one in rows_of(out)) == ["vqa_rad/train/0", "vqa_rad/train/1"]
    card = json.loads((out / "card.json").read_text())
    [raw, built] = card["sources"]
    assert (raw["read"], raw["kept"]) == (12, 2)
    assert (built["read"], built["kept"], built["removed"]) == (12, 0, {"read: its id came before": 12})


def test_two_corpora_may_be_joined_but_one_not_named_twice(place: Path, corpus, tmp_path: Path) -> None:
    release(place)
    one = run.build(corpus("one", [{"use": "vqa_rad", "split": "train"}]))
    two = run.build(corpus("two", [{"use": "clinic", "split": "train", "n": 4}]))
    both = [{"use": "built", "path": str(place)} for place in (one, two)]
    card = json.loads((run.build(corpus(sources=both)) / "card.json").read_text())
    assert [(one["name"], one["kept"]) for one in card["sources"]] == [("built_train", 12), ("built_train-2", 4)]
    assert {name: one["citation"] for name, one in card["sets"].items()} == {
        name: data.describe(name).citation for name in ("clinic", "vqa_rad")
    }
    with pytest.raises(BadInput, match="data.train.1: built train is named before"):
        plan.of(corpus("again", [both[0], {**both[0], "n": 3}]))


def test_sources_that_changed_after_a_build_that_stopped_are_read_anew(place: Path, corpus) -> None:
    release(place, 12, broken=8)
    recipe = corpus(rows_per_file=2, max_bad=0.1)
    with pytest.raises(BadInput, match="8 of 12 rows are broken"):
        run.build(recipe)
    rows = json.loads((place / "trainset.json").read_text())
    (place / "trainset.json").write_text(json.dumps(rows[8:]))
    assert {one.id for one in rows_of(run.build(recipe)) if one.source == "vqa_rad"} == {
        f"vqa_rad/train/{i}" for i in range(8, 12)
    }


def test_a_broken_picture_gives_its_id_to_a_later_source(place: Path, corpus) -> None:
    release(place)
    first = run.build(corpus("first", [{"use": "vqa_rad", "split": "train"}]))
    (place / "images" / "3.png").write_bytes(picture(3)[:60])
    both = [{"use": "vqa_rad", "split": "train"}, {"use": "built", "path": str(first)}]
    out = run.build(corpus(sources=both, max_bad=0.1))
    assert len(rows_of(out)) == 12
    [raw, built] = json.loads((out / "card.json").read_text())["sources"]
    assert (raw["kept"], built["kept"]) == (11, 1)


def test_the_audit_log_names_no_file(place: Path, corpus) -> None:
    """Its path may name a patient, and is another on each machine."""
    release(place, 12, broken=1, torn=1)
    (place / "images" / "1.png").unlink()
    (place / "images" / "1.png").mkdir()
    (place / "images" / "2.png").write_bytes(b"torn")
    out = run.build(corpus(max_bad=0.5))
    found = {line["id"]: line["detail"] for line in removed(out)}
    assert len(found) == 4
    for detail in found.values():
        assert str(place) not in detail
        assert ".png" not in detail
    assert found["vqa_rad/train/1"] == (
        "vqa_rad/train/1: image cannot be read (Is a directory); restore the file or leave the row out"
    )


def test_bad_rows_of_a_release_are_no_share_of_the_few_that_are_drawn(place: Path, corpus, monkeypatch) -> None:
    release(place, 100, torn=10)
    about = data.describe("vqa_rad")
    monkeypatch.setattr(data, "describe", lambda use: replace(about, rows={"train": 10000}))
    few = [{"use": "vqa_rad", "split": "train", "n": 5}]
    assert len(rows_of(run.build(corpus(sources=few)))) == 5
    with pytest.raises(BadInput, match="10 of 100 rows are broken"):
        run.build(corpus("all", [{"use": "vqa_rad", "split": "train"}]))
    for i in range(100):
        (place / "images" / f"{i}.png").write_bytes(b"torn")
    with pytest.raises(BadInput, match="rows are broken"):
        run.build(corpus("torn", few))


def stopped(recipe, monkeypatch, name: str) -> None:
    """A build that ends before the pass `name`."""
    here = run._here

    def dying(one, workers):
        if one.name == name:
            raise KeyboardInterrupt
        here(one, workers)

    with monkeypatch.context() as patch:
        patch.setattr(run, "_here", dying)
        with pytest.raises(KeyboardInterrupt):
            run.build(recipe)


def test_another_number_of_workers_goes_on_and_another_seed_does_not(place: Path, corpus, monkeypatch) -> None:
    release(place, 23)
    whole = bytes_of(run.build(corpus("whole", steps=["image_size"])))
    recipe = corpus(steps=["image_size"])
    stopped(recipe, monkeypatch, "write")
    path = Path(recipe.path)
    path.write_text(path.read_text().replace('"seed": 3', '"seed": 4'))
    with pytest.raises(BadInput, match="was begun with run.seed 3, not 4"):
        run.build(recipes.load(path))
    path.write_text(path.read_text().replace('"seed": 4', '"seed": 3').replace('"tasks": 2', '"tasks": 5'))
    again = bytes_of(run.build(recipes.load(path)))
    again["README.md"] = again["README.md"].replace(b"# out\n", b"# whole\n")
    assert again == whole


def test_a_pass_whose_files_are_not_all_there_stops(place: Path, corpus, monkeypatch) -> None:
    """On a cluster a pass may begin before it sees all of the one before."""
    release(place)
    recipe = corpus(steps=["image_size"])
    stopped(recipe, monkeypatch, "shuffle")
    work = Path(recipe.run.output_dir) / "work"
    next((work / "rows-1").glob("*/*.parquet")).unlink()
    with pytest.raises(BadInput, match="rows-1"):
        run.shuffle.Scatter(work, 1, 3)(None, 0, 1)
    next((work / "rows-0").glob("*/whole")).unlink()
    with pytest.raises(BadInput, match="not read to its end"):
        passes.files(work)


def test_a_corpus_that_is_not_whole_is_not_read(place: Path, corpus) -> None:
    release(place)
    out = run.build(corpus())
    next(out.glob("part-*")).unlink()
    with pytest.raises(BadInput, match="holds 2 of 3 files"):
        data.load("built", "train", path=str(out))


def test_a_build_that_keeps_nothing_says_so(place: Path, corpus, capsys) -> None:
    release(place)
    recipe = corpus(steps=[{"use": "keep", "column": "modality", "values": ["none"]}])
    assert main(["build", str(recipe.path)]) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert "no row is left" in line
    assert len(removed(Path(recipe.run.output_dir))) == 22


@dataclass(frozen=True)
class Dying(Step):
    about = "ends its process"

    def clean(self, row, pictures):
        os._exit(9)


def test_a_process_that_was_killed_is_one_line(place: Path, corpus, monkeypatch) -> None:
    release(place)
    steps(monkeypatch, dying=Dying())
    with pytest.raises(BadInput, match="a process of the pass `dying` was killed, .* fewer build.workers"):
        run.build(corpus(steps=["dying"], workers=2))
