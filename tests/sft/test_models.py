"""Any checkpoint of the family through one door; what is no checkpoint is refused in one line."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gguf
import pytest
import torch
from transformers import Qwen2Config, Qwen2ForCausalLM

import recipes
from eval import gguf as gguf_files
from recipes import BadInput
from recipes.schema import Model
from sft import models, small_model

Break = Callable[[Path], object]


def change_config(section: str, **values: Any) -> Break:
    def change(folder: Path) -> None:
        config = json.loads((folder / "config.json").read_text())
        part = config[section]
        part.pop("layer_types", None)
        part |= values
        (folder / "config.json").write_text(json.dumps(config))

    return change


def halve(folder: Path) -> None:
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[: weights.stat().st_size // 2])


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (halve, "cannot be loaded"),
        (lambda folder: (folder / "model.safetensors").write_text("no weights"), "cannot be loaded"),
        (lambda folder: (folder / "model.safetensors").unlink(), "no file named model.safetensors"),
        (lambda folder: (folder / "config.json").write_text('{"a'), "not a valid JSON"),
        (lambda folder: (folder / "config.json").write_text("{}"), "model_type"),
        (lambda folder: (folder / "config.json").write_text('{"model_type": "abacus"}'), "abacus"),
        (change_config("text_config", hidden_size=64), "cannot be loaded"),
        (change_config("text_config", num_hidden_layers=3), r"lack 12 tensors, such as .*layers\.2\."),
    ],
)
def test_a_checkpoint_that_is_none_is_refused_in_one_line(
    checkpoint: Path, tmp_path: Path, damage: Break, reason: str
) -> None:
    damage(shutil.copytree(checkpoint, tmp_path / "model"))
    with pytest.raises(BadInput, match=reason) as refused:
        models.load_model(str(tmp_path / "model"))
    assert len(refused.value.problems) == 1
    assert str(tmp_path / "model") in str(refused.value)


@pytest.mark.parametrize(
    "lost", [["tokenizer.json"], ["tokenizer.json", "tokenizer_config.json", "processor_config.json"]]
)
def test_a_checkpoint_without_its_tokenizer_is_refused(checkpoint: Path, tmp_path: Path, lost: list[str]) -> None:
    shutil.copytree(checkpoint, tmp_path / "model")
    for name in lost:
        (tmp_path / "model" / name).unlink()
    with pytest.raises(BadInput, match="no vocabulary; is tokenizer.json missing"):
        models.load_processor(str(tmp_path / "model"))


def test_what_is_not_there_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BadInput, match="cannot be loaded"):
        models.load_model(str(tmp_path / "nothing"))
    with pytest.raises(BadInput, match=r"nothing\.gguf: no such file"):
        gguf_files.local_checkpoint(str(tmp_path / "nothing.gguf"))


def test_the_pixel_budget_reaches_the_image_processor(checkpoint: Path, picture: Callable[..., Any]) -> None:
    def n_tokens(**budget: int) -> int:
        processor = models.load_processor(str(checkpoint), **budget)
        return processor(text=["<|image_pad|>"], images=[picture(200, 150)], return_tensors="pt")["input_ids"].shape[1]

    own = n_tokens()
    assert n_tokens(max_pixels=3136) < own < n_tokens(min_pixels=3136 * 9, max_pixels=3136 * 16)
    assert n_tokens(max_pixels=3136) <= 3136 / 28**2  # one token for every 28 x 28 pixels
    assert own <= 12544 / 28**2


def test_names_become_what_from_pretrained_takes(checkpoint: Path) -> None:
    assert gguf_files.local_checkpoint("Qwen/Qwen2.5-VL-7B-Instruct") == "Qwen/Qwen2.5-VL-7B-Instruct"
    assert gguf_files.local_checkpoint(str(checkpoint)) == str(checkpoint)
    assert gguf_files.local_checkpoint("recipes") == str(recipes.ROOT / "recipes")


def test_the_dtype_is_the_one_asked_for(checkpoint: Path) -> None:
    assert models.load_model(str(checkpoint)).dtype == torch.float32
    assert models.load_model(str(checkpoint), dtype=torch.bfloat16).dtype == torch.bfloat16


def write_gguf(path: Path, model: Qwen2ForCausalLM, tokenizer: Any) -> None:
    """The model and its tokenizer as llama.cpp's converter would lay them down, in fp32."""
    config, file = model.config, gguf.GGUFWriter(path, "qwen2")
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
    file.add_eos_token_id(tokenizer.eos_token_id)
    file.add_pad_token_id(tokenizer.pad_token_id)
    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.QWEN2, config.num_hidden_layers)
    for name, tensor in model.state_dict().items():
        file.add_tensor(names.get_name(name, try_suffixes=(".weight", ".bias")), tensor.numpy())
    file.write_header_to_file()
    file.write_kv_data_to_file()
    file.write_tensors_to_file()
    file.close()


def test_a_gguf_file_becomes_a_checkpoint_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gguf_files, "ROOT", tmp_path)  # where the cache lies
    tokenizer = small_model.train_tokenizer(["the value is low, normal or high 0 1 2"] * 5, 300)
    torch.manual_seed(0)
    model = Qwen2ForCausalLM(
        Qwen2Config(
            vocab_size=len(tokenizer),
            hidden_size=32,
            intermediate_size=32,
            num_hidden_layers=2,
            num_attention_heads=2,
            num_key_value_heads=1,
            max_position_embeddings=128,
        )
    )
    write_gguf(tmp_path / "tiny.gguf", model, tokenizer)

    config, looked_at = models.look_at("tiny.gguf", Model())
    assert not (tmp_path / ".cache").exists()  # to look at it does not convert it
    assert config["num_hidden_layers"] == 2
    assert looked_at("low 12")["input_ids"] == tokenizer("low 12")["input_ids"]
    assert looked_at.eos_token == tokenizer.eos_token

    folder = gguf_files.local_checkpoint("tiny.gguf")
    assert models.look_at("tiny.gguf", Model())[0]["num_hidden_layers"] == 2
    converted, same = models.load_model(folder), models.load_processor(folder)
    for name, value in model.state_dict().items():
        assert torch.equal(converted.state_dict()[name], value.bfloat16().float()), name
    assert same("low 12")["input_ids"] == tokenizer("low 12")["input_ids"]
    assert same.eos_token == tokenizer.eos_token

    written = (Path(folder) / "model.safetensors").stat().st_mtime_ns
    assert gguf_files.local_checkpoint("tiny.gguf") == folder
    assert (Path(folder) / "model.safetensors").stat().st_mtime_ns == written
    assert [path.name for path in Path(folder).parent.iterdir()] == [Path(folder).name]


def test_to_look_at_a_checkpoint_reads_no_weights(
    checkpoint: Path, tmp_path: Path, picture: Callable[..., Any]
) -> None:
    shutil.copytree(checkpoint, tmp_path / "model")
    (tmp_path / "model" / "model.safetensors").unlink()
    config, processor = models.look_at(str(tmp_path / "model"), Model(max_pixels=3136))
    assert config["text_config"]["num_hidden_layers"] == 2
    assert processor.image_processor.size["longest_edge"] == 3136
    (tmp_path / "model" / "config.json").write_text('{"a')
    with pytest.raises(BadInput, match="model: cannot be read: .*not a valid JSON"):
        models.look_at(str(tmp_path / "model"), Model())


def test_a_gguf_file_that_is_none_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gguf_files, "ROOT", tmp_path)
    (tmp_path / "fake.gguf").write_text("not a model")
    with pytest.raises(BadInput, match=r"fake\.gguf: cannot be converted: .*not a GGUF file"):
        gguf_files.local_checkpoint("fake.gguf")
    with pytest.raises(BadInput, match=r"fake\.gguf: cannot be read: .*not a GGUF file"):
        models.look_at("fake.gguf", Model())
    assert not (tmp_path / ".cache").exists()
