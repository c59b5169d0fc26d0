"""Training, what is held out, saving and loading; drawn pictures stand for real ones."""

import json
import math

import numpy as np
import pytest

import data
from data.__main__ import main
from data.modality import classifier, heldout
from data.modality.classifier import Classifier
from data.modality.encoders import encoder
from data.modality.features import Handmade, features
from data.modality.heldout import measure, split, wilson
from data.modality.pictures import Labelled, labelled
from data.registry import folder
from recipes import BadInput

from .drawn import SORTS, drawn, png, row, rows

SETTINGS = {"share": 0.3, "threshold": 0.8, "l2": 0.01}


class Mean:
    """An encoder that can be reckoned with: the three channels' means. Counts its pictures."""

    name = "mean"

    def __init__(self):
        self.seen = 0

    def encode(self, images):
        self.seen += len(images)
        return np.stack([np.asarray(image, dtype=float).mean((0, 1)) for image in images])


def test_features_are_finite_for_odd_pictures_and_do_not_depend_on_the_size():
    from PIL import Image

    for image in (Image.new("L", (1, 1)), Image.new("RGB", (3, 900), "white"), Image.new("L", (500, 70), 7)):
        assert np.isfinite(features(image)).all()
    picture = drawn("fundus", 0, 256)
    gap = np.abs(features(picture) - features(picture.resize((512, 512)))).mean()
    assert gap < np.abs(features(picture) - features(drawn("x-ray", 0, 256))).mean() / 5


def test_drawn_sorts_are_told_apart_when_held_out():
    found = labelled(rows(12), "modality", Handmade())
    made, measured = heldout.train(found, "handmade", range(3), **SETTINGS)
    assert [one.n for one in measured] == [12] * 3  # 4 of 12 of each sort
    assert min(one.accuracy for one in measured) >= 0.95
    assert made.about["trained_on"] == dict.fromkeys(sorted(SORTS), 8)
    guess = made.guess([drawn("fundus", 99)])[0]
    assert (guess.label, guess.above(0.5), guess.above(1.01)) == ("fundus", "fundus", "unknown")


def test_noise_is_not_learnt():
    """Labels without any bearing on the pictures are guessed as often as chance has it, not better."""
    rng = np.random.default_rng(0)
    noise = Labelled(rng.normal(size=(400, 300)), list("ab" * 200), [str(i) for i in range(400)], 0)
    _, measured = heldout.train(noise, "x", range(3), **SETTINGS)
    assert 0.4 < sum(one.accuracy for one in measured) / 3 < 0.6


def test_the_fit_is_the_minimum_and_the_same_each_time():
    rng = np.random.default_rng(1)
    inputs, labels = rng.normal(size=(60, 5)) * [1, 10, 100, 1, 0] + 3, [str(i % 3) for i in range(60)]
    made, again = (classifier.fit(inputs, labels, "x", 0.05) for _ in range(2))
    assert all(np.array_equal(getattr(made, part), getattr(again, part)) for part in ("weights", "bias"))

    def loss(weights, bias):
        logits = (inputs - made.mean) / made.scale @ weights + bias
        chosen = logits[np.arange(60), [int(label) for label in labels]]
        return (np.log(np.exp(logits).sum(1)) - chosen).mean() + 0.05 / 2 * (weights**2).sum()

    best = loss(made.weights, made.bias)
    for _ in range(20):
        assert loss(made.weights + rng.normal(0, 0.03, made.weights.shape), made.bias) > best


def test_a_picture_counts_once_and_what_contradicts_itself_not_at_all(tmp_path):
    picture, other = drawn("x-ray", 1), drawn("x-ray", 2)
    (tmp_path / "a.png").write_bytes(png(picture))
    by = Mean()
    given = [
        row("1", str(tmp_path / "a.png"), modality="x-ray", cluster="patient:7"),
        row("2", png(picture), modality="x-ray"),
        row("3", png(other), modality="x-ray"), row("4", png(other), modality="ct"),
        row("5", png(drawn("fundus", 1)), png(drawn("fundus", 2)), modality="fundus"), row("6", modality="x-ray"),
    ]  # fmt: skip
    found = labelled(given, "modality", by)
    assert found.labels == ["x-ray", "fundus", "fundus"]
    assert found.clusters[0] == "patient:7"
    assert (found.contradicted, by.seen) == (1, 4)


def test_labels_in_the_vocabulary():
    given = [row("1", png(drawn("x-ray", 1)), organ="chest-xray"), row("2", png(drawn("x-ray", 2)), organ="head-ct-mr")]
    assert labelled(given, "organ", Mean(), vocabulary=True).labels == ["x-ray"]
    assert labelled(given, "organ", Mean()).labels == ["chest-xray", "head-ct-mr"]
    with pytest.raises(BadInput, match="no row has a picture and one label in the column organs"):
        labelled(given, "organs", Mean())


def test_clusters_are_never_torn_and_every_label_is_on_both_sides():
    labels = ["a"] * 40 + ["b"] * 4
    clusters = [f"patient:{i // 4}" for i in range(40)] + ["p", "p", "q", "q"]
    found = Labelled(np.zeros((44, 1)), labels, clusters, 0)
    splits = [split(found, 0.2, seed) for seed in range(5)]
    for held in splits:
        assert not {c for c, out in zip(clusters, held, strict=True) if out} & {
            c for c, out in zip(clusters, held, strict=True) if not out
        }
        assert [sum(held[:40]), sum(held[40:])] == [8, 2]
    assert len({tuple(held) for held in splits}) > 1
    assert np.array_equal(split(found, 0.2, 3), splits[3])


def test_too_little_to_learn_from_is_said():
    with pytest.raises(BadInput, match="label 'b' has 1 cluster"):
        split(Labelled(np.zeros((3, 1)), ["a", "a", "b"], ["1", "2", "3"], 0), 0.5, 0)
    with pytest.raises(BadInput, match="one label only"):
        split(Labelled(np.zeros((2, 1)), ["a", "a"], ["1", "2"], 0), 0.5, 0)


def test_accuracy_counts_what_is_right_and_what_is_said():
    made = Classifier(("a", "b"), "x", np.array([[-1.0, 1.0]]), np.zeros(2), np.zeros(1), np.ones(1))
    found = measure(made, np.array([[-3.0], [-0.1], [3.0], [3.0]]), ["a", "b", "b", "a"], 5, 0.9)
    assert (found.n, found.right, found.said, found.said_right, found.seed) == (4, 2, 3, 2, 5)
    assert found.recall == {"a": (1, 2), "b": (1, 2)}


def test_the_interval_is_wilsons():
    from statsmodels.stats.proportion import proportion_confint

    for right, n in ((0, 7), (7, 7), (58, 63), (1, 2)):
        assert wilson(right, n) == pytest.approx(proportion_confint(right, n, method="wilson"), abs=1e-9)
        assert all(0 <= end <= 1 for end in wilson(right, n))


def test_saved_and_loaded_it_says_the_same(tmp_path):
    found = labelled(rows(6), "modality", Handmade())
    made, _ = heldout.train(found, "handmade", [4], **SETTINGS)
    first = made.save(tmp_path / "a").read_bytes()
    assert made.save(tmp_path / "b").read_bytes() == first
    again = classifier.load(str(tmp_path / "a"))
    pictures = [drawn(sort, 50) for sort in SORTS]
    assert again.guess(pictures) == made.guess(pictures)
    assert (again.labels, again.encoder) == (tuple(sorted(SORTS)), "handmade")
    assert again.about["held_out"]["seed"] == 4
    assert again.guess([]) == []


def test_a_missing_or_damaged_file_is_named(tmp_path):
    with pytest.raises(BadInput, match="is missing; make it with"):
        classifier.load(str(tmp_path / "none"))
    (tmp_path / classifier.FILE).write_bytes(b"PK\x03\x04 torn")
    with pytest.raises(BadInput, match="is damaged"):
        classifier.load(str(tmp_path))
    other = Classifier(("a", "b"), "handmade", np.zeros((3, 2)), np.zeros(2), np.zeros(3), np.ones(3))
    with pytest.raises(BadInput, match="gives 413 features, the classifier was trained on 3"):
        other.guess([drawn("x-ray", 0)])


@pytest.mark.parametrize("sort", ["vit", "clip"])
def test_vision_models_of_transformers(sort, tmp_path):
    """Tiny ones with weights at random: what counts is that (n, d) numbers come out, of each picture its own."""
    transformers = pytest.importorskip("transformers")
    sizes = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
    if sort == "vit":
        model = transformers.ViTModel(transformers.ViTConfig(image_size=32, patch_size=8, **sizes))
        transformers.ViTImageProcessor(size={"height": 32, "width": 32}).save_pretrained(tmp_path)
    else:
        vision, text = {"image_size": 32, "patch_size": 8, **sizes}, {"vocab_size": 50, **sizes}
        config = transformers.CLIPConfig(vision_config=vision, text_config=text, projection_dim=16)
        model = transformers.CLIPModel(config)
        square = {"height": 32, "width": 32}
        transformers.CLIPImageProcessor(size={"shortest_edge": 32}, crop_size=square).save_pretrained(tmp_path)
    model.save_pretrained(tmp_path)
    pictures = [drawn(sort, 0) for sort in SORTS]
    found = encoder(str(tmp_path)).encode(pictures)
    assert found.shape == (3, 16)
    assert np.isfinite(found).all()
    assert np.abs(found[0] - found[1]).max() > 1e-4
    assert np.allclose(encoder(str(tmp_path)).encode(pictures[1:2])[0], found[1], atol=1e-5)


def test_an_encoder_that_is_none(tmp_path):
    with pytest.raises(BadInput, match="cannot be loaded"):
        encoder(str(tmp_path))


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["--data", "vqa_rad"], "write NAME:SPLIT"),
        (["--data", "vqa_rat:train"], "no data set 'vqa_rat'"),
        (["--data", "clinic:train", "--held-out", "1"], "--held-out is 1.0"),
        (["--data", "clinic:train", "--seeds", "0", "--l2", "0"], "--seeds is 0"),
    ],
)
def test_bad_use_is_one_clear_line(words, line, tmp_path, capsys):
    assert main(["modality", "train", *words, "--out", str(tmp_path / "x")]) == 2
    assert line in capsys.readouterr().err
    assert not (tmp_path / "x").exists()


@pytest.mark.skipif(not (folder("vqa_rad") / "images").is_dir(), reason="VQA-RAD's files are not here")
def test_vqa_rad_by_the_command(tmp_path, capsys):
    """Chest X-ray, abdomen CT, head CT or MR: of pictures held out at least 9 of 10 are told."""
    out = tmp_path / "rad"
    words = ["--data", "vqa_rad:train", "vqa_rad:test", "--seeds", "3", "--out", str(out), "--json"]
    assert main(["modality", "train", *words]) == 0
    told = json.loads(capsys.readouterr().out)
    pictures = {row.images[0] for split in ("train", "test") for row in data.load("vqa_rad", split)}
    held = told["held_out"]
    assert held["n"] + sum(told["trained_on"].values()) + told["contradicted"] <= len(pictures)
    assert held["low"] < held["accuracy"] < held["high"] or math.isclose(held["accuracy"], 1)
    assert min(one["accuracy"] for one in [held, *told["other_splits"]]) > 0.9
    assert classifier.load(str(out)).labels == ("abdomen-ct", "chest-xray", "head-ct-mr")
