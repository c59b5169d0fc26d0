"""A text with a list in it, laid open: marks on one line, decisions one by one, openers and closing remarks."""

import re
from collections.abc import Callable, Sequence

from rewards.reading.canon import stems, terms
from rewards.reading.cues import cue

# Marks of a list on one line: a) ... b) ... or 1) ...; 2) ...
INLINE = re.compile(r"(?:^|(?<=[\s:;,]))\(?([a-h]|\d{1,2})\)\s+(?=\S)")
FIRST_MARKS = ("a", "1")
# One decision after another: "Kidneys: yes. Spleen: no."
DECIDED = re.compile(r"(?:^|[.;,\n])\s*[-*]?\s*([^.:;,\n]{2,60}?)\s*(?::|\s-)\s*(yes|no|true|false)\b[^.;\n]*", re.I)
CHOSEN = frozenset({"yes", "true"})
NOT_BUT = cue(r"^\W*not\b[^.;\n]{2,200}?,?\sbut(?:\srather|\sinstead)?\s(?=\S)")
SEEN = cue(r"""
    ^(?:in|on)\s(?:this|the)\b[^,.;\n]{0,60}?\s(?:one|we|you|i)\s(?:can\s)?(?:see|identify|make\sout|recogni[sz]e)\s|
    ^(?:one|we|you|i)\scan\s(?:see|identify|make\sout|recogni[sz]e)\s|
    ^[^,、。;\n]{0,12}(?:可以看到|能看到|可见)
""")
RESTATED = cue(r"^([^.\n]{3,80}?)(?:,|\s-+|;)?\s(?:in\sother\swords|that\sis|i\.e\.|namely)[,:]?\s+(?=\S)")
LABELLED = re.compile(r"^([^.:\n]{3,80}):\s+(?=\S)")
# S2, 3 and 4.
LEVEL = re.compile(r"[CTLS]\d{1,2}", re.IGNORECASE)
LEVELS = re.compile(r"\b([CTLS])(\d{1,2})((?:\s*(?:,\s*and|,|and|&|\+)\s*\d{1,2}\b(?!\s*(?:mm|cm|%)))+)")
THROUGH = re.compile(r"(?<=\d)\s+(?:to|through)\s+(?=[CTLS]?\d)")
VESSELS = {"n": "nerve", "a": "artery", "v": "vein", "m": "muscle"}
VESSEL = re.compile(r"(?<=[a-z]{3} )(?<!and )(?<!the )([navm])\.(?=[\s,;]|$)")
MNEMONIC = cue(r"[;,.]\s*(?:in\s|as\s|the\s|a\s)*mnemonic\b.*$")
CLAUSE_END = re.compile(r"(?<=[\w)\]][.;])\s+|\n+")
# A clause beside the list that sets another thing apart, and the words with which it would add one.
REMARK = cue(r"""
    \b(?:no(?!,)|not|never|nor|neither|would|stays?|stay\sbehind|only|rarely|instead|by\scontrast|inactive|precursor|
    spared|excluded|unlike|whereas)\b|n't\b
""")
ADDS = cue(r"""
    \b(?:also|another|too|further|additional(?:ly)?|as\swell|moreover|besides|plus|not\sonly|without|
    (?:in)?complete|missing|forget|wait|actually|sorry|correction|rather|but|it\sis|they\sare)\b
""")
FEWEST = 4  # words of a remark


def laid_open(text: str, golds: Sequence[str]) -> str:
    """A text whose list stands as the reader of entries knows it: one entry a line, levels spelt out, no opener.

    >>> laid_open("a) fever b) chills", ["fever", "chills"]), laid_open("S2, 3 and 4", ["S2", "S3", "S4"])
    ('\\n- fever \\n- chills', 'S2, S3, S4')
    """
    text = chosen(MNEMONIC.sub("", text) if "nemonic" in text else text)
    if "." in text:
        text = VESSEL.sub(lambda short: VESSELS[short[1]], text)
    if all(map(LEVEL.fullmatch, golds)):
        text = LEVELS.sub(each_level, THROUGH.sub("-", text))
    text = SEEN.sub("", NOT_BUT.sub("", text))
    for opener in (RESTATED, LABELLED):
        found = opener.match(text)
        if found and "," in found[1] and idle(found[1], golds):
            text = text[found.end() :]
    marks = INLINE.findall(text) if ")" in text and ": " not in text else []
    return INLINE.sub("\n- ", text) if len(marks) > 1 and marks[0] in FIRST_MARKS else text


def each_level(found: re.Match[str]) -> str:
    """Every level with its letter: S2, 3 and 4 as S2, S3, S4."""
    return ", ".join(found[1] + number for number in (found[2], *re.findall(r"\d{1,2}", found[3])))


def chosen(text: str) -> str:
    """The things with a yes where a text decides on one after another, as lines; any other text as it is."""
    decided = DECIDED.findall(text) if ":" in text or " - " in text else []
    if len(decided) < 2 or not any(said.lower() not in CHOSEN for _, said in decided):
        return text
    return "\n".join(f"- {thing}" for thing, said in decided if said.lower() in CHOSEN)


def idle(head: str, golds: Sequence[str]) -> bool:
    """Whether what stands before a list names nothing: a mnemonic, no gold and no known thing."""
    words = set(stems(head))
    if any(words.issuperset(stems(gold)) for gold in golds):
        return False
    return not any(stems(piece) in terms().names for piece in re.split(r",|\band\b", head))


def without_remarks(text: str, golds: Sequence[str], right: Callable[[str], bool]) -> bool:
    """Whether one clause of a text lists what is asked and every other one only sets another thing apart."""
    clauses = [clause for clause in CLAUSE_END.split(text) if clause.strip()]
    if not 1 < len(clauses) < 6:
        return False
    listing = [clause for clause in clauses if right(clause)]
    others = [clause for clause in clauses if clause not in listing]
    named = [set(stems(gold)) for gold in golds]
    return len(listing) == 1 and all(
        REMARK.search(clause)
        and not ADDS.search(clause)
        and len(clause.split()) >= FEWEST
        and not any(gold <= set(stems(clause)) for gold in named)
        for clause in others
    )
