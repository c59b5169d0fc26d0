"""How the rewards themselves are doing: which rows can be compared, what failed, and when that is too much."""

from collections import deque
from collections.abc import Iterator, Sequence

import torch

from rewards import total
from rewards.running import Outcome

SCORED, UNPARSED, NONE, ERROR, TIMEOUT = range(5)
RATES = {"unparsed": UNPARSED, "none": NONE, "error": ERROR, "timeout": TIMEOUT}


def table(outcomes: Sequence[Sequence[Outcome]]) -> torch.Tensor:
    """(completions, rewards, 3): score or NaN, state, milliseconds; from a list of outcomes for each reward."""
    columns = [[(_value(o), float(_state(o)), o.seconds * 1e3) for o in found] for found in outcomes]
    return torch.tensor(columns, dtype=torch.float32).transpose(0, 1).contiguous()


def _value(outcome: Outcome) -> float:
    return outcome.score.value if outcome.score else torch.nan


def _state(outcome: Outcome) -> int:
    """A score that says how it judged, and names nothing that it read, is of an answer it could not read."""
    if outcome.failure:
        return TIMEOUT if outcome.failure == "timeout" else ERROR
    if outcome.score is None:
        return NONE
    told = outcome.score.rule or outcome.score.why
    return UNPARSED if told and outcome.score.parsed is None else SCORED


def failures(found: torch.Tensor) -> torch.Tensor:
    """(completions, rewards): where a `table` holds an error or a timeout."""
    return found[..., 1] >= ERROR


def comparable(found: torch.Tensor, weights: torch.Tensor, caps: Sequence[bool], group: int) -> torch.Tensor:
    """The scores of a `table`, all NaN for a completion that must not be compared with its group.

    TRL leaves such a row out of every mean and standard deviation and gives it advantage 0. It would otherwise add up
    the scores a row has, and a completion whose grader broke down would pass for one that earned little. Left out is,
    as far as rewards with a weight are concerned,
    - a completion on which one of them failed,
    - one that a reward cannot grade (None) while it graded another of its group: their sums are of different things.
      Where it can grade none of the group, as for a question of another kind, the others decide among themselves,
    - one that none of them graded. (A cap only takes away from what others grade: None means it has nothing to take.)

    (completions, rewards, 3), (rewards,), (rewards,) -> (completions, rewards); a group is `group` rows in a row.
    """
    weighs = weights.to(found.device) != 0
    values = found[..., 0]
    failed = (failures(found) & weighs).any(dim=1)
    graded = ~values.isnan() & weighs & ~torch.tensor(caps, device=found.device) & ~failed[:, None]
    by_some = graded.view(-1, group, graded.shape[1]).any(dim=1).repeat_interleave(group, dim=0)
    left_out = failed | (by_some & ~graded).any(dim=1) | ~graded.any(dim=1)
    return values.masked_fill(left_out[:, None], torch.nan)


def taken_by_caps(values: torch.Tensor, weights: torch.Tensor, caps: Sequence[bool]) -> torch.Tensor:
    """(completions, 1): what the caps take from each weighted sum, 0 or less, so that the two make `rewards.total`.

    NaN for a completion that is not compared.
    """
    weighs = [0.0 if cap else weight for weight, cap in zip(weights.tolist(), caps, strict=True)]
    uncapped = (values * values.new_tensor(weighs)).nansum(dim=1).tolist()
    totals = [total(row, weights.tolist(), caps) for row in values.tolist()]
    taken = [torch.nan if full is None else full - sum_ for full, sum_ in zip(totals, uncapped, strict=True)]
    return values.new_tensor(taken)[:, None]


def metrics(names: Sequence[str], found: torch.Tensor, values: torch.Tensor) -> Iterator[tuple[str, float]]:
    """What to log of a `table` and its `comparable` scores; NaN where there is nothing to tell."""
    yield "reward_health/unscorable_rate", values.isnan().all(dim=1).float().mean().item()
    for k, name in enumerate(names):
        for rate, state in RATES.items():
            yield f"reward_health/{name}/{rate}_rate", (found[:, k, 1] == state).float().mean().item()
        for percent in (50, 99):
            yield f"reward_health/{name}/p{percent}_ms", found[:, k, 2].quantile(percent / 100).item()
        for percent in (10, 90):
            yield f"rewards/{name}/p{percent}", values[:, k].nanquantile(percent / 100).item()


class Breaker:
    """Counts the failures among each reward's last `window` verdicts; `patience` of them are too many."""

    def __init__(self, rewards: int, window: int, patience: int) -> None:
        self.patience = patience
        self._last = [deque[bool](maxlen=window) for _ in range(rewards)]

    def note(self, failed: torch.Tensor) -> list[tuple[int, str]]:
        """Add a batch, (completions, rewards); the rewards that have too many, with `12 of its last 64`."""
        for last, column in zip(self._last, failed.T.tolist(), strict=True):
            last.extend(column)
        full = [(k, sum(last), len(last)) for k, last in enumerate(self._last)]
        return [(k, f"{count} of its last {seen}") for k, count, seen in full if count >= self.patience]
