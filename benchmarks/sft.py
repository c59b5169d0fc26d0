"""Fine-tuning beside TRL's own `SFTTrainer`: real tokens a second, the same steps, the same losses.

    python benchmarks/sft.py [--mix medical ...] [--pairs 10] [--steps 12] [--out docs/results/sft.json]

ours: rows without padding (sft/trainer.py). random: SFTTrainer as it is, same samples in the same order. grouped:
SFTTrainer with `train_sampling_strategy: group_by_length`. Turn by turn in one process, each turn with a model of its
own from the same checkpoint; the first step of each is not counted. Ratios are medians over the pairs, with 95 %
intervals from the bootstrap. Needs the sets of $LINGSHU_DATA. Exits 1 if a target is missed. Nothing else should run
on the machine.
"""

import argparse
import json
import pathlib
import random
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from statistics import median
from typing import Any

# Run as a script, this folder stands on sys.path in place of the checkout.
sys.path[:] = [str(pathlib.Path(__file__).resolve().parents[1])] + [
    entry for entry in sys.path if pathlib.Path(entry).resolve() != pathlib.Path(__file__).resolve().parent
]

import data  # noqa: E402
from recipes.command import guarded  # noqa: E402

Pair = tuple[data.Example, str]  # what is asked, what is answered
SIZES = {
    "hidden_size": 256, "num_layers": 4, "num_heads": 4, "num_kv_heads": 2, "intermediate_size": 768,
    "vocab_size": 8000, "vision_hidden_size": 128, "vision_depth": 4, "vision_heads": 4,
}  # fmt: skip
BATCH = 8
TARGETS = {"random": 1.5, "grouped": 1.1}  # on the medical mix
NEVER = 0.97  # the lower bound, on every mix, against either


def short() -> list[Pair]:
    """Questions about pictures, answered in a word or two: VQA-RAD."""
    return [(row, str(row.answer)) for row in data.load("vqa_rad", "train", n=400)]


def long() -> list[Pair]:
    """Abstracts with their conclusion, exam questions with an explanation: PubMedQA and MedMCQA."""
    rows = [(row, str(row.meta["LONG_ANSWER"])) for row in data.load("pubmedqa", "train", n=200)]
    exam = data.load("medmcqa", "validation", n=200)
    return rows + [(row, f"{(row.meta['exp'] or '')[:1500]} {row.answer}") for row in exam]


def traces() -> list[Pair]:
    """Short reasoning: generated questions."""
    rows = data.load("clinic", "train", n=400)
    return [(row, f"<think>{row.meta['trace']}</think><answer>{row.answer}</answer>") for row in rows]


def even() -> list[Pair]:
    """Samples of nearly one length, where padding costs nothing."""
    rows = data.load("clinic", "train", n=400, families=["lab_range"])
    return [(row, f"<think>{row.meta['trace']}</think><answer>{row.answer}</answer>") for row in rows]


MIXES: dict[str, tuple[Callable[[], list[Pair]], ...]] = {
    "medical": (short, long, traces),
    "pictures": (short,),
    "text": (long,),
    "even": (even,),
}


def main() -> int:
    given = _parser().parse_args()
    found, missed = {}, []
    for name in given.mix or MIXES:
        found[name] = measure(MIXES[name], given.pairs, given.steps)
        print(f"{name}: {found[name]['tokens']:,} tokens, losses apart by {found[name]['losses_apart']:.1e} at most")
        for peer, one in found[name]["times"].items():
            low, high = one["interval"]
            wanted = TARGETS[peer] if name == "medical" else 0.0
            met = one["ratio"] >= wanted and low >= NEVER
            target = f">= {wanted}" if wanted else f"lower bound >= {NEVER}"
            print(
                f"  {one['ratio']:.2f} [{low:.2f}, {high:.2f}] times {peer}   {target}   {'met' if met else 'MISSED'}"
            )
            missed += [] if met else [f"{name}: {one['ratio']:.2f} times {peer}"]
        sys.stdout.flush()
    found["missed"] = missed
    if given.out:
        given.out.write_text(json.dumps(found, indent=1) + "\n")
    return int(bool(missed))


def measure(parts: Sequence[Callable[[], list[Pair]]], pairs: int, steps: int) -> dict[str, Any]:
    """Tokens a second of each way, and how often ours is each peer's."""
    from sft.threads import use_the_cores

    use_the_cores()
    mixed = [pair for part in parts for pair in part()]
    random.Random(0).shuffle(mixed)
    with tempfile.TemporaryDirectory() as place:
        ways = Ways(mixed, pathlib.Path(place), steps)
        rates: dict[str, list[float]] = {"ours": [], "random": [], "grouped": []}
        losses: dict[str, list[float]] = {}
        for _ in range(pairs):
            for way, found in rates.items():
                rate, losses[way] = ways.run(way)
                found.append(rate)
    apart = max(abs(a - b) for a, b in zip(losses["ours"], losses["random"], strict=True))
    times = {peer: _ratio(rates["ours"], rates[peer]) for peer in ("random", "grouped")}
    return {
        "tokens": sum(ways.lengths),
        "tokens_per_s": {way: round(median(found)) for way, found in rates.items()},
        "losses_apart": apart,
        "times": times,
    }


def _ratio(ours: Sequence[float], peer: Sequence[float]) -> dict[str, Any]:
    ratios, rng = [a / b for a, b in zip(ours, peer, strict=True)], random.Random(0)
    draws = sorted(median(rng.choices(ratios, k=len(ratios))) for _ in range(4000))
    return {"ratio": round(median(ratios), 3), "interval": [round(draws[100], 3), round(draws[-101], 3)]}


class Ways:
    """The same samples for three trainers, over one checkpoint."""

    def __init__(self, mixed: Sequence[Pair], place: pathlib.Path, steps: int) -> None:
        from data.prompt import messages
        from recipes.schema import Init, Model
        from sft import flat, lengths, models, small_model
        from sft.samples import Encoder, Sample

        self.place, self.steps = place, steps
        self.samples = [
            Sample(row.id, (*messages(row, "plain"), {"role": "assistant", "content": said}), row.images)
            for row, said in mixed
        ]
        texts = ["\n".join(sample.texts()) for sample in self.samples]
        wanted = Model(init=Init(**SIZES), min_pixels=3136, max_pixels=112 * 112)
        self.checkpoint = str(small_model.create(wanted, texts, place / "model"))
        self.processor = models.load_processor(self.checkpoint)
        self.encoder, self.flat = Encoder(self.processor), flat.Flat(flat.positions_of(self.checkpoint))
        self.lengths = [one.tokens for one in lengths.of_samples(self.processor, self.samples)]
        self.padded = self._padded()

    def run(self, way: str) -> tuple[float, list[float]]:
        """(real tokens a second, the loss of each step)."""
        trainer = self._ours() if way == "ours" else self._peer(way)
        clock = _Clock(trainer)
        trainer.train()
        return clock.tokens / clock.seconds, [entry["loss"] for entry in trainer.state.log_history if "loss" in entry]

    def _settings(self, **more: Any) -> Any:
        from trl.trainer.sft_config import SFTConfig

        from sft.machine import on_this_device

        fixed = {
            "max_steps": self.steps,
            "per_device_train_batch_size": BATCH,
            "learning_rate": 1e-4,
            "logging_steps": 1,
        }
        quiet = {"report_to": "none", "save_strategy": "no", "disable_tqdm": True, "max_length": None, "seed": 0}
        return SFTConfig(output_dir=str(self.place / "out"), **on_this_device({**fixed, **quiet, **more}))

    def _ours(self) -> Any:
        from sft.models import load_model
        from sft.trainer import StageTrainer, as_dataset

        return StageTrainer(
            load_model(self.checkpoint),
            args=self._settings(dataset_kwargs={"skip_prepare_dataset": True}, remove_unused_columns=False),
            train_dataset=as_dataset(self.samples, self.encoder),
            processing_class=self.processor,
            data_collator=self.flat,
            rates=dict.fromkeys(("vision", "projector", "llm"), 1e-4),
        )

    def _peer(self, way: str) -> Any:
        from trl.trainer.sft_trainer import SFTTrainer

        from sft.models import load_model

        more = {"train_sampling_strategy": "group_by_length"} if way == "grouped" else {}
        return SFTTrainer(
            load_model(self.checkpoint),
            args=self._settings(**more),
            train_dataset=self.padded,
            processing_class=self.processor,
        )

    def _padded(self) -> Any:
        """The samples as TRL reads them."""
        import datasets

        seen = any(sample.images for sample in self.samples)
        rows: dict[str, list[Any]] = {
            "prompt": [[{"role": "user", "content": sample.texts()[0]}] for sample in self.samples],
            "completion": [[{"role": "assistant", "content": sample.texts()[1]}] for sample in self.samples],
            "length": self.lengths,
        }
        if not seen:
            return datasets.Dataset.from_dict(rows)
        turn = [{"role": datasets.Value("string"), "content": datasets.Value("string")}]
        kinds = {"prompt": turn, "completion": turn, "length": datasets.Value("int64")}
        rows["images"] = [sample.open() for sample in self.samples]
        features = datasets.Features({**kinds, "images": datasets.List(datasets.Image())})
        return datasets.Dataset.from_dict(rows, features=features)


class _Clock:
    """Real tokens and seconds of a trainer's steps, all but the first."""

    def __init__(self, trainer: Any) -> None:
        from transformers import TrainerCallback

        self.tokens, self.seconds, self._since = 0, 0.0, None
        step, clock = trainer.training_step, self

        def counted(model: Any, inputs: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
            if clock._since is not None:
                mask = inputs.get("attention_mask")
                clock.tokens += inputs["input_ids"].numel() if mask is None else int(mask.sum())
            return step(model, inputs, *args, **kwargs)

        class Ends(TrainerCallback):
            def on_step_end(self, *args: Any, **kwargs: Any) -> None:
                now = time.perf_counter()
                clock.seconds += 0.0 if clock._since is None else now - clock._since
                clock._since = now

        trainer.training_step = counted
        trainer.add_callback(Ends())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mix", choices=MIXES, action="append", help="only these")
    parser.add_argument("--pairs", type=int, default=10)
    parser.add_argument("--steps", type=int, default=12, help="of a turn; the first is not counted")
    parser.add_argument("--out", type=pathlib.Path, help="write the figures as JSON")
    return parser


if __name__ == "__main__":
    sys.exit(guarded(main))
