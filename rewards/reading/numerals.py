"""Numbers as they are written: digits, words, Chinese numerals, LaTeX; made into plain digits in a folded text."""

import re

from rewards.reading.amounts import unit_of

LATEX = (
    (re.compile(r"\\[dt]?frac\s*\{\s*([-\d.,]+)\s*\}\s*\{\s*([-\d.,]+)\s*\}"), r"\1/\2"),
    (re.compile(r"\\[dt]?frac\s*(\d)\s*(\d)"), r"\1/\2"),
    (re.compile(r"\\(?:approx|simeq|cong|sim)(?![a-z])"), "≈"),
    (re.compile(r"\\(?:leq?|leqslant)(?![a-z])"), "≤"),
    (re.compile(r"\\(?:geq?|geqslant)(?![a-z])"), "≥"),
    (re.compile(r"\\lt(?![a-z])"), "<"),
    (re.compile(r"\\gt(?![a-z])"), ">"),
    (re.compile(r"\\neq?(?![a-z])"), " not "),
    (re.compile(r"\\(?:to|(?:long)?rightarrow|Rightarrow|implies)(?![a-z])"), "→"),
    (re.compile(r"\s*(?:\^\s*\{?\s*\\circ\s*\}?|\\degree|\\textdegree)(?![a-z])"), "°"),
    (re.compile(r"\\div(?![a-z])"), "÷"),
    (re.compile(r"\\(?:left|right|quad|qquad|displaystyle)(?![a-z])|\\[;:! ]"), " "),
    (re.compile(r"\{,\}"), ","),
    (re.compile(r"\\([{}%&_#])"), r"\1"),
    (re.compile(r"\^\{([-+]?\d+)\}"), r"^\1"),
)
SIGNS = (
    ("<=", "≤"), (">=", "≥"), ("+/-", "±"), ("+-", "±"), ("=>", "→"), ("-->", "→"), ("->", "→"), ("⁄", "/"),
    ("≠", " not "), ("≃", "≈"), ("≅", "≈"), ("⇒", "→"), ("&plusmn;", "±"), ("º", "°"), ("≦", "≤"),
    ("≧", "≥"), ("∼", "~"),
)  # fmt: skip
QUOTED_BOUND = re.compile(r"^\s{0,3}[>\uff1e]\s*(?=[-+]?[\d.])", re.MULTILINE)
VULGAR = str.maketrans(
    {"½": ".5", "¼": ".25", "¾": ".75", "⅛": ".125", "⅜": ".375", "⅝": ".625", "⅞": ".875", "⅕": ".2", "⅖": ".4",
     "⅗": ".6", "⅘": ".8"}
)  # fmt: skip
MICRO = re.compile(r"(?<=[/\d ])u (?=(?:[Lgml]|mol|I?U)\b)")  # LaTeX's \\mu L
ODD = re.compile(r"[^\x00-\x7f]|<=|>=|\+/?-|[=-]>")
DECIMAL_COMMA = re.compile(r"(?<![\d.,])(\d+),(\d{1,2}|\d{4,})(?![\d,])|(?<![\d.,])(0),(\d+)(?![\d,])")
EUROPEAN = re.compile(r"(?<![\d.,])(\d{1,3}(?:\.\d{3}){1,6}),(\d+)(?![\d,])")
MIXED = re.compile(r"(?<![\w./])(\d{1,3}) (\d)/(\d)(?!\d)")
SHORT_DURATION = re.compile(
    r"(?<![\w./])(\d{1,2})\s?(?:w(?:ee)?ks?|w)?\s?(?:\+|,|and)?\s?(?:\+\s?)?([0-6])\s?/\s?7(?:\s?(?:w(?:ee)?ks?|w)\b)?"
    r"|(?<![\w./])(\d{1,2})\s?\+\s?([0-6])\s?(?:w(?:ee)?ks?|w)\b"
    r"|(?<![\w./])(\d{1,2})\s?w(?:(?:ee)?ks?)?\s?[+,]?\s?([0-6])\s?d(?:ays?)?\b",
    re.IGNORECASE,
)
MINUS = re.compile(
    r"\b(?:minus|negative(?: (?:balance|value))?(?: (?:by|of|at))?)\s+(?:about\s)?(?=\.?\d)", re.IGNORECASE
)

UNITS = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"
)  # fmt: skip
TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
SMALL = {word: value for value, word in enumerate(UNITS)} | {word: 10 * place for place, word in enumerate(TENS, 2)}
GROUPS = {"dozen": 12, "hundred": 100, "thousand": 1000, "million": 1_000_000}
POWERS = {"hundred": 2, "thousand": 3, "k": 3, "million": 6, "billion": 9}
GROUPED = re.compile(r"(?<=\d)[ -](hundred|thousand|million|billion)\b|(?<=\d)(k)(?=[\s.,;)]|$)", re.IGNORECASE)
_SMALL = "|".join(sorted(SMALL, key=len, reverse=True))
WORDS = re.compile(
    rf"\b(?:(?:{_SMALL})|an? (?:dozen(?! or so)|hundred|thousand|million))"
    rf"(?:[ -](?:and[ -])?(?:{_SMALL}|dozen|hundred|thousand|million)(?![a-z])){{0,9}}"
    rf"(?:[ -]point(?:[ -](?:{_SMALL})\b){{1,6}})?\b"
    r"(?: and an? (?:half|quarter))?",
    re.IGNORECASE,
)
HALF = re.compile(
    r"\b(?:one[ -]|a )?half(?: of)?(?: an?)?\b(?!-)|\b(?:(?:a|one)[ -]quarter|three[ -]quarters)(?: of)?(?: an?)?\b",
    re.I,
)
NO_NUMBER = re.compile(r"(?:\b(?:no|this|that|the|any|every|each|which|some|not)\s|[a-z]-)$", re.IGNORECASE)
NO_ONE = re.compile(r"\s*(?:of|or more|another|should|can|must|would|could|may|hand|cannot)\b|-\w", re.IGNORECASE)
BESIDE_DIGITS = re.compile(
    r"\s*(?:\(\s*\d|in (?:all|total)\b|altogether\b|-?(?:points?|weeks?|days?|months?|years?|hours?|minutes?)\b)",
    re.IGNORECASE,
)
SHARE = re.compile(r"\s(?:out of|of|in|per)\b(?! (?:all|total)\b)", re.IGNORECASE)  # six out of ten, two in segment 7
STATED = re.compile(
    r"(?:^\W*|\b(?:is|are|was|were|be|has|have|shows?|gives?|giving|makes?|making|yields?|leaves?|leaving|"
    r"equals?|totals?|"
    r"totall?ing|scores?|scored|answer|about|exactly|(?<!out )of|to|so|"
    r"thus|hence|therefore|i\.e\.|or),?\s+|[=:→≈]\s*)$",
    re.IGNORECASE,
)
SPOKEN_UNIT = r"(?:minute|hour|day|week|fortnight|month|year|lit(?:er|re)|gram|tablet|ampoule|vial|point)s?"
AND_HALF = re.compile(rf"\b(\d+) ({SPOKEN_UNIT}) and an? (half|quarter)\b", re.IGNORECASE)
ARTICLE = re.compile(
    rf"^(\W*(?:(?:about|approximately|roughly|it is|for|the answer is) )*)an? (?={SPOKEN_UNIT}\b)", re.IGNORECASE
)
CLOCK = re.compile(r"(?<![\d:.])(\d{1,2}):([0-5]\d) ?(?:h|hrs?|hours?)\b(?!\w)", re.IGNORECASE)

HAN_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0}
HAN_GROUPS = {"十": 10, "百": 100, "千": 1000, "万": 10_000}
HAN = re.compile("负?[零〇一二两三四五六七八九十百千万]{1,12}(?:点[零〇一二三四五六七八九]{1,6})?")
HAN_ALONE = re.compile(r"^\W*$|[是为:=有约得共凝]\s*$")
HAN_UNITS = (
    ("毫米汞柱", "mmHg"), ("毫摩尔", "mmol"), ("微摩尔", "umol"), ("纳克", "ng"), ("微克", "ug"), ("毫克", "mg"),
    ("千克", "kg"), ("公斤", "kg"), ("克", "g"), ("微升", "uL"), ("毫升", "mL"), ("分升", "dL"), ("厘米", "cm"),
    ("毫米", "mm"), ("公分", "cm"), ("升", "L"), ("米", "m"), ("摄氏度", "°C"), ("小时", "h"), ("分钟", "min"),
    ("每分", "/min"), ("次/分", "/min"), ("秒", "s"), ("个月", "months"), ("月龄", "months"), ("周岁", "years"),
    ("岁", "years"), ("星期", "weeks"), ("周", "weeks"), ("天", "days"), ("单位", "U"), ("毫当量", "mEq"),
)  # fmt: skip
HAN_UNIT = re.compile("(?<=[0-9/a-zA-Z ])(?:" + "|".join(name for name, _ in HAN_UNITS) + r"|(?<!\d{4})年)")
HAN_HALF = re.compile(r"(?<![\d.])(\d+)(年|个月|小时|天|周)半"), re.compile("半(?=年|个?小时|个月|天|片)")
CJK = re.compile("[\u4e00-\u9fff]")


def unambiguous(text: str) -> str:
    """A raw text in which folding will not change a number: 1½ would become 11/2, and "> 5" a quotation.

    >>> unambiguous("1½ tablets"), unambiguous("> 5")
    ('1.5 tablets', 'more than 5')
    """
    if ">" in text or "\uff1e" in text:
        text = QUOTED_BOUND.sub("more than ", text)
    return text if text.isascii() else text.translate(VULGAR)


def digits(text: str) -> str:
    r"""A folded text with its numbers in plain digits, decimal points, and signs for words such as "minus".

    >>> digits("twenty-one days"), digits("2,5 mg"), digits(r"\frac{1}{4}"), digits("三十七点五摄氏度")
    ('21 days', '2.5 mg', '1/4', '37.5 °C ')
    """
    if "\\" in text or "{" in text:
        for pattern, plain in LATEX:
            text = pattern.sub(plain, text)
    if "u " in text:
        text = MICRO.sub("u", text)
    if ODD.search(text):
        for sign, plain in SIGNS:
            text = text.replace(sign, plain)
        if CJK.search(text):
            text = from_han(text)
    if "," in text:
        text = EUROPEAN.sub(lambda match: match[1].replace(".", "") + "." + match[2], text)
        text = DECIMAL_COMMA.sub(lambda match: f"{match[1] or match[3]}.{match[2] or match[4]}", text)
    text = GROUPED.sub(lambda match: f" x 10^{POWERS[(match[1] or match[2]).lower()]}", text)
    return compact(MINUS.sub("-", from_words(text)))


def compact(text: str) -> str:
    """Mixed fractions and obstetric weeks ("26+3 weeks", "26 3/7") in plain form.

    >>> compact("26 3/7 weeks"), compact("1 1/2")
    ('26 weeks 3 days', '1.5')
    """
    if ":" in text:
        text = CLOCK.sub(lambda m: f"{m[1]} h {int(m[2])} min", text)
    if "/" in text or "+" in text or "w" in text:
        text = SHORT_DURATION.sub(lambda m: "{} weeks {} days".format(*(g for g in m.groups() if g)), text)
        text = MIXED.sub(lambda m: f"{int(m[1]) + int(m[2]) / max(1, int(m[3])):.10g}", text)
    return text


def from_words(text: str) -> str:
    """Number words as digits; beside digits only those with a unit or a verb, as in "twelve (12)", "is four"."""
    mixed = any(char.isdigit() for char in text)

    def number(match: re.Match[str]) -> str:
        if mixed and not (BESIDE_DIGITS.match(text, match.end()) or unit_of(text[match.end() : match.end() + 40])[0]):
            stated = (
                not SHARE.match(text, match.end())
                and match[0].lower() != "one"
                and (value_of(match[0]) > len(UNITS) or STATED.search(text[max(0, match.start() - 12) : match.start()]))
            )
            if not stated:
                return match[0]
        before = NO_NUMBER.search(text[max(0, match.start() - 8) : match.start()])
        if match[0].lower() == "one" and (before or NO_ONE.match(text, match.end())):
            return match[0]
        return f"{value_of(match[0]):.10g}"

    if not mixed:
        text = ARTICLE.sub(r"\g<1>1 ", text)
    text = AND_HALF.sub(lambda m: f"{m[1]}{'.5' if m[3].lower() == 'half' else '.25'} {m[2]}", WORDS.sub(number, text))
    return text if mixed else HALF.sub(halved, text)


def halved(match: re.Match[str]) -> str:
    """ "half a", "a quarter", "three quarters" as digits."""
    said = match[0].lower()
    return "0.75" if said.startswith("three") else "0.25" if "quarter" in said else "0.5"


def value_of(words: str) -> float:
    """The value of a run of number words.

    >>> value_of("one hundred and twenty-one"), value_of("seven point three six"), value_of("a hundred")
    (121.0, 7.36, 100.0)
    """
    whole, _, places = words.lower().replace("-", " ").partition(" point ")
    rest = 0.5 if whole.endswith(" half") else 0.25 if whole.endswith(" quarter") else 0.0
    total, group = 0, 0
    for word in re.sub(r" and an? (?:half|quarter)$", "", whole).split():
        if word in SMALL:
            group += SMALL[word]
        elif word in GROUPS:
            group = max(group, 1) * GROUPS[word]
            if word in ("thousand", "million"):
                total, group = total + group, 0
    shown = "".join(str(SMALL[word]) for word in places.split())
    return total + group + (float(f"0.{shown}") if shown else rest)


def from_han(text: str) -> str:
    """Chinese numerals and units as digits and symbols."""

    def number(match: re.Match[str]) -> str:
        if len(match[0]) == 1 and not HAN_ALONE.search(text[: match.start()][-3:]):
            return match[0]
        return f"{han_value(match[0]):.10g}"

    names = {**dict(HAN_UNITS), "年": "years"}
    text = HAN_HALF[1].sub("0.5", HAN_HALF[0].sub(r"\1.5\2", HAN.sub(number, text)))
    return HAN_UNIT.sub(lambda match: f" {names[match[0]]} ", text).replace("/ ", "/").replace(" /", "/")


def han_value(text: str) -> float:
    """The value of a Chinese numeral.

    >>> han_value("三百二十一"), han_value("十二"), han_value("负七点三")
    (321.0, 12.0, -7.3)
    """
    whole, _, places = text.lstrip("负").partition("点")
    total, digit = 0.0, 0
    for char in whole:
        if char == "万":
            total, digit = (total + digit) * 10_000, 0
        elif char in HAN_GROUPS:
            total, digit = total + (digit or 1) * HAN_GROUPS[char], 0
        else:
            digit = digit * 10 + HAN_DIGITS[char]  # also 一二三 for 123
    value = total + digit + (float("0." + "".join(str(HAN_DIGITS[char]) for char in places)) if places else 0.0)
    return -value if text.startswith("负") else value
