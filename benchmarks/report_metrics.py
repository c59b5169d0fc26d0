"""How long the report metrics take: a file of made-up reports, scored as `python -m eval report` does.

    python benchmarks/report_metrics.py [--reports 2000] [--rounds 3] [--out OUT.json]

The reports are put together from 32 sentences; a prediction keeps most of its reference's, changes a few, and one in
fifty is empty. Metrics that are missing here are left out; models are never timed.
"""

import argparse
import json
import pathlib
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any

# Run as a script, this folder stands on sys.path in place of the checkout, and foreign packages could take our names.
sys.path[:] = [str(pathlib.Path(__file__).resolve().parents[1])] + [
    entry for entry in sys.path if pathlib.Path(entry).resolve() != pathlib.Path(__file__).resolve().parent
]

from eval import metrics, report_scoring, report_texts  # noqa: E402

PLACES = ("right lower lobe", "left lower lobe", "right apex", "left base", "lingula")
SIGNS = ("opacity", "atelectasis", "consolidation", "a small nodule")
FIXED = (
    "The heart is normal in size.",
    "The cardiac silhouette is mildly enlarged.",
    "The mediastinal contours are unremarkable.",
    "No pleural effusion or pneumothorax.",
    "There is a small left pleural effusion.",
    "There is a moderate right pleural effusion with adjacent atelectasis.",
    "Mild pulmonary vascular congestion is present.",
    "The endotracheal tube ends well above the carina.",
    "A right central line ends in the superior vena cava.",
    "The osseous structures are intact.",
    "Degenerative changes of the thoracic spine are seen.",
    "Lung volumes are low.",
)
SENTENCES = (*FIXED, *(f"There is {sign} in the {place}." for sign in SIGNS for place in PLACES))
IMPRESSIONS = ("No acute process.", "Small pleural effusion.", "Findings suggest pneumonia.", "Stable appearance.")


def rows(n: int, seed: int = 0) -> list[dict[str, str]]:
    """n rows of a responses.jsonl with references of 40 to 90 words."""
    draw = random.Random(seed)
    found = []
    for number in range(n):
        due = draw.sample(SENTENCES, draw.randint(5, 10))
        said = [draw.choice(SENTENCES) if draw.random() < 0.3 else sentence for sentence in due if draw.random() < 0.8]
        texts = [f"Findings: {' '.join(part)} Impression: {draw.choice(IMPRESSIONS)}" for part in (due, said)]
        completion = f"<answer>{texts[1]}</answer>" if draw.random() < 0.98 else ""
        found.append({"id": f"study-{number}", "kind": "report", "gold": texts[0], "completion": completion})
    return found


def main() -> int:
    given = _parser().parse_args()
    names = [name for name in metrics.names() if metrics.load(name).kind != "model" and not metrics.available(name)]
    seconds: dict[str, list[float]] = {}

    def timed(what: str, work: Callable[..., Any], *given: Any) -> Any:
        start = time.perf_counter()
        result = work(*given)
        seconds.setdefault(what, []).append(time.perf_counter() - start)
        return result

    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "responses.jsonl"
        path.write_text("".join(json.dumps(row) + "\n" for row in rows(given.reports)), encoding="utf-8")
        for _ in range(given.rounds):
            pairs = timed("reading", report_texts.read, path)
            scores = {}
            for name in names:
                scores |= timed(name, report_scoring.score_all, pairs, [name])[0]
            timed("intervals", report_scoring.intervals, scores, pairs, 0)
    words = statistics.mean(len(text.split()) for text in pairs.due)
    found = {"reports": given.reports, "words": round(words, 1), "rounds": given.rounds}
    found["seconds"] = {what: round(statistics.median(times), 3) for what, times in seconds.items()}
    found["seconds"]["all"] = round(sum(found["seconds"].values()), 3)
    print(json.dumps(found, indent=2))
    if given.out:
        given.out.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reports", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--out", type=pathlib.Path)
    return parser


if __name__ == "__main__":
    sys.exit(main())
