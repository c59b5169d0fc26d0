"""Scores of the shared row by a model that PyTorch's FSDP2 lays in parts on two processes of a CPU, and its gradients:
torchrun --nproc_per_node 2 fast_sharded.py CHECKPOINT FOLDER

FOLDER/rank-N.pt holds what each process scored; the first sees images, the second text alone.
"""

import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

import torch  # noqa: E402
import torch.distributed as dist  # noqa: E402
from torch.distributed.device_mesh import init_device_mesh  # noqa: E402
from torch.distributed.fsdp import fully_shard  # noqa: E402
from trl.trainer.utils import add_fused_lm_head  # noqa: E402

from rlvr import attention, prefix, rollouts  # noqa: E402
from sft.models import load_model, load_processor  # noqa: E402
from tests.rlvr.test_prefix import CASES, batch, weighed  # noqa: E402

SEEN = ("same words, another image", "text")


def prepared(checkpoint: str) -> Any:
    model = load_model(checkpoint).train()
    add_fused_lm_head(model, outputs=("log_probs", "entropy"))
    rollouts.ban_in_model(model, [model.config.image_token_id])
    attention.use(model)
    return model


def main(checkpoint: str, folder: str) -> None:
    dist.init_process_group("gloo")
    rank, n = dist.get_rank(), dist.get_world_size()
    model = prepared(checkpoint)
    rope, mesh = prefix.rope_of(model), init_device_mesh("cpu", (n,))
    for module in model.modules():
        if type(module).__name__ in model._no_split_modules:
            fully_shard(module, mesh=mesh)
    fully_shard(model, mesh=mesh)
    given = batch(load_processor(checkpoint), *CASES[SEEN[rank]])
    scores: Any = prefix.scores(model, prefix.Batch.of(**given), rope, model.config)
    weighed(*scores).backward()
    parts = {name: one.grad for name, one in model.named_parameters() if one.grad is not None}
    grads = {name: one.full_tensor() if hasattr(one, "full_tensor") else one for name, one in parts.items()}
    local = {name: one.to_local().numel() for name, one in model.named_parameters() if hasattr(one, "to_local")}
    found = {"scores": [one.detach() for one in scores], "grads": grads, "local": local}
    torch.save(found, Path(folder) / f"rank-{rank}.pt")
    dist.destroy_process_group()


if __name__ == "__main__":
    main(*sys.argv[1:])
