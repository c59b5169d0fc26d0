"""`python -m data`: list data sets, show rows of one, audit one, build a corpus, synthesise rows, label modalities."""

from __future__ import annotations

import argparse
import importlib
import json
import sys
from pathlib import Path
from typing import Any

import data
import recipes
from data import catalog
from data.prompt import STYLES, user_text
from data.registry import CLASSES
from recipes import BadInput
from recipes.command import Parser, guarded

# Commands with a parser of their own: synth mixes stages and options as no subcommand's may.
ELSEWHERE = {"synth": "data.synth.__main__", "modality": "data.modality.__main__"}
SHOWN = {"label_space": "label space", "mask": "mask", "trace": "reasoning"}  # what of a row's meta is for people


class _Parser(Parser):
    """Subcommands take no abbreviations either."""

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, allow_abbrev=False, **settings)


def main(argv: list[str] | None = None) -> int:
    """0 good, 2 bad use or bad input."""
    argv = sys.argv[1:] if argv is None else argv
    if argv and argv[0] in ELSEWHERE:
        return importlib.import_module(ELSEWHERE[argv[0]]).main(argv[1:])
    arguments = _parse(argv)
    return guarded(lambda: COMMANDS[arguments.command](arguments), "the same command goes on with what is there")


def _parse(argv: list[str] | None) -> argparse.Namespace:
    """Knobs may stand before, between or after the options, which argparse alone does not allow in a subcommand."""
    parser = _parser()
    arguments, rest = parser.parse_known_args(argv)
    if rest and (arguments.command not in ("show", "audit") or any(word.startswith("-") for word in rest)):
        parser.error(f"unknown arguments: {' '.join(rest)}")
    if rest:
        arguments.knobs += rest
    return arguments


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="python -m data", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    lister = commands.add_parser("list", help="the data sets there are")
    lister.add_argument("--class", dest="only", choices=_classes(), help="only sets that the paper draws for this")
    show = commands.add_parser("show", help="rows of a data set as a model sees them, with answer and reasoning")
    show.add_argument("name", metavar="NAME")
    show.add_argument("knobs", nargs="*", metavar="knob=value", help="as in a recipe, e.g. difficulty=2")
    show.add_argument("--split", default="train")
    show.add_argument("--n", type=int, default=3, help="how many rows (default 3)")
    show.add_argument("--seed", type=int, default=0)
    show.add_argument("--prompt", choices=STYLES, default="think", help="style of the prompt")
    show.add_argument("--out", type=Path, metavar="DIR", help="folder to write the rows' images to, as PNG")
    build = commands.add_parser("build", help="a corpus from its sources, cleaned, as Parquet shards with a data card")
    build.add_argument("recipe", help="a recipe with a section `build:`")
    build.add_argument("overrides", nargs="*", metavar="key=value", help="laid over the recipe")
    only = build.add_mutually_exclusive_group()
    only.add_argument("--check", action="store_true", help="judge the recipe, tell which files are missing, and stop")
    only.add_argument("--plan", action="store_true", help="print the rows of each source, and stop")
    audit = commands.add_parser(
        "audit", help="what is odd about a data set: leaks, balance, golds, labels; with a page"
    )
    audit.add_argument("name", metavar="NAME")
    audit.add_argument("knobs", nargs="*", metavar="knob=value", help="as in a recipe")
    audit.add_argument("--split", action="append", default=[], help="only these (default: all that are here)")
    audit.add_argument("--n", type=int, help="only so many rows of each split, drawn at random")
    audit.add_argument(
        "--out", type=Path, metavar="DIR", help="folder for audit.html, which shows rows, and audit.json"
    )
    stats = commands.add_parser("stats", help="how many tokens rows have and how large pictures are, before training")
    stats.add_argument("what", metavar="FOLDER|RECIPE", help="a corpus that was built, or a recipe that names data")
    stats.add_argument("overrides", nargs="*", metavar="key=value", help="laid over the recipe")
    stats.add_argument("--tokenizer", metavar="DIR", help="a folder or hub id; without it words are counted")
    stats.add_argument("--max-length", type=int, metavar="N", help="tokens of a row (default: the recipe's, else 8192)")
    stats.add_argument("--max-pixels", type=int, metavar="N", help="of a picture, as the model's processor resizes it")
    commands.add_parser("synth", help="new rows made of rows, by an endpoint or by rules (synth --help)")
    commands.add_parser("modality", help="a classifier of modalities, and what a corpus is made of (modality --help)")
    for command in (lister, show, build, audit, stats):
        command.add_argument("--json", action="store_true", help="print JSON")
    return parser


def _build(arguments: argparse.Namespace) -> int:
    """Every fault of the recipe, and every source that is missing, is told before anything is read."""
    from data.build import card, needs, plan, run

    recipe = recipes.load(arguments.recipe, arguments.overrides)
    if arguments.plan:
        found, published = needs.of(recipe), recipe.build.published_rows
        print(json.dumps(needs.as_json(found, published)) if arguments.json else needs.table(found, published))
        return 0
    lost: list[str] = []
    todo = plan.of(recipe, lost if arguments.check else None)
    if arguments.check:
        lost += needs.missing(todo, here=True)
        found = {"recipe": str(recipe.path), "fits": True, "missing here": lost}
        told = "\n".join([f"{recipe.path} fits", f"missing here: {len(lost) or 'nothing'}", *lost])
        print(json.dumps(found) if arguments.json else told)
        return 0
    if lost := needs.missing(todo, here=False):
        raise BadInput(lost)
    out = run.build(recipe)
    if not recipes.folder.is_finished(out):
        print(f"submitted; {out} is finished when it holds lineage.json")
        return 0
    made = json.loads((out / "card.json").read_text(encoding="utf-8"))
    print(json.dumps({"out": str(out), **made}) if arguments.json else card.in_short(made, out))
    return 0


def _stats(arguments: argparse.Namespace) -> int:
    from data import lengths
    from data.build import rows

    given = rows.given(arguments.what, arguments.overrides)
    count = lengths.tokens_of(arguments.tokenizer) if arguments.tokenizer else lengths.words
    limit = (arguments.max_length or given.max_length) if arguments.tokenizer else None
    found: lengths.Lengths = {}
    for source, some in given.sources:
        pixels = arguments.max_pixels or given.max_pixels
        lengths.measured(some, count=count, style=given.style, max_pixels=pixels, into=found, source=source)
    told = lengths.facts(found, "tokens" if arguments.tokenizer else "words", limit)
    print(json.dumps(told) if arguments.json else lengths.table(told))
    return 0


def _audit(arguments: argparse.Namespace) -> int:
    from data.audit import run

    found, shared = run.audit(arguments.name, arguments.split, n=arguments.n, knobs=_knobs(arguments.knobs))
    if arguments.json:
        print(json.dumps(run.as_json(arguments.name, found, shared), ensure_ascii=False))
    else:
        print("\n".join(line.replace("**", "") for line in run.headlines(found, shared)))
    if arguments.out:
        path = run.write(arguments.out, arguments.name, found, shared)
        print(f"the page, with rows to look at: {path}", file=sys.stderr if arguments.json else sys.stdout)
    return 0


def _classes() -> list[str]:
    """The classes and the groups of them: text for text/factoid and its like."""
    return sorted({*CLASSES, *(name.split("/")[0] for name in CLASSES)})


def _list(arguments: argparse.Namespace) -> int:
    sets = [data.describe(name) for name in data.names()]
    if arguments.only:
        sets = [info for info in sets if _of_class(info, arguments.only)]
    if arguments.json:
        print(json.dumps([catalog.entry(info) for info in sets], ensure_ascii=False))
        return 0
    print(catalog.table(sets))
    return 0


def _of_class(info: data.SetInfo, wanted: str) -> bool:
    return any(name == wanted or name.startswith(f"{wanted}/") for name in info.classes)


def _show(arguments: argparse.Namespace) -> int:
    rows = data.load(arguments.name, arguments.split, n=arguments.n, seed=arguments.seed, **_knobs(arguments.knobs))
    for row in rows:
        files = _save_images(row, arguments.out) if arguments.out else _named(row)
        print(_as_json(row, arguments.prompt, files) if arguments.json else _as_text(row, arguments.prompt, files))
    return 0


def _knobs(words: list[str]) -> dict[str, Any]:
    """`difficulty=2` and the like, values read as YAML."""
    import yaml

    knobs: dict[str, Any] = {}
    for word in words:
        name, found, value = word.partition("=")
        if not found or not name:
            raise BadInput([f"{word!r}: a knob is written name=value"])
        try:
            knobs[name] = yaml.safe_load(value)
        except yaml.YAMLError as error:
            raise BadInput([f"{word!r}: the value is not YAML"]) from error
    return knobs


def _save_images(row: data.Example, folder: Path) -> list[str]:
    """PNG files named after the row."""
    files = []
    for index, image in enumerate(data.open_images(row)):
        path = folder / f"{row.id.replace('/', '_')}-{index}.png"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            image.save(path)
        except OSError as error:
            raise BadInput([f"{path}: cannot be written: {error.strerror}; choose another --out"]) from error
        files.append(str(path))
    return files


def _named(row: data.Example) -> list[str]:
    """The files of the row's images, where they are files."""
    return [str(image) for image in row.images if isinstance(image, (str, Path))]


def _as_text(row: data.Example, style: str, files: list[str]) -> str:
    head = f"--- {row.id}  {row.kind}  {row.modality}  images: {len(row.images)}"
    lines = [head, *(f"image: {path}" for path in files), user_text(row, style)]
    lines += [f"{shown}: {row.meta[key]}" for key, shown in SHOWN.items() if row.meta.get(key)]
    return "\n".join([*lines, f"answer: {', '.join(row.golds)}"])


def _as_json(row: data.Example, style: str, files: list[str]) -> str:
    fields = {name: value for name, value in row.columns().items() if name != "images"}
    return json.dumps({**fields, "prompt": user_text(row, style), "images": files}, ensure_ascii=False, default=str)


COMMANDS = {"list": _list, "show": _show, "build": _build, "audit": _audit, "stats": _stats}

if __name__ == "__main__":
    sys.exit(main())
