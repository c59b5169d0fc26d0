"""Asking an OpenAI-compatible endpoint: many requests at once, no faster than it allows, none twice."""

from __future__ import annotations

import asyncio
import base64
import io
import os
import random
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

from data.clean import Drop
from data.synth import Ask, Nonsense
from data.synth.replies import Replies, Reply, key_of
from recipes import BadInput

if TYPE_CHECKING:
    from PIL import Image

PASSING = frozenset({408, 409, 425, 429, 500, 502, 503, 504})  # status codes that may be another one soon
PROMPTS_FAULT = frozenset({400, 413, 422})  # this prompt is too long, or holds what the model cannot read
FIRST_WAIT_S, LONGEST_WAIT_S, LONGEST_ASKED_S = 1.0, 60.0, 600.0


class Unanswered(Drop):
    """No reply to this request: it is not kept, so that the same command asks again."""


@dataclass(frozen=True)
class Sampling:
    """How replies are drawn. The seed of sample i is seed + i."""

    temperature: float = 0.0
    top_p: float = 1.0
    max_tokens: int = 2048
    seed: int = 0


@dataclass(frozen=True)
class Endpoint:
    """Where the model lives and what it allows.

    base_url: such as http://localhost:8000/v1. key_env: the environment variable that holds its key, '' for none.
    at_once: requests under way. per_minute: requests started in a minute, 0 for no limit. tries: of one request.
    price_in, price_out: of a million tokens, in any one currency. constrain: it is sent the JSON schema of the reply.
    """

    base_url: str
    model: str
    key_env: str = ""
    timeout_s: float = 300.0
    tries: int = 6
    at_once: int = 16
    per_minute: float = 0.0
    price_in: float = 0.0
    price_out: float = 0.0
    constrain: bool = False

    def cost(self, n_in: int, n_out: int) -> float:
        """Of so many tokens, in the currency of the prices."""
        return (n_in * self.price_in + n_out * self.price_out) / 1e6


@dataclass(frozen=True)
class _Later:
    """Not this time; `wait_s` is what the endpoint asked for."""

    why: str
    wait_s: float | None = None


class Pace:
    """Turns for requests: evenly spaced by the limit, none while the endpoint has asked for quiet."""

    def __init__(self, per_minute: float) -> None:
        self._gap_s = 60.0 / per_minute if per_minute else 0.0
        self._next = self._quiet_until = 0.0

    async def turn(self) -> None:
        while True:
            now = time.monotonic()
            at = max(now, self._next, self._quiet_until)
            self._next = at + self._gap_s
            await asyncio.sleep(at - now)
            if time.monotonic() >= self._quiet_until:  # else quiet was asked for meanwhile: draw a new turn
                return

    def hold(self, wait_s: float) -> None:
        self._quiet_until = max(self._quiet_until, time.monotonic() + wait_s)


class Client:
    """One endpoint with one way of sampling; `ask` from one event loop, then `close`.

    BadInput for a key that is not set, a URL that is none, and answers that are no prompt's fault (401, 404).
    """

    def __init__(self, endpoint: Endpoint, sampling: Sampling, kept: Replies) -> None:
        try:
            import httpx
        except ImportError:
            raise BadInput("synthesis needs httpx: pip install 'lingshu-rlvr[judge]'") from None
        self.endpoint, self.sampling = endpoint, sampling
        self._kept, self._pace = kept, Pace(endpoint.per_minute)
        self._gate, self._locks = asyncio.Semaphore(endpoint.at_once), WeakValueDictionary[str, asyncio.Lock]()
        self._url = f"{endpoint.base_url.rstrip('/')}/chat/completions"
        limits = httpx.Limits(max_connections=endpoint.at_once)
        if httpx_problem := _url_problem(self._url):
            raise BadInput(f"{self._name()}: {httpx_problem}; --base-url is such as http://localhost:8000/v1")
        self._http = httpx.AsyncClient(timeout=endpoint.timeout_s, headers=_headers(endpoint.key_env), limits=limits)

    async def ask(self, ask: Ask, sample: int = 0) -> Reply | Drop:
        """The reply to sample `sample` of a request: the one that is kept, else the endpoint's, which is then kept.

        Unanswered where there is none; whether a reply can be used is what `unusable` says.
        """
        body, key = await asyncio.to_thread(self.request, ask, sample)  # encodes pictures
        async with self._locks.setdefault(key, asyncio.Lock()):  # two rows may ask the same
            reply = self._kept.get(key)
            if reply is None:
                async with self._gate:
                    reply = await self._asked(body)
                if isinstance(reply, Reply):
                    self._kept.put(key, reply)
        return reply

    async def close(self) -> None:
        await self._http.aclose()

    def request(self, ask: Ask, sample: int = 0) -> tuple[dict[str, Any], str]:
        """(body, key under which its reply is kept)."""
        sampling = {**asdict(self.sampling), "seed": self.sampling.seed + sample}
        body = {"model": self.endpoint.model, "messages": messages(ask), **sampling}
        if self.endpoint.constrain and ask.forms:
            body["response_format"] = response_format(ask)
        return body, key_of(body, ask.prompt.hash, sample)

    async def _asked(self, body: Mapping[str, Any]) -> Reply | Unanswered:
        """The endpoint's reply; asked again, later and later, while it is busy or away."""
        why = ""
        for attempt in range(self.endpoint.tries):
            if attempt:
                await asyncio.sleep(min(LONGEST_WAIT_S, FIRST_WAIT_S * 2 ** (attempt - 1)) * random.uniform(0.5, 1))
            await self._pace.turn()
            got = await self._once(body)
            if not isinstance(got, _Later):
                return got
            why = got.why
            if got.wait_s and got.wait_s > LONGEST_ASKED_S:
                return Unanswered("the endpoint asks to wait too long", f"{got.wait_s:.0f} s")
            self._pace.hold(got.wait_s or 0.0)
        return Unanswered("no answer", f"{why} (after {self.endpoint.tries} tries)")

    async def _once(self, body: Mapping[str, Any]) -> Reply | Unanswered | _Later:
        import httpx

        try:
            got = await self._http.post(self._url, json=body)
        except httpx.TimeoutException:
            return _Later(f"nothing within {self.endpoint.timeout_s:g} s")
        except (httpx.TransportError, httpx.DecodingError) as error:
            return _Later(type(error).__name__)
        status = f"{got.status_code} {got.reason_phrase}"
        if got.status_code == 200:
            return _reply(got)
        if got.status_code in PASSING:
            return _Later(status, _retry_after(got.headers.get("Retry-After")))
        if got.status_code in PROMPTS_FAULT:  # its text may repeat the prompt, and is not told
            return Unanswered(f"the endpoint refused the request ({got.status_code})")
        raise BadInput(f"{self._name()} answered {status}; check --base-url, --model and --key-env")

    def _name(self) -> str:
        """The endpoint without what a URL may hold of names and passwords."""
        scheme, _, rest = self.endpoint.base_url.partition("://")
        return f"endpoint {scheme}://{rest.rpartition('@')[2]}" if rest else f"endpoint {scheme!r}"


def messages(ask: Ask) -> list[dict[str, Any]]:
    """The conversation in the endpoint's form; pictures stand before the text of the last turn, as PNG inside."""
    said: list[dict[str, Any]] = [{"role": role, "content": text} for role, text in ask.prompt.filled(ask.fields)]
    if ask.images:
        pictures = [{"type": "image_url", "image_url": {"url": data_url(image)}} for image in ask.images]
        said[-1]["content"] = [*pictures, {"type": "text", "text": said[-1]["content"]}]
    return said


def response_format(ask: Ask) -> dict[str, Any]:
    """The forms of a request as OpenAI and vLLM take them."""
    schemas = [form.schema for form in ask.forms]
    schema = schemas[0] if len(schemas) == 1 else {"anyOf": schemas}
    return {"type": "json_schema", "json_schema": {"name": ask.prompt.name, "schema": schema, "strict": True}}


def data_url(image: Image.Image) -> str:
    """A picture as a PNG of its pixels alone: what its file says of patient, place or device stays here."""
    from PIL import Image

    rgb, file = image.convert("RGB"), io.BytesIO()
    Image.frombytes("RGB", rgb.size, rgb.tobytes()).save(file, "PNG", compress_level=1)
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"


def unusable(reply: Reply) -> Nonsense | None:
    """What makes a reply unfit to be read, if anything does."""
    if reply.finish in ("content_filter", "refusal"):
        return Nonsense("the model refused")
    if reply.finish == "length":
        return Nonsense("cut off", "raise --max-tokens")
    return None if reply.text.strip() else Nonsense("empty reply")


def _reply(got: Any) -> Reply | _Later:
    """What a chat completion says; a reasoning model's thinking is left out."""
    try:
        body = got.json()
        choice, usage = body["choices"][0], body.get("usage") or {}
        message = choice["message"]
        finish = "refusal" if message.get("refusal") else str(choice.get("finish_reason") or "")
        text = message.get("content") or ""
        n_in, n_out = (_whole(usage.get(name)) for name in ("prompt_tokens", "completion_tokens"))
    except (ValueError, LookupError, TypeError, AttributeError):
        return _Later("no chat completion")
    if not isinstance(text, str):
        return _Later("no chat completion")
    return Reply(text.encode("utf-8", "replace").decode(), finish, n_in, n_out)


def _whole(count: object) -> int | None:
    return count if isinstance(count, int) else None


def _retry_after(said: str | None) -> float | None:
    """Seconds of a Retry-After header, which holds seconds or a date; None for neither."""
    if not said:
        return None
    try:
        return max(0.0, float(said))
    except ValueError:
        pass
    try:
        return max(0.0, parsedate_to_datetime(said).timestamp() - time.time())
    except ValueError:
        return None


def _headers(key_env: str) -> dict[str, str]:
    if not key_env:
        return {}
    key = os.environ.get(key_env, "").strip()
    if not key:
        raise BadInput(f"the environment variable {key_env} (--key-env) is not set")
    if not (key.isascii() and key.isprintable()):  # httpx would quote it in its complaint
        raise BadInput(f"the environment variable {key_env} (--key-env) holds what is no key")
    return {"Authorization": f"Bearer {key}"}


def _url_problem(url: str) -> str:
    import httpx

    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL as error:
        return f"is no URL ({error})"
    return "" if parsed.scheme in ("http", "https") and parsed.host else "is no http address"
