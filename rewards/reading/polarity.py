"""Yes, no or maybe: the polarity a text commits to, in a word or in a statement about what was asked."""

import re
from functools import lru_cache

from rewards.reading import Reading
from rewards.reading.chinese import HAN, in_chinese
from rewards.reading.clauses import sentences
from rewards.reading.cues import MARK, WEAK_MARK
from rewards.reading.proposition import asked, content
from rewards.reading.prose import declines, refusal
from rewards.reading.stance import LEAD, STATED, WEAK, Mention, placed, settle
from rewards.reading.statement import ELLIPSIS, stated

BRIEF = 160  # characters of a text whose reading is remembered
LONGEST = 4000  # characters of an answer that are read, from its end
YES = (
    r"yes|yeah|yep|yea|ja|oui|s[ií](?=[.,;!]|$)|true|affirmative|correct|positive|present|indeed|right|absolutely|certainly|"
    r"definitely|of course|sure|agreed|exactly|in the affirmative|i agree|i do|i can|"
    r"without (?:a )?doubt|no doubt|by all means|undoubtedly"
)
NO = (
    r"no|nope|nah|nein|non(?=[.,;!]|$)|no (?:se|hay|existe)|false|negative|absent|incorrect|wrong|untrue|never|"
    r"by no means|"
    r"not at all|under no circumstances|far from it|"
    r"(?:certainly|of course|definitely|absolutely|surely|probably|clearly|most likely|likely) not|hardly|"
    "i disagree|disagreed?|in the negative|(?:quite |just |exactly )?the (?:reverse|opposite|contrary)|on the contrary|"
    "not so|none(?: whatsoever| at all| (?:is |are )?(?:seen|present|visible|identified|noted))?"
)
MAYBE = "maybe|may be|perhaps|possibly"
DOUBTFUL = re.compile(r"\W*(?:maybe|perhaps|possibly)\W{1,3}(?:yes|no)\W*", re.IGNORECASE)
PLAIN = frozenset({"yes", "no", "maybe"})
# Words that are answers wherever they stand alone.
SURE = frozenset({"yes", "yeah", "yep", "nope", "no", "maybe", "ja", "nein", "oui", "non"})
WORD = re.compile(rf"(?<![\w'/-])(?:(?P<yes>{YES})|(?P<no>{NO})|(?P<maybe>{MAYBE}))(?![\w'/-]|\.\d)", re.IGNORECASE)
# Words that say one of two things, and so whether a question that names either is answered with yes.
PAIRS = ("positive negative", "present absent", "correct incorrect", "true false", "right wrong", "true untrue")
PAIRED = {a: b for pair in PAIRS for a, b in (pair.split(), pair.split()[::-1])}
POLITE = re.compile(
    r"\W{1,3}(?:i(?:'d| would| will|'ll|'m| am| can)? (?:be )?(?:glad|happy|help|understand|see|assist)|"
    r"please|let(?:'s| us| me))\b",
    re.I,
)
ENDS = re.compile(
    r"[\s\"'*]*(?:$|[.,;:!)\]\n]|\s-|->|/|\b(?:and|or|but|because|since|as|given|due|so|though|although|"
    r"rather|instead)\b)"
)
BEGINS = re.compile(r"(?:^|^[A-Da-d][).:]\s*|[.;:!?|\n(\[\"']|\s-)[\s\"'*(\[]*$")
OPENS = re.compile(r"(?:^|[.!?\n])[\s\"'*]*$")
AFTER_JOINT = re.compile(r"(?:,|/|[\u4e00-\u9fff]|\b(?:and|or|not|but|than|also|alternatively|otherwise|"
                         r"both|either|neither|nor|a|an|definite|clear|simple|resounding|"
                         r"probably|likely|possibly|maybe|perhaps|definitely|clearly|certainly|simply|"
                         r"most|is|be|to))[\s\"'*(]*$", re.I)  # fmt: skip
REJECTING = re.compile(r"[\"')]*\s+(?:is|would be)\s+(?:\w+ly\s+|the\s+)*(?:wrong|incorrect|not)\b", re.IGNORECASE)
ADVERB = frozenset({"absolutely", "certainly", "definitely", "indeed", "perhaps", "possibly", "maybe"})
PAIR = re.compile(
    r"\b(yes|no|maybe)\b[\s,/&()-]{1,3}(?:(?:and|also|but|or|then)\s+){0,3}(yes|no|maybe)\b(?=\W*(?:$|"
    r"[.,;)\n]))|\byes/no\b|[\"']yes[\"'](?:(?!\bnot\b).){1,80}[\"']no[\"']|"
    r"[\"']no[\"'](?:(?!\bnot\b).){1,80}[\"']yes[\"']",
    re.I,
)


def read_polarity(text: str, question: str | None = None) -> Reading:
    """yes, no or maybe from a folded text; a statement counts where it is about what the question asks.

    >>> [read_polarity(text).value for text in ("Yes, no nodule.", "Eyes are visible", "yes/no", "That is not true")]
    ['yes', None, None, 'no']
    >>> read_polarity("A small effusion is seen.", "Is there a pleural effusion?").value
    'yes'
    """
    return read_brief(text, question) if len(text) <= BRIEF else read_text(text[-LONGEST:], question)


@lru_cache(maxsize=8192)
def read_brief(text: str, question: str | None) -> Reading:
    """As read_text; short texts are remembered, since the rollouts of a group repeat them."""
    return read_text(text, question)


def read_text(text: str, question: str | None) -> Reading:
    """yes, no or maybe from a folded text."""
    if initial := INITIAL.fullmatch(text):
        return Reading("yes" if initial[1] in "Yy" else "no", "polarity", "one letter where yes or no is asked")
    if (bare := text.lower().rstrip(".!")) in PLAIN:
        return Reading(bare, "polarity", f"says {bare}")
    both = any(match[1] is None or match[1].lower() != match[2].lower() for match in PAIR.finditer(text))
    if both and not DOUBTFUL.fullmatch(text):
        return Reading(None, "conflict", "both yes and no")
    ranked = placed(text, mentions(text, question or ""), REJECTING)
    said = settle(ranked)
    if said.rule == "rejected" and ELLIPSIS.fullmatch(text.strip(" .")):  # it is not true
        return in_words(text, question)
    if said.value is None and said.rule in ("conflict", "rejected"):
        return said
    live = [mention for mention in ranked if mention.rank >= STATED]
    opening = {mention.key for mention in live if OPENS.search(text[max(0, mention.start - 9) : mention.start])}
    if len(opening) > 1 or len({mention.key for mention in ranked if mention.rank >= WEAK}) > 1:
        return Reading(None, "conflict", "both yes and no")
    if said.value is None:
        return in_words(text, question)
    top = max(mention.rank for mention in ranked)
    if top < LEAD and (other := stated(text, question)).value not in (None, said.value):
        return Reading(None, "conflict", f"{said.value}, but a statement that amounts to {other.value}")
    first = min(mention.start for mention in ranked if mention.rank == top)
    if question and unsaid(text[first:], question, said.value):
        return Reading(None, "conflict", f"{said.value}, but then a statement of the contrary")
    return refusal(text, first, top >= LEAD) or Reading(said.value, "polarity", f"says {said.value}")


def unsaid(text: str, question: str, said: str) -> bool:
    """Whether the sentences after a text's first say the contrary of `said` in the question's words."""
    spoken = list(sentences(text))
    goal = asked(question)
    if goal is None or not len(spoken) < 5 or said == "maybe":
        return False
    if len(spoken) == 1:
        rest = text.partition(",")[2]
        return len(rest) > 12 and stated(rest, question).value not in (None, said)
    later = text[spoken[1][0] :]
    return bool(goal.head & set(content(later).words)) and stated(later, question).value not in (None, said)


def in_words(text: str, question: str | None) -> Reading:
    """The polarity of a text that names none: a statement about what is asked, or a refusal."""
    if HAN.search(text) and (chinese := in_chinese(text, question or "")):
        return Reading(chinese, "polarity", f"says {chinese}")
    said = stated(text, question)
    if said.value is None:
        return said if said.rule == "conflict" else declines(text) or said
    return refusal(text, len(text), True) or said


def mentions(text: str, question: str) -> list[Mention]:
    """Where a polarity word stands as an answer: at a clause's head, after a marker, alone; not in a statement."""
    found = []
    for match in WORD.finditer(text):
        if (key := answer_word(text, match, question)) is not None:
            found.append(Mention(match.start(), match.end(), key))
    return found


def answer_word(text: str, match: re.Match[str], question: str) -> str | None:
    """The polarity of a matched word, or None where it is only a part of a statement."""
    word, before, after = match[0].lower(), text[max(0, match.start() - 60) : match.start()], text[match.end() :][:30]
    stops, begins = bool(ENDS.match(after)), bool(BEGINS.search(before))
    key = match.lastgroup
    if word in PAIRED and (goal := asked(question)) and (named := goal.named & {word, PAIRED[word]}):
        key = "yes" if word in named else "no"
    if word in ADVERB and re.match(r"\W{0,2}(?:yes|no|not|yeah|nope|true|false|correct)\b", after, re.IGNORECASE):
        return None
    if (
        (begins and POLITE.match(after))
        or (match[0] == "NO" and re.search(r"\bNO\b", question))
        or NUMBER.match(text, match.start())
    ):
        return None
    if word in SURE and begins and (match.start() == 0 or stops or word in ("yes", "yeah", "yep")):
        return None if word == "no" and not stops and (match.start() or question) else key
    if stops and (MARK.search(before) or WEAK_MARK.search(before) or (begins and (word in SURE or match.start() < 3))):
        return key
    if word in SURE and stops and AFTER_JOINT.search(before):
        return key
    if match.start() < 3 and (word == "never" or " " in word or (word in PAIRED and PLACED.match(after))):
        return key
    return key if word not in SURE and stops and SUBJECT.search(before) else None


PLACED = re.compile(r"\s+(?:on|in|at|for|here|with|bilaterally|throughout)\b", re.IGNORECASE)
INITIAL = re.compile(r"(?:.*\by/n\b\W*|answer\s*:?\s*)([yn])\W*", re.IGNORECASE)
NUMBER = re.compile(r"no\.? ?\d", re.IGNORECASE)
# "That is correct", "this statement is false": the word is about what was asked, whatever it was.
SUBJECT = re.compile(r"\b(?:(?:this|that|it|which|the (?:statement|claim|assertion|answer))(?: statement|"
                     r" claim)?(?:'s| is| would be))\s+"
                     r"(?:not |indeed |actually |definitely |clearly |certainly )*$", re.IGNORECASE)  # fmt: skip
