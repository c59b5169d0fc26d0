"""Finding sets, judging what is asked of them, and staying light."""

import subprocess
import sys

import pytest

import data
from data.registry import CLASSES, folder
from recipes import ROOT, BadInput


def test_sets_are_the_files_of_the_folder():
    files = {path.stem for path in (ROOT / "data" / "sets").glob("[!_]*.py")}
    assert set(data.names()) == files
    assert {"clinic", "medcalc_bench", "medmcqa", "mirage", "pubmedqa", "vqa_rad"} <= files


def test_description_names_columns_and_knobs():
    info = data.describe("clinic")
    assert info.name == "clinic"
    assert {"id", "answer", "options", "kind", "family", "trace", "distractors", "key"} <= set(info.columns)
    assert info.knobs is not None
    assert info.knobs["difficulty"] == 1
    assert "n" not in info.knobs
    assert "seed" not in info.knobs


def test_described_columns_are_those_of_the_rows():
    assert set(data.describe("clinic").columns) == set(data.load("clinic", "train", n=1)[0].columns())


@pytest.mark.parametrize(
    ("use", "split", "knobs", "said"),
    [
        ("clinc", "train", {}, ["clinic"]),
        ("clinic", "tset", {}, ["tset", "test"]),
        ("clinic", "train", {"dificulty": 1}, ["dificulty", "difficulty"]),
        ("clinic", "train", {"n": 0}, ["n is 0"]),
        ("clinic", "train", {"families": ["gsc"]}, ["gsc", "gcs"]),
        ("clinic", "train", {"families": []}, ["family"]),
        ("clinic", "train", {"kinds": ["optoin"]}, ["optoin", "option"]),
        ("clinic", "train", {"families": ["lab_range"], "kinds": ["numeric"]}, ["lab_range", "option"]),
        ("clinic", "train", {"difficulty": 4}, ["difficulty"]),
        ("clinic", "train", {"difficulty": "1"}, ["difficulty"]),
        ("clinic", "train", {"shuffle_options": "yes"}, ["shuffle_options"]),
        ("clinic", "train", {"image_size": 5}, ["image_size"]),
        ("pubmedqa", "validation", {}, ["validation"]),
        ("pubmedqa", "train", {"validation": 500}, ["validation"]),
        ("pubmedqa", "train", {"max_context_chars": -1}, ["max_context_chars"]),
        ("pubmedqa", "train", {"source": "hubb"}, ["hubb", "hub"]),
        ("vqa_rad", "validation", {}, ["validation", "train, test"]),
        ("medmcqa", "test", {}, ["test", "train, validation"]),
        ("mirage", "test", {"part": "medqua"}, ["medqua", "medqa"]),
        ("medcalc_bench", "test", {"labels": "correct"}, ["correct", "corrected"]),
        ("medcalc_bench", "test", {"max_note_chars": 0}, ["max_note_chars"]),
        ("pubmedqa", "test", {"form": "option"}, ["option", "options"]),
        ("mmlu_med", "test", {"subject": "virolgy"}, ["virolgy", "virology"]),
        ("cmmlu_med", "test", {"subject": []}, ["subject names none", "genetics"]),
        ("medbullets", "test", {"part": "op6"}, ["op6", "op4, op5"]),
        ("healthbench", "test", {"part": "harder"}, ["harder", "hard"]),
        ("cmb", "dev", {}, ["dev", "train, validation, test"]),
    ],
)
def test_what_cannot_be_had_is_said_in_one_line(use, split, knobs, said):
    with pytest.raises(BadInput) as caught:
        data.load(use, split, **knobs)
    (line,) = caught.value.problems
    for word in said:
        assert word in line


def test_all_problems_at_once():
    with pytest.raises(BadInput) as caught:
        data.load("clinic", "train", families=["gsc"], difficulty=9, image_size=1)
    assert len(caught.value.problems) == 3
    with pytest.raises(BadInput) as caught:
        data.load("clinic", "tain", n=0, colour="red")
    assert len(caught.value.problems) == 3


def test_data_folder_follows_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("LINGSHU_DATA", str(tmp_path))
    assert folder("vqa_rad") == tmp_path / "vqa_rad"
    monkeypatch.delenv("LINGSHU_DATA")
    assert folder("no_such_set") == ROOT / "datasets" / "no_such_set"


def test_importing_data_and_loading_text_rows_stays_light():
    code = (
        "import sys, data, data.prompt; data.describe('vqa_rad'); data.describe('pubmedqa');"
        "data.load('clinic', 'train', n=2, families=['gcs']);"
        "heavy = {'torch', 'transformers', 'trl', 'datasets', 'vllm', 'matplotlib', 'numpy', 'PIL'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


PAPER = {  # Lingshu, arXiv 2506.07044: Tables 1 to 3, sections 2.1.3 and 2.2.1, and 3.1.4 for rl
    "captions": "llava_med_alignment pubmedvision quilt_pretrain pmc_oa roco rocov2 mimic_cxr medicat fairvlmed medpix",
    "instruct": "path_vqa pmc_vqa slake quilt_instruct vqa_med_2019 pubmedvision llava_med llava_med_zh vqa_rad"
    " mimic_cxr_vqa",
    "instruct/report": "chexpert_plus mimic_cxr iu_xray",
    "text/factoid": "medqa medquad apollo_corpus pmc_llama",
    "text/reasoning": "medthoughts_8k medreason medical_o1_reasoning medical_o1_verifiable medical_r1_distill",
    "text/dialogue": "healthcaremagic icliniq huatuogpt2_sft",
    "text/general": "alpacare",
    "imaging": "covid19_radiography nih_chest_xray chexpert mendeley_knee kipa22 deeplesion chest_ctscan"
    " brain_tumor_mri brats2024 lld_mmri mama_mia abdomen_us busi liver_us radimagenet_us ham10000 isic2020"
    " fitzpatrick17k pad_ufes_20 brset papila diabetic_retinopathy cpd breast_cancer pannuke ebhi_seg blood_cells"
    " biomeditech_rpe mhsma",
    "general/captions": "llava_pretrain pixmo_cap",
    "general/instruct": "llava_instruct allava",
    "general/text": "llava_instruct openhermes",
    "rl": "mimic_cxr_vqa pmc_vqa kvasir_vqa path_vqa slake vqa_med_2019 vqa_rad",
}


@pytest.mark.parametrize("name", CLASSES)
def test_every_set_of_the_paper_is_there_for_what_the_paper_draws_it(name):
    assert {one for one in data.names() if name in data.describe(one).classes} == set(PAPER[name].split())
