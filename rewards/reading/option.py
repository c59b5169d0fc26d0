"""Which option letter a text commits to.  Letters inside names, negated letters and lists are not commitments."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from rewards.reading import Reading
from rewards.reading.fold import canon
from rewards.reading.polarity import read_polarity
from rewards.reading.prose import committed_clause

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
BARE = re.compile(r"(?:(?:option|choice|answer|选项?)\b\s*:?\s*)?[^\w]*([A-Za-z])[^\w]*", re.IGNORECASE)
# Words that may follow a letter which stands for an option: after others "A" is an article and "I" a pronoun.
FOLLOWS = (
    r"because|since|as|is|are|was|and|or|but|due|given|with|for|based|which|seems|looks|here|not|rather|over|instead|"
    r"in|on|by|from|it|however|again|of|fits|best|also"
)
TOKEN = (
    r"[(\[\"'{]*(?-i:(?P<upper>[A-Z])|(?P<lower>[a-z]))(?![\w'’]|-\w|/\w|\+)"
    rf"(?:(?= ?[^\w\s]| *$|\n)|(?= (?:{FOLLOWS})\b)|(?-i:(?<=[B-HJ-Z]))(?= ))"
)
FILLER = (
    r"(?:(?:is|be|the|most|likely|probably|definitely|clearly|therefore|thus|correct|best|right|option|choice|letter|"
    r"answer|indeed|actually)\b[\s:]*)*"
)
STRONG = re.compile(
    r"(?:(?:\banswers?\b|\b(?:correct|right|best|final|appropriate|likely) (?:option|choice|one)\b)"
    r"(?: (?:to|here|for)[^.:\n]{0,40}?)?\s*(?:is|are|was|would be|should be|must be|:|=|\n|(?=[(\s]))|"
    r"\bi(?:'d| would| will|'ll)? (?:\w+ )?(?:pick|choose|chose|select|go with|opt for|say)\b|"
    r"答案(?:是|为|选|应为)?|应?选择?(?:项)?|(?:^|\n)\s*(?:option|choice)\b)"
    rf"[\s:=,]*{FILLER}(?P<no>(?:not|n't|isn't)\s+(?:option |choice )?)?{TOKEN}",
    re.IGNORECASE,
)
WEAK = re.compile(
    r"\b(?:option|choice|letter|so|thus|therefore|hence|(?<!anything )(?<!everything )(?<!all )but|"
    r"probably|likely|maybe|perhaps|think|believe|it is|it's|it must be|must be|pick|choose|select)\b"
    rf"[\s:,]*{FILLER}(?P<no>not\s+(?:option |choice )?)?{TOKEN}",
    re.IGNORECASE,
)
VERDICT = re.compile(
    r"(?:^|[\s(\[])(?P<upper>[A-Z])[)\]]? (?:is|seems|looks|would be|appears)(?: to be)?"
    r"(?: also| equally| just as)?(?P<no> not| in|n't)?\s?"
    r"(?:the )?(?:most )?(?:likely |clearly )?(?:answer\b|(?:correct|right|best|true|appropriate|likely)"
    r"(?= (?:answer|option|choice|one)\b| ?[.,;:!)]|\s*$|\n| (?:because|since|as|given)\b))"
)
EQUAL = re.compile(r"\b[A-Z][)\]]? (?:is|are|would be|seems) (?:also|equally|just as)\b")
LEADING = re.compile(
    r"[(\[\"']*(?P<upper>[A-Z])(?:[)\]\"':.,]+(?=\s|$|[A-Z])|\s+-\s|\s*$|\n|"
    r"(?= (?:because|since|as|due|given|or|and)\b))|[(\[]?(?P<lower>[a-z])[):.]\s"
)
LISTED = re.compile(
    r"[)\].\"':]*\s*(?:,?\s*(?:and/or|or|and|&|/|\+)|,)\s*(?:option |choice |maybe |perhaps |possibly |also )*"
    r"[(\[\"']*([A-Z])(?=[)\]\"'.,;]|\s*$|\s+(?:and|or)\b|\s*/|\n)"
    r"|[)\].:]*\s+[(\[]?([A-Z])(?=[)\]:]|\.(?:\s|$)|\s*$)"
)
OR_ALSO = re.compile(
    r"(?i:(?:\b(?:or|alternatively)\b,?|\b(?:no|rather|instead),) (?:maybe |perhaps |possibly |it is |it's |also )*"
    r"(?:option |choice )?)[(\[]?([A-Z])(?=[)\].,;:\n]|$)"
)
PAREN = re.compile(r"[(\[]([A-Z])[)\]]")
NAMED = re.compile(
    r"\b(?:hepatitis|vitamin|type|group|class|stage|grade|factor|protein|child-pugh|influenza|immunoglobulin|ig|"
    r"hemoglobin|coenzyme|streptococcus|strep|botulinum|amphotericin|apolipoprotein|level|zone|lead|wave|section|"
    r"serotype|blood|category)[ -]*$",
    re.IGNORECASE,
)
CELL = re.compile(r"\s*(?:cells?|lymphocytes?|symptoms|virus|waves?|protein|peptide|lines?|fibers?|antigen|complex)\b")
REJECTED = re.compile(
    r"[)\]\"']*,?\s*(?:\([^)]*\)\s*)?(?:(?:is|are|was|can be|would be|seems|looks)\s+(?:\w+ly\s+)?(?:wrong|incorrect|"
    r"not|excluded|ruled|false|unlikely|less likely|out\b|eliminated|inconsistent|impossible)|"
    r"isn't|can't|cannot|does not|doesn't|wrong)",
    re.IGNORECASE,
)
CLAIM = re.compile(r"(?<![\w'])([A-Z])(?![\w'])[)\].:,]*\s*(?:[-:(]\s*|(?P<is>is\s+))?(?=(?P<text>[^\n]{1,160}))")
CLAIM_END = re.compile(r"[.;,()](?!\d)")
NEGATION = frozenset(
    {"not", "no", "never", "neither", "nor", "isn't", "without", "unlike", "than", "exclude", "excluding", "excluded",
     "unlikely", "versus", "against", "rule"}
)  # fmt: skip
REFUTED = frozenset({"unlikely", "wrong", "incorrect", "excluded", "absent", "ruled", "false", "impossible"})
SPECIES = frozenset(
    {"difficile", "coli", "aureus", "pneumoniae", "pyogenes", "pylori", "albicans", "tetani", "botulinum", "leprae",
     "perfringens", "aeruginosa", "influenzae", "trachomatis", "gondii", "falciparum", "vivax", "jejuni", "elegans",
     "tuberculosis", "meningitidis", "gonorrhoeae", "faecalis", "epidermidis", "neoformans", "burgdorferi", "pallidum"}
)  # fmt: skip
ORGANISM = re.compile(r"([A-Z])\. ?([a-z]{3,})")
POLAR = frozenset({"yes", "no", "maybe", "true", "false"})


Texts = Sequence[tuple[str, tuple[str, ...]]]  # (letter, canonical words)


@lru_cache(maxsize=4096)
def texts(options: tuple[tuple[str, str], ...]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """(letter, canonical words) of every option."""
    return tuple((letter, canon(text)) for letter, text in options)


def lettered(options: Mapping[str, str] | Sequence[str] | None) -> dict[str, str]:
    """Options as letter -> text: a mapping (empty columns dropped, keys upper case) or a list; {} if there are none."""
    if not options:
        return {}
    if isinstance(options, Mapping):
        return {str(key).strip().upper(): str(text) for key, text in options.items() if text is not None}
    return dict(zip(LETTERS, map(str, options), strict=False))


def read_option(text: str, options: Mapping[str, str]) -> Reading:
    """The one letter a folded text commits to.

    >>> four = {"A": "Right Atrium", "B": "Left Atrium", "C": "Right Ventricle", "D": "Left Ventricle"}
    >>> [read_option(text, four).value for text in ("not A, but C", "Left atrium", "A or C", "vitamin C", "Option E")]
    ['C', 'B', None, None, None]
    """
    words = texts(tuple(options.items()))
    bare = BARE.fullmatch(text)
    if bare and bare[1].upper() in options:
        return known(bare[1].upper(), options, "letter")
    lead = LEADING.match(text)
    dressed = lead and lead["upper"] == "A" and "A" in options  # the canonical form drops this letter as an article
    whole = canon(text) if len(text) < 300 and not dressed else ()
    same = [letter for letter, option in words if option == whole and whole]
    if len(same) == 1:
        return Reading(same[0], "option_text", "the text of one option")
    if bare:
        return known(bare[1].upper(), options, "letter")
    clause = committed_clause(text).value or ""
    said = canon(clause) if 2 < len(clause) < 300 and not dressed else ()
    same = [letter for letter, option in words if option == said and len(said) > 1]
    if len(same) == 1 and not LEADING.match(clause):
        return Reading(same[0], "option_text", "the text of one option")
    strong = strong_letters(text, words)
    letters = strong | weak_letters(text, words) if EQUAL.search(text) or not strong else strong
    if not letters:
        return by_text(text, words)
    if len(letters) > 1:
        return Reading(None, "conflict", f"several letters: {', '.join(sorted(letters))}")
    (letter,) = letters
    if letter not in options:
        return known(letter, options, "letter")
    if other := contradicted(letter, text, words):
        return Reading(None, "conflict", f"letter {letter} but text or list of {other}")
    return Reading(letter, "letter", f"commits to {letter}")


def known(letter: str, options: Mapping[str, str], rule: str) -> Reading:
    """The letter if it is one of the options."""
    if letter in options:
        return Reading(letter, rule, f"commits to {letter}")
    return Reading(None, "out_of_range", f"{letter} is not one of {', '.join(options)}")


def strong_letters(text: str, words: Texts) -> set[str]:
    """Letters that are marked as the answer, lead the text, stand alone in its last line, or join one that does."""
    found: list[tuple[str, int]] = []
    rejected: set[str] = set()
    for pattern in (STRONG, VERDICT):
        for match in pattern.finditer(text):
            take(match, text, found, rejected, words)
    if lead := LEADING.match(text):
        take(lead, text, found, rejected, words)
    last = text.rpartition("\n")[2]
    if last is not text and (alone := BARE.fullmatch(last.strip())):
        found.append((alone[1].upper(), len(text)))
    letters = {letter for letter, _ in found}
    for _, end in found:
        while match := LISTED.match(text, end):
            letters.add(match[match.lastindex or 1])
            end = match.end(match.lastindex or 1)
    if letters:
        letters |= {match[1] for match in OR_ALSO.finditer(text)}
    return letters - rejected


def weak_letters(text: str, words: Texts) -> set[str]:
    """Letters after 'option', 'so', 'but'; failing these, letters in brackets."""
    found: list[tuple[str, int]] = []
    rejected: set[str] = set()
    for match in WEAK.finditer(text):
        take(match, text, found, rejected, words)
    letters = {letter for letter, _ in found}
    for _, end in found:
        while match := LISTED.match(text, end):
            letters.add(match[match.lastindex or 1])
            end = match.end(match.lastindex or 1)
    if not letters:
        known_letters = {letter for letter, _ in words}
        for match in PAREN.finditer(text):
            if match[1] in known_letters and not negated_before(text[: match.start()]):
                take_letter(match[1], match.end(), text, found, rejected)
        letters = {letter for letter, _ in found}
    return letters - rejected


def take(match: re.Match[str], text: str, found: list[tuple[str, int]], rejected: set[str], words: Texts) -> None:
    """Add a match's letter to the found or, where it is negated, to the rejected ones."""
    groups = match.groupdict()
    name = "upper" if groups.get("upper") else "lower"
    letter, end = match[name].upper(), match.end(name)
    if groups.get("no"):
        rejected.add(letter)
        return
    if NAMED.search(text, max(0, match.start(name) - 40), match.start(name)) or CELL.match(text, end):
        return
    if name == "lower" and letter in "AI" and re.match(r"\s+\w", text[end:]):
        return  # the article, the pronoun
    if not organism(text, match.start(name), words):
        take_letter(letter, end, text, found, rejected)


def take_letter(letter: str, end: int, text: str, found: list[tuple[str, int]], rejected: set[str]) -> None:
    """A letter counts as found unless what follows rejects it."""
    if REJECTED.match(text, end):
        rejected.add(letter)
    else:
        found.append((letter, end))


def organism(text: str, start: int, words: Texts) -> bool:
    """Whether a letter begins a name like C. difficile: a known species, or an option's text begins so."""
    name = ORGANISM.match(text, start)
    if not name:
        return False
    full = canon(name[0])
    named = len(full) > 1 and any(option[: len(full)] == full for _, option in words)
    return named or name[2] in SPECIES


def contradicted(letter: str, text: str, words: Texts) -> str | None:
    """Another option that the text after the letter names as the answer, or lists in the same way."""
    texts_of = dict(words)
    own = texts_of[letter]
    for match in CLAIM.finditer(text):
        option = texts_of.get(match[1])
        if not option:
            continue
        said = canon(match["text"])
        if match[1] == letter:
            begun = [other for other, other_words in words if other_words and said[: len(other_words)] == other_words]
            best = max(begun, key=lambda other: len(texts_of[other]), default=letter)
            if best != letter and said[: len(own)] != own:
                return best
        elif match["is"]:
            continue  # "A is the right atrium" explains, it does not list
        elif canon(CLAIM_END.split(match["text"], maxsplit=1)[0]) == option or lists(said, option, texts_of):
            return match[1]
    return None


def lists(said: tuple[str, ...], option: tuple[str, ...], texts_of: Mapping[str, tuple[str, ...]]) -> bool:
    """Whether the words are the option's text and then another option's letter, as in a list on one line."""
    size = len(option)
    return said[:size] == option and len(said) > size and said[size].upper() in texts_of


def negated_before(before: str) -> bool:
    """Whether one of the last three words negates what follows."""
    return not NEGATION.isdisjoint(re.findall(r"[\w']+", before[-40:].lower())[-3:])


def by_text(text: str, words: Texts) -> Reading:
    """The one option whose text is asserted, longest first, whole words, not negated."""
    if {option for _, option in words} <= {(word,) for word in POLAR}:
        said = read_polarity(text)
        letter = next((letter for letter, option in words if option == (said.value,)), None)
        return Reading(letter, "option_text" if letter else said.rule, said.why)
    said = list(canon(text))
    asserted: set[str] = set()
    for letter, option in sorted(words, key=lambda item: -len(item[1])):
        size = len(option)
        for start in range(len(said) - size + 1 if size else 0):
            if tuple(said[start : start + size]) == option:
                if stands(said[max(0, start - 3) : start], said[start + size : start + size + 3]):
                    asserted.add(letter)
                said[start : start + size] = ["\x00"] * size
    if len(asserted) == 1:
        return Reading(asserted.pop(), "option_text", "the text of one option")
    rule = "conflict" if asserted else "unparsed"
    return Reading(None, rule, "several options" if asserted else "no option is named")


def stands(before: list[str], after: list[str]) -> bool:
    """Whether a phrase is asserted, by the three words before and after it."""
    refuted = after[:1] and (after[0] in REFUTED or (after[0] in ("is", "are", "was") and "not" in after))
    if before[-1:] == ["or"] or after[:1] == ["or"]:
        return False
    return NEGATION.isdisjoint(before) and not refuted and REFUTED.isdisjoint(after[:2])
