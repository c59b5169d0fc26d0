"""A reward of one's own: a calculation starts from the numbers that the question gives."""

import re

from rewards import Response, Score, reward

NUMBER = re.compile(r"\d{1,12}(?:\.\d{1,12})?")
EXAMPLES = [  # rows for `python -m rewards check`: answers that earn the maximum, and the minimum
    {
        "question": "sodium 143, chloride 106, bicarbonate 27. What is the anion gap?",
        "right": [
            "<think>143 minus 106 is 37, 37 minus 27 is 10</think><answer>10 mmol/L</answer>",
            "<think>**143** - (106 + 27.0) = 10</think>10",
        ],
        "wrong": [
            "<think>It is normal, as mostly.</think><answer>10 mmol/L</answer>",
            "<think></think><answer>143, 106, 27</answer>",
            "The gap is 10.",
            "<think>1430 minus 1.06 is 270</think><answer>10</answer>",
        ],
    },
    {
        "question": "pressure 106/64 mmHg. What is the mean pressure?",
        "right": "<think>106 minus 64 is 42, 42 over 3 is 14, 64 plus 14 is 78</think><answer>78 mmHg</answer>",
        "wrong": "<think>about 80</think><answer>80 mmHg</answer>",
    },
]


@reward(low=0.0, high=1.0)
def shows_inputs(response: Response, question: str, most: int = 60) -> Score | None:
    """The share of the question's numbers that stand in the thinking; 0 for a thinking of more than `most` numbers.

    None where the question gives no number: there is nothing to show.
    Known hacks: the question copied into the thinking earns all of it, so it stands beside a grader, and weighs less.

    >>> shows_inputs("<think>5 and 7 is 12</think><answer>12</answer>", question="5 mL and 9 mL: how much?").value
    0.5
    """
    given = numbers(question)
    if not given:
        return None
    said = NUMBER.findall(response.thinking or "")
    shown = given & set(map(float, said)) if len(said) <= most else set()
    return Score(len(shown) / len(given), f"{len(shown)} of {len(given)}", "numbers", "of the question in the thinking")


def numbers(text: str) -> set[float]:
    """The different numbers of a text, whatever their form: 27 and 27.0 are one."""
    return set(map(float, NUMBER.findall(text)))
