"""How a clause puts what it mentions: as the answer, in passing, as one of several, or as rejected.

The same rules hold for letters, polarities, numbers and phrases: they look at the words around a mention only.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from rewards.reading import Reading
from rewards.reading.clauses import Clause, clauses
from rewards.reading.cues import (
    ALSO_AFTER,
    ALSO_BEFORE,
    APART,
    ARTICLE,
    CLEFT,
    CLEFT_AFTER,
    CLOSES,
    COLON,
    CONDITION,
    COPULA,
    CORRECTS,
    DISOWNED,
    FORCED,
    HEADING,
    IDIOM,
    IF_AFTER,
    IN_BRACKETS,
    JOINED,
    LABELLED,
    LINE_END,
    MARK,
    MARK_AFTER,
    NEGATED,
    OPEN,
    PASSING,
    PASSING_AFTER,
    REJECT_AFTER,
    REJECT_BEFORE,
    REJECT_END,
    RELATIVE,
    WEAK_MARK,
)

# Ranks of a mention: a higher one is what the text commits to, whatever is mentioned with a lower one.
REJECTED, ASIDE, STATED, WEAK, LEAD, CLOSING, MARKED = -2, -1, 0, 1, 2, 3, 4
NEAR = 200  # characters before and after a mention that are looked at


@dataclass(frozen=True)
class Mention:
    """Something of which a text may say that it is the answer: from start to end, which one (`key`), with what rank.

    also: said to be an answer beside another one. alone: nothing else stands in its clause. listing: written as an
    entry of a list of the options. open: "or" something else follows. said: words around it call it the answer.
    """

    start: int
    end: int
    key: str
    rank: int = STATED
    also: bool = False
    alone: bool = False
    listing: bool = False
    open: bool = False
    said: bool = False


def placed(text: str, mentions: Sequence[Mention], rejecting: re.Pattern[str] = REJECT_AFTER) -> list[Mention]:
    """The mentions of a folded text in their order, each ranked by the clause it stands in.

    rejecting: what rejects a mention that it follows.
    """
    mentions = sorted(mentions, key=lambda one: one.start)
    found = clauses(text, [mention.start for mention in mentions])
    ranked: list[Mention] = []
    numbers: list[int] = []
    number = 0
    for mention in mentions:
        while number + 1 < len(found) and found[number].end <= mention.start:
            number += 1
        ranked.append(rank(text, found, number, mention, rejecting))
        numbers.append(found[number].sentence)
    return spread(text, lone_groups(text, found, ranked, numbers))


def lone_groups(text: str, found: Sequence[Clause], ranked: list[Mention], numbers: Sequence[int]) -> list[Mention]:
    """The mentions, marked where a sentence holds several of them and nothing else: "A, B and D."."""
    for sentence in {number for number in numbers if numbers.count(number) > 1}:
        group = [i for i, number in enumerate(numbers) if number == sentence]
        inside = [clause for clause in found if clause.sentence == sentence]
        edges = [inside[0].start, *(edge for i in group for edge in (ranked[i].start, ranked[i].end)), inside[-1].end]
        gaps = [text[edges[k] : edges[k + 1]] for k in range(0, len(edges), 2)]
        if ARTICLE.fullmatch(gaps[0]) and not gaps[-1].strip(" .!)\"'*") and all(map(JOINED.fullmatch, gaps[1:-1])):
            for i in group:
                if STATED <= ranked[i].rank < MARKED:
                    ranked[i] = replace(ranked[i], rank=MARKED)
    return ranked


def rank(
    text: str, found: Sequence[Clause], number: int, mention: Mention, rejecting: re.Pattern[str] = REJECT_AFTER
) -> Mention:
    """A mention with the rank that its own clause gives it, and the next one where that takes it back."""
    clause = found[number]
    before = text[max(clause.start, mention.start - NEAR) : mention.start]
    after, tail = (
        text[mention.end : max(clause.end, mention.end)][:NEAR],
        text[mention.end : mention.end + NEAR].partition("\n")[0],
    )
    beside = ALSO_AFTER.match(tail) is not None
    also = beside or ALSO_BEFORE.search(before) is not None
    if clause.asks or in_passing(before, tail) or conditional(text, found, number):
        return replace(mention, rank=ASIDE)
    plain = RELATIVE.sub(" ", IDIOM.sub(" ", before))
    if REJECT_BEFORE.search(plain) or NEGATED.search(plain.rpartition(", ")[2]) or disowned(text, found, number):
        return replace(mention, rank=REJECTED)
    heads = not before.strip(" ([\"'*-")
    if not beside and (rejecting.match(tail) or (heads and rejecting is REJECT_AFTER and REJECT_END.search(after))):
        return replace(mention, rank=REJECTED)
    closes = number + 1 == len(found) or found[number + 1].sentence != clause.sentence
    alone = closes and ARTICLE.fullmatch(before) is not None and not after.strip(" \"')]*.,:!-")
    said = called(text, clause, mention, before, tail)
    if heads and LABELLED.match(tail) and (verdict := LINE_END.search(text[mention.end :].partition("\n")[0][-40:])):
        if verdict["no"]:
            return replace(mention, rank=REJECTED)
        said = said or not ARTICLE.fullmatch(text[: mention.start])
    value = (
        MARKED if said or (alone and clause.link not in ("why", "though")) else strength(text, clause, mention, before)
    )
    return replace(mention, rank=value, also=also, alone=alone, said=said, open=bool(OPEN.match(tail)))


def called(text: str, clause: Clause, mention: Mention, before: str, tail: str) -> bool:
    """Whether the words around a mention, or the heading above it, call it the answer."""
    if MARK.search(before) or MARK_AFTER.match(tail) or (CLEFT.search(before) and CLEFT_AFTER.match(tail)):
        return True
    ends = not text[mention.end :].strip(" .!)\"'*") or re.match(r"[)\"'*]*[.!]?\s*(?:\n|$)", tail) is not None
    if ends and (COLON.search(before) or CORRECTS.fullmatch(before)):
        return True
    line = text.rfind("\n", 0, mention.start)
    return bool(
        line > 0 and ARTICLE.fullmatch(text[line : mention.start]) and HEADING.search(text, max(0, line - 40), line + 1)
    )


def in_passing(before: str, tail: str) -> bool:
    """Whether a mention is made by the way: as somebody else's, as a mere possibility, or in brackets among words."""
    if PASSING.search(before) or PASSING_AFTER.match(tail) or (IF_AFTER.match(tail) and not FORCED.search(tail[:40])):
        return True
    inside = IN_BRACKETS.search(before)
    return bool(
        inside
        and not MARK.search(before)
        and re.search(
            r"(?!option|choice|letter|answer)\b[a-z]{3}", inside[1] + tail.partition(")")[0].partition("\n")[0]
        )
    )


def strength(text: str, clause: Clause, mention: Mention, before: str) -> int:
    """The rank of a mention that is neither rejected, made in passing, nor called the answer."""
    if clause.link in ("why", "though"):
        return ASIDE
    if mention.start < 50 and ARTICLE.fullmatch(text[: mention.start]):
        return LEAD
    if clause.link == "so" or CLOSES.match(text, sentence_start(text, clause), mention.start):
        return CLOSING
    if COPULA.search(before) and not text[mention.end :].strip(" .!)\"'"):
        return WEAK
    return WEAK if WEAK_MARK.search(before) or (clause.link == "but" and ARTICLE.fullmatch(before)) else STATED


def sentence_start(text: str, clause: Clause) -> int:
    """Where the line or sentence of a clause starts."""
    return (
        max(text.rfind("\n", 0, clause.start), text.rfind(". ", 0, clause.start) + 1) + 1
        if clause.link
        else clause.start
    )


def conditional(text: str, found: Sequence[Clause], number: int) -> bool:
    """Whether a clause, or the one it follows from, is a condition: "if the key says yes, yes"."""
    for clause in found[max(0, number - 1) : number + 1]:
        if clause.sentence == found[number].sentence:
            start = max(0, clause.start - 12) if clause.link else clause.start
            match = CONDITION.search(text[start : clause.start + 12])
            if match and not FORCED.match(text, start + match.start()):
                return clause is found[number] or found[number].link == "main"
    return False


def disowned(text: str, found: Sequence[Clause], number: int) -> bool:
    """Whether the clause after this one says that this one is wrong."""
    if number + 1 == len(found):
        return False
    following = found[number + 1]
    return bool(DISOWNED.match(text, following.start, following.end))


def spread(text: str, mentions: list[Mention]) -> list[Mention]:
    """A rank is shared by mentions that "and", "or" or a comma joins, from whichever end it is said."""
    found = list(mentions)
    size = len(found)
    for i, j in [*((i, i - 1) for i in range(1, size)), *((i, i + 1) for i in range(size - 2, -1, -1))]:
        left, right = found[min(i, j)], found[max(i, j)]
        gap = text[left.end : right.start]
        if len(gap) > 40 or not JOINED.fullmatch(gap) or (APART.search(gap) and not right.alone and not right.listing):
            continue
        if (
            found[j].rank == REJECTED
            and found[i].rank in (STATED, WEAK, LEAD, ASIDE)
            and not re.search(r"[.;\n]|,\s*and\b", gap)
        ):
            found[i] = replace(found[i], rank=REJECTED)
        elif found[j].rank > found[i].rank >= STATED:
            found[i] = replace(found[i], rank=found[j].rank)
    return found


def settle(mentions: Sequence[Mention]) -> Reading:
    """The one key that the highest-ranked mentions share; no commitment where they differ or none stands."""
    live = [mention for mention in mentions if mention.rank >= STATED]
    if not live:
        rejected = any(mention.rank == REJECTED for mention in mentions)
        return Reading(None, "rejected" if rejected else "unparsed", "what is named is rejected" if rejected else "")
    top = max(mention.rank for mention in live)
    rivals = any(mention.also and mention.rank == top for mention in live)
    keys = {mention.key for mention in live if mention.rank == top or mention.also or rivals}
    if any(mention.open for mention in live if mention.rank == top):
        return Reading(None, "conflict", f"{' or '.join(sorted(keys))}, or something else")
    if len(keys) > 1:
        return Reading(None, "conflict", f"several answers: {', '.join(sorted(keys))}")
    return Reading(keys.pop(), "stated" if top < LEAD else "committed")
