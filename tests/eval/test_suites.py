import pytest

from eval import suites
from recipes import BadInput


def test_every_suite_is_named_as_its_file_and_takes_data_that_exist() -> None:
    import data

    assert {"clinic_test", "clinic_val", "clinic_all_test", "vqa_rad", "pubmedqa"} <= set(suites.names())
    for name in suites.names():
        suite = suites.load(name)
        assert suite.name == name
        assert suite.split in data.describe(suite.use).splits
        assert set(suite.knobs) <= set(data.describe(suite.use).knobs or {})


def test_validation_and_test_ask_different_questions() -> None:
    import data

    asked = []
    for name in ("clinic_val", "clinic_test"):
        suite = suites.load(name)
        asked.append({example.meta["key"] for example in data.load(suite.use, suite.split, n=suite.n, **suite.knobs)})
    assert not asked[0] & asked[1]


def test_overrides_reach_fields_and_knobs_and_leave_the_suite_alone() -> None:
    changed = suites.load("clinic_test", {"n": 7, "difficulty": 2, "use": "clinic_test"})
    assert (changed.n, changed.knobs["difficulty"]) == (7, 2)
    assert changed.knobs["families"] == suites.load("clinic_test").knobs["families"]
    assert suites.load("clinic_test").n == 480


def test_unknown_names_are_refused_with_the_nearest() -> None:
    with pytest.raises(BadInput, match="clinic_tset.*did you mean clinic_test"):
        suites.load("clinic_tset")
    with pytest.raises(BadInput, match="'dificulty' .did you mean difficulty"):
        suites.load("clinic_test", {"dificulty": 2})


def test_every_split_of_a_set_is_a_suite() -> None:
    assert (suites.load("vqa_rad_train").use, suites.load("vqa_rad_train").split) == ("vqa_rad", "train")
    assert suites.load("medcalc_bench_test", {"labels": "corrected"}).knobs == {"labels": "corrected"}
    with pytest.raises(BadInput, match="pubmedqa_tset"):
        suites.load("pubmedqa_tset")


def test_groups_are_expanded_and_name_suites_that_exist() -> None:
    assert suites.expanded(["vqa_rad", "text_real", "pubmedqa"])[:2] == ["vqa_rad", "pubmedqa"]
    for group, members in suites.groups().items():
        assert [suites.load(name).name for name in members] == list(members)
        with pytest.raises(BadInput, match="is a group"):
            suites.load(group)
