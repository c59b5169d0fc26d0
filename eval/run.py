"""One evaluation: the items of a suite, an engine's answers to them, the training rewards' verdicts, a folder."""

import dataclasses
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any

import data
from data import prompt
from eval.engines import Completion, Engine, Prompt
from eval.grading import Grader
from eval.results import GROUPS, Record, Result, arm_name, record, save
from eval.suites import Suite
from recipes import BadInput

CHUNK = 512  # prompts handed to the engine at once: many for its scheduler, few enough to hold their images
GREY = (127, 127, 127)
OWN = ("question", "options", "answer", *GROUPS)  # columns that a row of answers holds anyway, under these or own names
FILES = ("responses.jsonl", "scores.jsonl")


def evaluate(
    engine: Engine,
    suite: Suite,
    *,
    samples: int = 1,
    temperature: float = 1.0,
    max_tokens: int = 512,
    seed: int = 0,
    style: str = "think",
    blank_images: bool = False,
    out: Path | None = None,
) -> Result:
    """Answers and grades a suite.

    One sample an item is greedy, whatever `temperature` says; with more they are drawn at it. `style` is the prompt
    style of `data.prompt`. `blank_images` asks only the items that have images and replaces each by a uniform grey
    one of its size: what stays right then was not seen. With `out`, responses.jsonl (what `python -m rewards score`
    reads) and scores.jsonl grow as answers come, and result.json is written last.

    BadInput when there is nothing to ask, a column is missing, or `out` already holds an evaluation.
    """
    grader = Grader(suite.grader)
    items = _items(suite, grader, blank_images)
    settings = {
        "temperature": 0.0 if samples == 1 else temperature,
        "max_tokens": max_tokens,
        "seed": seed,
        "style": style,
        "blank_images": blank_images,
        "grader": suite.grader,
        "data": {"use": suite.use, "split": suite.split, "n": suite.n, "seed": suite.seed, "knobs": suite.knobs},
    }
    records: list[Record] = []
    with _Folder(out) as folder:
        for chunk in _chunks(items):
            prompts = [_prompt(item, style, blank_images) for item in chunk]
            answers = engine.generate(
                prompts, n=samples, temperature=settings["temperature"], max_tokens=max_tokens, seed=seed
            )
            for row in _rows(suite, grader, chunk, answers):
                verdict = grader.grade(row)
                folder.add(row, verdict)
                records.append(record(row, verdict))
    result = Result(suite.name, samples, settings, records)
    if out is not None:
        save(result, out)
    return result


def evaluate_all(
    engine: Engine,
    suites: Sequence[Suite],
    *,
    samples: Sequence[int] = (1,),
    temperature: float = 1.0,
    max_tokens: int = 512,
    seed: int = 0,
    style: str = "think",
    blank_images: bool = False,
    out: Path | None = None,
) -> list[Result]:
    """Every suite with every number of samples, and, with `blank_images`, greedily once more with its images blanked
    where it has any. Each result gets a folder of its name under `out`."""
    results = []
    for suite, k, blank in arms(suites, samples, blank_images):
        place = None if out is None else out / arm_name(suite.name, k, blank)
        results.append(
            evaluate(
                engine,
                suite,
                samples=k,
                temperature=temperature,
                max_tokens=max_tokens,
                seed=seed,
                style=style,
                blank_images=blank,
                out=place,
            )
        )
    return results


def arms(suites: Sequence[Suite], samples: Sequence[int], blank_images: bool = False) -> list[tuple[Suite, int, bool]]:
    """What `evaluate_all` runs, in order: (suite, samples, images blanked)."""
    found = [(suite, k, False) for suite in suites for k in samples]
    if blank_images:
        found += [(suite, 1, True) for suite in suites if any(item.images for item in _load(suite))]
    return found


def check(suite: Suite, *, blank_images: bool = False, out: Path | None = None) -> None:
    """BadInput for all that would stop an evaluation before its first answer; to be called before a model is loaded."""
    _items(suite, Grader(suite.grader), blank_images)
    if out is not None:
        _refuse_old(out)


def _load(suite: Suite) -> list[data.Example]:
    return data.load(suite.use, suite.split, n=suite.n, seed=suite.seed, **suite.knobs)


def _items(suite: Suite, grader: Grader, blank_images: bool) -> list[data.Example]:
    """The suite's items; BadInput if there are none, ids repeat, or the grader misses a column."""
    items = _load(suite)
    if blank_images:
        items = [item for item in items if item.images]
    if not items:
        what = "items with an image to blank" if blank_images else "items"
        raise BadInput([f"eval suite {suite.name}: {suite.use} {suite.split} has no {what}"])
    twice = [item for item, times in Counter(item.id for item in items).items() if times > 1]
    if twice:
        raise BadInput([f"eval suite {suite.name}: {len(twice)} ids repeat in {suite.use}, the first is {twice[0]!r}"])
    for item in items:
        if missing := grader.missing(item.columns()):
            raise BadInput(
                [f"eval suite {suite.name}: item {item.id} lacks {', '.join(missing)}, which {suite.grader} needs"]
            )
    return items


def _prompt(item: data.Example, style: str, blank: bool) -> Prompt:
    images = data.open_images(item)
    return Prompt(prompt.messages(item, style), [_grey(image) for image in images] if blank else images, item.id)


def _grey(image: Any) -> Any:
    from PIL import Image

    return Image.new("RGB", image.size, GREY)


def _rows(
    suite: Suite, grader: Grader, items: Sequence[data.Example], answers: Sequence[Sequence[Completion]]
) -> Iterator[dict[str, Any]]:
    """The lines of responses.jsonl: one a sample, item by item."""
    for item, completions in zip(items, answers, strict=True):
        columns = item.columns()
        asked = {key: columns[key] for key in grader.columns if key in columns}
        groups = {key: columns[key] for key in GROUPS if columns.get(key)}
        for sample, completion in enumerate(completions):
            yield {
                "id": item.id,
                "sample": sample,
                "suite": suite.name,
                "question": item.question,
                "options": None if item.options is None else dict(item.options),
                "gold": item.answer,
                "completion": completion.text,
                "n_tokens": completion.n_tokens,
                "truncated": completion.truncated,
                "n_images": len(item.images),
                **groups,
                **{key: value for key, value in asked.items() if key not in OWN},
            }


def _chunks(items: Sequence[data.Example]) -> Iterator[Sequence[data.Example]]:
    return (items[start : start + CHUNK] for start in range(0, len(items), CHUNK))


class _Folder:
    """responses.jsonl and scores.jsonl of one evaluation, line by line; nowhere if there is no folder."""

    def __init__(self, folder: Path | None) -> None:
        self._files: list[IO[str]] = []
        self._folder = folder

    def __enter__(self) -> "_Folder":
        if self._folder is not None:
            _refuse_old(self._folder)
            self._folder.mkdir(parents=True, exist_ok=True)
            self._files = [(self._folder / name).open("x", encoding="utf-8") for name in FILES]
        return self

    def add(self, *rows: dict[str, Any]) -> None:
        for file, row in zip(self._files, rows, strict=False):
            file.write(json.dumps(row, ensure_ascii=False) + "\n")

    def __exit__(self, *_: object) -> None:
        for file in self._files:
            file.close()


def _refuse_old(folder: Path) -> None:
    """BadInput if the folder holds an evaluation, whole or not: none is ever written over."""
    if (folder / "result.json").exists():
        raise BadInput(f"{folder}: holds a finished evaluation; choose another folder")
    if any((folder / name).exists() for name in FILES):
        raise BadInput(f"{folder}: holds an unfinished evaluation; delete the folder or choose another")


def limited(suite: Suite, limit: int | None) -> Suite:
    """The suite with at most `limit` items; BadInput for a limit below 1."""
    if limit is None:
        return suite
    if limit < 1:
        raise BadInput([f"a limit of {limit} items asks nothing; it must be at least 1"])
    return dataclasses.replace(suite, n=min(limit, suite.n or limit))
