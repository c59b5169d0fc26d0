"""Liger's kernels beside transformers' layers, run without a GPU by Triton's interpreter: `python liger_interpreted.py
CHECKPOINT OUT` prints one JSON object. A process of its own, since Liger changes transformers' modules for good."""

import json
import os
import sys
from pathlib import Path
from typing import Any

os.environ["TRITON_INTERPRET"] = "1"
sys.path[:] = [str(Path(__file__).resolve().parents[2])] + sys.path[1:]

import numpy as np  # noqa: E402
import torch  # noqa: E402
import triton  # noqa: E402
import triton.language as tl  # noqa: E402
from triton.language.extra import libdevice  # noqa: E402
from triton.language.extra.cuda import libdevice as of_cuda  # noqa: E402
from triton.runtime import interpreter  # noqa: E402


@triton.jit
def rsqrt(x):
    return tl.rsqrt(x)


def as_argument(value: Any, usual: Any = interpreter._implicit_cvt) -> Any:
    """The interpreter hands on a float as Python's, which has no `to`; the compiler as fp32."""
    if isinstance(value, float):
        return tl.tensor(interpreter.TensorHandle(np.array([value], np.float32), tl.float32), tl.float32)
    return usual(value)


interpreter._implicit_cvt = as_argument
libdevice.rsqrt = of_cuda.rsqrt = rsqrt  # CUDA's own is no Python

TEXT = {
    "vocab_size": 64, "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 2,
    "num_key_value_heads": 1, "head_dim": 16,
}  # fmt: skip
VISION = {"depth": 1, "hidden_size": 32, "num_heads": 2, "intermediate_size": 48, "out_hidden_size": 32}
ROPE = {"rope_parameters": {"rope_type": "default", "rope_theta": 10000.0, "mrope_section": [2, 3, 3]}}
SEEING = {
    "qwen2_5_vl": {"fullatt_block_indexes": [0]},
    "qwen3_vl": {"deepstack_visual_indexes": [0], "num_position_embeddings": 16},
}


def tiny(kind: str) -> Any:
    from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForImageTextToText

    torch.manual_seed(0)
    if kind not in SEEING:
        return AutoModelForCausalLM.from_config(AutoConfig.for_model(kind, **TEXT))
    config = AutoConfig.for_model(kind, text_config={**TEXT, **ROPE}, vision_config={**VISION, **SEEING[kind]})
    return AutoModelForImageTextToText.from_config(config)


def passed(model: Any) -> dict[str, torch.Tensor]:
    """The logits of a row of two samples, and all gradients that their sum gives."""
    model.zero_grad()
    given = {"input_ids": torch.arange(2, 22)[None], "use_cache": False}
    if "vl" in model.config.model_type:
        given["position_ids"] = torch.cat([torch.arange(12), torch.arange(8)]).expand(4, 1, -1)
    logits = model(**given).logits
    logits.square().sum().backward()
    found = {name: one.grad.clone() for name, one in model.named_parameters() if one.grad is not None}
    return {"logits": logits.detach(), **found}


def layer_by_layer(kind: str) -> dict[str, Any]:
    """How far apart Liger's and transformers' own are, relatively, and which of the norms Liger computes."""
    from transformers.integrations.liger import apply_liger_kernel

    model = tiny(kind)
    own = passed(model)
    apply_liger_kernel(model, {"fused_linear_cross_entropy": False})
    other = passed(model)
    apart = max(float((own[name] - other[name]).norm() / own[name].norm().clamp(min=1e-6)) for name in own)
    return {
        "apart": apart,
        "liger": sum("Liger" in repr(one) for one in model.modules() if "norm" in repr(one).lower()),
    }


def learnt(checkpoint: str, out: Path, *packages: str) -> dict[str, list[float]]:
    """The losses of a stage on a machine with these packages, its model whole and under LoRA."""
    import recipes
    from sft import lessons, machine, mixture, stage

    machine.here = lambda: machine.Machine("an interpreter", (8, 0), frozenset(packages))
    found: dict[str, list[float]] = {}
    for name, lora in (("full", ""), ("lora", ", lora: {r: 4, target_modules: all-linear}")):
        recipe = out / "recipe.yaml"
        recipe.write_text(
            f"model: {{name: {checkpoint}, min_pixels: 3136, max_pixels: 12544{lora}}}\n"
            "data: {train: [{use: clinic, n: 4, families: [lab_range, lesion_side]}], prompt: plain}\n"
            "sft: {per_device_train_batch_size: 2, max_steps: 2, learning_rate: 1e-2, logging_steps: 1, bf16: false,"
            " gradient_checkpointing: false, save_strategy: 'no'}\n"
            f"run: {{output_dir: {out}/run, report_to: none}}\n"
        )
        loaded = recipes.load(recipe)
        samples = lessons.samples(loaded, mixture.load(loaded))
        trainer = stage.trainer(loaded, checkpoint, samples, out / name, [])
        trainer.train()
        found[name] = [entry["loss"] for entry in trainer.state.log_history if "loss" in entry]
        assert ("LigerRMSNorm" in repr(trainer.model)) == bool(packages), trainer.model
    return found


if __name__ == "__main__":
    from sft.machine import LIGER

    place = sys.argv[1], Path(sys.argv[2])
    own = learnt(*place)  # first: once Liger has been there, a Qwen2.5-VL is built with its layers
    kinds = {kind: layer_by_layer(kind) for kind in LIGER}
    print(json.dumps({"own": own, "liger": learnt(*place, "liger_kernel"), "kinds": kinds}))
