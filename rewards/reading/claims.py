"""Which amount of a committed text is its answer: inputs, reasons, asides, rejected and dropped ones are not."""

import re
from dataclasses import dataclass, field, replace

from rewards.reading import number_cues as cues
from rewards.reading.amounts import Amount, amounts
from rewards.reading.units import unit

# Ranks.  The highest that occurs in a text speaks for it.
NEVER, WEAK, PLAIN, BARE, RESULT, MARKED = range(6)
CONTEXT = 60  # characters before and after an amount that are looked at


@dataclass
class Claim:
    """An amount in its text: `rank`; bound: '' or '>' or '<'; after_is: it completes "... is"; named: it follows "name
    =" and nothing was worked out; aside: it stands in brackets; subject: where the text that names it starts; chained:
    it is one of a list with the amount before it, "12 or 13"; kept: the rank it would have outside a reason;
    first: its sentence opens with it, and a comma follows; worked: it is what a calculation or a total comes to."""

    amount: Amount
    rank: int
    bound: str = ""
    after_is: bool = False
    named: bool = False
    aside: bool = False
    subject: int = 0
    chained: bool = False
    kept: int = NEVER
    first: bool = False
    worked: bool = False


@dataclass
class State:
    """Where a reader is in a text."""

    rank: int = PLAIN
    reason: bool = False
    leads: bool = False  # the sentence opens with a reason
    after_is: bool = False
    named: bool = False
    worked: bool = False
    so: bool = False  # the sentence draws a conclusion
    depth: int = 0
    subject: int = 0
    clause: int = 0
    comma: int = -1
    start: int = 0
    claims: list[Claim] = field(default_factory=list)


def claims(text: str) -> list[Claim]:
    """Every amount of a text with its rank."""
    found: list[Claim] = []
    state = State()
    events = cues.EVENT.finditer(text)
    event = next(events, None)
    waiting = amounts(text)
    items = listed(text, waiting)
    for amount in waiting:
        while event and event.start() < amount.start:
            if event.end() <= amount.start + 1:
                take(event, state, text, found)
            event = next(events, None)
        while event and event.start() < amount.end:
            event = next(events, None)
        claim = Claim(amount, NEVER, "", state.after_is, state.named, state.depth > 0, state.subject)
        reasoned, tied = state.reason, None
        last = state.claims[-1] if state.claims else None
        if last and cues.CHAINED.fullmatch(text, last.amount.end, amount.start):
            claim.chained, claim.subject = True, last.subject
            state.rank = max(state.rank, min(last.rank, RESULT))
            tied = cues.OR.search(text, last.amount.end, amount.start)
        claim.kept, claim.bound = judged(text, claim, state, amount.start in items)
        claim.rank = NEVER if reasoned else claim.kept
        claim.worked, state.worked = state.worked and claim.rank == RESULT, False
        if last and tied and min(last.rank, claim.rank) > NEVER:  # "< 5 or 12"
            last.rank = claim.rank = max(last.rank, claim.rank)
        state.claims.append(claim)
        if state.rank == RESULT and claim.rank == RESULT and claim.after_is and amount.join != "expr":
            state.rank = PLAIN  # what follows the result is no result
        state.after_is = False
        inside = text[amount.start : amount.end]
        state.depth = max(0, state.depth + inside.count("(") - inside.count(")"))
        state.subject = amount.end + len(amount.noun) + (amount.noun != "")
    while event:
        take(event, state, text, found)
        event = next(events, None)
    close(state, text, found, len(text))
    return found


def take(event: re.Match[str], state: State, text: str, found: list[Claim]) -> None:
    """Read on to an event: the end of a sentence, a reason, a conclusion, a sign, a verb, a bracket."""
    kind = event.lastgroup
    if kind in ("mark", "reason", "so", "turn", "comma"):
        state.subject = state.clause = event.start() if kind in ("mark", "so") else event.end()
    if kind == "end":
        if event[0] == "?":
            state.claims = [replace(claim, rank=NEVER, kept=NEVER) for claim in state.claims]
        close(state, text, found, event.end())
    elif kind == "mark":
        state.rank, state.reason, state.leads, state.after_is = MARKED, False, False, True
        for claim in state.claims:
            claim.rank = min(claim.rank, WEAK) if claim.rank < MARKED else claim.rank
    elif kind == "reason":
        opening = not state.claims and not cues.THREE_WORDS.search(text[state.start : event.start()][:80])
        state.leads = state.leads or opening
        state.reason = True
    elif kind == "so":
        if state.reason and stated(state) and not cues.FIRM.match(event[0]):
            return  # "12, since the anions add up to 128"
        if state.rank < MARKED or state.reason:
            state.rank, state.reason, state.leads = max(state.rank, RESULT), False, False
        state.after_is = state.so = True
        state.worked = cues.TOTAL.search(event[0]) is not None
    elif kind == "aftermath":
        concluded(event, state)
    elif kind == "equal":
        equals(event, state, text)
    elif kind == "is":
        state.after_is = True
        last = state.claims[-1] if state.claims else None
        if (
            last
            and last.rank == state.rank == MARKED
            and cues.OTHER_SUBJECT.fullmatch(text, last.amount.end, event.start())
        ):
            state.rank = PLAIN
        elif state.so and event[0].isalpha():
            state.rank = max(state.rank, RESULT)
        state.named = state.named or event[0] == "|"  # a cell of a table
        if event[0] == ":" and state.reason and not state.claims:
            state.reason = state.leads = False
    elif kind == "turn":
        turned(state, text, event)
    elif kind == "comma":
        state.comma = event.end()
    else:
        state.depth = max(0, state.depth + (1 if kind == "open" else -1))


def concluded(event: re.Match[str], state: State) -> None:
    """At "which corresponds to": a value that was stated before is explained; numbers that were not, lead to one."""
    if stated(state):
        state.reason = True
    elif event[0].lower().startswith("which is"):
        state.rank = max(state.rank, RESULT)
    state.after_is = True


def stated(state: State) -> bool:
    """Whether the sentence has a value that completes "... is", or opens with one and goes on after a comma."""
    values = (claim for claim in state.claims if claim.rank >= PLAIN and claim.amount.join != "expr")
    return any(claim.after_is or claim.first for claim in values)


def equals(event: re.Match[str], state: State, text: str) -> None:
    """At "=" what stands right before it is an input, and what follows a result; after a name it is a value."""
    last = state.claims[-1] if state.claims else None
    explained = last is not None and state.depth > 0 and not last.aside  # 320 mg (= 5 mg/kg x 64 kg)
    worked = last is not None and not explained and not cues.NAME.search(text, last.amount.end, event.start())
    if last and worked:
        for claim in state.claims:
            if claim is last or claim.amount.start >= state.clause and (not claim.aside or state.depth):
                claim.rank = NEVER
        state.rank, state.named, state.subject = max(state.rank, RESULT), False, last.subject
        state.worked = True
    elif cues.SUM.search(text, max(state.clause, event.start() - CONTEXT), event.start()):  # E3 + V4 + M3 = 10
        state.rank, state.worked = max(state.rank, RESULT), True
    else:
        state.named = True
    state.after_is = True


def turned(state: State, text: str, event: re.Match[str]) -> None:
    """At "but": what was only considered before is dropped."""
    for claim in state.claims:
        if cues.DROPPED.search(text[max(state.start, claim.amount.start - CONTEXT) : claim.amount.start]):
            claim.rank = NEVER
    state.after_is = False


def judged(text: str, claim: Claim, state: State, item: bool) -> tuple[int, str]:
    """(rank, bound) of an amount by the words around it."""
    amount = claim.amount
    before = text[max(state.start, amount.start - CONTEXT) : amount.start]
    after = text[amount.end : amount.end + CONTEXT]
    if item or cues.REJECTED.search(before) or cues.REJECTED_AFTER.match(after):
        return NEVER, ""
    if amount.noun.startswith("-") and not after.startswith("-"):  # 12th, 12a
        return NEVER, ""
    if cues.TERM_AFTER.match(after) or cues.TERM_BEFORE.search(before):
        return NEVER, ""
    if state.claims and amount.parts and cues.MADE_OF.fullmatch(text, state.claims[-1].amount.end, amount.start):
        return WEAK, ""
    if state.claims and circumstance(text, state.claims[-1].amount, amount):
        return WEAK, ""
    low, high = cues.BOUND.search(before), cues.BOUND_AFTER.match(after)
    bound = next((">" if match["low"] else "<" for match in (low, high) if match), "")
    timed = amount.parts and (cues.NEXT if not amount.parts[0].unit else cues.PERIOD).search(before)
    one_of_many = amount.parts and not amount.parts[0].unit and cues.POINTS_FOR.match(after)
    if cues.PART_OF.match(after) and state.claims:
        return WEAK, ""
    if bound or timed or one_of_many or claim.aside or cues.NAMED.search(before) or cues.CONTRAST.search(before):
        return (state.rank if state.rank == MARKED and not claim.aside else WEAK), bound
    if amount.noun.startswith("-") or cues.HYPHENED_TIME.fullmatch(text[amount.start : amount.end]):
        return WEAK, bound
    if amount.noun and re.fullmatch(r"(?:19|20)\d\d", str(amount)) and amount.noun[:1].isupper():
        return WEAK, bound
    opens = not state.claims and bool(cues.FILLER.fullmatch(text[state.start : amount.start]))
    claim.first = opens and amount.join != "expr" and cues.GOES_ON.match(after) is not None
    if (opens or claim.after_is and not state.claims) and amount.join != "expr" and cues.EXPLAINED.match(after):
        state.reason = True
        return max(state.rank, BARE), bound
    return max(state.rank, RESULT) if cues.IN_ALL.match(after) else state.rank, bound


def circumstance(text: str, before: Amount, amount: Amount) -> bool:
    """Whether an amount of another sort only tells under what conditions the one before it holds."""
    if not before.parts or not amount.parts or not cues.BESIDE.fullmatch(text, before.end, amount.start):
        return False
    mine, other = unit(amount.parts[-1].unit), unit(before.parts[-1].unit)
    return bool(mine and other and mine.dims != other.dims)


def close(state: State, text: str, found: list[Claim], end: int) -> None:
    """At the end of a sentence: inputs before its verb and reasons before its last comma fall away."""
    plain = [claim for claim in state.claims if claim.rank in (PLAIN, RESULT)]
    if state.leads:
        rest = [claim for claim in state.claims if claim.amount.start >= state.comma >= 0]
        if not rest and not cues.BECAUSE.match(text, state.start):  # "Given the values the gap is 12."
            rest = [claim for claim in state.claims if claim.after_is][-1:]
        for claim in rest:
            claim.rank = claim.kept
    elif any(claim.after_is for claim in plain):
        done = max(place for place, claim in enumerate(plain) if claim.after_is)
        for claim in plain[:done]:
            if not claim.after_is and not claim.first and claim.rank == PLAIN:
                claim.rank = NEVER
    if len(state.claims) == 1 and plain and cues.FILLER.fullmatch(text[state.start : plain[0].amount.start]):
        rest = text[plain[0].amount.end : end].strip(" .!\n*\"')]")
        if plain[0].rank == PLAIN and not cues.THREE_WORDS.search(rest):
            plain[0].rank = BARE
    found += state.claims
    state.claims = []
    marked = (
        state.rank == MARKED
        and not any(claim.rank == MARKED for claim in found)
        and not text[state.start : end].strip()
    )
    state.rank = MARKED if marked else PLAIN
    state.reason = state.leads = state.after_is = state.named = state.so = state.worked = False
    state.depth, state.subject, state.clause, state.start, state.comma = 0, end, end, end, -1


def listed(text: str, found: list[Amount]) -> set[int]:
    """Where the numbers of a numbered list start: 1. and 2. at the heads of lines."""
    heads = [
        amount
        for amount in found
        if not amount.join
        and re.match(r"[.)]\s|\)", text[amount.end : amount.end + 2])
        and cues.ITEM.search(text[: amount.start][-4:])
    ]
    values = [amount.parts[0].value for amount in heads]
    return {amount.start for amount in heads} if values[:2] == [1.0, 2.0] else set()
