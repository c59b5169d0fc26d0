from dataclasses import replace

import pytest

from eval import stats
from eval.results import MOST_VALUES, Result, record
from eval.table import named


def with_groups(result: Result, **columns: list[str]) -> Result:
    records = [
        replace(r, groups={name: values[i] for name, values in columns.items()}) for i, r in enumerate(result.records)
    ]
    return replace(result, records=records)


def with_answers(result: Result, *answers: str | None) -> Result:
    return replace(result, records=[replace(r, parsed_answer=a) for r, a in zip(result.records, answers, strict=True)])


def test_a_row_carries_its_groups_its_cluster_and_what_was_read() -> None:
    row = {"id": "1", "gold": "A", "organ": "lung", "difficulty": 0, "language": "", "cluster": 7, "n_images": 1}
    verdict = {"id": "1", "correct": True, "parsed": "A", "rule": "tags", "why": "", "score": 1.0}
    found = record(row, verdict)
    assert found.groups == {"organ": "lung", "difficulty": "0"}
    assert (found.cluster, found.parsed_answer, found.score) == ("7", "A", 1.0)


def test_groups_of_one_value_and_of_too_many_are_left_out(made, one) -> None:
    n = MOST_VALUES + 1
    result = with_groups(
        made(one(*[1] * n)),
        organ=["lung"] * n,
        subject=[str(i) for i in range(n)],
        form=["open"] + ["closed"] * (n - 1),
    )
    assert result.groups() == {"form": {"closed": [f"i{i}" for i in range(1, n)], "open": ["i0"]}}
    fewer = result.restrict(lambda record: record.id != "i1")
    assert set(fewer.groups()) == {"form", "subject"}


def test_the_macro_mean_counts_every_value_the_same(made, one) -> None:
    summary = with_groups(made(one(1, 1, 1, 0)), organ=["lung", "lung", "lung", "liver"]).summary()
    assert summary["accuracy"] == 0.75
    assert summary["macro"] == {"organ": 0.5}
    assert summary["by"]["organ"]["lung"]["n"] == 3
    assert summary["by"]["organ"]["lung"]["too_few"]


def test_the_summary_says_how_its_interval_was_found(made, one) -> None:
    plain = made(one(1, 0, 1, 1, 0, 1)).summary()
    assert plain["interval"] == "wilson"
    assert plain["min_detectable"] == pytest.approx((plain["high"] - plain["low"]) / 2)
    assert made([[True, False], [True, True]]).summary()["interval"] == "bootstrap"
    result = made(one(1, 1, 0, 0, 1, 0))
    for kind, said in (("patient:", "clustered bootstrap by patient (3)"), ("", "clustered bootstrap (3 clusters)")):
        records = [replace(r, cluster=f"{kind}{i // 2}") for i, r in enumerate(result.records)]
        assert replace(result, records=records).summary()["interval"] == said
    alone = replace(result, records=[replace(r, cluster=f"image:{i}") for i, r in enumerate(result.records)])
    assert alone.accuracy() == stats.wilson(3, 6)  # every item has an image of its own


def test_an_item_without_a_cluster_stands_alone(made, one) -> None:
    result = made(one(1, 0, 1))
    records = [replace(r, cluster=c) for r, c in zip(result.records, ("image:1", "image:1", None), strict=True)]
    assert len(set(replace(result, records=records).clusters or ())) == 2


def test_pass_at_k_and_the_vote_of_all_samples(made) -> None:
    result = made([[True, False, False, False], [False] * 4])
    assert result.pass_at(2) == pytest.approx((0.5 + 0) / 2)
    assert result.at() == {"pass_at": {"2": 0.25, "4": 0.5}, "maj_at": {}}  # nobody said what was read
    read = with_answers(result, "A", "b", "c", None, "b", "b", "a", None)
    assert read.at()["maj_at"] == {"4": pytest.approx((1 / 3 + 0) / 2)}
    folded = with_answers(made([[True, True, False]]), " Left  lung", "left lung", "liver")
    assert folded.maj() == 1.0
    assert with_answers(made([[True]]), "A").maj() is None


def test_items_that_could_not_be_asked_are_an_outcome_of_their_own(made) -> None:
    result = replace(made([[True, False], [False, False]]), failed={"i2": "broken image", "i3": "too long"})
    shares = result.outcomes()
    assert shares["failed"] == 0.5
    assert shares["right"] == 1 / 8
    assert sum(shares.values()) == 1.0
    assert result.of(["i0"]).outcomes()["failed"] == 0


def test_accuracy_is_the_mean_score_where_answers_are_right_by_degree(made, one) -> None:
    result = made(one(1, 0, 0))
    scored = [replace(r, score=s) for r, s in zip(result.records, (1.0, 0.5, 0.0), strict=True)]
    strict, degrees = (
        replace(result, records=scored, settings={**result.settings, "grader": grader})
        for grader in ("answer_match", "rubric")
    )
    assert strict.accuracy().value == pytest.approx(1 / 3)
    assert degrees.accuracy().value == pytest.approx(1 / 2)
    assert degrees.accuracy().how == "bootstrap"
    here = degrees.summary()
    assert (here["by_degree"], here["accuracy"], here["outcomes"]["right"]) == (True, 0.5, pytest.approx(1 / 3))
    assert (here["pass_at"], here["maj_at"]) == ({}, {})
    assert named("healthbench", here) == "healthbench (mean score)"
    assert named("clinic_test", strict.summary()) == "clinic_test"


def test_scores_count_where_they_are_degrees(made, one) -> None:
    result = made(one(1, 0))
    assert result.scores() is None
    scored = [replace(r, score=s) for r, s in zip(result.records, (1.0, 0.0), strict=True)]
    assert replace(result, records=scored).scores() is None
    scored[1] = replace(scored[1], score=0.25)
    assert replace(result, records=scored).scores() == {"i0": 1.0, "i1": 0.25}
