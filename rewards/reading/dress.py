"""Answers in JSON or among Chinese words, as the plain phrase they hold."""

import json
import re

from rewards.reading.phrase_cues import FINAL_LABEL

HTML = re.compile(r"</?(?:b|i|u|p|em|strong|span|div|br|sub|sup|h\d|li|ul|ol)\b[^<>]{0,60}>", re.IGNORECASE)
CJK = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]+")
CJK_NOT_BUT = re.compile(r"不是[^,，。;]{0,80}[,，]?\s*而?是|并非[^,，。;]{0,80}[,，]?\s*而是")
CJK_DENIED = re.compile(r"不是|没有|并非|排除|不支持|非(?=\s*[A-Za-z])|无(?=\s*[A-Za-z])")


def unwrapped(text: str) -> str:
    """The answer of a JSON object, all of them where they differ, or the text."""
    text = HTML.sub(" ", text).strip() if "<" in text else text
    start, end = text.find("{"), text.rfind("}")
    if start < 0 or end < start or '"' not in text[start:end]:
        return text
    try:
        found = json.loads(text[start : end + 1])
    except (ValueError, RecursionError):
        return text
    if isinstance(found, dict):
        answers = [str(value) for key, value in found.items() if FINAL_LABEL.match(str(key).replace("_", " "))]
        return " or ".join(dict.fromkeys(answers)) if answers else text
    return text


def in_latin(text: str) -> str:
    """A Chinese text without its Chinese words where it names the thing in Latin letters; else as it is.

    >>> in_latin("诊断为 gout。"), in_latin("不是 gout,而是 sepsis"), in_latin("肺")
    ('gout', 'sepsis', '肺')
    """
    if not CJK.search(text) or not re.search(r"[A-Za-z]{2}", text):
        return text
    text = CJK_NOT_BUT.split(text)[-1]
    if CJK_DENIED.search(text):
        return "not " + CJK.sub(" ", text)
    pieces = [piece.strip(" ,.:()") for piece in CJK.split(text)]
    named = list(dict.fromkeys(piece for piece in pieces if re.search(r"[A-Za-z]{2}", piece)))
    named = [piece for piece in named if not any(piece != other and piece in other for other in named)]
    return " or ".join(named) if len(named) > 1 else named[0]
