"""A language model compares the committed answer with the gold: for free text that no rule can read."""

from collections.abc import Mapping
from functools import partial

from rewards import Response, RewardError, Score, reward
from rewards.judging import asking, prompt
from rewards.judging.cache import Cache, key_of
from rewards.judging.endpoint import Endpoint


@reward(low=0.0, high=1.0)
async def llm_judge(
    response: Response,
    answer: str | list[str],
    question: str | None = None,
    options: Mapping[str, str] | None = None,
    base_url: str = "",
    model: str = "",
    key_env: str = "",
    cache: str = ".cache/llm_judge",
    timeout_s: float = 30.0,
    tries: int = 3,
    max_tokens: int = 400,
) -> Score | None:
    """1 if a judge finds that the committed answer means the same as the gold, else 0.

    base_url and model name any OpenAI-compatible endpoint (http://localhost:8000/v1 for a vLLM server); key_env is the
    environment variable that holds its key.  Temperature 0; verdicts are kept in the folder `cache` by model, wording,
    question, gold and answer, so that a run can be resumed and a judge is never paid twice; delete it to ask anew.
    None where there is no gold, or the judge finds that the gold permits no decision.  RewardError, which makes the row
    unscorable and not wrong, where the endpoint is down, refuses, or gives no JSON verdict in `tries` tries.
    Source: verification of free medical answers by a language model, as in HuatuoGPT-o1 (arXiv 2412.18925: in its first
    stage 96.5 % of the judge's verdicts were right, 70.5 % of exact match's); the fence is our own.
    Known hacks: instructions to the judge, forged verdicts, chat marks (taken out, fenced, and a verdict must carry the
    request's code); whatever else this judge likes still works, so measure it on labelled answers first.
    Limit: answers of more than 8,000 characters score 0 unread.

    >>> judge = llm_judge.bind(base_url="http://localhost:8000/v1", model="judge")
    >>> judge("<answer></answer>", answer="gout").value  # nothing to judge, nobody is asked
    0.0
    """
    if not (base_url and model):
        raise RewardError("llm_judge: set the knobs base_url and model, e.g. base_url: http://localhost:8000/v1")
    gold = answer if isinstance(answer, str) else ", ".join(answer or ())
    if not gold.strip():
        return None
    verbatim = response.answer or ""
    said = prompt.clean(verbatim[: prompt.LONGEST])
    if not said or len(verbatim) > prompt.LONGEST:
        return Score(0.0, None, response.rule, "too long for an answer" if said else "no committed answer")
    shown = "\n".join([question or "", *(f"{letter}) {text}" for letter, text in (options or {}).items())]).strip()
    case = prompt.Case(shown, gold, said)
    key = key_of(model, prompt.VERSION, shown, gold, said)
    endpoint = Endpoint(base_url, model, key_env, timeout_s, max_tokens)
    written = partial(prompt.messages, case)
    verdict, why = await asking.verdict(endpoint, Cache(cache), key, written, prompt.VERDICTS, tries)
    return None if verdict == "undecidable" else Score(float(verdict == "right"), said[:200], "judge", why)
