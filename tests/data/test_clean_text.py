"""Caption length, language, quality and identifiers: what goes, what stays."""

import pytest

from data import clean, registry
from data.clean import Drop
from data.example import Example
from recipes import BadInput


def asked(question="What is seen here?", answer="a mass in the left upper lobe", **fields):
    return Example(id="r/1", question=question, answer=answer, **fields)


def why(step, row):
    given = step.clean(row, list)
    return given.why if isinstance(given, Drop) else None


@pytest.mark.parametrize(("n", "goes"), [(9, True), (10, False), (1024, False), (1025, True)])
def test_captions_of_10_to_1024_tokens_stay(n, goes):
    step = clean.load("caption_length")
    assert isinstance(step.clean(asked(answer=" ".join(["word"] * n), kind="report"), list), Drop) is goes
    assert step.clean(asked(answer="word " * n + "end", kind="text"), list).kind == "text"


def test_caption_tokens_are_words_marks_and_chinese_characters():
    step = clean.load("caption_length")
    assert why(step, asked(answer="No mass, no nodule, no effusion.", kind="report")) == "caption below 10 tokens"  # 9
    assert why(step, asked(answer="No mass, no nodule, no effusion. 3", kind="report")) is None
    assert why(step, asked(answer="双肺纹理清晰未见异常", kind="report")) is None
    assert step.clean(asked(answer="Short.", kind="report", source="qa"), list).detail == "2 tokens"
    assert why(clean.load("caption_length", {"sources": ["captions"]}), asked(answer="A.", kind="report")) is None


@pytest.mark.parametrize(
    ("question", "answer", "language"),
    [
        ("患者最可能的诊断是什么？", "metformin 二甲双胍", None),
        ("Which drug is given first to adults with type 2 diabetes?", "metformin", None),
        ("この患者の診断は何ですか", "肺炎", "ja"),
        ("Какой препарат назначают первым?", "метформин", "ru"),
        ("¿Cuál es el tratamiento de primera elección para un adulto con diabetes?", "la metformina", "es"),
        ("Adenocarcinoma?", "carcinoma", None),
        ("Musculus flexor digitorum superficialis et profundus, nervus medianus", "arteria radialis", None),
    ],
)
def test_languages(question, answer, language):
    pytest.importorskip("py3langid")
    expected = language and f"language {language}"
    assert why(clean.load("language"), asked(question, answer)) == expected


@pytest.mark.skipif(not registry.folder("pubmedqa").is_dir(), reason="the release files of PubMedQA are not here")
def test_english_questions_of_a_real_set_stay():
    pytest.importorskip("py3langid")
    step, rows = clean.load("language"), registry.load("pubmedqa", "test")
    assert sum(why(step, row) is not None for row in rows) == 0


@pytest.mark.parametrize(
    ("question", "answer", "reason"),
    [
        ("What is seen?", "As an AI, I cannot diagnose.", "refusal"),
        ("What is seen?", "I'm sorry, but I can't assist with that.", "refusal"),
        ("What is AI short for in cardiology?", "Aortic insufficiency", None),
        ("What is seen?", "See Figure 2a.", "figure reference only"),
        ("What is seen?", "(Fig. 3)", "figure reference only"),
        ("What is seen?", "Figure of eight sign", None),
        ("What is<br>seen?", "a mass", "markup"),
        ("Is p<0.05 with n > 30 enough?", "p<b", None),
        ("?? -- ##", "a mass", "mostly no letters"),
        ("Which sign?", "+", None),
        ("Which sign?", "...", "empty answer"),
        ("What is pneumonia?", "What is pneumonia", "answer is question"),
        ("Describe.", "The lungs are clear. " * 3, "repeated lines"),
        ("Describe.", "The lungs are clear. " * 2, None),
    ],
)
def test_quality_rules(question, answer, reason):
    assert why(clean.load("quality"), asked(question, answer.strip(), kind="text")) == reason


def test_an_option_is_judged_by_its_text():
    row = asked(answer="B", kind="option", options={"A": "a mass", "B": "As an AI model I cannot say"})
    assert why(clean.load("quality"), row) == "refusal"
    assert why(clean.load("quality", {"rules": ["markup"]}), row) is None


@pytest.mark.skipif(not registry.folder("medmcqa").is_dir(), reason="the release files of MedMCQA are not here")
def test_few_rows_of_real_exams_break_a_rule():
    step, rows = clean.load("quality"), registry.load("medmcqa", "validation")
    assert sum(why(step, row) is not None for row in rows) <= 0.005 * len(rows)


IDENTIFIERS = {
    "Seen by Dr. John Smith.": "Seen by Dr. [NAME].",
    "Mrs. O'Brien's pressure is 150/90.": "Mrs. [NAME]'s pressure is 150/90.",
    "Patient: DOE, JANE": "Patient: [NAME]",
    "Admitted 03/12/2019, left 5 April 2019.": "Admitted [DATE], left [DATE].",
    "On March 4 and on 2019-03-12": "On [DATE] and on [DATE]",
    "A 93-year-old man, sister aged 95": "A [AGE]-year-old man, sister aged [AGE]",
    "MRN: 12345678, hospital no. 4455667": "MRN: [RECORD_NUMBER], hospital no. [RECORD_NUMBER]",
    "Accession number A1234567": "Accession number [RECORD_NUMBER]",
    "Call (617) 555-0123 or a.b@c.org": "Call [PHONE] or [EMAIL]",
    "12 Main Street, Boston, MA 02115": "[ADDRESS], Boston, MA [ADDRESS]",
    "In March 2019": "In [MONTH] 2019",
    "SSN 123-45-6789 from 192.168.1.1": "SSN [SSN] from [IP_ADDRESS]",
}
MEDICINE = (
    "BP 120/80 mmHg, pulse 90, 2.5 mg b.i.d., 1/2 tablet, 5/6/7",
    "T2N1M0, stage IIIa, CD4 93, 95% CI 90-99, HLA-B27, p53",
    "Parkinson's disease, Graves disease, Down syndrome, a Foley catheter, Dr. Down's syndrome",
    "Dr. Koch et al. 1882; GenBank accession number AF123456; EC 3.1.1.11",
    "___ was seen by XXXX on ___; an 89-year-old in 2019; 90 years of experience",
)


@pytest.mark.parametrize("text", IDENTIFIERS)
def test_identifiers_are_replaced_by_their_kind(text):
    pytest.importorskip("presidio_analyzer")
    assert clean.load("phi").clean(asked(text), list).question == IDENTIFIERS[text]


@pytest.mark.parametrize("text", MEDICINE)
def test_medicine_stays(text):
    pytest.importorskip("presidio_analyzer")
    row = asked(text)
    assert clean.load("phi").clean(row, list) is row


def test_what_was_replaced_is_counted_and_meta_is_scrubbed_too():
    pytest.importorskip("presidio_analyzer")
    row = asked("Dr. Smith asks", "call Dr. Jones", meta={"context": ["MRN: 12345678"], "key": "Dr. Smith"})
    made = clean.load("phi").clean(row, list)
    assert made.answer == "call Dr. [NAME]"
    assert made.meta == {
        "context": ["MRN: [RECORD_NUMBER]"],
        "key": "Dr. Smith",
        "phi": {"NAME": 2, "RECORD_NUMBER": 1},
    }
    assert clean.load("phi", {"entities": ["NAME"]}).clean(row, list).meta["phi"] == {"NAME": 2}
    assert clean.load("phi", {"sources": ["clinic"]}).clean(row, list) is row


@pytest.fixture(scope="module")
def recogniser(tmp_path_factory):
    """A spaCy pipeline on disk, which knows two names and two places."""
    spacy = pytest.importorskip("spacy")

    pipeline = spacy.blank("en")
    known = {"PERSON": ("Graves", "Jane Miller"), "GPE": ("Leeds", "Oslo")}
    patterns = [{"label": label, "pattern": text} for label, texts in known.items() for text in texts]
    pipeline.add_pipe("entity_ruler").add_patterns(patterns)
    place = tmp_path_factory.mktemp("recogniser")
    pipeline.to_disk(place)
    return str(place)


def test_a_recogniser_finds_names_without_a_title_and_places(recogniser):
    pytest.importorskip("presidio_analyzer")
    row = asked("Later Jane Miller came from Oslo with cough.", "MRN: 12345678")
    assert clean.load("phi").clean(row, list).question == row.question
    made = clean.load("phi", {"names": recogniser}).clean(row, list)
    assert made.question == "Later [NAME] came from [PLACE] with cough."
    assert made.answer.endswith("[RECORD_NUMBER]")
    only = clean.load("phi", {"names": recogniser, "entities": ["PLACE"]}).clean(row, list)
    assert only.question == "Later Jane Miller came from [PLACE] with cough."


def test_a_recogniser_leaves_eponyms_of_diseases(recogniser):
    pytest.importorskip("presidio_analyzer")
    step = clean.load("phi", {"names": recogniser})
    assert step.clean(asked("Later Graves came from Leeds with cough."), list).question.startswith("Later [NAME] came")
    assert step.clean(asked("Dr. Graves test results"), list).question == "Dr. [NAME] test results"
    assert "Graves" in step.clean(asked("Later Graves disease came from Leeds with cough."), list).question


def test_a_recogniser_that_is_not_here_is_one_line():
    pytest.importorskip("presidio_analyzer")
    with pytest.raises(BadInput, match="'en_nowhere' cannot be loaded"):
        clean.load("phi", {"names": "en_nowhere"}).clean(asked(), list)


def test_options_that_only_an_identifier_tells_apart_go():
    pytest.importorskip("presidio_analyzer")
    row = asked("When?", "A", kind="option", options={"A": "1 May 1986", "B": "2 May 1986"})
    assert why(clean.load("phi"), row) == "options differ in identifiers alone"


@pytest.mark.parametrize(
    ("use", "knobs", "says"),
    [
        ("caption_length", {"least": 5, "most": 4}, "least is 5"),
        ("caption_length", {"kinds": ["caption"]}, "report"),
        ("language", {"keep": ["english"]}, "ISO 639-1"),
        ("quality", {"rules": ["refusals"]}, "refusal"),
        ("phi", {"entities": ["NAMES"]}, "NAME"),
        ("phi", {"meta": "trace"}, "must be a list"),
    ],
)
def test_what_a_recipe_gets_wrong_is_said(use, knobs, says):
    with pytest.raises(BadInput, match=says):
        clean.load(use, knobs)
