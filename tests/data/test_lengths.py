"""How long rows are and how large their pictures."""

import json
import random
import tracemalloc
from collections import Counter

import pytest
from PIL import Image

from data import lengths
from data.__main__ import main
from data.build import store
from data.example import Example


def row(name="a", question="What is it?", answer="tin", size=None, source="plates", **meta):
    images = (Image.new("L", size),) if size else ()
    return Example(name, question, answer, kind="text", images=images, source=source, meta=meta)


@pytest.mark.parametrize("max_pixels", [lengths.MAX_PIXELS, 1_003_520])
def test_a_picture_has_the_tokens_that_the_processor_makes_of_it(max_pixels):
    module = pytest.importorskip("transformers.models.qwen2_vl.image_processing_qwen2_vl")
    draw = random.Random(0)
    sizes = [(draw.randint(4, 700) * draw.choice([1, 9]), draw.randint(4, 700)) for _ in range(3000)]
    for width, height in [(28, 28), (336, 6), (4000, 3000), *sizes]:
        if max(width, height) / min(width, height) < 200:  # the processor refuses more
            down, across = module.smart_resize(height, width, 28, lengths.MIN_PIXELS, max_pixels)
            wanted = down * across // 28**2
            assert lengths.image_tokens(width, height, max_pixels) == wanted, (width, height)


def test_rows_are_counted_by_their_source():
    rows = [row("a", size=(56, 84)), row("b", answer="tin or zinc"), row("c", source="other", trace="It is red.")]
    found = lengths.facts(lengths.measured(rows), max_length=8)
    plates, other = found["sources"]["plates"], found["sources"]["other"]
    assert (plates["rows"], plates["image_tokens"]["total"], plates["pictures"]["total"]) == (2, 6, 1)
    assert (plates["width"]["max"], plates["height"]["max"]) == (56, 84)
    assert (plates["answer"]["max"], other["answer"]["max"]) == (3, 4)  # reasoning is learnt, too
    assert plates["together"]["max"] == 3 + 1 + 6 + lengths.MARKS
    assert (plates["above_max_length"], other["above_max_length"]) == (1, 0)
    assert found["sources"][lengths.ALL]["rows"] == 3


def test_the_spread_of_numbers():
    found = lengths.spread(Counter(dict.fromkeys(range(1, 101), 1) | {0: 1}))
    assert [found[name] for name in ("min", "p5", "median", "p95", "p99", "max")] == [0, 5, 50, 95, 99, 100]
    assert (found["mean"], found["total"]) == (50.0, 5050)
    assert found["histogram"] == {"0": 1, "1": 1, "2-3": 2, "4-7": 4, "8-15": 8, "16-31": 16, "32-63": 32, "64-127": 37}


def test_parts_of_a_corpus_add_up_after_json():
    rows = [row(str(i), "word " * (1 + i % 9), size=(28 * (2 + i % 3), 56)) for i in range(40)]
    parts = [json.loads(json.dumps(lengths.measured(rows[i::4]))) for i in range(4)]
    assert lengths.facts(lengths.merged(parts)) == lengths.facts(lengths.measured(rows))


def test_a_few_rows_are_in_memory_at_once():
    def rows():
        for i in range(3000):
            yield row(str(i), "x" * 100_000)

    tracemalloc.start()
    lengths.measured(rows())
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 5_000_000  # the rows are 300 MB


def test_stats_of_a_built_folder_and_of_a_recipe(tmp_path, capsys):
    rows = [row(str(i), size=(84, 56)) for i in range(5)] + [row("x", source="text", size=None)]
    store.write(tmp_path / "made/part-00000-of-00001.parquet", rows, embed=True)
    assert main(["stats", str(tmp_path / "made"), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["unit"], found["sources"]["plates"]["image_tokens"]["total"]) == ("words", 30)
    assert "above_max_length" not in found["sources"][lengths.ALL]  # nothing is said of tokens that were not counted
    recipe = {
        "data": {"train": [{"use": "built", "path": str(tmp_path / "made")}, {"use": "clinic", "n": 7}]},
        "build": {},
    }
    (tmp_path / "recipe.yaml").write_text(json.dumps(recipe))
    assert main(["stats", str(tmp_path / "recipe.yaml")]) == 0
    shown = capsys.readouterr().out
    assert [line.split()[:2] for line in shown.splitlines()[1:4]] == [
        ["built_train", "6"],
        ["clinic_train", "7"],
        [lengths.ALL, "13"],
    ]
    assert "rows by length" in shown


@pytest.fixture
def tokenizer(tmp_path):
    """One token a letter."""
    tokenizers = pytest.importorskip("tokenizers")
    transformers = pytest.importorskip("transformers")
    letters = {letter: i for i, letter in enumerate("?abcdefghijklmnopqrstuvwxyzW ")}
    made = tokenizers.Tokenizer(tokenizers.models.BPE(vocab=letters, merges=[], unk_token="?"))
    transformers.PreTrainedTokenizerFast(tokenizer_object=made, unk_token="?").save_pretrained(tmp_path / "tokenizer")
    return tmp_path / "tokenizer"


def test_tokens_are_counted_and_rows_that_are_too_long(tmp_path, tokenizer, capsys):
    rows = [row(str(i), "What is it?" + " it" * i, size=(84, 56)) for i in range(4)]
    store.write(tmp_path / "made/part-00000-of-00001.parquet", rows, embed=True)
    words = ["stats", str(tmp_path / "made"), "--tokenizer", str(tokenizer)]
    assert main([*words, "--json", "--max-length", "27"]) == 0
    found = json.loads(capsys.readouterr().out)["sources"]["plates"]
    assert (found["prompt"]["min"], found["answer"]["max"]) == (len("What is it?"), len("tin"))
    assert found["together"]["min"] == 11 + 3 + 6 + lengths.MARKS
    assert found["above_max_length"] == 2
    assert main([*words, "--max-length", "27"]) == 0
    assert "2 of 4 rows of plates are longer than 27 tokens" in capsys.readouterr().out


def test_bad_use_of_stats_is_one_line(tmp_path, capsys):
    (tmp_path / "empty").mkdir()
    for words, said in {
        (str(tmp_path / "empty"),): "holds no part-*.parquet",
        ("recipes/data/rl_rates.yaml",): "names no data",
        ("recipes/nothing.yaml",): "nothing.yaml",
        ("recipes/data/nano_rl_pool.yaml", "--tokenizer", str(tmp_path)): "cannot be read",
    }.items():
        assert main(["stats", *words]) == 2
        error = capsys.readouterr().err
        assert said in error
        assert error.count("\n") == 1
