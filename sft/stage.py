"""One stage of supervised fine-tuning: what is learnt from, by which part of the model, and what is saved."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from peft import LoraConfig
from trl.trainer.sft_config import SFTConfig

from eval.gguf import local_checkpoint
from recipes import BadInput, Recipe
from sft import flat, lengths, machine, packing, parts, small_model
from sft.models import load_model, load_processor
from sft.samples import Encoder, Sample
from sft.trainer import StageTrainer, as_dataset

CORPUS = 4000  # samples a new tokenizer is trained on


def new_checkpoint(recipe: Recipe, samples: Sequence[Sample], folder: Path) -> str:
    """A model of the sizes in `model.init`, its tokenizer trained on what it is going to read and write."""
    return str(small_model.create(recipe.model, corpus(samples), folder, seed=recipe.run.seed))


def corpus(samples: Sequence[Sample]) -> list[str]:
    """What a new tokenizer is trained on."""
    return ["\n".join(sample.texts()) for sample in samples[:CORPUS]]


def trainer(
    recipe: Recipe, start: str, samples: Sequence[Sample], output: Path, callbacks: Sequence[Any]
) -> StageTrainer:
    """TRL's trainer over the checkpoint `start`, with the recipe's settings under TRL's own names."""
    settings = machine.on_this_device(recipe.sft)
    limit, packs = settings.pop("max_length", None), settings.pop("packing", False)
    model, start = recipe.model, local_checkpoint(start)
    pixels = {"min_pixels": model.min_pixels, "max_pixels": model.max_pixels}
    processor = load_processor(start, revision=model.revision, **pixels)
    encoder = Encoder(processor, limit)
    samples, sizes = within(recipe, processor, samples, limit)
    rows = packing.best_fit(sizes, limit, recipe.run.seed) if packs else None
    if rows:
        share = packing.padding_share(sizes, rows, limit)
        print(
            f"packing: {len(samples)} samples in {len(rows)} rows of {limit} tokens, {share:.1%} left empty", flush=True
        )
    args = SFTConfig(
        output_dir=str(output),
        seed=recipe.run.seed,
        report_to=list(recipe.run.report_to),
        run_name=output.parent.name,
        max_length=None,  # samples are cut as they are encoded
        remove_unused_columns=False,
        dataset_kwargs={"skip_prepare_dataset": True},
        **settings,
    )
    return StageTrainer(
        load_model(start, revision=model.revision, attention=machine.attention()),
        args=args,
        train_dataset=as_dataset(samples, encoder, rows),
        processing_class=processor,
        data_collator=flat.Flat(flat.positions_of(start)),
        peft_config=LoraConfig(**model.lora) if model.lora else None,
        callbacks=list(callbacks),
        rates=parts.rates(recipe),
    )


def within(
    recipe: Recipe, processor: Any, samples: Sequence[Sample], limit: int | None
) -> tuple[Sequence[Sample], list[int]]:
    """(the samples of which something is left to learn within `limit` tokens, their lengths); the others are counted
    aloud. Without a limit nothing is measured. BadInput if none is left."""
    if limit is None:
        return samples, []
    found = lengths.of_samples(processor, samples)
    kept = [place for place, length in enumerate(found) if length.asked < limit]
    if cut := sum(length.tokens > limit for length in found):
        left_out = len(found) - len(kept)
        text = (
            f"{cut} of {len(found)} samples are longer than sft.max_length {limit}: {cut - left_out} are cut at their"
        )
        print(f"{text} end, {left_out}, whose question alone is as long, are left out", flush=True)
    if not kept:
        raise BadInput(
            [recipe.problem("sft.max_length", f"is {limit}, and no sample has a shorter question; raise it")]
        )
    return [samples[place] for place in kept], [min(found[place].tokens, limit) for place in kept]


def save(trained: Any, final: Path) -> Path:
    """The model (adapters merged in, so that every engine loads it) and its processor as one checkpoint."""
    trained.save_model(str(final))
    model = trained.accelerator.unwrap_model(trained.model)
    if hasattr(model, "merge_and_unload") and trained.accelerator.is_main_process:
        adapter = final.with_name("adapter")
        adapter.mkdir(exist_ok=True)
        for file in final.glob("adapter_*"):
            file.rename(adapter / file.name)
        model.merge_and_unload().save_pretrained(final)
    if trained.accelerator.is_main_process:
        trained.processing_class.save_pretrained(final)
    return final
