"""The processes of one run: who writes, who waits, and whether the launcher started what was asked for."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import recipes
from recipes import BadInput, Recipe

TIMEOUT_S = 1800  # transformers' ddp_timeout
TRAINER_STATE_NAME = "trainer_state.json"  # transformers' name for it


class Processes:
    """Rank and size as the launcher set them, and the few steps only the first process may take.

    Before the trainer exists there is no process group, so it is made here, as the trainer's settings say: what they
    say of it comes too late there.
    """

    def __init__(self, settings: Mapping[str, Any] | None = None) -> None:
        self.rank = int(os.environ.get("RANK", "0"))
        self.size = int(os.environ.get("WORLD_SIZE", "1"))
        self.is_first = self.rank == 0
        if self.size > 1:
            import torch
            from accelerate import PartialState

            if not torch.cuda.is_available():  # each process would call it cpu:RANK, where torch.load can load nothing
                os.environ.setdefault("ACCELERATE_TORCH_DEVICE", "cpu")
            given = settings or {}
            timeout = timedelta(seconds=given.get("ddp_timeout", TIMEOUT_S))
            PartialState(cpu=not torch.cuda.is_available(), timeout=timeout, backend=given.get("ddp_backend"))

    def first(self, action: Callable[[], Any]) -> Any:
        """Run `action` on the first process and hand its result to all; an error there stops all of them."""
        if self.size == 1:
            return action()
        import torch.distributed as dist

        outcome: list[Any] = [None]
        if self.is_first:
            try:
                outcome = [action()]
            except BadInput as error:
                outcome = [error]
        dist.broadcast_object_list(outcome, src=0)
        if isinstance(outcome[0], BadInput):
            raise outcome[0]
        return outcome[0]

    def claim(self, recipe: Recipe, *, resume: bool) -> Path:
        """The run's folder, taken by the first process, with recipe.json and versions.json in it."""

        def take() -> Path:
            folder = recipes.folder.claim(recipe.run.output_dir, recipe.resolved(), resume)
            recipes.folder.write_versions(folder, recipe.run.seed)
            return folder

        return self.first(take)

    @contextmanager
    def claimed(self, recipe: Recipe, *, resume: bool) -> Iterator[Path]:
        """The run's folder for as long as the run goes; given back if the input is found bad before it began."""
        folder = self.claim(recipe, resume=resume)
        try:
            yield folder
        except BadInput:
            if self.is_first:
                recipes.folder.abandon(folder)
            raise

    def verify(self, trainer: Any) -> None:
        """Refuse processes that do not train together, and a sharding setting that was silently ignored.

        A DeepSpeed or FSDP setting on the wrong device ends as a plain model. (What a launcher says is compared with
        the recipe earlier, in `sft.launcher`.)
        """
        found = trainer.accelerator.num_processes
        if found != self.size:
            ways = "use torchrun; for DeepSpeed on a CPU see docs/train_sft.md"
            raise BadInput([f"{self.size} processes were started, but {found} would train together; {ways}"])
        asked, args = os.environ.get("ACCELERATE_MIXED_PRECISION", "no"), trainer.args
        chosen = "fp16" if getattr(args, "fp16", False) else "bf16" if getattr(args, "bf16", False) else "no"
        if asked not in ("no", chosen):
            text = f"the launcher's mixed_precision is {asked}, but {chosen} is what this machine trains in"
            raise BadInput([f'{text}; set mixed_precision: "no" there'])
        kind = str(trainer.accelerator.distributed_type).rpartition(".")[2]
        for name, wanted in (("deepspeed", "DEEPSPEED"), ("fsdp", "FSDP")):
            setting = getattr(trainer.args, name, None) or os.environ.get(f"ACCELERATE_USE_{name.upper()}") == "true"
            if setting and kind != wanted:
                raise BadInput([f"{name} was asked for, but training would run as {kind}: it needs CUDA devices here"])
            if setting and getattr(trainer.args, "use_cpu", False):  # accelerate calls it DeepSpeed, and wraps nothing
                text = f"{name} was asked for, but training would run as a plain model: it heeds no use_cpu"
                raise BadInput([f"{text}; set use_cpu: false (and DS_ACCELERATOR=cpu where there is no GPU)"])
        config = getattr(getattr(trainer.accelerator.state, "deepspeed_plugin", None), "hf_ds_config", None)
        if contradictions := getattr(config, "mismatches", []):
            said = ", ".join(line.removeprefix("- ") for line in contradictions)
            raise BadInput([f'DeepSpeed\'s config (ds) contradicts the recipe (hf): {said}; set "auto" in the former'])

    @staticmethod
    def last_checkpoint(folder: Path) -> str | None:
        """The newest whole checkpoint in an unfinished run, None where it had not come to one.

        The trainer's state is written last: without it the run was killed while the checkpoint was being saved.
        """
        states = (folder / "checkpoints").glob(f"checkpoint-*/{TRAINER_STATE_NAME}")
        whole = sorted((state.parent for state in states), key=lambda path: int(path.name.rpartition("-")[2]))
        if not whole:
            print(f"{folder} holds no checkpoint yet: the run starts from its beginning", flush=True)
        return str(whole[-1]) if whole else None
