"""Where a text names an option: by its letter, its text, or both. Letters inside names are no mentions."""

import re
from collections.abc import Set
from dataclasses import replace

from rewards.reading.cues import MARK, REJECT_AFTER
from rewards.reading.option_words import Texts, respelt, words
from rewards.reading.stance import ASIDE, LEAD, STATED, Mention
from rewards.reading.tables import vocabulary

SHORT = 600  # characters of a text in which misspelt options are looked for
LETTER = re.compile(
    r"(?<![A-Za-z0-9_])(?<![A-Za-z]')(?<![A-Za-z][+.-])(?<![a-z]/)(?<![A-Za-z]{2}/)(?<!\d,)([A-Za-z])(?![A-Za-z0-9_]|"
    r"'[A-Za-z])(?![-+][A-Za-z0-9]|\+|/[A-Za-z]{2}|\.[A-Za-z])"
)
KEYWORD = re.compile(
    r"(?:\b(?:options?|choices?|letters?|answers?|statements?|items?)|选项?|答案)[\s:=(\[\"'*]*(?:is\b)?\s*$",
    re.IGNORECASE,
)
# Words that may stand before and after a letter which names an option: after others it is part of a name, an article.
PRECEDES = re.compile(
    r"(?:^|\n|[^\w\s)\]]|\b(?:is|are|was|be|not|but|or|and|than|over|both|either|neither|nor|pick|choose|"
    r"chose|select|so|with|for|exclude|"
    r"excludes|excluding|eliminate|eliminates|eliminating|out|between|vs|versus|say|think|thus|therefore|"
    r"hence|probably|maybe|likely|"
    r"definitely|perhaps|possibly|clearly|rejecting|unlike|like|it's|that|leaves|leaving|then|only|favor|"
    r"favors|to|although|though|while|"
    r"whereas|because|since|however|if|also|except|still|even|say|saying|means|remains|against|towards?|"
    r"on|of|as|alternatively|also|plus|otherwise|else|nor|la|le|el|die|der|es|est|ist|'s|prefer|believe|"
    r"suspect|guess|are)|[\u4e00-\u9fff])[\s*\"'(\[]*$",
    re.IGNORECASE,
)
FOLLOWS = re.compile(
    r"[\s*]*(?:$|[)\].,;:!?\"'/&=>✓✔✅☑✗✘✖❌×|+-]|\n|[\u4e00-\u9fff]|\((?!\w{1,3}\))|(?:because|since|as|is|"
    r"are|was|were|and|or|but|due|given|with|for|based|"
    r"which|seems?|looks?|here|not|rather|over|instead|in|on|by|from|it|however|again|of|fits?|best|also|"
    r"can|cannot|can't|could|would|"
    r"does|doesn't|do|don't|has|had|have|isn't|aren't|matches|describes?|represents?|refers?|shows?|too|"
    r"then|though|although|while|"
    r"whereas|so|thus|to|that|must|may|might|should|will|remains?|only|correct|right|wrong|incorrect|"
    r"explains?|if|than|vs|being|lacks?)\b)",
    re.IGNORECASE,
)
AFTER_TEXT = vocabulary("after_name")
PREFIX = re.compile(r"(?:\b(?:non|pseudo|anti|pre|post|para|peri|extra|sub|ex)-?|[A-Za-z]-)$", re.IGNORECASE)
BETWEEN = re.compile(
    r"[\s)\]\"'.:,;*-]*(?:(?:which is|that is|i\.e\.,?|namely|option|choice|=|->|the|an?)\s+)*[\s(\[\"'*]*", re.I
)
ORGANISM = re.compile(r"\. ?(?:difficile|coli|aureus|pneumoniae|pyogenes|pylori|albicans|tetani|botulinum|"
                      r"leprae|perfringens|"
                      r"aeruginosa|influenzae|trachomatis|gondii|falciparum|vivax|jejuni|elegans|"
                      r"tuberculosis|meningitidis|"
                      r"gonorrhoeae|faecalis|epidermidis|neoformans|burgdorferi|pallidum|diff)\b")  # fmt: skip
# What shows that a capital A before a word is the letter, not the article (I, not the pronoun).
NOT_ARTICLE = re.compile(r" (?:is|are|was|because|since|as|and|or|but|due|given|not|rather|over|instead|"
                         r"seems|looks|would|can|cannot|does|"
                         r"then|if|than|vs|has|isn't|can't|doesn't|could|should|remains)\b")  # fmt: skip
NUMERAL = re.compile(r"\b[IVX]+$")
AFTER = re.compile(r"(-?) ?([A-Za-z]+)")
STOPS = re.compile(r"[\s*]*(?:$|[.,;:!?)\n])")
ACRONYMS = frozenset(
    {"all", "hit", "was", "cat", "aids", "it", "as", "is", "am", "or", "no", "arm", "rest", "fast", "die"}
)
EVERYDAY = frozenset({"nothing", "none", "never", "always", "both", "neither"})
LABELS = re.compile(r"(?:^|[.;:!?\n(]|\b(?:is|answer|option|choice))[\s\"'*(\[]*$", re.IGNORECASE)


def mentions(text: str, choices: Texts, question: str | None = None) -> list[Mention]:
    """Every mention of an option in a folded text; a letter and its own text are one, with another's a clash.

    question: its words may stand behind an option's text ("yellow fever vaccine").
    """
    named = text_mentions(text, choices, question or "")
    letters = [
        one
        for one in letter_mentions(text, {n.end for n in named})
        if not any(n.start <= one.start < n.end for n in named)
    ]
    ordered = sorted([*named, *letters], key=lambda one: one.start)
    found: list[Mention] = []
    for place, mention in enumerate(ordered):
        after = ordered[place + 1] if place + 1 < len(ordered) else None
        own = (
            after and mention.alone and after.key == mention.key and BETWEEN.fullmatch(text[mention.end : after.start])
        )
        pair = joined(text, found[-1], mention) if found and not own else None
        if pair:
            found[-1] = pair
        else:
            found.append(mention)
    return found


def joined(text: str, left: Mention, right: Mention) -> Mention | None:
    """Two neighbours as one mention, where one is a letter and the other the text beside it."""
    if left.alone == right.alone or len(left.key) > 1:  # `alone` marks letters until ranks are given
        return None
    gap = text[left.end : right.start]
    if len(gap) > 24 or not BETWEEN.fullmatch(gap):
        return None
    if left.key == right.key:
        return Mention(left.start, right.end, left.key, listing=left.alone)
    label = (
        left.alone and not re.search(r"[,;\n]|\s-", gap) and LABELS.search(text[max(0, left.start - 20) : left.start])
    )
    bracket = right.alone and re.fullmatch(r"[ \t]*[(\[]", gap)
    if (label or bracket) and not REJECT_AFTER.match(text, right.end):
        return Mention(left.start, right.end, f"{left.key}/{right.key}" if label else f"{right.key}/{left.key}")
    return None


def text_mentions(text: str, choices: Texts, question: str) -> list[Mention]:
    """Where the text of an option stands, longest first, as words of its own and not as a part of another name."""
    first: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
    for letter, option in choices:
        if option:
            first.setdefault(option[0], []).append((letter, option))
    said, found, i = words(text), [], 0
    said = respelt(said, choices) if len(text) < SHORT else said
    while i < len(said):
        size = 1
        for letter, option in first.get(said[i][0], ()):
            if tuple(one for one, *_ in said[i : i + len(option)]) == option:
                start, end = said[i][1], said[i + len(option) - 1][2]
                twin = sum(other == option for _, other in choices) > 1
                if not twin and whole(text, start, end, option, question):
                    found.append(Mention(start, end, letter))
                size = len(option)
                break
        i += size
    return found


def whole(text: str, start: int, end: int, option: tuple[str, ...], question: str) -> bool:
    """Whether a text mention is no part of a longer name: heart failure is not the heart."""
    named = text[start:end]
    if PREFIX.search(text[max(0, start - 6) : start]) or (named.lower() in ACRONYMS and not named.isupper()):
        return False
    if named.lower() in EVERYDAY and not STOPS.match(text, end):
        return False
    after = AFTER.match(text, end)
    if option[0][0].isdigit() or not after or named[-1:].isdigit() or NUMERAL.search(named):
        return True
    word = after[2]
    if len(word) == 1 and re.match(r" ?[A-Z][).:]", text[end : end + 3]):
        return True
    if after[1]:
        return False
    return word.lower() in AFTER_TEXT or (word.isupper() and len(word) < 4) or word.lower() in question.lower().split()


def letter_mentions(text: str, ends: Set[int] = frozenset()) -> list[Mention]:
    """Where a letter stands for an option; `alone` marks it until it is ranked. ends: where texts of options end."""
    found: list[Mention] = []
    skipped = -9
    for match in LETTER.finditer(text):
        start, end = match.span()
        if start - skipped < 8 and re.fullmatch(r"\s*(?:,|/|&|and|or)\s*", text[skipped:start]):
            skipped = end  # hepatitis B and C
        elif is_label(text, match[0], start, end, start - 1 in ends) or (found and beside(text, found[-1], start, end)):
            found.append(Mention(start, end, match[0].upper(), alone=True))
        elif match[0].isupper() and match[0] not in "AI":
            skipped = end
    return found


def beside(text: str, last: Mention, start: int, end: int) -> bool:
    """Whether a letter follows another one in a list: "C) D)", "C D"."""
    return bool(
        re.fullmatch(r"[)\].:,;/&|+\s]*(?:\b(?:and|or)\b\s*)?[(\[]?", text[last.end : start])
        and FOLLOWS.match(text, end)
    )


def is_label(text: str, letter: str, start: int, end: int, after_option: bool) -> bool:
    """Whether a letter stands where the name of an option would."""
    before, after = text[max(0, start - 60) : start], text[end : end + 24]
    begins = after_option or not before.strip(" \"'*[(") or bool(re.search(r"(?:[.;:!?\n]|\s-)[\s\"'*(\[]*$", before))
    if before[-1:] in ("(", "[") and after[:1] in (")", "]"):
        return letter.isupper() or begins or bool(KEYWORD.search(before) or MARK.search(before))
    if begins and re.match(r"[)\]:]|\.(?=\s|$|[A-Z])|\s-+\s", after) and not ORGANISM.match(after):
        return letter.isupper() or after[0] in ").:"
    stops = bool(re.match(r"[\s*]*(?:$|[.,;:!?)\]\n\"'*/&|+\u4e00-\u9fff])", after))
    if KEYWORD.search(before):
        return stops or bool(FOLLOWS.match(after)) and (letter.isupper() or letter not in "ai")
    if letter.islower():
        return stops and bool(MARK.search(before))
    if not FOLLOWS.match(after) or not PRECEDES.search(before) or ORGANISM.match(after) or before[-1:] == "°":
        return False
    return letter not in "AI" or stops or bool(NOT_ARTICLE.match(after) and (letter == "A" or MARK.search(before)))


def unlisted(ranked: list[Mention], ordered: bool = True) -> list[Mention]:
    """The mentions, those that list options in order without a rank of their own where something else is committed to,
    and else all with the same."""
    runs: list[list[int]] = [[]]
    for i, mention in enumerate(ranked):
        if runs[-1] and ranked[runs[-1][-1]].key >= mention.key or (not mention.listing or mention.said):
            runs.append([])
        if mention.listing and not mention.said:
            runs[-1].append(i)
    found = list(ranked)
    for run in (run for run in runs if len(run) > 1):
        others = [mention.rank for i, mention in enumerate(ranked) if i not in run]
        rank = ASIDE if max(others, default=ASIDE) >= LEAD else max(ranked[i].rank for i in run)
        for i in run:
            if ranked[i].rank >= STATED:
                found[i] = replace(ranked[i], rank=rank)
    return found
