"""A Lingshu in miniature: the Qwen2.5-VL architecture from a config, with a tokenizer trained here.

Vision tower, projector and language model are transformers' own classes; only the sizes are ours, so the
checkpoint is an ordinary one (safetensors, processor, chat template, generation config), which transformers
and vLLM load like the 7B.
"""

from collections.abc import Iterable
from pathlib import Path

import torch
from transformers import (
    GenerationConfig,
    Qwen2_5_VLConfig,
    Qwen2_5_VLForConditionalGeneration,
    Qwen2_5_VLProcessor,
    Qwen2Tokenizer,
    Qwen2VLImageProcessor,
)
from transformers.models.qwen2_vl.video_processing_qwen2_vl import Qwen2VLVideoProcessor

from recipes.schema import Init, Model
from sft.sizes import init_config

SPECIAL_TOKENS = ["<|im_start|>", "<|im_end|>", "<|vision_start|>", "<|vision_end|>", "<|image_pad|>", "<|video_pad|>"]
# One token each, but ordinary text: they must survive decoding with skip_special_tokens.
TAG_TOKENS = ["<think>", "</think>", "<answer>", "</answer>"]
MIN_PIXELS, MAX_PIXELS = 56 * 56, 1280 * 28 * 28  # area of an image, Qwen2.5-VL's own limits

# ChatML as Qwen2.5-VL writes it, without a default system turn (a small model would spend its context on it).
# `generation` marks the assistant's tokens for assistant-only losses.
CHAT_TEMPLATE = (
    "{%- for message in messages -%}"
    "{{- '<|im_start|>' + message.role + '\\n' -}}"
    "{%- if message.role == 'assistant' -%}"
    "{%- generation -%}"
    "{%- if message.content is string -%}{{- message.content -}}"
    "{%- else -%}{%- for part in message.content -%}{{- part.text -}}{%- endfor -%}{%- endif -%}"
    "{{- '<|im_end|>' -}}"
    "{%- endgeneration -%}"
    "{{- '\\n' -}}"
    "{%- else -%}"
    "{%- if message.content is string -%}{{- message.content -}}"
    "{%- else -%}{%- for part in message.content -%}"
    "{%- if part.type == 'image' -%}{{- '<|vision_start|><|image_pad|><|vision_end|>' -}}"
    "{%- elif part.type == 'video' -%}{{- '<|vision_start|><|video_pad|><|vision_end|>' -}}"
    "{%- else -%}{{- part.text -}}{%- endif -%}"
    "{%- endfor -%}{%- endif -%}"
    "{{- '<|im_end|>\\n' -}}"
    "{%- endif -%}"
    "{%- endfor -%}"
    "{%- if add_generation_prompt -%}{{- '<|im_start|>assistant\\n' -}}{%- endif -%}"
)


def train_tokenizer(corpus: Iterable[str], vocab_size: int) -> Qwen2Tokenizer:
    """Byte-level BPE with Qwen's pre-tokenisation (every digit alone), trained on `corpus`."""
    tokenizer = Qwen2Tokenizer().train_new_from_iterator(
        corpus, vocab_size=vocab_size - len(TAG_TOKENS), new_special_tokens=SPECIAL_TOKENS
    )
    tokenizer.add_tokens(TAG_TOKENS)
    tokenizer.eos_token = "<|im_end|>"
    tokenizer.pad_token = "<|endoftext|>"
    return tokenizer


def build_processor(init: Init, tokenizer: Qwen2Tokenizer, min_pixels: int, max_pixels: int) -> Qwen2_5_VLProcessor:
    """Tokenizer and image processor in one; images are resized into [min_pixels, max_pixels] (area in pixels)."""
    sizes = {
        "size": {"shortest_edge": min_pixels, "longest_edge": max_pixels},
        "patch_size": init.patch_size,
        "merge_size": init.spatial_merge_size,
        "temporal_patch_size": init.temporal_patch_size,
    }
    return Qwen2_5_VLProcessor(
        image_processor=Qwen2VLImageProcessor(**sizes),
        tokenizer=tokenizer,
        video_processor=Qwen2VLVideoProcessor(**sizes),
        chat_template=CHAT_TEMPLATE,
    )


def build_config(init: Init, tokenizer: Qwen2Tokenizer) -> Qwen2_5_VLConfig:
    half = init.hidden_size // init.num_heads // 2  # rotary frequencies, shared out to time, height and width
    height = (half - half // 4) // 2
    sections = init.mrope_section or [half - 2 * height, height, height]
    ids, sizes = tokenizer.get_vocab(), init_config(init)
    vision_only = {"window_size": init.window_size} if init.window_size else {}
    return Qwen2_5_VLConfig(
        text_config={
            **sizes["text_config"],
            "vocab_size": len(tokenizer),
            "rope_parameters": {
                "rope_type": "default",
                "rope_theta": init.rope_theta or 10_000.0,
                "mrope_section": sections,
            },
            "bos_token_id": None,
            "eos_token_id": tokenizer.eos_token_id,
            "pad_token_id": tokenizer.pad_token_id,
        },
        vision_config={
            **sizes["vision_config"],
            "fullatt_block_indexes": init.fullatt_block_indexes or list(range(init.vision_depth)),
            **vision_only,
        },
        image_token_id=ids["<|image_pad|>"],
        video_token_id=ids["<|video_pad|>"],
        vision_start_token_id=ids["<|vision_start|>"],
        vision_end_token_id=ids["<|vision_end|>"],
        tie_word_embeddings=sizes["tie_word_embeddings"],
    )


def build_model(init: Init, tokenizer: Qwen2Tokenizer, seed: int = 0) -> Qwen2_5_VLForConditionalGeneration:
    """Random weights, the same for the same seed."""
    torch.manual_seed(seed)
    model = Qwen2_5_VLForConditionalGeneration(build_config(init, tokenizer))
    model.generation_config = GenerationConfig(
        eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.pad_token_id, do_sample=True
    )
    return model


def create(model: Model, corpus: Iterable[str], folder: Path, seed: int = 0) -> Path:
    """Train the tokenizer on `corpus`, build the model of `model.init` and save both to `folder` as one checkpoint."""
    assert model.init is not None
    processor = new_processor(model, corpus)
    build_model(model.init, processor.tokenizer, seed).save_pretrained(folder)
    processor.save_pretrained(folder)
    return folder


def new_processor(model: Model, corpus: Iterable[str]) -> Qwen2_5_VLProcessor:
    """The processor of `model.init`, its tokenizer trained on `corpus`."""
    assert model.init is not None
    tokenizer = train_tokenizer(corpus, model.init.vocab_size)
    low, high = model.min_pixels or MIN_PIXELS, model.max_pixels or MAX_PIXELS
    return build_processor(model.init, tokenizer, low, high)
