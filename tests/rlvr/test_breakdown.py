"""What each kind of question earns."""

import math

import pytest
import torch

from data import Example
from rlvr.breakdown import MOST, Breakdown

ROWS = [
    Example("0", "?", "liver", source="slake", modality="CT", meta={"domain": "abdomen/liver"}),
    Example("1", "?", "yes", source="slake", modality="MRI"),
    Example("2", "?", "12 mg", source="slake", modality="CT"),
]
NAN = float("nan")


def test_means_are_those_of_the_rows_that_are_compared() -> None:
    totals = torch.tensor([1.0, 0.0, 0.5, 0.5, NAN, 0.25])
    right = torch.tensor([1.0, 0.0, 1.0, 1.0, NAN, 0.0])
    found = dict(Breakdown(ROWS).metrics([0, 0, 1, 1, 2, 2], totals, right, 2))
    assert found["by_modality/CT/reward"] == pytest.approx(1.25 / 3)
    assert found["by_modality/CT/right"] == pytest.approx(1 / 3)
    assert found["by_modality/CT/mixed"] == 0.5  # the group of which one is compared tells nothing
    assert found["by_modality/MRI/mixed"] == 0.0
    assert found["by_domain/abdomen_liver/reward"] == 0.5
    assert not any(name.startswith("by_source") for name in found)  # there is but one
    assert {name.split("/")[0] for name in found} == {"by_modality", "by_kind", "by_domain"}


def test_without_verdicts_and_without_rows_nothing_is_claimed() -> None:
    found = dict(Breakdown(ROWS).metrics([0, 0], torch.tensor([NAN, NAN]), None, 2))
    assert math.isnan(found["by_modality/CT/reward"])
    assert "by_modality/CT/right" not in found
    assert "by_modality/MRI/reward" not in found


def test_rare_values_share_a_name() -> None:
    rows = [Example(f"{i}", "?", "liver", modality=f"m{min(i // 2, MOST + 5)}") for i in range(2 * MOST + 20)]
    found = Breakdown(rows).columns["modality"]
    assert len(set(found)) == MOST + 1
    assert "other" in found
