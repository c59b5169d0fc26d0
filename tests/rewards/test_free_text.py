"""Free text: one entity in its many names is right, another entity is wrong, and only what is committed to counts."""

import json
import os
import pickle
from collections import defaultdict
from pathlib import Path

import pytest

from rewards import load, parse
from rewards.reading.canon import canon, stems, terms
from rewards.reading.gold import infer_kind
from rewards.reading.phrase import same_phrase
from rewards.reading.sentence import read_phrase
from rewards.reading.tables import FOLDER, groups
from rewards.reading.words import family

answer_match = load("answer_match")
SHARED = Path(__file__).parents[3] / "shared" / "data"
VQA_RAD = Path(os.environ.get("LINGSHU_DATA", SHARED)) / "vqa_rad"


def value(said: str, gold: str, question: str | None = None) -> float:
    score = answer_match(parse(said), answer=gold, kind="text", question=question)
    assert score is not None
    return score.value


ONE_THING = [
    # spelling, number, case, hyphens, possessives, accents
    ("Oedema", "edema"), ("oesophageal varices", "esophageal varix"), ("metastases", "metastasis"),
    ("diverticula", "diverticulum"), ("bronchi", "bronchus"), ("vertebrae", "vertebra"),
    ("Crohn's disease", "Crohn disease"),
    ("gastro-oesophageal reflux", "gastroesophageal reflux"), ("Menieres disease", "Ménière disease"),
    ("non small cell lung cancer", "non-small-cell lung cancer"), ("leiomyomata", "leiomyoma"),
    # word order
    ("carcinoma, squamous cell", "squamous cell carcinoma"), ("lung, left", "left lung"),
    ("right lobe of the liver", "right hepatic lobe"), ("cancer of the lung", "lung cancer"),
    ("fracture of the distal radius", "distal radius fracture"),
    # numerals and letters
    ("type II diabetes", "type 2 diabetes"), ("stage IIIa", "Stage 3A"), ("fourth ventricle", "4th ventricle"),
    ("CN VII", "facial nerve"), ("cranial nerve 3", "Oculomotor nerve"), ("factor VIII", "factor 8"),
    ("TNF-α", "TNF alpha"), ("L4/5", "L4-L5"), ("T2 N1 M0", "T2N1M0"), ("three", "3"),
    # abbreviations, lay terms, eponyms
    ("MI", "myocardial infarction"), ("heart attack", "myocardial infarction"),
    ("COPD", "chronic obstructive pulmonary disease"),
    ("RUL", "right upper lobe"), ("high blood pressure", "hypertension"), ("whooping cough", "pertussis"),
    ("shingles", "herpes zoster"), ("Lou Gehrig's disease", "amyotrophic lateral sclerosis"),
    ("Basedow disease", "Graves disease"),
    # drugs and organisms
    ("Tylenol", "acetaminophen"), ("paracetamol", "acetaminophen"), ("adrenaline", "epinephrine"),
    ("Lasix", "furosemide"),
    ("co-trimoxazole", "trimethoprim-sulfamethoxazole"), ("E. coli", "Escherichia coli"),
    ("S. aureus", "Staphylococcus aureus"),
    ("vitamin B12", "cobalamin"),
    # adjectives of organs; imaging
    ("renal calculus", "kidney stone"), ("hepatic abscess", "liver abscess"), ("CT scan", "computed tomography"),
    ("plain film", "X-ray"), ("sonography", "ultrasound"), ("transverse", "axial"), ("T1W", "T1-weighted"),
    ("MR - FLAIR", "FLAIR"), ("bluish", "blue"), ("H&E", "hematoxylin and eosin"),
    # detail that changes nothing
    ("acute left-sided pneumothorax", "pneumothorax"), ("pneumonia of the left lower lobe", "pneumonia"),
    ("WHO grade I meningioma", "meningioma"), ("pleural effusion, on the right", "pleural effusion"),
    ("Aspirin 75 mg daily", "aspirin"), ("pneumothorax (collapsed lung)", "pneumothorax"),
    ("head of the pancreas", "pancreas"), ("5th metacarpal bone", "fifth metacarpal"),
    # slips of the pen
    ("pnuemothorax", "pneumothorax"), ("hepatocellular carcioma", "hepatocellular carcinoma"),
    ("apendicitis", "appendicitis"),
    ("propanolol", "propranolol"),
]  # fmt: skip
TWO_THINGS = [
    # missing or other side, type, stage, acuity, part
    ("lung", "left lung"), ("right lung", "left lung"), ("pancreatitis", "acute pancreatitis"),
    ("diabetes", "type 2 diabetes"),
    ("type 1 diabetes", "type 2 diabetes"), ("stage II", "stage III"), ("chronic gastritis", "acute gastritis"),
    ("radius fracture", "distal radius fracture"), ("proximal radius fracture", "distal radius fracture"),
    ("bilateral pleural effusions", "right pleural effusion"), ("effusion", "pleural effusion"),
    ("meningitis", "bacterial meningitis"), ("viral meningitis", "bacterial meningitis"),
    # part of another entity
    ("lung cancer", "lung"), ("heart failure", "heart"), ("kidney stone", "kidney"), ("insulin resistance", "insulin"),
    ("pulmonary hypertension", "hypertension"), ("diabetes insipidus", "diabetes mellitus"),
    ("sickle cell trait", "sickle cell disease"),
    ("glucagon-like peptide-1", "glucagon"), ("amoxicillin-clavulanate", "amoxicillin"), ("scarlet fever", "fever"),
    ("eosinophilic granulomatosis with polyangiitis", "granulomatosis with polyangiitis"),
    # one sound, another thing
    ("hypotension", "hypertension"), ("hypokalaemia", "hyperkalaemia"), ("nephritis", "nephrosis"), ("ilium", "ileum"),
    ("adduction", "abduction"), ("prednisone", "prednisolone"), ("hydroxyzine", "hydralazine"),
    ("lipoma", "liposarcoma"),
    ("pseudogout", "gout"), ("non-Hodgkin lymphoma", "Hodgkin lymphoma"), ("gastrostomy", "gastrectomy"),
    ("German measles", "measles"), ("malignant", "benign"), ("atypical pneumonia", "typical pneumonia"),
    ("factor IX", "factor VIII"), ("hepatitis C", "hepatitis B"), ("vitamin B6", "vitamin B12"), ("IL-1", "IL-6"),
    ("Clostridium botulinum", "Clostridium tetani"), ("PA view", "AP view"), ("hypodense", "hyperdense"),
    # denials and lists
    ("not edema", "edema"), ("absence of pneumothorax", "pneumothorax"), ("edema or tuberculosis", "edema"),
    ("pneumonia and effusion", "pneumonia"), ("pneumothorax (or effusion)", "pneumothorax"),
    ("Pneumothorax, effusion", "pneumothorax"),
]  # fmt: skip


@pytest.mark.parametrize(("said", "gold"), ONE_THING)
def test_one_thing_in_two_names(said, gold):
    assert same_phrase(said, gold)[0]


@pytest.mark.parametrize(("said", "gold"), TWO_THINGS)
def test_two_things(said, gold):
    assert not same_phrase(said, gold)[0]


@pytest.mark.parametrize(
    ("said", "gold", "question", "right"),
    [
        ("MS", "multiple sclerosis", None, True),  # the gold settles what is meant
        ("MS", "mitral stenosis", None, True),
        ("multiple sclerosis", "MS", None, False),
        ("multiple sclerosis", "MS", "Which disease causes these white matter plaques of the brain?", True),
        ("mitral stenosis", "MS", "Which disease causes these white matter plaques of the brain?", False),
        ("posteroanterior", "PA", "In which projection was this film taken?", True),
        ("left", "left lung", "Which lung is affected?", True),  # what the question says may be left out ...
        ("small cell", "small cell lung cancer", "Which type of lung cancer is this?", True),
        ("zinc deficiency", "zinc", "Which deficiency is this?", True),  # ... or said again
        ("lung", "left lung", "Is it the left or the right lung?", False),
    ],
)
def test_short_answers_are_read_with_the_question(said, gold, question, right):
    assert same_phrase(said, gold, question)[0] == right


READINGS = [
    ("The image shows a large pneumothorax.", "pneumothorax", 1),
    ("This is consistent with pneumonia.", "pneumonia", 1),
    ("The most likely diagnosis is gout because of the crystals.", "gout", 1),
    ("The organ affected is the liver.", "liver", 1),
    ("The left lung is affected.", "left lung", 1),
    ("The heart is enlarged.", "cardiomegaly", 1),
    ("Fever and a rash point to measles.", "measles", 1),
    ("The lesion is extra-axial.\n\n**Meningioma**", "meningioma", 1),
    ("Not gout but sepsis", "sepsis", 1),
    ("I first thought of gout, but it is sepsis.", "sepsis", 1),
    ("Gout? No, this is sepsis.", "sepsis", 1),
    ("Gout rather than sepsis", "gout", 1),
    ("Gout, although sepsis has to be excluded.", "gout", 1),
    ("Probably gout", "gout", 1),
    ("诊断为 gout。", "gout", 1),
    ('{"answer": "gout"}', "gout", 1),
    ("~~Sepsis~~ Gout", "gout", 1),
    ("No fracture is seen.", "no fracture", 1),
    ("Gout rather than sepsis", "sepsis", 0),
    ("It is not gout.", "gout", 0),
    ("Gout is unlikely.", "gout", 0),
    ("Gout was ruled out.", "gout", 0),
    ("Gout but not really", "gout", 0),
    ("Avoid aspirin.", "aspirin", 0),
    ("It might be gout.", "gout", 0),
    ("I cannot tell; maybe gout.", "gout", 0),
    ("Is it gout?", "gout", 0),
    ("Gout. On second thought, sepsis.", "gout", 0),
    ("This resembles gout, but is actually sepsis.", "gout", 0),
    ("Many would say gout, but the answer is sepsis.", "gout", 0),
    ("Gout would show crystals. It is sepsis.", "gout", 0),
    ("1. Gout\n2. Sepsis\n3. Cellulitis", "gout", 0),
    ("Differential diagnosis: gout", "gout", 0),
    ("Answer: gout\nAnswer: sepsis", "gout", 0),
    ('{"answer": "gout", "final_answer": "sepsis"}', "gout", 0),
    ("不是 gout", "gout", 0),
]


@pytest.mark.parametrize(("text", "gold", "worth"), READINGS)
def test_only_what_a_text_commits_to_counts(text, gold, worth):
    assert value(text, gold) == worth
    assert value(f"<think>{gold}? Let us see.</think><answer>{text}</answer>", gold) == worth


NO_COMMITMENT = [
    "{g} or not", "{g} effusion", "effusion {g}", "{g}; effusion", "{g} & effusion", "{g} + effusion",
    "{g} as well as effusion",
    "{g} along with pneumonia", "{g}, I mean effusion", "{g}. No, effusion.", "{g}\nOr maybe effusion",
    "effusion without {g}",
    "1) effusion 2) {g}", "{g} 60%, effusion 40%", "First choice effusion, second choice {g}.",
    "My differential is {g} and effusion.",
    "If not effusion, then {g}.", "Unlike {g}, this is effusion.", "I doubt it is {g}.",
    "The probability of {g} is low.",
    "{g} has been suggested, however the finding is an effusion.", "Everything but {g}", "all but {g}",
    "{g} simulator", "pseudo{g}",
    "hydro{g}", "history of {g}", "resolved {g}", "risk of {g}", "complication of {g}", "chest tube for {g}",
    "{g} - no",
    "The film rules out a {g}.", "A skin fold mimicking {g}", "an effusion that was mistaken for {g}",
    "the answer isn't {g}",
]  # fmt: skip


@pytest.mark.parametrize("text", NO_COMMITMENT)
def test_holding_the_gold_somewhere_earns_nothing(text):
    text = text.format(g="pneumothorax")
    for dressed in (text, text.capitalize(), f"<think>a</think><answer>{text}</answer>"):
        assert value(dressed, "pneumothorax", "What does the chest radiograph show?") == 0.0


def test_the_reading_says_why_there_is_none():
    texts = ("It is not gout.", "It might be gout.", "Is it gout?", "I cannot say.")
    assert [read_phrase(text).rule for text in texts] == ["denied", "hedge", "question", "refusal"]


def test_a_table_of_the_users_own(tmp_path):
    toml, tsv = tmp_path / "mine.toml", tmp_path / "mine.tsv"
    toml.write_text('"quiet lung" = ["silent chest", "QL"]\n"BB" = "blue baby"\n')
    tsv.write_text("# mine\nquiet lung\tsilent chest\tQL\nblue baby\tBB\n")
    for table in (str(toml), str(tsv), {"quiet lung": ["silent chest", "QL"], "BB": "blue baby"}):
        mine = pickle.loads(pickle.dumps(answer_match.bind(synonyms=table)))
        assert mine(parse("The silent chest."), answer="QL").value == 1.0
        assert mine(parse("blue baby"), answer="BB").value == 1.0
        assert mine(parse("heart attack"), answer="myocardial infarction").value == 1.0
    assert value("silent chest", "quiet lung") == 0.0


def test_no_name_means_two_things():
    seen: dict[tuple[str, ...], str] = {}
    for one, *others in groups():
        for name in (one, *others):
            thing = " ".join(canon(one))
            assert seen.setdefault(stems(name), thing) == thing, name
    assert len(seen) > 5000
    assert len(terms().names) >= len(seen)


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.tsv")), ids=lambda path: path.name)
def test_every_table_states_origin_and_licence(path):
    head = [line for line in path.read_text(encoding="utf-8").splitlines()[:4] if line.startswith("#")]
    assert "Licence: Apache-2.0" in " ".join(head)


BAIT = ["(" * 50_000, "it is " * 20_000, "not " * 20_000, ", so " * 20_000, "a. " * 30_000, " that is" * 20_000,
        '{"answer":' * 10_000, "不是" * 50_000, "most likely " * 10_000, "-" * 100_000, "'" * 100_000]  # fmt: skip


@pytest.mark.parametrize("text", BAIT, ids=lambda text: text[:12])
def test_bait_for_patterns_is_read_at_once(text, at_once):
    assert value(text, "pneumonia") == 0.0
    at_once(lambda: value(text, "pneumonia"))


DRESSES = ("{}", "**{}**", "The answer is {}.", "<answer>{}</answer>", r"\boxed{{\text{{{}}}}}", "Final answer: {}",
           "<think>a</think>\n\n{}", "I think it is {}.")  # fmt: skip


@pytest.mark.skipif(not VQA_RAD.is_dir(), reason="the data set is not here")
def test_golds_of_vqa_rad():
    rows = [row for name in ("trainset", "testset") for row in json.loads((VQA_RAD / f"{name}.json").read_text())]
    rows = [row for row in rows if infer_kind(str(row["answer"])) == "text" and not str(row["answer"]).endswith("?")]
    by_type = defaultdict(set)
    for row in rows:
        by_type[row["question_type"]].add(str(row["answer"]))
    right, wrong = [], []
    for row in {(row["question"], str(row["answer"])): row for row in rows}.values():
        gold = str(row["answer"])
        right += [value(dress.format(gold), gold, row["question"]) for dress in DRESSES]
        others = sorted(other for other in by_type[row["question_type"]] if canon(other) != canon(gold))
        wrong += [value(other, gold, row["question"]) for other in others[:: max(1, len(others) // 3)]]
    assert sum(right) / len(right) > 0.995
    # these are right: "PA" and "posteroanterior", "Left" and "On the left", "T2 weighted" and "MR - T2 weighted"
    assert sum(wrong) / len(wrong) < 0.02


SAME_FAMILY = [
    ("damage to the endothelium", "endothelial injury"), ("an enlarged left atrium", "left atrial enlargement"),
    ("incontinence of urine", "urinary incontinence"), ("a disturbed gait", "gait disturbance"),
    ("thickened bladder wall", "bladder wall thickening"), ("deposits of amyloid", "amyloid deposition"),
    ("stenotic aortic valve", "aortic valve stenosis"), ("elevated troponin", "raised troponin"),
    ("inflamed appendix", "appendicitis"), ("removal of the spleen", "splenectomy"), ("Zn2+", "zinc"),
    ("Lasix 40 mg i.v.", "furosemide"), ("albuterol via spacer", "salbutamol"), ("P. jirovecii cysts",
    "Pneumocystis jirovecii"),
    ("DiGeorge's", "DiGeorge syndrome"), ("Marfan disease", "Marfan syndrome"), ("急性肺栓塞", "肺栓塞"),
    ("it blocks the sodium channels", "sodium channel blockade"), ("extradural haemorrhage, right temporal",
    "epidural hematoma"),
    ("IVIG 2 g/kg as a single infusion", "intravenous immunoglobulin"), ("t(9;22)(q34;q11)", "t(9;22)"),
]  # fmt: skip
OTHER_FAMILY = [
    ("stenosis of the mitral valve", "aortic valve stenosis"), ("right atrial enlargement", "left atrial enlargement"),
    ("diuretic", "diuresis"), ("decreased calcium", "increased calcium"), ("wall thinning", "wall thickening"),
    ("metastasis of lung to brain", "metastasis of brain to lung"), ("cystitis", "cyst"), ("t(8;14)", "t(15;17)"),
    ("furosemide and spironolactone", "furosemide"), ("Cushing disease", "Cushing syndrome"), ("mitosis", "miosis"),
    ("fifth metacarpal", "fifth metatarsal"), ("it opens the sodium channels", "sodium channel blockade"),
    ("obsessive compulsive personality disorder", "obsessive-compulsive disorder"), ("没有肺栓塞", "肺栓塞"),
    ("type 1 diabetes, type 2 diabetes", "type 1 diabetes"), ("left, right", "left"),
    ("furosemide 40 mg plus albumin", "furosemide"),
]  # fmt: skip


@pytest.mark.parametrize(("said", "gold"), SAME_FAMILY)
def test_words_of_one_family_name_one_thing(said, gold):
    assert same_phrase(said, gold)[0]


@pytest.mark.parametrize(("said", "gold"), OTHER_FAMILY)
def test_families_do_not_join_two_things(said, gold):
    assert not same_phrase(said, gold)[0]


def test_a_family_has_one_form():
    for row in ("stenosis stenotic stenosed", "calcification calcified", "dilated dilatation dilation",
    "necrosis necrotic",
                "endothelium endothelial", "enlarged enlargement", "dysplasia dysplastic", "ischemia ischaemic",
                "obstruction obstructed obstructive", "deficiency deficient", "irregularity irregular"):  # fmt: skip
        assert len({family(word) for word in row.split()}) == 1, row
    apart = "diuretic diuresis cyst cystitis stenosis necrosis dilation dislocation"
    assert len({family(word) for word in apart.split()}) == len(apart.split())


@pytest.mark.parametrize(
    ("said", "gold", "question", "right"),
    [
        ("Fracture of the waist of the scaphoid bone", "scaphoid", "Which bone is fractured?", True),
        ("proximal RCA occlusion", "right coronary artery", "Which vessel is occluded?", True),
        ("splenomegaly", "spleen", "Which organ is enlarged?", True),
        ("the first sacral nerve root", "S1 nerve root", None, True),
        ("left scaphoid fracture", "right scaphoid", "Which bone is fractured?", False),
        ("hydroxylase", "tyrosine hydroxylase", "Which enzyme turns tyrosine into DOPA?", False),
        ("splenomegaly", "spleen", "Which organ ruptured?", False),
    ],
)
def test_what_the_question_tells_may_be_said_again(said, gold, question, right):
    assert same_phrase(said, gold, question)[0] == right


SENTENCES = [
    ("{x} explains all of this.", 1), ("{x} fits best.", 1), ("It can only be {x}.", 1), ("Nothing other than {x}.", 1),
    ("Textbook {x}.", 1), ("These are the hallmarks of {x}.", 1), ("Lymphoma can be excluded, which leaves {x}.", 1),
    ("{x} seems most likely.", 1), ("{x}: the nodes are typical.", 1), ("{x} it must be.", 1), ("TL;DR: {x}", 1),
    ("There is no lymphoma; instead there is {x}.", 1), ("Great question! It is {x}.", 1), ("That would be {x}.", 1),
    ("1. The nodes are typical.\n2. Lymphoma would look different.\n3. Hence {x}.", 1),
    ("## Thinking\nIs it lymphoma?\n\n## Final Response\n\nThe answer is {x}.", 1),
    ("{x} - though lymphoma and silicosis are the other two.", 1),
    ("They look like {x}, since the nodes are large.", 1),
    ("The findings favour {x} over lymphoma.", 1), ("Findings compatible with {x}, lymphoma being less likely.", 1),
    ("The findings favour lymphoma over {x}.", 0), ("{x} can be excluded, which leaves lymphoma.", 0),
    ("{x} it is not.", 0), ("{x} is one possibility.", 0), ("{x}\nlymphoma", 0), ("{x}. No, it is lymphoma.", 0),
    ("Although {x} may look similar, this is lymphoma.", 0),
    ("Had it been {x}, it would differ. Lymphoma it must be.", 0),
    ("Anything but {x}.", 0), ("There is no {x}; instead there is lymphoma.", 0),
]  # fmt: skip


@pytest.mark.parametrize(("text", "worth"), SENTENCES)
def test_what_a_sentence_commits_to(text, worth):
    text = text.format(x="sarcoidosis")
    assert value(text[0].upper() + text[1:], "sarcoidosis", "What is the most likely diagnosis?") == worth


def test_one_answer_in_two_names_is_one():
    text = "<answer>MRI</answer> Summary: <answer>Magnetic resonance imaging</answer>"
    assert value(text, "magnetic resonance imaging") == 1.0
    assert value(text.replace("Magnetic resonance imaging", "CT"), "magnetic resonance imaging") == 0.0


DETAILED = [
    # the gold with what is added to it, and what only looks so
    ("A nasogastric tube in situ, with its tip in the stomach", "nasogastric tube", "What is it?", True),
    ("Seborrhoeic keratosis, lateral to the eye", "seborrheic keratosis", "What is it?", True),
    ("Chromophobe RCC, Fuhrman grade 3", "chromophobe renal cell carcinoma", "What tumour is it?", True),
    ("Abscess, lateral to the pancreas", "pancreas", "What is it?", False),
    ("The fourth lumbar vertebral body", "L4", "Which vertebra is it?", True),
    ("The third lumbar vertebra", "L4", "Which vertebra is it?", False),
    ("Vit. K", "vitamin K", "Which one?", True),
    # a word of the question beside the gold
    ("Subdural haematoma", "subdural", "What type of hematoma is it?", True),
    ("Subdural empyema", "subdural", "What type of hematoma is it?", False),
    ("An oblique radiograph of the lumbar spine", "lumbar", "Which part of the spine is it?", True),
    ("An oblique radiograph of the thoracic spine", "lumbar", "Which part of the spine is it?", False),
    ("The nodule invades the capsule.", "invasive", "How does the nodule grow?", True),
    # sides and pairs
    ("Fluid in the right pleural space", "pleural effusion", "What is seen?", True),
    ("Both ears are blocked.", "bilateral", "Is it unilateral or bilateral?", True),
    ("Only the left, not both", "bilateral", "Is it unilateral or bilateral?", False),
    ("The left ovary", "ovaries", "Which organs are enlarged?", False),
    ("The ovaries", "ovaries", "Which organs are enlarged?", True),
    # compounds about another thing, another sort of one head
    ("gonadotropin-releasing hormone", "gonadotropin", "Which hormone is it?", False),
    ("oxytocin receptor", "oxytocin", "What is it?", False),
    ("zinc deficiency", "zinc", "What is it?", False),
    ("fluorescence microscopy", "electron microscopy", "Which technique is it?", False),
    ("scanning electron microscopy", "transmission electron microscopy", "Which technique is it?", False),
    # Chinese
    ("考虑为肾结石", "kidney stone", "诊断?", True),
    ("它是右肾", "right kidney", "哪个器官?", True),
    ("它是右肾", "left kidney", "哪个器官?", False),
    ("这不是肾结石", "kidney stone", "诊断?", False),
]  # fmt: skip


@pytest.mark.parametrize(("said", "gold", "question", "right"), DETAILED)
def test_detail_beside_the_gold(said, gold, question, right):
    assert value(said, gold, question) == right


ROUND_THE_ANSWER = [
    ("The clinical picture and the crystals establish gout.", True),
    ("The findings do not establish gout.", False),
    ("It would be gout, I am quite sure. Psoriasis would give pitted nails.", True),
    ("It would be gout if the crystals were needles.", False),
    ("It would be gout, but the crystals are rhomboid; this is pseudogout.", False),
    ("Of the three, gout is what the crystals suggest.", True),
    ("Gout is the most likely disease here.", True),
    ("I first thought of sepsis, but there is no fever. What remains: gout.", True),
    ("The toe is red, hot and swollen overnight - in other words, gout.", True),
    ("Gout\n1) needle crystals\n2) a red big toe\n3) a high urate", True),
    ("Gout\n1) Pseudogout\n2) Septic arthritis", False),
    ("Gout.\n\n**Plan:**\n1. Colchicine\n2. Aspirate the joint", True),
    ("**Assessment:** unclear.\n\n**Plan:**\n1. treat gout", False),
    ("Gout. Pseudogout also fits.", False),
    ("Gout. Lyme disease also comes with a swollen knee.", True),
    ("It is gout. It is sepsis.", False),
]


@pytest.mark.parametrize(("text", "worth"), ROUND_THE_ANSWER)
def test_what_stands_round_the_answer(text, worth):
    assert value(text, "gout", "What is the diagnosis?") == worth


TOLD = [  # what is asked, what is answered, the gold, whether the sentence tells it
    (
        "Which nerve is hurt?",
        "The plate on the humeral shaft of this patient compresses the radial nerve and needs to come out",
        "radial nerve",
        1,
    ),
    (
        "Which nerve is hurt?",
        "The fracture of the humeral shaft lies next to the radial nerve and leaves it alone",
        "radial nerve",
        0,
    ),
    (
        "What is the diagnosis?",
        "The rapid rise of troponin after an hour of chest pain at rest, together with new ST depressions in three "
        "leads, indicates a myocardial infarction.",
        "myocardial infarction",
        1,
    ),
    (
        "What is the diagnosis?",
        "The slow rise of troponin after a week of chest pain at rest excludes a myocardial infarction in a man of 20 "
        "and indicates myocarditis.",
        "myocardial infarction",
        0,
    ),
    ("What is the cause?", "The low sodium of this man arises from SIADH, which his drugs brought on", "SIADH", 1),
    ("What is present?", "Two simple cysts are visible at the lower pole, with thin walls.", "cyst", 1),
    ("What is given?", "In a boy of this age, ibuprofen would be my first drug.", "ibuprofen", 1),
    ("What is the diagnosis?", "This is consistent with gastric ulcer without signs of bleeding.", "gastric ulcer", 1),
]


@pytest.mark.parametrize(("question", "text", "gold", "value"), TOLD)
def test_a_sentence_tells_the_gold_where_its_grammar_says_so(question, text, gold, value):
    assert load("answer_match")(parse(text), answer=gold, kind="text", question=question).value == value


@pytest.mark.parametrize(
    "text",
    [
        "It shows gout. It reveals psoriasis. It indicates sepsis.",
        "Gout is present. Psoriasis is present. Sepsis is present.",
        "The fever indicates sepsis; the nails indicate psoriasis; the toe indicates gout.",
        "The scan shows gout, which reveals psoriasis, which indicates sepsis, which represents gout.",
        "This represents psoriasis that caused gout and developed sepsis.",
    ],
)
def test_guesses_in_sentences_earn_at_most_one_of_them(text):
    grade = load("answer_match")
    question = "What is the most likely diagnosis?"
    golds = ("Gout", "Psoriasis", "Sepsis")
    assert sum(grade(parse(text), answer=gold, kind="text", question=question).value for gold in golds) <= 1
