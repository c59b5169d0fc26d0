"""ICD-10-CM codes in text, with the official list of codes and titles from the package simple-icd-10-cm."""

import re
from functools import cache, lru_cache
from types import ModuleType

from rewards.contract import RewardError
from rewards.reading.canon import canon
from rewards.reading.fold import fold

DOTTED = re.compile(r"(?<![\w.])([A-Za-z]\d[0-9A-Za-z])(?:\.([0-9A-Za-z]{1,4}))?(?![\w]|\.\d)")
PLAIN = re.compile(r"(?<![\w.])([A-Za-z]\d[0-9A-Za-z]{2,5})(?![\w.]*\w)")
SYSTEM = re.compile(r"\bICD[\s-]?10(?:[\s-]?CM)?\b|\bcodes?\b|\bdiagnos[ei]s\b", re.IGNORECASE)
WITHOUT = re.compile(r"\b(?:with no|no|not|without(?: any)?)\b", re.IGNORECASE)
# A title that has one word of a group is contradicted by another of the same group.
RIVALS = (
    {"left", "right", "bilateral"}, {"acute", "chronic", "subacute"}, {"with", "without"}, {"type1", "type2"},
    {"benign", "malignant"}, {"primary", "secondary"}, {"upper", "lower"}, {"open", "closed"}, {"male", "female"},
    {"initial", "subsequent", "sequela"}, {"mild", "moderate", "severe"}, {"viral", "bacterial"},
    {"stage1", "stage2", "stage3", "stage4", "stage5"}, {"first", "second", "third"}, {"hyper", "hypo"},
    {"displaced", "nondisplaced"},
)  # fmt: skip
EMPTY = {
    "of", "and", "or", "the", "in", "to", "for", "by", "on", "is", "with", "without", "unspecified", "other", "patient",
    "disease", "disorder", "condition", "acute", "chronic", "left", "right", "not", "no", "due", "nos",
}  # fmt: skip


@cache
def codebook() -> ModuleType:
    """The package with the codes (April 2026 release of version 1.5); loaded in 1.5 s and 150 MB, once."""
    try:
        import simple_icd_10_cm  # heavy: only when a code is graded
    except ImportError:
        raise RewardError("reward icd10: needs simple-icd-10-cm: pip install -e '.[icd]'") from None
    return simple_icd_10_cm


def code_of(text: object) -> str | None:
    """A code in its official form with the dot, whatever its case; None if there is no such code.

    >>> code_of("e119"), code_of("E11.9"), code_of("E11.99"), code_of("B12")
    ('E11.9', 'E11.9', None, None)
    """
    if not isinstance(text, str) or not re.fullmatch(r"[A-Za-z]\d[0-9A-Za-z](?:\.?[0-9A-Za-z]{1,4})?", text.strip()):
        return None
    bare = text.strip().upper().replace(".", "")
    code = bare if len(bare) == 3 else f"{bare[:3]}.{bare[3:]}"
    return code if codebook().is_valid_item(code) else None


def read_codes(text: str) -> tuple[list[str], list[str]]:
    """(distinct codes that exist, what is written as a code but does not exist) in a folded text.

    A word that is no code and has neither a dot nor three digits (B12, A1C, T2DM) is taken for what it says.
    """
    valid: dict[str, None] = {}
    false: dict[str, None] = {}
    for match in sorted((*DOTTED.finditer(text), *PLAIN.finditer(text)), key=lambda match: match.start()):
        if code := code_of(match[0]):
            valid[code] = None
        elif "." in match[0] or len(re.findall(r"\d", match[0])) > 2:
            false[match[0].upper()] = None
    return list(valid), list(false)


def lineage(code: str) -> list[str]:
    """The code and its parents down from its category of three signs."""
    parents = [item for item in codebook().get_ancestors(code) if codebook().is_category_or_subcategory(item)]
    return [*reversed(parents), code]


def likeness(said: str, gold: str) -> float:
    """The share of the longer lineage that two codes have in common: 1 for the same, 1/2 for a category and its child.

    >>> likeness("E11.65", "E11.9"), likeness("E11", "E11.9"), likeness("I10", "E11.9")
    (0.3333333333333333, 0.5, 0.0)
    """
    mine, wanted = lineage(said), lineage(gold)
    return len(set(mine) & set(wanted)) / max(len(mine), len(wanted))


@lru_cache(maxsize=4096)
def titles(code: str) -> tuple[str, ...]:
    """The official title of a code, what the list includes under it, and those of its parents up to the category."""
    book, found = codebook(), []
    for item in reversed(lineage(code)):
        found += [book.get_description(item), *book.get_inclusion_term(item), *book.get_includes(item)]
    return tuple(found)


def contradiction(code: str, text: str) -> str | None:
    """Why the words that stand beside a code are not its title, or None where they are, or there are none.

    They contradict it if they are another code's title, name the rival of a word of the title (left and right, with
    and without, type 1 and type 2), or share no word with the title, its inclusion terms and its parents' titles.

    >>> contradiction("E11.9", "type 2 diabetes"), contradiction("E11.9", "Type I diabetes mellitus")
    (None, "'type1' against 'type2' in the title of E11.9")
    """
    text = SYSTEM.sub(" ", PLAIN.sub(" ", DOTTED.sub(" ", fold(text)))).strip(" .,;:-()[]\"'*")
    words, own = marked(text), marked(titles(code)[0])
    if not words:
        return None
    if (other := titled().get(canon_key(text))) and not set(other) & set(lineage(code)):
        return f"{text[:60]!r} is the title of {other[0]}"
    for group in RIVALS:
        if (said := words & group) and (has := own & group) and not said & has:
            return f"{min(said)!r} against {min(has)!r} in the title of {code}"
    known = {word for title in titles(code) for word in marked(title)}
    initials = " ".join("".join(re.findall(r"\b\w", title.lower())) for title in titles(code))
    shared = {word for word in words - EMPTY if word in known or (len(word) > 2 and word in initials)}
    return None if shared or not words - EMPTY else f"nothing of {text[:60]!r} is in the title of {code}"


def marked(text: str) -> set[str]:
    """The canonical words of a title, and with them type and stage joined with their number, hyper and hypo."""
    words = canon(WITHOUT.sub("without", text))
    joined = {f"{word}{after}" for word, after in zip(words, words[1:], strict=False) if word in ("type", "stage")}
    prefixes = {word[: 5 if word.startswith("hyper") else 4] for word in words if word.startswith(("hyper", "hypo"))}
    return set(words) | joined | prefixes


def canon_key(text: str) -> str:
    """Letters and digits only, lower case: the form in which titles are looked up."""
    return re.sub(r"\W+", "", text.lower())


@cache
def titled() -> dict[str, list[str]]:
    """Official title -> its codes."""
    found: dict[str, list[str]] = {}
    for code in codebook().get_all_codes(True):
        if not codebook().is_chapter_or_block(code):
            found.setdefault(canon_key(codebook().get_description(code)), []).append(code)
    return found
