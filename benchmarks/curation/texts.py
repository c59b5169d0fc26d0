"""Text dedup beside datatrove's own pipeline, the rate of decontamination, and what is found of planted copies.

Called by benchmarks/data.py. The texts are recombined from the sentences of the real sets under $LINGSHU_DATA; they lie
in a temporary folder and go with it.
"""

from __future__ import annotations

import json
import multiprocessing
import random
import re
import resource
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import data
from data import clean
from data.clean.text_benchmarks import TextBenchmarks, references
from data.clean.text_dedup import TextDedup
from data.example import LETTERS, Example
from data.leaked_text import References, Rule, item
from data.near_text import words

FILES = 8  # that the texts are spread over
COPIES = 0.1  # share of the texts that are an earlier one with one word replaced


def sentences() -> list[str]:
    """Real ones of 5 to 60 words: PubMedQA's abstracts, MedMCQA's explanations, the vignettes of MIRAGE's MedQA."""
    texts = [text for row in data.load("pubmedqa", "train") for text in row.meta["CONTEXTS"]]
    texts += [row.meta["exp"] or "" for row in data.load("medmcqa", "validation")]
    texts += [row.question for row in data.load("mirage", "test", part="medqa")]
    found = {part.strip() for text in texts for part in re.split(r"(?<=[.?!])\s+", text)}
    return sorted(part for part in found if 5 <= len(part.split()) <= 60)


def texts(n: int, seed: int = 0) -> Iterator[str]:
    """n texts of one to four sentences."""
    rng, pool, last = random.Random(seed), sentences(), ""
    for _ in range(n):
        if last and rng.random() < COPIES:
            order = last.split()
            order[rng.randrange(len(order))] = rng.choice(pool).split()[0]
            yield " ".join(order)
        else:
            last = " ".join(rng.choices(pool, k=rng.randint(1, 4)))
            yield last


def write(folder: Path, n: int) -> None:
    """n texts as JSON lines {id, text}, spread over FILES files."""
    folder.mkdir(parents=True)
    files = [(folder / f"{k:02d}.jsonl").open("w") for k in range(FILES)]
    for number, text in enumerate(texts(n)):
        files[number * FILES // n].write(json.dumps({"id": f"t/{number}", "text": text}) + "\n")
    for file in files:
        file.close()


def minhash(n: int = 1_000_000, workers: int = 2, peer: bool = True) -> dict[str, Any]:
    """Seconds to read, deduplicate and write n texts: ours and datatrove's, same n-grams, hashes, bands and cores."""
    found: dict[str, Any] = {"texts": n, "workers": workers}
    with tempfile.TemporaryDirectory() as place:
        root = Path(place)
        write(root / "in", n)
        same = TextDedup(of="answer", n_grams=5, bands=14, band_rows=8, threshold=0.72, min_words=0)
        found |= _timed("ours", lambda: _ours(root / "in", root / "ours", same, workers))
        found |= _timed("ours_default", lambda: _ours(root / "in", root / "default", TextDedup(of="answer"), workers))
        if peer:
            found |= _timed("datatrove", lambda: _datatrove(root, workers))
            found["ratio"] = round(found["ours_s"] / found["datatrove_s"], 3)
    return found


def _timed(name: str, run: Callable[[], int]) -> dict[str, Any]:
    began = time.perf_counter()
    before, kept = _cpu(), run()
    seconds = round(time.perf_counter() - began, 1)
    return {f"{name}_s": seconds, f"{name}_cpu_s": round(_cpu() - before, 1), f"{name}_kept": kept}


def _cpu() -> float:
    """Seconds of this process and of those that it has waited for."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def _ours(source: Path, out: Path, step: TextDedup, workers: int) -> int:
    out.mkdir()
    paths = sorted(source.glob("*.jsonl"))
    with multiprocessing.Pool(workers) as pool:
        notes = [note for part in pool.imap(partial(_looked, step), paths) for note in part]
        gone = set(step.decide(notes))
        kept = sum(pool.starmap(_kept, [(path, out / path.name, gone) for path in paths]))
        pool.close()
        pool.join()
    return kept


def _looked(step: TextDedup, path: Path) -> list[clean.Note]:
    rows = map(json.loads, path.open())
    return [(row["id"], note) for row in rows if (note := step.look(_example(row), list)) is not None]


def _example(row: dict[str, str]) -> Example:
    return Example(id=row["id"], question="Describe it.", answer=row["text"], kind="report")


def _kept(path: Path, out: Path, gone: set[str]) -> int:
    with out.open("w") as file:
        lines = [line for line in path.open() if json.loads(line)["id"] not in gone]
        file.writelines(lines)
    return len(lines)


def _datatrove(root: Path, workers: int) -> int:
    """The pipeline of datatrove's documentation: signatures, buckets, clusters, filter."""
    from datatrove.executor import LocalPipelineExecutor
    from datatrove.pipeline import dedup
    from datatrove.pipeline.dedup.minhash import MinhashConfig
    from datatrove.pipeline.readers import JsonlReader
    from datatrove.pipeline.writers import JsonlWriter

    config = MinhashConfig(n_grams=5, num_buckets=14, hashes_per_bucket=8)
    at = {name: str(root / "peer" / name) for name in ("signatures", "buckets", "remove", "out")}
    signatures = dedup.MinhashDedupSignature(at["signatures"], config=config)
    signatures._hash_func = _xxhash
    stages: list[tuple[list[Any], int]] = [
        ([JsonlReader(str(root / "in")), signatures], FILES),
        ([dedup.MinhashDedupBuckets(at["signatures"], at["buckets"], config=config)], config.num_buckets),
        ([dedup.MinhashDedupCluster(at["buckets"], at["remove"], config=config)], 1),
        (
            [
                JsonlReader(str(root / "in")),
                dedup.MinhashDedupFilter(at["remove"]),
                JsonlWriter(at["out"], compression=None),
            ],
            FILES,
        ),
    ]
    for number, (pipeline, tasks) in enumerate(stages):
        logs = str(root / "peer" / f"logs{number}")
        LocalPipelineExecutor(pipeline, tasks=tasks, workers=workers, logging_dir=logs).run()
    return sum(sum(1 for _ in path.open()) for path in Path(at["out"]).glob("*.jsonl"))


def _xxhash(text: str) -> int:
    """datatrove 0.10's default hash: its own call gives xxhash 4 a str, which that no longer takes."""
    import xxhash

    return xxhash.xxh64_intdigest(text.encode())


def decontamination(n: int = 1_000_000, workers: int = 2) -> dict[str, Any]:
    """Seconds to compare n texts with every text benchmark that is here, index included."""
    step, began = TextBenchmarks(), time.perf_counter()
    questions = list(texts(n, seed=1))
    made = time.perf_counter() - began
    began, before = time.perf_counter(), _cpu()
    size = len(references(step).items)  # forked workers share it
    indexed = time.perf_counter() - began
    with multiprocessing.Pool(workers) as pool:
        chunks = [questions[k : k + 5000] for k in range(0, n, 5000)]
        hits = sum(pool.imap_unordered(partial(_leaks, step), chunks))
        pool.close()
        pool.join()
    seconds = time.perf_counter() - began
    return {
        "texts": n, "workers": workers, "references": size, "making_s": round(made, 1), "index_s": round(indexed, 1),
        "seconds": round(seconds, 1), "cpu_s": round(_cpu() - before, 1), "removed": hits,
    }  # fmt: skip


def _leaks(step: TextBenchmarks, questions: Sequence[str]) -> int:
    rows = (Example(id="t", question=question, answer="-", kind="text") for question in questions)
    return sum(isinstance(step.clean(row, list), clean.Drop) for row in rows)


@dataclass(frozen=True)
class Halves:
    """Items of real benchmarks, and innocent ones: other items of the same that are not known to repeat one."""

    asked: list[Example]
    innocent: list[Example]


def halves() -> Halves:
    """Every second item of MedMCQA's validation split and of MIRAGE's MedQA, MMLU and BioASQ, with PubMedQA's test
    split; the other items are innocent, with PubMedQA's train split, but for those equal to one asked."""
    rows = data.load("medmcqa", "validation") + data.load("mirage", "test", part=["medqa", "mmlu", "bioasq"])
    asked = rows[::2] + data.load("pubmedqa", "test", form="options")
    known, innocent = {_plain(row) for row in asked}, {}
    for row in rows[1::2] + data.load("pubmedqa", "train", form="options"):
        innocent.setdefault(_plain(row), row)
    return Halves(asked, [row for plain, row in innocent.items() if plain not in known])


def _plain(row: Example) -> tuple[Any, ...]:
    """Equal for rows that differ in case, punctuation and the order of their options alone."""
    return tuple(words(row.question)), *sorted(" ".join(words(text)) for text in (row.options or {}).values())


def planted(row: Example, share: float, vocabulary: Sequence[str], rng: random.Random, options: bool = True) -> Example:
    """The row with that share of its question's words replaced, rounded down, and its options shuffled or left out."""
    order, shown = row.question.split(), dict(row.options or {})
    for k in rng.sample(range(len(order)), int(share * len(order))):
        order[k] = rng.choice(vocabulary)
    gold = shown[str(row.answer)]
    if not options:
        return replace(row, question=" ".join(order), options=None, answer=gold, kind="")
    mixed = dict(zip(LETTERS, rng.sample(list(shown.values()), len(shown)), strict=False))
    answer = next(letter for letter, text in mixed.items() if text == gold)
    return replace(row, question=" ".join(order), options=mixed, answer=answer)


def leaks(n: int = 2000, seed: int = 0) -> dict[str, Any]:
    """Shares of planted leaks found and of innocent items removed, with what these were taken for.

    Exams repeat themselves: the items that were read and found to ask what they were taken for (the same question with
    the same or nearly the same options, in other words) are listed in known_repeats.txt, by id, and are not counted.
    """
    given, rng = halves(), random.Random(seed)
    index = References(map(item, given.asked), Rule())
    vocabulary = [word for row in given.asked for word in row.question.split()]
    chosen = rng.sample(given.asked, n)
    found: dict[str, Any] = {"planted": n, "references": len(index.items), "innocent": len(given.innocent)}
    for name, share, options in PLANTS:
        rows = (
            planted(row, rng.random() * 0.3 if share is None else share, vocabulary, rng, options) for row in chosen
        )
        found[name] = sum(index.find(item(row)) is not None for row in rows) / n
    hits = [(row.id, match) for row in given.innocent if (match := index.find(item(row)))]
    return found | _judged({name: f"{match.name}, {match.index:.2f}" for name, match in hits}, len(given.innocent))


def _judged(removed: dict[str, str], innocent: int) -> dict[str, Any]:
    """Innocent items that went, without those that are the question they were taken for."""
    same = set((Path(__file__).parent / "known_repeats.txt").read_text().split())
    wrong = {name: taken for name, taken in removed.items() if name not in same}
    return {
        "removed": len(removed), "of these the same question": len(removed) - len(wrong),
        "falsely removed": len(wrong) / innocent, "taken for": wrong,
    }  # fmt: skip


PLANTS = (
    ("found up to 30 %", None, True),
    ("found at 30 %", 0.3, True),
    ("found up to 30 %, no options", None, False),
    ("found at 30 %, no options", 0.3, False),
)


def duplicates(n: int = 2000, seed: int = 0) -> dict[str, Any]:
    """The same of `text_dedup`: planted copies that go, innocent items that go for another item."""
    given, rng, step = halves(), random.Random(seed), TextDedup()
    vocabulary = [word for row in given.asked for word in row.question.split()]
    chosen = rng.sample(given.asked, n)
    found: dict[str, Any] = {"planted": n, "innocent": len(given.innocent)}
    for name, share, _ in PLANTS[:2]:
        rows = [planted(row, rng.random() * 0.3 if share is None else share, vocabulary, rng) for row in chosen]
        renamed = [replace(row, id=f"planted/{k}") for k, row in enumerate(rows)]
        gone = _gone(step, given.asked + renamed)
        found[name] = sum(name.startswith("planted/") for name in gone) / n
    innocent, gone = {row.id for row in given.innocent}, _gone(step, given.asked + given.innocent)
    taken = {name: drop.detail for name, drop in gone.items() if name in innocent}
    return found | _judged(taken, len(innocent))


def _gone(step: TextDedup, rows: Sequence[Example]) -> dict[str, clean.Drop]:
    notes = [(row.id, note) for row in rows if (note := step.look(row, list)) is not None]
    return dict(step.decide(notes))
