"""Verdicts a second on one core, parsing included; math-verify's rate; time against length; time of the import."""

from __future__ import annotations

import json
import logging
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import rewards
from benchmarks.verifier.agreement import read_cases
from rewards.cases import ROWS, tagged
from rewards.rows import columns_of

ROOT = Path(__file__).resolve().parents[2]
TEXT = """the finding is weighed against history range normal other signs patient left lung opacity margin lobe heart
size vessel mild chronic acute pain fever since days therefore because likely suggests excludes with without small
large first then however blood pressure rate serum level above below treatment dose daily clear density signal contrast
no effusion mass nodule bone joint renal hepatic biopsy shows cells pattern age woman man year old presents after"""
WORDS = tuple(TEXT.split())
THINKING_WORDS = 220  # about 290 tokens; the answer makes it 300
KINDS = ("option", "yesno", "numeric", "text", "multi")
Work = list[tuple[str, dict[str, Any]]]  # completion, columns
Judge = Callable[[str, dict[str, Any]], Any]


def work(seed: int) -> dict[str, Work]:
    """By kind: the examiner's cases, each with a thinking of its own before it, so that it has about 300 tokens."""
    rng = random.Random(seed)
    made: dict[str, Work] = {kind: [] for kind in KINDS}
    for case in (*read_cases("dev"), *read_cases("held")):
        text = case["completion"]
        if case["kind"] in made and isinstance(text, str) and case["verdict"] is not None:
            thinking = " ".join(rng.choices(WORDS, k=max(0, THINKING_WORDS - len(text.split()))))
            own = "<think>" in text
            whole = text.replace("<think>", f"<think>{thinking} ", 1) if own else f"<think>{thinking}</think>\n{text}"
            made[case["kind"]].append((whole, {**columns_of(case), "kind": case["kind"]}))
    return {kind: rng.sample(cases, len(cases)) for kind, cases in made.items()}


def per_second(judge: Judge, cases: Work) -> float:
    """Verdicts a second of processor time, each case once."""
    start = time.process_time()
    for text, columns in cases:
        judge(text, columns)
    return len(cases) / (time.process_time() - start)


def ours(name: str) -> Judge:
    """A verdict of one of our rewards, parsing included."""
    grader = rewards.load(name)
    return lambda text, columns: grader(rewards.parse(text, n_tokens=300), **columns)


def warm(judge: Judge) -> None:
    """Have patterns compiled and tables read: a run does that once."""
    for row in ROWS:
        for text in (tagged(row.gold), row.wrong[0], f"The answer is {row.gold}, because it fits."):
            judge(text, row.columns)


def one_round(seed: int) -> dict[str, float]:
    """Verdicts a second in this process, of cases that it has not seen before."""
    judge, cases = ours("answer_match"), work(seed)
    warm(judge)
    found = {kind: per_second(judge, cases[kind]) for kind in KINDS}
    spent = {kind: len(cases[kind]) / found[kind] for kind in KINDS}
    closed = ("option", "yesno")
    found["option and yes/no"] = sum(len(cases[kind]) for kind in closed) / sum(spent[kind] for kind in closed)
    found["overall"] = sum(map(len, cases.values())) / sum(spent.values())
    return found | beside_math_verify(cases["numeric"])


def rates(rounds: int = 5) -> dict[str, dict[str, int]]:
    """{median, low, high} of the figures of `one_round`, each round in a process of its own."""
    code = (
        "import json, sys; from benchmarks.verifier import speed; print(json.dumps(speed.one_round(int(sys.argv[1]))))"
    )
    found = [json.loads(fresh(code, str(seed))) for seed in range(rounds)]
    middle, low, high = statistics.median, min, max
    return {
        name: {"median": round(middle(all_)), "low": round(low(all_)), "high": round(high(all_))}
        for name, all_ in ((name, [one[name] for one in found]) for name in found[0])
    }


def fresh(code: str, *words: str) -> str:
    """What a new Python prints."""
    use = [sys.executable, "-c", code, *words]
    return subprocess.run(use, cwd=ROOT, capture_output=True, text=True, check=True).stdout


def beside_math_verify(cases: Work) -> dict[str, float]:
    """Both on the numeric cases that both grade alike: math-verify on the parser's answers, and on whole texts.

    Its gold is parsed before, and its time limits are off, which is the fastest that it can be used.
    """
    from math_verify import parse, verify

    logging.getLogger("math_verify").setLevel(logging.ERROR)  # it warns that its time limits are off
    golds = {columns["answer"]: parse(columns["answer"]) for _, columns in cases}

    def on_texts(text: str, columns: dict[str, Any]) -> bool:
        return verify(golds[columns["answer"]], parse(text, parsing_timeout=None), timeout_seconds=None)

    def on_answers(text: str, columns: dict[str, Any]) -> bool:
        return on_texts(rewards.parse(text).answer or "", columns)

    judge = ours("numeric")
    warm(judge)
    said = [bool((score := judge(*case)) and score.value) for case in cases]
    alike = [case for case, right in zip(cases, said, strict=True) if on_answers(*case) == right]
    fresh_ones = [(f"{text} ", columns) for text, columns in alike]
    return {
        "numeric cases": len(cases),
        "graded alike": len(alike),
        "ours on these": per_second(judge, fresh_ones),
        "math-verify on the answers": per_second(on_answers, fresh_ones),
        "math-verify on the texts": per_second(on_texts, fresh_ones),
    }


def linearity() -> dict[str, float]:
    """Milliseconds a verdict (the fastest of five) on texts of 10 kB, 100 kB and 1 MB: prose, and one long answer."""
    judge, found = ours("answer_match"), {}
    for name, text in (
        ("thinking", "it is C or D, no. "),
        ("answer", "C or D, not A, "),
        ("tags", "<answer>C</answer>"),
    ):
        for size in (10_000, 100_000, 1_000_000):
            body = text * (size // len(text))
            whole = body if name == "tags" else tagged("C", body) if name == "thinking" else tagged(body)
            took = []
            for _ in range(5):
                start = time.process_time()
                judge(whole, ROWS[0].columns)
                took.append(time.process_time() - start)
            found[f"{name} {size // 1000} kB"] = round(min(took) * 1e3, 3)
    return found


def import_seconds(rounds: int = 9) -> dict[str, float]:
    """How long `import rewards` takes in a fresh process: {median, low, high}."""
    code = "import time; start = time.perf_counter(); import rewards; print(time.perf_counter() - start)"
    took = [float(fresh(code)) for _ in range(rounds)]
    return {"median": round(statistics.median(took), 4), "low": round(min(took), 4), "high": round(max(took), 4)}
