"""kill -9 at random moments of a real evaluation, resumed by the same command: are the results those of a quiet run?"""

import filecmp
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
FILES = ("responses.jsonl", "scores.jsonl", "result.json")
SUITE, SAMPLES = "medmcqa", 2
EARLY = 5  # every so manieth kill falls before the first answer
LONGEST_S = 600


def measure(model: str, *, items: int, kills: int, seed: int = 0) -> dict[str, Any]:
    """`kills` in all, spread over as many evaluations as they last for; each is then finished and compared."""
    rng, done, compared = random.Random(seed), 0, []
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder) / "whole"
        start = time.perf_counter()
        if _start(model, whole, items).wait(LONGEST_S):
            raise RuntimeError("the quiet run failed; see above")
        quiet_s = time.perf_counter() - start
        while done < kills:
            place = Path(folder) / f"killed-{len(compared)}"
            moments = []
            while done < kills and (moment := _killed(model, place, items, rng, early=done % EARLY == EARLY - 1)):
                moments.append(moment)
                done += 1
                print(f"kill {done} of {kills}: {moment}", flush=True)
            if _start(model, place, items).wait(LONGEST_S):
                raise RuntimeError("the resumed run failed; see above")
            arm = f"{SUITE}@{SAMPLES}"
            same = [filecmp.cmp(whole / arm / name, place / arm / name, shallow=False) for name in FILES]
            compared.append({"moments": moments, "identical": all(same)})
    return {"kills": done, "identical": all(one["identical"] for one in compared), "quiet_s": quiet_s, "runs": compared}


def _start(model: str, out: Path, items: int, errors: int | None = None) -> subprocess.Popen[bytes]:
    """The command, with its messages on this one's stderr unless `errors` says otherwise."""
    asked = ["--suite", SUITE, "--limit", str(items), "--samples", str(SAMPLES), "--max-tokens", "32"]
    command = [sys.executable, "-m", "eval", "run", "--model", model, *asked, "--out", str(out)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=errors)


def _killed(model: str, out: Path, items: int, rng: random.Random, *, early: bool) -> str:
    """When the run was killed; empty where it had come to its end before."""
    running = _start(model, out, items, subprocess.DEVNULL)  # a killed engine complains at length
    kept = out / f"{SUITE}@{SAMPLES}" / "answers" / "shard-0-of-1.jsonl"
    before = _count(kept)
    if early:
        time.sleep(rng.uniform(0, 15))
    else:
        while running.poll() is None and _count(kept) <= before:
            time.sleep(0.02)
        time.sleep(rng.uniform(0, 2.5))
    running.send_signal(signal.SIGKILL)
    ended = running.wait() == -signal.SIGKILL
    return f"{before} answers before, {_count(kept)} after" if ended else ""


def _count(path: Path) -> int:
    return path.read_bytes().count(b"\n") if path.is_file() else 0
