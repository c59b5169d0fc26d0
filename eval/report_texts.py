"""The pairs of texts that report metrics compare: what a model commits to outside its thinking, and the reference.

"Findings:" and "Impression:" are scaffolding, which the prompt asks for and every reference has: they are taken out of
both texts, so that copying them earns nothing. An answer that commits to no report is the empty text.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import rewards
from eval.kept import json_lines
from recipes import BadInput
from rewards.reading.prose import committed_text

SECTIONS = ("both", "findings", "impression")
HEADING = re.compile(
    r"\b(FINDINGS?|Findings?|IMPRESSIONS?|Impressions?)\s*:|^[ \t]*((?i:findings?|impressions?))[ \t]*(?::|$)",
    re.MULTILINE,
)


@dataclass
class Pairs:
    """Reports beside their references, in the order of the file.

    clusters: the patient whom a study shows, or what else its row names as `cluster`, else the study itself. said, due:
    the texts without scaffolding. headed: the same pairs, (said, due), with it. unread: why a text is empty -> how
    often. left_out: reports whose reference lacks the section. others: rows that are no reports.
    """

    studies: list[str] = field(default_factory=list)
    clusters: list[str] = field(default_factory=list)
    samples: list[int] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    due: list[str] = field(default_factory=list)
    headed: list[tuple[str, str]] = field(default_factory=list)
    unread: Counter[str] = field(default_factory=Counter)
    left_out: int = 0
    others: int = 0


def read(path: Path, section: str = "both", keep_scaffold: bool = False) -> Pairs:
    """The report rows of a responses.jsonl.

    section: which part counts, as the row's columns `findings` and `impression` hold it, or the headings of its gold. A
    row whose reference lacks it is left out; a prediction without any heading is taken for the section. keep_scaffold:
    compare with the reference as MedEvalKit writes it, "Findings: F Impression: I.", and leave the headings of the
    prediction in place.

    BadInput naming the line of a row that lacks something or stands there twice, and for a file with nothing to score.
    """
    if keep_scaffold and section != "both":
        raise BadInput([f"the scaffold has both sections; it cannot be kept for the {section} alone"])
    pairs = Pairs()
    for number, row in _report_rows(path, pairs):
        due = reference(row, section)
        if not plain(due):
            pairs.left_out += 1
            continue
        text, why = committed(row)
        said = cut(text, section) if HEADING.search(text) else text
        if not plain(said):
            pairs.unread[why or f"no {'words' if section == 'both' else section}"] += 1
            said = ""
        pairs.studies.append(str(row["id"]))
        pairs.clusters.append(str(row.get("cluster") or row["id"]))
        pairs.samples.append(row.get("sample", 0))
        pairs.headed.append((said, due))
        pairs.said.append(said if keep_scaffold else plain(said))
        pairs.due.append(scaffolded(row, f"{path}:{number}") if keep_scaffold else plain(due))
    if not pairs.studies:
        raise BadInput([f"{path}: {_nothing(pairs, section)}"])
    return pairs


def committed(row: Mapping[str, Any]) -> tuple[str, str]:
    """(the text that the reward `report` reads, "") or ("", why there is none)."""
    response = rewards.parse(row["completion"], n_tokens=row.get("n_tokens"), truncated=bool(row.get("truncated")))
    found = committed_text(replace(response, rule="prose"))
    return (found.value, "") if found.value else ("", response.rule if response.answer is None else found.rule)


def plain(text: str) -> str:
    """The text on one line, without scaffolding.

    >>> plain("Findings: Clear lungs.\\nIMPRESSION:\\nNormal.")
    'Clear lungs. Normal.'
    """
    return " ".join(HEADING.sub(" ", text).split())


def cut(text: str, section: str) -> str:
    """What stands under the headings of a section, "" if it is not marked; all of the text for "both".

    >>> cut("Findings: Clear lungs. Impression: Normal.", "impression")
    'Normal.'
    """
    if section == "both":
        return text
    marks = list(HEADING.finditer(text))
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    under = [
        text[mark.end() : end].strip()
        for mark, end in zip(marks, ends, strict=False)
        if (mark[1] or mark[2]).lower().rstrip("s") == section.rstrip("s")
    ]
    return " ".join(under)


def reference(row: Mapping[str, Any], section: str) -> str:
    """The part of a row's reference that counts, "" where it has no such part."""
    if section == "both":
        return row["gold"]
    if any(name in row for name in SECTIONS):
        return row.get(section) or ""
    return cut(row["gold"], section)


def scaffolded(row: Mapping[str, Any], place: str) -> str:
    """A row's reference as MedEvalKit writes it; BadInput where nothing tells its sections apart."""
    findings, impression = (plain(reference(row, section)) for section in ("findings", "impression"))
    if not findings and not impression:
        raise BadInput(
            [f"{place}: nothing tells findings from impression (columns of these names, or headings in the gold)"]
        )
    return f"Findings: {findings} Impression: {impression}."


def _report_rows(path: Path, pairs: Pairs) -> Iterator[tuple[int, dict[str, Any]]]:
    seen: set[tuple[Any, Any]] = set()
    for number, row in enumerate(json_lines(path), 1):
        if row.get("kind") != "report":
            pairs.others += 1
            continue
        row = row if "gold" in row else {**row, "gold": row.get("answer")}
        lacking = [key for key in ("id", "completion") if key not in row]
        lacking += [] if isinstance(row["gold"], str) and row["gold"].strip() else ["gold"]
        if lacking:
            raise BadInput([f"{path}:{number}: the row lacks {', '.join(lacking)}"])
        name = row["id"], row.get("sample", 0)
        if name in seen:
            raise BadInput([f"{path}:{number}: id {name[0]!r}, sample {name[1]}, stands there twice"])
        seen.add(name)
        yield number, row


def _nothing(pairs: Pairs, section: str) -> str:
    if pairs.left_out:
        return f"no row has a column {section!r}, nor a reference the heading `{section.capitalize()}:`"
    return f"has no rows of kind report ({pairs.others} of other kinds); name the responses.jsonl of a report suite"
