"""How good and how fast the verifier is: agreement with an examiner, real golds, speed, in one run and one table.

    python benchmarks/rewards.py [--out docs/results/rewards.json] [--limit ROWS] [--part agreement ...] [--show]

agreement: the cases of tests/rewards/cases, those that rules were written for (dev) and those that nobody tuned to
(held) apart, beside an exact match and math-verify on the same parsed answers. golds: each gold of five data sets in 20
styles. speed: verdicts a second on one core for completions of 300 tokens, time against length, time of the import.
--limit: rows of a data split; --show: the dev cases and golds that we miss (held cases are never shown). Exits 1 if a
target is missed.
"""

import argparse
import json
import pathlib
import platform
import sys
import time
from typing import Any

# Run as a script, this folder stands on sys.path in place of the checkout, and this file would be taken for `rewards`.
sys.path[:] = [str(pathlib.Path(__file__).resolve().parents[1])] + [
    entry for entry in sys.path if pathlib.Path(entry).resolve() != pathlib.Path(__file__).resolve().parent
]

from benchmarks.verifier import agreement, golds, speed  # noqa: E402

PARTS = ("agreement", "golds", "speed")
AGREEMENT = {"option, yes/no, format, hack": 0.98, "numeric, multi, ranked": 0.96, "free text": 0.92}  # at least
FALSE_POSITIVES = 0.015  # of all cases, at most
GOLDS = 0.995  # of the completions, at least
RATES = {"option and yes/no": 15_000, "overall": 5_000}  # verdicts a second on completions in tags, at least
FASTER = 10  # than math-verify
LONGEST_MS = 50  # for a megabyte
GROWTH = 15  # times the time for ten times the length, at most: linear, with room for the clock
IMPORT_S = 0.3


def main() -> int:
    given = _parser().parse_args()
    started = time.time()
    found: dict[str, Any] = {"machine": platform.processor() or platform.machine(), "python": platform.python_version()}
    run = {"agreement": agreement_part, "golds": golds_part, "speed": speed_part}
    missed: list[str] = []
    for part in given.part or PARTS:
        found[part] = run[part](given, missed)
    found |= {"missed": missed, "seconds": round(time.time() - started)}
    print("\nall targets met" if not missed else "\nmissed:\n" + "\n".join(f"- {line}" for line in missed))
    if given.out:
        given.out.write_text(json.dumps(found, indent=1) + "\n")
    return int(bool(missed))


def agreement_part(given: argparse.Namespace, missed: list[str]) -> dict[str, Any]:
    """The tables of both parts of the cases; targets hold for the held part, for dev where there is no other."""
    parts = {part: agreement.read_cases(part) for part in ("dev", "held")}
    judged_on = "held" if parts["held"] else "dev"
    found: dict[str, Any] = {}
    for part, cases in parts.items():
        if not cases:
            print(f"agreement, {part}: no cases")
            continue
        tables = agreement.agreement(cases)
        found[part] = {peer: {name: cut.as_json() for name, cut in table.items()} for peer, table in tables.items()}
        print(f"\nagreement with the examiner, {part}: {len(cases)} cases; % agreed (false +, false -)")
        print(f"{'':<30}{'n':>6}" + "".join(f"{peer:>24}" for peer in tables))
        for name, cut in tables["ours"].items():
            cells = [cell(table.get(name)) for table in tables.values()]
            print(f"{name:<30}{cut.n:>6}" + "".join(f"{text:>24}" for text in cells))
        if part == judged_on:
            judge(part, tables["ours"], missed)
        if part == "dev" and given.show:
            print("\n".join(agreement.disagreements(cases)))
    return found


def cell(cut: agreement.Slice | None) -> str:
    """One figure of the table."""
    if cut is None or not cut.n:
        return "-"
    return f"{100 * cut.agreed / cut.n:.1f} ({cut.false_positives}, {cut.false_negatives})"


def judge(part: str, slices: dict[str, agreement.Slice], missed: list[str]) -> None:
    """Hold the agreement against its targets."""
    for name, least in AGREEMENT.items():
        if (cut := slices.get(name)) and cut.agreed < least * cut.n:
            missed.append(f"{part}: {name}: {100 * cut.agreed / cut.n:.1f} % agreed, wanted {100 * least:g} %")
    cut = slices["all"]
    if cut.false_positives >= FALSE_POSITIVES * cut.n:
        share = 100 * cut.false_positives / cut.n
        missed.append(f"{part}: {share:.2f} % false positives, wanted less than {100 * FALSE_POSITIVES:g} %")


def golds_part(given: argparse.Namespace, missed: list[str]) -> dict[str, Any]:
    """The golds of every set that is here."""
    print(f"\nreal golds in {len(golds.STYLES)} styles: % that score 1 (other answers: 0)")
    print(f"{'':<16}{'rows':>7}{'gold':>10}{'other':>10}{'in limits':>11}  missed most")
    found = {}
    for use, splits in golds.SETS:
        found[use] = one = golds.figures(use, splits, given.limit, 20 if given.show else 0)
        shares = [one[name]["share"] for name in ("gold", "other", "inside")]
        cells = [("-" if share is None else f"{100 * share:.2f}") for share in shares]
        most = ", ".join(f"{name} {n}" for name, n in list(one["missed"].items())[:3])
        print(f"{use:<16}{one['rows']:>7}{cells[0]:>10}{cells[1]:>10}{cells[2]:>11}  {most}")
        for name, share in zip(("gold", "other", "inside"), shares, strict=True):
            if share is not None and share < GOLDS:
                missed.append(f"{use}: {name}: {100 * share:.2f} %, wanted {100 * GOLDS:g} %")
    return found


def speed_part(given: argparse.Namespace, missed: list[str]) -> dict[str, Any]:
    """Rates, the peer's rate, time against length, time of the import."""
    rates, lengths, took = speed.rates(), speed.linearity(), speed.import_seconds()
    print("\nverdicts a second on one core, 300 tokens each, parsing included: median (range)")
    for name, one in rates.items():
        print(f"{name:<32}{one['median']:>8} ({one['low']} to {one['high']})")
    theirs = max(one["median"] for name, one in rates.items() if name.startswith("math-verify"))
    ratio = round(rates["ours on these"]["median"] / theirs, 1)
    print(f"{'times math-verify':<32}{ratio:>8}")
    for name, ms in lengths.items():
        print(f"{name:<32}{ms:>8} ms")
    print(f"{'import rewards':<32}{took['median']:>8} s ({took['low']} to {took['high']})")
    missed += [f"{name}: {rates[name]['median']} verdicts/s, wanted {least}" for name, least in RATES.items()
               if rates[name]["median"] < least]  # fmt: skip
    if ratio < FASTER:
        missed.append(f"numeric: {ratio} times math-verify's rate, wanted {FASTER}")
    for name in ("thinking", "answer", "tags"):
        ms, before = lengths[f"{name} 1000 kB"], lengths[f"{name} 100 kB"]
        if ms > LONGEST_MS or (ms > 5 and ms > GROWTH * before):
            missed.append(f"a megabyte of {name}: {ms} ms (100 kB: {before} ms), wanted {LONGEST_MS} ms and linear")
    if took["median"] >= IMPORT_S:
        missed.append(f"import rewards: {took['median']} s, wanted less than {IMPORT_S} s")
    return {"rates": rates, "times_math_verify": ratio, "lengths_ms": lengths, "import_s": took}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=pathlib.Path, help="write everything as JSON")
    parser.add_argument("--part", action="append", choices=PARTS, help="only this part (may be repeated)")
    parser.add_argument("--limit", type=int, help="at most so many rows of a data split")
    parser.add_argument("--show", action="store_true", help="print what we miss of dev cases and golds")
    return parser


if __name__ == "__main__":
    sys.exit(main())
