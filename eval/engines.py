"""The one small protocol that everything which answers prompts fulfils: vLLM, HF generate, a test's own stand-in."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from recipes import BadInput


@dataclass(frozen=True)
class Prompt:
    """One conversation to answer.

    `messages` are chat messages ({"role", "content"}), content being text or parts ({"type": "image"} / {"type":
    "text", "text": ...}); `images` are RGB PIL images, one for each image part and in their order. `id`, unlike that
    of any other prompt, names the item and, with the run's seed, fixes the draws.
    """

    messages: list[dict[str, Any]]
    images: list[Any] = field(default_factory=list)
    id: str = ""


@dataclass(frozen=True)
class Completion:
    """One answer: text without special tokens, its length in tokens (the end token included), and whether the limit
    cut it."""

    text: str
    n_tokens: int | None
    truncated: bool


@dataclass(frozen=True)
class Unanswered:
    """Why an engine could not answer a prompt (too long, images for a model without eyes); the others go on."""

    why: str


@dataclass(frozen=True)
class Decoding:
    """How answers are drawn: n samples a prompt, of at most max_tokens tokens; temperature 0 is greedy."""

    n: int = 1
    temperature: float = 0.0
    max_tokens: int = 512
    seed: int = 0


class Engine(Protocol):
    """Answers prompts, and says what it is.

    stamp: what its answers depend on besides the prompts and the decoding (its name and version, the weights), as
    JSON; answers of engines with different stamps are never mixed.
    """

    stamp: dict[str, Any]

    def stream(self, prompts: Iterable[Prompt], how: Decoding) -> Iterator[tuple[str, list[Completion] | Unanswered]]:
        """(prompt id, its `how.n` completions) as they are done, in any order.

        Prompts are taken as there is room for them, so that their images need not all be in memory at once.
        """
        ...


def answers(
    engine: Engine,
    prompts: Sequence[Prompt],
    *,
    n: int = 1,
    temperature: float = 0.0,
    max_tokens: int = 512,
    seed: int = 0,
) -> list[list[Completion]]:
    """All answers at once, in the prompts' order; BadInput for the first prompt that the engine cannot answer."""
    found: dict[str, list[Completion]] = {}
    for name, answer in engine.stream(prompts, Decoding(n, temperature, max_tokens, seed)):
        if isinstance(answer, Unanswered):
            raise BadInput([f"{name}: {answer.why}"])
        found[name] = answer
    return [found[prompt.id] for prompt in prompts]


def prompt_seed(seed: int, prompt: Prompt) -> int:
    """Seed of one prompt in [0, 2**31): from the run's seed and the item alone, never from its place in a batch."""
    name = prompt.id or json.dumps(prompt.messages, sort_keys=True, default=str)
    return int.from_bytes(hashlib.sha256(f"{seed}\x1f{name}".encode()).digest()[:4], "big") >> 1


def render(owner: Any, prompt: Prompt) -> str:
    """The prompt as the text of `owner`'s chat template (a processor or a tokenizer), each image as ONE placeholder.

    The template is rendered without tokenising, because a processor that tokenises also repeats the placeholder
    once for every image token, and an engine that is handed such ids beside the image expands them a second time.
    """
    if prompt.images and not sees(owner):
        raise BadInput([f"has {len(prompt.images)} image(s), but the model reads text only"])
    messages = prompt.messages if sees(owner) else [as_text(message) for message in prompt.messages]
    try:
        return str(owner.apply_chat_template(messages, tokenize=False, add_generation_prompt=True))
    except ValueError as error:
        if getattr(owner, "chat_template", None):
            raise
        raise BadInput(["the model has no chat template: choose an instruction-tuned model"]) from error


def sees(owner: Any) -> bool:
    """Whether this processor takes images (a plain tokenizer does not)."""
    return getattr(owner, "image_processor", None) is not None


def text_tokenizer(owner: Any) -> Any:
    """The tokenizer of a processor; a tokenizer is its own."""
    return getattr(owner, "tokenizer", owner)


def as_text(message: dict[str, Any]) -> dict[str, Any]:
    """The message with its text parts joined: templates of text-only models expect a string."""
    content = message["content"]
    if isinstance(content, str):
        return message
    return {**message, "content": "\n".join(part["text"] for part in content if part["type"] == "text")}


def vision_ids(owner: Any) -> list[int]:
    """Ids of the tokens that only a prompt may hold (image and video pads, vision start and end); [] without them.

    A model must not be able to write them: the next forward pass would look for an image that is not there.
    """
    tokenizer = text_tokenizer(owner)
    names = [getattr(owner, f"{name}_token", None) for name in ("image", "video", "vision_start", "vision_end")]
    names += ["<|image_pad|>", "<|video_pad|>", "<|vision_start|>", "<|vision_end|>", "<|vision_pad|>"]
    known = tokenizer.get_vocab()
    return sorted({known[name] for name in names if name in known})
