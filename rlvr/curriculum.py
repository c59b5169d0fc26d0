"""Questions that tell something come more often: a group of which some completions are right moves the policy, one
that is all right or all wrong does not.

In the first epoch each question comes once. Before each later one, every question is given a weight by the last group
of completions to it: 4 p (1 - p), with p = (right + 1) / (graded + 2) the mean of what a uniform prior has learnt from
the group. An epoch stays as long as it is; in it a question comes as often as its share of the weights says, rounded up
or down. One that was not graded weighs 1, as one of which half were right. None weighs 0: the policy changes.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence

from torch.utils.data import Sampler
from trl.trainer.utils import RepeatSampler

Tries = tuple[int, int]  # completions of the last group that are right, and that were graded


class Curriculum(Sampler[int]):
    """TRL's sampler of groups, over the questions that are drawn for the epoch.

    epoch: which is beginning, by the trainer; tries: question -> its tries in the epochs before. The order depends on
    nothing but these and the seed, so a resumed run goes on in it, and all processes have the same.
    """

    def __init__(
        self, own: RepeatSampler, epoch: Callable[[], int], tries: Callable[[int], Mapping[int, Tries]]
    ) -> None:
        self.own, self.epoch, self.tries = own, epoch, tries

    def __len__(self) -> int:
        return len(self.own)

    def __iter__(self) -> Iterator[int]:
        epoch = self.epoch()
        if not epoch:
            return iter(self.own)
        tries, rng = self.tries(epoch), random.Random(f"{self.own.seed} {epoch}")
        drawn = draw([weight(*tries.get(i, (0, 0))) for i in range(self.own.num_samples)], rng.random())
        if self.own.shuffle:
            self.own.generator.manual_seed(rng.getrandbits(32))
        return (drawn[place] for place in self.own)


def weight(right: int, graded: int) -> float:
    """From 0 to 1, the larger the more a group is likely to be of both kinds.

    >>> [round(weight(right, 8), 2) for right in (0, 2, 4, 8)]
    [0.36, 0.84, 1.0, 0.36]
    >>> weight(0, 0)
    1.0
    """
    p = (right + 1) / (graded + 2)
    return 4 * p * (1 - p)


def draw(weights: Sequence[float], start: float) -> list[int]:
    """As many numbers as there are weights, each as often as its share says, rounded up or down (systematic sampling).

    start: from 0 to 1, where the first of the evenly spaced marks falls.

    >>> draw([1.0, 1.0, 1.0], 0.5)
    [0, 1, 2]
    >>> draw([0.5, 2.0, 0.5], 0.5)
    [0, 1, 1]
    """
    step = sum(weights) / len(weights)
    drawn: list[int] = []
    passed = 0.0
    for number, share in enumerate(weights):
        passed += share
        while len(drawn) < len(weights) and (start + len(drawn)) * step < passed:
            drawn.append(number)
    return drawn + [len(weights) - 1] * (len(weights) - len(drawn))  # what rounding has left at the end
