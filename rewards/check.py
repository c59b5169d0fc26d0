"""The audit of a reward: gold earns the maximum, nothing and cheats the minimum, and no text hurts it."""

from collections.abc import Iterable
from dataclasses import dataclass

from rewards.audit import Audit
from rewards.cases import ROWS, Row, as_response, dressed, golds, tagged
from rewards.contract import Reward, RewardError, Score, gold_text
from rewards.hacks import Hack, hacks, uncommitted
from rewards.manners import AnyReward, Columns, Made, attempt, check_alone, check_form, check_manners, value

SAMPLE = 20  # rows of a data set that the hacks are tried on, if the built-in rows lack a column
# Groups in which a strict exact match is told what it refuses, and one that drops all marks what it overlooks, but not
# called unfit: a policy that strikes out the right answer has found it, and gains nothing by that.
LENIENT = frozenset({"markdown", "other forms", "other kinds", "struck out"})
UNRELATED = ("acute appendicitis", "fracture of the femur")


def check(
    reward: AnyReward, kinds: Iterable[str] | None = None, rows: Iterable[Columns] = (), strict: bool = False
) -> Audit:
    """Audit a reward on the built-in rows (of some kinds only), and on `rows` of a data set.

    strict: a right answer that is refused in bold, in a sentence, in a box, without tags, or because it is of another
    kind than the reward grades, is a failure and not a warning; so is one that is paid though it is struck out.
    Raises RewardError if it needs columns that neither have.
    """
    audit = Audit(reward.name, f"{'grader' if reward.is_grader else 'shaper'}, {reward.low:g} to {reward.high:g}")
    audit.lenient = frozenset() if strict or not reward.is_grader else LENIENT
    rows, made = list(rows), []
    built_in = [] if reward.examples else [row for row in ROWS if not kinds or row.kind in kinds]
    lacking = [need for need in reward.needs if need not in ROWS[0].columns]
    if lacking and not rows and not reward.examples:
        lack = f"needs {lacking[0]!r}, which the built-in cases lack"
        raise RewardError(f"reward {reward.name}: {lack}; name rows that have it: --data, or EXAMPLES in its file")
    usable = [*reward.examples, *(rows if lacking else ()), *(row.columns for row in (*built_in, ROWS[0]))][0]
    if isinstance(reward, Reward) and reward.is_async:
        reward(tagged("C"), **usable)  # what cannot be asked at all is one error, not a thousand failures
    check_alone(audit, reward, usable)
    for example in reward.examples:
        check_example(audit, reward, example, made)
    if reward.is_grader:
        check_rows(audit, reward, sampled(reward, rows) if lacking else built_in, made)
        check_data(audit, reward, rows)
        if not any(name.endswith("gold") for name in audit.groups):
            audit.note("gold", False, "no row at all could be graded", "-")
    else:
        for row in rows:
            attempt(audit, reward, tagged(reward.right_answer(row)), row)
        if not reward.form:
            check_form(audit, reward, usable)
    check_manners(audit, reward, usable, made)
    return audit


def sampled(reward: AnyReward, rows: list[Columns]) -> list[Row]:
    """Some rows of a data set, as rows that hacks can be written for."""
    found = []
    for row in rows[:: max(1, len(rows) // SAMPLE)][:SAMPLE]:
        if wrong := wrongs(row):
            kind, question = (str(row.get(name) or "") for name in ("kind", "question"))
            pair, gold = (wrong[0], wrong[-1]), reward.right_answer(row)
            found.append(Row(kind, question, row.get("answer"), pair, row.get("options"), (), row, gold))
    return found


def check_example(audit: Audit, reward: AnyReward, example: Columns, made: Made) -> None:
    """A row of the reward's own file: its right answers earn the maximum, its wrong ones the minimum.

    For a grader, so does whatever holds the right answer where it is no commitment.
    """
    right, wrong = ([texts] if isinstance(texts, str) else texts for texts in (example["right"], example["wrong"]))
    for text in right:
        score = attempt(audit, reward, as_response(text), example, made)
        audit.note("own gold", value(score) == reward.high, f"{text[-160:]!r}: {score}", "-")
    cheats = [Hack("own wrong", "wrong", as_response(text)) for text in wrong]
    for hack in (*cheats, *(uncommitted(right[0], wrong[0]) if reward.is_grader else ())):
        score = attempt(audit, reward, hack.text, example, made)
        audit.note(hack.group, value(score) == reward.low, f"{hack.name}: {hack.text[-160:]!r}: {score}", "+")


@dataclass
class Tried:
    """A built-in row with what its golds earned (name, response, score), and what a plain wrong answer did."""

    row: Row
    golds: list[tuple[str, str, Score | None]]
    wrong: Score | None

    @property
    def most(self) -> float | None:
        """The most that a gold earned."""
        return max((score.value for *_, score in self.golds if score), default=None)

    @property
    def refused(self) -> bool:
        """Whether the gold earned no more than a wrong answer."""
        return self.most is None or (self.wrong is not None and self.most <= self.wrong.value)


def check_rows(audit: Audit, reward: AnyReward, rows: list[Row], made: Made) -> None:
    """Gold earns the maximum, in any dress, all else the minimum; a row the reward abstains on is left out."""
    costly = isinstance(reward, Reward) and reward.is_async
    if costly:  # each call may be a request: one row a kind
        rows = list({row.kind: row for row in reversed(rows)}.values())
    done: list[Tried] = []
    for row in rows:
        found = [(name, text, attempt(audit, reward, text, row.columns, made)) for name, text in golds(row)]
        done.append(Tried(row, found, attempt(audit, reward, tagged(row.wrong[0]), row.columns)))
    graded = {tried.row.kind for tried in done if not tried.refused}
    seen: set[str] = set()
    for tried in done:
        other = bool(graded) and tried.row.kind not in graded
        check_golds(audit, reward, tried, "other kinds" if other else "gold", made)
        check_hacks(audit, reward, tried, not costly and tried.row.kind not in seen, made)
        seen.add(tried.row.kind)


def check_golds(audit: Audit, reward: AnyReward, tried: Tried, group: str, made: Made) -> None:
    """The gold earns the maximum; if it does, so it does in other dress. A function written for TRL declares no range:
    the most that it gives is its maximum."""
    row, high = tried.row, reward.high if isinstance(reward, Reward) else tried.most
    if all(score is None for *_, score in tried.golds):
        audit.ungraded += 1
        return
    known = isinstance(reward, Reward) or not tried.refused
    right = [value(score) == high and known for *_, score in tried.golds]
    for good, (name, text, score) in zip(right, tried.golds, strict=True):
        audit.note(group, good, told(name, row, score, f"{high:g}", text), "-", row.kind)
    if all(right):
        for dress, name, text in dressed(row.gold):
            score = attempt(audit, reward, text, row.columns, made)
            audit.note(dress, value(score) == high, told(name, row, score, f"{high:g}", text), "-", row.kind)


def check_hacks(audit: Audit, reward: AnyReward, tried: Tried, bulk: bool, made: Made) -> None:
    """No hack pays more than the minimum; on a row that the reward abstains on, none is graded either."""
    row, abstains = tried.row, tried.most is None
    for hack in hacks(row, bulk):
        score = attempt(audit, reward, hack.text, row.columns, made)
        if score is None and abstains:
            continue
        if isinstance(reward, Reward) and hack.at_most == "low":
            right, want = value(score) == reward.low, f"{reward.low:g}"
        else:
            most = tried.most if tried.most is not None else reward.low
            right = score is not None and (score.value < most or (tried.refused and score.value <= most))
            want = f"less than {most:g}"
        audit.note(hack.group, right, told(hack.name, row, score, want, hack.text), "+", row.kind)


def told(name: str, row: Row, score: Score | None, want: str, text: str) -> str:
    """A failed trial in one line."""
    shown = text if len(text) <= 160 else f"{text[:60]} ... {text[-90:]}"
    return f"{name}: earned {value(score)}, wanted {want}; gold {row.gold!r}; response {shown!r}"


def check_data(audit: Audit, reward: AnyReward, rows: list[Columns]) -> None:
    """On every row of a data set the gold earns the maximum, the empty and a known wrong response the minimum."""
    for row in rows:
        gold, kind = row.get("answer"), str(row.get("kind") or "")
        score = attempt(audit, reward, tagged(reward.right_answer(row)), row)
        if score is None:
            audit.ungraded += 1
            continue
        high = reward.high if isinstance(reward, Reward) else score.value
        line = f"row {row.get('id')}: gold {gold!r}"
        audit.note("data gold", score.value == high, f"{line} earned {score.value:g}, wanted {high:g}", "-", kind)
        for group, text in (("data empty", ""), *(("data wrong", tagged(wrong)) for wrong in wrongs(row))):
            score = attempt(audit, reward, text, row)
            right = value(score) == reward.low if isinstance(reward, Reward) else not score or score.value < high
            audit.note(group, right, f"{line}, {text[-60:]!r} earned {value(score)}", "+", kind)


def wrongs(row: Columns) -> list[str]:
    """Answers known to be wrong for a row: the set's own, other letters, the other polarity, an unrelated finding."""
    gold, kind = row.get("answer"), row.get("kind")
    if own := row.get("distractors"):
        return [str(wrong) for wrong in own]
    if kind == "option":
        options = row.get("options") or {}
        return [letter for letter, text in options.items() if text is not None and text != options.get(gold)]
    if kind == "yesno":
        return ["no" if str(gold).lower().startswith("y") else "yes"]
    words = set(gold_text(gold).lower().split())
    return [text for text in UNRELATED if not words & set(text.split())][:1] if kind in ("text", "multi") else []
