import json
import random
import re
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from data.pages import tables
from eval import gains, pictures, plot, report, table


@pytest.fixture
def metrics(tmp_path: Path) -> Path:
    path = tmp_path / "metrics.jsonl"
    rows: list[dict[str, float | int]] = [
        {"step": s, "reward": 1 + s / 50, "rewards/answer_match/mean": s / 50} for s in range(1, 41)
    ]
    rows += [{"step": s, "eval/s/accuracy": 0.5, "eval/s/low": 0.4, "eval/s/high": 0.6} for s in (0, 20, 40)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def is_drawn(path: Path) -> bool:
    """Whether the picture holds more than one colour of paper."""
    with Image.open(path) as picture:
        colours = picture.convert("RGB").getcolors(2**24)
    return colours is not None and len(colours) > 50


def test_report_states_the_gain_its_interval_and_where_the_model_is(tmp_path: Path, metrics: Path, made, one) -> None:
    base, rl = [made(one(*[0] * 30, *[1] * 10))], [made(one(*[1] * 35, *[0] * 5))]
    found = gains.gains(base, rl, recipe="recipes/x.yaml")
    path = report.write(tmp_path, found, base, rl, checkpoint="outputs/x/checkpoints/final", metrics=metrics)
    text = path.read_text()
    entry = found["suites"]["s"]
    for wanted in (
        "25.0 % before",
        "87.5 % after",
        table.points(entry["delta"]),
        "family: a",
        "outputs/x/checkpoints/final",
    ):
        assert wanted in text
    assert "How to read it" in text
    assert "not" in text.split("Nothing here is")[1] or "clinical" in text
    assert is_drawn(tmp_path / "gain.png")
    assert is_drawn(tmp_path / "curve.png")


def test_headline_claims_no_more_than_the_interval(made, one) -> None:
    def verdict(base: list[int], rl: list[int]) -> str:
        return report.headline("s", gains.compare(made(one(*base)), made(one(*rl)))).rsplit("points: ", 1)[1]

    assert verdict([0] * 40, [1] * 30 + [0] * 10) == "better."
    assert verdict([1] * 40, [1] * 10 + [0] * 30) == "worse."
    assert verdict([1, 0] * 20, [1, 0] * 19 + [1, 1]).startswith("no difference")
    assert verdict([0] * 20, [1] * 20).startswith("too few items")


def test_report_says_whether_the_model_looks(tmp_path: Path, made, one) -> None:
    seen, blank = made(one(*[1] * 12)), made(one(*[1] * 12), blank_images=True).restrict(lambda r: r.n_images > 0)
    text = report.write(tmp_path, gains.gains([seen], [seen]), [seen], [seen, blank]).read_text()
    assert "Does it look at the image?" in text
    assert "100.0" in text.split("Does it look")[1]
    assert "Does it look" not in report.write(tmp_path / "b", gains.gains([seen], [seen]), [seen], [seen]).read_text()


def test_report_warns_when_more_than_training_differs(tmp_path: Path, made, one) -> None:
    base, rl = [made(one(0, 1))], [made(one(1, 1), max_tokens=128)]
    assert "max_tokens 64 -> 128" in report.write(tmp_path, gains.gains(base, rl), base, rl).read_text()


def with_image(result):
    return replace(result, records=[replace(record, n_images=1) for record in result.records])


@pytest.mark.parametrize(
    ("blanked", "said"),
    [
        ([1] * 20 + [0] * 20, "that part of the gain needs no look at the image"),
        ([0] * 40, "no gain can be shown without the image"),
    ],
)
def test_a_gain_that_survives_without_the_image_is_named(tmp_path: Path, made, one, blanked, said: str) -> None:
    before, after = [0] * 40, [1] * 25 + [0] * 15
    base = [with_image(made(one(*before))), with_image(made(one(*before), probe="blank"))]
    rl = [with_image(made(one(*after))), with_image(made(one(*blanked), probe="blank"))]
    path = report.write(tmp_path, gains.gains(base, rl), base, rl)
    for text in (path.read_text(), path.with_suffix(".html").read_text()):
        assert f"of the +62.5 points remain with the image blanked: {said}" in text
        assert "image gain" in text
    none = [with_image(made(one(*before))), with_image(made(one(*blanked), probe="blank"))]
    text = report.write(tmp_path / "none", gains.gains(base, none), base, none).read_text()
    assert "remain with the image" not in text  # there was no gain


def test_the_page_says_what_the_text_says(tmp_path: Path, metrics: Path, made, one) -> None:
    base, rl = (
        [made(one(*[0] * 40)), made(one(*[0, 1] * 20), "t")],
        [made(one(*[1] * 40)), made(one(*[1, 0] * 20), "t")],
    )
    path = report.write(tmp_path, gains.gains(base, rl), base, rl, metrics=metrics)
    page = path.with_suffix(".html").read_text()
    sentence = "0.0 % before, 100.0 % after"
    for text in (path.read_text(), page):
        assert text.index(sentence) < text.index("Gain by suite")  # the headline is first
        for wanted in (
            "No difference shown",
            "Mean over the 2 suites",
            "Holm p",
            "smallest difference",
            "How to read it",
        ):
            assert wanted in text
    assert page.count("<svg") == 1
    assert page.count("data:image/png;base64,") == 1  # the learning curve
    assert "gain.png" not in page


def test_modalities_are_drawn_where_there_are_several(tmp_path: Path, made, one) -> None:
    def of_two(result):
        kinds = ("ct", "x<b>ray")
        records = [replace(r, groups={"modality": kinds[i // 40]}) for i, r in enumerate(result.records)]
        return replace(result, records=records)

    base, rl = [of_two(made(one(*[0] * 80)))], [of_two(made(one(*[1] * 50 + [0] * 30)))]
    path = report.write(tmp_path, gains.gains(base, rl), base, rl)
    assert is_drawn(tmp_path / "modality.png")
    assert "](modality.png)" in path.read_text()
    page = path.with_suffix(".html").read_text()
    assert page.count("<svg") == 2
    assert "x&lt;b&gt;ray" in page
    assert "<b>" not in page
    sides = [made(one(0, 1))], [made(one(1, 1))]
    plain = report.write(tmp_path / "plain", gains.gains(*sides), *sides)
    assert "modality.png" not in plain.read_text()
    assert not (tmp_path / "plain" / "modality.png").exists()


def test_only_probes_still_make_a_report(tmp_path: Path, made, one) -> None:
    base, rl = [made(one(*[0] * 40), probe="no_think")], [made(one(*[1] * 40), probe="no_think")]
    path = report.write(tmp_path, gains.gains(base, rl), base, rl)
    assert "No suite was asked as it is" in path.read_text()
    assert "s+no_think" in path.with_suffix(".html").read_text()


def test_curve_needs_something_to_draw(tmp_path: Path) -> None:
    path = tmp_path / "metrics.jsonl"
    path.write_text('{"step": 1, "loss": 0.5}\n')
    assert pictures.learning_curve(path, tmp_path / "curve.png") is None
    assert not (tmp_path / "curve.png").exists()


def test_bars_take_many_suites_and_families(tmp_path: Path, made, one) -> None:
    rng = random.Random(0)
    results = [made(one(*(rng.random() < 0.5 for _ in range(20))), suite=f"suite_{i}") for i in range(5)]
    assert is_drawn(pictures.gain_bars(gains.gains(results, results), tmp_path / "bars.png"))


def test_plain_table_lines_up() -> None:
    lines = tables.plain(("suite", "n"), [("a_long_name", "7"), ("b", "12")], "title").splitlines()
    assert lines[0] == "title"
    assert [line.index(word) for line, word in zip(lines[1:], ("n", "7", "12"), strict=True)] == [13, 13, 13]


def test_numbers_in_tables() -> None:
    assert table.percent(None) == "-"
    assert table.percent(0.98765) == "98.8"
    assert table.points({"accuracy": 0.125, "low": -0.01, "high": 0.26}) == "+12.5 [-1.0, +26.0]"
    assert [table.p_value(p) for p in (0.5, 0.003, 1e-7)] == ["0.50", "0.0030", "< 0.0001"]


def test_accuracies_are_drawn_beside_a_level_and_marked_by_their_paired_difference() -> None:
    worse = plot.Mark("worse", 40, 0.5, 0.3, 0.7, moved=(-0.3, -0.1))
    same = plot.Mark("same", 40, 0.62, 0.4, 0.8, moved=(-0.1, 0.1))
    drawn = plot.forest([worse, same], "t", level=0.6)
    assert [mark.side for mark in (worse, same)] == ["down", ""]
    assert "worse: 50.0 [30.0, 70.0] %, 40 items" in drawn
    assert drawn.count('class="zero"') == 1
    places = [re.search(pattern, drawn) for pattern in (r'class="zero" x1="([\d.]+)', r'cx="([\d.]+)')]
    line, dot = (float(place[1]) for place in places if place)
    assert dot < line  # 0.5 stands to the left of 0.6
