"""Chest reports: findings with negation and side, and the other metrics."""

import sys
from types import ModuleType, SimpleNamespace

import pytest

import rewards
from rewards import RewardError
from rewards.reading.findings import findings, read_report
from rewards.reading.report_models import labeler, scorer

REPORT = rewards.load("report")
LEFT, RIGHT, NONE = "left", "right", ""


@pytest.mark.parametrize(
    ("sentence", "present"),
    [
        ("There is a small left pleural effusion.", {("pleural_effusion", LEFT)}),
        ("No pneumothorax, small left effusion.", {("pleural_effusion", LEFT)}),
        ("No focal consolidation, large effusion, or pneumothorax.", set()),
        ("Neither effusion nor pneumothorax.", set()),
        ("Pleural effusion is not seen.", set()),
        ("The previously seen left pneumothorax has resolved.", set()),
        ("Interval removal of the endotracheal tube.", set()),
        ("No change in the right effusion.", {("pleural_effusion", RIGHT)}),
        ("Pneumonia cannot be excluded.", {("pneumonia", NONE)}),
        ("Pneumonia is unlikely.", set()),
        ("Not only effusion but also pneumothorax.", {("pleural_effusion", NONE), ("pneumothorax", NONE)}),
        ("Without pneumothorax but with a right effusion.", {("pleural_effusion", RIGHT)}),
        ("No effusions, and the heart is enlarged.", {("cardiomegaly", NONE)}),
        ("Heart size is normal. Lungs are clear.", set()),
        ("Left greater than right effusions.", {("pleural_effusion", LEFT), ("pleural_effusion", RIGHT)}),
        ("Bibasilar atelectasis.", {("atelectasis", LEFT), ("atelectasis", RIGHT)}),
        ("Left effusion and right pneumothorax.", {("pleural_effusion", LEFT), ("pneumothorax", RIGHT)}),
        ("Left effusion with adjacent atelectasis.", {("pleural_effusion", LEFT), ("atelectasis", LEFT)}),
        ("The right effusion has resolved but the left effusion persists.", {("pleural_effusion", LEFT)}),
        ("There is no right effusion. There is a left effusion.", {("pleural_effusion", LEFT)}),
        ("Opacity in the LLL, likely pneumonia.", {("lung_opacity", LEFT), ("pneumonia", LEFT)}),
        ("Pulmonary oedema.", {("edema", NONE)}),
        ("The right hemidiaphragm is elevated.", {("elevated_diaphragm", RIGHT)}),
        ("Indication: rule out pneumonia. Findings: Cardiomegaly.", {("cardiomegaly", NONE)}),
        ("History: TB. Comparison: effusion in May. Impression: Left nodule.", {("lung_lesion", LEFT)}),
        ("Mass effect aside, the massive obesity limits the view.", {("lung_lesion", NONE)}),  # a known misreading
    ],
)
def test_findings_of_a_sentence(sentence, present):
    assert read_report(sentence).present == present


GOLD = "Moderate right pleural effusion with adjacent atelectasis. Cardiomegaly. No pneumothorax."


def test_credit_falls_with_misses_extras_and_wrong_sides():
    texts = [
        "Right effusion and atelectasis. The heart is enlarged.",
        "Right effusion. Right atelectasis.",
        "Right effusion.",
        "Right effusion. Left pneumothorax. Edema. Fracture.",
        "Left effusion. Left atelectasis.",
    ]
    values = [REPORT(text, answer=GOLD).value for text in texts]
    assert values == sorted(values, reverse=True)
    assert (values[0], values[-1]) == (1.0, 0.0)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "The image is of good quality.",
        "No acute cardiopulmonary process. The heart is normal in size. The lungs are clear.",
        "No effusion. No atelectasis. No cardiomegaly.",
        ". ".join(name.replace("_", " ") for name in findings()),
        ". ".join(f"right {name.replace('_', ' ')}. left {name.replace('_', ' ')}" for name in findings()),
    ],
)
def test_templates_and_lists_earn_nothing(text):
    assert REPORT(f"<answer>{text}</answer>", answer=GOLD).value == 0.0


def test_a_side_is_asked_only_where_the_gold_has_one():
    assert [REPORT(text, answer="Pneumothorax.").value for text in ("Left pneumothorax.", "Pneumothorax.")] == [1, 1]
    assert REPORT("Pneumothorax.", answer="Left pneumothorax.").value == 0.0


def test_a_normal_report_must_say_so():
    gold = "The heart is normal. The lungs are clear."
    assert [REPORT(t, answer=gold).value for t in ("Normal chest.", "No effusion.", "Chest film.", "TB.")] == [
        1,
        1,
        0,
        0,
    ]


@pytest.mark.parametrize(("answer", "kind"), [("", None), (None, None), ("A picture.", None), (GOLD, "text")])
def test_rows_it_cannot_grade(answer, kind):
    assert REPORT("Effusion.", answer=answer, kind=kind) is None


def test_long_reports_are_read():
    text = "The bones are intact. " * 120 + GOLD
    assert REPORT(f"<answer>{text}</answer>", answer=GOLD).value == 1.0


def test_overlap_of_words():
    rouge = REPORT.bind(metric="rouge_l")
    assert rouge("<answer>the heart is large</answer>", answer="the heart is not large").value == pytest.approx(8 / 9)
    assert rouge("", answer=GOLD).value == 0.0
    assert rouge(GOLD, answer=GOLD).value == 1.0


def test_cider_weighs_by_rarity(tmp_path):
    corpus = tmp_path / "reports.txt"
    corpus.write_text("the heart is normal\nthe lungs are clear\nthe heart is enlarged\n" + GOLD)
    cider = REPORT.bind(metric="cider", corpus=str(corpus))
    texts = (GOLD, GOLD.replace("right", "left"), "The heart is large.", "")
    values = [cider(text, answer=GOLD).value for text in texts]
    assert values == sorted(values, reverse=True)
    assert values[0] == pytest.approx(1.0)
    with pytest.raises(RewardError, match="cider needs `corpus`"):
        REPORT.bind(metric="cider")(GOLD, answer=GOLD)


@pytest.fixture
def fakes(monkeypatch):
    """Stand-ins for the packages, with the interfaces of radeval 2.2.1 and RaTEScore 0.6.0."""
    made = {
        "radeval": SimpleNamespace(),
        "radeval.metrics": SimpleNamespace(),
        "radeval.metrics.radgraph": SimpleNamespace(F1RadGraph=lambda **_: lambda hyps, refs: (0.25, [0.25], [], [])),
        "RaTEScore": SimpleNamespace(
            RaTEScore=lambda **_: SimpleNamespace(compute_score=lambda said, due: [0.5 if said == ["hi"] else 0.7])
        ),
        "radeval.metrics.f1chexbert": SimpleNamespace(
            F1CheXbert=lambda **_: SimpleNamespace(get_labels=lambda texts: [[1, 1, 1, 1, 0], [1, 1, 1, 0, 1]])
        ),
    }
    for name, fake in made.items():
        module = ModuleType(name)
        vars(module).update(vars(fake))
        monkeypatch.setitem(sys.modules, name, module)
    scorer.cache_clear()
    labeler.cache_clear()
    yield
    scorer.cache_clear()
    labeler.cache_clear()


@pytest.mark.usefixtures("fakes")
def test_models_score_and_the_empty_report_is_0():
    for metric, value in (("radgraph", 0.25), ("ratescore", 0.7), ("chexbert", 0.75)):
        graded = REPORT.bind(metric=metric)
        assert (graded(GOLD, answer=GOLD).value, graded("", answer=GOLD).value) == (value, 0.0)
    assert REPORT.bind(metric="ratescore")("hi", answer=GOLD).value == 0.0  # no entity: RaTEScore itself says 0.5


@pytest.mark.parametrize(
    ("metric", "package", "extra"),
    [
        ("radgraph", "radeval", "radeval"),
        ("ratescore", "RaTEScore", "ratescore"),
        ("chexbert", "radeval.metrics.f1chexbert", "radeval"),
    ],
)
def test_a_missing_package_names_its_extra(monkeypatch, metric, package, extra):
    monkeypatch.setitem(sys.modules, package, None)
    scorer.cache_clear()
    with pytest.raises(RewardError, match=rf"pip install -e '\.\[{extra}\]'"):
        REPORT.bind(metric=metric)(GOLD, answer=GOLD)


@pytest.mark.usefixtures("fakes")
def test_missing_weights_are_said(monkeypatch):
    def broken(**_):
        raise Exception("Cannot download the file")

    monkeypatch.setattr(sys.modules["radeval.metrics.radgraph"], "F1RadGraph", broken)
    with pytest.raises(RewardError, match="cannot be loaded .*Cannot download the file.* weights come from"):
        REPORT.bind(metric="radgraph")(GOLD, answer=GOLD)


def test_an_unknown_metric_is_named():
    with pytest.raises(RewardError, match="'bleu'"):
        REPORT.bind(metric="bleu")(GOLD, answer=GOLD)
