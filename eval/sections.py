"""The parts of a gain report: each turns numbers into blocks, [] where there is nothing to say."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from data.pages import tables
from data.pages.blocks import Block, Bullets, Case, Picture, Table, Text
from eval import flips, gains, plot, probe_sections, table, verdicts
from eval.results import OUTCOMES, Result

TITLE = 70  # characters of a question that name its item


@dataclass(frozen=True)
class Compared:
    """A trained run against the base: what it is called, its gains.json, the results of both sides, and where the
    pictures of its own report lie, relative to this one ("" or "FOLDER/")."""

    name: str
    found: dict[str, Any]
    base: Sequence[Result]
    rl: Sequence[Result]
    place: str = ""

    @property
    def plain(self) -> dict[str, dict[str, Any]]:
        """The suites of gains.json that were asked as they are, without a probe."""
        return {name: entry for name, entry in self.found["suites"].items() if "+" not in name}


def headline(name: str, entry: dict[str, Any], corrected_for: int = 1) -> str:
    """One sentence that says no more than interval and test allow."""
    base, rl = entry["base"], entry["rl"]
    how = "greedy" if entry["samples"] == 1 else f"mean of {entry['samples']} samples"
    how = f"mean score, {how}" if entry["by_degree"] else how
    return (
        f"**{name}** ({how}, {entry['n']} held-out items): {table.percent(base['accuracy'])} % before, "
        f"{table.percent(rl['accuracy'])} % after, {table.points(entry['delta'])} points: "
        f"{verdicts.words(entry, corrected_for)}."
    )


def headlines(one: Compared) -> list[str]:
    """What may be concluded: in a line, of each suite, of the means over them, and what a probe takes away from it."""
    plain, found = one.plain, one.found
    each = [headline(name, entry, found["corrected_for"]) for name, entry in plain.items()]
    first = [verdicts.in_short(plain)] if len(plain) > 1 else []
    lines = [*first, *each, *averages(found), *probe_sections.survivors(found)]
    return lines or ["No suite was asked as it is; what the probes show is below."]


def side_by_side(runs: Sequence[Compared]) -> Table:
    """The gains of several runs over the same base."""
    names = dict.fromkeys(name for one in runs for name in one.plain)
    rows = [(name, *(_gain_and_verdict(one.plain.get(name)) for one in runs)) for name in names]
    return Table("Gain over the base, points", ("suite", *(one.name for one in runs)), rows)


def _gain_and_verdict(entry: dict[str, Any] | None) -> str:
    return f"{table.points(entry['delta'])} {entry['verdict']}" if entry else "-"


def by_suite(one: Compared) -> list[Block]:
    """The table of all arms, what it rests on, and the drawing."""
    marks = [_mark(name, entry) for name, entry in one.plain.items()]
    alt = "Gain in points by suite with 95 % intervals. A filled dot: the interval keeps clear of 0."
    return [
        Table("Gain by suite", table.HEADER, table.gain_rows(one.found)),
        *_cautions(one),
        *([Picture(alt, name=f"{one.place}gain.png", drawing=plot.forest(marks, alt))] if marks else []),
        Table(
            "What so many items can show",
            ("suite", "n", "left out", "items that changed", "smallest difference, points", "interval"),
            [_power_row(name, entry) for name, entry in one.found["suites"].items()],
            ["Left out: items that one of the two could not be asked, or that cannot be graded."],
        ),
        *_scores(one.found),
    ]


def by_group(one: Compared) -> list[Block]:
    """Suite by suite, and the drawing by modality."""
    tables = [
        Table(f"{name} by group", table.GROUP_HEADER, rows)
        for name, entry in one.plain.items()
        if (rows := list(table.group_rows(entry)))
    ]
    return [*tables, *_modalities(one)]


def outcomes(one: Compared, names: tuple[str, str]) -> Table:
    """What became of the answers, in percent of all."""
    rows = []
    for name, entry in one.found["suites"].items():
        for side, who in zip(("base", "rl"), names, strict=True):
            shares = entry["outcomes"][side]
            rows.append((f"{name}, {who}", *(table.percent(shares[outcome]) for outcome in OUTCOMES)))
    return Table("What became of the answers, % of all", ("suite", *OUTCOMES), rows)


def examples(one: Compared, names: tuple[str, str], n: int) -> list[Block]:
    """Items that turned, drawn at random from each suite; those of the greedy answers where there are."""
    found: list[Block] = []
    for first, second in gains.pairs(one.base, one.rl):
        if second.probe or not (drawn := flips.examples(*gains.same_items(first, second), n=n)):
            continue
        entry = one.found["suites"][second.name]["delta"]
        for direction in flips.DIRECTIONS:
            words = direction.replace("_", " ")
            text = f"{len(drawn[direction])} of {entry[direction]}, drawn at random:" if drawn[direction] else "none."
            found += [Text(f"**{second.name}, {words}**: {text}")]
            found += [_case(flip, names) for flip in drawn[direction]]
    return found


def _case(flip: flips.Flip, names: tuple[str, str]) -> Case:
    options = [("options", "\n".join(f"{letter}) {text}" for letter, text in flip.options.items()))]
    said = [
        part
        for name, one in zip(names, (flip.before, flip.after), strict=True)
        for part in (
            (f"{name} answers ({one.outcome})", one.answer),
            (f"{name}: the end of its reasoning", one.reasoning),
        )
    ]
    parts = [("question", flip.question), *(options if flip.options else []), ("right answer", flip.gold), *said]
    title = f"{flip.id}: {flip.question[:TITLE].strip()}{' …' if len(flip.question) > TITLE else ''}"
    return Case(" ".join(title.split()), [(label, text or "(nothing)") for label, text in parts])


def averages(found: dict[str, Any]) -> Iterator[str]:
    for samples, mean in found["averages"].items():
        how = "greedy" if samples == "1" else f"mean of {samples} samples"
        parts = [
            f"{table.percent(part['base']['accuracy'])} % before, {table.percent(part['rl']['accuracy'])} % after, "
            f"{table.points(part['delta'])} points{label}"
            for part, label in (
                (mean["macro"], ""),
                (mean["micro"], f" where each of the {mean['n']} items counts the same"),
            )
        ]
        yield f"**Mean over the {len(mean['suites'])} suites** ({how}): {parts[0]}; {parts[1]}."


def _cautions(one: Compared) -> list[Block]:
    """Where the two sides were not asked in the same way."""
    lines = gains.different_settings(one.base, one.rl)
    return [Text("The two sides differ in more than training:"), Bullets(lines)] if lines else []


def _power_row(name: str, entry: dict[str, Any]) -> tables.Row:
    delta, least = entry["delta"], entry["min_detectable"]
    changed = delta["right_to_wrong"] + delta["wrong_to_right"]
    shown = "none" if least is None else f"{100 * least:.1f}"
    return (
        name,
        str(entry["n"]),
        str(entry["left_out"]),
        table.percent(changed / entry["n"]) + " %",
        shown,
        delta["interval"],
    )


def _scores(found: dict[str, Any]) -> list[Block]:
    rows = []
    for name, entry in found["suites"].items():
        if score := entry.get("score"):
            delta = score["delta"]
            gain = f"{delta['mean']:+.3f} [{delta['low']:+.3f}, {delta['high']:+.3f}]"
            rows.append((name, f"{score['base']:.3f}", f"{score['rl']:.3f}", gain))
    text = "Where the grader gives degrees, its mean score says more than the share of answers that earn the maximum."
    return [Table("Mean scores", ("suite", "base", "RL", "gain"), rows, [text])] if rows else []


def _modalities(one: Compared) -> list[Block]:
    several = len([name for name, entry in one.plain.items() if "modality" in entry["by"]]) > 1
    marks = [
        _mark(f"{name}: {value}" if several else value, part)
        for name, entry in one.plain.items()
        for value, part in entry["by"].get("modality", {}).items()
        if not part["too_few"]
    ]
    alt = "Gain in points by modality with 95 % intervals, without those of too few items. A filled dot: clear of 0."
    return [Picture(alt, name=f"{one.place}modality.png", drawing=plot.forest(marks, alt))] if marks else []


def _mark(label: str, entry: dict[str, Any]) -> plot.Mark:
    delta = entry["delta"]
    return plot.Mark(label, entry["n"], delta["accuracy"], delta["low"], delta["high"], entry["too_few"])
