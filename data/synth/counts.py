"""What became of a stage's rows, in numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from data.synth.client import Endpoint
from data.synth.replies import Reply


@dataclass
class Counts:
    """What became of one stage's rows. cached, asked: replies; n_in, n_out: tokens of those asked for now; uncounted:
    replies whose tokens the endpoint did not tell. made: rows that came out."""

    stage: str
    rows: int = 0
    kept: int = 0
    made: int = 0
    asked: int = 0
    cached: int = 0
    n_in: int = 0
    n_out: int = 0
    uncounted: int = 0
    dropped: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    unanswered: int = 0

    def count(self, reply: Reply) -> None:
        """A reply that came."""
        if reply.cached:
            self.cached += 1
            return
        self.asked += 1
        self.uncounted += reply.n_in is None or reply.n_out is None
        self.n_in += reply.n_in or 0
        self.n_out += reply.n_out or 0


def table(counts: Sequence[Counts], endpoint: Endpoint | None) -> str:
    """The summary: a line a stage, below it why rows were dropped and replies failed."""
    names = "".join(f"{name:>8}" for name in ("rows", "asked", "cached", "kept", "made"))
    lines = [f"{'stage':18}{names}{'tokens in':>12}{'out':>10}{'cost':>10}"]
    for one in counts:
        cost = f"{endpoint.cost(one.n_in, one.n_out):.4f}" if endpoint else "-"
        numbers = f"{one.rows:>8}{one.asked:>8}{one.cached:>8}{one.kept:>8}{one.made:>8}{one.n_in:>12}{one.n_out:>10}"
        lines.append(f"{one.stage:18}{numbers}{cost:>10}")
        lines += [f"  dropped {n:>6}  {why}" for why, n in one.dropped.most_common()]
        lines += [f"  failed  {n:>6}  {why}" for why, n in one.failed.most_common()]
        lines += [f"  {one.uncounted} replies without a count of tokens; the cost lacks them"] if one.uncounted else []
    return "\n".join(lines)
