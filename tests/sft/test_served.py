"""What a run leaves in checkpoints/final, served by vLLM's own OpenAI server and asked over HTTP."""

import base64
import io
import json
import urllib.request
from collections.abc import Sequence
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

import data
from data import prompt
from data.prompt import user_text
from eval.engines import Completion, Engine, Prompt, answers
from recipes.schema import Init, Model
from sft import export
from tests.served import served
from tests.sft import runs
from tests.sft.conftest import INIT

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

# Heads of 32 channels, the least that vLLM's attention on a CPU takes, and rows of 128, which W4A16 groups
SIZES = {**INIT, "hidden_size": 128, "num_heads": 4, "num_kv_heads": 2, "intermediate_size": 128, "vision_heads": 1}
LEARNT = ("sft.num_train_epochs=20", "sft.learning_rate=3e-3")
SERVER = ("--max-model-len", "512", "--limit-mm-per-prompt", '{"image": 6}')
ANSWER_TOKENS = 48
ROUNDING = {"W8A8": 0.01, "FP8_DYNAMIC": 0.04}  # of a matrix's norm; a step of 1/127 of a row's largest, 3 bits
SAME = {"W8A8": 0.8, "FP8_DYNAMIC": 0.6, "W4A16": 0.25}  # the least share of answers that rounding leaves as they were


@pytest.fixture(scope="module")
def asked() -> list[Prompt]:
    """Questions with and without an image, as the evaluation asks them."""
    items = data.load("clinic", "train", n=24, families=["lab_range", "lesion_side"])
    assert {len(item.images) for item in items} == {0, 1}
    return [Prompt(prompt.messages(item, "plain"), data.open_images(item), item.id) for item in items]


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """checkpoints/final of a run of all weights, begun from random ones."""
    from sft import small_model

    place = tmp_path_factory.mktemp("runs")
    examples = data.load("clinic", "train", n=60, families=["lab_range", "lesion_side"])
    corpus = [f"{user_text(e, 'plain')}\n<think>{e.meta['trace']}</think><answer>{e.answer}</answer>" for e in examples]
    wanted = Model(init=Init(**SIZES), min_pixels=3136, max_pixels=12544)
    small_model.create(wanted, corpus, place / "model", seed=3)
    return _trained(place / "model", place / "full", *LEARNT)


@pytest.fixture(scope="module", params=export.SCHEMES)
def quantised(request: pytest.FixtureRequest, full: Path) -> tuple[str, Path]:
    """A scheme, and that run exported in it."""
    out = full.parents[2] / request.param
    assert export.main([str(full.parents[1]), "--out", str(out), "--format", request.param]) == 0
    return request.param, out


@pytest.fixture(scope="module")
def lora(full: Path) -> Path:
    """checkpoints/final of a run of adapters on top of it."""
    adapters = "model.lora={r: 8, target_modules: all-linear}"
    return _trained(full, full.parents[2] / "lora", adapters, "sft.num_train_epochs=4", "sft.learning_rate=1e-2")


def _trained(start: Path, run: Path, *overrides: str) -> Path:
    done = runs.train(start, run, *overrides)
    assert done.returncode == 0, done.stderr[-2000:]
    return run / "checkpoints" / "final"


def _greedy(engine: Engine, prompts: Sequence[Prompt]) -> list[Completion]:
    return [answer for [answer] in answers(engine, prompts, max_tokens=ANSWER_TOKENS)]


def _of_our_engine(checkpoint: Path, prompts: Sequence[Prompt]) -> list[Completion]:
    from eval.hf_engine import HfEngine

    return _greedy(HfEngine.from_pretrained(str(checkpoint)), prompts)


def _of_the_server(url: str, prompts: Sequence[Prompt]) -> list[Completion]:
    from eval.openai_engine import OpenAIEngine

    return _greedy(OpenAIEngine(url, "tiny"), prompts)


def _by_hand(url: str, asked: Prompt) -> str:
    """The answer to a request as a user writes it: one user's turn, the image as a data URL."""
    file = io.BytesIO()
    asked.images[0].save(file, "PNG")
    image = f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"
    [text] = [part["text"] for part in asked.messages[0]["content"] if part["type"] == "text"]
    content = [{"type": "image_url", "image_url": {"url": image}}, {"type": "text", "text": text}]
    body = {"model": "tiny", "temperature": 0, "max_tokens": ANSWER_TOKENS}
    body["messages"] = [{"role": "user", "content": content}]
    request = urllib.request.Request(
        f"{url}/chat/completions", json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=60) as reply:
        return json.load(reply)["choices"][0]["message"]["content"]


@pytest.mark.parametrize("kind", ["full", "lora"])
def test_a_served_checkpoint_answers_what_our_own_engine_answers(
    kind: str, request: pytest.FixtureRequest, asked: list[Prompt], tmp_path: Path
) -> None:
    final = request.getfixturevalue(kind)
    ours = _of_our_engine(final, asked)
    seeing = next(place for place, one in enumerate(asked) if one.images)
    with served(final, "tiny", tmp_path / "log", *SERVER) as url:
        theirs, typed = _of_the_server(url, asked), _by_hand(url, asked[seeing])
    assert theirs == ours
    assert typed == ours[seeing].text
    for images in (0, 1):  # what it says depends on what it is shown
        said = {answer.text for answer, one in zip(ours, asked, strict=True) if len(one.images) == images}
        assert len(said) > 1


def test_quantising_touches_the_matrices_of_the_language_model_alone(full: Path, quantised: tuple[str, Path]) -> None:
    scheme, out = quantised
    before, after = (load_file(place / "model.safetensors") for place in (full, out))
    alike = {name for name in before if name in after and before[name].dtype == after[name].dtype}
    kept = {name for name in alike if torch.equal(before[name], after[name])}
    matrices = before.keys() - kept
    assert matrices == {name for name in before if name.startswith("model.layers.") and before[name].ndim == 2}
    for name in matrices:
        scale = after[f"{name}_scale"]
        if scheme == "W4A16":
            assert after[f"{name}_packed"].shape == (before[name].shape[0], before[name].shape[1] // 8)
            assert scale.shape == (before[name].shape[0], before[name].shape[1] // 128)
        else:
            assert after[name].element_size() == 1
            rounded = after[name].float() * scale
            assert (rounded - before[name]).norm() < ROUNDING[scheme] * before[name].norm()
    made = json.loads((out / "lineage.json").read_text())
    [done] = made["exports"]
    assert (done["format"], done["by"]) == (scheme, f"llmcompressor {export.TOOLS[0].partition('==')[2]}")
    assert f"## Export\n{scheme}, by llmcompressor" in (out / "README.md").read_text()


def test_a_quantised_export_still_answers(full: Path, quantised: tuple[str, Path], asked: list[Prompt]) -> None:
    scheme, out = quantised
    whole, small = (_of_our_engine(place, asked) for place in (full, out))
    same = sum(one.text == other.text for one, other in zip(whole, small, strict=True))
    assert same >= SAME[scheme] * len(asked)


def test_a_served_quantised_export_answers_as_the_whole_one(full: Path, asked: list[Prompt], tmp_path: Path) -> None:
    export.main([str(full), "--out", str(tmp_path / "out"), "--format", "W8A8"])
    # vLLM's kernel for processors with AMX takes no float32; half precision changes some answers more
    with served(tmp_path / "out", "tiny", tmp_path / "log", *SERVER, "--dtype", "bfloat16") as url:
        theirs = _of_the_server(url, asked)
    same = sum(one.text == other.text for one, other in zip(_of_our_engine(full, asked), theirs, strict=True))
    assert same >= (SAME["W8A8"] - 0.2) * len(asked)
