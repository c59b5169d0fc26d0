"""`python -m eval cases`: single items side by side, base against RL, as one page: image, thinking, answer, verdict.

Numbers say how often, cases show how. What is drawn is drawn at random (`eval.picks`); what is chosen is named by id.
"""

import base64
import io
import json
from argparse import Namespace
from collections.abc import Iterator, Sequence
from typing import Any

import data
import rewards
from data.pages import page
from data.pages.blocks import Block, Heading, Study, Text
from eval import kept, picks, results
from eval.kept import json_lines
from eval.results import Result
from recipes import BadInput

LONGEST = 6000  # characters of a question or an answer that are shown
THUMBNAIL = 512  # pixels of an image's longer side
NOTE = "Drawn at random unless the items were named. Nothing here is for clinical use."


def run(arguments: Namespace) -> int:
    """Writes the page. BadInput when the runs share no suite, or an item that is named is not there."""
    if arguments.out.suffix != ".html":
        raise BadInput(f"--out {arguments.out}: must end in .html")
    if arguments.n < 1:
        raise BadInput(f"--n {arguments.n}: must be at least 1")
    runs = {str(place): {result.name: result for result in kept.read(place)} for place in arguments.runs}
    blocks: list[Block] = [Heading("Cases", 1), Text(NOTE)]
    shown = {}
    for name in _shared(runs, arguments.suite):
        sides = {run: found[name] for run, found in runs.items()}
        chosen = _chosen(list(sides.values()), arguments)
        if chosen:
            shown[name] = chosen
            blocks += [Heading(name), *_studies(sides, chosen)]
    if missing := set(arguments.id or ()) - {item for chosen in shown.values() for item in chosen}:
        raise BadInput(f"no suite of all runs has the item {', '.join(sorted(missing))}")
    if not shown:
        raise BadInput(f"no item is of the sort {arguments.pick}")
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text(page.html(blocks), encoding="utf-8")
    print(json.dumps({"out": str(arguments.out), "items": shown}) if arguments.json else f"the page: {arguments.out}")
    return 0


def _shared(runs: dict[str, dict[str, Result]], wanted: Sequence[str] | None) -> list[str]:
    """The arms that all runs have; those under a probe only where they are named."""
    first, *others = runs.values()
    there = [name for name in first if all(name in other for other in others)]
    if unknown := [name for name in wanted or () if name not in there]:
        raise BadInput(f"not all runs have the suite {', '.join(unknown)}; they share {', '.join(there) or 'none'}")
    found = list(wanted or (name for name in there if "+" not in name and "@" not in name)) or there
    if not found:
        raise BadInput("the runs share no suite")
    return found


def _chosen(sides: Sequence[Result], arguments: Namespace) -> list[str]:
    common = set.intersection(*(set(result.items) for result in sides))
    if arguments.id:
        return [item for item in arguments.id if item in common]
    verdicts = {item: tuple(bool(result.items[item][0].correct) for result in sides) for item in common}
    return picks.drawn(verdicts, arguments.pick, arguments.n, arguments.seed)


def _studies(sides: dict[str, Result], chosen: Sequence[str]) -> Iterator[Study]:
    first = next(iter(sides.values()))
    pictures = _pictures(first, chosen)
    said = {run: _first_samples(result, chosen) for run, result in sides.items()}
    for item in chosen:
        row = next(iter(said.values()))[item][0]
        models = [(run, _answer(*rows[item])) for run, rows in said.items()]
        yield Study(item, _asked(row), models, pictures.get(item, ()))


def _first_samples(result: Result, chosen: Sequence[str]) -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
    """Item -> the first sample's line of responses.jsonl and of scores.jsonl."""
    place, found = result.folder, {}
    if place is None:
        raise BadInput(f"{result.name}: its answers are not on disk")
    wanted = set(chosen)
    lines = zip(json_lines(place / "responses.jsonl"), json_lines(place / "scores.jsonl"), strict=True)
    for row, verdict in lines:
        if row["id"] in wanted:
            found.setdefault(row["id"], (row, verdict))
    return found


def _asked(row: dict[str, Any]) -> list[tuple[str, str]]:
    gold = row["gold"] if isinstance(row["gold"], str) else ", ".join(row["gold"])
    options = row.get("options") or {}
    parts = [("question", _cut(row["question"]))]
    if options:
        parts.append(("options", "\n".join(f"{letter}) {text}" for letter, text in options.items())))
    return [*parts, ("right answer", f"{gold}) {options[gold]}" if gold in options else _cut(gold))]


def _answer(row: dict[str, Any], verdict: dict[str, Any]) -> list[tuple[str, str]]:
    response = rewards.parse(row["completion"], truncated=bool(row.get("truncated")))
    outcome = results.record(row, verdict).outcome
    why = f"{outcome}: {verdict['why']}" if verdict.get("why") else outcome
    read = f" (read: {verdict['parsed']})" if verdict.get("parsed") is not None else ""
    parts = [("thinking", _cut(response.thinking))] if response.thinking else []
    answer = response.answer if response.answer is not None else row["completion"]
    tokens = [] if row.get("n_tokens") is None else [("tokens", str(row["n_tokens"]))]
    return [*parts, ("answer", _cut(answer) or "(nothing)"), ("verdict", why + read), *tokens]


def _pictures(result: Result, chosen: Sequence[str]) -> dict[str, list[str]]:
    """Item -> data URIs of its images as they were asked; none where the data set is not here any more."""
    asked = result.settings["data"]
    try:
        items = data.load(asked["use"], asked["split"], n=asked["n"], seed=asked["seed"], **asked["knobs"])
        there = {item.id: item for item in items}
        return {name: [_uri(image) for image in data.open_images(there[name])] for name in chosen if name in there}
    except BadInput:
        return {}


def _uri(image: Any) -> str:
    file, small = io.BytesIO(), image.copy()
    small.thumbnail((THUMBNAIL, THUMBNAIL))
    small.save(file, "JPEG", quality=85)
    return f"data:image/jpeg;base64,{base64.b64encode(file.getvalue()).decode()}"


def _cut(text: str | None) -> str:
    text = (text or "").strip()
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} … ({len(text)} characters)"
