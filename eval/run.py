"""One evaluation: the items of a suite, an engine's answers to them, the training rewards' verdicts, a folder."""

import dataclasses
import json
import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import data
from data import prompt
from eval import probes, stamps
from eval.answers import WHOLE, Answers, Shard, same_settings
from eval.engines import Completion, Decoding, Engine, Prompt, Unanswered
from eval.grading import Grader, Judge
from eval.kept import read_one, save
from eval.probes import Asked
from eval.results import GROUPS, Result, arm_name, record
from eval.suites import Suite
from recipes import BadInput

logger = logging.getLogger(__name__)
OWN = ("question", "options", "answer", *GROUPS)  # columns that a row of answers holds anyway, under these or own names
CARRIED = ("cluster", "findings", "impression")  # columns that results are worked out with, beside the groups
GRADED = ("grader", "judge")  # settings that the answers do not depend on
HOPELESS = 8  # so many failures without an answer, and the run stops


@dataclasses.dataclass(frozen=True)
class Arm:
    """One way of asking a suite: how many samples an item, how they are drawn, in which style, under which probe.

    One sample an item is greedy, whatever `temperature` says. `style` is a prompt style of `data.prompt`.
    """

    suite: Suite
    samples: int = 1
    temperature: float = 1.0
    max_tokens: int = 512
    seed: int = 0
    style: str = "think"
    probe: str | None = None
    judge: Judge | None = None

    @property
    def name(self) -> str:
        """clinic_test, clinic_test@8, clinic_test+blank: its folder."""
        return arm_name(self.suite.name, self.samples, self.probe)

    @property
    def decoding(self) -> Decoding:
        greedy = self.samples == 1
        return Decoding(self.samples, 0.0 if greedy else self.temperature, self.max_tokens, self.seed)

    def settings(self) -> dict[str, Any]:
        """What belongs beside every number that comes of it."""
        suite = self.suite
        return {
            "temperature": self.decoding.temperature,
            "max_tokens": self.max_tokens,
            "seed": self.seed,
            "style": self.style,
            "probe": self.probe,
            "blank_images": self.probe == "blank",
            "grader": suite.grader,
            **({"judge": self.judge.model} if self.judge else {}),
            "data": {"use": suite.use, "split": suite.split, "n": suite.n, "seed": suite.seed, "knobs": suite.knobs},
        }


def arms(
    suites: Sequence[Suite],
    *,
    samples: Sequence[int] = (1,),
    temperature: float = 1.0,
    max_tokens: int = 512,
    seed: int = 0,
    style: str = "think",
    probes: Sequence[str] = (),
    judge: Judge | None = None,
) -> list[Arm]:
    """Every suite with every number of samples, then, greedily, under each probe that means anything for its items."""
    how: dict[str, Any] = {"temperature": temperature, "max_tokens": max_tokens, "seed": seed, "style": style}
    how["judge"] = judge
    plain = [Arm(suite, k, **how) for suite in suites for k in samples]
    return plain + [Arm(suite, 1, **how, probe=name) for suite in suites for name in probes if _means(suite, name)]


def arms_of(plan: Any) -> dict[str, Any]:
    """What a recipe's section `eval:` says to `arms`, but for what its other sections decide."""
    probes = dict.fromkeys([*(["blank"] if plan.blank_images else []), *plan.probes])
    return {"samples": plan.samples, "temperature": plan.temperature, "probes": list(probes)}


def evaluate(
    engine: Engine, arm: Arm, *, out: Path | None = None, shard: Shard = WHOLE, progress: bool = True
) -> Result | None:
    """Answers and grades the items of an arm; None where other shards have not answered all of theirs.

    With `out`, answers are kept as they come (`eval.answers`), and what an earlier call left unfinished is gone on
    with; at the end responses.jsonl (what `python -m rewards score` reads) and scores.jsonl are written, failed.jsonl
    if items failed, and result.json last. A finished evaluation of the same settings is read, not made again.

    BadInput when there is nothing to ask, a column is missing, nothing can be answered, or `out` holds an evaluation
    of other settings.
    """
    grader = Grader(arm.suite.grader, judge=arm.judge)
    items = _items(arm, grader)
    asked = [probes.probed(arm.probe, Asked(item, arm.style), items, arm.seed) for item in items]
    messages = (prompt.messages(one.item, one.style) for one in asked)
    digests = {"items": stamps.of_items(items), "prompts": stamps.of_prompts(messages)}
    stamp = {**arm.settings(), **digests, **engine.stamp}
    with Answers(out, {key: value for key, value in stamp.items() if key not in GRADED}, shard) as answers:
        if out is not None and (out / "result.json").exists():
            return _finished(out, stamp)
        left = [one for one in shard.of(asked) if not answers.is_answered(one.item.id)]
        _ask(engine, arm, left, answers, progress)
        answers.reread()
        if answers.lacking(item.id for item in items):
            return None
        result = _graded(arm, grader, asked, answers, stamp, out)
        if out is not None:
            save(result, out)
            answers.discard()
    return result


def evaluate_all(
    engine: Engine, wanted: Sequence[Arm], *, out: Path | None = None, shard: Shard = WHOLE, progress: bool = True
) -> list[Result]:
    """Each arm in a folder of its name under `out`; those that other shards have not finished are left out."""
    found = [
        evaluate(engine, arm, out=None if out is None else out / arm.name, shard=shard, progress=progress)
        for arm in wanted
    ]
    return [result for result in found if result is not None]


def check(arm: Arm, *, out: Path | None = None) -> None:
    """BadInput for all that would stop an evaluation before its first answer; to be called before a model is loaded."""
    items = _items(arm, Grader(arm.suite.grader, judge=arm.judge))
    if out is not None and (out / "settings.json").exists():
        theirs = json.loads((out / "settings.json").read_text(encoding="utf-8"))
        mine = {key: value for key, value in arm.settings().items() if key not in GRADED}
        same_settings(out / "settings.json", {**theirs, **json.loads(json.dumps(mine))})
    info = data.describe(arm.suite.use)
    due = info.rows.get(arm.suite.split)
    if due and arm.suite.n is None and arm.probe is None and len(items) < due and not arm.suite.knobs:
        logger.warning(
            "%s: %d of the %d rows of the release are here; the download may be partial", arm.name, len(items), due
        )


def limited(suite: Suite, limit: int | None) -> Suite:
    """The suite with at most `limit` items; BadInput for a limit below 1."""
    if limit is None:
        return suite
    if limit < 1:
        raise BadInput([f"a limit of {limit} items asks nothing; it must be at least 1"])
    return dataclasses.replace(suite, n=min(limit, suite.n or limit))


def _load(suite: Suite) -> list[data.Example]:
    return data.load(suite.use, suite.split, n=suite.n, seed=suite.seed, **suite.knobs)


def _means(suite: Suite, probe: str) -> bool:
    return any(map(probes.load(probe).applies, _load(suite)))


def _items(arm: Arm, grader: Grader) -> list[data.Example]:
    """The items that are asked; BadInput if there are none, ids repeat, or the grader misses a column."""
    suite, items = arm.suite, _load(arm.suite)
    if arm.probe is not None:
        items = list(filter(probes.load(arm.probe).applies, items))
    if not items:
        what = f"items for the probe {arm.probe}" if arm.probe else "items"
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


def _ask(engine: Engine, arm: Arm, left: Sequence[Asked], answers: Answers, progress: bool) -> None:
    """Every answer is kept as it comes; an item that cannot be asked or answered costs itself alone."""
    from tqdm import tqdm

    n_failed = 0
    with tqdm(total=len(left), desc=arm.name, disable=not progress or None) as bar:  # None: off without a terminal
        for item, answer in _answered(engine, arm, left):
            answers.add(item, answer)
            bar.update()
            if not isinstance(answer, Unanswered):
                continue
            n_failed += 1
            logger.warning("%s: item %s failed: %s", arm.name, item, answer.why)
            if n_failed >= min(HOPELESS, len(left)) and not answers.n_answered:
                raise BadInput([f"{arm.name}: no item of the first {n_failed} can be answered: {item}: {answer.why}"])


def _answered(engine: Engine, arm: Arm, left: Sequence[Asked]) -> Iterator[tuple[str, list[Completion] | Unanswered]]:
    """What the engine answers, and what could not even be handed to it: images that are broken."""
    broken: list[tuple[str, Unanswered]] = []

    def prompts() -> Iterator[Prompt]:
        for one in left:
            try:
                yield Prompt(prompt.messages(one.item, one.style), data.open_images(one.item), one.item.id)
            except BadInput as error:
                broken.append((one.item.id, Unanswered(str(error).removeprefix(f"{one.item.id}: "))))

    for answer in engine.stream(prompts(), arm.decoding):
        while broken:
            yield broken.pop()
        yield answer
    yield from broken


def _graded(
    arm: Arm, grader: Grader, asked: Sequence[Asked], answers: Answers, stamp: dict[str, Any], out: Path | None
) -> Result:
    """Verdicts on all samples, in the suite's order; the files of the folder, each under its name when it is whole."""
    answered = [(one, answers[one.item.id]) for one in asked]
    failed = [{"id": one.item.id, "why": found.why} for one, found in answered if isinstance(found, Unanswered)]
    rows = [
        _row(arm, grader, one.item, sample, completion)
        for one, found in answered
        if not isinstance(found, Unanswered)
        for sample, completion in enumerate(found)
    ]
    if not rows:
        raise BadInput([f"{arm.name}: no item could be answered; the first: {failed[0]}"])
    verdicts = grader.grade_all(rows)
    if out is not None:
        for name, lines in (("responses", rows), ("scores", verdicts), ("failed", failed)):
            if lines:
                _write(out / f"{name}.jsonl", lines)
    records = [record(row, verdict) for row, verdict in zip(rows, verdicts, strict=True)]
    scorer = {"scorer": stamps.of_scorer(), "git": stamps.git_sha()}
    because = {row["id"]: row["why"] for row in failed}
    return Result(arm.suite.name, arm.samples, {**stamp, **scorer}, records, because)


def _row(arm: Arm, grader: Grader, item: data.Example, sample: int, completion: Completion) -> dict[str, Any]:
    """A line of responses.jsonl."""
    columns = item.columns()
    read = {key: columns[key] for key in (*grader.columns, *CARRIED) if columns.get(key) is not None}
    return {
        "id": item.id,
        "sample": sample,
        "suite": arm.suite.name,
        "question": item.question,
        "options": None if item.options is None else dict(item.options),
        "gold": item.answer,
        "completion": completion.text,
        "n_tokens": completion.n_tokens,
        "truncated": completion.truncated,
        "n_images": len(item.images),
        **{key: columns[key] for key in GROUPS if columns.get(key)},
        **{key: value for key, value in read.items() if key not in OWN},
    }


def _finished(out: Path, stamp: dict[str, Any]) -> Result:
    """The result that is there; BadInput if it was made under other settings."""
    result = read_one(out)
    theirs = {key: value for key, value in result.settings.items() if key in stamp}
    if theirs != json.loads(json.dumps(stamp)):
        same_settings(out / "settings.json", {key: value for key, value in stamp.items() if key not in GRADED})
        raise BadInput([f"{out}: holds a finished evaluation by another grader; choose another folder"])
    return result


def _write(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    part = path.with_name(path.name + ".part")
    with part.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    part.replace(path)
