"""A sample as a model reads it: chat turns become tokens, those that are learnt marked and the images beside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from PIL import Image

from data import Example, image_sizes, open_images
from eval.engines import as_text, sees, text_tokenizer
from recipes import BadInput

Turn = dict[str, Any]  # {"role", "content"}: text, or parts {"type": "image"} and {"type": "text", "text": ...}


@dataclass(frozen=True)
class Sample:
    """A conversation to learn from. learnt: which assistant turns; None: all of them. images: as an Example's."""

    id: str
    turns: Sequence[Turn]
    images: tuple[Any, ...] = ()
    learnt: tuple[int, ...] | None = None

    def open(self) -> list[Any]:
        """Its images, RGB, in order; BadInput names one that is broken."""
        return open_images(self._pictured())

    def sizes(self) -> list[tuple[int, int]]:
        """Width and height of each image in pixels, of files by their headers."""
        return image_sizes(self._pictured())

    def texts(self) -> list[str]:
        """What the turns say."""
        contents = [turn["content"] for turn in self.turns]
        parts = [[{"type": "text", "text": one}] if isinstance(one, str) else one for one in contents]
        return ["".join(part["text"] for part in turn if part["type"] == "text") for turn in parts]

    def _pictured(self) -> Example:
        return Example(self.id, "-", "-", images=self.images)


@dataclass(frozen=True)
class Encoded:
    """A sample in tokens.

    ids [n] int64; learnt [n] bool: whether the loss counts the prediction of this token; kinds [n] int: 1 where a
    token stands for a part of an image, else 0. pixels [patches, values] float and grids [images, 3] int (time, height,
    width in patches) as the image processor gives them, None without images.
    """

    id: str
    ids: torch.Tensor
    learnt: torch.Tensor
    kinds: torch.Tensor
    pixels: torch.Tensor | None = field(default=None, repr=False)
    grids: torch.Tensor | None = None


class Encoder:
    """Samples to tokens by a model's processor and chat template.

    What is learnt of an assistant's turn begins where the template asks for it and ends where it has closed it. ids,
    pixels and grids are those that the processor gives for the same conversation. BadInput, with the sample's id, where
    turns, images and template contradict each other, and where max_length leaves nothing to learn: a sample is cut at
    its end, never within an image or before one.
    """

    def __init__(self, processor: Any, max_length: int | None = None) -> None:
        self.processor, self.max_length = processor, max_length
        self.tokenizer = text_tokenizer(processor)
        self.template = getattr(processor, "chat_template", None) or self.tokenizer.chat_template
        if not self.template:
            raise BadInput(["the model has no chat template: choose an instruction-tuned model"])
        self.sees = sees(processor)
        self.image_id: Any = self.tokenizer.convert_tokens_to_ids(processor.image_token) if self.sees else None

    def __call__(self, sample: Sample) -> Encoded:
        text, spans = self.rendered(sample)
        read = self.tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
        ids = torch.tensor(read["input_ids"])
        starts = torch.tensor([start for start, _ in read["offset_mapping"]])
        learnt = torch.zeros(len(ids), dtype=torch.bool)
        for begin, end in spans:
            learnt |= (starts >= begin) & (starts < end)
        made = Encoded(sample.id, ids, learnt, torch.zeros_like(ids))
        return self._cut(self._with_images(sample, made) if self.sees else made)

    def blank(self) -> Encoded:
        """The smallest image, black, from which nothing is learnt; for a model that sees."""
        seen = self.processor.image_processor(images=[Image.new("RGB", (28, 28))], return_tensors="pt")
        n = int(seen["image_grid_thw"].prod()) // self.processor.image_processor.merge_size**2
        ids = torch.full((n,), self.image_id)
        not_learnt, kinds = torch.zeros(n, dtype=torch.bool), torch.ones(n, dtype=torch.long)
        return Encoded("blank", ids, not_learnt, kinds, seen["pixel_values"], seen["image_grid_thw"])

    def rendered(self, sample: Sample) -> tuple[str, list[tuple[int, int]]]:
        """The whole text with one placeholder an image, and the spans of it, in characters, that are learnt."""
        turns = sample.turns
        whole, spans = self.render(sample, turns), []
        for place, turn in enumerate(turns):
            if turn["role"] != "assistant" or not (sample.learnt is None or place in sample.learnt):
                continue
            before = self.render(sample, turns[:place], ask=True)
            after = whole if place + 1 == len(turns) else self.render(sample, turns[: place + 1])
            if not (whole.startswith(after) and after.startswith(before)):
                text = f"sample {sample.id}: the model's chat template writes turn {place} otherwise beside other turns"
                raise BadInput([f"{text}; make it a sample of its own that ends with this turn"])
            spans.append((len(before), len(after)))
        if not spans:
            raise BadInput([f"sample {sample.id}: it holds no turn of an assistant that could be learnt"])
        return whole, spans

    def render(self, sample: Sample, turns: Sequence[Turn], *, ask: bool = False) -> str:
        """Turns of the sample by the template; ask: up to where the assistant is to answer."""
        shown = list(turns) if self.sees else [_text_only(sample, turn) for turn in turns]
        text = self.tokenizer.apply_chat_template(
            shown, chat_template=self.template, tokenize=False, add_generation_prompt=ask
        )
        assert isinstance(text, str)
        return text

    def _with_images(self, sample: Sample, made: Encoded) -> Encoded:
        """The same with a token for each part of each image, where one placeholder stood for it."""
        images = sample.open()
        holders = made.ids == self.image_id
        if (n := int(holders.sum())) != len(images):
            text = f"sample {sample.id}: {len(images)} images, but {n} placeholders in its turns"
            raise BadInput([f"{text}; every image needs its own part of a turn, and no text may hold the placeholder"])
        if not images:
            return made
        seen = self.processor.image_processor(images=images, return_tensors="pt")
        grids = seen["image_grid_thw"]
        times = torch.ones_like(made.ids)
        times[holders] = grids.prod(dim=1) // self.processor.image_processor.merge_size**2
        return Encoded(
            made.id,
            made.ids.repeat_interleave(times),
            made.learnt.repeat_interleave(times),
            holders.long().repeat_interleave(times),
            seen["pixel_values"],
            grids,
        )

    def _cut(self, made: Encoded) -> Encoded:
        """At most max_length tokens; the images stay whole."""
        limit = self.max_length
        if limit is None or len(made.ids) <= limit:
            return made
        if made.kinds[limit:].any() or not made.learnt[:limit].any():
            what = "its images" if made.kinds[limit:].any() else "what is asked"
            text = f"sample {made.id}: {what} reach beyond sft.max_length {limit} ({len(made.ids)} tokens)"
            raise BadInput([f"{text}; raise it, lower model.max_pixels, or leave the sample out"])
        return Encoded(made.id, made.ids[:limit], made.learnt[:limit], made.kinds[:limit], made.pixels, made.grids)


def _text_only(sample: Sample, turn: Turn) -> Turn:
    """The turn as text, which is all that templates of text models read."""
    if not isinstance(turn["content"], str) and any(part["type"] != "text" for part in turn["content"]):
        raise BadInput([f"sample {sample.id} has an image, but the model reads text only; leave such sets out"])
    return as_text(turn)
