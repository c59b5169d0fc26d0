"""report.md and report.html: what training changed, how to read it, and where the model is; with their pictures."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from data.pages import page
from data.pages.blocks import Block, Bullets, Heading, Picture, Text, markdown
from eval import pictures, probe_sections, published, sections, stats
from eval.results import Result
from eval.sections import Compared, headline, headlines
from eval.verdicts import in_short

__all__ = ["Compared", "headline", "headlines", "write", "write_all"]

TITLE = "What training changed"
EXAMPLES = 3  # a suite and direction
HOW_TO_READ = (
    "**Greedy and sampled.** `NAME` takes the model's single most likely answer; `NAME@k` is the mean over k answers "
    "drawn at the stated temperature. Sampled accuracy rises when a model merely becomes surer of what it already "
    "preferred; greedy accuracy rises only when what it prefers gets better. `NAME+probe` asks with something missing "
    "or moved; it is in no mean and no correction.",
    "**Intervals** are 95 %: Wilson's for one answer an item, the bootstrap (10,000 resamples) over items for means of "
    "several answers and for the gain. Where items share an image or a patient, whole clusters are drawn. The gain is "
    "paired: both models answered the same items. A mean over suites joins their intervals (MOVER).",
    "**p** is McNemar's exact test on the items that changed (with k answers: on the direction in which an item's mean "
    "moved); it takes items for independent, so the interval decides with it. **Holm p** is corrected for the number "
    "of suites of a run. `worse/better` counts the items that changed.",
    "**Better** and **worse** are said only where the interval keeps clear of 0 and the corrected p is below 0.05, and "
    f"never of fewer than {stats.MIN_ITEMS} items. **No difference** means that so many items show none; the smallest "
    "difference is the one that such a comparison finds with 80 % power (Connor 1987), given how many items changed.",
    "**Groups** are looked at one by one without correction for their number: with twenty rows, one p below 0.05 is to "
    "be expected by chance. Small n means wide intervals: read the interval, not the point.",
    "**Unparsed** means that no answer could be read, **truncated** that the limit cut the answer off, **ungraded** "
    "that the row cannot be judged, **failed** that the item could not be asked; the last two are left out of the "
    "accuracy, the others count as not right.",
)


def write(
    folder: Path,
    found: dict[str, Any],
    base: Sequence[Result],
    rl: Sequence[Result],
    *,
    checkpoint: str | None = None,
    metrics: Path | None = None,
) -> Path:
    """Writes report.md, report.html, gain.png, where there are modalities modality.png and, from metrics.jsonl of the
    run, curve.png into `folder`; returns report.md.

    found: gains.json of `base` against `rl`. checkpoint: where the trained model is.
    """
    folder.mkdir(parents=True, exist_ok=True)
    one = Compared("after", found, base, rl)
    pictures.gain_bars(found, folder / "gain.png")
    pictures.modality_bars(found, folder / "modality.png")
    curve = pictures.learning_curve(metrics, folder / "curve.png") if metrics and metrics.is_file() else None
    return _write(
        folder,
        [
            Heading(TITLE, 1),
            Bullets(sections.headlines(one), headline=True),
            *_chapters([("Suites", sections.by_suite(one))]),
            *([Picture("Learning curve: accuracy and reward by training step.", curve, curve.name)] if curve else []),
            *_beside({"before": base, "after": rl}, {"after": found}),
            *_chapters(_details(one, ("before", "after"))),
            *_ending(_where(checkpoint, rl, found)),
        ],
    )


def write_all(folder: Path, base: str, runs: Sequence[Compared]) -> Path:
    """One report.md and report.html of several runs against one base, which lies at `base`; each run's own pictures
    must lie at its `place`."""
    folder.mkdir(parents=True, exist_ok=True)
    models = {"base": runs[0].base, **{one.name: one.rl for one in runs}}
    lines = [f"`{one.name}`: {line}" for one in runs for line in _in_short(one)]
    parts: list[Block] = [
        Heading(TITLE, 1),
        Bullets(lines, headline=True),
        Heading("Runs"),
        sections.side_by_side(runs),
    ]
    parts += _beside(models, {one.name: one.found for one in runs})
    for one in runs:
        details = [("Suites", sections.by_suite(one)), *_details(one, ("base", "RL"))]
        parts += [Heading(one.name), Bullets(sections.headlines(one)), *_chapters(details, 3)]
    where = [f"the base: `{base}`", *(f"`{one.name}`: its numbers in `{one.place}gains.json`" for one in runs)]
    return _write(folder, [*parts, *_ending(where)])


def _in_short(one: Compared) -> list[str]:
    return [in_short(one.plain), *sections.averages(one.found), *probe_sections.survivors(one.found)]


def _write(folder: Path, blocks: Sequence[Block]) -> Path:
    path = folder / "report.md"
    path.write_text(markdown(blocks), encoding="utf-8")
    path.with_suffix(".html").write_text(page.html(blocks), encoding="utf-8")
    return path


def _details(one: Compared, names: tuple[str, str]) -> list[tuple[str, list[Block]]]:
    return [
        ("Groups", sections.by_group(one)),
        ("Probes", probe_sections.probes(one.rl, one.found["probes"])),
        ("Outcomes", [sections.outcomes(one, names)]),
        ("Items that turned", sections.examples(one, names, EXAMPLES)),
    ]


def _beside(models: dict[str, Sequence[Result]], gains: dict[str, Any]) -> list[Block]:
    return _chapters([("Beside the published numbers", published.tables(models, gains))])


def _chapters(chapters: Sequence[tuple[str, Sequence[Block]]], level: int = 2) -> list[Block]:
    """Each under its heading; empty ones are left out."""
    return [block for title, blocks in chapters if blocks for block in (Heading(title, level), *blocks)]


def _ending(where: Sequence[str]) -> list[Block]:
    return [
        Heading("How to read it"),
        Bullets(HOW_TO_READ),
        Heading("Where things are"),
        Bullets(where),
        Text("Nothing here is for clinical use."),
    ]


def _where(checkpoint: str | None, rl: Sequence[Result], found: dict[str, Any]) -> list[str]:
    lines = []
    if checkpoint:
        lines += [f"the trained model: `{checkpoint}`"]
        lines += [f"asked again: `python -m eval run --model {checkpoint} --suite {rl[0].suite} --out outputs/look`"]
    if found.get("recipe"):
        lines += [f"the recipe: `{found['recipe']}`"]
    return [*lines, "the numbers: `gains.json`"]
