"""A statement as the answer to a yes/no question: does it say what was asked, or its contrary?"""

import re
from collections.abc import Set
from dataclasses import dataclass
from functools import cached_property, lru_cache

from rewards.reading import Reading
from rewards.reading.canon import canon
from rewards.reading.clauses import sentences
from rewards.reading.fold import fold
from rewards.reading.tables import FOLDER, rows

TOKEN = re.compile(r"[^\W_]+(?:['-][^\W_]+)*")
ASKED = re.compile(
    r"(?:^|[.,;:?!\n]\s*|\b(?:that|and|question|whether)\s+)(?:(?:so|then|but|also|overall),?\s+)?"
    r"(?P<aux>is|are|was|were|am|does|do|did|has|have|had|can|could|will|would|should|may|might|must|"
    r"isn't|aren't|doesn't|don't|"
    r"didn't|can't|shouldn't|won't|hasn't)\b(?P<rest>[^?\n]*)\??",
    re.IGNORECASE,
)
NEGATION = frozenset(
    "not no never without neither nor none nothing absent absence lack lacks lacking denies excluded exclude excludes cannot "
    "fails failed unlikely devoid isn't aren't wasn't weren't doesn't don't didn't can't couldn't won't wouldn't shouldn't hasn't "
    "haven't unable contraindicated incapable avoided avoid forbidden prohibited inadvisable discouraged unsupported".split()
)
# Words that say nothing of what is asked: the frame of a question or of its answer.
FRAME = (
    frozenset(
        """a an the is are was were be been being am does do did has have had can could will would should may might must there this that these
    those it its they them he she his her their of in on at to for with by from and or as any some present seen visible evident noted
    shown identified detected observed demonstrated evidence sign signs image picture scan film study here patient patients which what
    also clearly definitely indeed yes so thus therefore overall likely probably most appears appear seems seem shows show reveals
    demonstrates suggests depicts i we you see can't one such than then very on off into exist exists found finding findings be true
    correct within about both each other over under above below between during given performed done taken obtained acquired considered consistent show x-ray
    radiograph xray ct mri photo photograph slide specimen case question s t history presence statistically clinically located situated lies lie really only just still already now certainly absolutely there's it's that's""".split()
    )
    | NEGATION
)
HEDGED = re.compile(r"\b(?:may|might|could|possibl[ey]|perhaps|maybe|equivocal|unclear|uncertain|"
                    r"suspicious|whether|cannot (?:be )?(?:excluded?|"
                    r"ruled?)|inconclusive|insufficient|questionable|not (?:certain|sure)|not clear (?:if|"
                    r"whether)|it is (?:not|un)clear|cannot (?:be )?(?:determined?|tell|say))\b", re.I)  # fmt: skip


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
SUMS_UP = re.compile(
    r"\W*(?:conclusion|impression|in (?:short|summary|conclusion)|overall|therefore|thus|hence|so|answer|finally)\b",
    re.IGNORECASE,
)
LEADS = re.compile(r"[,;:]|\b(?:in|for|of|with|on|at|to|that|after|during|when)\b")
GIVEN = re.compile(r"[,;:]|\bgiven\b|\bif\b|\bbecause\b")
COMPARES = re.compile(
    r"\b(?:than|over|above|below|under|at least|at most|exceeds?|within|between)\b|[<>≥≤]", re.IGNORECASE
)
ASKS_PRESENCE = re.compile(
    r"\s*(?:there|any|(?:the|this) (?:image|patient|scan|film|study|ct|mri)|(?:you|we|one) (?:see|find))\b", re.I
)
PREPOSITION = re.compile(r"\b(?:of|in|on|at|within|from|during|for|with|by|to|than|near|along|around)\b", re.IGNORECASE)
PARENTHESIS = re.compile(r"\([^()]*\)")
UNMADE = ("un", "in", "im", "ir", "non", "non-", "a", "ab", "dis")
ELLIPSIS = re.compile(
    r"(?:yes,? |no,? |of course,? |certainly,? |indeed,? |sure,? )?(?:(?:it|they|he|she|there|this|that|"
    r"these|those|the patient|i|we|one|you)\s+)(?:is|are|was|were|does|do|did|has|have|can|"
    r"could|will|would|should|may|might|must)(?P<no>n't|\s+not|not)?(?P<none>\s+(?:none|"
    r"neither))?(?:\s+(?:indeed|so|the case|true|correct|one|any))?",
    re.IGNORECASE,
)
ABSENT = re.compile(r"\b(?:there (?:is|are|was|were) no\b|no (?:evidence|sign)s? of\b|(?:is|are|was|"
                    r"were) (?:not (?:present|seen|visible|"
                    r"identified|detected|observed)|absent)\b|absence of\b)|^not (?:present|seen|visible|"
                    r"identified|detected|observed)\b|"
                    r"^without\b", re.IGNORECASE)  # fmt: skip
PRESENT = re.compile(r"\b(?:is|are|was|were) present\b|^[\w ]{3,60}? present\b", re.IGNORECASE)
NOTHING = re.compile(
    r"\b(?:no (?:wonder|doubt|question|other)|not only|without (?:a )?doubt|no\. ?(?=\d))", re.IGNORECASE
)
DENYING = re.compile(
    r"\b(?:(?:wrong|incorrect|false|untrue) (?:to (?:say|claim|state|think|conclude)|that)|(?:free|"
    r"devoid) (?:of|from)|negative for)\b",
    re.I,
)
# What a sentence says that does not answer: conditions, requests, rules, both words.
NO_ANSWER = re.compile(r"\b(?:if|otherwise|whether|please|upload|provide|attach\w*|glad|happy to|"
                       r"would help|nothing can be said|example|verdict|score[sd]?|grader)\b|[{}]"
                       r"|\byes\b.*\bno\b|\bno\b.*\byes\b", re.IGNORECASE)  # fmt: skip
VERB = re.compile(
    r"\b(?:is|are|was|were|has|have|had|does|do|did|can|could|shows?|appears?|seems?|remains?|lies?)\b", re.I
)
TAG = re.compile(
    r"(?P<said>.*),\s*(?:is|are|was|were|does|do|did|has|have|can|could|will|would|"
    r"should)(?:n't)?\s+(?:it|they|he|she|there|this|that|not)\?\W*$",
    re.I | re.S,
)
PIECE = re.compile(
    r"\band (?=(?:it|this|that|they|there)\b)|\b(?:and|but) (?=not\b)|\b(?:other than|except(?: for)?|"
    r"apart from|aside from|besides)\b|[,;]\s|:\s(?=\S+\s\S)|\s-\s|\b(?:but|and therefore|so|hence|"
    r"therefore|thus)\b"
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
        token.lower() for token in TOKEN.findall(NOTHING.sub(" ", INSTEAD.sub(" not ", DENYING.sub(" not ", text))))
    ]
    denials = sum(token in NEGATION for token in tokens) + len(RULED_OUT.findall(text))
    words = [word for token in tokens if token not in FRAME for word in canonical(token) if word not in FRAME]
    return Proposition(tuple(dict.fromkeys(words)), denials % 2 == 1)


def canonical(token: str) -> tuple[str, ...]:
    """The canonical words of a token; those that exclude others are left as they are."""
    token = SIDED.sub("", token)
    token = token[:-2] if token.endswith("ly") and token[:-2] in KINDS else token
    return (token,) if token in KINDS else canon(token)


INSTEAD = re.compile(r"\b(?:rather than|instead of)\b", re.IGNORECASE)
RULED_OUT = re.compile(r"\brul(?:ed|es|e)(?: \w+){0,3} out\b", re.IGNORECASE)
SIDED = re.compile(r"-(?:sided|side|hand)$")
PRONOUN = re.compile(r"\W*(?:(?:so|hence|thus|therefore|and|answer:?|then|overall|in short|"
                     r"here)\W+)*(?:it|they|this|that|these|those|he|she|both|"
                     r"all of (?:them|these|it)|neither|none|each)\b", re.IGNORECASE)  # fmt: skip
ASIDE = re.compile(
    r"\([^()]*\)|\b(?:on|in) (?:(?:this|the) (?:[\w-]+ ){0,4}(?:ct|mri|x-?ray|image|film|scan|radiograph|"
    r"ultrasound)|dwi|flair|adc|t[12]\S*|"
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
        return None
    core = content(PREPOSITION.split(match["rest"], maxsplit=1)[0]).words or said.words
    presence = ASKS_PRESENCE.match(match["rest"]) is not None
    head = core[-1:] if len(core) > 1 or presence else said.words[-1:]
    named = TOKEN.findall(LEADS.split(match["rest"].lower())[0])[-1:] + SAYS.findall(match["rest"].lower())
    return Proposition(
        said.words,
        denied=said.denied ^ match["aux"].lower().endswith("n't"),
        head=frozenset(head),
        subject=frozenset() if presence else frozenset(core) - frozenset(KINDS),
        named=frozenset(named),
        compares=COMPARES.search(match["rest"]) is not None,
    )


def stated(text: str, question: str | None) -> Reading:
    """yes or no, where the sentences of a folded text say what the question asks, or deny it.

    >>> question = "Is the heart enlarged?"
    >>> [stated(text, question).value for text in ("The heart is not enlarged.", "Normal heart size.", "The lungs are clear.")]
    ['no', 'no', None]
    """
    goal = asked(question) if question else None
    spoken = [text[start:end] for start, end, _, asks in sentences(text) if not asks]
    spoken = (
        spoken
        if len(spoken) < 6
        else [one for i, one in enumerate(spoken) if i in (0, len(spoken) - 2, len(spoken) - 1) or SUMS_UP.match(one)]
    )  # a long text says many things in between
    if question:
        found = {said for sentence in spoken if (said := answers(sentence, goal or NOTHING_ASKED))}
    else:
        found = (
            {"no"} if ABSENT.search(text) else {"yes"} if PRESENT.search(text) and not content(text).denied else set()
        )
    if len(found) > 1:
        return Reading(None, "conflict", "the statements differ")
    if not found:
        return Reading(None, "unparsed", "neither yes nor no is stated")
    said = found.pop()
    return Reading(said, "statement", f"a statement that amounts to {said}")


def answers(sentence: str, goal: Proposition) -> str | None:
    """What a sentence answers to the question: one of its pieces, or all of it."""
    sentence = PARENTHESIS.sub("", sentence).strip(" ,.")
    if HEDGED.search(sentence) or NO_ANSWER.search(sentence):
        return None
    pieces = [piece for piece in PIECE.split(sentence) if piece.strip()]
    found = {said for piece in pieces if (said := answer(piece.strip(" ,."), goal))}
    if len(found) == 1:
        return found.pop()
    return answer(sentence, goal) if not found and len(pieces) > 1 else None


def answer(piece: str, goal: Proposition) -> str | None:
    """What a part of a sentence answers to the question."""
    if short := ELLIPSIS.fullmatch(piece):
        return "no" if short["no"] or short["none"] else "yes"
    said = content(piece)
    if not said.words:
        return "no" if said.denied and not goal.denied and len(piece) < 60 else None
    fragment = said.words[0] in KINDS and KINDS[said.words[0]][0][0] != SOUNDNESS and not VERB.search(piece)
    return verdict(said, goal, fragment or PRONOUN.match(piece) is not None)


def verdict(said: Proposition, goal: Proposition, pronoun: bool) -> str | None:
    """yes where a sentence says what is asked, no where it says the contrary, None where it is about other things."""
    mine, wanted = set(said.words), set(goal.words)
    agrees = "yes" if said.denied == goal.denied else "no"
    about = pronoun or not goal.things or not said.things or bool(goal.about & said.things)
    about = about or bool(goal.head & mine & KINDS.keys())
    if about and any(unmade(word, mine) for word in wanted - mine):
        return "no" if said.denied == goal.denied else "yes"
    if about and (numbers := digits(wanted)) and (others := digits(mine)) and numbers.isdisjoint(others):
        return None if said.denied or goal.compares else "no"
    if said.denied and SOUNDNESS in said.kinds and SOUNDNESS not in goal.kinds and not wanted <= mine:
        return None  # "not a normal finding": it is the soundness that is denied
    shared = {kind for kind, sorts in goal.kinds.items() if len(sorts) == 1 and kind in said.kinds}
    if any(len(said.kinds[kind]) > 1 for kind in shared):
        return None  # both sides are named: a smaller piece may tell
    named = bool(goal.head & mine or goal.head & KINDS.keys())
    contrary = [kind for kind in shared if goal.kinds[kind].isdisjoint(said.kinds[kind])]
    if contrary and named:
        return None if not about else "no" if not said.denied else "yes" if contrary == [SOUNDNESS] else None
    if not goal.subject and SOUNDNESS in said.kinds and mine - wanted and not said.denied and said.things <= wanted:
        return "no" if said.kinds[SOUNDNESS] == {0} and said.things else None
    lacking = [word for word in wanted - mine if word in KINDS and not any(kind in shared for kind, _ in KINDS[word])]
    if shared and about and named and (said.denied or not lacking):
        return agrees
    covered = len(wanted & mine)
    if wanted <= mine or (said.denied and mine <= wanted):
        return agrees
    if not goal.head & mine or not (said.denied or not lacking):
        return None
    placed = not goal.subject or goal.subject & mine or pronoun
    return agrees if mine <= wanted or ((placed or said.denied) and covered >= 0.5 * len(wanted)) else None


def digits(words: Set[str]) -> set[str]:
    """The words that hold a number."""
    return {word for word in words if any(map(str.isdigit, word))}


def unmade(word: str, others: Set[str]) -> bool:
    """Whether a word stands among others with a prefix that denies it, or without its own: symmetric, asymmetric."""
    return any(
        prefix + word in others or (word.startswith(prefix) and word[len(prefix) :] in others) for prefix in UNMADE
    )
