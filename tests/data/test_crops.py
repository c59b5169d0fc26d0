"""A known picture is recognised after crop, resize and compression; another one is not."""

import io
import random

import pytest
from PIL import Image

from data import crops
from data.registry import folder

from .scenes import scene, scenes

PLACE = folder("vqa_rad") / "images"


def changed(image, rng, *, cut=0.1, quality=30):
    """Each side cut by up to a tenth, another size and shape, saved as a bad JPEG."""
    width, height = image.size
    left, top, right, low = (rng.uniform(0, cut) for _ in range(4))
    image = image.crop((left * width, top * height, width - right * width, height - low * height))
    scale = rng.uniform(0.5, 1.5)
    image = image.resize((int(image.width * scale), int(image.height * scale * rng.uniform(0.9, 1.1))))
    file = io.BytesIO()
    image.save(file, "JPEG", quality=quality)
    return Image.open(file)


@pytest.fixture(scope="module")
def ten():
    return crops.known((f"picture {at}", image) for at, image in enumerate(scenes(10)))


def test_changed_pictures_are_found_under_their_name(ten):
    rng = random.Random(3)
    found = [ten.find(changed(image, rng)) for image in scenes(10)]
    assert [one and one[0] for one in found] == [f"picture {at}" for at in range(10)]
    assert all(one and crops.ALIKE <= one[1] <= 1.0001 for one in found)


def test_the_largest_crop_is_found(ten):
    image = scene(4)
    for box in ((25, 25, 231, 231), (0, 25, 231, 256), (25, 0, 256, 231)):
        assert (ten.find(image.crop(box)) or ("",))[0] == "picture 4"


def test_darker_and_flatter_is_the_same_picture(ten):
    assert (ten.find(scene(2).point(lambda value: 30 + value * 0.6)) or ("",))[0] == "picture 2"


def test_others_are_not_found(ten):
    rng = random.Random(4)
    assert [ten.find(changed(scene(seed), rng)) for seed in range(100, 130)] == [None] * 30


def test_the_same_hash_is_not_enough(ten):
    """Broad shapes make the hash; a picture that shares these alone is another one."""
    soft = scene(5).resize((12, 12), Image.Resampling.BOX).resize((256, 256), Image.Resampling.NEAREST)
    assert ten._candidates(crops.hashing.phash(soft))
    assert ten.find(soft) is None


def test_a_flat_picture_is_none_and_can_be_known():
    flat = Image.new("L", (80, 80), 9)
    assert crops.known([("flat", flat)]).find(flat) is None


@pytest.mark.skipif(not PLACE.is_dir(), reason="the pictures of VQA-RAD are not here")
def test_radiographs_that_look_alike_are_told_apart():
    """A sample; benchmarks/curation/images.py measures all."""
    rng = random.Random(0)
    paths = rng.sample(sorted(PLACE.glob("*.jpg")), 60)
    shown = [Image.open(path).convert("RGB") for path in paths]
    known = crops.known((path.name, image) for path, image in zip(paths[:30], shown[:30], strict=True))
    found = [known.find(changed(image, rng)) for image in shown]
    hits = sum(bool(one) and one[0] == path.name for one, path in zip(found[:30], paths[:30], strict=True))
    assert hits >= 28
    assert found[30:] == [None] * 30
