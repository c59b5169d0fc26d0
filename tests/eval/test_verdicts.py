import pytest

from eval import verdicts


def entry(low: float, high: float, p: float, holm: float | None = None, **changes) -> dict:
    delta = {"accuracy": (low + high) / 2, "low": low, "high": high, "mcnemar_p": p, "holm_p": holm}
    return {"n": 100, "too_few": False, "delta": delta, "min_detectable": 0.123, **changes}


@pytest.mark.parametrize(
    ("found", "wanted"),
    [
        (entry(0.01, 0.05, 0.01), "better"),
        (entry(0.01, 0.05, 0.01, 0.04), "better"),
        (entry(0.01, 0.05, 0.01, 0.06), "better alone"),
        (entry(-0.05, -0.01, 0.01, 0.04), "worse"),
        (entry(-0.05, -0.01, 0.01, 0.06), "worse alone"),
        (entry(-0.01, 0.05, 0.2), "no difference"),
        (entry(0.01, 0.05, 0.06), "no difference"),  # interval and test do not agree
        (entry(0.5, 0.9, 0.0001, 0.0001, too_few=True), "too few"),
    ],
)
def test_a_verdict_needs_interval_test_and_items(found: dict, wanted: str) -> None:
    assert verdicts.verdict(found) == wanted


def test_words_claim_no_more() -> None:
    assert verdicts.words(entry(0.01, 0.05, 0.01, 0.06), 5) == (
        "better taken alone, but not once corrected for the 5 suites compared"
    )
    assert verdicts.words(entry(-0.01, 0.05, 0.2)).endswith("they would show one of about 12.3 points")
    assert verdicts.words(entry(-0.01, 0.05, 0.2, min_detectable=None)) == "no difference that so many items show"


def test_all_in_a_line() -> None:
    of = {"a": "better", "b": "no difference", "c": "better"}
    line = verdicts.in_short({name: {"verdict": verdict} for name, verdict in of.items()})
    assert line == "**Better**: a, c. **No difference shown**: b."
