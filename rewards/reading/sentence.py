"""The one phrase that a text commits to: what its sentences claim, deny, weigh, or only explain."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from rewards.reading import Reading
from rewards.reading.canon import canon, stems, terms
from rewards.reading.phrase import DIRECTIONS
from rewards.reading.tables import vocabulary

LONGEST = 4000  # characters of a text that are read, from its end
REFUSAL = re.compile(
    r"\b(?:(?:can ?not|can't|could not|couldn't|am unable to|unable to|not able to|not possible to|impossible to|hard to|difficult to|"
    r"won't|will not|decline to|refuse to)\b[^.\n]{0,40}"
    r"\b(?:answer|determine|say|tell|assess|know|provide|conclude|decide|be sure|diagnose|identify|be determined|establish)"
    r"|(?:do not|don't) (?:really )?know\b|(?:i am|i'm) not (?:sure|certain)\b|no idea\b"
    r"|(?:insufficient|not enough) (?:information|data|detail)|as an ai\b|(?:could|might|may) be anything\b|"
    r"(?:consult|see|ask) (?:a|your) (?:doctor|physician|radiologist|healthcare))",
    re.IGNORECASE,
)
TURN = re.compile(r"\b(?:but|however|still|though|nevertheless|nonetheless|if i had to|having said that|that said)\b,?", re.I)
MARKER = re.compile(
    r"(?:^|\b)(?:(?:so|thus|therefore|hence|and),? )?(?:(?:final|correct|best|right|single|overall|leading|working|definitive|"
    r"most likely|most probable|likely|probable|my|the|short|our) ){0,4}"
    r"(?:answer|diagnosis|conclusion|impression|ans|dx|choice|verdict|diagnose)\b"
    r"(?:\s*\([^)]{0,40}\))?(?: (?:to (?:the|this|your) question|here|for (?:this|the) \w+|of choice|in this case|in this patient)){0,2}"
    r"(?: (?:is|would be|should be|must be|has to be|remains|was|=)(?: (?:therefore|thus|clearly|most likely|likely|probably))?(?=[ :,])"
    r"\s*:?|\s*(?:[:=→⇒]|=>|->)|\.(?= )|\s*\n|\s+-\s)\s*(?:is\b:?\s*)?|(?:答案|诊断|考虑诊断?|最可能的?诊断)(?:是|为|:)?\s*",
    re.IGNORECASE,
)
CONCLUDES = re.compile(
    r"^(?:so|therefore|thus|hence|consequently|overall|in (?:conclusion|summary|short)|altogether|taken together|all in all|"
    r"accordingly|i (?:would |'d )?(?:think|believe|conclude|say|favou?r|go (?:with|for)|choose|pick|settle on)|"
    r"it is therefore|this (?:means|makes)|which (?:means|makes)|in my (?:opinion|view)|my read)\b"
    r"|\b(?:consistent with|compatible with|in keeping with|(?:most )?suggestive of|indicative of|diagnostic of|"
    r"pathognomonic (?:of|for)|points? to|pointing to|most likely|likeliest|diagnosis (?:is|of)|confirms?|characteristic of|"
    r"typical (?:of|for)|represents?|in favou?r of|best explained by|this must be|classic for|fits? (?:best )?with|speaks? for)\b",
    re.IGNORECASE,
)
LEAD_IN = re.compile(
    r"^(?:(?:so|therefore|thus|hence|consequently|overall|and|well|ok|okay|yes|sure|certainly|clearly|here|now|finally|then|"
    r"in (?:conclusion|summary|short)|altogether|accordingly|all in all|taken together|in my (?:opinion|view)|of course|"
    r"to conclude|to sum up|to summarize|answering your question|it follows that|this means(?: that)?|which means(?: that)?|"
    r"i(?: would|'d)? (?:think|believe|conclude|say|favou?r|go (?:with|for)|choose|pick|settle on|suspect|see|note)(?: that)?|"
    r"it (?:seems|appears)(?: that)?|we (?:see|can see|conclude|have)(?: that)?|let us say|"
    r"(?:from|in|on|judging (?:by|from)) (?:this|the|these) (?:\w+ ){0,4}(?:image|scan|film|picture|radiograph|slice|view|study|case|findings?|photo\w*)s?)"
    r"\b[,:]?\s*)+",
    re.IGNORECASE,
)
SUBORDINATE = re.compile(
    r"^(?:as|since|because|given|although|though|even though|while|when|if|based on|despite|in view of|due to|judging by|"
    r"considering|on the basis of|looking at|after|for this)\b[^,\n]{3,240},\s*(?:so |then )?",
    re.IGNORECASE,
)
LIKELY = (
    r"(?:(?:therefore|thus|clearly|definitely|most likely|most probably|likely|probably|almost certainly|certainly|obviously|"
    r"best|actually|really|indeed|called|termed|named|known as|a case of|due to|caused by|shown|that of|to be|in fact|"
    r"described as|seen|located|found|situated|consistent with|compatible with|in keeping with|(?:most )?suggestive of|"
    r"characteristic of|typical of|indicative of|an example of|diagnosed with|diagnostic of|evidence of|in|on|at|within)\s+)*"
)
FRAME = re.compile(
    r"^[^,;:!?\n]{0,160}?\b(?:is|are|was|were|(?<=it)'s|(?<=that)'s|(?<=what)'s|(?<=this)'s|(?<=here)'s|(?<=there)'s|(?<=he)'s|shows?|showed|demonstrates?|reveals?|represents?|suggests?|indicates?|depicts?|displays?|"
    r"confirms?|points? to|pointing to|looks? like|resembles?|appears? to be|seems? to be|must be|should be|would be|has to be|consistent with|"
    r"compatible with|in keeping with|suggestive of|indicative of|diagnostic of|pathognomonic (?:of|for)|characteristic of|typical (?:of|for)|fits?(?: best)? with|"
    r"means?|means that|has|have|suffers from|diagnosis of|harbou?rs|classic for|speaks? for|lies|sits|uses?|used|involves?|affects?|hits|arises? from|"
    r"comes? from|call(?:ed)?(?: it)?|locali[sz]es?(?: \w+){0,3} to|worked? (?:as|like)|name is|i see|there is|there are|named|in favou?r of|best explained by)\b:?\s+" + LIKELY,
    re.IGNORECASE,
)
# After the predicate nothing may follow that makes another statement.
PREDICATE = re.compile(
    r"[\s,]+(?:is|are|was|were|looks?|appears?|seems?|can be|would be|has been|must be|remains?)\s+(?:the |a |my )?(?:by far |clearly |most |therefore |thus |the )*"
    r"(?:(?:most )?(?:likely|probable|correct|best|right|final|leading|single|suspected|usual|typical|causative|likeliest)\s+)?(?:likely )?"
    r"(?:present|seen|visible|shown|noted|identified|visualized|observed|evident|affected|involved|abnormal|imaged|depicted|displayed|"
    r"diseased|injured|damaged|compressed|torn|fractured|suspected|used|likely|probable|suggested|diagnosed|confirmed|responsible|"
    r"diagnosis|answer|finding|cause|organ|modality|structure|one|option|choice|culprit|drug of choice|treatment of choice|"
    r"abnormality|agent|organism|pathogen|drug|treatment|plane|sequence|vessel|nerve|to blame)\b(?:\s+(?:here|in|on|by|of|for|with|at|from)\b(?!.*\b(?:is|are|was)\b).*)?$",
    re.IGNORECASE,
)
REASON = re.compile(
    r",? (?:because|since|given that|given|as (?:the|it|there|this|these|they|he|she|seen|shown|evidenced|suggested|indicated|well as)|due to the fact|"
    r"which|so that|whereas|while|rather than|instead of|as opposed to|supported by|based on|in view of|"
    r"evidenced by|unlike|in contrast to|for the following|who|whose|where)\b.*$"
    r"|,? (?:suggested|shown|confirmed|characteri[sz]ed|indicated|identified|recogni[sz]ed) by\b.*$"
    r"|,\s*(?:as|and not|not|with the|but not|and thus|hence|thus|to be (?:exact|precise))\b.*$"
    r"|,?\s*\be\.g\..*$|,\s*and (?:should|needs?|requires?|must|will|is|are|has|have|was|can)\b.*$"
    r"|,\s*(?:no|without|i'd say|i'd|i would|i'm|i am|about \d|with (?:high|low|moderate|\d)[\w %]* confidence|and that is)\b.*$"
    r"|\s-+\s.*$|:\s.*$|\s*(?:->|=>|[→⇒]).*$",
    re.IGNORECASE | re.DOTALL,
)
DENIED = re.compile(
    r"\b(?:not|never|neither|nor|isn't|aren't|wasn't|doesn't|don't|unlikely|excluded?|excludes|absent|ruled? out|rules out|denies|"
    r"denied|argues? against|speaks? against|against (?:it|this|that)|no (?:sign|evidence|trace|features?)|less likely|improbable|incorrect|wrong|incompatible|"
    r"without|anything but|far from|fails? to|lacks?|no longer|cannot be|can't be)\b|^no\b",
    re.IGNORECASE,
)
NOT_BUT = re.compile(r"\b(?:not|isn't|aren't|rather than|instead of|no)\b[^.;\n]{1,120}?(?:,? but(?: rather| instead)?|,? rather)\s+(.+)$", re.I)
WEIGHED = re.compile(
    r"\b(?:first thought|at first|initially|considered?|considering|(?:might|could|may|would) (?:also )?(?:think|suspect|say|suggest|have said|call|expect)|"
    r"(?:many|some|most people|others|one|students|you)\b(?: \w+)? (?:would|might|may|could|say|think|call|confuse)|differentials?|tempting|mimics?|mimicking|"
    r"confused with|mistaken for|versus|compared with|in contrast|by contrast|previously|alternatives?|alternatively|would be|would show|would have|"
    r"would look|would cause|were it|had it been|if it (?:were|was)|instead|other (?:options|causes|possibilities)|distractor|also (?:possible|consider)|"
    r"classically|usually|in general|generally)\b",
    re.IGNORECASE,
)
UNSURE = re.compile(r"\b(?:might|may (?:be|represent|well)|could (?:be|also|represent|well)|possibl[ey]|perhaps|maybe|conceivabl[ey]|cannot (?:exclude|rule)|can't (?:exclude|rule)|uncertain|unsure|unclear|a guess)\b", re.I)
VERB = re.compile(
    r"\b(?:is|are|was|were|be|has|have|had|shows?|suggests?|indicates?|means?|causes?|lies|lie|do|does|can|could|will|would|may|might|must|"
    r"demonstrates?|reveals?|represents?|see|seen|appears?|looks?|makes?|gives?|leads?|drains?|supplies|fits?|points?|let|think|believe|occurs?|arises?|turns?|call|localises?|localizes?)\b|\b(?:it|that|there|this|what|he|she|here|who)'s\b|'re\b",
    re.IGNORECASE,
)
SENTENCE = re.compile(r"(?<!\b[A-Z]\.)(?<!vs\.)(?<!St\.)(?<!Dr\.)(?<!e\.g\.)(?<!i\.e\.)(?<!approx\.)(?<![Aa]ns\.)(?<=[.!?。])\s+|\n+|;\s+|\s*\|\s*")
TURNS = re.compile(
    r",?\s+(?:but|however|yet)\b,?\s+|,\s+(?=(?:so|therefore|thus|hence|which means|and therefore|and so|and that is my|this is)\b)|\s+(?=so (?:it|the|this|that|i)\b)"
    r"|,\s+(?:though|however),\s+|,?\s+(?:although|though|even though|whereas|while)\s+(?=\w+ \w+)",
    re.IGNORECASE,
)
BULLET = re.compile(r"^\s*(?:[-*•>]|\d{1,2}[.)]|\(\d\))\s+")
LABEL = re.compile(r"^([A-Za-z][A-Za-z_ /-]{0,40}?)\s*(?:[:=]|\s-)\s+(?=\S)")
FINAL_LABEL = re.compile(
    r"^(?:(?:final|my|short|most likely|working|the) ?)*(?:answer|diagnosis|impression|conclusion|ans|dx|diagnose|name|so|thus|therefore|hence|result)s?$", re.I
)
HEADING = re.compile(
    r"^(?:findings?|technique|comparison|explanation|reasoning|summary|key points|discussion|analysis|observations?|history|recommendations?|"
    r"rationale|interpretation|description|background|notes?|treatment|test|tests|management|details)\s*:?$",
    re.I,
)
MINE = re.compile(r"[\s,]*[(\[]?\s*(?:and )?(?:this|that|which)?(?: is|'s)?\s*(?:my|the) (?:final )?(?:answer|choice|pick)\s*[)\]]?$", re.I)
IDENTIFIES = re.compile(
    r"^(?:(?:it|this|that|these|those|what (?:we|you|i) (?:have|see)(?: here)?|the patient|he|she)(?:'s| is| are| has| must be| was)|i(?:'d| would)? (?:call|name)|we have)\b"
    r"|\b(?:it|that) is$", re.I
)
ARROW = re.compile(r"\s*(?:->|=>|[→⇒])\s*")
# "It points to an inflamed gallbladder: acute cholecystitis" names the thing after the colon.
RESTATED = re.compile(r"^((?:\S+ ){6,}[^\s:]+):\s+((?:[^\s,:.]+ ?){1,6})\.?$")
RELATIVE = re.compile(r"\s+that (?:is|are|was|were|lies|has|have|causes?|can|runs?|seems?)\b(?!.*\b(?:is|are|was)\b).*$", re.IGNORECASE | re.DOTALL)
CJK = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]+")
CJK_NOT_BUT = re.compile(r"不是[^,，。;]{0,80}[,，]?\s*而?是|并非[^,，。;]{0,80}[,，]?\s*而是")
CJK_DENIED = re.compile(r"不是|没有|并非|排除|不支持|非(?=\s*[A-Za-z])|无(?=\s*[A-Za-z])")
SIGNS = re.compile(r"[\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff]+")
STOP = frozenset("what which where who how is are was the of in on this that these it does do did to for with a an and by most likely here there be has have shown image seen show patient".split())


DIRECT = 4.5  # the rank of a name that stands alone at the head of a text


@dataclass(frozen=True)
class Claim:
    """A phrase that a clause claims, and how firmly.

    rank: 5 marked as the answer, 4.5 a name at the head of the text, 4 concluded, 3 about what is asked, 2 "it is ..."
    or a bare name, 1 else.  bare: a name without a verb.
    """

    rank: float
    phrase: str
    bare: bool


def read_phrase(text: str, question: str | None = None, denials: bool = False) -> Reading:
    """The one phrase a folded text commits to, without its sentence; None with the reason where it commits to none.

    denials: a denial is a claim too ("no fracture" may be the answer).

    >>> read_phrase("The image shows a pneumothorax, because the markings end.").value
    'a pneumothorax'
    >>> read_phrase("It is not gout but sepsis.").value, read_phrase("It might be gout.").value
    ('sepsis', None)
    """
    text = in_latin(unwrapped(text[-LONGEST:].strip()))
    if refusal := REFUSAL.search(text):
        turn = TURN.search(text, refusal.end())
        if turn:
            text = text[turn.end() :].strip()
        elif not MARKER.search(text, refusal.end()):
            return Reading(None, "refusal", "the text declines to answer")
    if text.endswith(("?", "？")):
        return Reading(None, "question", "it asks instead of answering")
    asked = asked_about(question)
    claims, why = claimed(text, asked, denials)
    if not claims:
        return Reading(None, *why)
    return chosen(claims)


def asked_about(question: str | None) -> frozenset[str]:
    """The words of the question itself, the last sentence, that say what is looked for."""
    pieces = [piece for piece in SENTENCE.split((question or "").strip()[-600:]) if piece and piece.strip()]
    return frozenset(stems(pieces[-1])) - STOP if pieces else frozenset()


def chosen(claims: list[Claim]) -> Reading:
    """The firmest claim; two of the firmest that differ, or bare names side by side, are none."""
    first = claims[0]
    best = max(claim.rank for claim in claims)
    firm = [claim for claim in claims if claim.rank == best]
    if first.bare and first.rank == DIRECT and best < 5:
        rivals = [claim for claim in claims[1:] if claim.bare and len(claim.phrase.split()) <= 5]
    elif best == 5:
        rivals = firm[1:] + (claims[:1] if first.rank == DIRECT and claims[1:2] == firm[:1] and len(first.phrase) < 30 else [])
        first = firm[0]
    else:
        first = firm[0] if best == 1 else firm[-1]
        rivals = []
    for claim in rivals:
        if not akin(first.phrase, claim.phrase):
            return Reading(None, "conflict", f"two answers: {first.phrase[:80]!r} and {claim.phrase[:80]!r}")
    agreeing = [claim.phrase for claim in firm if claim.phrase] if best == 5 else [first.phrase]
    return Reading(min(agreeing, key=len), "marker" if best == 5 else "phrase")


def akin(one: str, other: str) -> bool:
    """Whether two phrases can name one thing: the words of one are among the other's."""
    first, second = set(canon(one)), set(canon(other))
    if first <= second or second <= first:
        return True
    return all(word in DIRECTIONS or word in vocabulary("detail") for word in second)


def claimed(text: str, asked: frozenset[str], denials: bool) -> tuple[list[Claim], tuple[str, str]]:
    """Every claim of a text in order, and (rule, why) for when there is none."""
    claims: list[Claim] = []
    why = ("empty", "no phrase is stated")
    marked = False
    for clause, whole in clauses(text):
        if HEADING.match(clause):
            continue
        if MINE.fullmatch(clause) and claims:
            claims[-1] = Claim(5, claims[-1].phrase, claims[-1].bare)
            continue
        if FINAL_LABEL.match(clause.strip(" :#")):
            marked = True
            continue
        claim = read_clause(clause, asked, not claims, whole, denials)
        if isinstance(claim, tuple):
            why = claim
            if claim[0] == "listing":
                return [], claim
        elif claim and claim.phrase:
            claims.append(Claim(5, claim.phrase, claim.bare) if marked else claim)
        marked = False
    return claims, why


def clauses(text: str) -> Iterator[tuple[str, bool]]:
    """(clause, whether it is a sentence of its own): sentences, and within them what stands before and after a turn."""
    for sentence in SENTENCE.split(text):
        sentence = BULLET.sub("", sentence).strip()
        if not sentence or sentence.endswith("?") or sentence.startswith("---"):
            continue
        if (arrow := ARROW.search(sentence)) and not MARKER.search(sentence[: arrow.end()]):
            sentence = sentence[: arrow.start()]
        if restated := RESTATED.match(sentence):
            yield restated[1], False
            sentence = f"so {restated[2]}"
        if NOT_BUT.search(sentence):
            yield sentence, True
            continue
        pieces = [piece.strip(" ,") for piece in TURNS.split(sentence) if piece and piece.strip(" ,.")]
        yield from ((piece, len(pieces) == 1) for piece in pieces)


def read_clause(clause: str, asked: frozenset[str], first: bool, whole: bool, denials: bool) -> Claim | tuple[str, str] | None:
    """What a clause claims; (rule, why) where it denies or only weighs."""
    clause, rank = marked_part(clause)
    if rank < 0:
        return ("listing", "a list of candidates") if rank == LISTING else ("denied", "the answer is denied")
    if turned := NOT_BUT.search(clause):
        clause, rank = turned[1], max(rank, 4)
    label = LABEL.match(clause)
    if label and rank < 5 and not VERB.search(label[1]):
        clause = clause[label.end() :]
        rank = 5 if FINAL_LABEL.match(label[1]) else 3 if asked & set(stems(label[1].replace("_", " "))) else 1
    if mine := MINE.search(clause):
        clause, rank = clause[: mine.start()], 5
    core = REASON.sub("", LEAD_IN.sub("", clause))
    if rank < 5 and WEIGHED.search(core):
        return "weighed", "only weighed"
    if DENIED.search(core) and not denials:
        return "denied", "the text denies it"
    if UNSURE.search(core):
        return "hedge", "not committed to"
    body = LEAD_IN.sub("", SUBORDINATE.sub("", LEAD_IN.sub("", clause))).strip()
    subject = trimmed(REASON.sub("", body))
    phrase = unframed(subject)
    bare = not VERB.search(subject)
    alone = first and bare and whole
    return Claim(rank or rank_of(clause, subject, phrase, asked, alone), phrase, bare)


def marked_part(clause: str) -> tuple[str, float]:
    """(what a marker names as the answer, 5), or (the clause, 0); a negative rank where the marker names none."""
    marker = next(reversed(list(MARKER.finditer(clause + " "))), None)
    if not marker or not clause[marker.end() :].strip(" .:"):
        return (clause, LISTING) if re.match(r"(?:the )?(?:differential|possible|candidates)\b", clause, re.I) and clause.endswith(":") else (clause, 0)
    before = clause[: marker.end()]
    if re.search(r"differential(?: diagnosis)?\W*$|\bdifferential\b", before, re.IGNORECASE):
        return clause, LISTING
    if DENIED.search(before):
        return clause, -1
    return clause[marker.end() :].strip(), 5


LISTING = -2


def rank_of(clause: str, subject: str, phrase: str, asked: frozenset[str], alone: bool) -> float:
    """How firmly a clause without a marker claims its phrase."""
    if alone and len(subject.split()) <= 8:
        return DIRECT
    if CONCLUDES.search(clause):
        return 4
    if asked & set(stems(subject)) and any(len(word) > 3 and word in terms().vocabulary for word in canon(phrase)):
        return 3
    return 2 if IDENTIFIES.search(subject) else 1


STRONG_FRAME = re.compile(
    r"^.{3,300}\b(?:points? to|pointing to|suggests?|suggesting|indicates?|indicating|consistent with|compatible with|in keeping with|suggestive of|"
    r"indicative of|diagnostic of|pathognomonic (?:of|for)|characteristic of|typical of|speaks? for|represents?|confirms?|fits? with)\s+" + LIKELY,
    re.IGNORECASE | re.DOTALL,
)


def unframed(phrase: str) -> str:
    """A phrase without its sentence: "The organ affected is the liver" and "the liver is affected" -> the liver."""
    if strong := STRONG_FRAME.match(phrase):
        return trimmed(phrase[strong.end() :])
    phrase = RELATIVE.sub("", re.sub(r"\s+(?:it|that|this) is$", "", phrase))
    if not VERB.search(phrase) and not FRAME.match(phrase):
        return phrase
    if predicate := PREDICATE.search(phrase):
        front = phrase[: predicate.start()]
        if front and front.lower() not in ("it", "this", "that", "which"):
            return trimmed(front)
    for _ in range(4):
        frame = FRAME.match(phrase)
        if not frame or frame.end() == len(phrase):
            break
        phrase = RELATIVE.sub("", phrase[frame.end() :])
        if not VERB.search(phrase):
            break
    return trimmed(phrase)


def trimmed(phrase: str) -> str:
    """Without quotes, stops and loose brackets at its ends."""
    phrase = SIGNS.sub("", phrase).strip(" \t.,;:!\"'*_`")
    if phrase.startswith("(") and phrase.endswith(")"):
        phrase = phrase[1:-1]
    if phrase.count("(") > phrase.count(")"):
        phrase = phrase[: phrase.rindex("(")]
    return phrase.strip(" .,;:!\"'")


def unwrapped(text: str) -> str:
    """The answer of a JSON object, all of them where they differ, or the text."""
    start, end = text.find("{"), text.rfind("}")
    if start < 0 or end < start or '"' not in text[start:end]:
        return text
    try:
        found = json.loads(text[start : end + 1])
    except (ValueError, RecursionError):
        return text
    if isinstance(found, dict):
        answers = [str(value) for key, value in found.items() if FINAL_LABEL.match(str(key).replace("_", " "))]
        return " or ".join(dict.fromkeys(answers)) if answers else text
    return text


def in_latin(text: str) -> str:
    """A Chinese text without its Chinese words where it names the thing in Latin letters; else as it is.

    >>> in_latin("诊断为 gout。"), in_latin("不是 gout,而是 sepsis"), in_latin("肺")
    ('gout', 'sepsis', '肺')
    """
    if not CJK.search(text) or not re.search(r"[A-Za-z]{2}", text):
        return text
    text = CJK_NOT_BUT.split(text)[-1]
    if CJK_DENIED.search(text):
        return "not " + CJK.sub(" ", text)
    pieces = [piece.strip(" ,.:()") for piece in CJK.split(text)]
    named = list(dict.fromkeys(piece for piece in pieces if re.search(r"[A-Za-z]{2}", piece)))
    return " or ".join(named) if len(named) > 1 else named[0]
