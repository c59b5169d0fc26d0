"""What a built corpus is: card.json for programs, README.md for people, removed.jsonl with every row that went."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import data
from data import clean, lengths
from data.build import measure, passes, plan, store
from data.pages import tables


def write(out: Path, recipe: Mapping[str, Any]) -> dict[str, Any]:
    """All of them, from the shards in `out` and the logs in `out`/work; returns what card.json holds."""
    passes.write_lines(out / "removed.jsonl", _lines(out / "work", "removed"))
    review = sum(1 for _ in _lines(out / "work", "review"))
    if review:
        passes.write_lines(out / "review.jsonl", _lines(out / "work", "review"))
    found = {**facts(out, recipe, _lines(out / "work", "removed")), "review": review}
    store.write_bytes(out / "card.json", (json.dumps(found, indent=1, ensure_ascii=False) + "\n").encode())
    store.write_bytes(out / "README.md", markdown(found).encode())
    return found


def facts(out: Path, recipe: Mapping[str, Any], removed: Iterable[Mapping[str, str]]) -> dict[str, Any]:
    """Sources with their licences, what each step removed of each, what is left by kind, modality, ..., and digests."""
    shards = sorted(out.glob("part-*.parquet"))
    kept, (counts, measured) = _kept(out / "work"), measure.of(out / "work")
    gone: dict[str, Counter[tuple[str, str]]] = {}
    for row in removed:
        gone.setdefault(row["source"], Counter())[row["step"], row["why"]] += 1
    uses = recipe["data"]["train"]
    names = plan.labels([(use["use"], use["split"]) for use in uses])
    sources = [_source(name, use, kept, gone) for name, use in zip(names, uses, strict=True)]
    return {
        "name": out.name,
        "rows": kept.total(),
        "sources": sources,
        "steps": [_step(use) for use in recipe["build"]["steps"]],
        "seed": recipe["run"]["seed"],
        "sets": {name: _set(name) for name in sorted(counts["source"])},
        "counts": {name: dict(sorted(counter.items())) for name, counter in counts.items()},
        "lengths": lengths.facts(measured),
        "shards": [{"file": path.name, "rows": store.count(path), "sha256": _digest(path)} for path in shards],
    }


def markdown(found: Mapping[str, Any]) -> str:
    """The card as a page."""
    lines = [
        f"# {found['name']}",
        "",
        f"{found['rows']:,} rows in {len(found['shards'])} Parquet files; seed {found['seed']}.",
        "",
        "## Sources",
        "",
        "| source | licence | access | read | removed | kept |",
        "|---|---|---|---:|---:|---:|",
    ]
    for one in found["sources"]:
        gone = sum(one["removed"].values())
        lines.append(
            f"| {one['name']} | {one['license']} | {one['access']} | {one['read']:,} | {gone:,} | {one['kept']:,} |"
        )
    lines += ["", "## What was removed", "", "| source | step: reason | rows |", "|---|---|---:|"]
    lines += [f"| {one['name']} | {why} | {n:,} |" for one in found["sources"] for why, n in one["removed"].items()]
    if found["review"]:
        lines += ["", f"{found['review']:,} of them are in review.jsonl for somebody to look at."]
    lines += ["", "Steps, in their order:", ""]
    lines += [f"{number}. `{one['use']}`: {one['about']}{_knobs(one)}" for number, one in enumerate(found["steps"], 1)]
    lines += ["", "## What is left", ""]
    for name, counter in found["counts"].items():
        lines.append(f"- {name}: " + ", ".join(f"{value} {n:,}" for value, n in counter.items()))
    lines += ["", "## How long", "", tables.markdown(lengths.HEADER, lengths.rows_of(found["lengths"])), ""]
    lines += [
        "Text in words, pictures in tokens of Qwen2.5-VL; `python -m data stats FOLDER --tokenizer T` counts tokens."
    ]
    lines += ["", "## Where it comes from", ""]
    lines += [
        f"- {name} ({one['access']}): {one['citation'] or 'no citation known'}" for name, one in found["sets"].items()
    ]
    return "\n".join(lines) + "\n"


def in_short(found: Mapping[str, Any], out: Path) -> str:
    """For the terminal."""
    lines = [
        f"{one['name']}: {one['read']:,} read, {one['kept']:,} kept"
        + "".join(f"\n  {n:,} removed by {why}" for why, n in one["removed"].items())
        for one in found["sources"]
    ]
    lines.append(f"{found['rows']:,} rows in {out} (README.md says what they are, removed.jsonl what went and why)")
    return "\n".join([*lines, f"train on them: data: {{train: [{{use: built, path: {out}}}]}}"])


def _lines(work: Path, log: str) -> Iterator[dict[str, Any]]:
    for path in sorted(work.glob(f"{log}-*/*/*.jsonl")):
        with path.open(encoding="utf-8") as file:  # whose lines end with \n alone, and not at a U+2028 in a text
            yield from ({"source": passes.source_of(path), **json.loads(line)} for line in file)


def _kept(work: Path) -> Counter[str]:
    """Source -> rows after the last pass."""
    kept: Counter[str] = Counter()
    for name, n in passes.pickled(work / "divided.pickle").sizes.items():
        kept[passes.source_of(Path(name))] += n
    return kept


def _source(
    name: str, use: Mapping[str, Any], kept: Counter[str], gone: Mapping[str, Counter[tuple[str, str]]]
) -> dict[str, Any]:
    info = data.describe(use["use"])
    removed = {f"{step}: {why}": n for (step, why), n in sorted(gone.get(name, Counter()).items())}
    return {
        "name": name,
        "license": info.license,
        "access": info.access,
        "hub": info.hub,
        "citation": info.citation,
        "asked": dict(use),
        "read": kept[name] + sum(removed.values()),
        "removed": removed,
        "kept": kept[name],
    }


def _set(name: str) -> dict[str, Any]:
    """Of the set that rows are from, also where they came by way of another corpus."""
    known = data.describe(name) if name in data.names() else None
    return {"access": known.access if known else "unknown", "citation": known.citation if known else ""}


def _step(use: Mapping[str, Any]) -> dict[str, Any]:
    knobs = {name: value for name, value in use.items() if name != "use"}
    return {"use": use["use"], "knobs": knobs, "about": clean.load(use["use"], knobs).about}


def _knobs(one: Mapping[str, Any]) -> str:
    return f" ({', '.join(f'{name} {value}' for name, value in one['knobs'].items())})" if one["knobs"] else ""


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
