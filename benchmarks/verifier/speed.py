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
from benchmarks.verifier.golds import WHY, written
from rewards.cases import ROWS, tagged
from rewards.contract import gold_text
from rewards.rows import columns_of

ROOT = Path(__file__).resolve().parents[2]
TEXT = """the finding is weighed against history range normal other signs patient left lung opacity margin lobe heart
size vessel mild chronic acute pain fever since days therefore because likely suggests excludes with without small
large first then however blood pressure rate serum level above below treatment dose daily clear density signal contrast
no effusion mass nodule bone joint renal hepatic biopsy shows cells pattern age woman man year old presents after"""
WORDS = tuple(TEXT.split())
THINKING_WORDS = 220  # about 290 tokens; the answer makes it 300
GROUP = 8  # completions of a question, as GRPO draws them
KINDS = ("option", "yesno", "numeric", "text", "multi")
Work = list[tuple[str, dict[str, Any]]]  # completion, columns
Judge = Callable[[str, dict[str, Any]], Any]


def plain(seed: int, tags: bool = True) -> dict[str, Work]:
    """By kind: what models mostly write. The examiner's questions, each with its gold or another case's gold of its
    kind in one of the 20 styles, with a thinking of its own, so that it has about 300 tokens; `tags`: in the styles
    that have the tags of thinking or answer, else in those that are prose."""
    rng, made = random.Random(seed), by_kind()
    for kind, cases in made.items():
        golds = [gold_text(case["gold"]) for case in cases]
        for place, case in enumerate(cases):
            answer = golds[place] if place % 2 else rng.choice(list(case["options"] or golds))
            row = {**columns_of(case), "kind": kind}
            text = rng.choice([text for _, text in written(answer, row) if (">" in text) == tags])
            cases[place] = (text.replace(WHY, f"{thinking(rng, THINKING_WORDS)}."), row)
    return made


def hard(seed: int) -> dict[str, Work]:
    """By kind: the examiner's cases as they are, traps and long prose, each after a thinking of its own."""
    rng, made = random.Random(seed), by_kind()
    for kind, cases in made.items():
        for place, case in enumerate(cases):
            text = case["completion"]
            before = thinking(rng, THINKING_WORDS - len(text.split()))
            own = "<think>" in text
            whole = text.replace("<think>", f"<think>{before} ", 1) if own else f"<think>{before}</think>\n{text}"
            cases[place] = (whole, {**columns_of(case), "kind": kind})
    return made


def by_kind() -> dict[str, list[Any]]:
    """The examiner's cases that can be graded."""
    cases = [case for case in (*read_cases("dev"), *read_cases("held")) if case["verdict"] is not None]
    return {kind: [case for case in cases if case["kind"] == kind and isinstance(case["completion"], str)]
            for kind in KINDS}  # fmt: skip


def thinking(rng: random.Random, words: int) -> str:
    """So many words in no order."""
    return " ".join(rng.choices(WORDS, k=max(0, words)))


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


def joined(*parts: dict[str, Work]) -> dict[str, Work]:
    """The completions of several draws, kind by kind."""
    return {kind: [case for part in parts for case in part[kind]] for kind in KINDS}


def one_round(seed: int) -> dict[str, float]:
    """Verdicts a second in this process, of completions that it has not seen before."""
    judge, found = ours("answer_match"), {}
    for cases in plain(-1).values():  # have patterns compiled and tables read: a run does that once
        per_second(judge, cases)
    groups = joined(*(plain(GROUP * seed + i) for i in range(GROUP)))
    for name, cases in (("", groups), ("prose: ", plain(seed, tags=False)), ("hard cases: ", hard(seed))):
        speeds = {kind: per_second(judge, cases[kind]) for kind in KINDS}
        spent = {kind: len(cases[kind]) / speeds[kind] for kind in KINDS}
        closed = ("option", "yesno")
        speeds["option and yes/no"] = sum(len(cases[kind]) for kind in closed) / sum(spent[kind] for kind in closed)
        speeds["overall"] = sum(map(len, cases.values())) / sum(spent.values())
        found |= {f"{name}{kind}": speed for kind, speed in speeds.items()}
    return found | beside_math_verify(plain(-2 - seed)["numeric"])


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
    golds = {columns["answer"]: parse(columns["answer"]) for _, columns in cases}  # parsed once, as in training

    def on_texts(text: str, columns: dict[str, Any]) -> bool:
        return verify(golds[columns["answer"]], parse(text, parsing_timeout=0), timeout_seconds=0)

    def on_answers(text: str, columns: dict[str, Any]) -> bool:
        return on_texts(rewards.parse(text).answer or "", columns)

    judge = ours("numeric")
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
