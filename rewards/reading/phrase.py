"""Whether a phrase names the gold: one entity in other words, perhaps with detail that contradicts nothing."""

import re
from collections.abc import Iterator
from functools import lru_cache

from rewards.reading.canon import Terms, Words, canon, stems, terms_with
from rewards.reading.guards import NEGATORS
from rewards.reading.kin import acting, answering, chinese, headless, kindred, opposite, regimen, verbal
from rewards.reading.nearby import chinese_readings, completed, floated, one_of_pair, shown, sided, unsided
from rewards.reading.respell import respelt
from rewards.reading.shape import added, elided, glued, qualifies, same_shape, shape
from rewards.reading.tables import Synonyms, short_forms

LONGEST = 400  # characters of a phrase; more is no name
LIST = re.compile(
    r"\s*(?:[,\n\t]|(?<!\+)/(?!(?:kg|day|dl?|h|hr|hours?|min|m2|ml|l|week)\b)|;(?![\dpq])|\band/or\b|"
    r"\b(?:as well as|along with|together with|plus|in addition to|besides|"
    r"and also)\b|\band\b|\bor\b|\bvs\.?(?=\s)|\bversus\b|&|\+(?=\s))\s*",
    re.IGNORECASE,
)
BESIDE = re.compile(r"\b(?:as well as|along with|together with|plus|in addition to|besides|and also)\b", re.IGNORECASE)
EITHER = re.compile(r"\b(?:or|vs|versus|either|alternatively|and/or)\b|\?", re.IGNORECASE)
ASIDE = re.compile(r"\s*[(\[](?![\d;:pq.,-]+[)\]])([^()\[\]]{1,120})[)\]]")  # t(15;17) is one name
OPENER = re.compile(
    r"^(?:(?:i\.?e\.?,?|that is|namely|(?:also |formerly )?(?:known|called) as|aka|a\.k\.a\.|formerly|by|using|"
    r"(?:stained|acquired|taken|obtained|imaged) (?:with|in|as|by)|"
    r"(?:measurement|collection|accumulation|build-?up|administration) of|administer|via|in|at|on|within|inside|into|of|with|from|an?|the|both|some|most likely|likely|probably|probable|presumably|"
    r"definitely|certainly|clearly|obviously|undoubtedly|surely|located|situated|lying|"
    r"suspected|respect for|those of|textbook|looking at|dealing with|squarely|strongly|clearly|"
    r"(?:an? |the )?(?:\w+ )?(?:hallmarks?|presentations?|manifestations?|examples?|instances?|textbook case|"
    r"characteristics|"
    r"evidence) of|(?:sounds|looks) like|conclude|blame|(?:the )?(?:evidence|signs?|features?|findings?|presence|"
    r"(?:\w+ )?case|picture|appearance|principle|"
    r"diagnosis) of|"
    r"(?:consistent|compatible) with|(?:suggestive|indicative|characteristic|typical) of|to be|it is|it's)\s+)+",
    re.IGNORECASE,
)
CLOSER = re.compile(
    r"[\s,]*(?:,? (?:most )?(?:likely|probably|presumably)|by far|for sure|immediately|at once|(?:right|straight) away|without delay|promptly|now|first|stat|"
    r"(?:(?<=tube)|(?<=line)|(?<=catheter)|(?<=drain)|(?<=stent)|(?<=pacemaker)) in situ|"
    r"before (?:the )?(?:onset of )?(?:labou?r|delivery|birth|surgery|term)|"
    r"indeed|here|(?:with|in) (?:all )?(?:its |the |an? )?(?:typical|classic(?:al)?|characteristic)\b.*|"
    r"(?:in|on) (?:this|the|such an?) (?:image|scan|film|picture|patient|case))$",
    re.IGNORECASE,
)
# After a comma, what only tells more about what was named before it.
APPOSED = re.compile(
    r"(?:,\s*|\s+-\s+)(?=(?:at|near|in|on|of|with(?!out)|within|by|from|to be|to|through|into|i\.e\.|e\.g\.|"
    r"that is|(?:also |formerly )?known|aka|formerly|"
    r"an?\s+[\w-]+,?\s+[\w-]+|(?:[a-z]+-)?[a-z]{3,}(?:ed|ing)\b|(?:taken|made|done|given|known)\b|"
    r"(?:just |slightly |immediately |directly )?(?:near|beneath|next to|close to|(?:anterior|posterior|lateral|medial|"
    r"superior|inferior|deep|superficial|proximal|distal|adjacent) to)\b|(?:rate|gene|tip|amount|dose|size) |"
    r"[\w-]+[ -](?:positive|grade|stage|score|amount)\b|and (?:\w+ ){1,4}(?:ought|should|must|needs?|has to|have to)\b|"
    r"(?:i\.?v|p\.?o|s\.?c|i\.?m)\b|the \w+ of (?:it|"
    r"this|that)\b|over|(?:right|straight) (?:from|out)|just like|exactly|torn|seen|shown|followed|then|most|"
    r"probably|likely|"
    r"presumably|right (?:larger|greater|more|worse)|"
    r"left (?:larger|greater|more|worse)|\w+ly\b|\d[\d.,]*\w*|about|approximately|measuring|grade|stage|type|no)\b)",
    re.IGNORECASE,
)
RESTATED = re.compile(
    r"(?:\s-(?=\s+(?:an?|the) )|\bi\.e\.,?|,?\s*\b(?:also )?(?:known as|called)|,\s*(?:specifically|namely|in particular|that is)|"
    r",\s*(?:most )?(?:likely|probably)(?: representing| due to)?)\s+([^,;]{2,60})$",
    re.IGNORECASE,
)  # the same in other words
DESCRIBED = re.compile(
    r"^an? (?:[\w-]+ ){0,2}(?:yeast|fungus|bacterium|bacteria|virus|parasite|organism|protozoan|worm|drug|agent|"
    r"enzyme|hormone|vitamin|"
    r"antibody|nerve|vessel|cocc\w+|bacill\w+|rod|antibiotic|inhibitor|blocker|diuretic|tumou?r|lesion|disorder|"
    r"disease|condition),? "
    r"(?:namely |called |known as )?([A-Z][^,]{2,60})$"
)
TAILED = re.compile(
    r",\s*(?=(?:in|of|at|on|with|involving|due|secondary|caused|most likely|likely|probably|affecting)\b)"
)
HARMLESS = re.compile(r"\bwithout contrast\b|\bfalse[- ](?=positive|negative)", re.IGNORECASE)
BREAKPOINTS = re.compile(r"(?<=\))\([pq][\dpq.;]*\)")  # t(9;22)(q34;q11)
ASKED = re.compile(r"[^.?!]{0,200}\?")


def same_phrase(
    said: str, gold: str, question: str | None = None, synonyms: Synonyms | None = None
) -> tuple[bool, str]:
    """(right, why).  Lists are equal as sets; a phrase may add side, acuity, place or cause, not contradict.

    >>> [same_phrase(said, "edema")[0] for said in ("Left lower lobe oedema", "not edema", "edema or TB")]
    [True, False, False]
    >>> same_phrase("hypotension", "hypertension")[0], same_phrase("lung cancer", "lung")[0]
    (False, False)
    """
    said = said[: LONGEST + 1]
    if synonyms:
        return compared(said, gold, question, terms_with(synonyms))
    return compared_before(said, gold, question)


@lru_cache(maxsize=16_384)
def compared_before(said: str, gold: str, question: str | None) -> tuple[bool, str]:
    """`compared` with the library's own names, once for a phrase: the answers of a group are often alike."""
    return compared(said, gold, question, terms_with(None))


def compared(said: str, gold: str, question: str | None, known: Terms) -> tuple[bool, str]:
    """Whether a phrase names the gold, and why."""
    want = canon(gold, known)
    if not want:
        return False, "the gold is empty"
    if canon(said, known) == want or glued(stems(said)) == glued(stems(gold)):
        return True, "same words"
    if len(said) > LONGEST:
        return False, "too long for a name"
    if one_of_pair(said, gold):
        return False, "one of two that are meant"
    if sided(canon(said, known), want, question):
        return True, "both sides, as asked"
    asked = asked_words(question, known)
    for want_text in readings(gold):
        for said_text in (*readings(said), *chinese_readings(said, gold)):
            if said_text and want_text and (why := matched(said_text, want_text, asked, known)):
                return True, why
    for aside in ASIDE.findall(said):
        spelt_out = shortened(ASIDE.sub("", said).strip(), aside) and matched(aside, gold, asked, known)
        if spelt_out or aliased(said, aside, want, known):
            return True, "another name in brackets"
    return False, f"{said[:80]!r} is not {gold!r}"


def readings(text: str) -> Iterator[str]:
    """A phrase without its openers; without an aside or an apposition that does not offer something else."""
    text = BREAKPOINTS.sub("", text)
    bare = CLOSER.sub("", OPENER.sub("", text.strip(" .,;:\"'"))).strip(" .,;:\"'")
    yield bare
    if pictured := shown(bare):
        yield from readings(pictured)
    if described := DESCRIBED.match(text.strip()):
        yield described[1]
    if (restated := RESTATED.search(bare)) and not alters(restated[1]):
        yield OPENER.sub("", restated[1])
    if "(" in bare or "[" in bare:
        asides = ASIDE.findall(bare)
        if asides and not any(alters(aside) for aside in asides):
            yield (bare := CLOSER.sub("", ASIDE.sub("", bare).strip()))
    if (tail := APPOSED.search(bare)) and tail.start() and not alters(bare[tail.end() :].removeprefix("no ")):
        name = bare[: tail.start()].split()
        if name and name[-1].lower() not in re.findall(r"\w+", bare[tail.end() :].lower()):  # no second of its kind
            yield CLOSER.sub("", bare[: tail.start()])


def shortened(short: str, full: str) -> bool:
    """Whether a short form is made of the first letters of the words: AOM, acute otitis media."""
    initials = "".join(word[0] for word in re.findall(r"[A-Za-z]+", full) if word.lower() not in ("of", "the", "and"))
    return short.isupper() and 2 <= len(short) <= 6 and initials.upper() == short


def aliased(said: str, aside: str, want: Words, known: Terms) -> bool:
    """Whether brackets hold the gold's name for what stands before them: uterine fibroids (leiomyoma)."""
    outer = canon(ASIDE.sub("", said), known)
    return canon(aside, known) == want and bool(set(outer) & {*want, *stems(aside)}) and len(outer) <= 6 and not alters(said)


def alters(aside: str) -> bool:
    """Whether what is added offers something else or takes something back."""
    return bool(EITHER.search(aside) or NEGATORS & set(stems(HARMLESS.sub("", aside))))


def matched(said: str, gold: str, asked: frozenset[str], known: Terms) -> str | None:
    """Why the phrase names the gold, or None."""
    want = canon(gold, known)
    if not want:
        return None
    if canon(said, known) == want:
        return "same words"
    said = TAILED.sub(" ", said)
    entries, wanted = listed(said, known), listed(gold, known)
    if len(wanted) > 1 or len(entries) > 1:
        if len(wanted) == len(entries) and not (EITHER.search(said) and not EITHER.search(gold)):
            return "the same entries" if paired(entries, wanted, asked, known) else None
        if len(wanted) > 1 and len(entries) > 1:
            return None
        if len(entries) > 1 and len(wanted) == 1:
            return one_of_list(said, want, asked, known)
    if why := named_so(canon(said, known), want, asked, known):
        return why
    if completed(canon(said, known), gold, asked, known):
        return "the gold with a word of the question"
    for other in variants(want, canon(said, known), asked, known, of_gold=True):
        if other != want and (why := agree(canon(said, known), other, asked, known)):
            return why
    return None


def named_so(said: Words, want: Words, asked: frozenset[str], known: Terms) -> str | None:
    """Why the words, or the words with a short form spelt out, name the gold."""
    for words in variants(said, want, asked, known):
        if why := agree(words, want, asked, known):
            return why
    return next((why for words in unsided(said, want, known) if (why := agree(words, want, asked, known))), None)


def one_of_list(said: str, want: Words, asked: frozenset[str], known: Terms) -> str | None:
    """A text in pieces that names one thing: an inverted name, a name with details after a comma, or synonyms."""
    pieces = [OPENER.sub("", piece) for piece in LIST.split(said) if piece.strip()]
    if all(named_so(canon(piece, known), want, asked, known) for piece in pieces):
        return "one thing in several names"
    if EITHER.search(said) or any(rival(canon(piece, known), want) for piece in pieces):
        return None
    if any(opposite(list(canon(piece, known)), list(want)) for piece in pieces):
        return None
    joined = canon(" ".join(reversed(pieces)), known)
    inverted = "," in said and not re.search(r"\b(?:and|or)\b|[;/&\n]", said)
    if inverted and all(qualifies(canon(piece, known), want) for piece in pieces[1:]):
        if named_so(canon(pieces[0], known), want, asked, known):
            return "the gold and what is said of it"
        return "the words in another order" if named_so(joined, want, asked, known) else None
    if (
        not re.search(r"[,/;&\n]", said)
        and not BESIDE.search(said)
        and named_so(canon(said, known), want, asked, known)
    ):
        return "the gold with added detail"
    return None


def rival(piece: Words, want: Words) -> bool:
    """Whether a piece of a list is another thing of the gold's kind: type 2 diabetes beside type 1 diabetes."""
    return piece != want and piece[-1:] == want[-1:] and bool(set(want) - set(piece)) and bool(set(piece) - set(want))


def listed(text: str, known: Terms) -> list[Words]:
    """The entries of a list as canonical phrases, each once."""
    return list(dict.fromkeys(entry for piece in LIST.split(text) if (entry := canon(piece, known))))


def paired(said: list[Words], want: list[Words], asked: frozenset[str], known: Terms) -> bool:
    """Whether every entry of one list names one of the other."""
    left = list(want)
    for entry in said:
        match = next((other for other in left if agree(entry, other, asked, known)), None)
        if match is None:
            return False
        left.remove(match)
    return not left


def variants(words: Words, other: Words, asked: frozenset[str], known: Terms, of_gold: bool = False) -> Iterator[Words]:
    """The words, and the words with an ambiguous short form spelt out as the gold or the question settles it."""
    yield words
    shorts = short_forms()
    tokens = [word for word in words if word in shorts]
    if " ".join(words) in shorts:
        tokens.append(" ".join(words))
    for token in tokens[:2]:
        meanings = shorts[token]
        if of_gold and len(meanings) > 1:
            context = asked | set(words)
            meanings = tuple(meaning for meaning in meanings if context & {*meaning[1]})
            if len(meanings) != 1:
                continue
        for meaning, _ in meanings:
            spelt = canon(meaning, known)
            if " ".join(words) == token:
                yield known.named(spelt)
            else:
                place = words.index(token)
                yield known.named(words[:place] + spelt + words[place + 1 :])


def agree(said: Words, want: Words, asked: frozenset[str], known: Terms) -> str | None:
    """Why the canonical words name the same thing, or None."""
    if not said or not want:
        return None
    if said == want or glued(said) == glued(want):
        return "same words"
    said, want = floated(said), floated(want)
    respelled = respelt(said, want, known)
    if respelled != said:
        said = known.named(respelled)
        if said == want:
            return "same words, misspelt"
    mine, gold = shape(said), shape(want)
    if why := same_shape(mine, gold):
        return why
    if why := (elided(said, want, asked) if asked else None) or kindred(said, want) or regimen(said, want) or verbal(said, want, asked):
        return why
    if why := answering(said, want, asked) or chinese(said, want) or headless(said, want) or acting(said, want, asked):
        return why
    return "the gold with added detail" if added(mine, gold, said, want, asked) else None


@lru_cache(maxsize=4096)
def asked_words(question: str | None, known: Terms) -> frozenset[str]:
    """The words of the question itself, which an answer may leave out or repeat; none where it offers a choice."""
    if not question:
        return frozenset()
    last = next(reversed(list(ASKED.finditer(question[-600:]))), None)
    words = canon(last[0] if last else question[-200:], known)
    return frozenset() if "or" in words else frozenset(words)
