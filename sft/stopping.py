"""A run that is asked to stop ends after the step it is at, with a checkpoint to go on from."""

from pathlib import Path
from typing import Any

from transformers import TrainerCallback

from sft.processes import Processes

STOP = "stop"
EXIT_CODE = 3


class StopFile(TrainerCallback):
    """Ends training once a file named `stop` lies in the run's folder.

    A file, since a signal does not reach the trainer unharmed: torchrun gives its processes 30 seconds and then kills
    them, and each would hear it at another step. The first process looks, and all do as it says.

    came: whether the run ended before its last step. One that lies there from before is taken away.
    """

    def __init__(self, ranks: Processes, folder: Path) -> None:
        self.ranks, self.file, self.came = ranks, folder / STOP, False
        ranks.first(lambda: self.file.unlink(missing_ok=True))

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        if state.global_step < state.max_steps and self.ranks.first(self.file.exists):
            self.came = control.should_save = control.should_training_stop = True

    def said(self, step: int) -> str:
        return f"stopped after step {step}, as {self.file} asked; --resume goes on from there"
