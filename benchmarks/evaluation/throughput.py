"""Items a second: our evaluation from items to verdicts, bare vLLM on the same prompts, HF `generate` one by one."""

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

SUITES = ("medmcqa", "pubmedqa")
HF_SHARE = 6  # HF answers every sixth item: one by one it needs minutes


def measure(model: str, *, items: int, max_tokens: int, rounds: int, context: int, dtype: str) -> dict[str, Any]:
    """Medians over `rounds`; the engines take turns, all in one process and with the same threads; loading is not
    counted. `items` are drawn from each of SUITES; greedy, at most `max_tokens` tokens.
    """
    from eval.vllm_engine import prepare_cpu_environment
    from sft.threads import use_the_cores

    use_the_cores()
    prepare_cpu_environment()
    from eval import suites
    from eval.gguf import local_checkpoint
    from eval.hf_engine import HfEngine
    from eval.run import arms
    from eval.vllm_engine import VllmEngine

    place = local_checkpoint(model)
    asked = arms([suites.load(name, {"n": items}) for name in SUITES], max_tokens=max_tokens)
    hf_asked = arms([suites.load(name, {"n": items // HF_SHARE}) for name in SUITES], max_tokens=max_tokens)
    vllm = VllmEngine.from_pretrained(place, max_model_len=context, dtype=dtype)
    hf = HfEngine.from_pretrained(place, batch_size=1, dtype=dtype)
    runs: dict[str, tuple[Callable[[], int], list[float]]] = {
        "ours": (lambda: _ours(vllm, asked), []),
        "bare vLLM": (lambda: _bare(vllm, asked), []),
        "HF one by one": (lambda: _ours(hf, hf_asked), []),
    }
    _ours(vllm, hf_asked)  # warm
    for number in range(rounds):
        for name, (go, rates) in runs.items():
            vllm.llm.reset_prefix_cache()
            start = time.perf_counter()
            n = go()
            rates.append(n / (time.perf_counter() - start))
            print(f"round {number + 1}  {name:<14} {rates[-1]:6.2f} items/s ({n} items)", flush=True)
    middle = {name: statistics.median(rates) for name, (_, rates) in runs.items()}
    return {
        "items_per_s": {name: rates for name, (_, rates) in runs.items()},
        "times_hf": middle["ours"] / middle["HF one by one"],
        "share_of_bare": middle["ours"] / middle["bare vLLM"],
    }


def _ours(engine: Any, asked: list[Any]) -> int:
    """Everything that `python -m eval run` does once the engine is there: items, prompts, answers, verdicts, files."""
    from eval.run import evaluate_all

    with tempfile.TemporaryDirectory() as out:
        found = evaluate_all(engine, asked, out=Path(out), progress=False)
    return sum(len(result.items) for result in found)


def _bare(engine: Any, asked: list[Any]) -> int:
    """vLLM alone: one call a suite with all its prompts, tokenised beforehand by the engine's own code."""
    from vllm import SamplingParams

    n = 0
    for arm in asked:
        inputs = [engine._input(prompt) for prompt in _prompts(arm)]
        params = SamplingParams(temperature=0.0, max_tokens=arm.max_tokens)
        n += len(engine.llm.generate(inputs, params, use_tqdm=False))
    return n


def _prompts(arm: Any) -> list[Any]:
    import data
    from data.prompt import messages
    from eval.engines import Prompt

    suite = arm.suite
    items = data.load(suite.use, suite.split, n=suite.n, seed=suite.seed, **suite.knobs)
    return [Prompt(messages(item, arm.style), data.open_images(item), item.id) for item in items]
