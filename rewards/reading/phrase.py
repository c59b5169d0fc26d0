"""Whether a phrase names the gold: one entity in other words, perhaps with detail that contradicts nothing."""

import re
from collections.abc import Iterator
from functools import lru_cache

from rewards.reading.canon import Terms, Words, canon, stems, terms_with
from rewards.reading.kin import acting, answering, chinese, headless, kindred, opposite, regimen, verbal
from rewards.reading.nearby import chinese_readings, completed, floated, one_of_pair, sided, unsided
from rewards.reading.phrase_readings import ASIDE, EITHER, OPENER, alters, readings
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
TAILED = re.compile(
    r",\s*(?=(?:in|of|at|on|with|involving|due|secondary|caused|most likely|likely|probably|affecting)\b)"
)
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


def shortened(short: str, full: str) -> bool:
    """Whether a short form is made of the first letters of the words: AOM, acute otitis media."""
    initials = "".join(word[0] for word in re.findall(r"[A-Za-z]+", full) if word.lower() not in ("of", "the", "and"))
    return short.isupper() and 2 <= len(short) <= 6 and initials.upper() == short


def aliased(said: str, aside: str, want: Words, known: Terms) -> bool:
    """Whether brackets hold the gold's name for what stands before them: uterine fibroids (leiomyoma)."""
    outer = canon(ASIDE.sub("", said), known)
    return (
        canon(aside, known) == want
        and bool(set(outer) & {*want, *stems(aside)})
        and len(outer) <= 6
        and not alters(said)
    )


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
    if (
        why := (elided(said, want, asked) if asked else None)
        or kindred(said, want)
        or regimen(said, want)
        or verbal(said, want, asked)
    ):
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
