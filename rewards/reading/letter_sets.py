"""Which set of options a text commits to, by letters or by their texts."""

import json
import re
from collections.abc import Mapping

from rewards.reading.canon import stems
from rewards.reading.option import read_option
from rewards.reading.option_mentions import mentions, unlisted
from rewards.reading.option_words import LETTERS, texts
from rewards.reading.prose import declines
from rewards.reading.stance import CLOSING, LEAD, STATED, Mention, placed

PREFIX = re.compile(
    r"\W*(?:(?:the|my)\s+)?(?:(?:correct|right|final)\s+)?(?:[A-Za-z]+s|option|choice|answer)(?:\s+(?:is|"
    r"are)\b)?\s*:?\s+",
    re.I,
)
GAPS = re.compile(r"[\s,;/&+|()\[\]{}.:\"'*-]+|\band\b|[和、及与]", re.IGNORECASE)
TOGETHER = re.compile(
    r"(?:(?:options?|choices?|answers?|答案|正确答案|选)(?:是|为)?\s*:?\s*)?[(\[]?([A-Z]{2,26})[)\]]?\W*", re.IGNORECASE
)
MARKED_RUN = re.compile(r"(?:答案(?:是|为)?|故?选|应选|\b(?i:answers?)(?: is| are)?)\s*:?\s*([A-Z]{2,26})(?![A-Za-z])")
LINE = re.compile(
    r"\W*([A-Za-z])(?:[).:\]]|\s-)[^\n]{0,80}?\b(yes|no|true|false|correct|incorrect|right|wrong)\W*$|"
    r"\W*([A-Za-z])\W{1,4}([✓✔✅✗✘❌✖])",
    re.I,
)
ALL_BUT = re.compile(r"\b(?:all|every(?:thing|one)?)\b(?: (?:of )?(?:them|these|the (?:above|options)|"
                     r"options|are correct|above))?,? "
                     r"(?:except|but|other than|apart from|save)(?: for)?\b(?P<rest>[^.;\n]*)", re.I)  # fmt: skip
ALL = re.compile(
    r"\W*(?:all(?: (?:of )?(?:the above|them|these|options|the options))?|everything)(?: (?:is|"
    r"are) (?:correct|right|true))?\W*",
    re.I,
)
MORE = re.compile(
    r"\b(?:every|any|all)(?: the)? (?:other|further|remaining|rest)|\b(?:etc|and so on|and more|"
    r"among others|whatever)\b",
    re.I,
)
OR = re.compile(r"\b(?:or|either|maybe|perhaps|optional(?:ly)?|possibly)\b|或", re.IGNORECASE)


def read_letters(text: str, options: Mapping[str, str]) -> tuple[frozenset[str] | None, str]:
    """(the letters a folded text commits to, why); None where it commits to none, or offers alternatives.

    >>> options = dict(zip("ABCD", ("fever", "rash", "cough", "pain")))
    >>> texts = "ACD", "Fever and cough", "A, not B, and D", "A or B"
    >>> [sorted(read_letters(text, options)[0] or "-") for text in texts]
    [['A', 'C', 'D'], ['A', 'C'], ['A', 'D'], ['-']]
    """
    known = set(options) or set(LETTERS)
    prefix = PREFIX.match(text)
    for listed in (text, text[prefix.end() :] if prefix else ""):
        bare = [piece for piece in GAPS.split(listed[:200]) if piece]
        if (
            bare
            and len(listed) < 200
            and all(len(piece) == 1 and piece.isascii() and piece.isalpha() for piece in bare)
        ):
            found = frozenset(map(str.upper, bare))
            return (found, "letters") if found <= known else (None, "a letter out of range")
    if (run := TOGETHER.fullmatch(text)) and set(run[1].upper()) <= known and len(set(run[1])) == len(run[1]):
        return frozenset(run[1].upper()), "letters"
    if (marked := MARKED_RUN.findall(text)) and set(marked[-1]) <= known:
        return frozenset(marked[-1]), "letters"
    if (told := by_truth(text)) is not None:
        return told, "true and false"
    if options and (told := by_number(text, options)):
        return told, "numbers"
    if ALL.fullmatch(text) and options:
        return frozenset(options), "all"
    choices = texts(tuple(options.items()))
    if options and (rest := ALL_BUT.search(text)) and (left := read_option(rest["rest"].strip(), options).value):
        return frozenset(set(options) - {left}), f"all but {left}"
    found = chosen(text, unlisted(placed(text, mentions(text, choices)), ordered=False))
    if found is None:
        return None, "alternatives" if OR.search(text) else "no option is named"
    if MORE.search(text):
        return None, "the set is left open"
    if declines(text):
        return None, "the text declines to answer"
    return (found, "options") if found <= known else (None, "a letter out of range, or with another option's text")


def by_truth(text: str) -> frozenset[str] | None:
    """The letters that a JSON object, or a line each, calls true."""
    if not text.startswith("{"):
        lines = [LINE.match(line) for line in text.split("\n") if line.strip()]
        if len(lines) < 2 or not all(lines):
            return None
        said = [(match[1] or match[3], (match[2] or match[4]).lower()) for match in lines if match]
        return frozenset(
            letter.upper()
            for letter, verdict in said
            if verdict in ["yes", "true", "correct", "right", "✓✔✅"] or verdict in "✓✔✅"
        )
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict) or not all(
        len(key) == 1 and isinstance(value, bool) for key, value in found.items()
    ):
        return None
    return frozenset(key.upper() for key, value in found.items() if value)


def by_number(text: str, options: Mapping[str, str]) -> frozenset[str] | None:
    """The letters of options that differ in a number only, as in "factors 2, 7 and 10"."""
    names = {letter: stems(option) for letter, option in options.items()}
    common = set.intersection(*map(set, names.values()))
    numbers = {" ".join(word for word in name if word not in common): letter for letter, name in names.items()}
    said = [word for word in stems(f"{' '.join(common)} {text}") if word not in common and word not in ("and", "or")]
    if not common or len(numbers) < len(options) or not all(number.isdigit() for number in numbers):
        return None
    said = [stems(f"{next(iter(common))} {word}")[-1] for word in said]
    plural = {f"{word}s" for word in common}
    said = [word for word in said if word not in common and word not in plural]
    return frozenset(numbers[word] for word in said) if said and all(word in numbers for word in said) else None


def chosen(text: str, ranked: list[Mention]) -> frozenset[str] | None:
    """The keys of the mentions of the highest rank; a lead counts with what is stated after it."""
    live = [mention for mention in ranked if mention.rank >= STATED]
    if not live or any(mention.open for mention in live):
        return None
    top = max(mention.rank for mention in live)
    leads = sum(mention.rank == LEAD for mention in live)
    floor = top if top >= CLOSING or leads > 1 else STATED
    kept = [mention for mention in live if mention.rank >= floor or mention.also]
    gaps = (text[left.end : right.start] for left, right in zip(kept, kept[1:], strict=False))
    return None if any(len(gap) < 40 and OR.search(gap) for gap in gaps) else frozenset(mention.key for mention in kept)
