"""Options that a text names otherwise than they are written: another name, a misspelling, the same amount."""

import re
from collections.abc import Callable, Mapping

from rewards.reading import Reading

DIGITS = re.compile(r"\d+")
LONGEST_NAME = 200  # characters of a phrase that is compared with the options
MOST = 12  # options that are compared one by one


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
    return by_amount(text, options, question) or by_phrase(text, options, question)


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


def same_name(phrase: str, option: str, question: str | None) -> bool:
    """Whether a phrase is another name of an option, with the same numbers in it."""
    from rewards.reading.phrase import same_phrase

    return sorted(DIGITS.findall(phrase)) == sorted(DIGITS.findall(option)) and same_phrase(phrase, option, question)[0]


def only(options: Mapping[str, object], fits: Callable[..., bool], rule: str) -> Reading | None:
    """The one letter whose option fits."""
    found = [letter for letter, option in options.items() if fits(option)]
    return Reading(found[0], f"option_{rule}", f"the {rule} of option {found[0]}") if len(found) == 1 else None
