"""One request to an OpenAI-compatible endpoint, such as a vLLM server's."""

import os
from dataclasses import dataclass
from functools import cache
from typing import Any

from rewards.contract import RewardError

PASSING = frozenset({408, 409, 425, 429, 500, 502, 503, 504})  # answers that may be another one soon


class Unanswered(RewardError):
    """The endpoint gave no answer this time; it may give one if asked again."""


@dataclass(frozen=True)
class Endpoint:
    """Where the judge lives. `key_env` names the environment variable that holds the key, '' for none; `who` is the
    reward that asks, and stands before each complaint."""

    base_url: str
    model: str
    key_env: str = ""
    timeout_s: float = 30.0
    max_tokens: int = 400
    who: str = "llm_judge"

    async def complete(self, messages: list[dict[str, str]]) -> str:
        """The model's reply at temperature 0. Unanswered if it may be tried again, RewardError if not."""
        try:
            import httpx  # optional, and not needed before the first question
        except ImportError:
            raise RewardError(f"{self.who} needs httpx: pip install 'lingshu-rlvr[judge]'") from None
        url = f"{self.base_url.rstrip('/')}/chat/completions"
        body = {"model": self.model, "messages": messages, "temperature": 0.0, "max_tokens": self.max_tokens}
        try:
            async with httpx.AsyncClient(timeout=self.timeout_s, verify=certificates()) as client:
                answer = await client.post(url, json=body, headers=self._headers())
        except httpx.TimeoutException:
            raise Unanswered(f"{self.who}: {self._name()} gave no answer within {self.timeout_s:g} s") from None
        except httpx.TransportError as error:
            raise Unanswered(f"{self.who}: {self._name()} cannot be reached: {type(error).__name__} {error}") from None
        except httpx.InvalidURL as error:
            raise RewardError(f"{self.who}: base_url {self._name()!r} is no URL: {error}") from None
        if answer.status_code != 200:
            kind = Unanswered if answer.status_code in PASSING else RewardError
            raise kind(f"{self.who}: {self._name()} answered {answer.status_code} {answer.reason_phrase}")
        return self._content(answer)

    def _content(self, answer: Any) -> str:
        """The text of the first choice of a chat completion; Unanswered where there is none, or the model refuses."""
        try:
            choice = answer.json()["choices"][0]
            message = choice["message"]
            text = message.get("content")
            refused = message.get("refusal") or choice.get("finish_reason") == "content_filter"
        except (ValueError, LookupError, TypeError, AttributeError):
            raise Unanswered(f"{self.who}: the endpoint sent no chat completion") from None
        if refused or not isinstance(text, str) or not text.strip():
            raise Unanswered(f"{self.who}: the judge refused to answer, or said nothing")
        return text

    def _headers(self) -> dict[str, str]:
        if not self.key_env:
            return {}
        key = os.environ.get(self.key_env, "").strip()
        if not key:
            raise RewardError(f"{self.who}: the environment variable {self.key_env} (knob key_env) is not set")
        if not (key.isascii() and key.isprintable()):  # httpx would quote it in its complaint
            raise RewardError(f"{self.who}: the environment variable {self.key_env} holds what is no key")
        return {"Authorization": f"Bearer {key}"}

    def _name(self) -> str:
        """The endpoint without what a URL may hold of names and passwords."""
        scheme, _, rest = self.base_url.partition("://")
        return f"{scheme}://{rest.rpartition('@')[2]}" if rest else self.base_url


@cache
def certificates() -> Any:
    """What is trusted, read once: it takes longer than a request."""
    import httpx

    return httpx.create_ssl_context()
