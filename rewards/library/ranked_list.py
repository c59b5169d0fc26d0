"""A ranked differential: the earlier the right diagnosis, the more."""

import math
from collections.abc import Callable, Mapping

from rewards import Response, RewardError, Score, reward
from rewards.reading.canon import canon
from rewards.reading.listing import read_list
from rewards.reading.phrase import same_phrase
from rewards.reading.prose import REFUSAL, committed_text

GAINS: Mapping[str, Callable[[int], float]] = {
    "reciprocal": lambda rank: 1 / rank,
    "log": lambda rank: 1 / math.log2(rank + 1),
}
EXAMPLES = [
    {
        "kind": "ranked",
        "question": "Fever and pain in the right lower abdomen. What are the likely diagnoses?",
        "answer": "appendicitis",
        "right": ["1. Appendicitis\n2. Crohn disease\n3. Ovarian torsion", "appendicitis", "Appendicitis, ileitis"],
        "wrong": ["1. Crohn disease\n2. Ileitis", "1. not appendicitis", "appendicitis or ileitis", "gastritis"],
    },
    {
        "kind": "ranked",
        "question": "Pain in the right lower abdomen. Rank the two likeliest diagnoses.",
        "answer": ["appendicitis", "Crohn disease"],
        "right": "- appendicitis - guarding\n- Crohn disease",
        "wrong": ["gastritis, colitis", "I cannot tell."],
    },
]


@reward(low=0.0, high=1.0)
def ranked_list(
    response: Response, answer: str | list[str], kind: str | None = None, gain: str = "reciprocal", longest: int = 5
) -> Score | None:
    """The gain at the rank of the gold diagnosis in the response's list: 1 if it is first, less for each rank below.

    gain: "reciprocal" (1, 1/2, 1/3 ...) or "log" (1 / log2(rank + 1)).  A gold list is graded in its order: the gains
    of its entries at their ranks in the response, each weighted by its own rank in the gold, over the best possible.
    longest: entries beyond earn nothing, and a longer list is worth that much less (5 of 20 entries: a quarter), as
    is one that repeats itself.
    Source: mean reciprocal rank; discounted gain (Jarvelin and Kekalainen, ACM TOIS 20:422, 2002).  Ranked answers as
    rewards in medicine: arXiv 2509.20866.  None where the gold is empty or the row is of another kind.
    Known hacks: listing everything, one diagnosis many times, two in one entry ("A or B").
    Limit: entries are matched as phrases, see `answer_match`.

    >>> lists = "gout, sepsis", "sepsis, gout", "sepsis, gout, sepsis"
    >>> [round(ranked_list(text, answer="gout").value, 3) for text in lists]
    [1.0, 0.5, 0.333]
    """
    if gain not in GAINS or longest < 1:
        raise RewardError(f"reward ranked_list: gain is one of {', '.join(GAINS)}, longest 1 or more")
    gold = [answer] if isinstance(answer, str) else list(answer or ())
    if kind not in (None, "ranked") or not gold or not all(isinstance(entry, str) and canon(entry) for entry in gold):
        return None
    text = committed_text(response)
    said = read_list(text.value) if text.value is not None and not REFUSAL.search(text.value) else []
    if not said:
        return Score(0.0, None, text.rule, text.why or "no list is stated")
    ranks = {}
    for rank, entry in enumerate(said[:longest], 1):
        place = next((i for i, name in enumerate(gold) if i not in ranks and same_phrase(entry, name)[0]), None)
        ranks |= {} if place is None else {place: rank}
    worth = GAINS[gain]
    earned = sum(worth(place + 1) * worth(rank) for place, rank in ranks.items())
    best = sum(worth(place) ** 2 for place in range(1, min(len(gold), longest) + 1))
    cost = min(1.0, longest / len(said)) * len({canon(entry) or entry for entry in said}) / len(said)
    found = ", ".join(f"{gold[place]!r} at {rank}" for place, rank in ranks.items()) or "none of the gold"
    return Score(min(1.0, earned / best) * cost, "; ".join(said)[:200], "list", f"{found} of {len(said)}")
