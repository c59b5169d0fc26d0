"""A statement as the answer to a yes/no question: does it say what was asked, or its contrary?"""

import re
from collections.abc import Set

from rewards.reading import Reading
from rewards.reading.clauses import sentences
from rewards.reading.proposition import KINDS, NEGATION, NOTHING_ASKED, SOUNDNESS, TOKEN, Proposition, asked, content

SUMS_UP = re.compile(
    r"\W*(?:conclusion|impression|in (?:short|summary|conclusion)|overall|therefore|thus|hence|so|answer|finally)\b",
    re.IGNORECASE,
)
HEDGED = re.compile(r"\b(?:may|might|could|possibl[ey]|perhaps|maybe|equivocal|unclear|uncertain|"
                    r"suspicious|whether|cannot (?:be )?(?:excluded?|"
                    r"ruled?)|inconclusive|insufficient|questionable|not (?:certain|sure)|not clear (?:if|"
                    r"whether)|it is (?:not|un)clear|cannot (?:be )?(?:determined?|tell|say))\b", re.I)  # fmt: skip
# What a sentence says that does not answer: conditions, requests, rules, both words.
NO_ANSWER = re.compile(r"\b(?:if|otherwise|whether|please|upload|provide|attach\w*|glad|happy to|"
                       r"would help|nothing can be said|example|typically|usually|generally|commonly|"
                       r"classically|we should|let us|let's|verdict|scored|grader)\b|[{}]"
                       r"|\byes\b.*\bno\b|\bno\b.*\byes\b", re.IGNORECASE)  # fmt: skip
VERB = re.compile(
    r"\b(?:is|are|was|were|has|have|had|does|do|did|can|could|shows?|appears?|seems?|remains?|lies?)\b", re.I
)
PIECE = re.compile(
    r"\band (?=(?:it|this|that|they|there)\b)|\b(?:and|but) (?=not\b)|\b(?:other than|except(?: for)?|"
    r"apart from|aside from|besides)\b|[,;]\s|:\s(?=\S+\s\S)|\s-\s|\b(?:but|and therefore|so|hence|"
    r"therefore|thus)\b"
)
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
PARENTHESIS = re.compile(r"\([^()]*\)")
UNMADE = ("un", "in", "im", "ir", "non", "non-", "a", "ab", "dis")
PRONOUN = re.compile(r"\W*(?:(?:so|hence|thus|therefore|and|answer:?|then|overall|in short|"
                     r"here)\W+)*(?:it|they|this|that|these|those|he|she|both|"
                     r"all of (?:them|these|it)|neither|none|each)\b", re.IGNORECASE)  # fmt: skip


def stated(text: str, question: str | None) -> Reading:
    """yes or no, where the sentences of a folded text say what the question asks, or deny it.

    >>> question = "Is the heart enlarged?"
    >>> texts = "The heart is not enlarged.", "Normal heart size.", "The lungs are clear."
    >>> [stated(text, question).value for text in texts]
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
    elif short := ELLIPSIS.fullmatch(text.strip(" .")):
        found = {"no" if short["no"] or short["none"] else "yes"}
    elif ABSENT.search(text):
        found = {"no"}
    else:
        found = {"yes"} if PRESENT.search(text) and not content(text).denied else set()
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
        if len(piece) > 60 or not (said.denied or (goal.denied and NEGATION & set(TOKEN.findall(piece.lower())))):
            return None
        return "yes" if said.denied == goal.denied else "no"
    fragment = said.words[0] in KINDS and KINDS[said.words[0]][0][0] != SOUNDNESS and not VERB.search(piece)
    return verdict(said, goal, fragment or PRONOUN.match(piece) is not None)


def verdict(said: Proposition, goal: Proposition, pronoun: bool) -> str | None:
    """yes where a sentence says what is asked, no where it says the contrary, None where it is about other things."""
    mine, wanted = set(said.words), set(goal.words)
    agrees = "yes" if said.denied == goal.denied else "no"
    about = pronoun or not goal.things or not said.things or bool(goal.about & said.things)
    about = about or bool(goal.head & mine & KINDS.keys())
    about = about or any(
        kind in said.kinds for word in goal.head for kind, _ in KINDS.get(word, ()) if kind not in GENERAL
    )
    if (about or not goal.subject) and any(unmade(word, mine) for word in wanted - mine):
        return "no" if said.denied == goal.denied else "yes"
    if about and (numbers := digits(wanted)) and (others := digits(mine)) and numbers.isdisjoint(others):
        return None if said.denied or goal.compares else "no"
    if said.denied and SOUNDNESS in said.kinds and SOUNDNESS not in goal.kinds and not wanted <= mine:
        return None  # "not a normal finding": it is the soundness that is denied
    shared = {kind for kind, sorts in goal.kinds.items() if len(sorts) == 1 and kind in said.kinds}
    if any(len(said.kinds[kind]) > 1 for kind in shared):
        return None  # both sides are named: a smaller piece may tell
    if goal.compares and any(len(sorts) > 1 for sorts in goal.kinds.values()):
        return None  # smaller on the left than on the right
    named = bool(goal.head & mine or goal.head & KINDS.keys())
    contrary = [kind for kind in shared if goal.kinds[kind].isdisjoint(said.kinds[kind])]
    named = named or (any(kind not in GENERAL for kind in contrary) and bool(goal.subject & mine or pronoun))
    if contrary and named:
        return None if not about else "no" if not said.denied else "yes" if contrary == [SOUNDNESS] else None
    if (
        not goal.subject
        and SOUNDNESS in said.kinds
        and SOUNDNESS not in goal.kinds
        and mine - wanted
        and not said.denied
        and said.things <= wanted
    ):
        return "no" if said.kinds[SOUNDNESS] == {0} and said.things else None
    lacking = [word for word in wanted - mine if word in KINDS and not any(kind in shared for kind, _ in KINDS[word])]
    if shared and about and named and (said.denied or not lacking):
        return agrees
    covered = len(wanted & mine)
    if wanted <= mine or (said.denied and mine <= wanted):
        return agrees
    if not goal.head & mine or (lacking and not said.denied and not (pronoun and mine <= wanted)):
        return None
    placed = not goal.subject or goal.subject & mine or pronoun
    return agrees if mine <= wanted or ((placed or said.denied) and covered >= 0.5 * len(wanted)) else None


def digits(words: Set[str]) -> set[str]:
    """The words that hold a number."""
    return {word for word in words if any(map(str.isdigit, word))}


# Kinds of words that are said of all sorts of things: they do not tell what a sentence is about.
GENERAL = {
    KINDS[word][0][0]
    for word in (
        *("left", "normal", "upper", "anterior", "superior", "medial", "proximal", "increased"),
        *("single", "safe", "before", "new", "large", "unilateral", "positive", "true"),
    )
}
SWAPPED = (("hyper", "hypo"), ("brady", "tachy"), ("macro", "micro"), ("intra", "extra"))
TURNED = SWAPPED + tuple(pair[::-1] for pair in SWAPPED)


def unmade(word: str, others: Set[str]) -> bool:
    """Whether a word stands among others with a prefix that denies it, or without its own: symmetric, asymmetric."""
    if any(word.startswith(one) and other + word[len(one) :] in others for one, other in TURNED):
        return True
    return any(
        prefix + word in others or (word.startswith(prefix) and word[len(prefix) :] in others) for prefix in UNMADE
    )
