"""The update of a GRPO step beside PrefixGrouper, the shared prefix that verl and unsloth offer for text models.

    python benchmarks/grpo_peer.py [--shape text ...] [--rounds 5] [--out docs/results/grpo_peer.json]

The update of benchmarks/grpo_step.py by three ways, turn by turn: TRL's, PrefixGrouper's (arXiv 2506.05433; the package
of the extra `bench`) and rlvr/prefix.py. PrefixGrouper gets what it lacks and ours has, so that the sharing alone is
compared: SDPA without a needless mask, TRL's fused head on the scored places only, and for an image, where verl and
unsloth switch it off, our positions and the image once a group. Nothing else should run on the machine.
"""

import argparse
import json
import pathlib
import sys
from typing import Any

# Run as a script, this folder stands on sys.path in place of the checkout.
sys.path[:] = [str(pathlib.Path(__file__).resolve().parents[1])] + [
    entry for entry in sys.path if pathlib.Path(entry).resolve() != pathlib.Path(__file__).resolve().parent
]

from benchmarks.grpo_step import SHAPES, Shape, Update, apart, median, raced, times  # noqa: E402
from recipes.command import guarded  # noqa: E402

NAMES = ("text", "text_unequal", "text_half_flat", "middle", "vqa_unequal")


def main() -> int:
    given = _parser().parse_args()
    from sft.threads import use_the_cores

    use_the_cores()
    found = {}
    for name in given.shape or NAMES:
        ways = {"theirs": Update("theirs", SHAPES[name], False), "grouped": Grouped(SHAPES[name])}
        ways["ours"] = Update("ours", SHAPES[name], False)
        taken = raced(ways, given.rounds)
        found[name] = {
            "seconds": {way: round(median(seconds), 3) for way, seconds in taken.items()},
            "grouped": times(taken["theirs"], taken["grouped"]),
            "ours": times(taken["theirs"], taken["ours"]),
            "ours to grouped": times(taken["grouped"], taken["ours"]),
            "apart": {way: apart(ways["theirs"], ways[way]) for way in ("grouped", "ours")},
        }
        print(f"{name}: {json.dumps(found[name])}", flush=True)
    if given.out:
        given.out.write_text(json.dumps(found, indent=1) + "\n")
    return 0


class Grouped(Update):
    """An update with PrefixGrouper: a row a group, attention in two calls, of the prompts and of the completions."""

    def __init__(self, shape: Shape) -> None:
        from transformers import AttentionInterface
        from transformers.masking_utils import AttentionMaskInterface

        super().__init__("grouped", shape, checkpointing=False)
        self.group = shape.group
        AttentionInterface.register("grouped", _attend)
        AttentionMaskInterface.register("grouped", lambda *_, **__: None)  # causal, and padding comes last
        self.model.set_attn_implementation({"text_config": "grouped"})
        self.model.base_model.register_forward_hook(_keep_scored, with_kwargs=True)

    def _scores(self) -> Any:
        from prefix_grouper import PrefixGrouper

        keep, every = self.given["logits_to_keep"], self.group
        ids, mask = self.given["input_ids"], self.given["attention_mask"]
        asked, known, said, counted = ids[::every, :-keep], mask[::every, :-keep], ids[:, -keep:], mask[:, -keep:]
        grouper = PrefixGrouper.from_ungrouped_masks(known, counted, every)
        found = self.model(
            input_ids=grouper.concat_input(asked, known, said, counted),
            position_ids=self._positions(asked, counted),
            **self._images(),
            shift_labels=said.masked_fill(counted == 0, -100),
            prefix_grouper=grouper,
            fused_lm_head=True,
        )
        return found.log_probs, found.entropy

    def _images(self) -> dict[str, Any]:
        """Each group's once."""
        if "image_grid_thw" not in self.given:
            return {}
        grids = self.given["image_grid_thw"]
        pixels = self.given["pixel_values"].view(len(grids), -1, self.given["pixel_values"].shape[-1])
        return {"image_grid_thw": grids[:: self.group], "pixel_values": pixels[:: self.group].flatten(0, 1)}

    def _positions(self, asked: Any, counted: Any) -> Any:
        """[3, groups, row]: each completion goes on from its prompt."""
        import torch

        from rlvr.prefix import rope_of

        kinds = self.given["mm_token_type_ids"][:: self.group, : asked.shape[1]]
        grids = self._images().get("image_grid_thw")
        prompts = rope_of(self.model)(input_ids=asked, mm_token_type_ids=kinds, image_grid_thw=grids)[0]
        sizes = counted.sum(dim=1).view(-1, self.group).tolist()
        made = []
        for number, group in enumerate(sizes):
            steps = torch.cat([torch.arange(1, size + 1) for size in group])
            made.append(torch.cat([prompts[:, number], prompts[:, number, -1:] + steps], dim=1))
        longest = max(row.shape[1] for row in made)
        return torch.stack([torch.nn.functional.pad(row, (0, longest - row.shape[1])) for row in made], dim=1)


def _attend(module: Any, query: Any, key: Any, value: Any, mask: Any, *, prefix_grouper: Any, **given: Any) -> Any:
    from torch.nn.functional import scaled_dot_product_attention

    def attend(q: Any, k: Any, v: Any, padding: Any) -> Any:
        n, m = q.shape[2], k.shape[2]
        seen = None if n == m else padding.new_ones(n, m).bool().tril(m - n)
        how = {"attn_mask": seen, "is_causal": n == m, "scale": given.get("scaling"), "enable_gqa": True}
        return scaled_dot_product_attention(q, k, v, **how).transpose(1, 2)

    return prefix_grouper.forward(attend, query, key, value), None


def _keep_scored(module: Any, args: Any, given: Any, output: Any) -> Any:
    """Of the last hidden states those of the prompts' last tokens and the completions, [completions, tokens, size]."""
    *_, said, _ = given["prefix_grouper"].split_output(output.last_hidden_state, include_prefix_last=1)
    output.last_hidden_state = said[:, :-1]
    return output


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shape", choices=SHAPES, action="append", help="only these")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--out", type=pathlib.Path, help="write the figures as JSON")
    return parser


if __name__ == "__main__":
    sys.exit(guarded(main))
