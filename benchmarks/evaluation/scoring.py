"""How fast `python -m eval score` grades saved responses again, how much memory it takes, and which sort costs what.

The rows are made up as models answer (SORTS) to questions of the kinds of the suites (KINDS), no two alike. The command
runs as a user runs it, over JSON lines and over the same rows as MedEvalKit's results.json, over a tenth of the rows
and over all: its memory, all its processes together, should be nearly the same. Then verdicts a second on one core,
each sort and kind alone.
"""

import json
import pathlib
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from typing import Any

ROOT = pathlib.Path(__file__).resolve().parents[2]
SECONDS = 60  # for ROWS, at most
ROWS = 200_000
GROWTH = 1.5  # times the memory for ten times the rows, at most
# The paper's own mix (Lingshu, arXiv 2506.07044, table 25) is 94 % option, 3 % yes/no, 3 % text; this one is harder.
KINDS = {"option": 0.70, "yesno": 0.10, "numeric": 0.07, "text": 0.13}
SORTS = {"tagged": 0.45, "boxed": 0.15, "bare": 0.20, "short prose": 0.15, "long prose": 0.05}
THINKING = {"tagged": 230, "boxed": 150, "long prose": 150}  # words; 230 are about 300 tokens

WORDS_TEXT = (
    "the finding is weighed against history range normal other signs patient left lung opacity margin lobe heart size "
    "vessel mild chronic acute pain fever since days therefore because likely suggests excludes with without small "
    "large first then however blood pressure rate serum level above below treatment dose daily clear density signal "
    "contrast no effusion mass nodule bone joint renal hepatic biopsy shows cells pattern age woman man year old after"
)
PLACES_TEXT = (
    "right upper lobe|left lower lobe|liver|spleen|pancreatic head|left kidney|right adrenal gland|frontal lobe|"
    "cerebellum|thoracic aorta|mitral valve|femoral neck|distal radius|cervical spine|thyroid|larynx|stomach|duodenum|"
    "sigmoid colon|urinary bladder|prostate|uterus|retina|optic nerve|left ventricle"
)
THINGS_TEXT = (
    "pneumonia adenocarcinoma abscess hematoma cyst fracture infarction lymphoma stenosis aneurysm fibrosis edema "
    "metastasis calcification thrombosis hemorrhage granuloma meningioma glioma hernia"
)
WORDS, PLACES, THINGS = WORDS_TEXT.split(), PLACES_TEXT.split("|"), THINGS_TEXT.split()
DEGREES = ("acute", "chronic", "mild", "large", "bilateral", "recurrent", "focal", "diffuse", "early", "severe")
UNITS = ("mg/dL", "mmol/L", "mL/min", "mmHg", "mm", "points", "%", "mEq/L")

PROSE = {  # ANSWER: as the kind writes it; TEXT: the option's text; WHY: some words
    "option": ("The correct answer is ANSWER.", "ANSWER. TEXT", "The answer is ANSWER) TEXT, because WHY.", "TEXT",
               "Based on the image, the most likely diagnosis is TEXT.", "I would choose option ANSWER, since WHY.",
               "WHY. Therefore the answer is (ANSWER).", "I cannot tell from the image.",
               "Option ANSWER (TEXT) fits best; WHY."),
    "yesno": ("ANSWER, there is a TEXT.", "ANSWER.", "ANSWER, the image shows WHY.", "There is no sign of TEXT.",
              "WHY, so the answer is ANSWER.", "It is not possible to say.", "The TEXT is present."),
    "numeric": ("The value is ANSWER.", "It is about ANSWER, WHY.", "Using the formula, the result is ANSWER.",
                "WHY. The final answer is ANSWER.", "ANSWER", "12 + 30 = 42, so the result is ANSWER."),
    "text": ("The image shows ANSWER.", "It is most likely ANSWER, because WHY.", "ANSWER.", "This is ANSWER; WHY.",
             "The abnormality is in the ANSWER.", "WHY. The diagnosis is ANSWER.", "No abnormality is seen."),
}  # fmt: skip


def rows(n: int, seed: int = 0, sort: str | None = None, kind: str | None = None) -> Iterator[dict[str, Any]]:
    """Saved responses of the mix, or of one sort or kind alone; 60 % give the gold answer."""
    rng = random.Random(seed)
    for i in range(n):
        one = sort or rng.choices(tuple(SORTS), tuple(SORTS.values()))[0]
        asked = kind or rng.choices(tuple(KINDS), tuple(KINDS.values()))[0]
        question, options, gold, other, texts = item(rng, asked)
        answer = gold if rng.random() < 0.6 else other
        completion = written(rng, one, asked, answer, texts.get(answer, rng.choice(THINGS)))
        row = {"id": f"item-{i}", "question": question, "options": options, "gold": gold, "kind": asked}
        yield row | {"completion": completion, "n_tokens": len(completion) // 4}


def item(rng: random.Random, kind: str) -> tuple[str, dict[str, str] | None, str, str, dict[str, str]]:
    """(question, options, gold, a wrong answer, the text of each answer) of a question that was not asked before."""
    why = words(rng, 18)
    if kind == "option":
        letters = "ABCDE"[: rng.choice((4, 4, 5))]
        options = {letter: name(rng) for letter in letters}
        gold, other = rng.sample(letters, 2)
        return f"A patient with {why}. Which of these is most likely?", options, gold, other, options
    if kind == "yesno":
        gold, other = rng.sample(("yes", "no"), 2)
        return f"Is there a {name(rng)} in the {rng.choice(PLACES)}?", None, gold, other, {}
    if kind == "numeric":
        value, unit = rng.uniform(1, 300), rng.choice(UNITS)
        return f"Given {why}, what is the value?", None, f"{value:.1f} {unit}", f"{value * 1.3:.1f} {unit}", {}
    gold, other = name(rng), rng.choice(PLACES)
    return f"What is seen in the {rng.choice(PLACES)}?", None, gold, other, {}


def written(rng: random.Random, sort: str, kind: str, answer: str, text: str) -> str:
    """A response of a sort that gives an answer."""
    before = words(rng, rng.randint(THINKING[sort] - 60, THINKING[sort] + 60)) if sort in THINKING else ""
    if sort == "tagged":
        told = rng.choice((answer, answer, f"{answer}. {text}" if kind == "option" else answer, f"**{answer}**"))
        return f"<think>{before}.</think>\n<answer>{told}</answer>"
    if sort == "boxed":
        return f"{before}.\n\n\\boxed{{{answer}}}"
    if sort == "bare":
        return rng.choice((answer, f"{answer}.", f"({answer})", f"**{answer}**", f" {answer}\n"))
    said = rng.choice(PROSE[kind]).replace("WHY", words(rng, rng.randint(4, 14)))
    return f"{before}. {said}".lstrip(". ").replace("ANSWER", answer).replace("TEXT", text)


def name(rng: random.Random) -> str:
    """A finding or a place, one of thousands."""
    return f"{rng.choice(DEGREES)} {rng.choice(THINGS)} of the {rng.choice(PLACES)}"


def words(rng: random.Random, n: int) -> str:
    """So many words in sentences of about twelve."""
    said = rng.choices(WORDS, k=n)
    return " ".join(f"{word}." if i % 12 == 11 and i < n - 1 else word for i, word in enumerate(said))


def measure(n_rows: int, workers: int, sample: int) -> dict[str, Any]:
    """Runs over a tenth of `n_rows` and over all, in both layouts, and `sample` rows of each sort and kind alone."""
    found: dict[str, Any] = {"rows": n_rows, "workers": workers, "runs": {}}
    print(f"{'':<14}{'rows':>9}{'MB':>7}{'seconds':>9}{'rows/s':>9}{'peak MB':>9}")
    with tempfile.TemporaryDirectory() as folder:
        for layout in ("lines", "results.json"):
            for n in (n_rows // 10, n_rows):
                run = measured(pathlib.Path(folder), layout, n, workers)
                found["runs"][f"{layout} {n}"] = run
                print(
                    f"{layout:<14}{n:>9}{run['mb']:>7.0f}{run['seconds']:>9.1f}{run['rows_per_s']:>9.0f}"
                    f"{run['peak_mb']:>9.0f}"
                )
    found["per_second"] = rates(sample)
    print(f"\n{'verdicts a second on one core':<30}" + "".join(f"{kind:>9}" for kind in KINDS))
    for sort, row in found["per_second"].items():
        print(f"{sort:<30}" + "".join(f"{rate:>9}" for rate in row.values()))
    return found


def misses(found: dict[str, Any]) -> Iterator[str]:
    """The targets that were missed: time in proportion to the rows, memory of all the rows against a tenth."""
    n, limit = found["rows"], SECONDS * found["rows"] / ROWS
    for layout in ("lines", "results.json"):
        few, all_ = found["runs"][f"{layout} {n // 10}"], found["runs"][f"{layout} {n}"]
        if all_["seconds"] > limit:
            yield f"{layout}: {n} rows took {all_['seconds']:.1f} s, wanted {limit:.0f} s"
        if all_["peak_mb"] > GROWTH * few["peak_mb"]:
            yield f"{layout}: {all_['peak_mb']:.0f} MB for {n} rows, {few['peak_mb']:.0f} MB for a tenth of them"


def measured(folder: pathlib.Path, layout: str, n: int, workers: int) -> dict[str, Any]:
    """One run of the command over n rows: seconds, rows a second, and the most memory its processes held together."""
    file, out = folder / ("rows.jsonl" if layout == "lines" else "results.json"), folder / "verdicts.jsonl"
    save(file, layout, rows(n))
    command = [sys.executable, "-m", "eval", "score", str(file), "--out", str(out), "--workers", str(workers), "--json"]
    started, peak = time.perf_counter(), 0.0
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        while process.poll() is None:
            peak = max(peak, sum(map(resident_mb, family(process.pid))))
            time.sleep(0.1)
        seconds = time.perf_counter() - started
        summary = json.load(process.stdout)  # pyright: ignore[reportArgumentType]
    if summary["answers"] != n or sum(1 for _ in out.open()) != n:
        raise SystemExit(f"{layout}: {summary['answers']} verdicts on {n} rows")
    out.unlink()
    mb = file.stat().st_size / 1e6
    return {"mb": mb, "seconds": seconds, "rows_per_s": n / seconds, "peak_mb": peak, "accuracy": summary["accuracy"]}


def save(file: pathlib.Path, layout: str, made: Iterable[dict[str, Any]]) -> None:
    """Rows as our lines, or as MedEvalKit saves its items."""
    with file.open("w") as target:
        if layout == "lines":
            target.writelines(json.dumps(row) + "\n" for row in made)
            return
        for number, row in enumerate(made):
            choices = {"choices": [f"{key}. {text}" for key, text in row["options"].items()]} if row["options"] else {}
            item = {"id": row["id"], "question": row["question"], "answer": row["gold"], **choices}
            item |= {"response": row["completion"], "correct": row["gold"] in row["completion"]}
            target.write((",\n" if number else "[\n") + json.dumps(item, indent=4))
        target.write("\n]")


def rates(n: int) -> dict[str, dict[str, int]]:
    """Sort -> kind -> verdicts a second of processor time; form, parsing and all."""
    from eval.grading import Grader

    grader = Grader()
    for row in rows(500, seed=1):  # tables are read and patterns compiled once
        grader.grade(row)
    found: dict[str, dict[str, int]] = {}
    for sort in SORTS:
        for kind in KINDS:
            work = list(rows(n, seed=2, sort=sort, kind=kind))
            start = time.process_time()
            for row in work:
                grader.grade(row)
            found.setdefault(sort, {})[kind] = round(n / (time.process_time() - start))
    return found


def family(pid: int) -> list[int]:
    """A process and all below it."""
    try:
        below = [int(child) for child in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []
    return [pid, *(one for child in below for one in family(child))]


def resident_mb(pid: int) -> float:
    """Memory that a process holds now, what it shares with others included."""
    try:
        lines = pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS")), 0.0)
