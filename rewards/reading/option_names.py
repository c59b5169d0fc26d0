"""Options that a text names otherwise than they are written: another name, a misspelling, the same amount."""

import re
from collections.abc import Callable, Mapping

from rewards.reading import Reading

DIGITS = re.compile(r"\d+")
DERIVED = re.compile(r"(?<=[a-z]{4})(?:ant|al)$|(?<=([a-z]))\1$")  # reassurance, referral, referred
BRACKETS = re.compile(r"\([^()]{0,120}\)")
LONGEST_NAME = 200  # characters of a phrase that is compared with the options
MOST = 12  # options that are compared one by one
SHORT = 80  # characters of an answer whose every word must stand in an option
# What advice is dressed in.
ADVICE = frozenset(
    {"i", "we", "you", "she", "he", "they", "be", "should", "must", "need", "would", "will", "give", "start", "do",
     "now", "next", "first", "him", "her"}
)  # fmt: skip


def named(text: str, options: Mapping[str, str], question: str | None) -> Reading | None:
    """The only option whose amount, or else whose name, a folded text commits to; None if that is none or several.

    >>> options = {"A": "Myocardial infarction", "B": "Pericarditis", "C": "Costochondritis"}
    >>> named("Most likely a heart attack.", options, None).value
    'A'
    >>> named("1.2 g", {"A": "1,200 mg", "B": "12 mg"}, None).value
    'A'
    """
    if not 1 < len(options) <= MOST:
        return None
    return by_amount(text, options, question) or by_phrase(text, options, question) or by_part(text, options)


def by_amount(text: str, options: Mapping[str, str], question: str | None) -> Reading | None:
    """The option that is the amount a text commits to, where all options are amounts."""
    if not all(any(map(str.isdigit, option)) for option in options.values()):
        return None
    from rewards.reading.closeness import Terms, compare
    from rewards.reading.quantity import gold_amount, read_amount

    golds = {letter: gold_amount(option) for letter, option in options.items()}
    if None in golds.values():
        return None
    said, _ = read_amount(text, question)
    terms = Terms(0.0, False, None, None, question)
    return only(golds, lambda gold: said is not None and gold is not None and compare(said, gold, terms)[0], "amount")


def by_phrase(text: str, options: Mapping[str, str], question: str | None) -> Reading | None:
    """The option that the phrase a text commits to is another name of."""
    from rewards.reading.sentence import read_phrase

    said = read_phrase(text, question).value
    for phrase in dict.fromkeys((said, text.rpartition(":")[2].strip() if said else None)):
        if phrase and len(phrase) <= LONGEST_NAME:
            found = only(options, lambda option, phrase=phrase: same_name(phrase, option, question), "name")
            if found:
                return found
    return None


def by_part(text: str, options: Mapping[str, str]) -> Reading | None:
    """The only option that holds every word of a short answer, at least half of the option's: ectropion.

    >>> options = {"A": "Cervical ectropion", "B": "Chlamydial cervicitis", "C": "Refer for colposcopy"}
    >>> by_part("An ectropion.", options).value, by_part("She should be referred to colposcopy", options).value
    ('A', 'C')
    >>> by_part("Not an ectropion", options), by_part("cervix", options)
    (None, None)
    """
    from rewards.reading.guards import NEGATORS
    from rewards.reading.phrase import EITHER

    text = BRACKETS.sub("", text)
    if len(text) > SHORT or EITHER.search(text):
        return None
    said, denied = spoken(text)
    if denied & NEGATORS or not any(len(word) > 4 for word in said):
        return None
    parts = {letter: spoken(option)[0] for letter, option in options.items()}
    return only(parts, lambda part: said <= part and 2 * len(said) >= len(part), "part")


def spoken(text: str) -> tuple[frozenset[str], frozenset[str]]:
    """The families of the words of a text that say something, and all of its words."""
    from rewards.reading.canon import canon
    from rewards.reading.kin import SMALL
    from rewards.reading.phrase_cues import STOP
    from rewards.reading.words import family

    words = frozenset(canon(text))
    return frozenset(DERIVED.sub("", family(word)) for word in words - SMALL - STOP - ADVICE), words


def numbers(text: str) -> list[str]:
    """The digits of a text, also of a Roman numeral: type IV."""
    from rewards.reading.canon import canon

    return sorted(DIGITS.findall(" ".join(canon(text))))


def same_name(phrase: str, option: str, question: str | None) -> bool:
    """Whether a phrase is another name of an option, with the same numbers in it."""
    from rewards.reading.phrase import same_phrase

    return numbers(phrase) == numbers(option) and same_phrase(phrase, option, question)[0]


def only(options: Mapping[str, object], fits: Callable[..., bool], rule: str) -> Reading | None:
    """The one letter whose option fits."""
    found = [letter for letter, option in options.items() if fits(option)]
    return Reading(found[0], f"option_{rule}", f"the {rule} of option {found[0]}") if len(found) == 1 else None
