"""`python -m eval report`: which texts are compared, the intervals, and what the command says."""

import doctest
import json
from collections import Counter

import numpy as np
import pytest

from eval import metrics, report_scoring, report_texts, stats
from eval.__main__ import main
from eval.kept import read_one
from eval.report_texts import Pairs
from recipes import BadInput

GOLD = "Findings: The heart is enlarged. Small left pleural effusion.\nImpression: Cardiomegaly."
PLAIN = "The heart is enlarged. Small left pleural effusion. Cardiomegaly."
VERDICT = {"correct": True, "parsed": "x", "rule": "prose", "why": ""}
OTHER = "Findings: The lungs are clear. Impression: Normal chest."


@pytest.fixture
def write(tmp_path):
    """write(rows) -> a responses.jsonl; a row is (completion, gold) or a dict."""

    def written(*rows):
        path = tmp_path / "responses.jsonl"
        made = [
            row if isinstance(row, dict) else {"id": f"i{k}", "kind": "report", "completion": row[0], "gold": row[1]}
            for k, row in enumerate(rows)
        ]
        path.write_text("".join(json.dumps(row) + "\n" for row in made))
        return path

    return written


def test_the_text_is_what_the_model_commits_to(write):
    pairs = report_texts.read(
        write(
            (f"<think>Pneumothorax?</think><answer>{PLAIN}</answer>", GOLD),
            ("**Findings:** Clear lungs.", GOLD),
            ("<think>Effusion.", GOLD),
            ("", GOLD),
            (None, GOLD),
            ("<answer>Effusion.</answer> Wait, that is wrong.", GOLD),
            ("Findings: Impression:", GOLD),
        )
    )
    assert pairs.said == [PLAIN, "Clear lungs.", "", "", "", "", ""]
    assert pairs.unread == Counter(truncated=1, empty=2, retracted=1, **{"no words": 1})


def test_a_completion_that_was_cut_off_is_empty(write):
    row = {"id": "a", "kind": "report", "completion": "The heart is", "gold": GOLD, "truncated": True}
    assert report_texts.read(write(row)).said == [""]


@pytest.mark.parametrize(
    "text",
    [
        "Findings: Clear lungs. Impression: Normal.",
        "FINDINGS:\nClear lungs.\n\nIMPRESSION:\nNormal.",
        "## Findings\nClear lungs.\n## Impression\nNormal.",
        "findings: Clear lungs.\nimpression: Normal.",
        "Clear lungs. Normal.",
    ],
)
def test_scaffolding_is_taken_out_of_both_texts(text, write):
    pairs = report_texts.read(write((text, text.replace("#", ""))))
    assert (pairs.said, pairs.due) == (["Clear lungs. Normal."], ["Clear lungs. Normal."])


def test_words_that_are_no_headings_stay():
    assert report_texts.plain("The findings are stable: no change.") == "The findings are stable: no change."


def test_copying_the_scaffold_earns_nothing_unless_it_is_kept(write):
    path = write(("Findings: a Impression: b.", GOLD), (OTHER, OTHER))
    stripped, kept = (report_texts.read(path, keep_scaffold=keep) for keep in (False, True))
    assert metrics.score("rouge_l", stripped.said, stripped.due).items[0] == 0.0
    assert float(metrics.score("rouge_l", kept.said, kept.due).items[0] or 0) > 0.2
    assert kept.due[0] == "Findings: The heart is enlarged. Small left pleural effusion. Impression: Cardiomegaly.."
    assert kept.said[0] == "Findings: a Impression: b."


def test_sections(write):
    path = write((OTHER, GOLD), ("All of it.", GOLD), ("Findings: only.", GOLD), ("Clear.", "Clear lungs."))
    pairs = report_texts.read(path, "impression")
    assert (pairs.said, pairs.due) == (["Normal chest.", "All of it.", ""], ["Cardiomegaly."] * 3)
    assert (pairs.left_out, pairs.unread) == (1, Counter({"no impression": 1}))
    assert report_texts.read(path, "findings").said == ["The lungs are clear.", "All of it.", "only."]
    with pytest.raises(BadInput, match="no row has a column 'findings', nor a reference the heading `Findings:`"):
        report_texts.read(write(("Clear.", "Clear lungs.")), "findings")
    with pytest.raises(BadInput, match="cannot be kept"):
        report_texts.read(path, "findings", keep_scaffold=True)


def test_sections_in_columns_of_their_own(write):
    """As the readers of data sets leave them: the gold is both texts, without headings."""
    row = {"id": "a", "kind": "report", "completion": "Normal.", "gold": "Clear lungs.\nNo edema."}
    path = write(
        {**row, "findings": "Clear lungs.", "impression": "No edema."}, {**row, "id": "b", "findings": "Clear."}
    )
    assert report_texts.read(path).due == ["Clear lungs. No edema."] * 2
    assert report_texts.read(path, "findings").due == ["Clear lungs.", "Clear."]
    pairs = report_texts.read(path, "impression")
    assert (pairs.due, pairs.left_out) == (["No edema."], 1)
    kept = report_texts.read(path, keep_scaffold=True)
    assert kept.due == ["Findings: Clear lungs. Impression: No edema..", "Findings: Clear. Impression: ."]
    with pytest.raises(BadInput, match=":1: nothing tells findings from impression"):
        report_texts.read(write(row), keep_scaffold=True)


def test_studies_of_a_patient_are_drawn_together(write, capsys):
    rows = [
        {"id": f"i{k}", "kind": "report", "completion": text, "gold": GOLD, "cluster": f"p{k // 2}"}
        for k, text in enumerate([GOLD, GOLD, "", ""])
    ]
    path = write(*rows)
    assert report_texts.read(path).clusters == ["p0", "p0", "p1", "p1"]
    assert report_texts.read(path).studies == ["i0", "i1", "i2", "i3"]
    assert main(["report", str(path), "--metric", "rouge_l"]) == 0
    shown = capsys.readouterr().out
    assert "4 reports on 4 studies in 2 clusters" in shown
    assert "[0.0, 100.0]" in shown  # all or nothing, one draw in four each


def scored(name: str, said: list[str], due: list[str], studies: list[str]):
    pairs = Pairs(
        studies=studies,
        clusters=studies,
        samples=[0] * len(said),
        said=said,
        due=due,
        headed=list(zip(said, due, strict=True)),
    )
    scores, _ = report_scoring.score_all(pairs, [name])
    return scores[name], report_scoring.intervals(scores, pairs, seed=0)[name]


WORDS = ["heart", "lungs", "clear", "large", "small", "effusion", "left", "right", "base", "tube"]
DUE = [" ".join(WORDS[k % 7 : k % 7 + 4]) for k in range(30)]
TEXTS = [" ".join(WORDS[k % 5 : k % 5 + 4]) for k in range(30)]


@pytest.mark.parametrize("name", ["rouge_l", "bleu_2", "cider_d"])
def test_intervals_are_those_of_a_plain_bootstrap(name):
    """Studies drawn one by one, and the metric made of what was drawn; within the error of two such simulations."""
    found, interval = scored(name, TEXTS, DUE, [f"s{k}" for k in range(30)])
    draw = np.random.default_rng(1)
    values = [float(found.combine(found.parts[draw.integers(30, size=30)].sum(axis=0))) for _ in range(4000)]
    low, high = np.quantile(values, [0.025, 0.975])
    assert (interval.low, interval.high) == pytest.approx((low, high), abs=0.02)
    assert interval.low < interval.value == found.corpus < interval.high


def test_samples_of_a_study_are_drawn_together():
    once = scored("rouge_l", TEXTS, DUE, [f"s{k}" for k in range(30)])[1]
    twice = scored("rouge_l", TEXTS * 2, DUE * 2, [f"s{k % 30}" for k in range(60)])[1]
    apart = scored("rouge_l", TEXTS * 2, DUE * 2, [f"s{k}" for k in range(60)])[1]
    assert (twice.low, twice.high) == pytest.approx((once.low, once.high), abs=0.01)
    assert apart.high - apart.low < 0.8 * (once.high - once.low)


def test_values_that_cannot_vary_do_not_claim_certainty():
    interval = scored("rouge_l", DUE, DUE, [f"s{k}" for k in range(30)])[1]
    assert (interval.value, interval.low) == (1.0, stats.wilson(30, 30).low)


def test_the_command_prints_values_as_papers_do(write, capsys):
    path = write(
        (GOLD, GOLD), (OTHER, OTHER), ("", OTHER), {"id": "q", "kind": "option", "gold": "A", "completion": "A"}
    )
    assert main(["report", str(path), "--metric", "report", "rouge_l", "cider_d"]) == 0
    shown = capsys.readouterr().out
    assert "3 reports on 3 studies" in shown
    assert "33.3 % without a report (empty 1); they count as 0" in shown
    assert "1 rows of other kinds" in shown
    lines = {line.split("  ")[1].strip(): line.split() for line in shown.splitlines() if "[" in line}
    assert lines["ROUGE-L"][1] == "66.7"
    assert lines["CIDEr-D"][1] == "666.7"
    assert lines["findings F1"][2] == "66.7"


def test_the_command_says_what_is_missing(write, capsys, monkeypatch):
    monkeypatch.setattr("eval.metrics._models.find_spec", lambda name: None)
    path = write((GOLD, GOLD), (OTHER, OTHER))
    assert main(["report", str(path)]) == 0
    missing = [line for line in capsys.readouterr().out.splitlines() if line.startswith("missing: ")]
    assert any(line.startswith("missing: RaTEScore (ratescore): needs the package RaTEScore") for line in missing)
    assert len({line.split("(")[1] for line in missing}) == len(missing) >= 6
    assert main(["report", str(path), "--metric", "ratescore"]) == 2
    assert capsys.readouterr().err.startswith("error: ratescore: needs the package RaTEScore")


def test_the_command_writes_every_report(write, tmp_path, capsys):
    rows = [
        {"id": "a", "sample": k, "kind": "report", "completion": text, "answer": GOLD}
        for k, text in enumerate((GOLD, ""))
    ]
    path, out = write(*rows, (OTHER, OTHER)), tmp_path / "deep" / "metrics.json"
    asked = ["report", str(path), "--metric", "rouge_l", "cider_d", "--out", str(out), "--json"]
    assert main(asked) == 0
    printed, kept = json.loads(capsys.readouterr().out), json.loads(out.read_text())
    assert kept.pop("reports") == [
        {"id": "a", "sample": 0, "rouge_l": 1.0, "cider_d": 1.0},
        {"id": "a", "sample": 1, "rouge_l": 0.0, "cider_d": 0.0},
        {"id": "i2", "sample": 0, "rouge_l": 1.0, "cider_d": 1.0},
    ]
    assert kept == printed
    assert (printed["n"], printed["studies"], printed["empty"]) == (3, 2, pytest.approx(1 / 3))
    found = printed["metrics"]["cider_d"]
    assert (found["value"], found["times"]) == (pytest.approx(2 / 3), 1000.0)
    assert 0 <= found["low"] <= found["value"] <= found["high"] <= 1
    assert main(asked) == 2
    assert "exists; delete it" in capsys.readouterr().err


def test_the_metrics_of_a_finished_evaluation_are_kept_beside_it(write, tmp_path, capsys):
    path = write((GOLD, GOLD), ("", GOLD), (OTHER, OTHER))
    assert main(["report", str(path), "--metric", "rouge_l"]) == 0
    assert not (tmp_path / "metrics.json").exists()  # no evaluation: answers from somewhere
    (tmp_path / "result.json").write_text(json.dumps({"suite": "iu_xray", "samples": 1, "settings": {}}))
    for names in (["rouge_l"], ["cider_d", "report"]):
        assert main(["report", str(path), "--metric", *names]) == 0
    (tmp_path / "scores.jsonl").write_text("".join(json.dumps({"id": f"i{k}", **VERDICT}) + "\n" for k in range(3)))
    kept = read_one(tmp_path).metrics
    assert set(kept) == {"rouge_l", "cider_d", "report"}
    assert kept["rouge_l"].value == pytest.approx(2 / 3)
    assert kept["rouge_l"].low < kept["rouge_l"].value < kept["rouge_l"].high
    before = (tmp_path / "metrics.json").read_bytes()
    assert main(["report", str(path), "--section", "impression", "--metric", "rouge_l"]) == 0
    assert main(["report", str(path), "--keep-scaffold", "--metric", "rouge_l"]) == 0
    assert (tmp_path / "metrics.json").read_bytes() == before
    capsys.readouterr()


def test_a_metric_that_can_grade_nothing_has_no_value(write, capsys):
    assert main(["report", str(write(("Hm.", "A picture."))), "--metric", "report", "rouge_l", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["metrics"]["report"]
    assert (found["n"], found["value"], found["low"]) == (0, None, None)


REPORT = {"id": "a", "kind": "report", "completion": GOLD, "gold": GOLD}


@pytest.mark.parametrize(
    ("rows", "more", "wanted"),
    [
        (
            [{"id": "a", "kind": "option", "completion": "A", "gold": "A"}],
            [],
            "has no rows of kind report (1 of other kinds)",
        ),
        ([], [], "has no rows of kind report (0 of other kinds)"),
        ([REPORT, {"id": "b", "kind": "report", "completion": GOLD}], [], ":2: the row lacks gold"),
        ([{"kind": "report", "gold": GOLD}], [], ":1: the row lacks id, completion"),
        ([{**REPORT, "gold": ["a", "b"]}], [], ":1: the row lacks gold"),
        ([REPORT, REPORT], [], ":2: id 'a', sample 0, stands there twice"),
        ([REPORT], ["--metric", "blue_1"], "no report metric 'blue_1' (did you mean bleu_1?)"),
        ([REPORT], ["--section", "findings", "--keep-scaffold"], "cannot be kept"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(rows, more, wanted, write, capsys):
    assert main(["report", str(write(*rows)), *more]) == 2
    error = capsys.readouterr().err
    assert wanted in error
    assert len(error.splitlines()) == 1


def test_a_file_that_is_not_there(tmp_path, capsys):
    assert main(["report", str(tmp_path / "none.jsonl")]) == 2
    assert "no such file" in capsys.readouterr().err
    assert main(["report", str(tmp_path)]) == 2


@pytest.mark.parametrize("module", [metrics, report_texts])
def test_doctests(module):
    found = doctest.testmod(module)
    assert found.attempted > 0
    assert found.failed == 0
