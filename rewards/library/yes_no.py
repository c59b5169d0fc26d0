"""Yes, no or maybe."""

from rewards import Response, Score, reward
from rewards.reading.polarity import read_polarity
from rewards.reading.prose import committed_text


@reward(low=0.0, high=1.0)
def yes_no(response: Response, answer: str, question: str | None = None) -> Score | None:
    """1 if the response commits to the gold polarity: yes, no or maybe.

    Source: the closed part of the paper's accuracy reward.  None where the gold is none of the three.
    A statement of presence counts ("the mass is present"), unless the question asks for a normal or absent finding.
    Known hacks, all scored 0: yes and no together, "no" inside another word (nodule, normal, abnormality), refusals.
    Limit: "unclear" and the like are read as no answer, not as maybe.

    >>> [yes_no(text, answer="yes").value for text in ("Yes, an abnormality is present", "yesterday", "Yes or no")]
    [1.0, 0.0, 0.0]
    >>> yes_no("I cannot determine", answer="no").value, yes_no("yes", answer="pneumonia")
    (0.0, None)
    """
    gold = answer.strip().strip(".").lower() if isinstance(answer, str) else ""
    if gold not in ("yes", "no", "maybe"):
        return None
    text = committed_text(response)
    if text.value is None:
        return Score(0.0, None, text.rule, text.why)
    said = read_polarity(text.value, question)
    return Score(float(said.value == gold), said.value, said.rule, said.why)
