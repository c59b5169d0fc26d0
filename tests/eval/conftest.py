"""Stand-ins for a model: one that knows the answers and gives a stated share of them, results made by hand, and a real
but tiny one."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pytest

import data
from eval import suites
from eval.engines import Completion, Decoding, Prompt, prompt_seed
from eval.results import Record, Result


@dataclass
class Student:
    """Right on a fixed share of (item, sample), decided by the item and the seed alone."""

    answers: dict[str, tuple[str, str]]  # item id -> right answer, wrong answer
    share: float
    seen: list[Prompt] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)

    stamp: dict[str, Any] = field(default_factory=lambda: {"engine": "student"})

    def stream(self, prompts: Iterable[Prompt], how: Decoding) -> Iterator[tuple[str, list[Completion]]]:
        self.asked.append(asdict(how))
        for prompt in prompts:
            self.seen.append(prompt)
            yield prompt.id, [self._answer(prompt, how.seed + 1000 * sample) for sample in range(how.n)]

    def _answer(self, prompt: Prompt, seed: int) -> Completion:
        right = prompt_seed(seed, prompt) / 2**31 < self.share
        answer = self.answers[prompt.id][0 if right else 1]
        return Completion(f"<think>so</think><answer>{answer}</answer>", 9, False)


@pytest.fixture
def small_suite() -> suites.Suite:
    """Twelve text and image items."""
    return suites.load("clinic_test", {"n": 12})


@pytest.fixture
def student(small_suite: suites.Suite):
    """student(share) -> an engine that is right on that share of the small suite."""
    examples = data.load(small_suite.use, small_suite.split, n=small_suite.n, **small_suite.knobs)
    answers = {example.id: (str(example.answer), example.meta["distractors"][0]) for example in examples}
    return lambda share: Student(answers, share)


SETTINGS: dict[str, Any] = {"temperature": 0.0, "max_tokens": 64, "seed": 0, "style": "think", "blank_images": False}


def _made(rights: Sequence[Sequence[bool | None]], suite: str = "s", **changes: Any) -> Result:
    """A result of one row of verdicts an item; even items are of family a, odd ones of family b with an image."""
    records = [
        Record(
            id=f"i{i}",
            sample=sample,
            correct=right,
            parsed=True,
            format=1.0,
            n_tokens=10 + i,
            truncated=False,
            groups={"kind": "numeric", "family": "ab"[i % 2]},
            gold=json.dumps(str(i % 3)),
            n_options=0,
            n_images=i % 2,
        )
        for i, samples in enumerate(rights)
        for sample, right in enumerate(samples)
    ]
    return Result(suite, len(rights[0]), {**SETTINGS, **changes}, records)


def _one(*rights: int) -> list[list[bool | None]]:
    return [[bool(right)] for right in rights]


@pytest.fixture(scope="session")
def made():
    """made(verdicts an item, suite, **settings) -> a Result; see _made."""
    return _made


@pytest.fixture(scope="session")
def one():
    """one(1, 0, ...) -> one verdict an item."""
    return _one


WORDS = ["<pad>", "<end>", "<image>", "user", "assistant", *(f"w{i}" for i in range(27))]
TEMPLATE = "{% for m in messages %}{{ m.role }} {{ m.content }} {% endfor %}assistant"


def _qwen2(vocab_size: int, max_position_embeddings: int) -> Any:
    """Random weights, spread so widely that different prompts get different answers. Token 0 pads, token 1 ends."""
    import torch
    from transformers import Qwen2Config, Qwen2ForCausalLM

    torch.manual_seed(0)
    config = Qwen2Config(
        vocab_size=vocab_size,
        hidden_size=16,
        intermediate_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        max_position_embeddings=max_position_embeddings,
        initializer_range=0.8,
        eos_token_id=1,
        pad_token_id=0,
    )
    return Qwen2ForCausalLM(config)


@pytest.fixture(scope="module")
def tiny() -> tuple[Any, Any]:
    """A model of 24 positions and a tokenizer of WORDS, one token each."""
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    core = Tokenizer(models.WordLevel({word: i for i, word in enumerate(WORDS)}, unk_token="<pad>"))
    core.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=core, pad_token="<pad>", eos_token="<end>")
    tokenizer.chat_template = TEMPLATE
    return _qwen2(len(WORDS), 24), tokenizer


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    """A folder with a model of random weights and a tokenizer that spells any text, as transformers saves them."""
    from transformers import Qwen2Tokenizer

    corpus = ["the value is low, normal or high"]
    tokenizer: Any = Qwen2Tokenizer().train_new_from_iterator(corpus, 300, new_special_tokens=["<end>"])
    tokenizer.chat_template = TEMPLATE
    model = _qwen2(len(tokenizer), 512)
    model.generation_config.eos_token_id = tokenizer.convert_tokens_to_ids("<end>")
    model.save_pretrained(tmp_path / "model")
    tokenizer.save_pretrained(tmp_path / "model")
    return tmp_path / "model"
