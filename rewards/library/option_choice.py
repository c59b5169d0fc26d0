"""One letter out of the options of a multiple-choice question."""

import re
from collections.abc import Mapping, Sequence

from rewards import Response, Score, reward
from rewards.reading import Reading
from rewards.reading.canon import canon
from rewards.reading.fold import fold
from rewards.reading.option import marked, read_option
from rewards.reading.option_words import lettered
from rewards.reading.prose import committed_text

# Without one of these no text calls an option the answer.
CALLS = re.compile(r"answer|correct|choose|choice|option|pick|select|final|diagnosis|答案|选|[✓✔✅]", re.IGNORECASE)


@reward(low=0.0, high=1.0)
def option_choice(
    response: Response, answer: str, options: Mapping[str, str] | Sequence[str] | None, question: str | None = None
) -> Score | None:
    """1 if the response commits to the gold letter, or to the gold option's text, and to nothing else.

    Source: the multiple-choice part of the paper's accuracy reward (Lingshu, arXiv 2506.07044, section 3.1.4).
    None where the gold is neither a letter nor the text of exactly one option, or there are no options.
    Known hacks, all scored 0: listing the options, two letters, a letter with another option's text, letters inside
    names (hepatitis B), a negated or taken-back letter, an answer inside the thinking, a letter out of range.
    Limit: in prose without any marker the only option named is read as the choice.

    >>> four = {"A": "Glioma", "B": "Meningioma", "C": "Pituitary tumor", "D": "No tumor"}
    >>> option_choice("<answer>(B)</answer>", answer="B", options=four).value
    1.0
    >>> [option_choice(text, answer="B", options=four).value for text in ("B or C", "B. Glioma", "Neither", "")]
    [0.0, 0.0, 0.0, 0.0]
    """
    choices = lettered(options)
    gold = gold_letter(answer, choices)
    if gold is None:
        return None
    text = committed_text(response)
    if text.value is None:
        return Score(0.0, None, text.rule, text.why)
    said = read_option(text.value, choices, question)
    if (
        said.value
        and CALLS.search(response.after[:1000])
        and (other := marked(fold(response.after[:1000]), choices) - {said.value})
    ):
        said = Reading(None, "conflict", f"{said.value}, and later {', '.join(sorted(other))}")
    return Score(float(said.value == gold), said.value, said.rule, said.why)


def gold_letter(answer: object, choices: Mapping[str, str]) -> str | None:
    """The gold as a letter: given as one, or as the text of exactly one option."""
    if not isinstance(answer, str) or not choices:
        return None
    letter = answer.strip().strip("().").upper()
    if letter in choices:
        return letter
    same = [key for key, text in choices.items() if canon(text) == canon(answer)]
    return same[0] if len(same) == 1 else None
