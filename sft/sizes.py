"""How many parameters a model has, and what training it takes of memory: arithmetic on its config. Imports no torch.

Memory is what a process must hold whatever it computes: activations come on top, so a run that does not fit here fits
nowhere.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from eval.vllm_engine import CPU_ENVIRONMENT
from recipes import Recipe
from recipes.schema import Init
from sft import architectures
from sft.architectures import Linear, Part

GB = 2**30  # bytes: as memory is counted by those who make it
# TRL 1.16 scores tokens in tiles of so many tokens and words and never holds a row of all logits
TILE_TOKENS, TILE_WORDS = 4096, 32768
HALF = ("bfloat16", "float16")


@dataclass(frozen=True)
class Parameters:
    """What a model is made of, in numbers of parameters.

    per_token: those that each token of the text model is multiplied with (no embedding, which is only looked up).
    per_image_token: those of the vision tower, times the patches that become one token.
    adapter: those of the recipe's LoRA, None without one. few_bits: those that model.quantization_config makes small.
    words: size of the vocabulary. context: tokens the model was made for. source: where all this comes from, in words.
    parts: those of each part (vision, projector, llm), none where only the total is known; adapters: of the LoRA.
    """

    total: int
    per_token: int
    per_image_token: int = 0
    adapter: int | None = None
    words: int | None = None
    context: int | None = None
    source: str = ""
    parts: Mapping[str, int] = field(default_factory=dict)
    adapters: Mapping[str, int] = field(default_factory=dict)
    few_bits: int = 0

    def trained(self, frozen: Collection[str] = ()) -> int:
        """Those that training moves where some parts are frozen; at least so many where the parts are not known."""
        if not frozen:
            return self.total if self.adapter is None else self.adapter
        return sum(n for part, n in self._moving.items() if part not in frozen)

    def by_part(self, frozen: Collection[str] = ()) -> dict[str, dict[str, int]]:
        """Part -> how many are trained, and how many of the model's own stay as they are."""
        moving = {part: 0 if part in frozen else self._moving.get(part, 0) for part in self.parts}
        still = {part: n if self.adapter is not None or part in frozen else 0 for part, n in self.parts.items()}
        return {part: {"trained": moving[part], "frozen": still[part]} for part in self.parts}

    @property
    def _moving(self) -> Mapping[str, int]:
        return self.parts if self.adapter is None else self.adapters

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
    return Parameters(total, per_token=total, adapter=0 if lora else None, source="by its name", few_bits=total)


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
    if config["model_type"] not in architectures.KINDS:
        return None
    parts, text = architectures.parts(config), architectures.text_of(config)
    vision, projector, language = (parts.get(name, Part()) for name in ("vision", "projector", "llm"))
    patches = architectures.merged_patches(config["vision_config"]) if vision.total else 0
    totals = {name: part.total for name, part in parts.items()}
    adapters = {name: _adapter(part.matrices, lora) for name, part in parts.items()} if lora else None
    return Parameters(
        sum(totals.values()),
        per_token=language.multiplied + text["vocab_size"] * text["hidden_size"],
        per_image_token=patches * (vision.multiplied + vision.norms) + projector.multiplied,
        adapter=None if adapters is None else sum(adapters.values()),
        words=text["vocab_size"],
        context=text.get("max_position_embeddings"),
        source=source,
        parts=totals,
        adapters=adapters or {},
        few_bits=language.multiplied,
    )


def _adapter(matrices: Sequence[Linear], lora: dict[str, Any]) -> int:
    """Parameters of the LoRA matrices; an estimate, as only `r`, `target_modules` and `use_dora` are read."""
    targets = lora.get("target_modules") or ["q_proj", "v_proj"]  # peft's own for text models; others must name them

    def is_meant(name: str) -> bool:
        if isinstance(targets, str):
            is_linear = not name.endswith("patch_embed.proj")  # a convolution
            return is_linear if targets == "all-linear" else re.fullmatch(targets, name) is not None
        return any(name == target or name.endswith(f".{target}") for target in targets)

    meant = [matrix for matrix in matrices if is_meant(matrix.name)]
    r, is_dora = lora.get("r", 8), bool(lora.get("use_dora"))  # DoRA: a length for each output
    return sum(one.copies * (r * (one.inputs + one.outputs) + is_dora * one.outputs) for one in meant)


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
    def fits_whole(self) -> bool:
        """Whether there is room if nothing is shared out."""
        return self.limit is None or self.needed() <= self.limit

    @property
    def fits(self) -> bool:
        """Whether there is room if all is shared out among the processes (ZeRO-3, FSDP)."""
        return self.limit is None or self.needed(self.processes) <= self.limit

    def __str__(self) -> str:
        plain, sharded = gigabytes(self.needed()), gigabytes(self.needed(self.processes))
        if self.limit is None:
            return f"at least {plain}, without activations"
        limit = gigabytes(self.limit)
        if self.fits_whole:
            return f"fits: at least {plain} of {limit}, without activations"
        ways = f"{sharded} of {limit} a process, without activations"
        return f"fits only sharded, fully (ZeRO-3 or FSDP) over {self.processes}: at least {ways}; unsharded {plain}"


def gigabytes(count: float) -> str:
    return f"{count / GB:,.1f} GB" if count >= GB else f"{count / 2**20:,.0f} MB"


def memory(recipe: Recipe, parameters: Parameters) -> Memory:
    """What the recipe's run must hold; a lower bound, by the hardware that it states. Of the parts that are frozen
    there are neither gradients nor an optimizer's numbers."""
    hardware = recipe.run.hardware
    trained = parameters.trained(frozen(recipe))
    dtype = (recipe.grpo.get("model_init_kwargs") or {}).get("dtype")
    width = 2 if dtype in HALF or _is_small(recipe) else 4  # bytes; bf16 alone means autocast over fp32 weights
    has_reference = recipe.grpo.get("beta", 0.0) != 0 and parameters.adapter is None  # LoRA: the policy without it
    limit = hardware.memory_gb * GB if hardware.memory_gb else None
    return Memory(
        weights=_weights(recipe, parameters, width),
        gradients=width * trained,
        optimizer=_optimizer_width(_optimizer(recipe), width) * trained,
        reference=width * parameters.total if has_reference else 0,
        rollouts=_rollouts(recipe, parameters, limit),
        sleeps=bool(recipe.grpo.get("vllm_enable_sleep_mode")),
        processes=hardware.processes,
        limit=limit,
    )


def _weights(recipe: Recipe, parameters: Parameters, width: int) -> float:
    """Bytes, of which each parameter that is not held in few bits takes `width`."""
    whole = parameters.total + (parameters.adapter or 0)
    few = recipe.model.quantization_config
    if few is None:
        return width * whole
    scales = 1 / 64 if few.bnb_4bit_use_double_quant else 4 / 64  # a number for each block of 64, of 1 byte or 4
    small = 0.5 + scales if few.load_in_4bit else 1
    return small * parameters.few_bits + width * (whole - parameters.few_bits)


def _is_small(recipe: Recipe) -> bool:
    """Whether what stands beside a base of few bits is held in bf16, as what is computed."""
    cannot = recipe.run.hardware.device == "cpu" or recipe.sft.get("bf16") is False or recipe.sft.get("fp16")
    return recipe.model.quantization_config is not None and not cannot


def deepspeed(recipe: Recipe, parameters: Parameters, stage: int) -> Memory:
    """The same of one process of several under DeepSpeed's ZeRO stage 2 or 3.

    In bf16, TRL's default, DeepSpeed holds weights and gradients in 2 bytes, and of those trained a copy in fp32 beside
    the optimizer's numbers. Stage 2 shares out all but the weights and the reference.
    """
    settings = recipe.grpo or recipe.sft
    plain = memory(recipe, parameters)
    n, trained = plain.processes, parameters.trained(frozen(recipe))
    width, copies = (2, 4) if settings.get("bf16") is not False or settings.get("fp16") else (4, 0)
    whole = n if stage == 3 else 1
    return replace(
        plain,
        weights=_weights(recipe, parameters, width) / whole,
        gradients=width * trained / n,
        optimizer=(copies + _optimizer_width(_optimizer(recipe), 4)) * trained / n,
        reference=width * parameters.total / whole if plain.reference else 0,
        processes=1,
    )


def frozen(recipe: Recipe) -> set[str]:
    """The parts that the recipe leaves as they are."""
    return {part for part, rate in recipe.tune if rate == "frozen"}


def _optimizer(recipe: Recipe) -> str:
    return (recipe.grpo or recipe.sft).get("optim", "adamw_torch_fused")


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
