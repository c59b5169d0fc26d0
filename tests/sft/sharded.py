"""One step of a model that PyTorch's FSDP2 lays in parts on two processes of a CPU, without accelerate, which takes
FSDP for GPUs only. Started by torchrun: CHECKPOINT OUT; rank 0 writes what it found to OUT."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist
from PIL import Image
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import fully_shard

from sft import flat, parts, segments
from sft.models import load_model, load_processor
from sft.samples import Encoded, Encoder, Sample

CASES: dict[str, dict[str, float | None]] = {
    "all": {"vision": 1e-4, "projector": 1e-3, "llm": 1e-2},
    "llm frozen": {"vision": 1e-4, "projector": 1e-3, "llm": None},
    "vision frozen": {"vision": None, "projector": 1e-3, "llm": 1e-2},
}


def encoded(encoder: Encoder) -> list[Encoded]:
    """Two samples with images, two without."""
    said = ["a mass in the left lung, seen in both views", "no", "two", "left, and in the earlier film as well"]
    made = []
    for number, text in enumerate(said):
        images = tuple(Image.new("RGB", (56 + 28 * number, 84), (40 * i, 90, 20)) for i in range((2, 1, 0, 0)[number]))
        asked = [*({"type": "image"} for _ in images), {"type": "text", "text": "What is it?"}]
        turns = ({"role": "user", "content": asked}, {"role": "assistant", "content": text})
        made.append(encoder(Sample(str(number), turns, images)))
    return made


def optimizer_of(model: Any, rates: Mapping[str, float | None]) -> torch.optim.Optimizer:
    """Adam at each part's rate. Made before the first forward pass, as the trainer does: one without gradients leaves
    the root's parameters whole, and an optimizer of those would step what FSDP throws away. Its epsilon is large so
    that a step follows the gradient: at the usual one Adam's first step is the gradient's sign, and of a gradient
    near 0 that is rounding."""
    names = {id(one): name for name, one in model.named_parameters()}
    trained = [one for one in model.parameters() if one.requires_grad]
    return torch.optim.AdamW(parts.with_rates([{"params": trained}], names, rates), eps=1.0, foreach=False)


def step(model: Any, optimizer: torch.optim.Optimizer, row: Mapping[str, Any], share: float) -> None:
    """Gradients of `share` times the sum over what is learnt, then a step of the optimizer."""
    given = {name: row[name] for name in row if name not in ("names", "supervised", "labels", "shift_labels")}
    logits = model(**given, use_cache=False).logits[0, row["supervised"]]
    (-share * logits.log_softmax(-1).gather(1, row["shift_labels"][0, :, None]).sum()).backward()
    optimizer.step()


def prepared(checkpoint: str, rates: Mapping[str, float | None]) -> Any:
    model = load_model(checkpoint)
    segments.use(model)
    parts.freeze(model, rates)
    return model


def whole(tensors: Mapping[str, Any]) -> dict[str, torch.Tensor]:
    return {name: one.full_tensor() if hasattr(one, "full_tensor") else one for name, one in tensors.items()}


def found(model: Any) -> dict[str, dict[str, torch.Tensor]]:
    named = dict(model.named_parameters())
    grads = {name: one.grad for name, one in named.items() if one.grad is not None}
    return {"grads": whole(grads), "weights": {name: one.detach() for name, one in whole(named).items()}}


def main(checkpoint: str, out: str) -> None:
    dist.init_process_group("gloo")
    rank, n = dist.get_rank(), dist.get_world_size()
    encoder = Encoder(load_processor(checkpoint))
    collate = flat.Flat(flat.positions_of(checkpoint))
    collate.blank = encoder.blank()
    samples = encoded(encoder)
    row = collate([{"samples": samples[:2] if rank == 0 else samples[2:]}])  # the second sees no image
    made: dict[str, Any] = {}
    for case, rates in CASES.items():
        model = prepared(checkpoint, rates)
        mesh = init_device_mesh("cpu", (n,))
        for module in model.modules():
            if type(module).__name__ in model._no_split_modules:
                fully_shard(module, mesh=mesh)
        fully_shard(model, mesh=mesh)
        optimizer = optimizer_of(model, rates)
        leak = segments.leak(model, model.get_input_embeddings().num_embeddings, mrope=True)
        step(model, optimizer, row, share=n)  # FSDP takes the mean over the processes
        sizes = {name: one.to_local().numel() for name, one in model.named_parameters()}
        made[case] = {**found(model), "leak": leak, "local": sizes}
    if rank == 0:
        torch.save(made, Path(out))
    dist.destroy_process_group()


if __name__ == "__main__":
    main(*sys.argv[1:])
