"""Prose that tells the gold inside a sentence: as what is there, as what is done, or as what a verb asserts.

Reading a phrase out of a sentence fails where the sentence says more than the answer: "the mass extends upward and
compresses the optic chiasm, which accounts for the loss". Here the gold is known and only its place is judged: it
counts where the grammar around it leaves no other reading, so the rules list what is accepted and refuse the rest.
"""

import re

from rewards.reading.canon import Terms, Words, canon
from rewards.reading.guards import DIRECTIONS
from rewards.reading.stance import REJECTED, Mention, placed
from rewards.reading.tables import vocabulary

LONGEST = 700  # characters of prose
SHORT = 6  # words of a clause that may be a name
MOST_WORDS = 8  # of a name as it is written
WORD = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*'?")
# Words that offer more than one thing, or nothing for sure.
OPEN = re.compile(
    r"\b(?:or|versus|vs|either|neither|nor|differentials?|differential diagnos\w+|possib\w+|perhaps|maybe|"
    r"could|might|may|"
    r"includ\w+|such as|rule out|consider\w*|cannot be (?:excluded|determined)|uncertain|unclear|equivocal|if|unless|"
    r"whether|both|rather than|instead of|unlike|than|confused with|mimic\w*|used to)\b|\?",
    re.IGNORECASE,
)
CONTRAST = re.compile(r"\s(?:but|whereas|while|rather than|instead of|as opposed to)\s", re.IGNORECASE)
THAT = re.compile(r"\W*(?:that(?: \w+){0,3}(?: has| had)?)?\W*", re.IGNORECASE)
WITHOUT = re.compile(r"\bwith or without\b|\bnot only\b|\bno doubt\b|\bwithout doubt\b|\bcannot doubt\b", re.IGNORECASE)
# Before: the verb whose object the gold is. The strong ones conclude; the others only name what there is.
STRONG = (
    r"\b(?:(?:indicat|suggest|represent|confirm|signal|favou?r|support|establish|prov|diagnos|suspect|mean|denot)"
    r"(?:ies|es|e|s|ed|ing)?(?: that)?(?: (?:this|the|he|she|her|his) (?:\w+ )?(?:has|is))?|think of|doubt that|"
    r"criteria for|(?:typical|characteristic|diagnostic|suggestive|indicative|diagnosis|picture) of|classic for|"
    r"pathognomonic (?:of|for)|(?:consistent|compatible) with|in keeping with|points? to(?:wards)?|pointing to|"
    r"corresponds? to|explained by|accounted for by|speaks? for|fits with|known as|born with)"
)
WEAK = (
    r"\b(?:(?:show|reveal|demonstrat|compress|occup|affect|involv|display|depict|exhibit|visuali[sz]|"
    r"identif|undergo|order|"
    r"perform|recommend|prescrib|administ|receiv|requir|warrant|mark|outlin|captur|develop|us|tak|choos|prefer|advis|"
    r"offer|initiat|commenc|obtain|contain|produc|secret|releas|inhibit|block|bind|activat|caus|need|grow|injur|damag|"
    r"destroy|tear)(?:ies|ied|ying|es|e|s|ed|ing|er|y)?|begin with|start(?:ed|ing)? with|"
    r"treat(?:ed)? (?:\w+ly )?(?:with|for)|managed with|proceed (?:to|with)|opt for|refer (?:to|for)|"
    r"points? at|(?:directed|aimed) at|(?:case|evidence|presence|rupture|signs?) of|(?:damage|injury) to|tear of|"
    r"leads? to|results? in|\w{3,}(?:ed|own|ken|ven) (?:by|with|as|through|via|for)|has|have|had|see|sees|"
    r"find|found|note|"
    r"start|give|given|called)"
)
CONCLUDES, VERB = (re.compile(rf"{verbs}\W*$", re.IGNORECASE) for verbs in (STRONG, f"(?:{STRONG}|{WEAK})"))
STRONGS, VERBS = (re.compile(rf"{verbs}\b", re.IGNORECASE) for verbs in (STRONG, f"(?:{STRONG}|{WEAK})"))
# Before, where a cause is asked for.
CAUSE = re.compile(
    r"\b(?:due to|caused by|results? from|resulting from|arises? from|secondary to|because of|owing to|from a lack of|"
    r"brought on by|attributable to|stems? from|comes? from|driven by)\W*$",
    re.IGNORECASE,
)
ASKS_CAUSE = re.compile(
    r"\b(?:caus\w+|why|underlying|reason|responsible|etiolog\w+|aetiolog\w+|mechanism|origin|source|due to)\b", re.I
)
# Before, where a place is asked for.
PLACE = re.compile(r"\b(?:in|within|at|inside|involving|over|on|of|from|into)\W*$", re.IGNORECASE)
ASKS_PLACE = re.compile(
    r"\b(?:where|locat\w+|situated|position|site|which (?:lobe|side|part|region|quadrant|zone))\b", re.I
)
DETERMINER = re.compile(
    r"\b(?:an?|the|this|some|his|her|their|mostly|mainly|predominantly|likely|most likely|probabl[ey]|very)\W*$", re.I
)
# At the head of a sentence: what goes before its subject.
INTRO = re.compile(
    r"^\W*(?:so|thus|therefore|hence|overall|here|now|given|with|in|on|at|for|after|because|since|as|"
    r"based|under|during|from|"
    r"considering|taken together|altogether)\b[^.;:]{0,200},\s*$",
    re.IGNORECASE,
)
# Before, near: a denial, or a neighbour.
NEAR = re.compile(
    r"\b(?:no|not|never|without|absence|absent|lacks?|lacking|free|negative|den(?:y|ies|ied)|excludes?|"
    r"excluding|excluded|against|only|"
    r"adjacent|next|near|close|beside|above|below|behind|between|outside|abuts?|abutting|displac\w+|"
    r"separate|beyond|history|"
    r"previous|prior|resolved|healed|former|initially|originally|first|instead)\b[^,;:]*$",
    re.IGNORECASE,
)
DENIED = re.compile(r"\b(?<!with )(?:no|not|never|none|nowhere|absent|excluded|unlikely|ruled)\b|n't\b", re.IGNORECASE)
# Before a subject: the end of another clause.
JOINS = re.compile(r",\s+(?:so|and|thus|hence|therefore|but)\s*$", re.IGNORECASE)
# After the gold as a subject.
PREDICATE = re.compile(
    r"\W*(?:of the [\w ]{3,30} )?(?:(?:is|are|was|were|can be|has been|have been) (?:\w+ly )?(?:present|"
    r"seen|visible|visuali[sz]ed|"
    r"identified|noted|shown|evident|demonstrated|found|observed|detected|likely|suspected|affected|involved|"
    r"torn|broken|fractured|ruptured|enlarged|damaged|injured|indicated|required|needed|recommended|"
    r"preferred|the(?! first| initial)|my(?! first| initial)|what|"
    r"how|driving|responsible)\b|(?:must|should|has to|needs to) be (?:given|done|performed|started|assumed|suspected|"
    r"ordered|the)\b|would be (?:my|the)\b|has developed\b|remains the\b|involves?\b|explains?\b|accounts for\b|fits\b|"
    r"predominates?\b|lies? at the (?:tip|end) of the arrow)",
    re.IGNORECASE,
)
UNSOUND = re.compile(
    r"\b(?:absent|unlikely|excluded|spared|preserved|normal|unremarkable|intact|ruled|less|tempting|clear)\b", re.I
)
# Modifiers that add detail, besides the table's. Others can make another thing: portal hypertension, discoid lupus.
DETAIL = vocabulary("detail") | DIRECTIONS
MODIFIER = re.compile(r"(?i)iv|im|oral|intra\w+ar|[a-z][a-z-]{2,}(?:ing|ed|ive|like|shaped|sided|grade)$")
# After the gold: where its name ends.
CLOSE = re.compile(
    r"[)\"'*]*(?:\s*$|\s*[.:;)]|\s*\(|\s+-|\s+\d+(?!\d*\s?%)|\s+(?:here|deposits?|"
    r"deposition|across|around|behind|beneath|into|near|next|onto|through|throughout|toward|towards|whose|pattern|"
    r"appearance|view|projection|plane|sign|scan|image|imaging|section|stain|staining|procedure|therapy|treatment|"
    r"administration|technique|modality|sequence|findings?|tablets?)\b)"
)
COMMA = re.compile(
    r"[\"'*]*,\s+(?:which|who|that|with|without|because|as|since|so|but|although|though|while|larger|"
    r"worse|most|usually|"
    r"probably|likely|presumably|where|in|on|at|near|just|extending|causing|affecting|involving|caused|due|secondary|"
    r"and (?:is|are|was|were|he|she|it|they|the|there|this|that|a|an|needs?|should|must|has|have|can|will|so|"
    r"thus|therefore)|an? \w+ that|he|she|it|they|there|not)\b",
    re.IGNORECASE,
)
AND = re.compile(
    r"\s+and\s+(?:is|are|was|were|needs?|should|must|has|have|can|will|so|thus|it|he|she|there|"
    r"the \w+ (?:is|are)|requires?)\b",
    re.I,
)
ADDS = re.compile(r"\s+(?:and|or|as well as|along with|together with|plus)\b", re.IGNORECASE)
NAME_ENDS = vocabulary("after_name") - DIRECTIONS  # "left right" is a list
PARTICIPLE = re.compile(r"\s+\w+(?:ing|ed)\b")


def told(text: str, said: str, gold: str, question: str | None, known: Terms) -> bool:
    """Whether a clause of prose tells the gold; of a text that asserts several things, only what it concludes with.

    said: the clause that was read as what the folded text commits to; other clauses count only where this one is no
    name and the text concludes once, so that a list of guesses in sentences earns no more than one of them.

    >>> from rewards.reading.canon import terms
    >>> texts = "It compresses the optic chiasm, which explains the loss", "It lies above the optic chiasm"
    >>> [told(text, text, "Optic chiasm", "What is compressed?", terms()) for text in texts]
    [True, False]
    """
    want = canon(gold, known)
    if len(text) > LONGEST or not want or not set(want) <= set(canon(text, known)):
        return False
    if question and set(want) <= set(canon(question, known)):
        return False
    at = max(text.find(said), 0)
    led = STRONGS.search(text[max(0, at - 40) : at]) is not None
    whole = not text[:at].strip() or text[:at].rstrip()[-1:] in (".", ";", "\n")
    for start, end in spans(said, want, known):
        if not tells(said, start, end, question or "", whole, led or len(said.split()) <= SHORT):
            continue
        return placed(text, [Mention(at + start, at + end, "gold")])[0].rank > REJECTED
    if len(said.split()) <= SHORT or len(STRONGS.findall(text)) != 1:
        return False
    return any(
        CONCLUDES.search(bare(text[:start])) and tells(text, start, end, "", False, False)
        for start, end in spans(text, want, known)
    )


def spans(sentence: str, want: Words, known: Terms) -> list[tuple[int, int]]:
    """Where the words of a sentence are the gold's name, or another name of it."""
    if not set(want) <= set(canon(sentence, known)):
        return []
    words = list(WORD.finditer(sentence))[:90]
    for size in range(min(MOST_WORDS, len(words)), 0, -1):
        found = [
            (words[i].start(), words[i + size - 1].end())
            for i in range(len(words) - size + 1)
            if canon(sentence[words[i].start() : words[i + size - 1].end()], known) == want
        ]
        if found:
            return found
    return []


def tells(clause: str, start: int, end: int, question: str, whole: bool, named: bool) -> bool:
    """Whether a clause says of what stands from start to end that it is the answer.

    whole: it is a sentence from its beginning. named: it is short, or what a sentence concludes with.
    """
    plain = WITHOUT.sub(" ", clause)
    before, after = clause[:start], clause[end:]
    if (
        OPEN.search(CONTRAST.split(plain)[0])
        or not ends(after)
        or NEAR.search(before[-50:])
        or DENIED.search(after[:30])
    ):
        return False
    before = bare(before)
    sided = DIRECTIONS & set(canon(clause[:start]))
    if named and not sided and (THAT.fullmatch(before) or (VERB.match(before) and len(before.split()) < 4)):
        return True
    if not before.strip(" \"'*") or INTRO.match(before) or JOINS.search(before):
        return bool(PREDICATE.match(after) and not UNSOUND.search(after[:60]) and not STRONGS.search(plain))
    if CONCLUDES.search(before):
        return len(STRONGS.findall(plain)) == 1
    if VERB.search(before):
        return whole and len(VERBS.findall(plain)) == 1
    if CAUSE.search(before):
        return ASKS_CAUSE.search(question) is not None
    return PLACE.search(before) is not None and ASKS_PLACE.search(question) is not None


def ends(after: str) -> bool:
    """Whether a name ends where it seems to, and is no entry of a list."""
    if CLOSE.match(after) or COMMA.match(after) or AND.match(after) or PARTICIPLE.match(after):
        return True
    word = re.match(r"\s+([A-Za-z']+)", after)
    return bool(word and not ADDS.match(after) and word[1].lower() in NAME_ENDS)


def bare(before: str) -> str:
    """What stands before a name, without its article and its modifiers."""
    for _ in range(5):
        shorter = DETERMINER.sub("", before)
        word = re.search(r"([\w-]+)\W*$", shorter)
        if shorter == before and word and (word[1].lower() in DETAIL or MODIFIER.fullmatch(word[1])):
            if VERB.search(shorter):
                break
            shorter = shorter[: word.start()]
        if shorter == before:
            break
        before = shorter
    return before
