"""`python -m data modality train | report`: a classifier of modalities, and what a corpus is made of."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import data
from data.example import Example
from data.modality import classifier, heldout, report
from data.modality.encoders import encoder
from data.modality.features import Handmade
from data.modality.heldout import Accuracy
from data.modality.pictures import Labelled, labelled
from data.pages import tables
from recipes import BadInput
from recipes.command import Parser, guarded
from recipes.paths import from_here


def main(argv: Sequence[str] | None = None) -> int:
    """0 good, 2 bad use or bad input."""
    arguments = _parser().parse_args(argv)
    return guarded(lambda: COMMANDS[arguments.command](arguments), "nothing was written; start again")


def _parser() -> Parser:
    parser = Parser(prog="python -m data modality", description=__doc__, allow_abbrev=False)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    train = commands.add_parser("train", help="a classifier on a frozen encoder, measured on pictures held out")
    train.add_argument(
        "--data", nargs="+", required=True, metavar="NAME:SPLIT|BUILD", help="labelled rows: splits, folders of builds"
    )
    train.add_argument("--column", default="modality", help="a field or key of meta that holds the label")
    train.add_argument("--vocabulary", action="store_true", help="put labels into the vocabulary; others are left out")
    train.add_argument("--encoder", default=Handmade.name, metavar="NAME", help="handmade, or a model of transformers")
    train.add_argument("--held-out", type=float, default=0.3, metavar="SHARE", help="of each label (default 0.3)")
    train.add_argument("--seeds", type=int, default=5, help="so many splits are measured (default 5)")
    train.add_argument("--seed", type=int, default=0, help="of the first split, whose classifier is saved")
    train.add_argument("--threshold", type=float, default=classifier.THRESHOLD, help="probability to say anything")
    train.add_argument("--l2", type=float, default=classifier.L2, help="how far weights are held down")
    train.add_argument("--out", type=Path, required=True, metavar="FOLDER", help=f"for {classifier.FILE}")
    shown = commands.add_parser("report", help="the modalities, sources and kinds of a build, with a page")
    shown.add_argument("build", type=Path, metavar="PATH_OF_BUILD")
    shown.add_argument("--out", type=Path, metavar="FOLDER", help="for modality.html (default: PATH_OF_BUILD-modality)")
    for command in (train, shown):
        command.add_argument("--json", action="store_true", help="print JSON")
    return parser


def _train(arguments: argparse.Namespace) -> int:
    _check(arguments)
    by = encoder(arguments.encoder)
    found = labelled(_rows(arguments.data), arguments.column, by, arguments.vocabulary)
    settings = {"share": arguments.held_out, "threshold": arguments.threshold, "l2": arguments.l2}
    seeds = range(arguments.seed, arguments.seed + arguments.seeds)
    made, measured = heldout.train(found, arguments.encoder, seeds, **settings)
    path = made.save(arguments.out)
    if arguments.json:
        print(json.dumps({"out": str(path), **made.about}, ensure_ascii=False))
        return 0
    _show(found, measured)
    print(f"the classifier of seed {arguments.seed}: {path}")
    return 0


def _check(arguments: argparse.Namespace) -> None:
    """BadInput for numbers out of range, all at once."""
    wrong = []
    if not 0 < arguments.held_out < 1:
        wrong.append(f"--held-out is {arguments.held_out}, it must be a share between 0 and 1")
    if arguments.seeds < 1:
        wrong.append(f"--seeds is {arguments.seeds}, it must be at least 1")
    if not 0 <= arguments.threshold <= 1:
        wrong.append(f"--threshold is {arguments.threshold}, it must be a probability")
    if arguments.l2 <= 0:
        wrong.append(f"--l2 is {arguments.l2}, it must be above 0")
    if wrong:
        raise BadInput(wrong)


def _rows(sources: Sequence[str]) -> list[Example]:
    """The rows of NAME:SPLIT, or of the folder of a build."""
    rows: list[Example] = []
    for source in sources:
        name, colon, split = source.rpartition(":")
        if from_here(source).is_dir():
            rows += data.load("built", "train", path=str(from_here(source).resolve()))
        elif colon and name:
            rows += data.load(name, split)
        else:
            raise BadInput([f"--data {source}: write NAME:SPLIT for a data set, or name the folder of a build"])
    return rows


def _show(found: Labelled, measured: Sequence[Accuracy]) -> None:
    first = measured[0]
    n, d = found.features.shape
    print(f"{n} distinct pictures, {d} features; {found.contradicted} more are labelled in two ways and left out")
    rows = [
        (str(one.seed), f"{one.right} of {one.n}", f"{100 * one.accuracy:.1f}", f"{100 * one.low:.1f} to "
         f"{100 * one.high:.1f}", f"{one.said} of {one.n}", f"{one.said_right} of {one.said}")
        for one in measured
    ]  # fmt: skip
    sure = f"said at {first.threshold:g}"
    tables.show(("seed", "right", "%", "95 %", sure, "of these right"), rows, "pictures held out")
    mean = sum(one.accuracy for one in measured) / len(measured)
    print(f"mean of {len(measured)} splits: {100 * mean:.1f} %")
    recalls = [(label, f"{right} of {of}") for label, (right, of) in first.recall.items()]
    tables.show(("label", "found"), recalls, f"by label, seed {first.seed}")


def _report(arguments: argparse.Namespace) -> int:
    place = from_here(arguments.build).resolve()
    found = report.count(place)
    out = arguments.out or place.with_name(f"{place.name}-modality")
    path = report.write(out, place.name, found)
    if arguments.json:
        print(json.dumps({"page": str(path), **report.as_json(found)}, ensure_ascii=False))
        return 0
    for title, counter in found.items():
        tables.show((title, "rows", "%"), report.rows(counter))
    print(f"the page: {path}")
    return 0


COMMANDS = {"train": _train, "report": _report}

if __name__ == "__main__":
    sys.exit(main())
