"""Answers from an OpenAI-compatible endpoint: a vLLM server, a hosted model."""

import base64
import io
import itertools
import os
import queue
import threading
from collections.abc import Iterable, Iterator
from typing import Any

from eval.engines import Completion, Decoding, Prompt, Unanswered, prompt_seed
from recipes import BadInput

PASSING = frozenset({408, 409, 425, 429, 500, 502, 503, 504})  # status codes that may be another one soon
TRIES, FIRST_WAIT_S, LONGEST_WAIT_S = 6, 1.0, 30.0


class OpenAIEngine:
    """base_url: such as http://localhost:8000/v1. model: as the endpoint names it. key_env: the environment variable
    that holds its key, '' for none. at_once: requests under way. timeout_s: for one request.

    A reasoning model's thinking, where the server takes it out of the text, is put back as <think>...</think>.
    """

    def __init__(
        self, base_url: str, model: str, *, key_env: str = "", at_once: int = 32, timeout_s: float = 600.0
    ) -> None:
        try:
            import httpx
        except ImportError:
            raise BadInput("engine openai needs httpx: pip install 'lingshu-rlvr[judge]'") from None
        key = os.environ.get(key_env, "").strip() if key_env else ""
        if key_env and not key:
            raise BadInput(f"engine openai: the environment variable {key_env} (--key-env) is not set")
        self.stamp = {"engine": "openai", "model": model}
        self._model, self._at_once = model, at_once
        self._url = f"{base_url.rstrip('/')}/chat/completions"
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        limits = httpx.Limits(max_connections=at_once)
        try:
            self._client = httpx.Client(timeout=timeout_s, headers=headers, limits=limits)
            httpx.URL(base_url)
        except (httpx.InvalidURL, UnicodeEncodeError) as error:
            raise BadInput(f"engine openai: base URL {base_url!r} or its key cannot be used: {error}") from error

    def stream(self, prompts: Iterable[Prompt], how: Decoding) -> Iterator[tuple[str, list[Completion] | Unanswered]]:
        """See Engine. BadInput when the endpoint cannot be reached, or refuses what is no prompt's fault."""
        waiting, done = iter(prompts), queue.SimpleQueue()
        stop = threading.Event()

        def ask(prompt: Prompt) -> None:
            try:
                done.put((prompt.id, self._answer(prompt, how, stop)))
            except Exception as error:  # is raised where the answers are taken
                done.put((prompt.id, error))

        n_asked = 0
        try:
            while True:
                for prompt in itertools.islice(waiting, self._at_once - n_asked):
                    threading.Thread(target=ask, args=(prompt,), daemon=True).start()
                    n_asked += 1
                if not n_asked:
                    return
                name, answer = done.get()
                n_asked -= 1
                if isinstance(answer, Exception):
                    raise answer
                yield name, answer
        finally:
            stop.set()

    def _answer(self, prompt: Prompt, how: Decoding, stop: threading.Event) -> list[Completion] | Unanswered:
        """How.n completions in one request; asked again, later and later, while the endpoint is busy or away."""
        import httpx

        body = {
            "model": self._model,
            "messages": _messages(prompt),
            "n": how.n,
            "temperature": how.temperature,
            "max_tokens": how.max_tokens,
            "seed": prompt_seed(how.seed, prompt),
        }
        why = ""
        for attempt in range(TRIES):
            if attempt and stop.wait(min(LONGEST_WAIT_S, FIRST_WAIT_S * 2 ** (attempt - 1))):
                break
            try:
                reply = self._client.post(self._url, json=body)
            except httpx.TransportError as error:
                why = f"{type(error).__name__} {error}".strip()
                continue
            if reply.status_code == 200:
                return _completions(reply, how.n)
            why = f"{reply.status_code} {reply.reason_phrase}: {reply.text[:200]}"
            if reply.status_code in (400, 413, 422):  # this prompt is too long, or holds what the model cannot read
                return Unanswered(" ".join(why.split()))
            if reply.status_code not in PASSING:
                break
        raise BadInput(f"engine openai: {self._url} gave no answer: {' '.join(why.split())}")


def _messages(prompt: Prompt) -> list[dict[str, Any]]:
    """The prompt in the endpoint's form, its images as PNG inside."""
    images = iter(prompt.images)
    return [{**message, "content": _content(message["content"], images)} for message in prompt.messages]


def _content(content: Any, images: Iterator[Any]) -> Any:
    if isinstance(content, str):
        return content
    if all(part["type"] == "text" for part in content):
        return "\n".join(part["text"] for part in content)
    return [part if part["type"] == "text" else _image_part(next(images)) for part in content]


def _image_part(image: Any) -> dict[str, Any]:
    file = io.BytesIO()
    image.save(file, "PNG")
    url = f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"
    return {"type": "image_url", "image_url": {"url": url}}


def _completions(reply: Any, n: int) -> list[Completion] | Unanswered:
    try:
        body = reply.json()
        choices = body["choices"]
        tokens = body.get("usage", {}).get("completion_tokens") if len(choices) == 1 else None
        found = [_completion(choice, tokens) for choice in choices]
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        return Unanswered(f"the endpoint sent no chat completion ({error!r})")
    return found if len(found) == n else Unanswered(f"the endpoint sent {len(found)} of {n} samples")


def _completion(choice: dict[str, Any], tokens: int | None) -> Completion:
    """tokens: of this completion; where there are several the endpoint counts them together, and None is said."""
    message = choice["message"]
    thinking = message.get("reasoning_content") or message.get("reasoning")
    text = message.get("content") or ""
    if isinstance(thinking, str) and thinking.strip() and "</think>" not in text:
        text = f"<think>{thinking.strip()}</think>{text}"
    return Completion(text, tokens, choice.get("finish_reason") == "length")
