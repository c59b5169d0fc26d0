"""Images on their way into both engines, with a tiny random Qwen2.5-VL and a tokenizer made here."""

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from eval.engines import Decoding, Prompt, answers, render, vision_ids
from eval.hf_engine import HfEngine
from eval.vllm_engine import VllmEngine
from recipes import BadInput

SPECIAL = ["<|endoftext|>", "<|im_end|>", "<|vision_start|>", "<|vision_end|>", "<|image_pad|>", "<|video_pad|>"]
WORDS = [*SPECIAL, "user", "assistant", *(f"w{i}" for i in range(24))]
TEMPLATE = (
    "{% for m in messages %}{{ m.role }} {% for part in m.content %}{% if part.type == 'image' %}"
    "<|vision_start|><|image_pad|><|vision_end|> {% else %}{{ part.text }} {% endif %}{% endfor %}{% endfor %}assistant"
)
TEXT_CONFIG: dict[str, Any] = {
    "vocab_size": len(WORDS),
    "hidden_size": 32,
    "intermediate_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "num_key_value_heads": 1,
    "max_position_embeddings": 256,
    "initializer_range": 0.5,
    "eos_token_id": 1,
    "pad_token_id": 0,
    "rope_parameters": {"rope_type": "default", "rope_theta": 10_000.0, "mrope_section": [4, 2, 2]},
}
VISION_CONFIG: dict[str, Any] = {
    "depth": 1,
    "hidden_size": 16,
    "intermediate_size": 16,
    "num_heads": 2,
    "out_hidden_size": 32,
    "fullatt_block_indexes": [0],
    "initializer_range": 0.5,
}


@pytest.fixture(scope="module")
def processor() -> Any:
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import (
        PreTrainedTokenizerFast,
        Qwen2_5_VLProcessor,
        Qwen2VLImageProcessor,
        Qwen2VLVideoProcessor,
    )

    core = Tokenizer(models.WordLevel({word: i for i, word in enumerate(WORDS)}, unk_token="<|endoftext|>"))
    core.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    special: dict[str, Any] = {"eos_token": "<|im_end|>", "pad_token": "<|endoftext|>", "unk_token": "<|endoftext|>"}
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=core, additional_special_tokens=SPECIAL[2:], **special)
    size = {"shortest_edge": 28 * 28, "longest_edge": 112 * 112}
    pictures, videos = Qwen2VLImageProcessor(size=size), Qwen2VLVideoProcessor(size=size)
    return Qwen2_5_VLProcessor(pictures, tokenizer, videos, chat_template=TEMPLATE)


@pytest.fixture(scope="module")
def model() -> Any:
    import torch
    from transformers import Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration

    torch.manual_seed(0)
    tokens = {"image_token_id": 4, "video_token_id": 5, "vision_start_token_id": 2, "vision_end_token_id": 3}
    config = Qwen2_5_VLConfig(text_config=TEXT_CONFIG, vision_config=VISION_CONFIG, **tokens)
    found = Qwen2_5_VLForConditionalGeneration(config)
    found.generation_config.eos_token_id = 1
    return found


def ask(name: str, text: str, *images: Image.Image) -> Prompt:
    parts: list[dict[str, Any]] = [{"type": "image"} for _ in images]
    return Prompt([{"role": "user", "content": [*parts, {"type": "text", "text": text}]}], list(images), name)


def mixed() -> list[Prompt]:
    """No image, one, two of unequal sizes, one of another shape."""
    rng = np.random.default_rng(0)
    sizes = ((56, 56), (28, 84), (84, 112))  # height, width in pixels
    noise = [Image.fromarray(rng.integers(0, 256, (*size, 3), dtype=np.uint8)) for size in sizes]
    return [
        ask("none", "w1 w2"),
        ask("one", "w3", noise[0]),
        ask("two", "w4 w5", noise[1], noise[2]),
        ask("wide", "w6", noise[1]),
    ]


GREEDY: dict[str, Any] = {"n": 1, "temperature": 0.0, "max_tokens": 6, "seed": 0}


def test_mixed_rows_answer_together_as_they_do_alone(model, processor) -> None:
    prompts = mixed()
    banned = vision_ids(processor)
    together = answers(HfEngine(model, processor, banned_ids=banned), prompts, **GREEDY)
    alone = answers(HfEngine(model, processor, banned_ids=banned, batch_size=1), prompts, **GREEDY)
    assert together == alone


def test_the_answer_depends_on_the_image(model, processor) -> None:
    engine = HfEngine(model, processor, banned_ids=vision_ids(processor))
    shades = [ask(str(shade), "w3", Image.new("RGB", (56, 56), (shade,) * 3)) for shade in (0, 80, 160, 255)]
    assert len({answer.text for [answer] in answers(engine, shades, **GREEDY)}) > 1


def test_an_image_is_one_placeholder_in_the_text(processor) -> None:
    for prompt in mixed():
        assert render(processor, prompt).count("<|image_pad|>") == len(prompt.images)


@dataclass
class Recorder:
    """Stands where a vllm.LLM and its engine would: keeps what it was handed, and answers the latest request first with
    the prompt's last tokens."""

    max_model_len: int = 64
    max_num_seqs: int = 64
    inputs: list[Any] = field(default_factory=list)
    params: list[Any] = field(default_factory=list)
    open: list[tuple[str, Any]] = field(default_factory=list)
    most: int = 0  # requests that were open at once
    draw: float | None = None  # what the process's generator gives while it answers

    @property
    def model_config(self) -> Any:
        return SimpleNamespace(max_model_len=self.max_model_len)

    @property
    def llm_engine(self) -> Any:
        config = SimpleNamespace(scheduler_config=SimpleNamespace(max_num_seqs=self.max_num_seqs))
        return SimpleNamespace(vllm_config=config, step=self._step, abort_request=self._abort)

    def enqueue(self, inputs: list[Any], params: list[Any], use_tqdm: bool) -> list[str]:
        assert not use_tqdm
        names = []
        for given, how in zip(inputs, params, strict=True):
            name = str(len(self.inputs))
            self.inputs.append(given)
            self.params.append(how)
            self.open.append((name, (given["prompt_token_ids"], how.n)))
            names.append(f"{name}-1a2b3c4d")
        self.most = max(self.most, len(self.open))
        return names

    def _step(self) -> list[Any]:
        import torch

        state = torch.random.get_rng_state()
        self.draw = torch.rand(()).item()
        torch.random.set_rng_state(state)
        name, (ids, n) = self.open.pop()
        ends = ["stop", "length"]
        outputs = [SimpleNamespace(text=f"t{k}", token_ids=ids[-2:], finish_reason=ends[k % 2]) for k in range(n)]
        return [SimpleNamespace(request_id=name, finished=True, outputs=outputs)]

    def _abort(self, names: list[str]) -> None:
        self.open = [request for request in self.open if request[0] not in names]


def test_vllm_gets_one_placeholder_an_image_beside_the_images(processor) -> None:
    llm, prompts = Recorder(), mixed()
    answers(VllmEngine(llm, processor), prompts, **GREEDY)
    for given, prompt in zip(llm.inputs, prompts, strict=True):
        assert given["prompt_token_ids"].count(4) == len(prompt.images)
        assert given.get("multi_modal_data", {"image": []})["image"] == prompt.images
        spelled = processor.tokenizer.decode(given["prompt_token_ids"])
        assert "".join(spelled.split()) == "".join(render(processor, prompt).split())


@pytest.mark.parametrize("own_seeds", [True, False])
def test_vllm_draws_by_item_or_by_call(processor, own_seeds: bool) -> None:
    import torch

    before = torch.random.get_rng_state()
    seeds, drawn = [], []
    for prompts, seed in ((mixed(), 3), (mixed()[::-1], 3), (mixed(), 4)):
        llm = Recorder()
        engine = VllmEngine(llm, processor, own_seeds=own_seeds)
        answers(engine, prompts, n=2, temperature=0.8, max_tokens=6, seed=seed)
        seeds.append({prompt.id: params.seed for prompt, params in zip(prompts, llm.params, strict=True)})
        drawn.append(llm.draw)
    assert torch.equal(before, torch.random.get_rng_state())
    if own_seeds:
        assert seeds[0] == seeds[1] != seeds[2]
        assert len(set(seeds[0].values())) == 4
    else:
        assert set(seeds[0].values()) == {None}
        assert drawn[0] == drawn[1] != drawn[2]


def test_vllm_takes_prompts_as_it_has_room(processor) -> None:
    llm, taken = Recorder(max_num_seqs=8), []

    def prompts() -> Any:
        for i in range(100):
            taken.append(i)
            yield ask(f"p{i}", "w1")

    stream = VllmEngine(llm, processor).stream(prompts(), Decoding(n=2, temperature=1.0))
    next(stream)
    assert len(taken) == llm.most == 8
    assert len(dict(stream)) == 99
    assert llm.most == 8


def test_what_is_left_of_a_stream_is_taken_back(processor) -> None:
    llm = Recorder()
    stream = VllmEngine(llm, processor).stream(mixed(), Decoding())
    next(stream)
    stream.close()
    assert llm.open == []


def test_vllm_cannot_draw_what_is_banned(processor) -> None:
    llm = Recorder()
    engine = VllmEngine(llm, processor, banned_ids=vision_ids(processor))
    found = answers(engine, mixed(), n=2, temperature=0.8, max_tokens=6, seed=3)
    assert all(params.logit_bias == dict.fromkeys((2, 3, 4, 5), -100.0) for params in llm.params)
    assert [(a.text, a.n_tokens, a.truncated) for a in found[0]] == [("t0", 2, False), ("t1", 2, True)]


def test_a_prompt_beyond_the_limit_is_named_before_vllm_starts(processor) -> None:
    llm = Recorder(max_model_len=8)
    with pytest.raises(BadInput, match="long: the prompt has 32 tokens, the model's limit is 8"):
        answers(VllmEngine(llm, processor), [ask("long", "w1 " * 30)], **GREEDY)
    assert llm.inputs == []
