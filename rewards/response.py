"""The one parser: a model's text -> what it thought and what it committed to."""

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

BRACE = re.compile(r"(?P<box>\\(?:boxed|fbox)\s{0,4}\{)|[{}]")
MARKUP = re.compile(r"[\s*_`$.,;:()\[\]\\\"'{}]+")
RETRACTION = re.compile(
    r"\b(?:scratch that|on (?:(?:second|closer|further) )?(?:second thoughts?|thoughts|second look|closer look|second reading|second glance|inspection|reflection|review)|(?:sorry,? )?i mean,?|i take (?:that|it|this) back|let me correct|i was wrong|my mistake|i meant|"
    r"i retract|i withdraw|(?:i'm|i am) withdrawing|forget (?:that|what i (?:said|wrote))|strike that|never mind|nvm|i(?:'d like to| would like to|'ll| will)? change my (?:mind|answer)|"
    r"(?:ignore|disregard) (?:that|this|the above|my (?:previous|last) answer))\b"
    r"|(?:^|[.!?;,\n-]\s*)(?:(?:no|oh|hmm|but|sorry|oops),?\s+)?"
    r"(?:wait\b(?! (?:for|until|and|&|till))|correction:|oops\b|actually,?\s)"
    r"|\b(?:that|this|the above|my|previous|which)(?: answer| choice)? (?:is|was) (?:actually )?"
    r"(?:wrong|incorrect|false|a mistake|not (?:right|correct|true|my answer|the answer))",
    re.IGNORECASE,
)
UNSEEN = re.compile(r"<!--.*?(?:-->|$)|\\[hv]?phantom\s*\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\}", re.DOTALL)
SECOND_ANSWER = re.compile(
    r"\b(?:(?:answer|diagnosis|option|choice) (?:is|should be|must be|would be)|answer\s*:|\bfinal(?: choice| verdict)?\s*:|"
    r"(?:or|alternatively|otherwise),? (?:it |it's |perhaps |maybe |possibly )*)\s*(.{1,80})",
    re.IGNORECASE,
)
NO_IT_IS = re.compile(
    r"\W*(?:no|nope|wrong|incorrect|false)[,.:;!-]*\s+(?:it|that|this|the (?:correct |right |true )?answer)(?:'s| is| was| should be)\b",
    re.I,
)
SORRY = re.compile(r"\bsorry\b|\bi mean\b", re.IGNORECASE)
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
    (tags, boxed, prose) or why there is none (empty, truncated, conflict, retracted).
    """

    text: str
    thinking: str | None = None
    answer: str | None = None
    truncated: bool = False
    n_tokens: int | None = None
    rule: str = "empty"


@lru_cache(maxsize=8)
def tag_pattern(think_tag: str, answer_tag: str) -> re.Pattern[str]:
    """Any opening or closing tag of the two."""
    both = "|".join(re.escape(tag) for tag in (think_tag, answer_tag))
    return re.compile(rf"<\s{{0,2}}(/?)\s{{0,2}}({both})(?:\s[^<>]{{0,200}})?\s{{0,2}}>", re.IGNORECASE)


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
    text = UNSEEN.sub("", text) if "<!--" in text or "\\phantom" in text else text
    parts = split(text, think_tag.lower(), answer_tag.lower())
    if parts is None or text.count("boxed") > MOST_TAGS:
        return Response(text, None, None, truncated, n_tokens, "conflict")
    cut = truncated or parts.unclosed == "think"
    if truncated and parts.unclosed == "answer":
        return Response(text, parts.thinking, None, cut, n_tokens, "truncated")  # perhaps inside a word or a number
    answer, rule = commitment(parts, cut)
    return Response(text, parts.thinking, answer, cut, n_tokens, rule)


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


def commitment(parts: Parts, cut: bool) -> tuple[str | None, str]:
    """(the committed text, rule) from the answer blocks and the text around them."""
    filled = [block.strip() for block in parts.blocks if block.strip()]
    if filled:
        return settled(agree([*filled, *boxed(parts.tail)[0]]), parts.tail, "tags")
    if parts.blocks:
        return None, "empty"
    boxes, tail = boxed(parts.outside)
    if any(box.strip() for box in boxes):
        return settled(agree([box.strip() for box in boxes if box.strip()]), tail, "boxed")
    prose = parts.outside.strip()
    if cut:
        return None, "truncated"
    return (prose, "prose") if prose and not boxes else (None, "empty")


def settled(agreed: str | None, tail: str, rule: str) -> tuple[str | None, str]:
    """The agreed answer, unless the text after it takes it back or names another."""
    if agreed is None:
        return None, "conflict"
    tail = tail[:LONGEST_TAIL]
    if tail.strip():
        if (
            RETRACTION.search(tail)
            or SORRY.search(tail)
            or ((no := NO_IT_IS.match(tail)) and (not bare(agreed).startswith("no") or YES.match(tail, no.end())))
        ):
            return None, "retracted"
        same = bare(agreed)
        if any(same not in bare(other[1]) for other in SECOND_ANSWER.finditer(tail)):
            return None, "conflict"
    return agreed, rule


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
