"""The words a model reads: question, options, and how to answer.

Styles: "think" names the tags for reasoning and answer, "direct" the tag for the answer alone, "plain" asks and says no
more. "paper" lays a prompt out as MedEvalKit does, the toolkit of the Lingshu paper, and asks for the answer alone;
"reasoning" is the same text but for its last sentence, which asks for reasoning and one \\boxed{}. The layout is the
toolkit's, the wording our own. The toolkit labels options `A. text`, `A.text`, `(A) text` or not at all, by the set;
here they are `A. text` throughout, since no accuracy should hang on that.

Items whose column `language` is "zh" are asked in Chinese; "plain" has no words of its own to translate.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from data.example import Example

STYLES = ("think", "direct", "plain", "paper", "reasoning")
LAID_OUT = ("paper", "reasoning")  # as the paper's toolkit does


@dataclass(frozen=True)
class Words:
    """The words of one language.

    context, question, options: what stands before each in the paper's layout. styles: the last line of each style,
    around {wanted}. wanted: by `_task`, what is asked for; short: the same for "think" and "direct", where it is
    said in fewer words.
    """

    context: str
    question: str
    options: str
    styles: Mapping[str, str]
    wanted: Mapping[str, str]
    short: Mapping[str, str]


ENGLISH = Words(
    context="Context: ",
    question="Question: ",
    options="Options: ",
    styles={
        "think": "Reason in <{think}></{think}>, then give {wanted} in <{answer}></{answer}>.",
        "direct": "Give {wanted} in <{answer}></{answer}> at once, without reasoning.",
        "paper": "Give {wanted} and nothing else.",
        "reasoning": "Reason step by step, then give {wanted} in one \\boxed{{}}.",
    },
    wanted={
        "option": "the letter of the right option",
        "multi": "the letters of all right options",
        "list": "all right answers, separated by commas,",
        "ranked": "a ranked list, the likeliest first, one entry a line,",
        "yesno": "yes or no",
        "maybe": "yes, no or maybe",
        "numeric": "the number, with its unit if it has one,",
        "box": "every box as [x1, y1, x2, y2]",
        "report": "the report as `Findings: ... Impression: ...`",
        "closed": "a single word or phrase",
        "open": "a concise answer",
    },
    short={
        "option": "the letter",
        "multi": "all letters",
        "yesno": "one word",
        "maybe": "one word",
        "numeric": "the number",
        "closed": "the answer",
        "open": "the answer",
        "reply": "your reply",
    },
)
CHINESE = Words(
    context="背景：",
    question="问题：",
    options="选项：",
    styles={
        "think": "先在<{think}></{think}>中推理，再在<{answer}></{answer}>中给出{wanted}。",
        "direct": "不要推理，立即在<{answer}></{answer}>中给出{wanted}。",
        "paper": "只给出{wanted}，不要输出其他内容。",
        "reasoning": "先逐步推理，再在一个\\boxed{{}}中给出{wanted}。",
    },
    wanted={
        "option": "正确选项的字母",
        "multi": "所有正确选项的字母",
        "list": "所有正确答案（以逗号分隔）",
        "ranked": "按可能性从高到低排列的列表（每行一项）",
        "yesno": "“是”或“否”",
        "maybe": "“是”、“否”或“不确定”",
        "numeric": "数值（有单位时附上单位）",
        "box": "所有框的坐标[x1, y1, x2, y2]",
        "report": "报告，格式为“Findings: ... Impression: ...”",
        "closed": "一个词或短语",
        "open": "简短的答案",
    },
    short={"reply": "你的回复"},
)


def user_text(example: Example, style: str = "think", *, think_tag: str = "think", answer_tag: str = "answer") -> str:
    """The whole prompt as one text: the turns before the question (column `history`) with their roles, if there are
    any, then the question's turn."""
    text = _turn(example, style, think_tag, answer_tag)
    said = [f"{turn['role']}: {turn['content']}" for turn in example.meta.get("history") or ()]
    return "\n\n".join([*said, f"user: {text}"]) if said else text


def messages(
    example: Example, style: str = "think", *, think_tag: str = "think", answer_tag: str = "answer"
) -> list[dict[str, Any]]:
    """The turns before the question, then one user turn: an {"type": "image"} entry per picture, then the text.

    Several pictures in the paper's layout are numbered by a text before each.
    """
    history = [
        {"role": turn["role"], "content": [{"type": "text", "text": turn["content"]}]}
        for turn in example.meta.get("history") or ()
    ]
    text = _turn(example, style, think_tag, answer_tag)
    content = [*_pictures(len(example.images), style), {"type": "text", "text": text}]
    return [*history, {"role": "user", "content": content}]


def _pictures(n: int, style: str) -> list[dict[str, Any]]:
    if n < 2 or style not in LAID_OUT:
        return [{"type": "image"} for _ in range(n)]
    parts = ([{"type": "text", "text": f"<image_{i}>: "}, {"type": "image"}] for i in range(1, n + 1))
    return [part for pair in parts for part in pair]


def _turn(example: Example, style: str, think_tag: str, answer_tag: str) -> str:
    """The question's turn: what it refers to (column `context`), the question, its options, how to answer."""
    if style not in STYLES:
        raise ValueError(f"prompt style {style!r} is none of {', '.join(STYLES)}")
    words = CHINESE if example.meta.get("language") == "zh" else ENGLISH
    last = _instruction(example, style, words).format(think=think_tag, answer=answer_tag)
    context, options = example.meta.get("context"), example.options or {}
    if style in LAID_OUT and options:
        asked = ["", words.question + example.question, words.options]
    else:
        asked = [example.question]
    label = "{}. {}" if style in LAID_OUT else "{}) {}"
    before = [(words.context if style in LAID_OUT else "") + context] if context else []
    return "\n".join([*before, *asked, *(label.format(*option) for option in options.items()), *filter(None, [last])])


def _instruction(example: Example, style: str, words: Words) -> str:
    """The last line, with the tags still open; none in "plain", and none for a turn of a conversation in the paper's
    layout, whose reply is the answer whole."""
    task = _task(example)
    if style == "plain" or (task == "reply" and style in LAID_OUT):
        return ""
    wanted = words.wanted if style in LAID_OUT else {**words.wanted, **words.short}
    return words.styles[style].replace("{wanted}", wanted[task])


def _task(example: Example) -> str:
    """What is asked for: the kind, and within `multi`, `yesno` and `text` which form of it."""
    meta = example.meta
    if meta.get("rubrics") is not None:
        return "reply"
    if example.kind == "multi" and not example.options:
        return "list"
    if example.kind == "yesno" and "maybe" in (example.answer, *(meta.get("distractors") or ())):
        return "maybe"
    if example.kind == "text":
        return "closed" if meta.get("form") == "closed" else "open"
    return example.kind
