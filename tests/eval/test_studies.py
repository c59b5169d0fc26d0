"""Case pages: the items that were asked for, whole, escaped, beside one another."""

import json
from pathlib import Path

import pytest

from eval import picks
from eval.__main__ import main
from eval.run import arms, evaluate_all


@pytest.fixture
def runs(small_suite, student, tmp_path: Path) -> list[str]:
    """Two evaluations of the same twelve items, half of which have an image."""
    places = []
    for name, share in (("base", 0.4), ("rl", 0.8)):
        evaluate_all(student(share), arms([small_suite], probes=["blank"]), out=tmp_path / name)
        places.append(str(tmp_path / name))
    return places


def test_the_page_shows_items_images_answers_and_verdicts(runs, tmp_path: Path, capsys) -> None:
    out = tmp_path / "page" / "cases.html"
    assert main(["cases", *runs, "--out", str(out), "--n", "12", "--pick", "any", "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert len(printed["items"]["clinic_test"]) == 12
    assert set(printed["items"]) == {"clinic_test"}
    text = out.read_text()
    assert text.count("<article") == 12
    assert text.count("data:image/jpeg;base64,") >= 4
    assert text.count("<h4>") == 24
    assert "script" not in text.partition("</style>")[2]
    for word in ("right answer", "thinking", "verdict", "right: ", "wrong: "):
        assert word in text


def test_items_that_are_named_are_shown(runs, small_suite, tmp_path: Path, capsys) -> None:
    row = json.loads((Path(runs[0]) / "clinic_test" / "responses.jsonl").read_text().splitlines()[3])
    out = tmp_path / "cases.html"
    assert main(["cases", *runs, "--out", str(out), "--id", row["id"]]) == 0
    assert out.read_text().count("<article") == 1
    assert main(["cases", *runs, "--out", str(out), "--id", "nobody"]) == 2
    assert "no suite of all runs has the item nobody" in capsys.readouterr().err


def test_what_models_wrote_is_never_markup(runs, tmp_path: Path) -> None:
    path = Path(runs[1]) / "clinic_test" / "responses.jsonl"
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    for row in rows:
        row["completion"] = "<think><script>alert(1)</script></think><answer><img src=x></answer>"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    out = tmp_path / "cases.html"
    assert main(["cases", *runs, "--out", str(out)]) == 0
    text = out.read_text()
    assert "<script" not in text
    assert "&lt;script&gt;" in text
    assert "<img src=x" not in text


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["--out", "x.txt"], "must end in .html"),
        (["--out", "x.html", "--n", "0"], "at least 1"),
        (["--out", "x.html", "--suite", "slake"], "not all runs have the suite slake; they share clinic_test"),
    ],
)
def test_bad_use_is_told(runs, flags: list[str], said: str, capsys) -> None:
    assert main(["cases", *runs, *flags]) == 2
    assert said in capsys.readouterr().err


def test_draws_are_even_over_the_sorts_and_repeat() -> None:
    items = {f"i{i}": (i % 2 == 0, i % 4 < 2) for i in range(40)}
    mixed = picks.drawn(items, "mixed", 8, 0)
    assert mixed == picks.drawn(items, "mixed", 8, 0) != picks.drawn(items, "mixed", 8, 1)
    assert sorted(items[item] for item in mixed) == sorted(
        [(True, True), (True, False), (False, True), (False, False)] * 2
    )
    assert {items[item] for item in picks.drawn(items, "better", 5, 0)} == {(False, True)}
    assert {items[item] for item in picks.drawn(items, "worse", 5, 0)} == {(True, False)}
    assert len(picks.drawn(items, "right", 99, 0)) == 10
