"""Which option a text commits to, by its letter, its text or both."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from rewards.reading import Reading
from rewards.reading.option_mentions import mentions, unlisted
from rewards.reading.option_names import named
from rewards.reading.option_words import Texts, texts, words
from rewards.reading.polarity import read_polarity
from rewards.reading.prose import declines, refusal
from rewards.reading.stance import CLOSING, LEAD, MARKED, REJECTED, STATED, Mention, placed, settle

BRIEF = 160  # characters of a text whose reading is remembered
MOST = 60  # mentions of options in one answer
LONGEST = 4000  # characters of an answer that are read, from its end
BARE = re.compile(r"(?:(?:option|choice|answer|letter|选项?)\b\s*[:=]?\s*)?[^\w]*([A-Za-z])[^\w]*", re.IGNORECASE)
LEAD_LETTER = re.compile(r"[^\w]*([A-Za-z])(?![A-Za-z0-9'])")
ABOVE = re.compile(
    r"\b(none|all|neither|both|any) of (?:these|them|those|the (?:options|choices|listed|others?|given|"
    r"answers)(?: (?:options|choices|above))?)\b",
    re.I,
)
CLASS_WORDS = frozenset({"disease", "syndrome", "disorder", "sign", "test", "virus", "infection", "tumor", "cancer"})
POLAR = frozenset({"yes", "no", "maybe", "true", "false"})
MARKER = re.compile(
    r"(?:(?:so|therefore|thus|hence),? )?(?:the |my )?(?:final |correct |best )?answer(?: is)?\s*:?\s+|"
    r"答案(?:是|为)?\s*:?\s*",
    re.I,
)
LABEL = re.compile(r"[(\[]?([A-Z])(?:[)\]]?[.:]|[)\]])\s+(?=\S)")
COMBINES = re.compile(
    r"(?:(?:[Bb]oth |[Oo]ptions? )*((?:[A-Z](?:, ?| and | & |, and )?){2,})|"
    r"(?i:all (?:of )?(?:the )?above|all of these))\.?"
)
BETS = re.compile(r"\d ?%\W{0,3}(?:(?:for|to|on|it is|chance of) )?(?:option )?([A-Z])\b|\b([A-Z])\b\W{0,4}\d+ ?%")


def read_option(text: str, options: Mapping[str, str], question: str | None = None) -> Reading:
    """The one letter a folded text commits to; short texts are remembered, since the rollouts of a group repeat them.

    >>> four = {"A": "Right Atrium", "B": "Left Atrium", "C": "Right Ventricle", "D": "Left Ventricle"}
    >>> [read_option(text, four).value for text in ("not A, but C", "Left atrium", "A or C", "vitamin C", "Option E")]
    ['C', 'B', None, None, None]
    """
    if len(text) <= BRIEF:
        return read_brief(text, tuple(options.items()), question)
    return read_text(text, options, question)


@lru_cache(maxsize=8192)
def read_brief(text: str, options: tuple[tuple[str, str], ...], question: str | None) -> Reading:
    """As read_text."""
    return read_text(text, dict(options), question)


def plainly(text: str, options: Mapping[str, str]) -> str | None:
    """The letter of a short text that is nothing but a letter, an option's text, or both, after an answer marker."""
    marker = MARKER.match(text)
    said = text[marker.end() :] if marker else text
    if bare := BARE.fullmatch(said):
        return bare[1].upper() if bare[1].upper() in options else None
    if label := LABEL.match(said):
        letter, said = label[1], said[label.end() :]
        return letter if bared(said) == bared(options.get(letter, "\x00")) else None
    plain = bared(said)
    same = [letter for letter, option in options.items() if bared(option) == plain]
    return same[0] if len(same) == 1 and len(plain) > 1 else None


def bared(text: str) -> str:
    """Lower case without outer marks."""
    return text.strip(" .\"'()[]").lower()


def read_text(text: str, options: Mapping[str, str], question: str | None) -> Reading:
    """The one letter a folded text commits to."""
    if len(text) <= BRIEF and (letter := plainly(text, options)):
        return Reading(letter, "letter" if len(text) < 4 else "committed", f"commits to {letter}")
    bare = BARE.fullmatch(text)
    text = ABOVE.sub(r"\1 of the above", text)
    if bare and bare[1].upper() in options:
        return Reading(bare[1].upper(), "letter", f"commits to {bare[1].upper()}")
    choices = texts(tuple(options.items()))
    if len(text) < 300 and (said := tuple(one for one, *_ in words(text))):
        same = [letter for letter, option in choices if option == said]
        lead = LEAD_LETTER.match(text)
        if len(same) == 1 and not (lead and lead[1].upper() in options):
            return Reading(same[0], "option_text", "the text of one option")
    if bare:
        return Reading(None, "out_of_range", f"{bare[1].upper()} is not one of {', '.join(options)}")
    found = mentions(text[-LONGEST:], choices, question)
    if len(found) > MOST:
        return Reading(None, "conflict", f"options are named {len(found)} times")
    if not found and (letter := by_name(text, choices)):
        return Reading(letter, "option_text", "the name of one option")
    if not found and (other := named(text[-LONGEST:], options, question)):
        return other
    if not found and {option for _, option in choices} <= {(one,) for one in POLAR}:
        return by_polarity(text, choices, question)
    return settled(text[-LONGEST:], found, options, question)


def marked(text: str, options: Mapping[str, str]) -> set[str]:
    """The letters that a folded text calls the answer."""
    found = placed(text, mentions(text, texts(tuple(options.items()))))
    return {mention.key for mention in found if mention.said and mention.rank == MARKED}


def settled(text: str, found: Sequence[Mention], options: Mapping[str, str], question: str | None) -> Reading:
    """The letter that the ranked mentions of a text agree on."""
    if len(set(BETS.findall(text))) > 1:
        return Reading(None, "conflict", "shares of several options")
    ranked = unlisted(placed(text, found))
    reading = settle(ranked)
    if question and (odd := odd_one(text, ranked, question)):
        return Reading(odd, "exception", f"only {odd} is denied, as the question asks")
    if reading.rule == "conflict" and (both := combined(ranked, options)):
        return Reading(both, "combined", f"commits to what {both} combines")
    if reading.value is None and ranked and max(mention.rank for mention in ranked) <= STATED:
        rejected = {mention.key for mention in ranked if mention.rank == REJECTED}
        polar = {option.lower() for option in options.values()} <= POLAR
        other = None if polar or declines(text) else named(text, options, question)
        return other if other and other.value not in rejected else reading
    if reading.value is None:
        return reading if ranked else declines(text) or Reading(None, "unparsed", "no option is named")
    key = reading.value
    top = max(mention.rank for mention in ranked)
    if problem := refusal(text, min(m.start for m in ranked if m.rank == top), top >= LEAD):
        return problem
    if len(key) > 1:
        return Reading(None, "conflict", f"the letter {key[0]} with the text of {key[-1]}")
    if key not in options:
        return Reading(None, "out_of_range", f"{key} is not one of {', '.join(options)}")
    return Reading(key, "letter" if len(text) < 4 else reading.rule, f"commits to {key}")


def odd_one(text: str, ranked: Sequence[Mention], question: str) -> str | None:
    """Of a question for the exception, the only option that is denied where two others, or all, are affirmed."""
    if not EXCEPTION.search(question) or any(mention.rank == MARKED for mention in ranked):
        return None
    denied = {mention.key for mention in ranked if mention.rank == REJECTED}
    affirmed = {mention.key for mention in ranked if mention.rank >= STATED} - denied
    return denied.pop() if len(denied) == 1 and (len(affirmed) > 1 or ALL_BUT.search(text)) else None


ALL_BUT = re.compile(
    r"\b(?:all|each|every(?:thing|one)?)(?: of (?:these|them|the above))? (?:but|except)\b", re.IGNORECASE
)
EXCEPTION = re.compile(
    r"\b(?:NOT|EXCEPT|LEAST|FALSE|INCORRECT)\b|"
    r"\b(?:except|is not|are not|does not|do not|cannot|least likely|false|incorrect)\b"
)


def combined(ranked: Sequence[Mention], options: Mapping[str, str]) -> str | None:
    """The option "both A and C" or "all of the above" where these are what is committed to, with or without it."""
    top = max(mention.rank for mention in ranked)
    said = {mention.key for mention in ranked if mention.rank >= min(top, CLOSING)}
    for letter, text in options.items():
        if match := COMBINES.fullmatch(text.strip()):
            others = set(re.findall(r"[A-Z]", match[1])) & set(options) if match[1] else set(options) - {letter}
            if said - {letter} == others:
                return letter
    return None


def by_name(text: str, choices: Texts) -> str | None:
    """The only option that a short text names without its class word: Tay-Sachs for Tay-Sachs disease."""
    said = tuple(one for one, *_ in words(text))
    same = [
        letter for letter, option in choices if said and said == tuple(one for one in option if one not in CLASS_WORDS)
    ]
    return same[0] if len(same) == 1 else None


def by_polarity(text: str, choices: Texts, question: str | None) -> Reading:
    """The option yes, no or maybe that a statement amounts to."""
    said = read_polarity(text, question)
    letter = next((letter for letter, option in choices if option == (said.value,)), None)
    return Reading(letter, "option_text" if letter else said.rule, said.why)
