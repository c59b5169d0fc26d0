"""Load any checkpoint of the family: a hub id, a local folder, or a GGUF file (see `eval.gguf`)."""

from typing import Any

import torch
from safetensors import SafetensorError
from transformers import (
    AutoConfig,
    AutoModelForCausalLM,
    AutoModelForImageTextToText,
    BitsAndBytesConfig,
    PreTrainedModel,
)
from transformers.models.auto.modeling_auto import MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING_NAMES

from eval import checkpoints, gguf
from eval.engines import text_tokenizer
from recipes import BadInput
from recipes.schema import Model, Quantization

# What a checkpoint that is none raises: a missing or torn file, a config of another kind, sizes that do not fit; and
# transformers, where it lacks what it needs for it
UNREADABLE = (OSError, ValueError, RuntimeError, SafetensorError, ImportError)
# bitsandbytes 0.50 packs 4-bit weights anew when they are read without gradients on such a CPU (an evaluation in the
# middle of training), and from then on no gradient passes through them, without a word
PACKS = "support_avx512bf16_for_cpu"
WHOLE = ("model.visual", "lm_head")  # stay unquantised: few parameters, and what they say is lost in few bits


def load_model(
    name: str,
    *,
    revision: str | None = None,
    dtype: torch.dtype = torch.float32,
    attention: str | None = None,
    quantized: Quantization | None = None,
) -> PreTrainedModel:
    """The model of checkpoint `name`; vision-language or text, as its config says.

    attention: its implementation, None: transformers' choice. quantized: how the language model's matrices are held,
    which are then computed in `dtype` unless it says otherwise. Raises BadInput where `name` is no checkpoint, naming
    what is missing.
    """
    try:
        config = AutoConfig.from_pretrained(name, revision=revision)
        is_vision = config.model_type in MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING_NAMES
        auto: Any = AutoModelForImageTextToText if is_vision else AutoModelForCausalLM
        model, report = auto.from_pretrained(
            name,
            revision=revision,
            config=config,
            dtype=dtype,
            attn_implementation=attention,
            **({"quantization_config": _few_bits(quantized, dtype)} if quantized else {}),
            output_loading_info=True,
        )
    except UNREADABLE as error:
        raise BadInput([f"model {name}: cannot be loaded: {first_line(error)}"]) from error
    if missing := sorted(report["missing_keys"]):  # transformers would go on with random numbers in their place
        raise BadInput([f"model {name}: its weights lack {len(missing)} tensors, such as {missing[0]}; fetch it again"])
    for module in model.modules() if quantized else ():
        if hasattr(module, PACKS):
            setattr(module, PACKS, False)
    return model


def _few_bits(wanted: Quantization, dtype: torch.dtype) -> BitsAndBytesConfig:
    values = wanted.model_dump()
    values["bnb_4bit_compute_dtype"] = wanted.bnb_4bit_compute_dtype or dtype
    if wanted.llm_int8_skip_modules is None:
        values["llm_int8_skip_modules"] = list(WHOLE)
    return BitsAndBytesConfig(**values)


def kind_of(name: str, revision: str | None = None) -> str:
    """model_type of the checkpoint's config. BadInput where it has none."""
    try:
        return AutoConfig.from_pretrained(name, revision=revision).model_type
    except UNREADABLE as error:
        raise BadInput([f"model {name}: cannot be loaded: {first_line(error)}"]) from error


def load_processor(
    name: str, *, revision: str | None = None, min_pixels: int | None = None, max_pixels: int | None = None
) -> Any:
    """The processor of a vision-language checkpoint, the tokenizer of a text one. Areas are in pixels."""
    try:
        processor = checkpoints.load_processor(name, revision=revision, **pixel_budget(min_pixels, max_pixels))
    except UNREADABLE as error:
        raise BadInput([f"model {name}: no processor or tokenizer: {first_line(error)}"]) from error
    if not text_tokenizer(processor)("word")["input_ids"]:  # without its file, transformers makes an empty one
        raise BadInput([f"model {name}: its tokenizer has no vocabulary; is tokenizer.json missing?"])
    return processor


def look_at(name: str, settings: Model) -> tuple[dict[str, Any], Any]:
    """The config of checkpoint `name`, and its processor by the recipe's settings; no weights, nothing is converted."""
    try:
        if unconverted := gguf.peek(gguf.located(name)):
            return unconverted
        place = gguf.local_checkpoint(name)
        config = AutoConfig.from_pretrained(place, revision=settings.revision)
    except UNREADABLE as error:
        raise BadInput([f"model {name}: cannot be read: {first_line(error)}"]) from error
    pixels = {"min_pixels": settings.min_pixels, "max_pixels": settings.max_pixels}
    return config.to_dict(), load_processor(place, revision=settings.revision, **pixels)


def pixel_budget(min_pixels: int | None, max_pixels: int | None) -> dict[str, int]:
    """The settings that were given, under the names of Qwen's image processor."""
    return {k: v for k, v in {"min_pixels": min_pixels, "max_pixels": max_pixels}.items() if v is not None}


def first_line(error: Exception) -> str:
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
