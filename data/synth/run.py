"""Running stages one after the other over rows: what is asked, kept and set aside lies open in files, and a killed run
goes on where it was.

OUT/01-cot.jsonl holds a line for each reply: id, sample, reply, verdict (kept, dropped, set aside), reason, detail.
OUT/01-cot.rows.jsonl holds the rows it made, which the next stage reads; OUT/rows.jsonl those of the last. A stage's
files bear their names only once it is done; a stage in which every request was answered is not run again.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter, deque
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from data.clean import Drop
from data.example import Example
from data.synth import Ask, Nonsense, Stage, add, rows
from data.synth.client import Client, Unanswered, unusable
from data.synth.counts import Counts
from data.synth.replies import Reply
from recipes import BadInput

if TYPE_CHECKING:
    from data.synth import Outcome

FEWEST = 20  # replies before their failure rate means anything
AHEAD = 4  # rows under way for each request that may be


@dataclass(frozen=True)
class Said:
    """One reply to one row and what was made of it. text: None where none came."""

    outcome: Outcome
    text: str | None = None
    reply: Reply | None = None


def run(
    stages: Sequence[Stage],
    source: Callable[[], Iterable[Example]],
    out: Path,
    client: Client | None,
    *,
    settings: dict[str, Any],
    most_failures: float = 0.1,
    progress: bool = True,
) -> list[Counts]:
    """The counts of each stage; the rows of the last are in OUT/rows.jsonl.

    client: is closed at the end; None where no stage asks. settings: what the rows depend on. BadInput if OUT holds a
    run with others, or more than the share `most_failures` of a stage's replies failed (of its first FEWEST at the
    earliest).
    """
    _claim(out, settings)

    async def _closing() -> list[Counts]:
        try:
            return await _all(stages, source, out, client, most_failures, progress)
        finally:
            if client:
                await client.close()

    return asyncio.run(_closing())


async def _all(
    stages: Sequence[Stage],
    source: Callable[[], Iterable[Example]],
    out: Path,
    client: Client | None,
    most_failures: float,
    progress: bool,
) -> list[Counts]:
    """The stages in their order; what comes after one that is run anew is run anew too."""
    found: list[Counts] = []
    place, is_new = out, False
    for number, stage in enumerate(stages, 1):
        place = out / f"{number:02d}-{stage.name}"
        counts = None if is_new else _finished(place)
        if counts is None:
            if not is_new:
                _forget(out, number)
            is_new = True
            prepared = stage.prepare(source())
            counts = await _Run(prepared, out, client, most_failures, progress).write(place, source)
        found.append(counts)
        source = partial(rows.read, place.with_suffix(".rows.jsonl"))
    _replace(out / "rows.jsonl", place.with_suffix(".rows.jsonl").read_bytes())
    return found


class _Run:
    """One stage over its rows."""

    def __init__(self, stage: Stage, out: Path, client: Client | None, most_failures: float, progress: bool) -> None:
        self.stage, self.out, self.client, self.most_failures = stage, out, client, most_failures
        self.counts, self.progress = Counts(stage.name), progress

    async def write(self, place: Path, source: Callable[[], Iterable[Example]]) -> Counts:
        """Both files of the stage, in the order of its rows, then its counts."""
        from tqdm import tqdm

        log, made = place.with_suffix(".jsonl"), place.with_suffix(".rows.jsonl")
        drafts = [path.with_name(f"{path.name}.part") for path in (log, made)]
        with (
            drafts[0].open("w", encoding="utf-8") as logged,
            drafts[1].open("w", encoding="utf-8") as rowed,
            tqdm(desc=self.stage.name, unit=" rows", disable=not self.progress or None) as bar,
        ):
            async with aclosing(self._results(source())) as results:
                async for row, said in results:
                    self._tell(row, said, logged, rowed)
                    bar.update()
                    bar.set_postfix(kept=self.counts.kept, failed=self.counts.failed.total(), refresh=False)
                    self._check(FEWEST)
        self._check(1)
        for draft, path in zip(drafts, (log, made), strict=True):
            draft.replace(path)
        _replace(place.with_suffix(".counts.json"), json.dumps(vars(self.counts)).encode())
        return self.counts

    async def _results(self, source: Iterable[Example]) -> AsyncGenerator[tuple[Example, list[Said]], None]:
        """Each row with its replies, in order; later rows are asked about meanwhile."""
        ahead = AHEAD * self.client.endpoint.at_once if self.client and self.stage.asks else 1
        waiting: deque[tuple[Example, asyncio.Task[list[Said]]]] = deque()
        try:
            for row in source:
                waiting.append((row, asyncio.create_task(self._said(row))))
                if len(waiting) >= ahead:
                    yield waiting[0][0], await waiting[0][1]
                    waiting.popleft()
            while waiting:
                yield waiting[0][0], await waiting[0][1]
                waiting.popleft()
        finally:
            for _, task in waiting:
                task.cancel()
            await asyncio.gather(*(task for _, task in waiting), return_exceptions=True)

    async def _said(self, row: Example) -> list[Said]:
        if not self.stage.asks:
            return [Said(self._made(row))]
        try:
            ask = await asyncio.to_thread(self.stage.ask, row)
        except BadInput as error:
            ask = Drop("the row cannot be read", str(error))
        if isinstance(ask, Drop):
            return [Said(ask)]
        return list(await asyncio.gather(*(self._one(row, ask, sample) for sample in range(self.stage.samples))))

    def _made(self, row: Example) -> Outcome:
        """What a stage that asks nobody makes of a row."""
        try:
            outcome = self.stage.read(row, "")
        except BadInput as error:
            return Drop("the row cannot be read", str(error))
        if isinstance(outcome, Drop):
            return outcome
        return [add(new, made_by=[*new.meta.get("made_by", ()), {"stage": self.stage.name}]) for new in outcome]

    async def _one(self, row: Example, ask: Ask, sample: int) -> Said:
        assert self.client
        reply = await self.client.ask(ask, sample)
        if isinstance(reply, Drop):
            return Said(reply)
        if bad := unusable(reply):
            return Said(bad, reply.text, reply)
        outcome = self.stage.read(row, reply.text)
        if not isinstance(outcome, Drop):
            outcome = [self._stamped(new, ask) for new in outcome]
        return Said(outcome, reply.text, reply)

    def _stamped(self, row: Example, ask: Ask) -> Example:
        """The row with what made it, after what made the row it comes from."""
        assert self.client
        prompt, model = ask.prompt, self.client.endpoint.model
        stamp = {"stage": self.stage.name, "model": model, "prompt": prompt.name, "prompt_version": prompt.version}
        return add(row, made_by=[*row.meta.get("made_by", ()), {**stamp, "prompt_hash": prompt.hash}])

    def _tell(self, row: Example, said: Sequence[Said], logged: TextIO, rowed: TextIO) -> None:
        """Count and write what became of a row."""
        for sample, one in enumerate(said):
            if one.reply:
                self.counts.count(one.reply)
            if isinstance(one.outcome, Nonsense | Unanswered):
                self.counts.failed[one.outcome.why] += 1
                self.counts.unanswered += isinstance(one.outcome, Unanswered)
            logged.write(_line(row, one.outcome, sample, one.text))
        outcome = self.stage.join(row, [one.outcome for one in said])
        if isinstance(outcome, Drop) and outcome not in [one.outcome for one in said]:
            logged.write(_line(row, outcome, None, None))
        self.counts.rows += 1
        if isinstance(outcome, Drop):
            self.counts.dropped[outcome.why] += 1
            return
        self.counts.kept += 1
        self.counts.made += len(outcome)
        rowed.writelines(rows.write(new, self.out) + "\n" for new in outcome)

    def _check(self, fewest: int) -> None:
        """BadInput where too many replies failed."""
        failed = self.counts.failed.total()
        total = self.counts.asked + self.counts.cached + self.counts.unanswered
        if total >= fewest and failed > self.most_failures * total:
            why = ", ".join(f"{name}: {n}" for name, n in self.counts.failed.most_common(3))
            raise BadInput(
                f"stage {self.stage.name}: {failed} of {total} requests failed ({why}), more than --most-failures"
                f" {self.most_failures:g}; mend the endpoint and run this again, or take another model or seed"
            )


def _line(row: Example, outcome: Outcome, sample: int | None, text: str | None) -> str:
    """One line of the log."""
    reason, detail = (outcome.why, outcome.detail) if isinstance(outcome, Drop) else ("", "")
    verdict = {"id": row.id, "sample": sample, "verdict": verdict_of(outcome), "reason": reason, "detail": detail}
    return json.dumps({**verdict, "reply": text}, ensure_ascii=False) + "\n"


def verdict_of(outcome: Outcome) -> str:
    """kept, dropped (not good enough), or set aside (no reply that can be read)."""
    if isinstance(outcome, Nonsense | Unanswered):
        return "set aside"
    return "dropped" if isinstance(outcome, Drop) else "kept"


def _claim(out: Path, settings: dict[str, Any]) -> None:
    """Make the folder this run's; BadInput if it is another's."""
    path, mine = out / "run.json", json.loads(json.dumps(settings))
    try:
        out.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            _replace(path, json.dumps(mine, indent=1).encode())
        theirs = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise BadInput(f"{out}: cannot hold a run ({error}); name another folder with --out") from error
    if theirs != mine:
        other = ", ".join(sorted(name for name in {*theirs, *mine} if theirs.get(name) != mine.get(name)))
        raise BadInput(f"{out} holds a run with other settings ({other}); name another folder with --out")


def _finished(place: Path) -> Counts | None:
    """The counts of a stage that was run to its end with every request answered; its replies count as cached."""
    path = place.with_suffix(".counts.json")
    if not path.exists():
        return None
    kept = json.loads(path.read_text(encoding="utf-8"))
    counts = Counts(**kept | {name: Counter(kept[name]) for name in ("dropped", "failed")})
    counts.cached, counts.asked = counts.cached + counts.asked, 0
    counts.n_in = counts.n_out = counts.uncounted = 0
    return None if counts.unanswered else counts


def _forget(out: Path, number: int) -> None:
    """What this stage and later ones have finished does not count, from before the first of them is run anew."""
    for path in out.glob("*.counts.json"):
        if int(path.name.partition("-")[0]) >= number:
            path.unlink()


def _replace(path: Path, content: bytes) -> None:
    draft = path.with_name(f"{path.name}.part")
    draft.write_bytes(content)
    draft.replace(path)
