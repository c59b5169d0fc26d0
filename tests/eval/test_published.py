from dataclasses import replace

import pytest

from data.pages.blocks import Table, Text
from eval import gains, metrics, published
from eval.stats import Interval

# the means that the paper prints, of the rows that lack no value (tables 6 and 7)
PRINTED = {
    "multimodal": {
        "GPT-4.1": 63.4,
        "Qwen2.5-VL-7B": 52.0,
        "Lingshu-7B": 61.8,
        "InternVL3-38B": 59.4,
        "Lingshu-32B": 66.6,
    },
    "text": {"GPT-4.1": 70.0, "Qwen2.5-VL-7B": 48.7, "Lingshu-7B": 52.8, "HealthGPT-14B": 50.7, "Lingshu-32B": 61.8},
}


def shown(blocks: list) -> dict[str, Table]:
    """Number of the paper's table -> table."""
    return {block.caption.split("(table ")[1][0]: block for block in blocks if isinstance(block, Table)}


@pytest.fixture
def runs(made, one):
    """runs(suite, ...) -> the models with those suites, half and three quarters right, and their gains."""

    def _runs(*suites: str):
        base = [made(one(*[0, 1] * 20), suite=name) for name in suites]
        rl = [made(one(*[0, 1, 1, 1] * 10), suite=name) for name in suites]
        return {"base": base, "rl": rl}, {"rl": gains.gains(base, rl)}

    return _runs


@pytest.mark.parametrize("key", PRINTED)
def test_rows_average_to_what_the_paper_prints(key: str) -> None:
    part = published.facts()[key]
    rows = {name: values for name, *values in part["rows"]}
    assert len(rows) == {"multimodal": 22, "text": 21}[key]  # BiomedGPT is in no table of texts
    for name, mean in PRINTED[key].items():
        assert sum(rows[name]) / 7 == pytest.approx(mean, abs=0.051), name
    assert all(len(values) == len(part["columns"]) == 7 for values in rows.values())


def test_the_ablations_mean_is_recomputed() -> None:
    rows = {name: values for name, *values in published.facts()["ablation"]["rows"]}
    assert round(sum(rows["Lingshu-7B"]) / 7, 2) == 61.83
    assert round(sum(rows["Lingshu-RL-7B"]) / 7, 2) == 61.66
    assert all(len(sets) == 3 and {len(s) for s in sets} == {5} for _, *sets in published.facts()["reports"]["rows"])


def test_only_columns_of_suites_that_were_run_are_shown(runs) -> None:
    assert published.tables(*runs("clinic_test")) == []
    found = published.tables(*runs("slake", "vqa_rad", "pubmedqa"))
    assert isinstance(found[0], Text)
    assert "GPT-4.1" in found[0].text
    assert "without intervals" in found[0].text
    tables = shown(found)
    assert set(tables) == {"6", "7", "9"}
    assert tables["6"].header == ("model", "VQA-RAD", "SLAKE", "mean of these")
    assert tables["7"].header == ("model", "PubMedQA")
    rows = {row[0]: row[1:] for row in tables["6"].rows}
    assert rows["Lingshu-7B (published)"] == ("67.9", "83.1", "75.5")
    assert rows["base (this run)"][0].startswith("50.0 [")
    assert rows["rl (this run)"][2].startswith("75.0 [")
    assert list(rows)[:2] == ["base (this run)", "rl (this run)"]
    assert all(name.endswith(("(this run)", "(published)")) for name in rows)


def test_a_missing_value_has_no_mean(runs) -> None:
    rows = {row[0]: row[1:] for row in shown(published.tables(*runs("omnimedvqa", "slake")))["6"].rows}
    assert rows["Med-R1-2B (published)"] == ("54.5", "-", "-")


def test_the_ablation_shows_both_gains(runs) -> None:
    rows = {row[0]: row[1:] for row in shown(published.tables(*runs("slake", "path_vqa")))["9"].rows}
    assert rows["gain (published)"] == ("-0.6", "-0.8", "-0.7")
    assert rows["gain of rl"][0].startswith("+25.0 [")
    assert rows["gain of rl"][2].startswith("+25.0 [")


def test_the_odd_mean_is_told_where_all_its_columns_are_shown(runs) -> None:
    suites = [column["suites"][0] for column in published.facts()["ablation"]["columns"]]
    assert "61.66" in shown(published.tables(*runs(*suites)))["9"].notes[1]
    assert len(shown(published.tables(*runs(*suites[:-1])))["9"].notes) == 1


def test_a_part_of_a_set_is_said_to_be_one(runs) -> None:
    models, found = runs("slake")
    limited = [replace(r, settings={**r.settings, "data": {"n": 40}}) for r in models["base"]]
    notes = shown(published.tables({**models, "base": limited}, found))["6"].notes
    assert notes == ["This run asked: SLAKE 40 items, a part of the set."]
    assert "61.66" not in " ".join(notes)


def test_reports_show_their_metrics(runs) -> None:
    models, found = runs("iu_xray")
    models["rl"] = [
        replace(r, metrics={"rouge_l": Interval(0.4125, 0.4, 0.425), "cider_d": Interval(0.18, 0.1, 0.2)})
        for r in models["rl"]
    ]
    table = shown(published.tables(models, found))["8"]
    assert table.header[:3] == ("model", "IU-Xray ROUGE-L", "IU-Xray CIDEr")
    rows = {row[0]: row[1:] for row in table.rows}
    assert rows["rl (this run)"] == ("41.2 [40.0, 42.5]", "180.0 [100.0, 200.0]", "-", "-", "-")
    assert rows["base (this run)"] == ("-",) * 5
    assert rows["Lingshu-7B (published)"] == ("41.2", "180.7", "57.6", "48.4", "108.1")
    assert "two scales" in table.notes[-1]


def test_every_published_report_metric_is_one_of_ours() -> None:
    assert {metric["key"] for metric in published.facts()["reports"]["metrics"]} < set(metrics.names())
