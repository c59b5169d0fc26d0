"""The processes of one run: who writes, who waits, and whether the launcher started what was asked for."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import recipes
from recipes import BadInput, Recipe

TRAINER_STATE_NAME = "trainer_state.json"  # transformers' name for it


class Processes:
    """Rank and size as the launcher set them, and the few steps only the first process may take.

    Before the trainer exists there is no process group, so the others learn through the file system what the
    first one did.
    """

    def __init__(self) -> None:
        self.rank = int(os.environ.get("RANK", "0"))
        self.size = int(os.environ.get("WORLD_SIZE", "1"))
        self.is_first = self.rank == 0
        if self.size > 1:
            import torch
            from accelerate import PartialState

            PartialState(cpu=not torch.cuda.is_available())

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

        A DeepSpeed or FSDP setting on the wrong device ends as a plain model. (A launcher that starts fewer processes
        than it was asked for is noticed earlier, in `sft.check`.)
        """
        found = trainer.accelerator.num_processes
        if found != self.size:
            raise BadInput([f"{self.size} processes were started, but {found} would train together; use torchrun"])
        kind = str(trainer.accelerator.distributed_type).rpartition(".")[2]
        for name, wanted in (("deepspeed", "DEEPSPEED"), ("fsdp", "FSDP")):
            setting = getattr(trainer.args, name, None) or os.environ.get(f"ACCELERATE_USE_{name.upper()}") == "true"
            if setting and kind != wanted:
                raise BadInput([f"{name} was asked for, but training would run as {kind}: it needs CUDA devices here"])
            if setting and getattr(trainer.args, "use_cpu", False):  # accelerate calls it DeepSpeed, and wraps nothing
                text = f"{name} was asked for, but training would run as a plain model: it heeds no use_cpu"
                raise BadInput([f"{text}; set use_cpu: false (and DS_ACCELERATOR=cpu where there is no GPU)"])

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
