"""One stage of supervised fine-tuning, on TRL's `SFTTrainer`."""

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import datasets
from peft import LoraConfig
from trl.trainer.sft_config import SFTConfig
from trl.trainer.sft_trainer import SFTTrainer

from data import Example, open_images
from data.prompt import user_text
from eval.gguf import local_checkpoint
from recipes import BadInput, Recipe
from sft import small_model
from sft.models import load_model, load_processor
from sft.precision import on_this_device
from sft.teacher import demonstrate

CORPUS = 4000  # examples a new tokenizer is trained on


def demonstrations(recipe: Recipe, examples: Sequence[Example]) -> list[str]:
    """What the model learns to say, one completion per example, by the recipe's teacher."""
    rng = random.Random(recipe.run.seed)
    teacher = recipe.data.teacher
    rates = teacher.model_dump() if teacher else {}
    without = next((example.id for example in examples if not example.meta.get("trace")), None)
    if without:
        raise BadInput([f"{recipe.path}: example {without} has no reasoning trace to imitate"])
    return [demonstrate(example, rng, **rates) for example in examples]


def rows(examples: Sequence[Example], completions: Sequence[str], style: str) -> datasets.Dataset:
    """Prompt, completion and images a row, as TRL's SFTTrainer reads them (loss on the completion alone).

    Without a single image there is no images column: TRL takes it for the mark of a vision set, which no text model
    may learn from.
    """
    turn = [{"role": datasets.Value("string"), "content": datasets.Value("string")}]
    features: dict[str, Any] = {"prompt": turn, "completion": turn}
    columns: dict[str, list[Any]] = {
        "prompt": [[{"role": "user", "content": user_text(example, style)}] for example in examples],
        "completion": [[{"role": "assistant", "content": text}] for text in completions],
    }
    if any(example.images for example in examples):
        features["images"] = datasets.List(datasets.Image())
        columns["images"] = [open_images(example) for example in examples]
    return datasets.Dataset.from_dict(columns, features=datasets.Features(features))


def new_checkpoint(recipe: Recipe, examples: Sequence[Example], completions: Sequence[str], folder: Path) -> str:
    """A model of the sizes in `model.init`, its tokenizer trained on what it is going to read and write."""
    texts = corpus(recipe, examples, completions)
    return str(small_model.create(recipe.model, texts, folder, seed=recipe.run.seed))


def corpus(recipe: Recipe, examples: Sequence[Example], completions: Sequence[str]) -> list[str]:
    """What a new tokenizer is trained on."""
    pairs = zip(examples[:CORPUS], completions, strict=False)
    return [f"{user_text(example, recipe.data.prompt)}\n{completion}" for example, completion in pairs]


def trainer(recipe: Recipe, start: str, dataset: datasets.Dataset, output: Path, callbacks: list[Any]) -> SFTTrainer:
    """TRL's trainer over the checkpoint `start`, with the recipe's settings under TRL's own names."""
    settings = on_this_device(recipe.sft)
    model = recipe.model
    start = local_checkpoint(start)
    args = SFTConfig(
        output_dir=str(output),
        seed=recipe.run.seed,
        report_to=list(recipe.run.report_to),
        run_name=output.parent.name,
        **{"max_length": None, **settings},
    )
    processor = load_processor(start, revision=model.revision, min_pixels=model.min_pixels, max_pixels=model.max_pixels)
    return SFTTrainer(
        load_model(start, revision=model.revision),
        args=args,
        train_dataset=dataset,
        processing_class=processor,
        peft_config=LoraConfig(**model.lora) if model.lora else None,
        callbacks=callbacks,
    )


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
