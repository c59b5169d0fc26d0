"""Free text: does a response commit to the gold phrase?"""

import re

from rewards.contract import Score
from rewards.reading import Reading
from rewards.reading.canon import Words, canon, terms_with
from rewards.reading.guards import DIRECTIONS, GROUPS, NEGATORS
from rewards.reading.phrase import same_phrase
from rewards.reading.prose import committed_text
from rewards.reading.sentence import read_phrase, stated
from rewards.reading.tables import Synonyms, vocabulary
from rewards.reading.told import told
from rewards.response import Response

DENIALS = frozenset({"no", "not", "none", "without", "normal", "absent", "negative", "nothing"})
SENTENCE_END = re.compile(r"[.!?;]\s|\n")
LONGEST = 1000  # characters of an answer that are compared as they stand


def phrase_match(
    response: Response, answer: str, question: str | None = None, synonyms: Synonyms | None = None
) -> Score:
    """1 if the committed phrase is the gold's, in other dress or with added detail, else 0."""
    verbatim = response.answer or ""
    known = terms_with(synonyms)
    want = canon(answer, known)
    asks = verbatim.rstrip().endswith("?") and not answer.rstrip().endswith("?")
    if len(verbatim) <= LONGEST and not asks and canon(verbatim, known) == want != ():
        return Score(1.0, verbatim, response.rule, "the gold itself")
    text = committed_text(response)
    said = read_phrase(text.value, question, denies(want)) if text.value is not None else text
    if said.value is None:
        return Score(0.0, None, said.rule, said.why)
    if repeats(text, question, answer):
        return Score(0.0, said.value[:200], "question", "the question is repeated")
    if canon(stated(text.value or ""), known) == want:
        return Score(1.0, said.value[:200], said.rule, "same words")
    right, why = same_phrase(said.value, answer, question, synonyms)
    if not right and (fuller := placed(said.value, text.value or "", want)):
        right, why = same_phrase(fuller, answer, question, synonyms)
    if not right and said.rule == "phrase" and told(text.value or "", said.value, answer, question, known):
        return Score(1.0, answer, "told", "a sentence tells it")
    return Score(float(right), said.value[:200], said.rule, why)


def placed(said: str, text: str, gold: Words) -> str | None:
    """The phrase with the side and the place that its sentence names before it: RLL consolidation consistent with "
    "..."""
    missing = [word for word in gold if word not in canon(said)]
    at = text.rfind(said)
    if not missing or at < 1 or not all(word in DIRECTIONS or word in vocabulary("places") for word in missing):
        return None
    front = set(canon(SENTENCE_END.split(text[:at])[-1][-300:]))
    if NEGATORS & front or not front.issuperset(missing):
        return None
    if any(group & set(missing) and group & front - set(missing) for group in GROUPS):
        return None
    return " ".join((*missing, said))


def denies(gold: Words) -> bool:
    """Whether the gold itself is a denial: no fracture, normal."""
    return bool(DENIALS & set(gold))


def repeats(text: Reading, question: str | None, answer: str) -> bool:
    """Whether the text is the question over again."""
    return bool(question and canon((text.value or "")[:2000]) == canon(question[:2000]) != canon(answer))
