"""`python -m data synth STAGE ... [knob=value ...] --data NAME:SPLIT|FILE.jsonl --out DIR`: new rows made of rows.

Stages are run in the order given: `cot verify` distils reasoning, then has it verified. The same command goes on with a
run that was killed. Knobs go to the stages that have them, knob=@FILE reads the value from a YAML file; `list` names
stages and knobs.
"""

from __future__ import annotations

import argparse
import dataclasses
import hashlib
import json
import sys
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import data
from data import synth
from data.example import Example
from data.synth import rows
from data.synth.client import Client, Endpoint, Sampling
from data.synth.counts import table
from data.synth.replies import Replies
from data.synth.run import run
from data.synth.wording import digest
from recipes import BadInput, from_root
from recipes.command import Parser, guarded


def main(argv: Sequence[str] | None = None) -> int:
    """0 good, 2 bad use, bad input, or an endpoint that fails too often."""
    arguments = _parser().parse_intermixed_args(argv)
    return guarded(lambda: _run(arguments), "what was answered is kept, and the same command goes on")


def _parser() -> Parser:
    parser = Parser(prog="python -m data synth", description=__doc__, allow_abbrev=False)
    parser.add_argument("words", nargs="+", metavar="STAGE|knob=value", help="`list`, or stages and their knobs")
    rows_ = parser.add_argument_group("rows")
    rows_.add_argument("--data", metavar="NAME:SPLIT|FILE", help="a data set's split, or a file of JSON lines")
    rows_.add_argument("--n", type=int, help="only so many rows")
    rows_.add_argument("--out", type=Path, metavar="DIR", help="folder of this run")
    model = parser.add_argument_group("model")
    model.add_argument("--base-url", default="", help="an OpenAI-compatible endpoint, e.g. http://localhost:8000/v1")
    model.add_argument("--model", default="", help="as the endpoint names it")
    model.add_argument("--key-env", default="", metavar="NAME", help="environment variable that holds the key")
    _add_fields(model, Endpoint, ENDPOINT)
    _add_fields(model, Sampling, SAMPLING)
    model.add_argument("--constrain", action="store_true", help="have the endpoint keep to the reply's JSON schema")
    model.add_argument("--cache", type=Path, metavar="DIR", help="folder of replies (default .cache/synth)")
    model.add_argument(
        "--most-failures", type=float, default=0.1, metavar="SHARE", help="of replies, before a run stops (default 0.1)"
    )
    parser.add_argument("--json", action="store_true", help="print the counts as JSON")
    return parser


ENDPOINT = {
    "timeout_s": "for one request",
    "tries": "of one request",
    "at_once": "requests under way",
    "per_minute": "requests started in a minute, 0: no limit",
    "price_in": "of a million tokens read",
    "price_out": "of a million tokens written",
}
SAMPLING = {
    "temperature": "0: always the likeliest token",
    "top_p": "share of likely tokens that are drawn from",
    "max_tokens": "of one reply",
    "seed": "of draws, and of the rows taken from a data set",
}
LEAST = {"n": 1, "timeout_s": 1, "tries": 1, "at_once": 1, "max_tokens": 1}
LEAST |= dict.fromkeys(("per_minute", "price_in", "price_out", "temperature", "top_p", "most_failures"), 0)


def _add_fields(group: Any, kind: type, helps: dict[str, str]) -> None:
    """An option for each of these fields, with its type and default."""
    defaults = {field.name: field.default for field in dataclasses.fields(kind)}
    for name, text in helps.items():
        default = defaults[name]
        flag = f"--{name.replace('_', '-')}"
        group.add_argument(flag, type=type(default), default=default, help=f"{text} (default {default:g})")


def _run(arguments: argparse.Namespace) -> int:
    if arguments.words == ["list"]:
        return _list(arguments.json)
    stages = _stages(arguments.words)
    _check(arguments, stages)
    endpoint, sampling = _filled(Endpoint, arguments), _filled(Sampling, arguments)
    asks = any(stage.asks for stage in stages)
    source, origin = _source(arguments)
    settings = {"data": origin, "stages": [_described(stage) for stage in stages]}
    if asks:
        settings |= {"model": endpoint.model, **dataclasses.asdict(sampling)}
        settings |= {"constrain": True} if endpoint.constrain else {}
    kept = Replies(arguments.cache or from_root(".cache/synth")) if asks else None
    client = Client(endpoint, sampling, kept) if kept else None
    try:
        counts = run(stages, source, arguments.out, client, settings=settings, most_failures=arguments.most_failures)
    finally:
        if kept:
            kept.close()
    if arguments.json:
        print(json.dumps([vars(one) for one in counts]))
    else:
        print(f"{table(counts, endpoint if asks else None)}\nrows: {arguments.out / 'rows.jsonl'}")
    return 0


def _list(as_json: bool) -> int:
    found = [
        {"use": use, "stage": stage.name, "about": stage.about, "asks": stage.asks, "knobs": synth.knobs_of(stage)}
        for use in synth.names()
        for stage in synth.load(use)
    ]
    if as_json:
        print(json.dumps(found))
        return 0
    for one in found:
        print(f"{one['use']:14}{one['stage']:20}{one['about']}{'' if one['asks'] else ' (asks nobody)'}")
        print(f"{'':34}knobs: {', '.join(f'{name}={value}' for name, value in one['knobs'].items()) or 'none'}")
    return 0


def _stages(words: Sequence[str]) -> list[synth.Stage]:
    """The stages named, with the knobs given to all of those that have them."""
    uses, given = [word for word in words if "=" not in word], {}
    for word in words:
        name, found, value = word.partition("=")
        if found:
            given[name] = _value(word, value)
    if not uses:
        raise BadInput(f"no stage is named; there are {', '.join(synth.names())}")
    known = {use: {name for stage in synth.load(use) for name in synth.knobs_of(stage)} for use in uses}
    if lost := [name for name in given if not any(name in knobs for knobs in known.values())]:
        has = ", ".join(sorted(set().union(*known.values()))) or "none"
        raise BadInput([f"{' '.join(uses)}: unknown knob {name!r}; there are {has}" for name in lost])
    return [
        stage
        for use in uses
        for stage in synth.load(use, {name: value for name, value in given.items() if name in known[use]})
    ]


def _value(word: str, value: str) -> Any:
    """A knob's value, or that of a file as `@FILE`, read as YAML."""
    import yaml

    try:
        return yaml.safe_load(Path(value[1:]).read_text(encoding="utf-8") if value.startswith("@") else value)
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{word!r}: the file cannot be read ({error})") from error
    except yaml.YAMLError as error:
        raise BadInput(f"{word!r}: the value is not YAML") from error


def _check(arguments: argparse.Namespace, stages: Sequence[synth.Stage]) -> None:
    """BadInput for all that is missing or out of range, at once."""
    asking = [stage for stage in stages if stage.asks]
    problems = [f"--{flag} is missing" for flag in ("data", "out") if not getattr(arguments, flag)]
    if asking and not (arguments.base_url and arguments.model):
        problems.append(f"stage {asking[0].name} asks a model: name it with --base-url and --model")
    problems += [
        f"--{name.replace('_', '-')} is {getattr(arguments, name)}, it must be at least {low}"
        for name, low in LEAST.items()
        if getattr(arguments, name) is not None and not getattr(arguments, name) >= low
    ]
    if arguments.temperature == 0 and (several := next((stage for stage in asking if stage.samples > 1), None)):
        problems.append(f"stage {several.name} draws {several.samples} samples, all the same at --temperature 0")
    if problems:
        raise BadInput(problems)


def _source(arguments: argparse.Namespace) -> tuple[Callable[[], Iterable[Example]], dict[str, Any]]:
    """(what reads the rows, what they depend on)."""
    path = Path(arguments.data)
    if path.suffix == ".jsonl":
        if not path.is_file():
            raise BadInput(f"--data {path}: there is no such file")
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        return partial(_first, partial(rows.read, path), arguments.n), {"sha256": digest, "n": arguments.n}
    name, colon, split = arguments.data.partition(":")
    if not colon:
        raise BadInput(f"--data {arguments.data}: write NAME:SPLIT for a data set, or name a file of JSON lines")
    found = data.load(name, split, n=arguments.n, seed=arguments.seed)
    return lambda: found, {"use": name, "split": split, "n": arguments.n, "seed": arguments.seed}


def _first(read: Callable[[], Iterable[Example]], n: int | None) -> Iterable[Example]:
    from itertools import islice

    return islice(read(), n)


def _filled(kind: type, arguments: argparse.Namespace) -> Any:
    return kind(**{field.name: getattr(arguments, field.name) for field in dataclasses.fields(kind)})


def _described(stage: Any) -> dict[str, Any]:
    return {"stage": stage.name, **synth.knobs_of(stage), "prompts": {name: digest(name) for name in stage.prompts}}


if __name__ == "__main__":
    sys.exit(main())
