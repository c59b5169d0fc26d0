"""Words, MinHash, repeats within a corpus, and questions of benchmarks under other words."""

import pickle
import random
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from data import clean, registry
from data.clean import Drop
from data.example import Example
from data.leaked_text import References, Rule, item, text_item
from data.near_text import MinHash, grams, jaccard, repeats, words
from recipes import BadInput

SYLLABLES = ("meto", "ceri", "valo", "nuri", "peri", "endo", "hypo", "meso", "para", "kali", "tura", "bifo")
DRUGS = [f"{a}{b}{c}" for a in SYLLABLES for b in SYLLABLES for c in ("mab", "lol", "pril", "statin", "xone")]
PARTS = [f"{a}{b}{c}" for a in SYLLABLES for b in SYLLABLES for c in ("cardium", "thymus", "vein", "cord")]


def question(seed: int, name: str = "q") -> Example:
    """A made-up item of about 14 words with four options."""
    rng = random.Random(seed)
    stem = rng.sample(DRUGS, 4) + rng.sample(PARTS, 6)
    options = dict(zip("ABCD", rng.sample(DRUGS, 4), strict=True))
    text = f"Which of the following {' '.join(stem)} is given"
    return Example(id=f"{name}/{seed}", question=text, answer="A", kind="option", options=options)


def reworded(row: Example, n: int, seed: int = 0) -> Example:
    """n words of the stem replaced, the options turned round."""
    rng, order = random.Random(seed), row.question.split()
    for place in rng.sample(range(4, 14), n):
        order[place] = f"other{SYLLABLES[place - 4]}"
    turned = dict(zip("ABCD", reversed((row.options or {}).values()), strict=True))
    return replace(row, id=f"copy of {row.id}", question=" ".join(order), options=turned, answer="D")


def test_words_keep_numbers_and_lose_case_accents_and_punctuation():
    assert words("Sjögren's: 2.5 mg, 120/80 ___ XXXX!") == ["sjogren", "s", "2.5", "mg", "120/80", "xxxx"]
    assert words("ﬁve µg") == words("Five μg")
    assert words("急性心梗") == ["急性", "性心", "心梗"]
    assert words("痛") == ["痛"]
    assert words("?! ...") == []


def test_signatures_are_the_same_in_every_process():
    code = "from data.near_text import MinHash; print(MinHash(2, 4, 3).prints(['a', 'b', 'c'])[1].hex())"
    runs = {subprocess.check_output([sys.executable, "-c", code]) for _ in range(2)}
    assert runs == {MinHash(2, 4, 3).prints(["a", "b", "c"])[1].hex().encode() + b"\n"}


@pytest.mark.parametrize("shared", [20, 40, 60])
def test_hashes_agree_as_often_as_the_jaccard_index_says(shared):
    """Of one hash a band, the share of equal bands estimates the index: 1,000 bands, five standard errors."""
    one, other = [f"w{k}" for k in range(80)], [f"w{k}" for k in range(80 - shared, 160 - shared)]
    hashes = MinHash(1, 1000, 1)
    sets = [frozenset(grams(text, 1).tolist()) for text in (one, other)]
    index = jaccard(*sets)
    assert index == pytest.approx(shared / (160 - shared))
    keys = [hashes.band_keys(grams(text, 1)) for text in (one, other)]
    assert abs(np.mean(keys[0] == keys[1]) - index) < 5 * (index * (1 - index) / 1000) ** 0.5


def test_a_row_goes_only_for_one_that_stays():
    """b is like a, c is like b but not like a: c stays, since b is gone."""
    texts = ["a b c d e f g h i j", "a b c d e f g h k l", "a b c d e f m n k l"]
    hashes = MinHash(1, 50, 1)
    prints = [hashes.prints(text.split()) for text in texts]
    assert {row: kept for row, (kept, _) in repeats(prints, 0.6).items()} == {1: 0}
    assert {row: kept for row, (kept, _) in repeats(prints[1:], 0.6).items()} == {1: 0}
    assert repeats([*prints, prints[1]], 0.6)[3] == repeats(prints, 0.6)[1]
    assert repeats([], 0.6) == {}


def test_dedup_keeps_the_earlier_source_and_names_it():
    step = clean.load("text_dedup")
    rows = [question(seed) for seed in range(40)]
    rows += [reworded(rows[k], 3) for k in range(20)] + [replace(rows[30], id="same")]
    notes = [(row.id, step.look(row, list)) for row in rows]
    gone = step.decide(notes)
    assert set(gone) == {f"copy of q/{k}" for k in range(20)} | {"same"}
    assert gone["same"].why == "same text as an earlier row"
    assert gone["same"].detail.startswith("q/30,")
    assert step.decide(reversed(notes)).keys() == {f"q/{k}" for k in range(20)} | {"q/30"}
    assert pickle.loads(pickle.dumps(step)) == step


def test_dedup_leaves_pictures_and_short_stems_alone():
    step = clean.load("text_dedup")
    asked = Example(id="a", question="Is there a fracture?", answer="yes", images=("a.png",))
    assert step.look(asked, list) is None
    assert clean.load("text_dedup", {"pictures": True}).look(asked, list) is not None
    short = [
        Example(id=name, question=f"Is {name} effective for asthma?", answer="yes")
        for name in ("cerilin", "valoxon", "cerilin ")
    ]
    gone = step.decide([(row.id, step.look(row, list)) for row in short])
    assert set(gone) == {"cerilin "}


def stay(*rows):
    step = clean.load("text_dedup")
    gone = step.decide([(str(at), step.look(row, list)) for at, row in enumerate(rows)])
    return not gone


def test_a_template_with_other_numbers_is_another_question():
    def pressure(high, low, answer, ask="Is the mean pressure low?"):
        text = f"Woman in shock after trauma, pressure {high}/{low} mmHg, pulse {high} per minute. {ask}"
        return Example(id="r", question=text, answer=answer)

    asked = pressure(96, 48, "yes")
    assert stay(asked, pressure(141, 88, "no"))
    assert stay(asked, pressure(93, 41, "yes"))  # the same answer, but nothing else differs
    assert not stay(asked, pressure(96, 48, "no"))  # the same numbers: one of the two is wrong
    assert not stay(asked, replace(asked, question=asked.question.replace("pulse 96 per minute", "pulse fast")))


def test_a_reworded_question_with_another_number_goes_unless_its_answer_differs():
    asked = question(1)
    asked = replace(asked, question=f"{asked.question} in 12 patients")
    copy = replace(reworded(asked, 3), question=reworded(asked, 3).question.replace("12", "13"))
    assert not stay(asked, copy)
    assert stay(asked, replace(copy, answer="A"))


def test_reports_are_compared_by_their_answer():
    rows = [Example(id=str(k), question="Write the report.", answer=" ".join(DRUGS[k : k + 8]), kind="report")
            for k in (0, 20)]  # fmt: skip
    step = clean.load("text_dedup")
    assert not step.decide([(row.id, step.look(row, list)) for row in rows])


def test_leaks_are_found_reworded_shuffled_without_options_and_quoted():
    asked = [question(seed) for seed in range(300)]
    index = References(map(item, asked), Rule())
    for row in asked[:50]:
        assert index.find(item(reworded(row, 3))).name == row.id
        bare = replace(row, options=None, kind="text", answer=row.options["A"])
        assert index.find(item(bare)).name == row.id
        quoted = f"{' '.join(f'filler{k}' for k in range(60))} {row.question} {' '.join(f'more{k}' for k in range(60))}"
        assert index.find(text_item("long", quoted)).rule == "quoted"
    assert not [row.id for row in (question(seed, "new") for seed in range(1000, 1200)) if index.find(item(row))]


def test_a_template_with_another_word_is_another_question():
    index = References([text_item("b", "Is cerilin effective for chronic asthma?")], Rule())
    assert index.find(text_item("a", "Is cerilin effective for chronic asthma"))
    assert index.find(text_item("a", "Is valoxon effective for acute asthma?")) is None
    assert References([], Rule()).find(text_item("a", "anything")) is None


@pytest.fixture
def benchmark(monkeypatch):
    """One benchmark, mirage, with five made-up items and a template asked three times."""
    rows = [question(seed) for seed in range(5)]
    rows += [Example(id=f"t/{k}", question="Name every organ that lies left of the trachea here.", answer="yes")
             for k in range(3)]  # fmt: skip
    monkeypatch.setattr(registry, "load", lambda name, split, **knobs: rows)
    from data.clean import text_benchmarks

    text_benchmarks.references.cache_clear()
    yield rows
    text_benchmarks.references.cache_clear()


def test_rows_of_a_benchmark_go_and_templates_stay(benchmark):
    step = clean.load("text_benchmarks", {"against": ["mirage"]})
    gone = step.clean(reworded(benchmark[0], 3), list)
    assert isinstance(gone, Drop)
    assert gone.detail.startswith("q/0,")
    assert step.clean(question(99), list).id == "q/99"
    assert step.clean(benchmark[5], list) is benchmark[5]
    pictured = replace(benchmark[1], images=("a.png",))
    assert step.clean(pictured, list) is pictured
    strict = clean.load("text_benchmarks", {"against": ["mirage"], "picture_words": 0})
    assert isinstance(strict.clean(pictured, list), Drop)
    assert pickle.loads(pickle.dumps(step)) == step


def test_a_file_of_texts_is_a_benchmark_too(tmp_path):
    path = tmp_path / "mine.txt"
    path.write_text(question(7).question + "\n\n")
    gone = clean.load("text_benchmarks", {"against": [str(path)]}).clean(question(7), list)
    assert gone.detail.startswith("mine.txt:1,")
    with pytest.raises(BadInput, match="cannot be read"):
        clean.load("text_benchmarks", {"against": ["no/such.txt"]}).clean(question(7), list)


def test_what_a_recipe_gets_wrong_is_said():
    for use, knobs, says in (
        ("text_dedup", {"threshold": 0}, "threshold is 0"),
        ("text_dedup", {"of": "all"}, "question, answer"),
        ("text_benchmarks", {"against": ["medmcqs"]}, "medmcqa"),
        ("text_benchmarks", {"against": "medmcqa"}, "must be a list"),
    ):
        with pytest.raises(BadInput, match=says):
            clean.load(use, knobs)


def test_no_benchmark_here_is_an_error_not_a_clean_bill(monkeypatch, tmp_path):
    monkeypatch.setenv("LINGSHU_DATA", str(tmp_path))
    with pytest.raises(BadInput, match="no benchmark's files are here"):
        clean.load("text_benchmarks").clean(question(1), list)


@pytest.mark.skipif(not registry.folder("medmcqa").is_dir(), reason="the release files of MedMCQA are not here")
def test_planted_leaks_of_real_items_are_found():
    rows = registry.load("medmcqa", "validation")
    asked, rng = rows[::2], random.Random(0)
    index = References(map(item, asked), Rule())
    vocabulary = [word for row in asked for word in row.question.split()]
    from benchmarks.curation.texts import planted

    copies = [planted(row, rng.random() * 0.3, vocabulary, rng) for row in rng.sample(asked, 300)]
    assert sum(index.find(item(row)) is not None for row in copies) >= 0.95 * 300
