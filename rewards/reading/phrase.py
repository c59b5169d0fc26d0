"""Whether a phrase names the gold: one entity in other words, perhaps with detail that contradicts nothing."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rewards.reading.canon import GRADED, Terms, Words, canon, stems, terms_with
from rewards.reading.respell import respelt
from rewards.reading.tables import Synonyms, short_forms, vocabulary

LONGEST = 400  # characters of a phrase; more is no name
LIST = re.compile(r"\s*(?:[,;/\n\t]|\band/or\b|\band\b|\bor\b|\bvs\.?(?=\s)|\bversus\b|&|\+(?=\s))\s*", re.IGNORECASE)
EITHER = re.compile(r"\b(?:or|vs|versus|either|alternatively|and/or)\b|\?", re.IGNORECASE)
ASIDE = re.compile(r"\s*[(\[]([^()\[\]]{1,120})[)\]]")
OPENER = re.compile(
    r"^(?:(?:i\.?e\.?,?|that is|namely|(?:also |formerly )?(?:known|called) as|aka|a\.k\.a\.|formerly|by|using|via|in|at|on|within|inside|into|of|with|from|an?|the|both|some|most likely|likely|probably|probable|presumably|"
    r"suspected|(?:the )?(?:evidence|signs?|features?|findings?|presence|case|picture|appearance|diagnosis) of|"
    r"(?:consistent|compatible) with|(?:suggestive|indicative|characteristic|typical) of|to be|it is|it's)\s+)+",
    re.IGNORECASE,
)
CLOSER = re.compile(r"[\s,]*(?:,? (?:most )?(?:likely|probably|presumably)|by far|for sure)$", re.IGNORECASE)
# After a comma, what only tells more about what was named before it.
APPOSED = re.compile(
    r"(?:,\s*|\s+-\s+)(?=(?:at|near|in|on|of|with(?!out)|within|by|from|to be|to|through|into|i\.e\.|e\.g\.|that is|(?:also |formerly )?known|aka|formerly|"
    r"an?\s+\w+\s+\w+|(?:[a-z]+-)?[a-z]{3,}(?:ed|ing)\b|torn|seen|shown|followed|then|most|probably|likely|presumably|right (?:larger|greater|more|worse)|"
    r"left (?:larger|greater|more|worse)|\d|about|approximately|measuring|grade|stage|type|no)\b)",
    re.IGNORECASE,
)
TAILED = re.compile(r",\s*(?=(?:in|of|at|on|with|involving|due|secondary|caused|most likely|likely|probably|affecting)\b)")
PREPOSITIONS = frozenset(
    {"in", "of", "at", "on", "involving", "within", "due", "from", "affecting", "near", "with", "secondary", "caused",
     "by", "along", "over", "under", "behind", "to", "for", "throughout", "around", "extending", "measuring", "after",
     "following", "adjacent", "about", "as", "into", "inside", "arising", "associated", "complicated", "complicating",
     "located", "seen", "without", "between", "beneath", "below", "above", "causing", "superimposed", "during", "per",
     "and", "resulting", "status", "producing", "compressing", "displacing", "against", "versus", "than"}
)  # fmt: skip
LINKS = frozenset({"in", "of", "at", "on", "within", "the", "involving", "affecting", "located", "from", "inside", "and"})
NEGATORS = frozenset(
    {"no", "not", "without", "never", "neither", "nor", "none", "absence", "absent", "negative", "unlikely", "excluded",
     "resolved", "alternative", "alternatively", "differential", "versus", "or", "either", "possible", "possibly",
     "maybe", "perhaps", "mimicking", "mimic", "rather", "instead", "lack", "denied", "ruled", "exclude", "non", "false",
     "previous", "history", "resolving", "nearly", "almost", "risk", "suspicion", "unclear", "unknown", "cannot", "isn"}
)  # fmt: skip
# Of each group, a word that the gold has not must not be added to one that it has.
GROUPS = tuple(
    frozenset(group.split())
    for group in (
        "left right bilateral unilateral midline", "acute chronic subacute hyperacute", "upper lower middle mid",
        "anterior posterior", "superior inferior", "medial lateral", "proximal distal", "unilateral bilateral",
        "benign malignant", "primary secondary metastatic", "mild moderate severe", "small large", "open closed",
        "direct indirect", "internal external", "systolic diastolic", "ischemic hemorrhagic", "active latent inactive",
        "viral bacterial fungal parasitic", "central peripheral", "focal diffuse", "single multiple solitary",
        "hyperdense hypodense isodense", "hyperintense hypointense isointense", "hyperechoic hypoechoic anechoic",
        "axial coronal sagittal", "frontal parietal temporal occipital", "congenital acquired", "superficial deep",
        "small nonsmall", "obstructive nonobstructive", "ascending descending sigmoid axial", "complete partial incomplete",
        "typical atypical", "symptomatic asymptomatic", "cervical thoracic lumbar sacral", "type1 type2", "stable unstable",
        "white gray black", "solid cystic", "with without", "early late", "homogeneous heterogeneous", "dorsal ventral",
    )
)  # fmt: skip
GUARDED = frozenset().union(*GROUPS) | NEGATORS
DIRECTIONS = frozenset(
    "left right bilateral unilateral upper lower middle mid anterior posterior lateral medial superior inferior central "
    "peripheral proximal distal axial coronal sagittal dorsal ventral acute chronic subacute hyperacute benign malignant "
    "internal external superficial deep midline apical basal".split()
)
# What these name changes with the place that is added: pulmonary hypertension is no hypertension.
CHANGED_BY_PLACE = frozenset({"hypertension", "hypotension", "asthma", "angina", "diabetes", "fever", "shock", "attack"})
GENERIC = frozenset(
    {"image", "scan", "view", "plane", "study", "modality", "section", "appearance", "structure", "organ", "region",
     "area", "zone", "aspect", "side", "lesion", "one", "slice", "site", "system", "type", "location", "position", "disease", "part"}
)  # fmt: skip
ORDERED = frozenset({"to", "from", "than", "over", "by", "after", "before", "above", "below", "between", "without", "with"})
DIGITS_APART = re.compile(r"(?<!\d) | (?!\d)")
UNITS = frozenset({"mg", "ml", "g", "mcg", "ug", "iu", "unit", "cm", "mm", "daily", "tablet", "kg", "dose", "l"})
# Parts that may stand for the organ they belong to, and nouns that only repeat what a thing is.
PARTS = frozenset({"head", "body", "tail", "lobe", "pole", "wall", "apex", "base", "part", "segment", "area", "neck", "fundus"})
CLASSES = frozenset({"bone", "muscle", "gland", "part", "area", "level", "gene", "protein", "enzyme", "hormone", "form"})
ASKED = re.compile(r"[^.?!]{0,200}\?")


@dataclass(frozen=True)
class Shape:
    """A noun phrase taken apart: the noun it is about, what stands before it, and what follows a preposition."""

    head: str
    before: Words
    after: Words

    @property
    def details(self) -> Counter[str]:
        """All words but the noun and the small words between."""
        return Counter(self.before) + Counter(word for word in self.after if word not in LINKS)


def same_phrase(
    said: str, gold: str, question: str | None = None, synonyms: Synonyms | None = None
) -> tuple[bool, str]:
    """(right, why).  Lists are equal as sets; a phrase may add side, acuity, place or cause, not contradict.

    >>> [same_phrase(said, "edema")[0] for said in ("Left lower lobe oedema", "not edema", "edema or TB")]
    [True, False, False]
    >>> same_phrase("hypotension", "hypertension")[0], same_phrase("lung cancer", "lung")[0]
    (False, False)
    """
    known = terms_with(synonyms)
    said = said[: LONGEST + 1]
    want = canon(gold, known)
    if not want:
        return False, "the gold is empty"
    if canon(said, known) == want or glued(stems(said)) == glued(stems(gold)):
        return True, "same words"
    if len(said) > LONGEST:
        return False, "too long for a name"
    asked = asked_words(question, known)
    for want_text in readings(gold):
        for said_text in readings(said):
            if said_text and want_text and (why := matched(said_text, want_text, asked, known)):
                return True, why
    if any(aliased(said, aside, want, known) for aside in ASIDE.findall(said)):
        return True, "another name in brackets"
    return False, f"{said[:80]!r} is not {gold!r}"


def readings(text: str) -> Iterator[str]:
    """A phrase without its openers; without an aside or an apposition that does not offer something else."""
    bare = CLOSER.sub("", OPENER.sub("", text.strip(" .,;:\"'"))).strip(" .,;:\"'")
    yield bare
    if "(" in bare or "[" in bare:
        asides = ASIDE.findall(bare)
        if asides and not any(alters(aside) for aside in asides):
            yield (bare := ASIDE.sub("", bare).strip())
    if (tail := APPOSED.search(bare)) and tail.start() and not alters(bare[tail.end() :].removeprefix("no ")):
        yield bare[: tail.start()]


def aliased(said: str, aside: str, want: Words, known: Terms) -> bool:
    """Whether brackets hold the gold's name for what stands before them: uterine fibroids (leiomyoma)."""
    outer = canon(ASIDE.sub("", said), known)
    return canon(aside, known) == want and bool(set(outer) & set(want)) and len(outer) <= 6 and not alters(said)


def alters(aside: str) -> bool:
    """Whether what is added offers something else or takes something back."""
    return bool(EITHER.search(aside) or NEGATORS & set(stems(aside)))


def opposed(said: str, want: Words) -> bool:
    """Whether a word of the text is against a word of the gold: right for left."""
    words = set(stems(said))
    return any(group & set(want) and not group & set(want) & words and group & words for group in GROUPS)


def matched(said: str, gold: str, asked: frozenset[str], known: Terms) -> str | None:
    """Why the phrase names the gold, or None."""
    want = canon(gold, known)
    if not want:
        return None
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
    for other in variants(want, canon(said, known), asked, known, of_gold=True):
        if other != want and (why := agree(canon(said, known), other, asked, known)):
            return why
    return None


def named_so(said: Words, want: Words, asked: frozenset[str], known: Terms) -> str | None:
    """Why the words, or the words with a short form spelt out, name the gold."""
    for words in variants(said, want, asked, known):
        if why := agree(words, want, asked, known):
            return why
    return None


def one_of_list(said: str, want: Words, asked: frozenset[str], known: Terms) -> str | None:
    """A text in pieces that names one thing: an inverted name, a name with details after a comma, or synonyms."""
    pieces = [OPENER.sub("", piece) for piece in LIST.split(said) if piece.strip()]
    if all(named_so(canon(piece, known), want, frozenset(), known) for piece in pieces):
        return "one thing in several names"
    if EITHER.search(said):
        return None
    joined = canon(" ".join(reversed(pieces)), known)
    if "," in said and not re.search(r"\b(?:and|or)\b|[;/&\n]", said) and named_so(joined, want, asked, known):
        return "the words in another order"
    if not re.search(r"[,/;&\n]", said) and named_so(canon(said, known), want, asked, known):
        return "the gold with added detail"
    return None


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


def variants(
    words: Words, other: Words, asked: frozenset[str], known: Terms, of_gold: bool = False
) -> Iterator[Words]:
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
                yield spelt
            else:
                place = words.index(token)
                yield words[:place] + spelt + words[place + 1 :]


def agree(said: Words, want: Words, asked: frozenset[str], known: Terms) -> str | None:
    """Why the canonical words name the same thing, or None."""
    if not said or not want:
        return None
    if said == want or glued(said) == glued(want):
        return "same words"
    respelled = respelt(said, want, known)
    if respelled != said:
        said = known.named(respelled)
        if said == want:
            return "same words, misspelt"
    mine, gold = shape(said), shape(want)
    if why := same_shape(mine, gold):
        return why
    if asked and (trimmed := elided(said, want, asked)):
        return trimmed
    return "the gold with added detail" if added(mine, gold, said, want, asked) else None


def glued(words: Words) -> str:
    """The words without the spaces between: gastro esophageal, T2 N1 M0; numbers stay apart."""
    return DIGITS_APART.sub("", " ".join(words))


def shape(words: Words) -> Shape:
    """A noun phrase taken apart.  "type 2" and its like are one word; words of place and course are no noun."""
    merged: list[str] = []
    for word in words:
        if merged and merged[-1] in GRADED and word[:1].isdigit():
            merged[-1] += word
        else:
            merged.append(word)
    while len(merged) > 1 and merged[0] in LINKS:
        merged = merged[1:]
    cut = next((place for place, word in enumerate(merged) if word in PREPOSITIONS and place), len(merged))
    core, after = merged[:cut], tuple(merged[cut:])
    place = next(
        (place for place in range(len(core) - 1, -1, -1) if core[place] not in DIRECTIONS | UNITS and not core[place][-1].isdigit()),
        len(core) - 1,
    )
    if core[place] == "part" and place and not after:
        core, place = core[:place] + core[place + 1 :], place - 1
    return Shape(core[place], tuple(core[:place] + core[place + 1 :]), after)


def same_shape(said: Shape, want: Shape) -> str | None:
    """The same noun with the same details, in an order that does not matter."""
    if said.head != want.head or said.details != want.details:
        return None
    words = {*said.before, *said.after}
    if any(word in ORDERED for word in words - {"from"}) and said.after != want.after:
        return None
    if any(sum(word in group for word in words) > 1 for group in GROUPS) and in_order(said) != in_order(want):
        return None
    places = vocabulary("places")
    if sum(word in places for word in said.details) > 1 and bool(said.after) != bool(want.after) and len(said.details) > 4:
        return None
    return "same words in another order"


def in_order(phrase: Shape) -> Words:
    """The guarded words in their order."""
    return tuple(word for word in (*phrase.before, *phrase.after) if word in GUARDED)


def added(said: Shape, want: Shape, words: Words, gold: Words, asked: frozenset[str]) -> bool:
    """Whether the phrase is the gold with more detail, none of which contradicts it."""
    said = whole(said, want)
    if said.head != want.head or want.details - said.details:
        return False
    extra = said.details - want.details
    before = Counter(said.before) - want.details
    if NEGATORS & extra.keys() or any(word in NEGATORS and word not in gold for word in words):
        return False
    if any(group & set(gold) and (group & extra.keys()) - set(gold) for group in GROUPS):
        return False
    places = vocabulary("places")
    if "and" in said.after and "and" not in gold:
        place = said.after.index("and")
        if not place or not {"with", "due", "caused", "between"} & set(said.after[:place]) and not set(
            said.after[place:]
        ) <= places | DIRECTIONS | LINKS:
            return False
    if want.head in CHANGED_BY_PLACE and places & before.keys() | {"intracranial"} & before.keys():
        return False
    allowed = vocabulary("detail") | DIRECTIONS | places | asked
    return all(word in allowed or word[0].isdigit() or word[-1].isdigit() for word in before)


def whole(said: Shape, want: Shape) -> Shape:
    """The organ for a part of it (head of the pancreas), the thing for its class (scaphoid bone), where that is the gold."""
    if said.head == want.head or want.head not in said.details:
        return said
    places = vocabulary("places")
    if said.head in PARTS and want.head in places and (want.head in said.before[-1:] or want.head in said.after[-1:]):
        rest = said.before[:-1] if want.head in said.before[-1:] else said.before
        return Shape(want.head, rest, tuple(word for word in said.after if word != want.head))
    if said.head in CLASSES and said.before[-1:] == (want.head,) and want.head not in places:
        return Shape(want.head, said.before[:-1], said.after)
    return said


def asked_words(question: str | None, known: Terms) -> frozenset[str]:
    """The words of the question itself, which an answer may leave out or repeat; none where it offers a choice."""
    if not question:
        return frozenset()
    last = next(reversed(list(ASKED.finditer(question[-600:]))), None)
    words = canon(last[0] if last else question[-200:], known)
    return frozenset() if "or" in words else frozenset(words)


def elided(said: Words, want: Words, asked: frozenset[str]) -> str | None:
    """An answer that leaves out what the question says, or repeats it."""
    missing, extra = Counter(want) - Counter(said), Counter(said) - Counter(want)
    if missing and not extra and all(word in asked and word not in GUARDED for word in missing):
        order = [word for word in want if word in said]
        return "what the question says is left out" if order == list(said) and content(said) else None
    if extra and not missing and modifiers(want):
        free = asked | GENERIC | LINKS
        if all(word in free and word not in GUARDED for word in extra):
            return "with words of the question"
    return None


def content(words: Iterable[str]) -> bool:
    """Whether any of the words says something."""
    return any(word not in LINKS and word not in PREPOSITIONS and word not in GENERIC for word in words)


def modifiers(words: Words) -> bool:
    """Whether the words only describe: left, axial, hyperdense, enlarged."""
    known = DIRECTIONS | vocabulary("detail")
    return all(word in known or word in LINKS or word in GRADED or word[0].isdigit() or word.endswith(("ed", "al", "ic", "ous", "ar")) for word in words)
