"""What models are made of, part by part, by their config: the counts are those of transformers' own classes, which the
tests build on torch's meta device. Imports no torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

KINDS = ("qwen2_5_vl", "qwen3_vl", "qwen2", "llama")


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
class Part:
    """A part of a model in numbers of parameters. multiplied: its matrices' and norms', which what it reads meets;
    looked_up: tables."""

    matrices: Sequence[Linear] = ()
    norms: int = 0
    looked_up: int = 0

    @property
    def multiplied(self) -> int:
        return sum(matrix.count for matrix in self.matrices)

    @property
    def total(self) -> int:
        return self.multiplied + self.norms + self.looked_up


def parts(config: Mapping[str, Any]) -> dict[str, Part]:
    """vision, projector and llm of one of KINDS; of a text model the llm alone. A tied head is counted once."""
    text = text_of(config)
    is_tied = bool(config.get("tie_word_embeddings") or text.get("tie_word_embeddings"))
    language = _language(text, config["model_type"], 1 if is_tied else 2)
    if config["model_type"] == "qwen2_5_vl":
        return {**_vision_2_5(config["vision_config"]), "llm": language}
    return {**(_vision_3(config["vision_config"]) if config["model_type"] == "qwen3_vl" else {}), "llm": language}


def text_of(config: Mapping[str, Any]) -> Mapping[str, Any]:
    """The config of the text model, whose sizes stand at the top where a Qwen2.5-VL is as it was published."""
    return config.get("text_config") or config


def _language(text: Mapping[str, Any], kind: str, tables: int) -> Part:
    """The decoder's layers, and the tables of words: of what is read and, unless it is the same, of what is said."""
    width, inner, layers = text["hidden_size"], text["intermediate_size"], text["num_hidden_layers"]
    heads = text["num_attention_heads"]
    head = text.get("head_dim") or width // heads
    shared = (text.get("num_key_value_heads") or heads) * head
    qkv = out = bool(text.get("attention_bias"))
    if kind in ("qwen2_5_vl", "qwen2"):
        qkv, out = True, False
    mlp = kind == "llama" and bool(text.get("mlp_bias"))
    place = "model.language_model.layers.0" if kind.endswith("_vl") else "model.layers.0"
    matrices = [
        Linear(f"{place}.self_attn.q_proj", width, heads * head, layers, qkv),
        Linear(f"{place}.self_attn.k_proj", width, shared, layers, qkv),
        Linear(f"{place}.self_attn.v_proj", width, shared, layers, qkv),
        Linear(f"{place}.self_attn.o_proj", heads * head, width, layers, out),
        Linear(f"{place}.mlp.gate_proj", width, inner, layers, mlp),
        Linear(f"{place}.mlp.up_proj", width, inner, layers, mlp),
        Linear(f"{place}.mlp.down_proj", inner, width, layers, mlp),
    ]
    of_heads = 2 * head * layers if kind == "qwen3_vl" else 0  # queries and keys are normed head by head
    return Part(matrices, width * (2 * layers + 1) + of_heads, tables * text["vocab_size"] * width)


def _vision_2_5(vision: Mapping[str, Any]) -> dict[str, Part]:
    width, inner, depth = vision["hidden_size"], vision["intermediate_size"], vision["depth"]
    merged = merged_patches(vision) * width
    place = "model.visual.blocks.0"
    tower = [
        _patches(vision, bias=False),
        Linear(f"{place}.attn.qkv", width, 3 * width, depth, True),
        Linear(f"{place}.attn.proj", width, width, depth, True),
        Linear(f"{place}.mlp.gate_proj", width, inner, depth, True),
        Linear(f"{place}.mlp.up_proj", width, inner, depth, True),
        Linear(f"{place}.mlp.down_proj", inner, width, depth, True),
    ]
    merger = [
        Linear("model.visual.merger.mlp.0", merged, merged, bias=True),
        Linear("model.visual.merger.mlp.2", merged, vision["out_hidden_size"], bias=True),
    ]
    return {"vision": Part(tower, 2 * depth * width), "projector": Part(merger, width)}


def _vision_3(vision: Mapping[str, Any]) -> dict[str, Part]:
    """As 2.5's, but with biases in its norms, a table of positions, and a merger for each layer that deepstack taps."""
    width, inner, depth = vision["hidden_size"], vision["intermediate_size"], vision["depth"]
    merged, taps = merged_patches(vision) * width, len(vision["deepstack_visual_indexes"])
    place = "model.visual.blocks.0"
    tower = [
        _patches(vision, bias=True),
        Linear(f"{place}.attn.qkv", width, 3 * width, depth, True),
        Linear(f"{place}.attn.proj", width, width, depth, True),
        Linear(f"{place}.mlp.linear_fc1", width, inner, depth, True),
        Linear(f"{place}.mlp.linear_fc2", inner, width, depth, True),
    ]
    mergers = [
        Linear(f"model.visual.{name}.linear_fc{i}", merged, outputs, copies, True)
        for name, copies in (("merger", 1), ("deepstack_merger_list.0", taps))
        for i, outputs in ((1, merged), (2, vision["out_hidden_size"]))
    ]
    return {
        "vision": Part(tower, 4 * depth * width, vision["num_position_embeddings"] * width),
        "projector": Part(mergers, 2 * width + 2 * taps * merged),
    }


def _patches(vision: Mapping[str, Any], *, bias: bool) -> Linear:
    """The projection of patches, a convolution whose steps are as wide as its kernel."""
    pixels = vision.get("patch_size", 14) ** 2 * vision.get("temporal_patch_size", 2)
    colours = vision.get("in_channels", vision.get("in_chans", 3))
    return Linear("model.visual.patch_embed.proj", colours * pixels, vision["hidden_size"], bias=bias)


def merged_patches(vision: Mapping[str, Any]) -> int:
    """Patches that become one token."""
    return vision.get("spatial_merge_size", 2) ** 2
