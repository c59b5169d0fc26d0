"""What RL changed in how a small Lingshu answers: the share of worked-out answers, and how often each sort is right.

python benchmarks/careful_share.py outputs/grpo_med [--suite clinic_test@8] [--out FILE.json]

An answer counts as given at a glance where its thinking is the hasty teacher's (sft/teacher.py), else as worked out.
"""

import argparse
import json
from pathlib import Path
from typing import Any

GLANCE = "it looks like"  # sft.teacher.HASTY without the answer
FILES = ("responses.jsonl", "scores.jsonl")


def shares(folder: Path) -> dict[str, Any]:
    """Counts over the saved answers and verdicts of one suite; answers that could not be graded count as wrong."""
    answers, verdicts = ([json.loads(line) for line in (folder / name).open()] for name in FILES)
    right: dict[bool, list[bool]] = {True: [], False: []}
    for answer, verdict in zip(answers, verdicts, strict=True):
        right[GLANCE not in answer["completion"]].append(verdict["correct"] is True)
    worked, glance = right[True], right[False]
    return {
        "n": len(answers),
        "worked_out": len(worked) / len(answers),
        "worked_out_right": sum(worked) / len(worked) if worked else None,
        "glance_right": sum(glance) / len(glance) if glance else None,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path, help="a finished run's folder")
    parser.add_argument("--suite", default="clinic_test@8")
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()
    found = {when: shares(args.run / "eval" / when / args.suite) for when in ("before", "after")}
    print(f"{'':<8} {'answers':>8} {'worked out':>11} {'right if so':>12} {'right at a glance':>18}")
    for when, row in found.items():
        rates = [row["worked_out"], row["worked_out_right"], row["glance_right"]]
        shown = ["-" if rate is None else f"{rate:.3f}" for rate in rates]
        print(f"{when:<8} {row['n']:>8} {shown[0]:>11} {shown[1]:>12} {shown[2]:>18}")
    if args.out:
        args.out.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
