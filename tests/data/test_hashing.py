"""The perceptual hash against scipy's transform, and the search for near hashes against comparing all with all."""

import io

import numpy as np
import pytest
from PIL import Image
from scipy.fft import dctn
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from data import hashing
from recipes import BadInput

from .scenes import scene


def jpeg(image, quality=90):
    file = io.BytesIO()
    image.save(file, "JPEG", quality=quality)
    return file.getvalue()


def distance(one, other):
    return (one ^ other).bit_count()


@pytest.mark.parametrize("mode", ["RGB", "L", "RGBA", "P", "LA"])
def test_the_hash_is_the_sign_of_low_frequencies_about_their_median(mode):
    image = scene(3).convert(mode)
    rgb = image if mode == "RGB" else image.convert("RGBA").convert("RGB")
    small = np.asarray(rgb.resize((32, 32), Image.Resampling.LANCZOS).convert("L"), float)
    low = dctn(small, 2)[:8, :8].ravel()
    bits = "".join("1" if value >= np.median(low[1:]) else "0" for value in low)
    assert f"{hashing.phash(image):064b}" == bits


def test_many_small_pictures_are_hashed_as_one_is():
    small = [scene(seed).convert("L").resize((32, 32), Image.Resampling.LANCZOS) for seed in range(5)]
    together = hashing.phash_small(np.stack([np.asarray(image) for image in small]))
    assert together.tolist() == [hashing.phash(image) for image in small]


def test_near_pictures_have_near_hashes_and_others_have_not():
    image = scene(1, side=600)
    again = Image.open(io.BytesIO(jpeg(image.resize((300, 310)), quality=40)))
    assert distance(hashing.phash(image), hashing.phash(again)) <= 4
    assert distance(hashing.phash(image), hashing.phash(scene(2))) > 10


def test_a_shade_is_hashed_the_same_whatever_its_brightness():
    assert {hashing.phash(Image.new("L", (90, 70), shade)) for shade in (1, 77, 255)} == {2**64 - 1}


@pytest.mark.parametrize("as_file", [True, False])
def test_a_large_jpeg_is_decoded_at_a_fraction_of_its_size(tmp_path, as_file):
    encoded = jpeg(scene(4).resize((2100, 2100)))
    if as_file:
        (tmp_path / "a.jpg").write_bytes(encoded)
    image = hashing.grey(tmp_path / "a.jpg" if as_file else encoded, 512)
    assert image is not None
    assert (image.mode, image.size) == ("L", (525, 525))  # a quarter is the smallest not below 512
    assert distance(hashing.phash(image), hashing.phash(Image.open(io.BytesIO(encoded)))) <= 2


def test_what_is_no_jpeg_is_left_to_the_decoder(tmp_path):
    scene(1).save(tmp_path / "a.png")
    assert hashing.grey(tmp_path / "a.png", 512) is None
    assert hashing.grey(scene(1), 512) is None
    assert hashing.grey(lambda: scene(1), 512) is None


def test_a_jpeg_that_is_to_be_turned_is_left_to_the_decoder():
    turned, file = Image.Exif(), io.BytesIO()
    turned[hashing.ORIENTATION] = 6
    scene(1).save(file, "JPEG", exif=turned)
    assert hashing.grey(file.getvalue(), 512) is None


def test_the_hashes_of_a_row_are_those_of_its_pictures(tmp_path):
    import data

    scene(1).save(tmp_path / "a.png")
    row = data.Example("a", "What?", "x", images=(jpeg(scene(2)), str(tmp_path / "a.png"), scene(3)))
    found = hashing.row_hashes(row, lambda: data.open_images(row))
    assert found[1:] == [hashing.phash(scene(1)), hashing.phash(scene(3))]
    assert distance(found[0], hashing.phash(scene(2))) <= 2


def test_a_truncated_jpeg_is_named_by_the_decoder(tmp_path):
    import data

    (tmp_path / "cut.jpg").write_bytes(jpeg(scene(1))[:900])
    row = data.Example("r7", "What?", "x", images=(str(tmp_path / "cut.jpg"),))
    with pytest.raises(BadInput, match=r"r7.*cut\.jpg"):
        hashing.row_hashes(row, lambda: data.open_images(row))


def planted(n=400, chains=60, length=4, flips=3):
    """Random hashes; from some, chains whose links are up to `flips` bits apart; and exact copies."""
    rng = np.random.default_rng(5)
    hashes = list(rng.integers(0, 2**64, n, dtype=np.uint64))
    for start in range(chains):
        value = hashes[start]
        for _ in range(length):
            for bit in rng.choice(64, rng.integers(0, flips + 1), replace=False):
                value ^= np.uint64(1) << np.uint64(bit)
            hashes.append(value)
    return rng.permutation(np.array(hashes, np.uint64))


# with 20 bits that vary, most hashes agree in most bits
@pytest.mark.parametrize(("bits", "varied"), [(0, 64), (1, 64), (3, 64), (4, 64), (7, 64), (16, 64), (2, 20), (4, 20)])
def test_groups_are_the_components_of_all_near_pairs(bits, varied):
    hashes = planted() & np.uint64(2**varied - 1)
    near = np.bitwise_count(hashes[:, None] ^ hashes[None]) <= bits
    _, component = connected_components(csr_array(near))
    first = np.array([np.flatnonzero(component == one)[0] for one in component])
    assert np.array_equal(hashing.groups(hashes, bits), first)


def test_many_near_pairs_are_joined_in_batches(monkeypatch):
    monkeypatch.setattr(hashing, "BATCH", 50)
    test_groups_are_the_components_of_all_near_pairs(3, 64)


def test_no_hashes_have_no_groups():
    assert hashing.groups(np.array([], np.uint64), 4).tolist() == []


@pytest.mark.parametrize("bits", [-1, 17])
def test_a_distance_out_of_range_is_refused(bits):
    with pytest.raises(ValueError, match="from 0 to 16"):
        hashing.groups(np.array([1, 2], np.uint64), bits)
