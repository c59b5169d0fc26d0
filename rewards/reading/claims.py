"""Which amount of a committed text is its answer: inputs, reasons, asides, rejected and dropped ones are not."""

import re
from dataclasses import dataclass, field

from rewards.reading.amounts import Amount, amounts

# Ranks.  The highest that occurs in a text speaks for it.
NEVER, WEAK, PLAIN, BARE, RESULT, MARKED = range(6)
EVENT = re.compile(
    r"(?P<mark>\b(?:answer|final (?:result|value|score|dose|answer)|conclusion)(?: to the question)?\b[\"')\]]*"
    r"(?:\s*(?:is|was|are|would be|should be|must be|will be|comes (?:out )?to|[:=→])(?![a-z])[\s:]*|\s*\n\s*|\s+(?=[-~≈]?\.?\d))"
    r"|(?:最终)?答案(?:是|为|应为|:)*)"
    r"|(?P<end>\n|[.!?](?=\s|$|[\"')\]])|;)"
    r"|(?P<reason>\b(?:because|since|given|due to|based on|using|considering|assuming|as (?:the|it|there|this|he|she|"
    r"they|his|her)\b|compared (?:to|with)|whereas|while|provided|for example|e\.g|i\.e)\b|因为|由于|根据)"
    r"|(?P<so>\b(?:so|therefore|thus|hence|consequently|accordingly|overall|which (?:gives|yields|equals|makes|is)|"
    r"giv(?:es|ing)|yield(?:s|ing)|result(?:s|ing) in|comes? (?:out )?to|leav(?:es|ing)|mak(?:es|ing)|"
    r"(?:grand |in )?total(?:s|ing|ling|s up to)?(?: (?:score|points?|sum|dose))?(?=(?: is| of| was|\s*[:=≈|]|,?\s?\d))|in total\b|altogether\b|"
    r"(?:we|i) (?:get|obtain|find|arrive at|have)|sum(?= is| of|\s*[:=])|adds? up to|rounds? to|rounded to|"
    r"rounded (?:up|down) to)\b|因此|所以|总分|共计|合计|得到|得出)"
    r"|(?P<equal>[=≈]|→(?=\s*[-+~≈]?\s?\.?\d))"
    r"|(?P<is>\||\b(?:is|are|was|were|be|equals?|has|have|had|shows|reads|measures|would be|should be)\b|:(?!\d)|是|为)"
    r"|(?P<turn>\bbut\b|\bhowever\b|\bactually\b|但)"
    r"|(?P<comma>,)|(?P<open>[(\[])|(?P<close>[)\]])",
    re.IGNORECASE,
)
REJECTED = re.compile(
    r"(?:\b(?:not|never|neither|nor|cannot|rather than|instead of|as opposed to|excluding|except|(?:anything|everything|all) but|unlike|no longer|wrong)\b|n't\b|"
    r"不是|并非|而非)[^\d,.;:]{0,30}$",
    re.IGNORECASE,
)
REJECTED_AFTER = re.compile(
    r"\W{0,3}(?:(?:is|are|was|would be)\s+(?:(?:clearly|definitely|also)\s+)?(?:wrong|incorrect|not\b|ruled out|excluded|"
    r"false|too (?:high|low|large|small))|\(?(?:wrong|incorrect|rejected|excluded)\b)",
    re.IGNORECASE,
)
DROPPED = re.compile(
    r"\b(?:first|initial(?:ly)?|original(?:ly)?|thought|tempting|tempted|might|would say|considered|guess(?:ed)?|some|many|"
    r"could be|one may|one might|may seem|seems?|naive(?:ly)?|usual(?:ly)?|previous(?:ly)?|estimate[sd]?)\b",
    re.IGNORECASE,
)
BOUND = re.compile(
    r"(?:(?P<low>[>≥]|\b(?:more|greater|higher|larger|longer|older) than(?: or equal to)?|\bat least|\babove|\bover|"
    r"\bexceed(?:s|ing)?|\bno (?:less|fewer) than|\b(?:a )?minimum(?: of)?|\bmin\.?|大于|至少|超过|不少于)|"
    r"(?P<high>[<≤]|\b(?:less|fewer|lower|smaller|shorter|younger) than(?: or equal to)?|\bat most|\bup to|\bbelow|\bunder|"
    r"\bno more than|\b(?:a )?maximum(?: of)?|\bmax\.?|小于|至多|不超过|低于))\s*$",
    re.IGNORECASE,
)
BOUND_AFTER = re.compile(
    r"\s*(?:(?P<low>or (?:more|higher|above|greater|older|over)\b|and (?:above|over)\b|\+(?![\d\s])|以上)|"
    r"(?P<high>or (?:less|lower|below|fewer|under)\b|and (?:below|under)\b|以下))",
    re.IGNORECASE,
)
NAMED = re.compile(
    r"\b(?:step|type|stage|grade|class|table|fig(?:ure)?|phase|NYHA|criteri(?:on|a)|equation|section|ref|page|case|patient|"
    r"number|no\.|day|week|year|level|version|chapter|normal(?: (?:range|value|is|being|of|gap))*(?: is| of|:)?|"
    r"(?:reference|normal) (?:range|interval|value)[^\d]{0,20}|range(?: is| of|:)?|limit(?: of normal)?(?: is| of|:)?|"
    r"threshold|cut-?off|every|each|q|divided by|multiplied by|times|multiply by|divide by|minus|plus|subtract(?:ing)?|adding)"
    r"\s*[:#]?\s*$",
    re.IGNORECASE,
)
PERIOD = re.compile(r"\b(?:every|for|over|within|after|in|at|during|per|q|last|past)\s*(?:the )?(?:next |first )?$", re.IGNORECASE)
# A number that is tied to a name by an operator is a term of a formula: 3.78 * ln(bilirubin), Na - 1.5 * K.
TERM_AFTER = re.compile(r"\s?(?:[*/÷^]|x(?= )|\+(?= ))\s?[A-Za-z(\\]|\((?=[A-Za-z][\w ]*[-+*/])")
TERM_BEFORE = re.compile(r"[A-Za-z)\]](?:\s?[*/÷^]| [x+])\s?$")
MADE_OF = re.compile(r"\bof (?:an? |the )?(?:[A-Za-z]\w* ){0,2}$")
POINTS_FOR = re.compile(r"\s*(?:points?|pts?)?\s*(?:each\s*)?(?:for|from)\s+(?=[A-Za-z])", re.IGNORECASE)
ITEM = re.compile(r"(?:^|\n)\s*[(]?$")
EXPLAINED = re.compile(r" ?(?:[a-z]+ ?){0,3}(?::|- | - )\s*(?=[A-Za-z(\d])", re.IGNORECASE)
FILLER = re.compile(
    r"[\W_]*(?:(?:about|approximately|approx\.?|around|roughly|nearly|almost|circa|ca\.?|probably|likely|exactly|"
    r"a|an|the|it|is|it's|i|think|believe|say|would|points?|score|of)\b[\W_]*)*",
    re.IGNORECASE,
)
BECAUSE = re.compile(r"\W*(?:because|since|due to|as)\b|因为|由于", re.IGNORECASE)
CONTEXT = 60  # characters before and after an amount that are looked at


@dataclass
class Claim:
    """An amount in its text: `rank`; bound: '' or '>' or '<'; after_is: it completes "... is"; named: it follows "name
    =" and nothing was worked out; aside: it stands in brackets; subject: where the text that names it starts."""

    amount: Amount
    rank: int
    bound: str = ""
    after_is: bool = False
    named: bool = False
    aside: bool = False
    subject: int = 0
    sentence: int = 0


@dataclass
class State:
    """Where a reader is in a text."""

    rank: int = PLAIN
    reason: bool = False
    leads: bool = False  # the sentence opens with a reason
    after_is: bool = False
    named: bool = False
    depth: int = 0
    subject: int = 0
    comma: int = -1
    start: int = 0
    number: int = 0
    claims: list[Claim] = field(default_factory=list)


def claims(text: str) -> list[Claim]:
    """Every amount of a text with its rank."""
    found: list[Claim] = []
    state = State()
    events = EVENT.finditer(text)
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
        claim = Claim(amount, NEVER, "", state.after_is, state.named, state.depth > 0, state.subject, state.number)
        claim.rank, claim.bound = judged(text, claim, state, amount.start in items)
        state.claims.append(claim)
        state.after_is = False
    while event:
        take(event, state, text, found)
        event = next(events, None)
    close(state, text, found, len(text))
    return found


def take(event: re.Match[str], state: State, text: str, found: list[Claim]) -> None:
    """Read on to an event: the end of a sentence, a reason, a conclusion, a sign, a verb, a bracket."""
    kind = event.lastgroup
    if kind == "end":
        close(state, text, found, event.end())
    elif kind == "mark":
        state.rank, state.reason, state.leads, state.after_is, state.subject = MARKED, False, False, True, event.start()
        for claim in state.claims:
            claim.rank = min(claim.rank, WEAK) if claim.rank < MARKED else claim.rank
    elif kind == "reason":
        state.leads = state.leads or not state.claims and event.start() - state.start < 25
        state.reason, state.subject = True, event.end()
    elif kind == "so":
        if state.rank < MARKED or state.reason:
            state.rank, state.reason, state.leads = max(state.rank, RESULT), False, False
        state.subject, state.after_is = event.end(), True
    elif kind == "equal":
        equals(event, state, text)
    elif kind == "is":
        state.after_is = True
        state.named = state.named or event[0] == "|"  # a cell of a table
        if event[0] == ":" and state.reason and not state.claims:
            state.reason = state.leads = False
    elif kind == "turn":
        turned(state, text, event)
    elif kind == "comma":
        state.comma = state.subject = event.end()
    else:
        state.depth = max(0, state.depth + (1 if kind == "open" else -1))


def equals(event: re.Match[str], state: State, text: str) -> None:
    """At "=" what stands right before it is an input, and what follows a result; after a name it is a value."""
    last = state.claims[-1] if state.claims else None
    worked = last is not None and not re.search(r"[A-Za-z\u4e00-\u9fff]{3}", text[last.amount.end : event.start()])
    if worked:
        for claim in state.claims:
            if claim is last or claim.amount.start >= state.subject and (not claim.aside or state.depth):
                claim.rank = NEVER
        state.rank, state.named = max(state.rank, RESULT), False
    else:
        state.named = True
    state.after_is = True


def turned(state: State, text: str, event: re.Match[str]) -> None:
    """At "but": what was only considered before is dropped."""
    for claim in state.claims:
        if DROPPED.search(text[max(state.start, claim.amount.start - CONTEXT) : claim.amount.start]):
            claim.rank = NEVER
    state.subject, state.after_is = event.end(), False


def judged(text: str, claim: Claim, state: State, item: bool) -> tuple[int, str]:
    """(rank, bound) of an amount by the words around it."""
    amount = claim.amount
    before = text[max(state.start, amount.start - CONTEXT) : amount.start]
    after = text[amount.end : amount.end + CONTEXT]
    if item or amount.noun.startswith("-") or REJECTED.search(before) or REJECTED_AFTER.match(after):
        return NEVER, ""
    if TERM_AFTER.match(after) or TERM_BEFORE.search(before):
        return NEVER, ""
    if state.claims and amount.parts and MADE_OF.search(before):
        return WEAK, ""
    low, high = BOUND.search(before), BOUND_AFTER.match(after)
    bound = next((">" if match["low"] else "<" for match in (low, high) if match), "")
    if state.reason:
        return NEVER, bound
    timed = amount.parts and amount.parts[0].unit and PERIOD.search(before)
    if bound or timed or claim.aside or NAMED.search(before) or POINTS_FOR.match(after) and not amount.parts[0].unit:
        return (state.rank if state.rank == MARKED and not claim.aside else WEAK), bound
    if text[amount.start : amount.end].count("-") and re.match(r"[\d.]+-[A-Za-z]+$", text[amount.start : amount.end]):
        return WEAK, bound
    if amount.noun and re.fullmatch(r"(?:19|20)\d\d", str(amount)) and amount.noun[:1].isupper():
        return WEAK, bound
    if EXPLAINED.match(after) and not state.claims and amount.join != "expr":
        if claim.after_is or FILLER.fullmatch(text[state.start : amount.start]):
            state.reason = True
            return max(state.rank, BARE), bound
    return state.rank, bound


def close(state: State, text: str, found: list[Claim], end: int) -> None:
    """At the end of a sentence: inputs before its verb and reasons before its last comma fall away."""
    plain = [claim for claim in state.claims if claim.rank in (PLAIN, RESULT)]
    if state.leads:
        rest = [claim for claim in state.claims if claim.amount.start >= state.comma >= 0]
        if not rest and not BECAUSE.match(text, state.start):  # "Given the values the gap is 12."
            rest = [claim for claim in state.claims if claim.after_is][-1:]
        for claim in rest:
            claim.rank = max(claim.rank, PLAIN if not claim.bound and not claim.aside else WEAK)
    elif any(claim.after_is for claim in plain):
        done = max(place for place, claim in enumerate(plain) if claim.after_is)
        for claim in plain[:done]:
            if not claim.after_is and claim.rank == PLAIN:
                claim.rank = NEVER
    if len(state.claims) == 1 and plain and FILLER.fullmatch(text[state.start : plain[0].amount.start]):
        rest = text[plain[0].amount.end : end].strip(" .!\n*\"')]")
        if plain[0].rank == PLAIN and not re.search(r"\w+\W+\w+\W+\w", rest):
            plain[0].rank = BARE
    found += state.claims
    state.claims = []
    marked = state.rank == MARKED and not any(claim.rank == MARKED for claim in found) and not text[state.start:end].strip()
    state.rank = MARKED if marked else PLAIN
    state.reason = state.leads = state.after_is = state.named = False
    state.depth, state.subject, state.start, state.comma = 0, end, end, -1
    state.number += 1


def listed(text: str, found: list[Amount]) -> set[int]:
    """Where the numbers of a numbered list start: 1. and 2. at the heads of lines."""
    heads = [
        amount
        for amount in found
        if not amount.join and re.match(r"[.)]\s|\)", text[amount.end : amount.end + 2]) and ITEM.search(text[: amount.start][-4:])
    ]
    values = [amount.parts[0].value for amount in heads]
    return {amount.start for amount in heads} if values[:2] == [1.0, 2.0] else set()
