"""PubMedQA, the labelled set: does the abstract answer its title's question with yes, no or maybe?

Jin Q et al., PubMedQA: A Dataset for Biomedical Research Question Answering, EMNLP 2019. 1,000 abstracts labelled by
experts; the 500 ids of test_ground_truth.json are the test split, the other 500 train. Read from the release files
ori_pqal.json and test_ground_truth.json, or from the hub, where the official halving is done again and checked.

In the form "yesno" the question holds the abstract, section by section with its headings, and is answered yes, no or
maybe. In the form "options" it is asked as the Lingshu paper does: the abstract's paragraphs are the column `context`,
without headings, and the options are A yes, B no, C maybe.
"""

from __future__ import annotations

import hashlib
import random
import re
from functools import partial
from pathlib import Path
from typing import Any

from data.example import Example
from data.registry import SetInfo, folder
from data.sets._items import Row, choice, examples, remedy
from data.sets._release import clean, from_files, hub_rows, rank, read_json, sample
from recipes import BadInput, hint

NAME = "pubmedqa"
HUB = "qiaojin/PubMedQA"
LICENSE = "MIT"
LABELS = ("yes", "no", "maybe")
FORMS = ("yesno", "options")
OPTIONS = dict(zip("ABC", LABELS, strict=True))
COLUMNS = ("CONTEXTS", "LABELS", "MESHES", "YEAR", "reasoning_required_pred", "reasoning_free_pred", "LONG_ANSWER")
TEST_IDS = "406e3b89eff577ed38571eca5a5819734a6f49ac0437d171b6c64e5c3cd195f8"  # fingerprint() of the official ones

ABOUT = SetInfo(
    name=NAME,
    splits=("train", "validation", "test"),
    license=LICENSE,
    kinds=("yesno", "option"),
    text="research questions answered yes, no or maybe by an abstract",
    hub=HUB,
    extra=("language", "context", "pubid", *COLUMNS, "trace", "distractors"),
    citation="Jin Q et al., PubMedQA: A Dataset for Biomedical Research Question Answering, EMNLP 2019,"
    " arXiv 1909.06146",
    remedy="put data/ori_pqal.json and data/test_ground_truth.json of github.com/pubmedqa/pubmedqa into {place}"
    f" (on the hub: {HUB})",
    rows={"train": 500, "test": 500},
    benchmark="test",
    asked={"form": "options"},
    verified=True,
)

Rows = dict[str, dict[str, Any]]


def load(
    split: str,
    *,
    n: int | None = None,
    seed: int = 0,
    form: str = "yesno",
    max_context_chars: int | None = None,
    validation: int = 0,
    source: str = "auto",
    hub: str = HUB,
) -> list[Example]:
    """A split, or n rows of it at random. The trace of a row is the abstract's conclusion.

    form: yesno or options; max_context_chars: cut the abstract there (0: the question alone); validation: so many train
    rows are the validation split instead, always the same ones; source: files, hub, or auto (files where their folder
    is); hub: the id there.
    """
    _judge(split, validation, max_context_chars, form)
    place = folder(NAME)
    files = from_files(source, place, NAME)
    rows, test = _released(place) if files else _on_hub(hub)
    chosen = sample(_split(rows, test, validation)[split], n, seed, f"{NAME}/{split}")
    made = partial(_example, split, form, max_context_chars)
    where = str(place / "ori_pqal.json") if files else f"the hub data set {hub}"
    if not chosen:
        return []
    return examples(ABOUT, where, ({"pubid": name, **rows[name]} for name in chosen), made)


def _judge(split: str, validation: int, limit: int | None, form: str) -> None:
    problems = []
    if form not in FORMS:
        problems.append(f"{NAME}: form is {form!r}{hint(str(form), FORMS)}; it must be {' or '.join(FORMS)}")
    if type(validation) is not int or not 0 <= validation < 500:
        problems.append(f"{NAME}: validation is {validation!r}, it must be 0 to 499 rows")
    elif split == "validation" and not validation:
        problems.append(f"{NAME}: has no validation split of its own; say how many train rows it takes: validation=50")
    if limit is not None and (type(limit) is not int or limit < 0):
        problems.append(f"{NAME}: max_context_chars is {limit!r}, it must be a number of characters")
    if problems:
        raise BadInput(problems)


def _split(rows: Rows, test: set[str], validation: int) -> dict[str, list[str]]:
    """Ids by split, each in the order of the file."""
    rest = [i for i in rows if i not in test]
    held = set(sorted(rest, key=lambda i: rank(f"{NAME}/{i}"))[:validation])
    return {
        "train": [i for i in rest if i not in held],
        "validation": [i for i in rest if i in held],
        "test": [i for i in rows if i in test],
    }


def _released(place: Path) -> tuple[Rows, set[str]]:
    """Rows by id, and the ids of the test split."""
    rows, test = (read_json(place / name, remedy(ABOUT)) for name in ("ori_pqal.json", "test_ground_truth.json"))
    lost = [i for i in test if i not in rows] if isinstance(rows, dict) and isinstance(test, dict) else ["all"]
    if lost or not test:
        raise BadInput([f"{place} is not PubMedQA's release (test rows missing: {len(lost)}); {remedy(ABOUT)}"])
    return rows, set(test)


def _on_hub(hub: str) -> tuple[Rows, set[str]]:
    """The hub's rows under the release's names; it has one split, which is halved as the authors did."""
    rows: Rows = {}
    for row in hub_rows(hub, "train", f"check the network, or {remedy(ABOUT)}", "pqa_labeled"):
        context = {f"{name}".upper() if name in ("contexts", "labels", "meshes") else name: value
                   for name, value in row["context"].items()}  # fmt: skip
        official = {"QUESTION": row["question"], "LONG_ANSWER": row["long_answer"], "YEAR": ""}
        rows[str(row["pubid"])] = {**official, **context, "final_decision": row["final_decision"]}
    test = _halved(rows)
    if fingerprint(test) != TEST_IDS:
        raise BadInput([f"{hub}: its rows do not give the official test ids; {remedy(ABOUT)}"])
    return rows, test


def _halved(rows: Rows) -> set[str]:
    """The official test ids: every label's ids shuffled (seed 0, yes, no, maybe in turn), the second half taken."""
    rng, test = random.Random(0), set()
    for label in LABELS:
        ids = [i for i, row in rows.items() if row["final_decision"] == label]
        rng.shuffle(ids)
        test |= set(ids[(len(ids) + 1) // 2 :])
    return test


def fingerprint(ids: set[str]) -> str:
    """SHA-256 of the sorted ids, one a line."""
    return hashlib.sha256("\n".join(sorted(ids)).encode()).hexdigest()


def _example(split: str, form: str, limit: int | None, number: int, row: Row) -> Example:
    pubid, label = clean(row["pubid"]), clean(row["final_decision"]).lower()
    if label not in LABELS:
        raise ValueError(f"{pubid}: final_decision is {label!r}, none of {', '.join(LABELS)}")
    trace = clean(row["LONG_ANSWER"])
    meta = {"language": "en", **{name: row.get(name) for name in COLUMNS}, "pubid": pubid, "trace": trace}
    if form == "options":
        paragraphs = [clean(text) for text in row["CONTEXTS"]]
        context = {"context": _cut("\n".join(paragraphs), limit) or None}
        return choice(ABOUT, split, pubid, row["QUESTION"], OPTIONS, "ABC"[LABELS.index(label)], meta | context)
    return Example(
        id=f"{NAME}/{pubid}",
        question=_question(row, limit),
        answer=label,
        kind="yesno",
        source=NAME,
        split=split,
        license=LICENSE,
        meta={**meta, "context": None, "distractors": [x for x in LABELS if x != label]},
    )


def _question(row: Row, limit: int | None) -> str:
    """The abstract section by section, then the question; without an abstract the question alone."""
    sections = [f"{label}: {clean(text)}" for label, text in zip(row["LABELS"], row["CONTEXTS"], strict=False)]
    abstract = _cut("\n".join(sections), limit)
    asked = f"{clean(row['QUESTION'])} Answer yes, no or maybe."
    return f"{abstract}\n{asked}" if abstract else asked


def _cut(text: str, limit: int | None) -> str:
    """The text up to the last word that ends within the limit."""
    if limit is None or len(text) <= limit:
        return text
    whole = re.match(r"(.*)\s", text[: limit + 1], re.DOTALL)
    return whole[1].rstrip() if whole else ""
