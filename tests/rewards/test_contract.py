"""Rewards as users write and load them: columns, knobs, ranges, errors, pickling, TRL's own style."""

import pickle

import pytest

import rewards
from rewards import RewardError, Score, parse

MINE = '''
from rewards import Response, Score, reward

@reward(low=-1.0, high=1.0)
def short(response: Response, answer: str, note: str | None = None, max_chars: int = 10, part: float = 0.5) -> float:
    """Short and right."""
    assert note in (None, "column", "knob")
    return part if note == "knob" else float(len(response.text) <= max_chars)

def plain(response, answer):
    return response.answer == answer

def trl(completions, answer, **kwargs):
    """As TRL wants it."""
    texts = [c if isinstance(c, str) else c[0]["content"] for c in completions]
    return [None if a is None else float(a in t) for t, a in zip(texts, answer)]

async def later(prompts, completions, scale: float = 2.0, **kwargs):
    return [scale * len(c) for c in completions]

@reward()
def nan(response: Response):
    return float("nan")

@reward()
def word(response: Response):
    return "good"

number = 3
'''


@pytest.fixture
def mine(tmp_path):
    (tmp_path / "mine.py").write_text(MINE)
    return lambda name: rewards.load(f"./mine.py:{name}", tmp_path)


def test_a_file_is_loaded_with_its_columns_and_knobs(mine):
    short = mine("short")
    assert (short.name, short.low, short.high, short.needs) == ("short", -1.0, 1.0, ("answer",))
    assert short.knobs == {"note": None, "max_chars": 10, "part": 0.5}
    assert short.wants == ("answer", "note")
    assert short.is_grader
    assert short.doc == "Short and right."
    assert short("C", answer="C", extra=1, max_chars=0) == Score(1.0)  # a column never sets a knob
    assert short.bind(max_chars=0)("C", answer="C").value == 0.0
    assert short("C", answer="C", note="column").value == 1.0
    assert short.bind(note="knob")("C", answer="C", note="column").value == 0.5


def test_pickling_keeps_the_knobs(mine):
    copy = pickle.loads(pickle.dumps(mine("short").bind(max_chars=0)))
    assert copy("C", answer="C").value == 0.0
    copy = pickle.loads(pickle.dumps(rewards.load("answer_match").bind(tolerance=0.05)))
    assert copy("20.9", answer="20.0").value == 1.0


@pytest.mark.parametrize(
    ("knobs", "message"),
    [
        ({"max_char": 1}, "did you mean max_chars"),
        ({"max_chars": "ten"}, "max_chars must be int"),
        ({"max_chars": True}, "max_chars must be int"),
    ],
)
def test_wrong_knobs_are_refused(mine, knobs, message):
    with pytest.raises(RewardError, match=message):
        mine("short").bind(**knobs)


def test_an_int_sets_a_float_knob(mine):
    assert mine("short").bind(part=1).bound == {"part": 1}


def test_broken_results_name_the_reward_and_the_row(mine):
    with pytest.raises(RewardError, match="nan on row r7: returned nan"):
        mine("nan")("C", id="r7")
    with pytest.raises(RewardError, match="word: returned 'good'"):
        mine("word")("C")
    with pytest.raises(RewardError, match="needs the column 'answer'"):
        mine("short")("C")


def test_a_plain_function_is_a_reward_from_0_to_1(mine):
    assert mine("plain")("<answer>C</answer>", answer="C").value == 1.0


def test_trl_functions_are_accepted_as_they_are(mine):
    trl = mine("trl")
    assert (trl.needs, trl.is_grader) == (("answer",), True)
    assert trl("it is C", answer="C", prompt=[{"role": "user", "content": "?"}], id="x").value == 1.0
    assert trl(parse("it is C"), answer=None) is None
    assert pickle.loads(pickle.dumps(mine("later").bind(scale=3)))("abc").value == 9.0


@pytest.mark.parametrize(
    ("use", "message"),
    [
        ("answer_mach", "did you mean answer_match"),
        ("./none.py:f", "no file"),
        ("./mine.py:shrt", "did you mean short"),
        ("./mine.py:number", "has no reward 'number'"),
    ],
)
def test_what_is_not_there_is_said(mine, tmp_path, use, message):
    with pytest.raises(RewardError, match=message):
        rewards.load(use, tmp_path)


def test_a_file_that_does_not_import_is_named_with_its_error(tmp_path):
    (tmp_path / "broken.py").write_text("import no_such_module_here")
    with pytest.raises(RewardError, match=r"broken.py: cannot be imported: ModuleNotFoundError"):
        rewards.load("broken.py:f", tmp_path)


def test_the_parameters_of_a_reward_are_named():
    with pytest.raises(RewardError, match=r"no \* or \*\*"):
        rewards.reward()(lambda response, **columns: 1.0)
