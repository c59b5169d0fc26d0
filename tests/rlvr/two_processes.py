"""One group of four completions over two processes: torchrun --nproc_per_node 2 two_processes.py CHECKPOINT FOLDER

What each process says is put into its mouth; FOLDER/rank-N.json holds its advantages, what it logged, and its end.
"""

import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from trl.trainer.grpo_config import GRPOConfig  # noqa: E402

import data  # noqa: E402
import rewards  # noqa: E402
from recipes import BadInput  # noqa: E402
from recipes.schema import Runtime  # noqa: E402
from rlvr.rows import training_rows  # noqa: E402
from rlvr.scoring import Scoring  # noqa: E402
from rlvr.trainer import MedGRPOTrainer  # noqa: E402
from sft.machine import on_this_device  # noqa: E402
from sft.models import load_model, load_processor  # noqa: E402

SAID = [["1 0 0", "0 0 0"], ["raise 2 0", "0 2 0"]]  # by process


def main(checkpoint: str, folder: Path) -> None:
    processor = load_processor(checkpoint)
    examples = data.load("clinic", "train", n=2, families=["lab_range"])
    settings = {
        "per_device_train_batch_size": 2,
        "num_generations": 4,
        "use_vllm": False,
        "reward_weights": [1.0, 0.5, 0.0],
        "report_to": "none",
        "max_completion_length": 16,
        "bf16": False,
    }
    end = processor.tokenizer.eos_token_id
    graders = [rewards.load(f"./mine.py:{name}", folder) for name in ("first", "second", "watch")]
    trainer = MedGRPOTrainer(
        load_model(checkpoint),
        scoring=Scoring(graders, examples, frozenset({end}), Runtime(max_error_rate=0.1, window=16)),
        args=GRPOConfig(output_dir=str(folder / "out"), **on_this_device(settings)),
        train_dataset=training_rows(examples, "plain", with_images=False),
        processing_class=processor,
    )
    rank = trainer.accelerator.process_index
    ids = [processor.tokenizer(text)["input_ids"] + [end] for text in SAID[rank]]
    trainer._generate_single_turn = lambda *_: (ids, None)
    trainer.model.train()
    rows = [trainer.train_dataset[0]] * 2
    out = trainer._generate_and_score_completions(rows)
    logged = trainer._metrics["train"]
    found = {
        "advantages": out["advantages"].tolist(),
        "error_rate": logged["reward_health/first/error_rate"][-1],
        "unscorable_rate": logged["reward_health/unscorable_rate"][-1],
        "reward": logged["reward"][-1],
        "stopped": None,
    }
    try:
        trainer._generate_and_score_completions(rows)
    except BadInput as error:
        found["stopped"] = error.problems
    (folder / f"rank-{rank}.json").write_text(json.dumps(found))
    trainer.accelerator.end_training()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
