"""Tokens a second of vLLM's rollouts and of HF `generate`, side by side: same checkpoint, same prompts, same limits.

    python benchmarks/rollouts.py MODEL [--suite clinic_val] [--prompts 64] [--samples 8] [--tokens 64] [--rounds 3]

Both engines answer in turn, round by round, in one process and with the same number of threads; every completion is
cut at --tokens, and the tokens that came out are counted. The first round of each warms it up and is not counted.
"""

import argparse
import json
import pathlib
import sys
import time
from typing import Any

# Run as a script, this folder stands on sys.path in place of the checkout, and foreign packages could take our names.
sys.path[:] = [str(pathlib.Path(__file__).resolve().parents[1])] + [
    entry for entry in sys.path if pathlib.Path(entry).resolve() != pathlib.Path(__file__).resolve().parent
]

from recipes.command import guarded  # noqa: E402


def main() -> int:
    given = _parser().parse_args()
    from eval.vllm_engine import prepare_cpu_environment
    from sft.threads import use_the_cores

    use_the_cores()
    prepare_cpu_environment()
    from eval.gguf import local_checkpoint
    from eval.hf_engine import HfEngine
    from eval.vllm_engine import VllmEngine

    model = local_checkpoint(given.model)
    prompts = _prompts(given.suite, given.prompts, given.style)
    engines: dict[str, Any] = {
        "vllm": VllmEngine.from_pretrained(model, max_model_len=given.context, max_num_seqs=256),
        "hf": HfEngine.from_pretrained(model, batch_size=max(1, given.batch // given.samples), progress=False),
    }
    rates: dict[str, list[float]] = {name: [] for name in engines}
    for turn in range(given.rounds + 1):
        for name, engine in engines.items():
            start = time.perf_counter()
            answers = engine.generate(prompts, n=given.samples, temperature=1.0, max_tokens=given.tokens, seed=turn)
            seconds = time.perf_counter() - start
            n_tokens = sum(answer.n_tokens or 0 for row in answers for answer in row)
            if turn:
                rates[name].append(n_tokens / seconds)
                print(f"round {turn}  {name:<5} {n_tokens} tokens in {seconds:.1f} s", flush=True)
    return _report(given, rates)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", help="a checkpoint's folder, a hub id, a GGUF file or package:NAME/FILE.gguf")
    parser.add_argument("--suite", default="clinic_val", help="whose prompts (default: %(default)s)")
    parser.add_argument("--style", default="plain", choices=("plain", "think"))
    parser.add_argument("--prompts", type=int, default=64)
    parser.add_argument("--samples", type=int, default=8, help="completions a prompt")
    parser.add_argument("--tokens", type=int, default=64, help="limit of a completion")
    parser.add_argument("--context", type=int, default=512, help="tokens vLLM makes room for")
    parser.add_argument("--batch", type=int, default=128, help="completions HF generates at once")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--out", type=pathlib.Path, help="write the figures as JSON")
    return parser


def _prompts(suite: str, n: int, style: str) -> list[Any]:
    import data
    from data.prompt import messages
    from eval import suites
    from eval.engines import Prompt

    asked = suites.load(suite, {"n": n})
    items = data.load(asked.use, asked.split, n=asked.n, seed=asked.seed, **asked.knobs)
    return [Prompt(messages(item, style), data.open_images(item), item.id) for item in items]


def _report(given: argparse.Namespace, rates: dict[str, list[float]]) -> int:
    """Per engine the median and the range over the rounds, and the ratio of the medians."""
    middle = {name: sorted(values)[len(values) // 2] for name, values in rates.items()}
    for name, values in rates.items():
        print(f"{name:<5} {middle[name]:8.0f} tokens/s   ({min(values):.0f} to {max(values):.0f})")
    ratio = middle["vllm"] / middle["hf"]
    print(f"vLLM is {ratio:.2f} times HF generate")
    if given.out:
        given.out.parent.mkdir(parents=True, exist_ok=True)
        settings = {key: str(value) for key, value in vars(given).items() if key != "out"}
        given.out.write_text(json.dumps({"tokens_per_s": rates, "ratio": ratio, "settings": settings}, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(guarded(main))
