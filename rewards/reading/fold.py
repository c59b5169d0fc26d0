"""Text as a reader sees it: Unicode, look-alike letters, invisible marks, markdown and LaTeX dress folded away."""

import re
import unicodedata
from importlib import import_module
from typing import Any

# Letters of other scripts that print like Latin ones (Unicode TR39 confusables, the common part).
LOOKALIKE = str.maketrans(
    "АВЕКМНОРСТХУІЈЅаеорсухіјѕԁԛԝΑΒΕΖΗΙΚΜΝΟΡΤΥΧο",
    "ABEKMHOPCTXYIJSaeopcyxijsdqwABEZHIKMNOPTYXo",
)
TYPOGRAPHY = str.maketrans(
    {"−": "-", "–": "-", "—": "-", "‑": "-", "‐": "-", "’": "'", "‘": "'", "“": '"', "”": '"', "。": ".", "、": ",",
     "；": ";", "µ": "u", "μ": "u", "×": "x", "·": "*", "⋅": "*", "\u00a0": " "}
)  # fmt: skip
INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]"
)
RAISED = re.compile("[⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺]+")  # NFKC alone would make 10⁹ into 109
LATEX_WRAP = re.compile(r"\\(?:text(?:bf|it|rm|tt)?|math(?:rm|bf|it|sf)|boxed|fbox|emph|operatorname)\s*\{([^{}]*)\}")
LATEX_SIGNS = (("\\times", "x"), ("\\cdot", "*"), ("\\%", "%"), ("\\mu", "u"), ("\\pm", "±"), ("\\,", " "))
LATEX_FENCE = re.compile(r"\\[()\[\]]|\$")
MARKDOWN = re.compile(r"\*\*|__|~~|`+|^\s{0,3}#{1,6}\s+|^\s{0,3}>\s+", re.MULTILINE)
STARS = re.compile(r"(?<![\w*])\*(?=\S)([^*\n]{1,200})(?<=\S)\*(?![\w*])")
STRUCK = re.compile(r"~~[^~\n]{1,300}~~|<(s|del|strike)>[^<]{0,300}</\1>")  # a reader takes it for not there
SPACES = re.compile(r"[ \t\r\f\v]+")


def fold(text: str) -> str:
    """The visible text: NFKC, look-alikes as Latin, no invisible marks, no markdown or LaTeX dress; case is kept.

    >>> fold("**\\\\text{В}** \\u200b lu\\u00adng")
    'B lung'
    """
    if not text.isascii():
        text = INVISIBLE.sub("", text)
        text = RAISED.sub(lambda match: "^" + unicodedata.normalize("NFKC", match[0]), text)
        text = unicodedata.normalize("NFKC", text).translate(TYPOGRAPHY)
        text = text.translate(LOOKALIKE)
    if "\\" in text or "$" in text:
        text = unlatex(text)
    if "~~" in text or "<" in text:
        text = STRUCK.sub("", text)
    if "*" in text:
        text = STARS.sub(r"\1", text)
    text = SPACES.sub(" ", MARKDOWN.sub("", text))
    return text.strip()


def unlatex(text: str) -> str:
    """LaTeX wrappers and fences removed, inner to outer, at most 4 deep."""
    for _ in range(4):
        text, count = LATEX_WRAP.subn(r"\1", text)
        if not count:
            break
    text = LATEX_FENCE.sub("", text)
    for sign, plain in LATEX_SIGNS:
        text = text.replace(sign, plain)
    return text


def __getattr__(name: str) -> Any:  # for readers that still import canon from here; it needs fold itself
    if name != "canon":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return import_module("rewards.reading.canon").canon
