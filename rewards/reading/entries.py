"""A list of answers in running text, bullets, a table or JSON, as its entries; what is denied or explained is none."""

import re
from collections.abc import Callable, Sequence, Set

from rewards.reading.canon import Words, canon, stems
from rewards.reading.claim import unframed
from rewards.reading.list_text import laid_open, without_remarks
from rewards.reading.listing import MARK, as_json, table

SEPARATOR = re.compile(
    r"\s*(?:[,;\n]|(?<=[a-z]{3})/(?=[a-z]{3})| / |\.(?=\s|$)|\s-\s|->|&|\+|\band\b|\bas well as\b|\bplus\b|\bund\b|"
    r"\b(?:along|together) with\b|、|和|及|以及)\s*",
    re.I,
)
REASON = re.compile(
    r"\s*(?:\b(?:because|since|due to|as (?:the|it|they)|which|that is,? (?:because|why)|caused by|given|"
    r"owing to|so that|in order)\b[^.;\n]*|,\s+(?:often|usually|mostly|sometimes)\b[^.;\n]*)",
    re.I,
)
DENIAL = re.compile(
    r"^(?:but |and |there (?:is|are) |i see )?(?:no|not(?! only)|without|never|neither|nor|absent|negative for|"
    r"denies|excluding|except|rather than|instead of)\b"
    r"|\b(?:is|are) (?:not|absent|excluded|wrong|incorrect|normal|clear|unremarkable)\b|n't\b",
    re.IGNORECASE,
)
FRAME = re.compile(
    r"^.*?(?:\b(?:is|are|was|were|includes?|comprises?|consists? of|contains?|shows?|demonstrates?|reveals?|described?|"
    r"presents? with|has|have|affects?|involves?|namely|following|both|i see|there (?:is|are)|called|"
    r"causes?|of)\b:?|[:=])\s*",
    re.IGNORECASE,
)
TAIL = re.compile(
    r"\s+(?:(?:is|are|was|were) (?:present|seen|visible|noted|set free|released|supplied|affected|involved|"
    r"correct|typical|"
    r"the|what|all|those)\b.*|(?:keep|form|supply|innervate|cause|make up|constitute|comprise)s?\b.*|"
    r"muscles?(?: (?:is|are)\b.*)?|too|also|respectively|(?:may|can|might|will|would) .*)$",
    re.I,
)
LEADING = re.compile(
    r"^(?:(?:both|the|an?|also|then|finally|first|second|third|fourth|and|plus|with|my answers?|answers?|"
    r"\d{1,2}[.)]|[A-Za-z] =)\s+)+",
    re.I,
)
EMPTY = re.compile(
    r"^(?:\W|\b(?:the|an?|of|are|is|that|all|both|three|two|four|five|classic(?:al)?|triad|signs?|"
    r"features?|symptoms|findings?|impression|answers?|"
    r"following|first(?:ly)?|second(?:ly)?|third(?:ly)?|fourth|lastly|finally|these|are|present|seen|list|in|"
    r"any order|etc)\b)*$",
    re.I,
)
# Where a text begins its list after its reasons.
ANSWER = re.compile(
    r"(?:^|\n|(?<=[.;!?])\s)\W*(?:(?:so|thus|therefore|hence|in|my|the|final|overall|correct)[\s,]+)*(?:answers?|"
    r"impression|"
    r"conclusion|diagnos[ie]s|summary|result|final list)\b\s*(?:is|are)?\s*[:,\n]|\bhence:|\btherefore:|\bthus:",
    re.IGNORECASE,
)
CAUSE = re.compile(
    r"\b(?:due to|caused by|because of|(?:compatible|consistent) with|in keeping with|suggesting|representing|"
    r"i\.e\.|that is)\s+",
    re.I,
)
SPAN = re.compile(r"\b([CTLSctls])(\d{1,2})\s?-\s?\1?(\d{1,2})\b")
NUMERAL = re.compile(r"(?:[IVX]{1,5}|\d{1,3}|[A-K]\d{0,2})")
SHARED = re.compile(
    r"^(?:the )?(cranial nerve|nerve|CN|factor|type|chromosome|vitamin|segment|hepatitis|grade|"
    r"stage)s?\s+(?=[IVX\dA-K])"
)
ROMANS = {"I": 1, "V": 5, "X": 10}
CHINESE_FRAME = re.compile(r"^(?:主要|通常|分别|答案|包括|有|是|为|即|应该|二者|两者|:)+|(?:等|。)+$")
WHERE = re.compile(r"(?:in|at|near|within|behind|between) the\b", re.IGNORECASE)  # a place at the end of a list
BOUND = re.compile(r"\s*[<>≥≤=]")
MOST = 40

Same = Callable[[str, str], bool]


def read_set(text: str, golds: Sequence[str], same: Same, question: str | None = None) -> tuple[bool, list[str], str]:
    """(whether a folded text lists exactly the golds, its entries, why).

    same: whether a phrase is a gold's.  question: its words may stand before an entry ("chromosomes 9 and 22").

    >>> read_set("Fever, dry cough and no rash", ["dry cough", "fever"], lambda said, gold: said.lower() == gold)
    (True, ['Fever', 'dry cough'], 'the same set')
    """
    text = text[last_marker(text) :]
    text = laid_open(text, golds)
    right, said, why = compared(text, golds, same, question)
    if not right and without_remarks(text, golds, lambda clause: compared(clause, golds, same, question)[0]):
        return True, list(golds), "the same set, and remarks on other things"
    return right, said, why


def compared(text: str, golds: Sequence[str], same: Same, question: str | None) -> tuple[bool, list[str], str]:
    """(whether the entries of a text are exactly the golds, the entries, why)."""
    found: dict[int, str] = {}
    extra: list[str] = []
    asked = frozenset(stems(question)) if question else frozenset()
    common = shared_words(golds)
    plain = {canon(gold): place for place, gold in enumerate(golds) if len(gold) > 1}
    for piece in pieces(text, golds):
        place = plain.get(canon(piece))
        if place is None:
            forms = forms_of(piece, asked, common)
            place = next((i for i, gold in enumerate(golds) if match(forms, gold, same)), None)
        if place is not None:
            found[place] = piece
        elif not EMPTY.match(piece) and not (len(found) > 1 and WHERE.match(piece)):
            extra.append(piece)
            break  # one too many is wrong whatever follows
    said = [*found.values(), *extra][:MOST]
    missing = [gold for i, gold in enumerate(golds) if i not in found]
    if extra:
        return False, said, f"also {extra[0][:60]!r}"
    return not missing, said, f"{missing[0]!r} is missing" if missing else "the same set"


def shared_words(golds: Sequence[str]) -> tuple[str, str]:
    """The first and the last word that all golds have: "vitamin" of vitamins A, D, E and K."""
    words = [gold.split() for gold in golds]
    if len(golds) < 2 or min(map(len, words)) < 2:
        return "", ""
    firsts, lasts = {one[0].lower() for one in words}, {one[-1].lower() for one in words}
    return (words[0][0] if len(firsts) == 1 else "", words[0][-1] if len(lasts) == 1 else "")


def match(forms: Sequence[str], gold: str, same: Same) -> bool:
    """Whether an entry, in one of its forms, is the gold."""
    if (number := numeral(gold)) and any(numeral(form) == number for form in forms):
        return True
    return any(form and same(form, gold) for form in forms)


def forms_of(piece: str, asked: Set[str] = frozenset(), shared: tuple[str, str] = ("", "")) -> list[str]:
    """An entry as it stands, without its frame, in its brackets, without words of the question, with a word that all
    golds share."""
    plain = BRACKETS.sub("", piece).strip()
    forms = [piece, plain, *BRACKETS.findall(piece), BOUND.split(plain, maxsplit=1)[0], TAIL.sub("", plain)]
    forms.append(LEADING.sub("", forms[-1]))
    forms += [*CAUSE.split(plain)[:3], unframed(plain)]
    for form in (forms[-1], plain):
        framed = FRAME.match(form)
        while framed and framed.end() < len(form):
            form = LEADING.sub("", form[framed.end() :])
            forms.append(form)
            framed = FRAME.match(form)
    short = re.split(r"[\s-]+", plain)
    if asked and 1 < len(short) < 5:
        rest = [word for word in short if not asked & {*stems(word), *stems(word + "s")}]
        forms += [rest[0]] if len(rest) == 1 and len(rest[0]) < 4 else []
    forms += [
        whole
        for form in forms[:]
        for whole in (f"{shared[0]} {form}".strip(), f"{form} {shared[1]}".strip())
        if " " not in form
    ]
    if asked and (told := FOR.match(plain)) and set(stems(told[2])) <= asked:
        forms += [told[1], f"{told[1]} {shared[1]}".strip()]  # "RSV for bronchiolitis", where it is asked
    if "cranial" in asked:
        forms += [f"cranial nerve {form}" for form in forms[:] if ROMAN.fullmatch(form)]
    forms.append(CHINESE_FRAME.sub("", plain))
    return list(dict.fromkeys(forms))


def numeral(text: str) -> int:
    """A Roman or Arabic numeral as a number, 0 for any other text."""
    text = text.strip().upper()
    if text.isdecimal() and text.isascii() and len(text) < 4:
        return int(text)
    if not text or len(text) > 5 or not set(text) <= set(ROMANS):
        return 0
    values = [ROMANS[letter] for letter in text]
    return sum(-one if one < after else one for one, after in zip(values, [*values[1:], 0], strict=True))


def sharing(entries: list[str]) -> list[str]:
    """Entries that are only numerals or letters with the noun that the first one shares with them: CN IX, X and XI."""
    noun = ""
    found = []
    for entry in entries:
        if first := SHARED.match(entry):
            noun = first[1]
        found.append(f"{noun} {entry}" if noun and not first and NUMERAL.fullmatch(entry) else entry)
    return found


def pieces(text: str, golds: Sequence[str]) -> list[str]:
    """The entries as they are written, without those that are denied and without reasons."""
    text = text[last_marker(text) :]
    listed = as_json(text) or table(text)
    marked = bullets(text)
    if listed:
        entries = listed
    elif len(marked) > 1:
        entries = [found for line in marked for found in split(first(line), golds)]
    else:
        text = SPAN.sub(spelt_out, text) if any(SPAN.fullmatch(f"{gold}-{gold[1:]}") for gold in golds) else text
        entries = split(without_reasons(GENUS.sub(r"\1 ", text), golds), golds)
    stripped = sharing([entry.strip(" .,;:\"'*") for entry in entries])
    named = {canon(gold) for gold in golds}
    return [entry for entry in stripped if entry and (not DENIAL.search(entry) or names(entry, named))][:MOST]


def names(entry: str, golds: Set[Words]) -> bool:
    """Whether an entry that begins like a denial names a gold: absent sweating (anhidrosis)."""
    return any(canon(one) in golds for one in (entry, *BRACKETS.findall(entry)))


def bullets(text: str) -> list[str]:
    """The bulleted or numbered lines of a text, without their marks."""
    lines = [line for line in text.split("\n") if line.strip()]
    return [line[found.end() :] for line in lines if (found := MARK.match(line))]


def listed_part(text: str) -> str:
    """The part of a text that lists the answers: its bulleted lines, or what follows its last marker."""
    text = text[last_marker(text) :]
    lines = bullets(text)
    return "\n".join(lines) if len(lines) > 1 else text


def spelt_out(span: re.Match[str]) -> str:
    """Every level of a span: L2-L4 as L2, L3, L4."""
    letter, low, high = span[1], int(span[2]), int(span[3])
    return ", ".join(f"{letter}{level}" for level in range(low, high + 1)) if 0 < high - low < 13 else span[0]


def without_reasons(text: str, golds: Sequence[str]) -> str:
    """A text without its reasons, but for those that name a gold: blunting due to an effusion."""
    named = [set(stems(gold)) for gold in golds]
    return REASON.sub(lambda reason: reason[0] if any(gold <= set(stems(reason[0])) for gold in named) else "", text)


def first(line: str) -> str:
    """An entry of a bulleted list without its explanation, or after its letter in a mnemonic."""
    head, *rest = re.split(r"\s-+\s|:\s|->|\.\s", REASON.sub("", GENUS.sub(r"\1 ", line)), maxsplit=1)
    return rest[0] if rest and len(head.strip(" *()[]")) == 1 else head


def last_marker(text: str) -> int:
    """Where the text after the last answer marker begins, 0 without one that has text after it."""
    ends = [found.end() for found in ANSWER.finditer(text) if text[found.end() :].strip()]
    return ends[-1] if ends else 0


def split(text: str, golds: Sequence[str]) -> list[str]:
    """A text at its separators, but neither within a gold that contains one nor within brackets."""
    kept = [gold for gold in golds if SEPARATOR.search(gold)]
    for number, gold in enumerate(kept):
        text = re.sub(re.escape(gold), f"\x00{number}\x00", text, flags=re.IGNORECASE)
    inside = BRACKETS.findall(text)
    for number, aside in enumerate(inside):
        text = text.replace(f"({aside})", f"(\x01{number}\x01)", 1)
    parts = SEPARATOR.split(GENUS.sub(r"\1 ", text))
    parts = [re.sub(r"\x01(\d+)\x01", lambda found: inside[int(found[1])], part) for part in parts]
    return [re.sub(r"\x00(\d)\x00", lambda found: kept[int(found[1])], part) for part in parts]


FOR = re.compile(r"(\S.{0,60}?) (?:for|in) (?:the )?(\S.{0,40})$")
ROMAN = re.compile(r"[IVX]{1,4}")
BRACKETS = re.compile(r"\(([^()\n]{1,200})\)")
GENUS = re.compile(r"\b([A-Z])\. (?=[a-z]{4})")
