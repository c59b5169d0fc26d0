"""What stops fine-tuning: one clear line, nothing overwritten, the last good checkpoint intact and named."""

import dataclasses
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import LlamaConfig, LlamaForCausalLM

from recipes import BadInput
from sft import flat, lessons, mixture, models, resuming, segments, stage
from sft.samples import Encoder, Sample

EVERY_STEP = "max_steps: 3, save_strategy: steps, save_steps: 1, logging_steps: 1"
ASKED = {"role": "user", "content": [{"type": "image"}, {"type": "text", "text": "What is it?"}]}
SAID = {"role": "assistant", "content": "<answer>a</answer>"}


@pytest.fixture
def started(load, checkpoint: Path, tmp_path: Path) -> Callable[..., Any]:
    """started(*swaps, start=..., samples=...) -> a trainer of three steps of two samples, each of them saved."""

    def _started(*swaps: str, start: Path = checkpoint, samples: list[Sample] | None = None) -> Any:
        batch = ("per_device_train_batch_size: 8", "per_device_train_batch_size: 2")
        recipe = load("MODEL", f"{{name: {start}}}", 'max_steps: 2, save_strategy: "no"', EVERY_STEP, *batch, *swaps)
        learnt = samples or lessons.samples(recipe, mixture.load(recipe))
        return stage.trainer(recipe, str(start), learnt, tmp_path / "run" / "checkpoints", [])

    return _started


@pytest.fixture(scope="module")
def text_model(checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A text model that reads with the tiny model's tokenizer."""
    place = tmp_path_factory.mktemp("text") / "model"
    tokenizer = models.load_processor(str(checkpoint)).tokenizer
    sizes: dict[str, Any] = {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2}
    LlamaForCausalLM(LlamaConfig(vocab_size=len(tokenizer), intermediate_size=32, **sizes)).save_pretrained(place)
    tokenizer.chat_template = (
        "{% for turn in messages %}{{ turn.role }}: {{ turn.content }}\n{% endfor %}"
        "{% if add_generation_prompt %}assistant: {% endif %}"
    )
    tokenizer.save_pretrained(place)
    return place


def saved(trainer: Any) -> list[str]:
    return sorted(path.name for path in Path(trainer.args.output_dir).glob("checkpoint-*"))


def test_a_text_model_neither_sees_nor_has_a_vision_tower(started, text_model: Path) -> None:
    with pytest.raises(BadInput) as found:
        started("run:", "tune: {vision: 1e-6, projector: frozen}\nrun:", start=text_model)
    tuned, pictured = found.value.problems
    assert "tune.vision: the model reads text only and has none; remove it" in tuned
    assert "data.train: sample" in pictured
    assert "has an image, but the model reads text only" in pictured


@pytest.mark.parametrize("tag", ["<answer>", "</think>"])
def test_a_tokenizer_must_give_the_tags_back(started, checkpoint: Path, tmp_path: Path, tag: str) -> None:
    """As one token or several, but as text: engines leave special tokens out of an answer."""
    place = shutil.copytree(checkpoint, tmp_path / "special")
    processor = models.load_processor(str(place))
    processor.tokenizer.add_special_tokens({"additional_special_tokens": [tag]})
    processor.save_pretrained(place)
    with pytest.raises(BadInput, match=f"its tokenizer cannot write {tag} "):
        started(start=place)


def test_something_must_be_left_to_train(started) -> None:
    with pytest.raises(BadInput, match="nothing is left to train"):
        started("run:", "tune: {vision: frozen, projector: frozen, llm: frozen}\nrun:")


def spoil(trainer: Any, how: str) -> None:
    """Make the loss or the gradient of the third step one that is not finite."""
    inner = trainer.model.base_model

    def at_loss(module: Any, args: Any, output: Any) -> Any:
        if trainer.state.global_step == 2 and trainer._supervised is not None:
            output.last_hidden_state = output.last_hidden_state * float("nan")
        return output

    def at_gradient(gradient: torch.Tensor) -> torch.Tensor:
        return gradient * (float("inf") if trainer.state.global_step == 2 else 1.0)

    if how == "loss":
        inner.register_forward_hook(at_loss)
    else:
        next(inner.parameters()).register_hook(at_gradient)


@pytest.mark.parametrize(
    ("how", "said"), [("loss", "the loss is nan"), ("gradient", "the gradient's norm is (inf|nan)")]
)
def test_what_is_not_finite_stops_the_run_before_its_weights_are_spoilt(started, how: str, said: str) -> None:
    trainer = started()
    names = {sample.id for row in trainer.train_dataset for sample in row["samples"]}
    spoil(trainer, how)
    with pytest.raises(BadInput, match=f"^step 3: {said} on the samples ") as found:
        trainer.train()
    [line] = found.value.problems
    assert line.endswith(f"--resume goes on from {Path(trainer.args.output_dir) / 'checkpoint-2'}")
    listed = line.partition("on the samples ")[2].partition(";")[0].split(", ")
    assert len(listed) == 2
    assert set(listed) <= names
    assert saved(trainer) == ["checkpoint-1", "checkpoint-2"]
    assert all(bool(value.isfinite().all()) for value in trainer.model.parameters())


def test_weights_that_are_not_finite_are_never_saved(started) -> None:
    trainer = started("max_steps: 3", "max_steps: 3, save_total_limit: 1")
    create = trainer.create_optimizer

    def create_optimizer(model: Any = None) -> Any:
        made = create(model)

        def spoilt(*_: Any) -> None:
            if trainer.state.global_step == 1:
                next(trainer.model.parameters()).data.fill_(float("nan"))

        made.register_step_post_hook(spoilt)
        return made

    trainer.create_optimizer = create_optimizer
    with pytest.raises(BadInput, match=r"the last update has made weights that are not finite.*checkpoint-1$"):
        trainer.train()
    assert saved(trainer) == ["checkpoint-1"]


@pytest.mark.parametrize(
    "error",
    [torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB"), RuntimeError("can't allocate memory")],
)
def test_out_of_memory_says_what_was_too_large_and_what_to_lower(started, error: Exception) -> None:
    trainer = started()

    def full(*_: Any) -> None:
        if trainer._supervised is not None and trainer.state.global_step == 1:
            raise error

    trainer.model.base_model.register_forward_pre_hook(full)
    with pytest.raises(BadInput, match=r"^step 2: out of memory on a batch of 2 samples with \d+ tokens and ") as found:
        trainer.train()
    [line] = found.value.problems
    assert "lower sft.per_device_train_batch_size" in line
    assert line.endswith("checkpoint-1")


def test_other_errors_keep_their_traceback(started) -> None:
    trainer = started()
    trainer.model.base_model.register_forward_pre_hook(lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        trainer.train()


@pytest.mark.parametrize("workers", [0, 1])
def test_an_image_that_cannot_be_read_is_named_by_its_sample(started, tmp_path: Path, picture, workers: int) -> None:
    (tmp_path / "torn.png").write_bytes(b"\x89PNG\r\n\x1a\n torn")
    samples = [
        Sample("whole", (ASKED, SAID), (picture(56, 56),)),
        Sample("broken-7", (ASKED, SAID), (str(tmp_path / "torn.png"),)),
    ]
    swap = ("logging_steps: 1", f"logging_steps: 1, dataloader_num_workers: {workers}")
    trainer = started(*swap, samples=samples)
    with pytest.raises(BadInput) as found:
        trainer.train()
    [line] = found.value.problems
    assert line.startswith("broken-7: image ")
    assert line.endswith("restore the file or leave the row out")
    assert "Traceback" not in line


def test_a_checkpoint_is_never_seen_half_written(started, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed while its second checkpoint is written, a run has the first; the next goes over what was left."""
    trainer = started()
    inner = trainer._save_rng_state

    def killed(place: str) -> None:
        if trainer.state.global_step == 2:
            raise KeyboardInterrupt
        inner(place)

    monkeypatch.setattr(trainer, "_save_rng_state", killed)
    with pytest.raises(KeyboardInterrupt):
        trainer.train()
    place = Path(trainer.args.output_dir)
    assert saved(trainer) == ["checkpoint-1"]
    assert (place / resuming.DRAFTS / "checkpoint-2").is_dir()
    again = started("max_steps: 3", "max_steps: 3, save_total_limit: 2")
    again.train(str(place / "checkpoint-1"))
    assert saved(again) == ["checkpoint-2", "checkpoint-3"]


def test_all_that_keeps_a_run_from_going_on_exactly_is_said(started) -> None:
    trainer = started()
    trainer.train()
    last = Path(trainer.args.output_dir) / "checkpoint-2"
    resuming.demand_whole(trainer, last)
    trainer.digest = "other"
    (last / "optimizer.pt").unlink()
    (last / "rng_state.pth").unlink()
    with pytest.raises(BadInput) as found:
        trainer.train(str(last))
    data, optimizer, random = found.value.problems
    assert "its samples, or how they are packed, have changed since" in data
    assert "holds no optimizer state" in optimizer
    assert "holds no random state" in random


def test_the_digest_tells_samples_turns_and_rows_apart() -> None:
    one = Sample("a", ({"role": "user", "content": "x"},), ("a.png",))
    others = [
        dataclasses.replace(one, id="b"),
        dataclasses.replace(one, turns=({"role": "user", "content": "y"},)),
        dataclasses.replace(one, images=("b.png",)),
        dataclasses.replace(one, learnt=(0,)),
    ]
    digests = {resuming.digest([other], None) for other in (one, *others)} | {resuming.digest([one], [[0]])}
    assert len(digests) == 6
    assert resuming.digest([dataclasses.replace(one)], None) in digests


def test_a_blank_image_changes_no_loss_and_teaches_nothing(checkpoint: Path, processor: Any) -> None:
    encoder = Encoder(processor)
    collate = flat.Flat(flat.positions_of(str(checkpoint)))
    found = []
    for blank in (None, encoder.blank()):
        collate.blank = blank
        model: Any = models.load_model(str(checkpoint))
        segments.use(model)
        row = collate([{"samples": [encoder(Sample("a", ({"role": "user", "content": "What?"}, SAID)))]}])
        given = {name: row[name] for name in row if name not in ("names", "supervised", "labels", "shift_labels")}
        logits = model(**given, use_cache=False).logits[0, row["supervised"]]
        logits.log_softmax(-1).gather(1, row["shift_labels"][0, :, None]).sum().backward()
        assert row["names"] == ["a"]
        found.append((logits, {name: one.grad for name, one in model.named_parameters()}))
    (plain, without), (beside, with_blank) = found
    assert torch.allclose(plain, beside, rtol=1e-5, atol=1e-6)
    for name, gradient in without.items():
        if "visual" in name:
            assert gradient is None
            assert not with_blank[name].any()  # but it is there, on every process
        else:
            assert torch.allclose(gradient, with_blank[name], rtol=1e-4, atol=1e-6)
