"""Length, repetition, language."""

import pytest

import rewards
from rewards import parse

LENGTH, REPETITION, LANGUAGE = map(rewards.load, ("length", "repetition", "language"))


@pytest.mark.parametrize(("tokens", "value"), [(0, 0.0), (100, 0.0), (125, -0.5), (150, -1.0), (9999, -1.0)])
def test_length_costs_beyond_what_is_free(tokens, value):
    assert LENGTH.bind(max_tokens=100, slack=50)(parse("C", n_tokens=tokens)).value == value


def test_length_without_slack_or_count():
    assert LENGTH.bind(max_tokens=2, slack=0)(parse("C", n_tokens=3)).value == -1.0
    assert LENGTH(parse("C")) is None


PROSE = (
    "The radiograph shows a small left effusion. The heart is not enlarged, the mediastinum is not widened, and the "
    "lungs are clear on both sides. In a patient with fever this suggests a parapneumonic effusion rather than heart "
    "failure, so a tap is the next step; the fluid tells exudate from transudate by the criteria of Light."
)


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("", 0.0, 0.0),
        (PROSE, 0.0, 0.0),
        (PROSE * 2, -0.6, -0.2),
        (PROSE * 30, -1.0, -1.0),
        ("wait, " * 3000, -1.0, -1.0),
        ("左侧胸腔少量积液,心影不大,未见气胸。建议进一步检查以明确病因。", 0.0, 0.0),
        ("左侧胸腔积液。" * 60, -1.0, -1.0),
        ("ha" * 9000, -1.0, -1.0),
        ("| a | b |\n|---|---|\n| 1 | 2 |\n| 3 | 4 |", 0.0, 0.0),
    ],
)
def test_repetition(text, low, high):
    assert low <= REPETITION(text).value <= high


@pytest.mark.parametrize(
    ("question", "thinking", "value"),
    [
        ("What is shown?", "The left lung is clear and the heart is normal in size.", 1.0),
        ("What is shown?", "左肺清晰,心影大小正常,未见胸腔积液及气胸,建议随访观察。", 0.0),
        (
            "显示了什么?",
            "左肺下叶见结节, 大小约 12 mm, 考虑 adenocarcinoma in situ, 建议 PET-CT 检查, 并定期随访观察。",
            1.0,
        ),
        ("显示了什么?", "The left lung is clear and the heart is normal in size.", 0.0),
        ("この胸部X線写真には何が見えますか?", "左肺の下葉に小さな結節があり、心臓の大きさは正常です。", 1.0),
        ("Что видно на снимке?", "В левом лёгком виден узел размером 12 mm, сердце не увеличено.", 1.0),
        ("What is shown?", "β-blockers and α-agonists and µ-receptors are of no help in this patient.", 1.0),
        ("What is shown?", "C.", None),
        ("?", "The left lung is clear and the heart is normal in size.", None),
    ],
)
def test_language(question, thinking, value):
    score = LANGUAGE(f"<think>{thinking}</think><answer>C</answer>", question=question)
    assert (score.value if score else None) == value


def test_language_without_thinking_abstains():
    assert LANGUAGE("左肺清晰,心影大小正常,未见胸腔积液及气胸,建议随访观察。", question="What is shown?") is None
