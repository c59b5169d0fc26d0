"""The endpoint engine against a server of the standard library that speaks the protocol, and sometimes does not."""

import base64
import io
import json
import re
import threading
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from PIL import Image

from eval import openai_engine
from eval.engines import Decoding, Prompt, Unanswered, answers, prompt_seed
from eval.openai_engine import OpenAIEngine
from recipes import BadInput


class Server(ThreadingHTTPServer):
    """Answers with what the prompt says: `status 503 twice`, `think`, `cut`, `junk`, or an echo."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.bodies: list[dict[str, Any]] = []
        self.keys: list[str | None] = []
        self.tried: Counter[str] = Counter()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.bodies.append(body)
        self.server.keys.append(self.headers.get("Authorization"))
        content = body["messages"][-1]["content"]
        text = content if isinstance(content, str) else content[-1]["text"]
        self.server.tried[text] += 1
        if text.startswith("busy") and self.server.tried[text] < 3:
            return self._send(503, {"error": "later"})
        if text.startswith("status"):
            return self._send(int(text.split()[1]), {"error": "this prompt is too long"})
        if text == "junk":
            return self._send(200, {"nothing": 1})
        message: dict[str, Any] = {"role": "assistant", "content": f"<answer>{text}</answer>"}
        if text == "think":
            message["reasoning_content"] = " because "
        reason = "length" if text == "cut" else "stop"
        choices = [{"index": i, "message": message, "finish_reason": reason} for i in range(body["n"])]
        self._send(200, {"choices": choices, "usage": {"completion_tokens": 7 * body["n"]}})

    def _send(self, status: int, body: dict[str, Any]) -> None:
        sent = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(sent)))
        self.end_headers()
        self.wfile.write(sent)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setattr(openai_engine, "FIRST_WAIT_S", 0.01)
    made = Server()
    threading.Thread(target=made.serve_forever, daemon=True).start()
    yield made
    made.shutdown()
    made.server_close()


def ask(text: str, *images: Image.Image) -> Prompt:
    parts: list[dict[str, Any]] = [{"type": "image"} for _ in images]
    return Prompt([{"role": "user", "content": [*parts, {"type": "text", "text": text}]}], list(images), text)


def test_it_asks_what_the_prompt_says(server: Server) -> None:
    picture = Image.new("RGB", (5, 4), (9, 8, 7))
    engine = OpenAIEngine(server.url, "m")
    found = answers(engine, [ask("look", picture), ask("read")], max_tokens=12, seed=3)
    assert [(one.text, one.n_tokens, one.truncated) for [one] in found] == [
        ("<answer>look</answer>", 7, False),
        ("<answer>read</answer>", 7, False),
    ]
    bodies = {json.dumps(body["messages"])[-12:]: body for body in server.bodies}
    seen = next(body for body in bodies.values() if isinstance(body["messages"][0]["content"], list))
    assert {key: seen[key] for key in ("model", "n", "temperature", "max_tokens", "seed")} == {
        "model": "m",
        "n": 1,
        "temperature": 0.0,
        "max_tokens": 12,
        "seed": prompt_seed(3, ask("look")),
    }
    url = seen["messages"][0]["content"][0]["image_url"]["url"]
    sent = Image.open(io.BytesIO(base64.b64decode(url.partition("base64,")[2])))
    assert (sent.size, sent.getpixel((0, 0))) == ((5, 4), (9, 8, 7))
    assert next(body for body in bodies.values() if body is not seen)["messages"][0]["content"] == "read"


def test_samples_thinking_and_cuts(server: Server) -> None:
    engine = OpenAIEngine(server.url, "m")
    cases = (("a", 3), ("think", 1), ("cut", 1))
    [several, [thought], [cut]] = [answers(engine, [ask(text)], n=n)[0] for text, n in cases]
    assert [one.n_tokens for one in several] == [None] * 3
    assert thought.text == "<think>because</think><answer>think</answer>"
    assert cut.truncated


def test_a_busy_endpoint_is_asked_again(server: Server) -> None:
    [[one]] = answers(OpenAIEngine(server.url, "m"), [ask("busy")])
    assert one.text == "<answer>busy</answer>"
    assert server.tried["busy"] == 3


@pytest.mark.parametrize(("text", "why"), [("status 400", "400 .*too long"), ("junk", "no chat completion")])
def test_a_prompt_it_refuses_costs_itself_alone(server: Server, text: str, why: str) -> None:
    found = dict(OpenAIEngine(server.url, "m").stream([ask("a"), ask(text), ask("b")], Decoding()))
    refused = found.pop(text)
    assert isinstance(refused, Unanswered)
    assert re.search(why, refused.why)
    assert set(found) == {"a", "b"}


def test_an_endpoint_that_cannot_be_used_stops_the_run(server: Server) -> None:
    with pytest.raises(BadInput, match="401"):
        answers(OpenAIEngine(server.url, "m"), [ask("status 401")])
    with pytest.raises(BadInput, match="gave no answer: 503"):
        answers(OpenAIEngine(server.url, "m"), [ask("status 503")])
    with pytest.raises(BadInput, match="ConnectError"):
        answers(OpenAIEngine("http://127.0.0.1:9/v1", "m"), [ask("a")])


def test_no_more_requests_than_allowed_and_prompts_are_taken_as_there_is_room(server: Server) -> None:
    taken = []

    def prompts() -> Iterator[Prompt]:
        for i in range(30):
            taken.append(i)
            yield ask(f"p{i}")

    stream = OpenAIEngine(server.url, "m", at_once=4).stream(prompts(), Decoding())
    next(stream)
    assert len(taken) == 4
    assert len(list(stream)) == 29


def test_the_key_comes_from_the_environment(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BadInput, match="MY_KEY.*is not set"):
        OpenAIEngine(server.url, "m", key_env="MY_KEY")
    monkeypatch.setenv("MY_KEY", "secret")
    engine = OpenAIEngine(server.url, "m", key_env="MY_KEY")
    answers(engine, [ask("a")])
    assert server.keys == ["Bearer secret"]
    assert "secret" not in str(engine.stamp)
