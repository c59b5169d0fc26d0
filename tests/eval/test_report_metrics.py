"""Report metrics: small cases by hand, the libraries they are held against, what is empty, what is missing."""

import math
import random
import subprocess
import sys
from types import ModuleType, SimpleNamespace

import pytest

import rewards
from eval import metrics
from eval.metrics import Missing, _models, _nltk
from recipes import ROOT, BadInput
from rewards.reading import report_models

WORDS = [
    "the",
    "heart",
    "is",
    "large",
    "small",
    "left",
    "right",
    "effusion",
    "no",
    "edema",
    "lungs",
    "are",
    "clear",
    "tip",
]
DUE = ["The heart is enlarged.", "Small left pleural effusion with atelectasis.", "The lungs are clear. No edema."]
SAID = ["The heart is large.", "Small right pleural effusion.", "The lungs are clear. No edema."]


def random_reports(n: int = 40) -> tuple[list[str], list[str]]:
    """Predictions that share most words with their references, each of at least five words."""
    draw = random.Random(3)
    due = [" ".join(draw.choices(WORDS, k=draw.randint(5, 40))) for _ in range(n)]
    return [" ".join(draw.choice((word, "opacity")) for word in text.split()) + " seen" for text in due], due


def test_metrics_are_listed_and_an_unknown_one_gets_the_nearest_name():
    assert metrics.names()[0] == "report"
    assert {"bleu_1", "bleu_4", "rouge_l", "meteor", "cider_d", "radgraph", "radcliq_v1"} < set(metrics.names())
    with pytest.raises(BadInput, match=r"no report metric 'rougel' \(did you mean rouge_l\?\)"):
        metrics.score("rougel", SAID, DUE)
    with pytest.raises(ValueError, match="no pairs"):
        metrics.score("rouge_l", SAID, DUE[:2])


def test_rouge_l_by_hand_and_as_the_package_rouge_score_has_it():
    rouge_scorer = pytest.importorskip("rouge_score.rouge_scorer")
    assert metrics.score("rouge_l", ["the heart is large"], ["The heart is not large."]).corpus == pytest.approx(8 / 9)
    theirs = rouge_scorer.RougeScorer(["rougeL"])
    said, due = random_reports()
    wanted = [theirs.score(gold, text)["rougeL"].fmeasure for text, gold in zip(said, due, strict=True)]
    assert metrics.score("rouge_l", said, due).items == pytest.approx(wanted)


def test_bleu_by_hand():
    """All 4 words match, 2 of 3 pairs, 1 of 2 triples, no quadruple; 4 words said for 5 due."""
    short = math.exp(1 - 5 / 4)
    values = [
        metrics.score(f"bleu_{n}", ["the heart is large"], ["The heart is not large."]).corpus for n in range(1, 5)
    ]
    assert values == pytest.approx([short, short * math.sqrt(2 / 3), short * (1 / 3) ** (1 / 3), 0.0])


def test_bleu_is_of_the_file_and_not_the_mean_of_sentences():
    """Words: 1 of 1 and 1 of 3 match, so 2 of 4; the texts are as long as what was due."""
    found = metrics.score("bleu_1", ["effusion", "a b clear"], ["effusion", "lungs are clear"])
    assert found.items == pytest.approx([1.0, 1 / 3])
    assert found.corpus == pytest.approx(2 / 4)


def test_an_empty_report_lengthens_what_was_due():
    found = metrics.score("bleu_1", ["the heart is large", ""], ["the heart is large", "small effusion"])
    assert found.items == [1.0, 0.0]
    assert found.corpus == pytest.approx(math.exp(1 - 6 / 4))
    assert metrics.score("bleu_4", ["", ""], DUE[:2]).corpus == 0.0


def test_bleu_as_nltk_has_it():
    bleu_score = pytest.importorskip("nltk.translate.bleu_score")
    said, due = random_reports()
    weights = [tuple(1 / n for _ in range(n)) for n in range(1, 5)]
    theirs = bleu_score.corpus_bleu([[gold.split()] for gold in due], [text.split() for text in said], weights)
    assert [metrics.score(f"bleu_{n}", said, due).corpus for n in range(1, 5)] == pytest.approx(theirs)


def test_cider_d_as_pycocoevalcap_has_it():
    """Its version 1.2 on the same words, which multiplies by 10."""
    due = [*DUE[:2], "The lungs are clear. The heart is normal."]
    found = metrics.score("cider_d", [*SAID[:2], due[2]], due)
    assert found.items == pytest.approx([0.15601934, 0.20588130, 1.0])
    assert 10 * found.corpus == pytest.approx(4.5396688)


def test_cider_d_weighs_words_by_how_rare_they_are_among_the_references():
    due = ["edema effusion seen", "edema seen", "pneumothorax seen"]
    common, rarer, rarest = (
        metrics.score("cider_d", [word] * 3, due).items[0] for word in ("seen", "edema", "effusion")
    )
    assert common == 0.0  # it stands in all of them
    assert 0.0 < float(rarer or 0) < float(rarest or 0)
    assert metrics.score("cider_d", DUE, DUE).items == pytest.approx([1.0, 1.0, 1.0])
    with pytest.raises(Missing, match="two different references"):
        metrics.score("cider_d", ["a", "b"], ["effusion", "effusion"])


@pytest.fixture
def wordnet(monkeypatch):
    """A WordNet of one pair of synonyms, which are their own stems: NLTK looks up what is left after stemming."""
    corpus = pytest.importorskip("nltk.corpus")
    names = [SimpleNamespace(name=lambda word=word: word) for word in ("big", "great")]
    synset = SimpleNamespace(lemmas=lambda: names)
    known = SimpleNamespace(
        ensure_loaded=lambda: None, synsets=lambda word: [synset] if word in ("big", "great") else []
    )
    monkeypatch.setattr(corpus, "wordnet", known)


@pytest.mark.usefixtures("wordnet")
@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("big hearts", 1 - 0.5 * (1 / 2) ** 3),  # a synonym and a stem: all aligned, in one piece
        ("heart big", 1 - 0.5 * (2 / 2) ** 3),  # in two pieces
        ("big lungs", 0.5 * (1 - 0.5)),  # precision and recall 1/2, one piece of one word
        ("", 0.0),
    ],
)
def test_meteor_by_hand(said, value):
    assert metrics.score("meteor", [said], ["great heart"]).corpus == pytest.approx(value)


def test_meteor_on_the_real_wordnet():
    """The value that NLTK's documentation gives for this pair."""
    if metrics.available("meteor"):
        pytest.skip("NLTK's corpus wordnet is not installed")
    said = "It is a guide to action which ensures that the military always obeys the commands of the party"
    due = "It is a guide to action that ensures that the military will forever heed Party commands"
    assert metrics.score("meteor", [said], [due]).corpus == pytest.approx(0.6944, abs=1e-4)


def test_without_wordnet_there_is_no_meteor(monkeypatch):
    corpus = pytest.importorskip("nltk.corpus")

    def absent():
        raise LookupError

    monkeypatch.setattr(corpus, "wordnet", SimpleNamespace(ensure_loaded=absent))
    with pytest.raises(Missing, match="needs WordNet.*python -m nltk.downloader wordnet"):
        metrics.score("meteor", SAID, DUE)


def test_without_nltk_its_metrics_name_their_extra(monkeypatch):
    monkeypatch.setattr(_nltk, "find_spec", lambda name: None)
    for name in ("meteor", "bleu_1", "bleu_4"):
        assert metrics.available(name) == "needs the package nltk: pip install -e '.[reports]'"
    assert metrics.available("rouge_l") is None


def test_the_reward_is_the_metric():
    due = [*DUE, "A picture of a chest."]
    found = metrics.score("report", [*SAID, "Clear."], due)
    reward = rewards.load("report")
    assert found.items[:3] == [reward(text, answer=gold).value for text, gold in zip(SAID, DUE, strict=True)]
    assert found.items[3] is None  # nothing that could be read is due
    assert found.n == 3
    assert found.corpus == pytest.approx(sum(found.items[:3]) / 3)


@pytest.mark.parametrize("name", ["report", "bleu_1", "rouge_l", "cider_d"])
def test_an_empty_report_counts_as_0_and_is_not_skipped(name):
    full, with_empty = metrics.score(name, DUE, DUE), metrics.score(name, [DUE[0], DUE[1], ""], DUE)
    assert full.corpus == pytest.approx(1.0)
    assert with_empty.items[2] == 0.0
    assert with_empty.n == 3
    assert with_empty.corpus < 0.7


NEEDS = {
    "radgraph": ("[radeval]", "radgraph-xl.tar.gz", "StanfordAIMI/RRG_scorers"),
    "chexbert_f1": ("[radeval]", "chexbert.pth", "bert-base-uncased"),
    "semb_score": ("[radeval]", "chexbert.pth", "bert-base-uncased"),
    "bertscore": ("[radeval]", "distilroberta-base"),
    "radcliq_v1": ("[radeval]", "radgraph.tar.gz", "chexbert.pth", "distilroberta-base"),
    "ratescore": ("[ratescore]", "RaTE-NER-Deberta", "BioLORD-2023-C", "numpy < 2"),
}


@pytest.mark.parametrize("name", NEEDS)
def test_a_missing_model_names_its_extra_and_its_weights(name, monkeypatch):
    monkeypatch.setattr(_models, "find_spec", lambda name: None)
    line = metrics.available(name) or ""
    assert [word for word in NEEDS[name] if word not in line] == []
    with pytest.raises(Missing, match="pip install"):
        metrics.score(name, SAID, DUE)
    assert {name for name in metrics.names() if metrics.load(name).kind == "model"} == set(NEEDS)


class CheXbert:
    """Labels: the first two of 14 are effusion and clear; the vector has a number for each, and a constant."""

    def get_labels(self, texts):
        return [[int(word in text.lower()) for word in ("effusion", "clear")] + [0] * 12 for text in texts]

    def get_embeddings(self, texts):
        return [[*labels[:2], 1.0] for labels in self.get_labels(texts)]


@pytest.fixture
def models(monkeypatch):
    """Stand-ins with the interfaces of radeval 2.2.1 and RaTEScore 0.6.0."""
    made = {
        "radeval": SimpleNamespace(),
        "radeval.metrics": SimpleNamespace(),
        "radeval.metrics.radgraph": SimpleNamespace(F1RadGraph=lambda **_: lambda hyps, refs: (0.25, [0.25], [], [])),
        "radeval.metrics.f1chexbert": SimpleNamespace(F1CheXbert=lambda **_: CheXbert()),
        "radeval.metrics.bertscore.bertscore": SimpleNamespace(
            BertScore=lambda **_: lambda refs, hyps: (0.5, [-0.1 if hyps == ["no"] else 0.5])
        ),
        "radeval.metrics.RadCliQv1.radcliq": SimpleNamespace(
            CompositeMetric=lambda: SimpleNamespace(predict=lambda refs, hyps: (9.9, [0.5] * len(hyps)))
        ),
        "RaTEScore": SimpleNamespace(
            RaTEScore=lambda **_: SimpleNamespace(compute_score=lambda said, due: [0.5 if said == ["no"] else 0.7])
        ),
    }
    for name, fake in made.items():
        module = ModuleType(name)
        vars(module).update(vars(fake))
        monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.setattr(_models, "find_spec", lambda name: True)
    report_models.scorer.cache_clear()
    report_models.labeler.cache_clear()
    yield
    report_models.scorer.cache_clear()
    report_models.labeler.cache_clear()


@pytest.mark.usefixtures("models")
@pytest.mark.parametrize(
    ("name", "items"),
    [("radgraph", [0.25, 0.25, 0.0]), ("ratescore", [0.7, 0.0, 0.0]), ("bertscore", [0.5, -0.1, 0.0])],
)
def test_models_score_report_by_report(name, items):
    found = metrics.score(name, ["effusion", "no", " "], DUE)
    assert found.items == pytest.approx(items)
    assert found.corpus == pytest.approx(sum(items) / 3)


@pytest.mark.usefixtures("models")
def test_chexbert_counts_labels_over_the_file():
    """Right 1 + 1 + 0 of 2 + 1 + 0 said and 1 + 1 + 1 due."""
    said, due = ["effusion, else clear", "clear", ""], ["effusion", "clear", "clear"]
    found = metrics.score("chexbert_f1", said, due)
    assert found.items == pytest.approx([2 / 3, 1.0, 0.0])
    assert found.corpus == pytest.approx(2 * 2 / (3 + 3))
    cosines = metrics.score("semb_score", said, due).items
    assert cosines == pytest.approx([2 / math.sqrt(6), 1.0, 0.0])


@pytest.mark.usefixtures("models")
def test_radcliq_is_printed_as_one_over_its_mean():
    found = metrics.score("radcliq_v1", ["effusion", "clear", ""], DUE)
    assert found.items == pytest.approx([0.5, 0.5, 2.4501])
    assert found.corpus == pytest.approx(3 / (0.5 + 0.5 + 2.4501))


@pytest.mark.usefixtures("models")
def test_weights_that_cannot_be_loaded_are_said(monkeypatch):
    def broken(**_):
        raise Exception("Cannot download the file")

    monkeypatch.setattr(sys.modules["radeval.metrics.f1chexbert"], "F1CheXbert", broken)
    with pytest.raises(Missing, match="CheXbert: cannot be loaded .*Cannot download.*copy its cache"):
        metrics.score("semb_score", SAID, DUE)


def test_listing_the_metrics_loads_none_of_what_they_need():
    heavy = {"torch", "nltk", "radeval", "RaTEScore", "transformers"}
    code = f"import sys; from eval import metrics; print(len(metrics.names()), {heavy} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.stdout.split() == [str(len(metrics.names())), "set()"], done.stderr
