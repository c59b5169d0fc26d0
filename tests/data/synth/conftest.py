"""An endpoint of the standard library that speaks the protocol, and misbehaves where its script says so."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from data.synth import client


class Endpoint(ThreadingHTTPServer):
    """`script(body, nth)` -> a text, (status, headers), "cut" for a cut connection, or a dict as the whole body; nth
    counts the requests with the same messages from 0."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.bodies: list[dict[str, Any]] = []
        self.times: list[float] = []
        self.keys: list[str | None] = []
        self.script: Callable[[dict[str, Any], int], Any] = lambda body, nth: "fine"
        self._lock, self._under_way, self.most_under_way = threading.Lock(), 0, 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    def enter(self, body: dict[str, Any], key: str | None) -> int:
        with self._lock:
            nth = sum(one["messages"] == body["messages"] for one in self.bodies)
            self.bodies.append(body)
            self.times.append(time.monotonic())
            self.keys.append(key)
            self._under_way += 1
            self.most_under_way = max(self.most_under_way, self._under_way)
            return nth

    def leave(self) -> None:
        with self._lock:
            self._under_way -= 1

    def handle_error(self, *_: Any) -> None:
        """A client that has gone is no news."""


class Handler(BaseHTTPRequestHandler):
    server: Endpoint
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        nth = self.server.enter(body, self.headers.get("Authorization"))
        try:
            said = self.server.script(body, nth)
        finally:
            self.server.leave()
        if said == "cut":
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n{")
            self.wfile.flush()
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
        elif isinstance(said, tuple):
            self._send(said[0], {"error": "private words of the prompt"}, said[1])
        else:
            self._send(200, said if isinstance(said, dict) else completion(said), {})

    def _send(self, status: int, body: dict[str, Any], headers: dict[str, str]) -> None:
        sent = json.dumps(body).encode()
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(sent))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(sent)

    def log_message(self, *_: Any) -> None:
        pass


def completion(text: str, finish: str = "stop") -> dict[str, Any]:
    """The body of a chat completion that read 100 tokens and wrote 10."""
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": finish}
    return {"choices": [choice], "usage": {"prompt_tokens": 100, "completion_tokens": 10}}


def asked(body: dict[str, Any]) -> str:
    """The text of the last turn of a request."""
    content = body["messages"][-1]["content"]
    return content if isinstance(content, str) else content[-1]["text"]


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> Iterator[Endpoint]:
    monkeypatch.setattr(client, "FIRST_WAIT_S", 0.01)
    made = Endpoint()
    threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield made
    made.shutdown()
    made.server_close()
