"""A shaper: text that repeats itself costs."""

import re

from rewards import Response, Score, reward

CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"  # written without spaces: a letter is a word
# A run of one sign (a table's rule) is one token up to 24; longer runs, and longer words, are cut into many.
TOKEN = re.compile(rf"[{CJK}]|[^\W_{CJK}]{{1,24}}|(?P<sign>[^\w\s]|_)(?P=sign){{0,23}}")
LONGEST = 50_000  # characters; of a longer text its end is judged, where a loop shows
EXAMPLES = [
    {
        "right": "<think>The effusion is small and on the left. The heart is not enlarged.</think><answer>C</answer>",
        "wrong": ["wait " * 400, "ha" * 9000, "肺" * 400, "-" * 9000],
    },
]


@reward(low=-1.0, high=0.0)
def repetition(response: Response, size: int = 6, free: float = 0.3, full: float = 0.9) -> Score:
    """0 while at most a share `free` of the text's n-grams repeat earlier ones, falling in a line to -1 at `full`.

    size: tokens an n-gram: words and signs; single letters in Chinese, Japanese and Korean.
    Source: the n-gram repetition penalty of "Demystifying Long Chain-of-Thought Reasoning" (arXiv 2502.03373), with a
    free share, since medical prose repeats its terms: of 500 explanations in MedMCQA one in a hundred has more than
    0.12 repeated 6-grams, of 1047 worked calculations in MedCalc-Bench one in ten more than 0.29.
    Known hacks: none pays, since nothing earns more than 0.  Limit: a loop with small changes is not seen.

    >>> [repetition(text).value for text in ("The heart is of normal size.", "no " * 500, "")]
    [0.0, -1.0, 0.0]
    """
    tokens = [match[0] for match in TOKEN.finditer(response.text[-LONGEST:].lower())]
    grams = list(zip(*(tokens[start:] for start in range(size)), strict=False))
    repeated = 1 - len(set(grams)) / len(grams) if grams else 0.0
    value = 0.0 if repeated <= free else -min(1.0, (repeated - free) / max(full - free, 1e-9))
    return Score(value, f"{repeated:.2f}", "repetition", f"{repeated:.0%} of the {size}-grams are repeats")
