"""How many parameters a model has, and what training it takes of memory: arithmetic on its config. Imports no torch.

The counts are those of transformers' own classes; the tests build them on torch's meta device. Memory is what a process
must hold whatever it computes: activations come on top, so a run that does not fit here fits nowhere.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from eval.vllm_engine import CPU_ENVIRONMENT
from recipes import Recipe
from recipes.schema import Init

GB = 2**30  # bytes: as memory is counted by those who make it
# TRL 1.16 scores tokens in tiles of so many tokens and words and never holds a row of all logits
TILE_TOKENS, TILE_WORDS = 4096, 32768
HALF = ("bfloat16", "float16")


@dataclass(frozen=True)
class Linear:
    """A matrix that `copies` layers have alike; `name` is where the first of them stands."""

    name: str
    inputs: int
    outputs: int
    copies: int = 1
    bias: bool = False

    @property
    def count(self) -> int:
        return self.copies * self.outputs * (self.inputs + self.bias)


@dataclass(frozen=True)
class Parameters:
    """What a model is made of, in numbers of parameters.

    per_token: those that each token of the text model is multiplied with (no embedding, which is only looked up).
    per_image_token: those of the vision tower, times the patches that become one token.
    adapter: those of the recipe's LoRA, None without one.
    words: size of the vocabulary. context: tokens the model was made for. source: where all this comes from, in words.
    """

    total: int
    per_token: int
    per_image_token: int = 0
    adapter: int | None = None
    words: int | None = None
    context: int | None = None
    source: str = ""

    @property
    def trained(self) -> int:
        return self.total if self.adapter is None else self.adapter

    def __str__(self) -> str:
        adapter = "" if self.adapter is None else f", about {millions(self.adapter)} of LoRA trained beside them"
        return f"{millions(self.total)} parameters ({self.source}){adapter}"


def millions(count: float) -> str:
    return f"{count / 1e9:.2f} B" if count >= 1e9 else f"{count / 1e6:.2f} M"


def of_config(config: Any, source: str, lora: dict[str, Any] | None = None) -> Parameters | None:
    """The parameters of a model by its config.json; None for an architecture that is not known here, or a torn file."""
    try:
        return _of_config(config, source, lora)
    except (KeyError, TypeError, AttributeError, ZeroDivisionError):
        return None


def of_name(name: str, lora: dict[str, Any] | None = None) -> Parameters | None:
    """What a name such as `Lingshu-7B` says; None if it says nothing. Its LoRA is then taken for nothing."""
    found = re.search(r"(?<![\w.])(\d+(?:\.\d+)?)([BM])(?![a-z0-9])", name.rpartition("/")[2], re.IGNORECASE)
    if not found:
        return None
    total = round(float(found[1]) * (1e9 if found[2] in "bB" else 1e6))
    return Parameters(total, per_token=total, adapter=0 if lora else None, source="by its name")


def init_config(init: Init) -> dict[str, Any]:
    """The sizes of a new Qwen2.5-VL under the names of its config."""
    return {
        "model_type": "qwen2_5_vl",
        "text_config": {
            "vocab_size": init.vocab_size,
            "hidden_size": init.hidden_size,
            "intermediate_size": init.intermediate_size,
            "num_hidden_layers": init.num_layers,
            "num_attention_heads": init.num_heads,
            "num_key_value_heads": init.num_kv_heads,
            "max_position_embeddings": init.max_position_embeddings,
            "tie_word_embeddings": init.tie_word_embeddings,
        },
        "vision_config": {
            "depth": init.vision_depth,
            "hidden_size": init.vision_hidden_size,
            "intermediate_size": init.vision_intermediate_size or 2 * init.vision_hidden_size,
            "num_heads": init.vision_heads,
            "out_hidden_size": init.hidden_size,
            "patch_size": init.patch_size,
            "spatial_merge_size": init.spatial_merge_size,
            "temporal_patch_size": init.temporal_patch_size,
        },
        "tie_word_embeddings": init.tie_word_embeddings,
    }


def _of_config(config: dict[str, Any], source: str, lora: dict[str, Any] | None) -> Parameters | None:
    kind = config["model_type"]
    if kind not in ("qwen2_5_vl", "qwen2", "llama"):
        return None
    text = config.get("text_config") or config  # as published, Qwen2.5-VL has the text model's sizes at the top
    language = _language(text, kind)
    table = text["vocab_size"] * text["hidden_size"]
    is_tied = bool(config.get("tie_word_embeddings") or text.get("tie_word_embeddings"))
    norms = text["hidden_size"] * (2 * text["num_hidden_layers"] + 1)
    total = table * (1 if is_tied else 2) + _count(language) + norms
    tower, merger, patch, merged = _vision(config["vision_config"]) if kind == "qwen2_5_vl" else ([], [], 0, 1)
    return Parameters(
        total + _count(tower) + _count(merger) + patch,
        per_token=_count(language) + table,
        per_image_token=merged * (_count(tower) + patch) + _count(merger),
        adapter=_adapter([*language, *tower, *merger], lora) if lora else None,
        words=text["vocab_size"],
        context=text.get("max_position_embeddings"),
        source=source,
    )


def _language(text: dict[str, Any], kind: str) -> list[Linear]:
    """The matrices of the decoder's layers."""
    width, inner, layers = text["hidden_size"], text["intermediate_size"], text["num_hidden_layers"]
    heads = text["num_attention_heads"]
    head = text.get("head_dim") or width // heads
    shared = (text.get("num_key_value_heads") or heads) * head
    is_llama = kind == "llama"
    qkv, out = (bool(text.get("attention_bias")),) * 2 if is_llama else (True, False)
    mlp = is_llama and bool(text.get("mlp_bias"))
    place = "model.layers.0" if kind != "qwen2_5_vl" else "model.language_model.layers.0"
    return [
        Linear(f"{place}.self_attn.q_proj", width, heads * head, layers, qkv),
        Linear(f"{place}.self_attn.k_proj", width, shared, layers, qkv),
        Linear(f"{place}.self_attn.v_proj", width, shared, layers, qkv),
        Linear(f"{place}.self_attn.o_proj", heads * head, width, layers, out),
        Linear(f"{place}.mlp.gate_proj", width, inner, layers, mlp),
        Linear(f"{place}.mlp.up_proj", width, inner, layers, mlp),
        Linear(f"{place}.mlp.down_proj", inner, width, layers, mlp),
    ]


def _vision(vision: dict[str, Any]) -> tuple[list[Linear], list[Linear], int, int]:
    """The matrices of the tower and of the merger, the rest (patch projection and norms), and patches a token."""
    width, inner, depth = vision["hidden_size"], vision["intermediate_size"], vision["depth"]
    merged = vision.get("spatial_merge_size", 2) ** 2
    place = "model.visual.blocks.0"
    tower = [
        Linear(f"{place}.attn.qkv", width, 3 * width, depth, True),
        Linear(f"{place}.attn.proj", width, width, depth, True),
        Linear(f"{place}.mlp.gate_proj", width, inner, depth, True),
        Linear(f"{place}.mlp.up_proj", width, inner, depth, True),
        Linear(f"{place}.mlp.down_proj", inner, width, depth, True),
    ]
    merger = [
        Linear("model.visual.merger.mlp.0", merged * width, merged * width, bias=True),
        Linear("model.visual.merger.mlp.2", merged * width, vision["out_hidden_size"], bias=True),
    ]
    pixels = vision.get("patch_size", 14) ** 2 * vision.get("temporal_patch_size", 2)
    colours = vision.get("in_channels", vision.get("in_chans", 3))
    return tower, merger, width * (colours * pixels + 2 * depth + 1), merged


def _count(matrices: Sequence[Linear]) -> int:
    return sum(matrix.count for matrix in matrices)


def _adapter(matrices: Sequence[Linear], lora: dict[str, Any]) -> int:
    """Parameters of the LoRA matrices; an estimate, as only `r` and `target_modules` are read."""
    targets = lora.get("target_modules") or [
        "q_proj",
        "v_proj",
    ]  # peft's own for text models; Qwen2.5-VL must name them

    def is_meant(name: str) -> bool:
        if isinstance(targets, str):
            return targets == "all-linear" or re.fullmatch(targets, name) is not None
        return any(name == target or name.endswith(f".{target}") for target in targets)

    meant = [matrix for matrix in matrices if is_meant(matrix.name)]
    return sum(matrix.copies * lora.get("r", 8) * (matrix.inputs + matrix.outputs) for matrix in meant)


@dataclass(frozen=True)
class Memory:
    """Bytes that one process holds where nothing is sharded.

    rollouts: vLLM's share, which each process has whole. sleeps: vLLM gives it back during the update.
    limit: bytes that the recipe states, of one GPU or of the machine; None where it states none.
    """

    weights: float
    gradients: float
    optimizer: float
    reference: float
    rollouts: float
    sleeps: bool
    processes: int
    limit: float | None

    def needed(self, shards: int = 1) -> float:
        """Bytes a process at the higher of two moments: while vLLM answers, and while the weights are updated."""
        kept = (self.weights + self.optimizer + self.reference) / shards
        update = kept + self.gradients / shards + (0.0 if self.sleeps else self.rollouts)
        return max(update, kept + self.rollouts)

    @property
    def fits(self) -> bool:
        """Whether there is room if all is shared out among the processes (ZeRO-3, FSDP)."""
        return self.limit is None or self.needed(self.processes) <= self.limit

    def __str__(self) -> str:
        plain, sharded = gigabytes(self.needed()), gigabytes(self.needed(self.processes))
        if self.limit is None:
            return f"at least {plain}, without activations"
        limit = gigabytes(self.limit)
        if self.needed() <= self.limit:
            return f"fits: at least {plain} of {limit}, without activations"
        ways = f"{sharded} of {limit} a process, without activations"
        return f"fits only fully sharded (ZeRO-3 or FSDP) over {self.processes}: at least {ways}; unsharded {plain}"


def gigabytes(count: float) -> str:
    return f"{count / GB:,.1f} GB" if count >= GB else f"{count / 2**20:,.0f} MB"


def memory(recipe: Recipe, parameters: Parameters) -> Memory:
    """What the recipe's run must hold; a lower bound, by the hardware that it states."""
    settings, hardware = recipe.grpo or recipe.sft, recipe.run.hardware
    dtype = (recipe.grpo.get("model_init_kwargs") or {}).get("dtype")
    width = 2 if dtype in HALF else 4  # bytes; bf16 alone means autocast over fp32 weights
    has_reference = recipe.grpo.get("beta", 0.0) != 0 and parameters.adapter is None  # LoRA: the policy without it
    limit = hardware.memory_gb * GB if hardware.memory_gb else None
    return Memory(
        weights=width * (parameters.total + (parameters.adapter or 0)),
        gradients=width * parameters.trained,
        optimizer=_optimizer_width(settings.get("optim", "adamw_torch_fused"), width) * parameters.trained,
        reference=width * parameters.total if has_reference else 0,
        rollouts=_rollouts(recipe, parameters, limit),
        sleeps=bool(recipe.grpo.get("vllm_enable_sleep_mode")),
        processes=hardware.processes,
        limit=limit,
    )


def _optimizer_width(name: str, width: int) -> int:
    """Bytes a parameter. Adam keeps two numbers in the weights' precision; what others keep is not counted."""
    if not name.startswith("adamw"):
        return 0
    return 2 if "8bit" in name else 1 if "4bit" in name else 2 * width


def _rollouts(recipe: Recipe, parameters: Parameters, limit: float | None) -> float:
    """vLLM in the trainer's process: a stated share of the GPU; without one, its weights and a cache of fixed size."""
    grpo = recipe.grpo
    if not grpo.get("use_vllm") or grpo.get("vllm_mode", "colocate") != "colocate":
        return 0
    if recipe.run.hardware.device == "cuda":
        weights = 2 * parameters.total / grpo.get("vllm_tensor_parallel_size", 1)
        return weights if limit is None else limit * grpo.get("vllm_gpu_memory_utilization", 0.3)
    return 4 * parameters.total + float(CPU_ENVIRONMENT["VLLM_CPU_KVCACHE_SPACE"]) * GB


def largest_logits(parameters: Parameters, tokens: int | None, width: int) -> int:
    """Bytes of the most logits there are at once, `width` bytes each, in micro-batches of `tokens` (None: many)."""
    rows = TILE_TOKENS if tokens is None else min(tokens, TILE_TOKENS)
    return rows * min(parameters.words or TILE_WORDS, TILE_WORDS) * width
