"""Prose that tells the gold inside a sentence: as what is, as what is done, or as the object of a verb that asserts.

Reading a phrase out of a sentence fails where the sentence says more than the answer: "the mass extends upward and
compresses the optic chiasm, which accounts for the visual loss". Here the gold is known and only its place is judged. It
counts where the grammar around it leaves no other reading, so the rules list what is accepted and refuse the rest.
"""

import re

from rewards.reading.canon import Terms, Words, canon
from rewards.reading.guards import DIRECTIONS
from rewards.reading.stance import STATED, Mention, placed
from rewards.reading.tables import vocabulary

LONGEST = 700  # characters of prose
MOST_WORDS = 8  # of a name as it is written
WORD = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*'?")
SENTENCE = re.compile(r"(?<=[.!?;])\s+(?=[A-Z(\"'*])|\n+|;\s")
# Words that offer more than one thing, or nothing for sure.
OPEN = re.compile(
    r"\b(?:or|versus|vs|either|neither|nor|differentials?|differential diagnos\w+|possib\w+|perhaps|maybe|could|might|may|"
    r"includ\w+|such as|rule out|consider\w*|cannot be (?:excluded|determined)|uncertain|unclear|equivocal|if|unless|"
    r"whether|both|rather than|instead of|not|no longer|unlike|than|confused with|mimic\w*|used to)\b|n't\b|\?",
    re.IGNORECASE,
)
WITHOUT = re.compile(r"\bwith or without\b|\bnot only\b|\bno doubt\b|\bwithout doubt\b|\bcannot doubt\b", re.IGNORECASE)
# Before: the verb whose object the gold is.
VERB = re.compile(
    r"\b(?:indicat|show|suggest|reveal|demonstrat|represent|confirm|signal|compress|occup|affect|involv|display|depict|"
    r"exhibit|favou?r|support|establish|prov|diagnos|suspect|visuali[sz]|identif|undergo|order|perform|recommend|"
    r"prescrib|administ|receiv|requir|warrant|denot|mark|outlin|mean|captur|develop)"
    r"(?:ies|ied|ying|es|e|s|ed|ing|er|y|s for)?(?: that| by)?(?: (?:this|the|he|she|her|his) (?:\w+ )?(?:has|is))?\W*$"
    r"|\b(?:has|have|had|having|see|sees|find|found|note|start|give|given|call(?:ed)?|begin with|"
    r"start(?:ed)? with|starting with|treat(?:ed)? (?:\w+ly )?(?:with|for)|best treated with|managed with|think of|"
    r"doubt that|criteria for|typical of|characteristic of|diagnostic of|classic for|pathognomonic (?:of|for)|"
    r"consistent with|compatible with|suggestive of|indicative of|in keeping with|points? (?:at|to|towards)|"
    r"pointing (?:at|to)|directed at|aimed at|corresponds? to|born with|diagnosis of|picture of|signs? of|"
    r"case of|evidence of|presence of|damage to|injury to|tear of|rupture of|explained by|accounted for by|speaks? for|"
    r"fits?(?: with)?|known as)\W*$",
    re.IGNORECASE,
)
# Before, where a cause is asked for.
CAUSE = re.compile(
    r"\b(?:due to|caused by|results? from|resulting from|arises? from|secondary to|because of|owing to|from a lack of|"
    r"brought on by|attributable to|stems? from|comes? from|driven by)\W*$",
    re.IGNORECASE,
)
ASKS_CAUSE = re.compile(r"\b(?:caus\w+|why|underlying|reason|responsible|etiolog\w+|aetiolog\w+|mechanism|origin|source|due to)\b", re.I)
# Before, where a place is asked for.
PLACE = re.compile(r"\b(?:in|within|at|inside|involving|over|on|of|from|into)\W*$", re.IGNORECASE)
ASKS_PLACE = re.compile(r"\b(?:where|locat\w+|situated|position|site|which (?:lobe|side|part|region|quadrant|zone))\b", re.I)
DETERMINER = re.compile(r"\b(?:an?|the|this|some|his|her|their|mostly|mainly|predominantly|likely|most likely|probabl[ey]|very)\W*$", re.I)
# At the head of a sentence: what goes before its subject.
INTRO = re.compile(
    r"^\W*(?:so|thus|therefore|hence|overall|here|now|given|with|in|on|at|for|after|because|since|as|based|under|during|from|"
    r"considering|taken together|altogether)\b[^.;:]{0,200},\s*$",
    re.IGNORECASE,
)
# Before, near: a denial, or a neighbour.
NEAR = re.compile(
    r"\b(?:no|without|absence|absent|lacks?|lacking|free|negative|den(?:y|ies|ied)|excludes?|excluding|excluded|against|only|"
    r"adjacent|next|near|close|beside|above|below|behind|between|outside|abuts?|abutting|displac\w+|separate|beyond|history|"
    r"previous|prior|initially|originally|first|instead)\b[^,;:]*$",
    re.IGNORECASE,
)
# After the gold as a subject.
PREDICATE = re.compile(
    r"\W*(?:of the [\w ]{3,30} )?(?:(?:is|are|was|were|can be|has been|have been) (?:\w+ly )?(?:present|seen|visible|visuali[sz]ed|"
    r"identified|noted|shown|evident|demonstrated|found|observed|detected|likely|suspected|affected|involved|"
    r"torn|broken|fractured|ruptured|enlarged|damaged|injured|indicated|required|needed|recommended|preferred|the(?! first| initial)|my(?! first| initial)|what|"
    r"how|driving|responsible)\b|(?:must|should|has to|needs to) be (?:given|done|performed|started|assumed|suspected|"
    r"ordered|the)\b|would be (?:my|the)\b|has developed\b|remains the\b|involves?\b|explains?\b|accounts for\b|fits\b|"
    r"predominates?\b|lies? at the (?:tip|end) of the arrow)",
    re.IGNORECASE,
)
UNSOUND = re.compile(r"\b(?:absent|unlikely|excluded|spared|preserved|normal|unremarkable|intact|ruled|less|tempting|clear)\b", re.I)
MODIFIER = re.compile(r"(?i)[a-z]{3,}(?:ing|ed|al|ous|ive|ent|ant|ar|ary|like|shaped|sided|grade)$")
# After the gold: where its name ends.
CLOSE = re.compile(r"[)\"'*]*(?:\s*$|\s*[.:;)]|\s*\(|\s+-)")
COMMA = re.compile(
    r"[\"'*]*,\s+(?:which|who|that|with|without|because|as|since|so|but|although|though|while|larger|worse|most|usually|"
    r"probably|likely|presumably|where|in|on|at|near|just|extending|causing|affecting|involving|caused|due|secondary|"
    r"and (?:is|are|was|were|he|she|it|they|the|there|this|that|a|an|needs?|should|must|has|have|can|will|so|"
    r"thus|therefore|ultrasound|treatment)|an? \w+ that|he|she|it|they|there|not)\b",
    re.IGNORECASE,
)
AND = re.compile(r"\s+and\s+(?:is|are|was|were|needs?|should|must|has|have|can|will|so|thus|it|he|she|there|the \w+ (?:is|are)|requires?)\b", re.I)
PARTICIPLE = re.compile(r"\s+\w+(?:ing|ed)\b")
COMMITS = re.compile(r"\b(?:diagnosis (?:is|of)|most likely|consistent with|i (?:would |strongly )?suspect|represents?|answer)\b", re.I)


def told(text: str, gold: str, question: str | None, known: Terms) -> bool:
    """Whether a folded text of prose tells the gold in one of its sentences, and offers nothing beside it.

    >>> from rewards.reading.canon import terms
    >>> texts = "It compresses the optic chiasm, which explains the loss.", "It lies above the optic chiasm."
    >>> [told(text, "Optic chiasm", "What is compressed?", terms()) for text in texts]
    [True, False]
    """
    want = canon(gold, known)
    if len(text) > LONGEST or not want or not set(want) <= set(canon(text, known)):
        return False
    if question and set(want) <= set(canon(question, known)):
        return False
    found = [
        (sentence, place)
        for sentence in SENTENCE.split(text)
        for place in spans(sentence, want, known)
        if tells(sentence, *place, question or "")
    ]
    if not found:
        return False
    sentence, (start, end) = found[0]
    if COMMITS.search(text) and not any(COMMITS.search(one) for one, _ in found) and not COMMITS.search(sentence):
        return False
    at = text.find(sentence)
    return placed(text, [Mention(at + start, at + end, "gold")])[0].rank >= STATED


def spans(sentence: str, want: Words, known: Terms) -> list[tuple[int, int]]:
    """Where the words of a sentence are the gold's name, or another name of it."""
    if not set(want) <= set(canon(sentence, known)):
        return []
    words = list(WORD.finditer(sentence))[:90]
    for size in range(1, MOST_WORDS + 1):
        found = [
            (words[i].start(), words[i + size - 1].end())
            for i in range(len(words) - size + 1)
            if canon(sentence[words[i].start() : words[i + size - 1].end()], known) == want
        ]
        if found:
            return found
    return []


def tells(sentence: str, start: int, end: int, question: str) -> bool:
    """Whether the sentence says of what stands from start to end that it is the answer."""
    plain = WITHOUT.sub(" ", sentence)
    before, after = sentence[:start], sentence[end:]
    ahead = re.split(r"\s(?:but|whereas|while|rather than|instead of|as opposed to)\s", plain)[0] if OPEN.search(plain) else plain
    if OPEN.search(ahead) or not ends(after):
        return False
    if NEAR.search(before[-50:]):
        return False
    before = bare(before)
    if not before.strip(" \"'*") or INTRO.match(before):
        rest = CLOSE.match(after) is not None and not after.strip(" .!*\"'")
        return bool(rest or (PREDICATE.match(after) and not UNSOUND.search(after[:60])))
    if VERB.search(before):
        return True
    if CAUSE.search(before):
        return ASKS_CAUSE.search(question) is not None
    return PLACE.search(before) is not None and ASKS_PLACE.search(question) is not None


def ends(after: str) -> bool:
    """Whether a name ends where it seems to, and is no entry of a list."""
    if CLOSE.match(after) or COMMA.match(after) or AND.match(after) or PARTICIPLE.match(after):
        return True
    word = re.match(r"\s+([A-Za-z']+)", after)
    return bool(word and word[1].lower() not in ("and", "or") and word[1].lower() in vocabulary("after_name"))


def bare(before: str) -> str:
    """What stands before a name, without its article and its modifiers."""
    for _ in range(5):
        shorter = DETERMINER.sub("", before)
        word = re.search(r"([\w-]+)\W*$", shorter)
        if shorter == before and word and (word[1].lower() in vocabulary("detail") | DIRECTIONS or MODIFIER.fullmatch(word[1])):
            if VERB.search(shorter):
                break
            shorter = shorter[: word.start()]
        if shorter == before:
            break
        before = shorter
    return before
