"""clinic: generated clinical questions with worked reasoning, text and image; the families lie in data/clinic.

Item i depends on (split, seed, i, knobs) alone. A key (all that the question is about, with its numbers) belongs to one
split for ever, by its hash; an item that falls into another split's share is drawn again from its own stream.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterable, Sequence
from typing import Any

from data.clinic import Family, families, is_image
from data.clinic._item import Item
from data.example import LETTERS, Example
from data.registry import SetInfo
from recipes import BadInput, hint

LICENSE = "Apache-2.0"
SIZES = {"train": 2000, "validation": 200, "test": 500}
SHARES = {"train": range(0, 8), "validation": range(8, 9), "test": range(9, 10)}  # of ten buckets
DRAWS = 20_000

ABOUT = SetInfo(
    name="clinic",
    splits=tuple(SIZES),
    license=LICENSE,
    kinds=("option", "yesno", "numeric", "text"),
    text="generated clinical reasoning: laboratory values, scores, formulas, doses, phantom images",
    extra=("family", "difficulty", "trace", "distractors", "key"),
    verified=True,
)


def load(
    split: str,
    *,
    n: int | None = None,
    seed: int = 0,
    families: Sequence[str] | None = None,
    kinds: Sequence[str] | None = None,
    difficulty: int = 1,
    shuffle_options: bool | None = None,
    image_size: int = 56,
) -> list[Example]:
    """Items 0 to n-1. The families take turns, so any n is balanced.

    families: names (default all); kinds: which kinds of answer may be asked for (default all that a family has);
    difficulty 1 to 3; shuffle_options: default from difficulty 2 on; image_size: pixels a side.
    """
    _judge(families, kinds, difficulty, shuffle_options, image_size)
    chosen = _choose(_listed(families), _listed(kinds))
    shuffle = difficulty >= 2 if shuffle_options is None else shuffle_options
    count = SIZES[split] if n is None else n
    return [_example(split, seed, i, *chosen[i % len(chosen)], difficulty, shuffle, image_size) for i in range(count)]


def bucket(key: str) -> int:
    """The tenth of all keys that this one belongs to, the same on every machine."""
    return hashlib.sha256(key.encode()).digest()[0] * 10 // 256


def split_of(key: str) -> str:
    """The one split in which this key may occur."""
    return next(split for split, share in SHARES.items() if bucket(key) in share)


def _choose(wanted: list[str] | None, kinds: list[str] | None) -> list[tuple[Family, tuple[str, ...]]]:
    """The families asked for (all that can, if none is named), each with the kinds it may use."""
    known = families()
    chosen = [(known[name], _allowed(known[name], kinds)) for name in wanted or known]
    lacking = [f"clinic: family {f.NAME} has only {', '.join(f.KINDS)}" for f, allowed in chosen if not allowed]
    if wanted and lacking:
        raise BadInput(lacking)
    return [(family, allowed) for family, allowed in chosen if allowed]


def _allowed(family: Family, kinds: list[str] | None) -> tuple[str, ...]:
    return tuple(kind for kind in family.KINDS if kinds is None or kind in kinds)


def _judge(wanted: object, kinds: object, difficulty: object, shuffle_options: object, image_size: object) -> None:
    """One BadInput with all that is wrong in the knobs."""
    problems = _strange("family", wanted, families()) + _strange("kind", kinds, ABOUT.kinds)
    if type(difficulty) is not int or difficulty not in (1, 2, 3):
        problems.append(f"clinic: difficulty is {difficulty!r}, it must be 1, 2 or 3")
    if not (shuffle_options is None or isinstance(shuffle_options, bool)):
        problems.append(f"clinic: shuffle_options is {shuffle_options!r}, it must be true or false")
    if type(image_size) is not int or not 28 <= image_size <= 1024:
        problems.append(f"clinic: image_size is {image_size!r}, it must be 28 to 1024 pixels")
    if problems:
        raise BadInput(problems)


def _strange(what: str, value: object, known: Iterable[str]) -> list[str]:
    """What is wrong with a list of names, or with one name alone."""
    if value is None:
        return []
    listed = _listed(value)
    if not listed:
        return [f"clinic: no {what} is named by {value!r}; give a list, or leave it out for all"]
    wrong = [name for name in listed if name not in known]
    return [f"clinic: no {what} {name!r}{hint(str(name), known)}; there are {', '.join(known)}" for name in wrong]


def _listed(value: object) -> list[str] | None:
    """A list of names; one name alone is a list of one."""
    if isinstance(value, str):
        return [value]
    return list(value) if isinstance(value, list | tuple) else None


def _example(
    split: str, seed: int, i: int, family: Family, kinds: tuple[str, ...], difficulty: int, shuffle: bool, size: int
) -> Example:
    """Item i: drawn from a stream of its own until its key belongs to the split."""
    rng = random.Random(f"clinic/{split}/{seed}/{i}/{family.NAME}/{difficulty}")
    kind = rng.choice(kinds)
    item = _draw(rng, family, difficulty, kind, split)
    options, answer, distractors, trace = _letters(rng, item, shuffle)
    meta: dict[str, Any] = {"family": family.NAME, "difficulty": difficulty, "trace": trace}
    return Example(
        id=f"clinic/{split}/{seed}/{i}",
        question=item.question,
        answer=answer,
        kind=kind,
        images=(item.draw(rng, size),) if item.draw else (),
        options=options,
        source="clinic",
        split=split,
        modality="phantom" if is_image(family) else "text",
        license=LICENSE,
        meta=meta | {"distractors": distractors, "key": item.key},
    )


def _draw(rng: random.Random, family: Family, difficulty: int, kind: str, split: str) -> Item:
    for _ in range(DRAWS):
        item = family.item(rng, difficulty, kind)
        if bucket(item.key) in SHARES[split]:
            return item
    raise RuntimeError(f"clinic family {family.NAME}: no item of split {split} in {DRAWS} draws; it has too few keys")


def _letters(rng: random.Random, item: Item, shuffle: bool) -> tuple[dict[str, str] | None, str, list[str], str]:
    """Options, answer, distractors and trace as the row shows them: letters, where there are choices."""
    if not item.choices:
        return None, item.answer, list(item.distractors), item.trace
    texts = list(item.choices)
    if shuffle:
        rng.shuffle(texts)
    options = dict(zip(LETTERS, texts, strict=False))
    letter = {text: name for name, text in options.items()}
    answer = letter[item.answer]
    # where letters are shuffled, finding the letter is a step of its own
    trace = f"{item.trace}, {answer}" if shuffle else item.trace
    return options, answer, [letter[text] for text in item.distractors], trace
