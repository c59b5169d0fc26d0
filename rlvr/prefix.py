"""The prompt once per group: one row holds a prompt and all completions to it, and each completion attends to the
prompt and to itself.

Trainers compute the prompt, with its images, once for every completion. Here the prompt but for its last token is the
group's prefix; a completion's suffix is that last token and the completion but for its last. Each place of a suffix
then has one token to predict, also the first. Several groups lie side by side in one row, and one call of the model
scores them all.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch

from rlvr.attention import Group, Layout, core_of

IMAGES = ("num_images", "pixel_values", "image_grid_thw", "mm_token_type_ids")  # TRL's names of a batch's images


@dataclass(frozen=True)
class Row:
    """Groups side by side, for one call of the model.

    inputs: input_ids [1, n], position_ids [1, n] or [3, 1, n], pixel_values and image_grid_thw of each group's images
    once. labels: the tokens that are scored, [1, m]. rows: for each suffix in the order of the row, the number of the
    completion and how many of its tokens are scored.
    """

    inputs: dict[str, Any]
    layout: Layout
    labels: torch.Tensor
    rows: tuple[tuple[int, int], ...]

    def spread(self, values: torch.Tensor, like: torch.Tensor) -> torch.Tensor:
        """Values of the scored places, [1, m], by completion: [completions, tokens], 0 where nothing is scored."""
        made = values.new_zeros(like.shape)
        pieces = values[0].split([n for _, n in self.rows])
        padded = [torch.nn.functional.pad(piece, (0, like.shape[1] - len(piece))) for piece in pieces]
        if not padded:
            return made
        order = torch.tensor([number for number, _ in self.rows], device=values.device)
        return made.index_copy(0, order, torch.stack(padded))


@dataclass(frozen=True)
class Prompt:
    """A prompt without padding, its positions, and the completions to it.

    ids: [p]. positions: [1, p], or for a model with M-RoPE [3, 1, p]. numbers: of the completions in the batch.
    """

    ids: torch.Tensor
    positions: torch.Tensor
    numbers: tuple[int, ...]


def packed(prompts: Sequence[Prompt], completions: Sequence[torch.Tensor], **images: torch.Tensor) -> Row:
    """One row of groups. completions: the tokens of each, without padding, by number; one without tokens takes no part.

    images: pixel_values and image_grid_thw of the prompts' images, in their order.
    """
    ids, positions, labels, groups, rows = [], [], [], [], []
    for prompt in prompts:
        numbers = [number for number in prompt.numbers if len(completions[number])]
        if not numbers:
            raise ValueError("a prompt of which no completion has a token is not packed")
        ids.append(prompt.ids[:-1])
        positions.append(prompt.positions[..., :-1])
        for number in numbers:
            said = completions[number]
            ids += [prompt.ids[-1:], said[:-1]]
            positions.append(prompt.positions[..., -1:] + torch.arange(len(said), device=said.device))
            labels.append(said)
        groups.append(Group(len(prompt.ids) - 1, tuple(len(completions[number]) for number in numbers)))
        rows += [(number, len(completions[number])) for number in numbers]
    inputs = {"input_ids": torch.cat(ids)[None], "position_ids": torch.cat(positions, dim=-1), **images}
    return Row(inputs, Layout(tuple(groups)), torch.cat(labels)[None], tuple(rows))


@dataclass(frozen=True)
class Batch:
    """Completions beside their prompts, as TRL hands them to its model.

    input_ids, mask: [completions, prompt + tokens], the prompts padded on the left, the completions on the right. keep:
    tokens of the latter. num_images: of each prompt, None without images; pixel_values [patches, values] and grids
    [images, 3] are those of all of them, repeated for each completion; kinds, as input_ids, is 1 where an image stands.
    """

    input_ids: torch.Tensor
    mask: torch.Tensor
    keep: int
    num_images: Sequence[int] | None = None
    pixel_values: torch.Tensor | None = None
    grids: torch.Tensor | None = None
    kinds: torch.Tensor | None = None

    @classmethod
    def of(cls, input_ids: Any, attention_mask: Any, logits_to_keep: int, **given: Any) -> Batch:
        """From the arguments of TRL's `_get_per_token_logps_and_entropies`."""
        return cls(input_ids, attention_mask, logits_to_keep, *(given.get(name) for name in IMAGES))

    def given(self) -> dict[str, Any]:
        """The arguments that `of` takes."""
        text = {"input_ids": self.input_ids, "attention_mask": self.mask, "logits_to_keep": self.keep}
        images = (self.num_images, self.pixel_values, self.grids, self.kinds)
        return {**text, **dict(zip(IMAGES, images, strict=True))}

    def to(self, device: Any) -> Batch:
        moved = {name: value.to(device) for name, value in vars(self).items() if isinstance(value, torch.Tensor)}
        return replace(self, **moved)

    def parts(self, size: int) -> Iterator[Batch]:
        """The same, at most `size` completions at a time."""
        counts = self.num_images or [0] * len(self.input_ids)
        patches = [] if self.grids is None else self.grids.prod(dim=-1).tolist()
        for start in range(0, len(self.input_ids), size):
            here = slice(start, start + size)
            kinds = None if self.kinds is None else self.kinds[here]
            made = Batch(self.input_ids[here], self.mask[here], self.keep, kinds=kinds)
            first, last = sum(counts[:start]), sum(counts[: start + size])
            if self.pixel_values is not None and self.grids is not None and last > first:
                shown = self.pixel_values[sum(patches[:first]) : sum(patches[:last])]
                made = replace(made, num_images=counts[here], pixel_values=shown, grids=self.grids[first:last])
            yield made

    def completions(self) -> list[torch.Tensor]:
        ids, mask = self.input_ids[:, -self.keep :], self.mask[:, -self.keep :].bool()
        return [row[known] for row, known in zip(ids, mask, strict=True)]

    def images(self) -> list[tuple[torch.Tensor, torch.Tensor] | None]:
        """(pixel values, grids) of each completion's prompt, None where it has no image."""
        if self.pixel_values is None or self.grids is None or self.num_images is None:
            return [None] * len(self.input_ids)
        grids = self.grids.split(list(self.num_images))
        pixels = self.pixel_values.split([int(one.prod(dim=-1).sum()) for one in grids])
        return [(pixel, grid) if len(grid) else None for pixel, grid in zip(pixels, grids, strict=True)]


def row_of(batch: Batch, rope: Any = None) -> Row:
    """The batch with each prompt once. Where nothing is to be scored, its first token is all the same: the loss has a
    graph, and a process passes through the model as often as the others.

    rope: the model's get_rope_index, None for a text model. Completions share a prompt if its tokens and its images'
    values are the same, wherever in the batch they stand.
    """
    asked, known = batch.input_ids[:, : -batch.keep], batch.mask[:, : -batch.keep].bool()
    completions, images = batch.completions(), batch.images()
    if not any(map(len, completions)):
        completions[0] = batch.input_ids[0, -batch.keep :][:1]
    found: list[list[int]] = []  # completions of one prompt
    for number, said in enumerate(completions):
        if not len(said):
            continue
        for numbers in found:
            first = numbers[0]
            same_words = torch.equal(asked[first], asked[number]) and torch.equal(known[first], known[number])
            if same_words and _same(images[first], images[number]):
                numbers.append(number)
                break
        else:
            found.append([number])
    prompts = []
    for numbers in found:
        first = numbers[0]
        ids = asked[first][known[first]]
        kinds = None if batch.kinds is None else batch.kinds[first, : -batch.keep][known[first]]
        prompts.append(Prompt(ids, _positions(ids, kinds, images[first], rope), tuple(numbers)))
    shown = [image for numbers in found if (image := images[numbers[0]]) is not None]
    names = ("pixel_values", "image_grid_thw")
    pixels = {name: torch.cat(parts) for name, parts in zip(names, zip(*shown, strict=True), strict=False)}
    return packed(prompts, completions, **pixels)


def _same(one: Any, other: Any) -> bool:
    """Whether two prompts show the same images."""
    if one is None or other is None:
        return one is other
    return torch.equal(one[1], other[1]) and (one[0].data_ptr() == other[0].data_ptr() or torch.equal(one[0], other[0]))


def _positions(ids: torch.Tensor, kinds: torch.Tensor | None, image: Any, rope: Any) -> torch.Tensor:
    """Of a prompt's tokens: [1, p], or [3, 1, p] with M-RoPE."""
    text = torch.arange(len(ids), device=ids.device)
    if rope is None:
        return text[None]
    if image is None or kinds is None:
        return text.expand(3, 1, -1)
    return rope(input_ids=ids[None], mm_token_type_ids=kinds[None], image_grid_thw=image[1])[0]


def with_blank(row: Row, config: Any) -> Row:
    """The row with an image that nothing looks at. Processes that share a model in parts, or its gradients, wait for
    each other at the vision tower, also where one of them has only text."""
    ids, positions, vision = row.inputs["input_ids"], row.inputs["position_ids"], config.vision_config
    merge = vision.spatial_merge_size
    values = getattr(vision, "in_channels", 3) * vision.temporal_patch_size * vision.patch_size**2
    inputs = {
        "input_ids": torch.cat([ids, ids.new_full((1, 1), config.image_token_id)], dim=1),
        "position_ids": torch.cat([positions, positions.new_zeros(3, 1, 1)], dim=-1),
        "pixel_values": torch.zeros(merge**2, values, device=ids.device),
        "image_grid_thw": ids.new_tensor([[1, merge, merge]]),
    }
    return replace(row, inputs=inputs, layout=Layout((*row.layout.groups, Group(1, ()))))


def scores(model: Any, batch: Batch, rope: Any = None, blank: Any = None) -> tuple[torch.Tensor, torch.Tensor | None]:
    """(log-probabilities, entropies) of the completions' tokens, [completions, tokens], 0 where there is none.

    model: with TRL's fused head and this attention, whatever it is wrapped in; rope: its get_rope_index, None for text;
    blank: its config, where a batch of text must pass through the vision tower too.
    """
    row = row_of(batch, rope)
    if blank is not None and rope is not None and "pixel_values" not in row.inputs:
        row = with_blank(row, blank)
    found = model(**row.inputs, layout=row.layout, shift_labels=row.labels, fused_lm_head=True)
    seen = batch.mask[:, -batch.keep :]
    logps = row.spread(found.log_probs, seen) * seen
    return logps, None if found.entropy is None else row.spread(found.entropy, seen) * seen


def rope_of(model: Any) -> Any:
    """How an unwrapped model numbers the places of its images; None for a text model."""
    return getattr(getattr(core_of(model), "model", None), "get_rope_index", None)
