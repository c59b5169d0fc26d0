"""Which rows the cleaning steps for pictures drop, and which they leave."""

import io
import json
import pickle
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image

import data
from data import clean, crops
from data.clean import Drop, image_benchmarks
from data.registry import folder
from recipes import BadInput

from .scenes import scene


def row(name, *images, source="here", question="What is shown?"):
    return data.Example(name, question, "x", images=images, source=source)


def shown(example):
    return lambda: data.open_images(example)


def cleaned(step, *rows):
    """The ids that are left, and id -> Drop, as a build does it."""
    notes = [(r.id, note) for r in rows if (note := step.look(r, shown(r))) is not None]
    gone = dict(step.decide(notes))
    for r in rows:
        if r.id not in gone and isinstance(found := step.clean(r, shown(r)), Drop):
            gone[r.id] = found
    return [r.id for r in rows if r.id not in gone], gone


def jpeg(image, quality=95):
    file = io.BytesIO()
    image.save(file, "JPEG", quality=quality)
    return file.getvalue()


@pytest.mark.parametrize("name", ["image_blank", "image_dedup", "image_benchmarks"])
def test_steps_are_found_and_can_be_sent_to_workers(name, tmp_path):
    (tmp_path / "list.txt").write_text("")
    step = clean.load(name, {"against": [str(tmp_path / "list.txt")]} if name == "image_benchmarks" else {})
    assert pickle.loads(pickle.dumps(step)) == step
    assert step.about


# image_blank


def noisy(shade, spread):
    noise = np.random.default_rng(0).normal(shade, spread, (80, 90))
    return Image.fromarray(np.clip(noise, 0, 255).astype(np.uint8))


def test_blank_and_broken_pictures_go(tmp_path):
    (tmp_path / "cut.jpg").write_bytes(jpeg(scene(1))[:500])
    line = Image.new("L", (100, 100), 255)
    line.paste(0, (10, 50, 90, 51))  # a thin trace on paper, 0.8 % of it
    rows = [
        row("scene", scene(1)), row("black", Image.new("RGB", (90, 80))), row("noise", noisy(120, 2)),
        row("line", line),
        row("cut", str(tmp_path / "cut.jpg")), row("lost", str(tmp_path / "none.png")),
        row("second", scene(1), Image.new("L", (70, 70), 3)), row("text"),
    ]  # fmt: skip
    left, gone = cleaned(clean.load("image_blank"), *rows)
    assert left == ["scene", "line", "text"]
    assert gone["black"] == Drop("blank image", "0.00 % of it differs from its commonest shade")
    assert {gone[name].why for name in ("cut", "lost")} == {"image cannot be read"}
    assert gone["lost"].detail == "FileNotFoundError"  # the file's name may be a patient's


def test_what_counts_as_blank_is_a_knob():
    faint = row("faint", noisy(120, 6))
    assert cleaned(clean.load("image_blank"), faint)[0] == ["faint"]
    assert cleaned(clean.load("image_blank", {"min_content": 0.5}), faint)[0] == []


# image_dedup


def test_of_copies_the_one_with_most_pixels_stays_then_the_earliest():
    small, large = scene(1), scene(1).resize((512, 512), Image.Resampling.NEAREST)
    left, gone = cleaned(
        clean.load("image_dedup", {"distance": 2}),
        row("a", small), row("other", scene(2)), row("b", large, source="there"), row("c", large), row("text"),
    )  # fmt: skip
    assert left == ["other", "b", "text"]
    assert gone["a"] == Drop("image seen elsewhere (distance 2)", "b has it")


def test_rows_with_several_pictures_are_the_same_only_if_all_are():
    one, two, three = scene(1), scene(2), scene(3)
    left, _ = cleaned(
        clean.load("image_dedup"),
        row("12", one, two), row("1", one), row("21", two, one), row("13", one, three), row("112", one, one, two),
    )  # fmt: skip
    assert left == ["12", "1", "13", "112"]


def test_different_questions_about_one_picture_stay_where_asked_for():
    rows = [row("a", scene(1)), row("b", scene(1), question="Which side?"), row("c", scene(1), question="which  side?")]
    assert cleaned(clean.load("image_dedup", {"same_question": True}), *rows)[0] == ["a", "b"]
    assert cleaned(clean.load("image_dedup"), *rows)[0] == ["a"]


def test_only_the_sources_named_are_compared():
    rows = [row(f"{source}{at}", scene(1), source=source) for source in ("one", "two", "three") for at in (0, 1)]
    assert cleaned(clean.load("image_dedup", {"among": ["one", "two"]}), *rows)[0] == ["one0", "three0", "three1"]


def test_a_misspelt_source_is_named():
    with pytest.raises(BadInput, match="among names 'pubmedvison'"):
        cleaned(clean.load("image_dedup", {"among": ["pubmedvison"]}), row("a", scene(1), source="pubmedvision"))


def test_near_copies_go_with_a_distance_only():
    encoded = jpeg(scene(6).resize((301, 290)), quality=20)
    rows = [row("a", scene(6).resize((400, 400))), row("b", encoded)]
    assert cleaned(clean.load("image_dedup", {"distance": 8}), *rows)[0] == ["a"]


def test_what_is_noted_is_small_and_holds_no_text():
    example = row("a", scene(1), scene(2), question="Where is Mrs. Copper's nodule?")
    note = pickle.dumps(clean.load("image_dedup", {"same_question": True}).look(example, shown(example)))
    assert len(note) < 200
    assert b"Copper" not in note


@pytest.mark.parametrize(
    ("name", "knobs", "says"),
    [
        ("image_blank", {"min_content": 1.0}, "min_content is 1.0"),
        ("image_dedup", {"distance": 17}, "distance is 17"),
        ("image_dedup", {"among": "pubmedvision"}, "must be a list of sources"),
        ("image_benchmarks", {}, "against is"),
        ("image_benchmarks", {"against": "vqa_rad"}, "against is 'vqa_rad'"),
        ("image_benchmarks", {"against": ["vqa_rat"]}, "vqa_rad"),
        ("image_benchmarks", {"against": ["clinic"]}, "no benchmark split"),
    ],
)
def test_wrong_knobs_are_refused(name, knobs, says):
    with pytest.raises(BadInput, match=says):
        clean.load(name, knobs)


# image_benchmarks


@pytest.fixture(autouse=True)
def cache_folder(tmp_path, monkeypatch):
    """Kept pictures of benchmarks are the test's own."""
    monkeypatch.setattr(image_benchmarks, "CACHE", str(tmp_path / "kept"))
    image_benchmarks._known.cache_clear()
    return tmp_path / "kept"


@pytest.fixture
def listed(tmp_path):
    """A file that lists three pictures."""
    for at in range(3):
        scene(at).save(tmp_path / f"{at}.png")
    (tmp_path / "list.txt").write_text("0.png\n1.png\n\n2.png\n")
    return str(tmp_path / "list.txt")


def test_rows_with_a_listed_picture_go_also_cropped(listed):
    crop = scene(1).crop((20, 0, 250, 240)).resize((180, 190))
    rows = [row("a", scene(7)), row("b", scene(7), crop), row("c", jpeg(crop, 30)), row("text")]
    left, gone = cleaned(clean.load("image_benchmarks", {"against": [listed]}), *rows)
    assert left == ["a", "text"]
    assert gone["b"].why == "image of a benchmark"
    assert gone["b"].detail.startswith("list.txt:2, likeness 0.9")


def test_benchmark_pictures_are_read_once_until_a_file_changes(listed, tmp_path, cache_folder, monkeypatch):
    step = clean.load("image_benchmarks", {"against": [listed]})
    assert cleaned(step, row("a", scene(1)), row("b", scene(5)))[0] == ["b"]
    reads = []
    monkeypatch.setattr(image_benchmarks, "known", lambda pictures: reads.append(1) or crops.known(pictures))
    image_benchmarks._known.cache_clear()  # as in another process
    assert cleaned(step, row("a", scene(1)), row("b", scene(5)))[0] == ["b"]
    assert not reads
    scene(5).save(tmp_path / "1.png")
    image_benchmarks._known.cache_clear()
    assert cleaned(step, row("a", scene(1)), row("b", scene(5)))[0] == ["a"]
    assert reads == [1]
    for path in cache_folder.glob("*.npz"):
        path.write_bytes(b"torn")
    image_benchmarks._known.cache_clear()
    assert cleaned(step, row("a", scene(1)), row("b", scene(5)))[0] == ["a"]


def test_of_several_processes_one_reads_the_pictures(tmp_path):
    reads, path = [], tmp_path / "kept.npz"

    def slow():
        reads.append(1)
        time.sleep(0.2)
        return crops.known([("one", scene(1))])

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: crops.kept(path, slow), range(4)))
    assert len(reads) == 1
    assert {one.find(scene(1))[0] for one in found} == {"one"}


def test_a_set_is_named_and_its_benchmark_split_is_meant(tmp_path, monkeypatch):
    monkeypatch.setenv("LINGSHU_DATA", str(tmp_path))
    place = tmp_path / "vqa_rad"
    (place / "images").mkdir(parents=True)
    for split, seeds in (("test", (0, 1)), ("train", (0, 2))):
        asked = [
            {"qid": seed, "image_name": f"{seed}.png", "image_organ": "CHEST", "question": "Copper?", "answer": "yes"}
            | dict.fromkeys(("answer_type", "question_type", "phrase_type"), "")
            for seed in seeds
        ]
        (place / f"{split}set.json").write_text(json.dumps(asked))
        for seed in seeds:
            scene(seed).save(place / "images" / f"{seed}.png")
    step = clean.load("image_benchmarks", {"against": ["vqa_rad"]})
    left, gone = cleaned(step, *data.load("vqa_rad", "train"))
    assert left == ["vqa_rad/train/2"]
    assert gone["vqa_rad/train/0"].detail.startswith("vqa_rad/test/0, likeness ")


def test_a_list_without_pictures_and_a_lost_picture_are_named(tmp_path):
    (tmp_path / "none.txt").write_text("\n")
    (tmp_path / "lost.txt").write_text("nowhere.png\n")
    for name, says in (("none.txt", "has no picture"), ("lost.txt", r"lost.txt:1.*nowhere\.png")):
        step = clean.load("image_benchmarks", {"against": [str(tmp_path / name)]})
        with pytest.raises(BadInput, match=says):
            cleaned(step, row("a", scene(1)))


@pytest.mark.skipif(not folder("vqa_rad").is_dir(), reason="the release files of VQA-RAD are not here")
def test_no_real_radiograph_is_blank():
    step = clean.load("image_blank")
    images = sorted((folder("vqa_rad") / "images").glob("*.jpg"))[::10]
    rows = [row(path.name, str(path)) for path in images]
    assert len(cleaned(step, *rows)[0]) == len(rows) > 20
