"""What a person wants to see of regraded responses: where two rewards differ, and which rows nobody could grade."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from rewards.contract import Reward
from rewards.rows import AnyReward, Row, Verdicts, columns_of

SHOWN = 20  # rows that differ; ids in a note
WIDTH = 240  # characters of a question, and of the end of a completion


@dataclass
class Differences:
    """Watches rows with their verdicts (`see`) and keeps those that a person should look at."""

    rewards: Sequence[AnyReward]
    differ: list[Any] = field(default_factory=list)
    shown: list[tuple[Row, Verdicts]] = field(default_factory=list)
    ungraded: dict[str, list[Any]] = field(default_factory=dict)

    def see(self, row: Row, verdicts: Verdicts) -> None:
        """Note one row."""
        marks = {mark(reward, verdicts[reward.name]["score"]) for reward in self.rewards}
        if len(marks) > 1:
            self.differ.append(row.get("id"))
            self.shown += [(row, verdicts)] if len(self.shown) < SHOWN else []
        for name, found in verdicts.items():
            if found["score"] is None:
                self.ungraded.setdefault(f"{name} ({found['why']})", []).append(row.get("id"))

    def notes(self) -> Iterator[str]:
        """A line for each reason why rows were not graded, with their ids."""
        for reason, ids in self.ungraded.items():
            more = f" and {len(ids) - SHOWN} more" if len(ids) > SHOWN else ""
            yield f"note: not graded by {reason}: {', '.join(map(repr, ids[:SHOWN]))}{more}"

    def lines(self) -> Iterator[str]:
        """The rows on which the rewards differ: question, gold, the end of the completion, each verdict."""
        names = max((len(reward.name) for reward in self.rewards), default=0)
        for row, verdicts in self.shown:
            completion = str(row["completion"])
            yield f"--- {row.get('id')}"
            yield f"question:   {short(str(row.get('question') or ''))}"
            yield f"gold:       {columns_of(row)['answer']!r}"
            yield f"completion: {'... ' if len(completion) > WIDTH else ''}{short(completion[-WIDTH:])}"
            for name, found in verdicts.items():
                read = f"read {found['parsed']!r}, " if found["parsed"] is not None else ""
                value = "none" if found["score"] is None else f"{found['score']:g}"
                yield f"  {name:<{names}} {value:>5}  {read}{short(found['why'] or found['rule'] or '')}".rstrip()
        if len(self.differ) > len(self.shown):
            yield f"and {len(self.differ) - len(self.shown)} more (--json lists their ids)"


def mark(reward: AnyReward, score: float | None) -> float | None:
    """A score as a share of the reward's range, so that rewards of other ranges can be compared."""
    if score is None or not isinstance(reward, Reward):
        return score
    return round((score - reward.low) / (reward.high - reward.low), 9)


def short(text: str) -> str:
    """Text in one line of at most WIDTH characters, fit for any terminal."""
    line = " ".join(text[: 4 * WIDTH].encode("utf-8", "replace").decode().split())
    return line if len(line) <= WIDTH else f"{line[:WIDTH]}..."
