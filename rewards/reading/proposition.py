"""What a yes/no question asks and what a sentence says, as content words that are affirmed or denied."""

import re
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from rewards.reading.canon import canon
from rewards.reading.fold import fold
from rewards.reading.tables import FOLDER, rows, vocabulary
from rewards.reading.words import family, stem

TOKEN = re.compile(r"[^\W_]+(?:['-][^\W_]+)*")
ASKED = re.compile(
    r"(?:^|[.,;:?!\n]\s*|\b(?:that|and|question|whether)\s+)(?:(?:so|then|but|also|overall),?\s+)?"
    r"(?P<aux>is|are|was|were|am|does|do|did|has|have|had|can|could|will|would|should|may|might|must|"
    r"isn't|aren't|doesn't|don't|"
    r"didn't|can't|shouldn't|won't|hasn't)\b(?P<rest>[^?\n]*)\??",
    re.IGNORECASE,
)
NEGATION = vocabulary("negation")
# Words that say nothing of what is asked: the frame of a question or of its answer.
FRAME = vocabulary("frame") | NEGATION


def exclusive() -> dict[str, tuple[tuple[int, int], ...]]:
    """word -> (kind, sort) of each kind of words that exclude each other."""
    found: dict[str, list[tuple[int, int]]] = {}
    for kind, line in enumerate(rows(FOLDER / "exclusive.tsv")):
        for sort, listed in enumerate(line):
            for word in map(str.strip, listed.split(",")):
                found.setdefault(word, []).append((kind, sort))
    return {word: tuple(places) for word, places in found.items()}


KINDS = exclusive()
SOUNDNESS = KINDS["normal"][0][0]
SAYS = re.compile(r"^\s*(?:it|this|that|the (?:statement|claim))\s+(\w+)")
LEADS = re.compile(r"[,;:]|\b(?:in|for|of|with|on|at|to|that|after|during|when)\b")
GIVEN = re.compile(r"[,;:]|\bgiven (?=that\b|the\b|this\b|these\b|h(?:is|er)\b)|\bif\b|\bbecause\b")
COMPARES = re.compile(
    r"\b(?:than|over|above|below|under|at least|at most|exceeds?|within|between)\b|[<>≥≤]", re.IGNORECASE
)
ASKS_PRESENCE = re.compile(
    r"\s*(?:there|any|(?:the|this) (?:image|patient|scan|film|study|ct|mri)|(?:you|we|one) (?:see|find))\b", re.I
)
PREPOSITION = re.compile(
    r"\b(?:of|in|on|at|within|from|during|for|with|by|to|than|after|before|following|when|near|along|around|against|"
    r"without|between|through|into|via|per)\b",
    re.IGNORECASE,
)
NOTHING = re.compile(
    r"\b(?:no (?:wonder|doubt|question|other)|(?<=\bno )longer|not only|without (?:a )?doubt|no\. ?(?=\d))",
    re.IGNORECASE,
)
DENYING = re.compile(
    r"\b(?:(?:wrong|incorrect|false|untrue) (?:to (?:say|claim|state|think|conclude)|that)|(?:free|"
    r"devoid) (?:of|from)|negative for)\b",
    re.I,
)
TAG = re.compile(
    r"(?P<said>.*),\s*(?:is|are|was|were|does|do|did|has|have|can|could|will|would|"
    r"should)(?:n't)?\s+(?:it|they|he|she|there|this|that|not)\?\W*$",
    re.I | re.S,
)


@dataclass(frozen=True)
class Proposition:
    """What a question asks or a sentence says: its content words, and whether they are denied.

    Of a question also: `head`, words of which an answer must name one; `subject`, of what it asks ({} if it asks
    whether something is there); `named`, the words that true, negative and the like in an answer refer to; and
    whether it compares numbers.
    """

    words: tuple[str, ...]
    denied: bool
    head: frozenset[str] = frozenset()
    named: frozenset[str] = frozenset()
    compares: bool = False
    subject: frozenset[str] = frozenset()

    @cached_property
    def kinds(self) -> dict[int, set[int]]:
        """The sorts of exclusive words by kind."""
        found: dict[int, set[int]] = {}
        for word in self.words:
            for kind, sort in KINDS.get(word, ()):
                found.setdefault(kind, set()).add(sort)
        return found

    @cached_property
    def about(self) -> frozenset[str]:
        """The words of which an answer must name one: the subject, if the question has one."""
        return self.subject & self.things or self.things

    @cached_property
    def things(self) -> frozenset[str]:
        """The words that are of no such kind: what it is about."""
        return frozenset(word for word in self.words if word not in KINDS)


NOTHING_ASKED = Proposition(("\x00",), False, frozenset({"\x00"}), subject=frozenset({"\x00"}))


@lru_cache(maxsize=4096)
def content(text: str) -> Proposition:
    """The content words of a text in their order and whether an odd number of words denies them."""
    tokens = [
        token.lower()
        for token in TOKEN.findall(NON.sub("not ", NOTHING.sub(" ", INSTEAD.sub(" not ", DENYING.sub(" not ", text)))))
    ]
    denials = sum(token in NEGATION for token in tokens) + len(RULED_OUT.findall(text))
    words = [word for token in tokens if token not in FRAME for word in canonical(token) if word not in FRAME]
    words += ["true"] if REAL.search(text) else []
    return Proposition(tuple(dict.fromkeys(words)), denials % 2 == 1)


def canonical(token: str) -> tuple[str, ...]:
    """The canonical words of a token; those that exclude others are left as they are."""
    token = SIDED.sub("", token)
    token = token[:-2] if token.endswith("ly") and token[:-2] in KINDS else token
    for known in (token, stem(token)):
        if known in KINDS:
            return (known,)
    return tuple(map(family, canon(token)))


REAL = re.compile(r"\ban? true (?=[a-z])", re.IGNORECASE)  # of its kind, as against "it is true"
NON = re.compile(r"\bnon-?(?=contrast|enhanc|calcif|displac|specific)|\bnon-|\bun(?=enhanced)", re.IGNORECASE)
INSTEAD = re.compile(r"\b(?:rather than|instead of)\b", re.IGNORECASE)
RULED_OUT = re.compile(r"\brul(?:ed|es|e)(?: \w+){0,3} out\b", re.IGNORECASE)
SIDED = re.compile(r"-(?:sided|side|hand)$")
HAS_SUBJECT = re.compile(
    r"\s*(?:the|this|that|these|those|his|her)?\s*(?:patients?|image|it|this|that|they|he|she|film|scan|picture|case)\b",
    re.I,
)
ASIDE = re.compile(
    r"\([^()]*\)|\b(?:on|in) (?:(?:this|the) (?!previous|prior|earlier|old|last)"
    r"(?:[\w-]+ ){0,4}(?:ct|mri|x-?ray|image|film|scan|radiograph|"
    r"ultrasound|slice|level|view|section|picture|study)|dwi|flair|adc|t[12]\S*|"
    r"(?:ct|mri|mra|imaging|ultrasound|histology|microscopy|biopsy|examination))\b|\b(?:evidence|signs?|"
    r"presence|history|indication) of\b",
    re.IGNORECASE,
)


@lru_cache(maxsize=4096)
def asked(question: str) -> Proposition | None:
    """What a yes/no question asks; None for a question of another form."""
    plain = ASIDE.sub("", fold(question))
    if tag := TAG.match(plain):
        said = content(tag["said"])
        return Proposition(said.words, said.denied, frozenset(said.words[-1:])) if said.words else None
    found = list(ASKED.finditer(plain))
    found = [match for match in found if match[0].endswith("?")] or found
    if not found:
        return None
    match = found[-1]
    said = content(GIVEN.split(match["rest"], maxsplit=1)[0])
    if not said.words:
        return replace(NOTHING_ASKED, denied=True) if said.denied else None
    core = content(PREPOSITION.split(match["rest"], maxsplit=1)[0]).words or said.words
    presence = ASKS_PRESENCE.match(match["rest"]) is not None
    head = core[-1:] if len(core) > 1 or presence or HAS_SUBJECT.match(match["rest"]) else said.words[-1:]
    named = TOKEN.findall(LEADS.split(match["rest"].lower())[0])[-1:] + SAYS.findall(match["rest"].lower())
    return Proposition(
        said.words,
        denied=said.denied ^ match["aux"].lower().endswith("n't"),
        head=frozenset(head),
        subject=frozenset() if presence or HAS_SUBJECT.match(match["rest"]) else frozenset(core) - frozenset(KINDS),
        named=frozenset(named),
        compares=COMPARES.search(match["rest"]) is not None,
    )
