"""Which option a text commits to, by its letter, its text or both.  Letters inside names are no mentions."""

import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import replace
from functools import cache, lru_cache

from rewards.reading import Reading
from rewards.reading.canon import canon, terms
from rewards.reading.fold import fold
from rewards.reading.option_names import named
from rewards.reading.polarity import read_polarity
from rewards.reading.prose import declines, refusal
from rewards.reading.respell import slip
from rewards.reading.stance import ASIDE, CLOSING, LEAD, MARK, REJECT_AFTER, Mention, placed, settle
from rewards.reading.tables import groups

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
BRIEF = 160  # characters of a text whose reading is remembered
SHORT = 600  # characters of a text in which misspelt options are looked for
MOST = 60  # mentions of options in one answer
LONGEST = 4000  # characters of an answer that are read, from its end
BARE = re.compile(r"(?:(?:option|choice|answer|letter|选项?)\b\s*[:=]?\s*)?[^\w]*([A-Za-z])[^\w]*", re.IGNORECASE)
LETTER = re.compile(
    r"(?<![A-Za-z0-9_])(?<![A-Za-z]')(?<![A-Za-z][+.-])(?<![a-z]/)(?<![A-Za-z]{2}/)(?<!\d,)([A-Za-z])(?![A-Za-z0-9_]|'[A-Za-z])(?![-+][A-Za-z0-9]|\+|/[A-Za-z]{2}|\.[A-Za-z])"
)
LEAD_LETTER = re.compile(r"[^\w]*([A-Za-z])(?![A-Za-z0-9'])")
KEYWORD = re.compile(
    r"(?:\b(?:options?|choices?|letters?|answers?)|选项?|答案)[\s:=(\[\"'*]*(?:is\b)?\s*$", re.IGNORECASE
)
# Words that may stand before and after a letter which names an option: after others it is part of a name, an article.
PRECEDES = re.compile(
    r"(?:^|\n|[^\w\s)\]]|\b(?:is|are|was|be|not|but|or|and|than|over|both|either|neither|nor|pick|choose|chose|select|so|with|for|exclude|"
    r"excludes|excluding|eliminate|eliminates|eliminating|out|between|vs|versus|say|think|thus|therefore|hence|probably|maybe|likely|"
    r"definitely|perhaps|possibly|clearly|rejecting|unlike|like|it's|that|leaves|leaving|then|only|favor|favors|to|although|though|while|"
    r"whereas|because|since|however|if|also|except|still|even|say|saying|means|remains|against|towards?|on|of|as|alternatively|also|plus|otherwise|else|nor|la|le|el|die|der|es|est|ist|'s|prefer|believe|suspect|guess|are)|[\u4e00-\u9fff])[\s*\"'(\[]*$",
    re.IGNORECASE,
)
FOLLOWS = re.compile(
    r"[\s*]*(?:$|[)\].,;:!?\"'/&=>✓✔✅☑✗✘✖❌×|-]|\n|[\u4e00-\u9fff]|\((?!\w{1,3}\))|(?:because|since|as|is|are|was|were|and|or|but|due|given|with|for|based|"
    r"which|seems?|looks?|here|not|rather|over|instead|in|on|by|from|it|however|again|of|fits?|best|also|can|cannot|can't|could|would|"
    r"does|doesn't|do|don't|has|had|have|isn't|aren't|matches|describes?|represents?|refers?|shows?|too|then|though|although|while|"
    r"whereas|so|thus|to|that|must|may|might|should|will|remains?|only|correct|right|wrong|incorrect|explains?|if|than|vs|being|lacks?)\b)",
    re.IGNORECASE,
)
ARTICLE = re.compile(r"(?:an?|A|An) (?=[a-z])")
THOUSANDS = re.compile(r",(?=\d{3}\b)")
RANGE = re.compile(r"(?<=\d) to(?= \d)")
TOKEN = re.compile(r"(?<![A-Za-z])[A-Za-z]-[A-Za-z]{3,}|\d+(?:[.,]\d+)*|[^\W\d_]+(?:'(?!s\b)[a-z]+)?|[<>≤≥↑↓±%]|'s\b")
# Words after which an option's text is still itself: "meningioma is", not "meningioma cells".
AFTER_TEXT = frozenset(
    """is are was were be been has have had does do did can could would should will may might must in of at on with by from for
    and or but as because since due given so thus therefore which that who where when while whereas although though however not than
    rather instead over if then also too here fits fit explains explain matches match seems seem looks appears appear remains shows show
    causes cause presents present would typically usually most more less best likely unlikely correct right wrong incorrect via per into
    to until unless before after during without within between among against about under above it this these they i we option choice
    answer diagnosis lacks lack alone only itself both either per twice once daily every being secondary first second""".split()
)
PREFIX = re.compile(r"(?:\b(?:non|pseudo|anti|pre|post|para|peri|extra|sub|ex)-?|[A-Za-z]-)$", re.IGNORECASE)
BETWEEN = re.compile(
    r"[\s)\]\"'.:,;*-]*(?:(?:which is|that is|i\.e\.,?|namely|option|choice|=|->|the|an?)\s+)*[\s(\[\"'*]*", re.I
)
ORGANISM = re.compile(r"\. ?(?:difficile|coli|aureus|pneumoniae|pyogenes|pylori|albicans|tetani|botulinum|leprae|perfringens|"
                      r"aeruginosa|influenzae|trachomatis|gondii|falciparum|vivax|jejuni|elegans|tuberculosis|meningitidis|"
                      r"gonorrhoeae|faecalis|epidermidis|neoformans|burgdorferi|pallidum|diff)\b")  # fmt: skip
# What shows that a capital A before a word is the letter, not the article (I, not the pronoun).
NOT_ARTICLE = re.compile(r" (?:is|are|was|because|since|as|and|or|but|due|given|not|rather|over|instead|seems|looks|would|can|cannot|does|"
                         r"then|if|than|vs|has|isn't|can't|doesn't|could|should|remains)\b")  # fmt: skip
NAMED_TWICE = re.compile(r"([^()]{2,})\(([^()]+)\)\W*")
SPECIES = re.compile(r"[A-Z][a-z]{3,} [a-z]{4,}")
NUMERAL = re.compile(r"\b[IVX]+$")
ABOVE = re.compile(
    r"\b(none|all|neither|both|any) of (?:these|them|those|the (?:options|choices|listed|others?|given|answers)(?: (?:options|choices|above))?)\b",
    re.I,
)
LABELS = re.compile(r"(?:^|[.;:!?\n(]|\b(?:is|answer|option|choice))[\s\"'*(\[]*$", re.IGNORECASE)
CLASS_WORDS = frozenset({"disease", "syndrome", "disorder", "sign", "test", "virus", "infection", "tumor", "cancer"})
POLAR = frozenset({"yes", "no", "maybe", "true", "false"})

Texts = tuple[tuple[str, tuple[str, ...]], ...]  # (letter, canonical words)


def lettered(options: Mapping[str, str] | Sequence[str] | None) -> dict[str, str]:
    """Options as letter -> text: a mapping (empty columns dropped, keys upper case) or a list; {} if there are none."""
    if not options:
        return {}
    if isinstance(options, Mapping):
        return {str(key).strip().upper(): str(text) for key, text in options.items() if text is not None}
    return dict(zip(LETTERS, map(str, options), strict=False))


@lru_cache(maxsize=16384)
def word(token: str) -> tuple[str, ...]:
    """The canonical words of one token."""
    if token[0].isdigit():
        return (THOUSANDS.sub("", token),)
    if token in ("a", "A"):
        return ("a",)
    return () if token.lower() in ("an", "the", "'s") else canon(token)


def words(text: str) -> list[tuple[str, int, int]]:
    """(canonical word, start, end) of every word of a folded text."""
    found: list[tuple[str, int, int]] = []
    for match in TOKEN.finditer(RANGE.sub(" - ", text) if " to " in text else text):
        token = match[0]
        if len(token) > 2 or not ARTICLE.match(text, match.start()):
            found += [(one, match.start(), match.end()) for one in word(token)]
    return found


@lru_cache(maxsize=4096)
def texts(options: tuple[tuple[str, str], ...]) -> Texts:
    """(letter, canonical words) of every option and of its shorter names, the longest first."""
    plain = [(letter, tuple(one for one, *_ in words(fold(text)))) for letter, text in options]
    full = {option for _, option in plain}
    short = [(letter, name) for letter, text in options for name in {*short_names(text), *other_names(text)} - full]
    unique = [(letter, name) for letter, name in short if sum(name == other for _, other in short) == 1]
    return tuple(sorted(plain + unique, key=lambda item: -len(item[1])))


def other_names(text: str) -> set[tuple[str, ...]]:
    """What else the tables of terms call an option: LMWH for low molecular weight heparin."""
    names = (tuple(one for one, *_ in words(name)) for name in names_of().get(canon(text), ()))
    return {name for name in names if name}


@cache
def names_of() -> dict[tuple[str, ...], tuple[str, ...]]:
    """The names in the tables by their canonical words."""
    return {canon(group[0]): group for group in groups()}


def respelt(said: list[tuple[str, int, int]], choices: Texts) -> list[tuple[str, int, int]]:
    """Words with unambiguous slips put right, where an option has the word that is meant."""
    wanted = long_words(choices)
    return [(meant(word, wanted), start, end) if len(word) > 5 else (word, start, end) for word, start, end in said]


@lru_cache(maxsize=4096)
def long_words(choices: Texts) -> frozenset[str]:
    """The words of the options in which a slip can be seen."""
    return frozenset(one for _, option in choices for one in option if len(one) > 6 and one.isalpha())


@lru_cache(maxsize=65_536)
def meant(word: str, wanted: frozenset[str]) -> str:
    """The one of the wanted words that a word is a slip of, else the word."""
    if word in wanted or not word.isalpha():
        return word
    near = [one for one in wanted if one[0] == word[0] and slip(word, one, terms())]
    return near[0] if len(near) == 1 else word


def short_names(text: str) -> set[tuple[str, ...]]:
    """The shorter names of an option: niacin and B3 for "Niacin (B3)", E. coli for Escherichia coli."""
    plain = fold(text)
    if SPECIES.fullmatch(plain):
        genus, species = (one for one, *_ in words(plain)) if len(words(plain)) == 2 else ("", "")
        return {(genus[0], species)} if genus else set()
    match = NAMED_TWICE.fullmatch(plain)
    pieces = (tuple(one for one, *_ in words(piece)) for piece in match.groups()) if match else ()
    return {piece for piece in pieces if piece and (len(piece) > 1 or len(piece[0]) > 1)}


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
    return same[0] if len(same) == 1 and not LEAD_LETTER.match(said) else None


def bared(text: str) -> str:
    """Lower case without outer marks."""
    return text.strip(" .\"'()[]").lower()


MARKER = re.compile(
    r"(?:(?:so|therefore|thus|hence),? )?(?:the |my )?(?:final |correct |best )?answer(?: is)?\s*:?\s+|答案(?:是|为)?\s*:?\s*",
    re.I,
)
LABEL = re.compile(r"[(\[]?([A-Z])(?:[)\]]?[.:]|[)\]])\s+(?=\S)")


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
    found = mentions(text[-LONGEST:], choices)
    if len(found) > MOST:
        return Reading(None, "conflict", f"options are named {len(found)} times")
    if not found and (letter := by_name(text, choices)):
        return Reading(letter, "option_text", "the name of one option")
    if not found and (other := named(text[-LONGEST:], options, question)):
        return other
    if not found and {option for _, option in choices} <= {(one,) for one in POLAR}:
        return by_polarity(text, choices, question)
    return settled(text[-LONGEST:], found, options)


def settled(text: str, found: Sequence[Mention], options: Mapping[str, str]) -> Reading:
    """The letter that the ranked mentions of a text agree on."""
    if len(set(BETS.findall(text))) > 1:
        return Reading(None, "conflict", "shares of several options")
    ranked = unlisted(placed(text, found))
    reading = settle(ranked)
    if reading.rule == "conflict" and (both := combined(ranked, options)):
        return Reading(both, "combined", f"commits to what {both} combines")
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


COMBINES = re.compile(
    r"(?:(?:[Bb]oth |[Oo]ptions? )*((?:[A-Z](?:, ?| and | & |, and )?){2,})|(?i:all (?:of )?(?:the )?above|all of these))\.?"
)
BETS = re.compile(r"\d ?%\W{0,3}(?:(?:for|to|on|it is|chance of) )?(?:option )?([A-Z])\b|\b([A-Z])\b\W{0,4}\d+ ?%")


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


def mentions(text: str, choices: Texts) -> list[Mention]:
    """Every mention of an option in a folded text; a letter and its own text are one, a letter and another's a clash."""
    named = text_mentions(text, choices)
    letters = [
        one
        for one in letter_mentions(text, {n.end for n in named})
        if not any(n.start <= one.start < n.end for n in named)
    ]
    found: list[Mention] = []
    for mention in sorted([*named, *letters], key=lambda one: one.start):
        pair = joined(text, found[-1], mention) if found else None
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
    bracket = right.alone and re.fullmatch(r"\s*[(\[]", gap)
    if (label or bracket) and not REJECT_AFTER.match(text, right.end):
        return Mention(left.start, right.end, f"{left.key}/{right.key}" if label else f"{right.key}/{left.key}")
    return None


def text_mentions(text: str, choices: Texts) -> list[Mention]:
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
                if not twin and whole(text, start, end, option[0][0].isdigit()):
                    found.append(Mention(start, end, letter))
                size = len(option)
                break
        i += size
    return found


def whole(text: str, start: int, end: int, number: bool) -> bool:
    """Whether a text mention is no part of a longer name: heart failure is not the heart."""
    if PREFIX.search(text[max(0, start - 6) : start]):
        return False
    after = re.match(r"(-?) ?([A-Za-z]+)", text[end : end + 24])
    if number or not after or text[end - 1 : end].isdigit() or NUMERAL.search(text[start:end]):
        return True
    label = len(after[2]) == 1 and re.match(r" ?[A-Z][).:]", text[end : end + 3])
    return not after[1] and (after[2].lower() in AFTER_TEXT or bool(label))


def letter_mentions(text: str, ends: Set[int] = frozenset()) -> list[Mention]:
    """Where a letter stands for an option; marked by `alone` until it is ranked. ends: where the texts of options do."""
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
    stops = bool(re.match(r"[\s*]*(?:$|[.,;:!?)\]\n\"'*/&|])", after))
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
            found[i] = replace(ranked[i], rank=min(rank, ranked[i].rank) if rank == ASIDE else rank)
    return found
