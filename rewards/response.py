"""The one parser: a model's text -> what it thought and what it committed to."""

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

BRACE = re.compile(r"(?P<box>\\(?:boxed|fbox)\s{0,4}\{)|[{}]")
MARKUP = re.compile(r"[\s*_`$.,;:()\[\]\\\"'{}]+")
RETRACTION = re.compile(
    r"\b(?:scratch that|(?<=[\s.,;!…。,;!])不对(?=[\s.,:!。,:!])|等一下|等等|更正|"
    r"hold on\b|hang on\b|on (?:(?:second|closer|further) )?"
    r"(?:second thoughts?|thoughts|second look|closer look|second reading|second glance|inspection|reflection|review)|"
    r"(?:sorry,? )?i mean,?|i (?:hereby )?take (?:that|it|this|my answer) back|"
    r"let me correct|i was wrong|my mistake|i meant|"
    r"i retract|i withdraw|(?:i'm|i am) withdrawing|forget (?:that|what i (?:said|wrote))|strike that|"
    r"never mind|nvm|i(?:'d like to| would like to|'ll| will)? change my (?:mind|answer)|"
    r"(?:ignore|disregard) (?:that|this|the above|my (?:previous|last) answer))\b"
    r"|(?:^|[.!?;,\n-]\s*)(?:(?:no|oh|hmm|but|sorry|oops),?\s+)?"
    r"(?:wait\b(?! (?:\d|for|until|and|&|till))|correction:|oops\b|actually,?\s)"
    r"|\b(?:that|this|the above|my|previous|which)(?: answer| choice)? (?:is|was) (?:actually )?"
    r"(?:wrong|incorrect|false|a mistake|a slip|an error|a typo|not (?:right|correct|true|my answer|the answer))",
    re.IGNORECASE,
)
UNSEEN = re.compile(
    r"<!--.*?(?:-->|$)|<\|[a-z_]{2,30}\|>|</s>|\\[hv]?phantom\s*\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\}", re.DOTALL
)
SECOND_ANSWER = re.compile(
    r"\b(?:(?:answer|diagnosis|option|choice) (?:is|should be|must be|would be)|answer\s*:|"
    r"\bfinal(?: choice| verdict)?\s*:|"
    r"(?:or|alternatively|otherwise),? (?:it |it's |perhaps |maybe |possibly )*)\s*(.{1,80})",
    re.IGNORECASE,
)
NO_IT_IS = re.compile(
    r"\W*(?:h+m+,?\s+)?(?:no|nope|wrong|incorrect|false)[,.:;!-]*\s+(?:i (?:forgot|missed|overlooked|misread)\b|"
    r"(?:it|that|this|the (?:correct |right |true )?answer)(?:'s| is| was| should be)\b)",
    re.I,
)
TAKEN_BACK = re.compile(rf"{RETRACTION.pattern}|\bsorry\b|\bi mean\b", re.IGNORECASE)
# One of these stands in all that TAKEN_BACK matches.
RETRACTION_HINTS = (
    "scratch that", "hold on", "hang on", "thought", "second look", "closer look", "second reading", "second glance",
    "inspection", "reflection", "review", "i mean", "back", "let me correct", "correction:", "wrong", "incorrect",
    "mistake", "retract", "withdraw", "forget ", "strike that", "never mind", "nvm", "change my", "ignore ",
    "disregard ", "wait", "oops", "actually", "false", "a slip", "an error", "a typo", "not right", "not correct",
    "not true", "not my answer", "not the answer", "sorry", "不对", "等一下", "等等", "更正",
)  # fmt: skip
YES = re.compile(r"\W*(?:yes|true|present|positive)\b", re.IGNORECASE)
MOST_TAGS = 500  # more tags or boxes than that are no attempt at an answer
LONGEST_NAME = 80  # characters
LONGEST_TAIL = 4000  # characters after an answer that are searched for a retraction


@dataclass(frozen=True)
class Response:
    """A model's text, read once.

    text: all of it. thinking: what stands in the think tags (None without such tags). answer: what the model commits
    to outside its thinking, as text, or None (nothing, two different things, or cut off). truncated: the text or its
    thinking was cut off. n_tokens: its length in tokens where the caller knows it. rule: how the answer was found
    (tags, boxed, prose) or why there is none (empty, truncated, conflict, retracted). after: the text behind the
    answer. candidates: the answers of a conflict, which may be one answer in several wordings.
    """

    text: str
    thinking: str | None = None
    answer: str | None = None
    truncated: bool = False
    n_tokens: int | None = None
    rule: str = "empty"
    after: str = ""
    candidates: tuple[str, ...] = ()


@lru_cache(maxsize=8)
def tag_pattern(think_tag: str, answer_tag: str) -> re.Pattern[str]:
    """Any opening or closing tag of the two."""
    both = "|".join(re.escape(tag) for tag in (think_tag, answer_tag))
    return re.compile(rf"<\s{{0,2}}(/?)\s{{0,2}}({both})(?:\s+[\w-]+\s*=[^<>]{{0,200}})?\s{{0,2}}>", re.IGNORECASE)


def parse(
    text: str | None,
    *,
    think_tag: str = "think",
    answer_tag: str = "answer",
    n_tokens: int | None = None,
    truncated: bool = False,
) -> Response:
    r"""Read a model's text.  Never raises: None and other non-text are read as empty text.

    Only what stands outside the thinking counts: an answer block wherever it stands, else a `\boxed{}`, else the
    prose.  A text that closes its thinking without opening it was given the opening tag by the chat template.

    >>> parse("<think>A or C</think> <answer>C</answer>").answer
    'C'
    >>> parse("<think>so <answer>C</answer>").rule, parse(r"It is \boxed{12 mL}.").answer
    ('truncated', '12 mL')
    >>> parse("<answer>A</answer><answer>B</answer>").rule
    'conflict'
    """
    text = text if isinstance(text, str) else ""
    seen = UNSEEN.sub("", text) if "<!--" in text or "<|" in text or "</s>" in text or "\\phantom" in text else text
    parts = split(seen, think_tag.lower(), answer_tag.lower())
    if parts is None or text.count("boxed") > MOST_TAGS:
        return Response(text, None, None, truncated, n_tokens, "conflict")
    cut = truncated or parts.unclosed == "think"
    if truncated and parts.unclosed == "answer":
        return Response(text, parts.thinking, None, cut, n_tokens, "truncated")  # perhaps inside a word or a number
    answers, tail, rule = commitments(parts, cut)
    agreed = agree(answers) if answers else None
    if agreed is None:
        several = tuple(dict.fromkeys(answers)) if not TAKEN_BACK.search(tail) else ()
        return Response(text, parts.thinking, None, cut, n_tokens, "conflict" if answers else rule, tail, several)
    problem = undone(agreed, tail[:LONGEST_TAIL])
    return Response(text, parts.thinking, None if problem else agreed, cut, n_tokens, problem or rule, tail)


@dataclass
class Parts:
    """A text taken apart: thinking (None without such tags), answer blocks, the text outside both, what of it follows
    the last block, and the tag that was left open ('' if none)."""

    thinking: str | None
    blocks: list[str]
    outside: str
    tail: str
    unclosed: str


def split(text: str, think: str, answer: str) -> Parts | None:
    """Take a text apart at its tags, in one pass; None where it has too many of them."""
    tags = list(islice(tag_pattern(think, answer).finditer(text), MOST_TAGS + 1)) if "<" in text else []
    if len(tags) > MOST_TAGS:
        return None
    thoughts: list[str] = []
    blocks: list[str] = []
    outside: list[str] = []
    block: list[str] | None = None
    in_think, place, since, last = False, 0, 0, 0  # since: the end of the last thinking; last: pieces before the tail
    for tag in (*tags, None):
        piece = text[place : tag.start() if tag else len(text)]
        (thoughts if in_think else outside if block is None else block).append(piece)
        if tag is None:
            break
        closing, name, place = bool(tag[1]), tag[2].lower(), tag.end()
        if name == think and (in_think or not closing):
            in_think, since = not closing, place
        elif name == think:  # closed but never opened here: all since the last thinking was thinking
            thoughts.append(text[since : tag.start()])
            outside, blocks, block, since, last = [], [], None, place, 0
        elif in_think:
            thoughts.append(tag[0])
        elif closing and block is None and not blocks:  # the template gave the opening tag
            blocks, outside, last = ["".join(outside)], [], 0
        else:
            if block is not None:
                blocks.append("".join(block))
                last = len(outside)
            block = None if closing else []
    if block is not None:
        blocks.append("".join(block))
        last = len(outside)
    unclosed = "think" if in_think else "answer" if block is not None else ""
    return Parts("".join(thoughts) if thoughts else None, blocks, " ".join(outside), " ".join(outside[last:]), unclosed)


def commitments(parts: Parts, cut: bool) -> tuple[list[str], str, str]:
    """(what is committed to, the text after it, the rule) from the answer blocks and the text around them."""
    if filled := [block.strip() for block in parts.blocks if block.strip()]:
        return [*filled, *boxed(parts.tail)[0]], parts.tail, "tags"
    if parts.blocks:
        return [], "", "empty"
    boxes, tail = boxed(parts.outside)
    if boxes:
        return [box.strip() for box in boxes if box.strip()], tail, "boxed" if any(map(str.strip, boxes)) else "empty"
    prose = parts.outside.strip()
    if cut or not prose:
        return [], "", "truncated" if cut else "empty"
    return [prose], "", "prose"


def undone(agreed: str, tail: str) -> str:
    """Why an answer does not stand: the text after it takes it back, or gives another one; else ""."""
    if not tail.strip():
        return ""
    no = NO_IT_IS.match(tail)
    if taken_back(tail) or (no and (not bare(agreed).startswith("no") or YES.match(tail, no.end()))):
        return "retracted"
    same = bare(agreed)
    others = (bare(other[1]) for other in SECOND_ANSWER.finditer(tail))
    # A letter and a text may be the same option: who knows the options tells.
    rivals = [other for other in others if (len(same) == 1) == (len(other) <= 2) and same not in other]
    return "conflict" if rivals else ""


def taken_back(tail: str) -> bool:
    """Whether a text retracts what stands before it."""
    return may_retract(tail) and TAKEN_BACK.search(tail) is not None


def may_retract(text: str) -> bool:
    """Whether RETRACTION or TAKEN_BACK can match: they are slow, and most texts have none of their words."""
    lower = text.lower()
    return any(hint in lower for hint in RETRACTION_HINTS)


def bare(text: str) -> str:
    """Lower case without markup and space."""
    return MARKUP.sub("", text).lower()


def agree(answers: list[str]) -> str | None:
    """The one answer all of these give (a letter agrees with the same letter and its text), or None."""
    longest = max(answers, key=len)
    for other in {answer for answer in answers if answer != longest}:
        lettered = len(bare(other)) == 1 and re.match(rf"\W*{re.escape(bare(other))}\b(?!\.\d)", longest, re.IGNORECASE)
        if bare(other) != bare(longest) and not lettered and not same_name(other, longest):
            return None
    return longest


def same_name(one: str, other: str) -> bool:
    """Whether two short answers are names of one thing: MRI, magnetic resonance imaging."""
    if max(len(one), len(other)) > LONGEST_NAME:
        return False
    from rewards.reading.canon import canon  # the tables are read only where two answers differ

    return canon(one) == canon(other) != ()


def boxed(text: str) -> tuple[list[str], str]:
    r"""(contents of every outer `\boxed{}` with balanced braces, the text after the last)."""
    if "boxed" not in text and "fbox" not in text:
        return [], text
    opened: list[tuple[bool, int]] = []
    spans: list[tuple[int, int]] = []
    for brace in BRACE.finditer(text):
        if brace[0] != "}":
            opened.append((brace["box"] is not None, brace.end()))
        elif opened:
            is_box, start = opened.pop()
            if is_box:
                while spans and spans[-1][0] > start:  # a box inside this one is part of it
                    spans.pop()
                spans.append((start, brace.start()))
    return [text[start:end] for start, end in spans], text[spans[-1][1] + 1 :] if spans else text
