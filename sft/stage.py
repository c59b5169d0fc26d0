"""One stage of supervised fine-tuning: what is learnt from, by which part of the model, and what is saved."""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, PeftModel
from transformers.integrations.deepspeed import unset_hf_deepspeed_config
from trl.trainer.sft_config import SFTConfig

import recipes
from eval.gguf import local_checkpoint
from recipes import BadInput, Recipe
from sft import flat, lengths, machine, packing, parts, resuming, small_model
from sft.models import kind_of, load_model, load_processor
from sft.samples import Encoder, Sample
from sft.trainer import StageTrainer, as_dataset

CORPUS = 4000  # samples a new tokenizer is trained on
TAGS = ("<think>", "</think>", "<answer>", "</answer>")  # each may be several tokens, but must come back as text


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
    model, start = recipe.model, local_checkpoint(start)
    pixels = {"min_pixels": model.min_pixels, "max_pixels": model.max_pixels}
    processor = load_processor(start, revision=model.revision, **pixels)
    chosen = machine.of_recipe(recipe, kind_of(start, model.revision))
    settings = {**machine.told(chosen), **recipe.sft}
    limit, packs = settings.pop("max_length", None), settings.pop("packing", False)
    encoder = Encoder(processor, limit)
    demand_fitting(recipe, encoder, samples)
    samples, sizes = within(recipe, processor, samples, limit)
    rows = packing.best_fit(sizes, limit, recipe.run.seed) if packs else None
    if rows:
        share = packing.padding_share(sizes, rows, limit)
        print(
            f"packing: {len(samples)} samples in {len(rows)} rows of {limit} tokens, {share:.1%} left empty", flush=True
        )
    machine.say(chosen)
    collate = flat.Flat(flat.positions_of(start))
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
    attention = next(one.value for one in chosen if one.name == "attention")
    attention = None if attention == machine.SEGMENTS else attention
    # Trained weights are kept in fp32. What is held in few bits stays as it is, and so does what stands beside it
    dtype = torch.bfloat16 if model.quantization_config and args.bf16 else torch.float32
    made = StageTrainer(
        load_model(
            start, revision=model.revision, dtype=dtype, attention=attention, quantized=model.quantization_config
        ),
        attention=attention,
        args=args,
        train_dataset=as_dataset(samples, encoder, rows),
        processing_class=processor,
        data_collator=collate,
        peft_config=LoraConfig(**model.lora) if model.lora else None,
        callbacks=list(callbacks),
        rates=parts.rates(recipe),
        digest=resuming.digest(samples, rows),
    )
    made.chosen = chosen
    if encoder.sees and made.accelerator.distributed_type in ("DEEPSPEED", "FSDP"):
        collate.blank = encoder.blank()
    return made


def demand_fitting(recipe: Recipe, encoder: Encoder, samples: Sequence[Sample]) -> None:
    """BadInput, all reasons at once, where the model cannot read what the recipe shows it or lacks what it tunes."""
    problems = []
    if not encoder.sees:
        tuned = [part for part in ("vision", "projector") if isinstance(getattr(recipe.tune, part), float)]
        problems += [
            recipe.problem(f"tune.{part}", "the model reads text only and has none; remove it") for part in tuned
        ]
        if pictured := next((sample.id for sample in samples if sample.images), None):
            text = f"sample {pictured} has an image, but the model reads text only; leave such sets out"
            problems.append(recipe.problem("data.train", text))
    said = [text for sample in samples[:CORPUS] for text in sample.texts()]
    for tag in (tag for tag in TAGS if any(tag in text for text in said)):
        ids = encoder.tokenizer(f"a {tag} b", add_special_tokens=False)["input_ids"]
        if tag not in (read := encoder.tokenizer.decode(ids, skip_special_tokens=True)):
            text = f"its tokenizer cannot write {tag} (it reads {read!r}), and no answer would be found"
            problems.append(
                recipe.problem("model", f"{text}; choose another model, or data.prompt: reasoning or paper")
            )
    if problems:
        raise BadInput(problems)


def within(
    recipe: Recipe, processor: Any, samples: Sequence[Sample], limit: int | None
) -> tuple[Sequence[Sample], list[int]]:
    """(the samples of which something is left to learn within `limit` tokens, their lengths); the others are counted
    aloud. Without a limit nothing is measured. BadInput if none is left."""
    if limit is None:
        return samples, []
    found = lengths.of_samples(processor, samples)
    kept = [place for place, length in enumerate(found) if length.fits(limit)]
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
    """The model (adapters merged in, so that every engine loads it) and its processor as one checkpoint, which appears
    when it is whole; the adapter alone beside it."""
    draft, is_first = final.with_name(f".{final.name}"), trained.accelerator.is_main_process
    if is_first:
        shutil.rmtree(draft, ignore_errors=True)  # of a run that was killed while it saved
    trained.accelerator.wait_for_everyone()
    trained.save_model(str(draft))
    model = trained.accelerator.unwrap_model(trained.model)
    if is_first and isinstance(model, PeftModel):
        adapter = final.with_name("adapter")
        shutil.rmtree(adapter, ignore_errors=True)
        adapter.mkdir()
        for file in draft.glob("adapter_*"):
            file.rename(adapter / file.name)
        merged(model, adapter).save_pretrained(draft)
    if is_first:
        trained.processing_class.save_pretrained(draft)
        recipes.folder.publish(draft, final)
    return final


def merged(model: PeftModel, adapter: Path) -> Any:
    """The checkpoint that `model` was loaded from, read again, with the saved `adapter` merged in; for one process.

    The model in memory may be held in few bits, where most of what was learnt would be rounded away, or lie in parts
    on several processes, of which none could merge it.
    """
    base: Any = model.get_base_model()
    unset_hf_deepspeed_config()  # else this one would be divided among processes that do not come
    is_whole = getattr(base.config, "quantization_config", None) is None
    name, revision = base.config.name_or_path, getattr(base.config, "_commit_hash", None)
    whole = load_model(name, revision=revision, dtype=base.dtype if is_whole else torch.float32)
    return PeftModel.from_pretrained(whole, str(adapter)).merge_and_unload()
