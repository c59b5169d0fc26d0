"""Text as a reader sees it: Unicode, look-alike letters, invisible marks, markdown and LaTeX dress folded away."""

import re
import unicodedata

# Letters of other scripts that print like Latin ones (Unicode TR39 confusables, the common part), and letters in
# boxes, circles and flags that NFKC leaves alone.
LOOKALIKE = str.maketrans(
    "АВЕЅКМНОРСТХУІЈЅаеорсухіјѕһԁԛԝΑΒΕΖΗΙΚΜΝΟΡΤΥΧοᎪᏴᏟᎠᎬᎻᎫᏦᏞᎷᏢᎡᎢᏙᏔᏃꓐꓚꓓꓰꓖꓧꓙꓗꓡꓟꓠꓳꓑꓣꓢꓔꓦꓪꓫꓬꓮꓲᴀʙᴄᴅᴇɢʜɪᴊᴋʟᴍɴᴏᴘʀᴛᴜᴠᴡʏᴢ",
    "ABESKMHOPCTXYIJSaeopcyxijshdqwABEZHIKMNOPTYXoABCDEHJKLMPRTVWZBCDEGHJKLMNOPRSTVWXYAIABCDEGHIJKLMNOPRTUVWYZ",
)
LOOKALIKE |= {start + i: chr(65 + i) for start in (0x1F150, 0x1F170, 0x1F1E6) for i in range(26)}
TYPOGRAPHY = str.maketrans(
    {"−": "-", "–": "-", "—": "-", "‑": "-", "‐": "-", "’": "'", "‘": "'", "“": '"', "”": '"', "。": ". ", "、": ", ",
     "；": "; ", "，": ", ", "：": ": ", "！": "! ", "？": "? ", "「": '"', "」": '"', "《": '"', "》": '"', "【": "[",
     "】": "]", "µ": "u", "μ": "u", "×": "x", "·": "*", "⋅": "*", "\u00a0": " ", "→": "->", "⇒": "->", "➔": "->"}
)  # fmt: skip
INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff"
    "\U000e0000-\U000e0fff]"
)
STRUCK = re.compile("(?:.[\u0335-\u0338])+", re.DOTALL)
MARKS = re.compile("[\u0300-\u036f\u1ab0-\u1aff\u20d0-\u20ff]")  # what NFKC could not join to a letter
RAISED = re.compile("[⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺]+")  # NFKC alone would make 10⁹ into 109
LATEX_WRAP = re.compile(
    r"\\(?:text(?:bf|it|rm|tt|sf|normal)?|math(?:rm|bf|it|sf|tt)|bm|boxed|fbox|emph|underline|operatorname|mbox"
    r"|(?:text)?color\s*\{[^{}]*\})\s*\{([^{}]*)\}"
)
LATEX_SIGNS = (
    ("\\times", "x"), ("\\cdot", "*"), ("\\%", "%"), ("\\mu", "u"), ("\\pm", "±"), ("\\,", " "), ("\\;", " "),
    ("\\:", " "), ("\\!", ""), ("\\ ", " "), ("\\approx", "≈"), ("\\geq", "≥"), ("\\leq", "≤"), ("\\ge", "≥"),
    ("\\le", "≤"), ("\\rightarrow", "->"), ("\\to", "->"), ("\\Rightarrow", "->"), ("^\\circ", "°"),
    ("^{\\circ}", "°"), ("\\degree", "°"), ("\\quad", " "),
)  # fmt: skip
LATEX_FENCE = re.compile(r"\\[()\[\]]|\$")
LATEX_STRUCK = re.compile(r"\\(?:sout|st|cancel|xcancel|bcancel)\s*\{[^{}]*\}")
BRACED = re.compile(r"(?<![\w^_{}])\{([^{}]*)\}")
HIDDEN = re.compile(
    r"<(\w+)\b[^<>]*(?:display\s*:\s*none|visibility\s*:\s*hidden|\bhidden\b|font-size\s*:\s*0)[^<>]*>.*?(?:</\1>|$)",
    re.I | re.S,
)
HTML = re.compile(r"<!--.*?(?:-->|$)|<(del|s|strike)>.*?</\1>|</?(?:b|i|em|strong|u|p|span|sup|sub|mark|"
                  r"font|div|h[1-6]|br|hr|code|li|ul|ol)\b[^<>]{0,200}>",
                  re.IGNORECASE | re.DOTALL)  # fmt: skip
ENTITIES = (("&nbsp;", " "), ("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&#39;", "'"), ("&amp;", "&"))
FOOTNOTE = re.compile(r"^\s{0,3}\[\^[^\]\n]{1,20}\]:[^\n]*|\[\^[^\]\n]{1,20}\]", re.MULTILINE)
LINK = re.compile(r"!?\[([^\[\]\n]{1,200})\]\([^()\n]{1,300}\)")
STRIKE = re.compile(r"~~(?=\S)[^~\n]{1,300}~~")
MARKDOWN = re.compile(r"\*\*|__|~~|`+|^\s{0,3}#{1,6}\s+|^\s{0,3}>\s?", re.MULTILINE)
STARS = re.compile(r"(?<![\w*])\*(?=\S)([^*\n]{1,200})(?<=\S)\*(?![\w*])")
UNDERLINES = re.compile(r"(?<![\w_])_(?=\S)([^_\n]{1,200})(?<=\S)_(?![\w_])")
SPACES = re.compile(r"[ \t\r\f\v]+")
DRESSED = re.compile(r"[^A-Za-z0-9 .,()-]")  # text without any such character needs no undressing


def fold(text: str) -> str:
    """The visible text: NFKC, look-alikes as Latin, no invisible marks, no markdown, HTML or LaTeX dress; case is kept.
    What is struck out is not there.

    >>> fold("**\\\\text{В}** \\u200b lu\\u00adng"), fold("~~A~~ B <!-- C -->")
    ('B lung', 'B')
    """
    if text.isascii() and not DRESSED.search(text):
        return SPACES.sub(" ", text).strip()
    if not text.isascii():
        text = unicode_fold(text)
    if "\\" in text or "$" in text:
        text = unlatex(text)
    if "<" in text:
        text = HIDDEN.sub("", text)
        text = HTML.sub(lambda tag: "\n" if tag[0][:3].lower() in ("<br", "<li", "<p>", "<hr") else "", text)
    if "&" in text:
        for entity, sign in ENTITIES:
            text = text.replace(entity, sign)
    text = STRIKE.sub("", text) if "~~" in text else text
    if "[^" in text:
        text = FOOTNOTE.sub("", text)
    if "](" in text:
        text = LINK.sub(r"\1", text)
    if "*" in text:
        text = STARS.sub(r"\1", text)
    text = SPACES.sub(" ", MARKDOWN.sub("", text))
    if "_" in text:
        text = UNDERLINES.sub(r"\1", text)
    return text.strip()


def unicode_fold(text: str) -> str:
    """One character for all that look the same; nothing for what is not seen or is struck out."""
    text = STRUCK.sub("", INVISIBLE.sub("", text))
    text = RAISED.sub(lambda match: "^" + unicodedata.normalize("NFKC", match[0]), text)
    text = text.translate(TYPOGRAPHY)
    text = unicodedata.normalize("NFKC", text).translate(TYPOGRAPHY)
    return MARKS.sub("", text).translate(LOOKALIKE)


def unlatex(text: str) -> str:
    """LaTeX wrappers and fences removed, inner to outer, at most 4 deep."""
    text = LATEX_STRUCK.sub("", text)
    for _ in range(4):
        text, count = LATEX_WRAP.subn(r"\1", text)
        if not count:
            break
    text = LATEX_FENCE.sub("", text)
    for sign, plain in LATEX_SIGNS:
        text = text.replace(sign, plain)
    return BRACED.sub(r"\1", text)
