"""What is known of a suite without reading its data: where they come from, their licence, and whether they are here."""

from dataclasses import asdict
from typing import Any

import data
from data.catalog import download, here
from data.pages import tables
from eval.suites import Suite, groups

HEADER = ("suite", "split", "items", "data", "kinds", "what it asks")
LONGEST = 64  # characters of what a suite asks
FACTS = ("license", "access", "hub", "kinds", "languages", "metric", "citation")


def entry(suite: Suite) -> dict[str, Any]:
    """The suite, the facts of its data set, and the one line that says how to get it."""
    info = data.describe(suite.use)
    return {
        **asdict(suite),
        **{name: getattr(info, name) for name in FACTS},
        "rows": info.rows.get(suite.split),
        "groups": [name for name, members in groups().items() if suite.name in members],
        "here": here(info),
        "download": download(info),
    }


def row(found: dict[str, Any]) -> tables.Row:
    """An entry for HEADER. Data that are not here may still be read from the hub, where there is a network."""
    items = found["n"] or found["rows"]
    where = "here" if found["here"] else "hub" if found["hub"] else "missing"
    where += "" if found["access"] == "open" else ", restricted"
    about = found["about"] if len(found["about"]) <= LONGEST else found["about"][:LONGEST].rsplit(" ", 1)[0] + " ..."
    kinds = ", ".join(found["kinds"])
    return (found["name"], found["split"], f"{items:,}" if items else "all", where, kinds, about)
