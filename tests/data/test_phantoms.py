"""The pictures show what the gold answers say: read back here from the pixels alone."""

import numpy as np
import pytest

import data
from data.clinic._phantom import GLYPHS

DEMO_SPLIT = "test"


def rows(family, difficulty=1, kind=None, n=60, **knobs):
    kinds = [kind] if kind else None
    return data.load("clinic", DEMO_SPLIT, n=n, families=[family], difficulty=difficulty, kinds=kinds, **knobs)


def grey(row):
    """The picture as floats [size, size] in [0, 1]."""
    return np.asarray(data.open_images(row)[0].convert("L"), dtype=float) / 255


def blobs(mask):
    """Connected groups of true pixels, each as (y, x) arrays, without specks."""
    left, found = {tuple(spot) for spot in np.argwhere(mask)}, []
    while left:
        heap, group = [left.pop()], []
        while heap:
            y, x = heap.pop()
            group.append((y, x))
            near = {(y + a, x + b) for a in (-1, 0, 1) for b in (-1, 0, 1)} & left
            left -= near
            heap += near
        if len(group) > 4:
            found.append(np.array(group))
    return found


def said(row):
    return row.options[row.answer] if row.options else row.answer


@pytest.mark.parametrize(("difficulty", "level"), [(1, 0.6), (2, 0.55), (3, 0.45)])
def test_lesion_count(difficulty, level):
    for row in rows("lesion_count", difficulty, "numeric", image_size=112):
        assert len(blobs(grey(row) > level)) == int(row.answer)


@pytest.mark.parametrize("difficulty", [1, 2, 3])
def test_lesion_size_by_the_bar(difficulty):
    for row in rows("lesion_size_mm", difficulty, "numeric", image_size=112):
        *lesion, bar = sorted(blobs(grey(row) > 0.6), key=lambda spots: spots[:, 0].mean())
        assert len(lesion) == 1
        bar_width, width = (np.ptp(spots[:, 1]) + 1 for spots in (bar, lesion[0]))
        assert width / bar_width * 10 == pytest.approx(int(row.answer.split()[0]), abs=0.5)


def test_lesion_size_classes_follow_the_width():
    limits = {"small": range(1, 6), "medium": range(6, 9), "large": range(9, 30)}
    for row in rows("lesion_size_mm", 2, "option"):
        assert int(row.meta["trace"].split(" mm wide")[0].split()[-1]) in limits[said(row)]


def test_side_marker_of_the_leg():
    shapes = {letter: np.array([[mark == "#" for mark in line] for line in GLYPHS[letter]]) for letter in "LR"}
    for row in rows("lesion_side", 1, "text"):
        picture = grey(row)
        # the leg and its lesion lie in the middle columns; what is bright beside them is the letter
        picture[:, 14:42] = 0
        spots = np.argwhere(picture > 0.6)
        (top, left), (bottom, right) = spots.min(axis=0), spots.max(axis=0) + 1
        letter = picture[top:bottom, left:right] > 0.6
        cells = [[letter[int((r + 0.5) * letter.shape[0] / 7), int((c + 0.5) * letter.shape[1] / 5)]
                  for c in range(5)] for r in range(7)]  # fmt: skip
        match = {name: (np.array(cells) == shape).mean() for name, shape in shapes.items()}
        assert {"L": "left", "R": "right"}[max(match, key=lambda name: match[name])] == row.answer


@pytest.mark.parametrize("difficulty", [2, 3])
def test_side_of_the_chest_by_the_marker(difficulty):
    for row in rows("lesion_side", difficulty, "text"):
        picture = grey(row)
        marker_left = (picture[:13, :20] > 0.8).sum() > (picture[:13, 36:] > 0.8).sum()
        lesion = max(blobs(picture[14:] > 0.7), key=len)
        lesion_left = lesion[:, 1].mean() < 28
        assert row.answer == ("right" if lesion_left == marker_left else "left")


@pytest.mark.parametrize("difficulty", [1, 2, 3])
def test_quadrant(difficulty):
    for row in rows("lesion_quadrant", difficulty):
        if row.kind == "yesno":
            continue
        y, x = max(blobs(grey(row) > 0.65), key=len).mean(axis=0)
        assert said(row) == f"{'upper' if y < 27.5 else 'lower'} {'left' if x < 27.5 else 'right'}"


@pytest.mark.parametrize("difficulty", [1, 2, 3])
def test_larger_lesion(difficulty):
    for row in rows("larger_lesion", difficulty, "text", image_size=112):
        left, right = sorted(blobs(grey(row) > 0.45), key=lambda spots: spots[:, 1].mean())
        assert row.answer == ("left" if len(left) > len(right) else "right")


@pytest.mark.parametrize("difficulty", [1, 2])
def test_nodule_density(difficulty):
    for row in rows("nodule_density", difficulty, "text", image_size=112):
        picture = grey(row)
        white, bright = (picture > 0.7).sum(), (picture > 0.3).sum()
        share = white / bright
        assert row.answer == ("ground glass" if share < 0.05 else "part solid" if share < 0.6 else "solid")


def test_a_blank_picture_cannot_be_told_apart():
    """The words give nothing away: a question of this family has the same words whatever the answer."""
    for family in ("lesion_count", "lesion_size_mm", "lesion_side"):
        by_words = {}
        for row in rows(family, 1, "option", n=120):
            by_words.setdefault(row.question, set()).add(row.answer)
        assert all(len(answers) > 1 for answers in by_words.values())
