"""`python -m data`: list the data sets, show rows of one."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import data
from data import catalog
from data.prompt import STYLES, user_text
from data.registry import CLASSES
from recipes import BadInput

SHOWN = {"labels": "label space", "mask": "mask", "trace": "reasoning"}  # what of a row's meta is for people


class _Parser(argparse.ArgumentParser):
    """Bad use: one line on stderr and exit code 2."""

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, allow_abbrev=False, **settings)

    def error(self, message: str) -> Any:
        self.exit(2, f"error: {message} ({self.prog} --help)\n")


def main(argv: list[str] | None = None) -> int:
    """0 good, 2 bad use or bad input."""
    arguments = _parse(argv)
    try:
        return _list(arguments) if arguments.command == "list" else _show(arguments)
    except BadInput as error:
        for line in error.problems:
            print(f"error: {line}", file=sys.stderr)
        return 2


def _parse(argv: list[str] | None) -> argparse.Namespace:
    """Knobs may stand before, between or after the options, which argparse alone does not allow in a subcommand."""
    parser = _parser()
    arguments, rest = parser.parse_known_args(argv)
    if rest and (arguments.command != "show" or any(word.startswith("-") for word in rest)):
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
    for command in (lister, show):
        command.add_argument("--json", action="store_true", help="print JSON")
    return parser


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
    print("\n".join(catalog.table(sets)))
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
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for index, image in enumerate(data.open_images(row)):
        path = folder / f"{row.id.replace('/', '_')}-{index}.png"
        image.save(path)
        files.append(str(path))
    return files


def _named(row: data.Example) -> list[str]:
    """The files of the row's images, where they are files."""
    return [str(image) for image in row.images if isinstance(image, (str, Path))]


def _as_text(row: data.Example, style: str, files: list[str]) -> str:
    head = f"--- {row.id}  {row.kind}  {row.modality}  images: {len(row.images)}"
    lines = [head, *(f"image: {path}" for path in files), user_text(row, style)]
    lines += [f"{shown}: {row.meta[key]}" for key, shown in SHOWN.items() if row.meta.get(key)]
    answer = ", ".join(row.answer) if isinstance(row.answer, list) else row.answer
    return "\n".join([*lines, f"answer: {answer}"])


def _as_json(row: data.Example, style: str, files: list[str]) -> str:
    fields = {name: value for name, value in row.columns().items() if name != "images"}
    return json.dumps({**fields, "prompt": user_text(row, style), "images": files}, ensure_ascii=False, default=str)


if __name__ == "__main__":
    sys.exit(main())
