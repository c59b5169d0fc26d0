"""report.md: what training changed, how to read it, and where the model is; with its two pictures."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from eval import pictures, table
from eval.gains import different_settings
from eval.results import OUTCOMES, Result, chance

HOW_TO_READ = """\
- **Greedy and sampled.** `NAME` takes the model's single most likely answer; `NAME@k` is the mean over k answers drawn
  at the stated temperature. Sampled accuracy rises when a model merely becomes surer of what it already preferred;
  greedy accuracy rises only when what it prefers gets better.
- **Intervals** are 95 %: Wilson's for one answer an item, the bootstrap over items (10,000 resamples) for means of
  several answers and for the gain. The gain is paired: both models answered the same items.
- **p** is McNemar's exact test on the items that changed (with k answers: on the direction in which an item's mean
  moved). `worse/better` counts those items.
- **Groups** are looked at one by one without correction for their number: with twenty rows, one p below 0.05 is to be
  expected by chance. Small n means wide intervals: read the interval, not the point.
- **Unparsed** means that no answer could be read, **truncated** that the limit cut the answer off, **ungraded** that
  the row cannot be judged; the last are left out of the accuracy, the others count as not right."""


def write(
    folder: Path,
    found: dict[str, Any],
    base: Sequence[Result],
    rl: Sequence[Result],
    *,
    checkpoint: str | None = None,
    metrics: Path | None = None,
) -> Path:
    """Writes report.md, gain.png and, from metrics.jsonl of the run, curve.png into `folder`; returns the report.

    found: gains.json of `base` against `rl`. checkpoint: where the trained model is.
    """
    folder.mkdir(parents=True, exist_ok=True)
    bars = pictures.gain_bars(found, folder / "gain.png")
    curve = pictures.learning_curve(metrics, folder / "curve.png") if metrics and metrics.is_file() else None
    parts = [
        "# What training changed",
        *(headline(name, entry) for name, entry in found["suites"].items() if "+blank" not in name),
        table.markdown(table.HEADER, table.gain_rows(found)),
        _caution(base, rl),
        f"![Accuracy before and after, by group]({bars.name})",
        f"![Learning curve]({curve.name})" if curve else "",
        *(_groups(name, entry) for name, entry in found["suites"].items() if "+blank" not in name),
        _looking(rl),
        _outcomes(base, rl),
        "## How to read it\n\n" + HOW_TO_READ,
        _checkpoint(checkpoint, rl, found),
    ]
    path = folder / "report.md"
    path.write_text("\n\n".join(part for part in parts if part) + "\n", encoding="utf-8")
    return path


def headline(name: str, entry: dict[str, Any]) -> str:
    """One sentence that says no more than the interval allows."""
    base, rl, delta = (entry[key] for key in ("base", "rl", "delta"))
    verdict = (
        "better" if delta["low"] > 0 else "worse" if delta["high"] < 0 else "no difference that so many items show"
    )
    how = "greedy" if entry["samples"] == 1 else f"mean of {entry['samples']} samples"
    return (
        f"**{name}** ({how}, {entry['n']} held-out items): {table.percent(base['accuracy'])} % before, "
        f"{table.percent(rl['accuracy'])} % after, {table.points(delta)} points: {verdict}."
    )


def _groups(name: str, entry: dict[str, Any]) -> str:
    rows = list(table.group_rows(entry))
    return f"## {name} by group\n\n" + table.markdown(("group", *table.HEADER[1:]), rows) if rows else ""


def _caution(base: Sequence[Result], rl: Sequence[Result]) -> str:
    """Says where the two sides were not asked in the same way."""
    lines = [f"- {line}" for line in different_settings(base, rl)]
    return "The two sides differ in more than training:\n\n" + "\n".join(lines) if lines else ""


def _looking(rl: Sequence[Result]) -> str:
    """The trained model's accuracy on items with an image, seen and blanked, beside what not looking can reach."""
    rows = []
    for blank in (result for result in rl if result.settings.get("blank_images")):
        asked = blank.items.keys()
        for seen in (r for r in rl if r.suite == blank.suite and r.samples == blank.samples and r is not blank):
            same = seen.restrict(lambda record, asked=asked: record.id in asked)
            rows += _looking_rows(same, blank)
    if not rows:
        return ""
    header = ("items with an image", "n", "image shown %", "image blanked %", "not looking %")
    text = (
        "Every image replaced by a grey one of its size. A model that looks falls to what can be had without looking: "
        "one in the number of options, or the commonest answer of the family."
    )
    return f"## Does it look at the image?\n\n{text}\n\n{table.markdown(header, rows)}"


def _looking_rows(seen: Result, blank: Result) -> list[table.Row]:
    families = sorted({record.groups["family"] for record in blank.records if "family" in record.groups})
    rows = []
    for family in [None, *families]:
        parts = [r.restrict(lambda x, f=family: f is None or x.groups.get("family") == f) for r in (seen, blank)]
        if not all(part.items for part in parts):
            continue
        accuracies = (table.interval(part.summary()) for part in parts)
        name = blank.suite if family is None else family
        rows.append((name, str(len(parts[1].items)), *accuracies, table.percent(chance(parts[1].records))))
    return rows


def _outcomes(base: Sequence[Result], rl: Sequence[Result]) -> str:
    rows = []
    for model, results in (("before", base), ("after", rl)):
        for result in results:
            shares = result.outcomes()
            rows.append((f"{result.name}, {model}", *(table.percent(shares[outcome]) for outcome in OUTCOMES)))
    header = ("% of all answers", *OUTCOMES)
    return f"## What became of the answers\n\n{table.markdown(header, rows)}"


def _checkpoint(checkpoint: str | None, rl: Sequence[Result], found: dict[str, Any]) -> str:
    lines = ["## Where things are\n"]
    if checkpoint:
        lines += [f"- the trained model: `{checkpoint}`"]
        lines += [f"- asked again: `python -m eval run --model {checkpoint} --suite {rl[0].suite} --out outputs/look`"]
    if found.get("recipe"):
        lines += [f"- the recipe: `{found['recipe']}`"]
    lines += ["- the numbers: `gains.json`", "", "Nothing here is for clinical use."]
    return "\n".join(lines)
