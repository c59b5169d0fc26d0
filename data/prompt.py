"""The words a model reads: question, options, and how to answer."""

from __future__ import annotations

from typing import Any

from data.example import Example

STYLES = ("think", "plain")

_WANTED = {"option": "the letter", "yesno": "one word", "numeric": "the number", "multi": "all letters"}


def user_text(example: Example, style: str = "think", *, think_tag: str = "think", answer_tag: str = "answer") -> str:
    """Question, one `A) text` line per option and, in style "think", a last line that names the tags."""
    if style not in STYLES:
        raise ValueError(f"prompt style {style!r} is none of {', '.join(STYLES)}")
    lines = [example.question]
    lines += [f"{letter}) {text}" for letter, text in (example.options or {}).items()]
    if style == "think":
        wanted = _WANTED.get(example.kind, "the answer")
        lines.append(f"Reason in <{think_tag}></{think_tag}>, then give {wanted} in <{answer_tag}></{answer_tag}>.")
    return "\n".join(lines)


def messages(
    example: Example, style: str = "think", *, think_tag: str = "think", answer_tag: str = "answer"
) -> list[dict[str, Any]]:
    """One user turn: an {"type": "image"} entry per picture, then the text."""
    content: list[dict[str, Any]] = [{"type": "image"} for _ in example.images]
    content.append({"type": "text", "text": user_text(example, style, think_tag=think_tag, answer_tag=answer_tag)})
    return [{"role": "user", "content": content}]
