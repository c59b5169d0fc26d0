"""The canonical words of a medical term: one Unicode form, spelling, number and name for each thing."""

import re
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache

from rewards.reading.fold import fold
from rewards.reading.tables import Group, Synonyms, groups, user_groups
from rewards.reading.words import stem

Words = tuple[str, ...]
GREEK = str.maketrans(
    {"α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "epsilon", "κ": "kappa", "λ": "lambda", "σ": "sigma",
     "τ": "tau", "ω": "omega", "Δ": "delta", "Ω": "omega", "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l"}
)  # fmt: skip
ACCENT = dict.fromkeys(range(768, 880))
SIGNED = (("+ve", " positive"), ("-ve", " negative"))
# A prefix that some write with a hyphen, and its word, are one word; so is "non" before a space.
PREFIX = re.compile(
    r"\b(gastro|broncho|antero|postero|intra|extra|inter|sub|supra|peri|para|retro|post|pre|infra|trans|endo|hypo|"
    r"hyper|"
    r"micro|macro|cardio|hepato|musculo|neuro|oculo|cerebro|spleno|ileo|recto|utero|vesico|uretero|pyelo|lympho|osteo|"
    r"fibro|hemi|semi|multi|poly|anti|re|co|bi|tri|costo|sterno|thoraco|lumbo|sacro|temporo|fronto|parieto|occipito|"
    r"naso|oro|laryngo|tracheo|arterio|atrio|ventriculo|pseudo|auto|un|angio|hemato|haemato|nephro|dermato|cranio|"
    r"cervico|genito|glosso|kerato|lipo|meningo|mono|phlebo|psycho|rhino|"
    r"thrombo|vaso|veno|cyto|histo|chondro|arthro|spondylo|acro|adeno|brachio|chole|cysto|dorso|ventro|glyco|"
    r"maxillo|ortho|oto|photo|"
    r"pharyngo|pleuro|procto|sclero|sero|tibio|fibulo|talo|calcaneo|urethro|vertebro|mid|over|under|bio|thermo|"
    r"hepatico|cephalo|electro|radio|ultra|immuno|duodeno|"
    r"jejuno|colo|entero|naso|myo|pneumo|hydro|hemo|haemo|non)-(?=[a-z]{3})|\b(non|pseudo) (?=[a-z]{3})"
)
WORD = re.compile(r"(?:(?<![\w-])-(?=\d))?[^\W_]+(?:[.][0-9]+)?%?|[<>≤≥=↑↓]")
POSSESSIVE = re.compile(r"(?<=[a-z])'s\b|(?<=s)'(?=\s|$)")
ION = re.compile(r"(?<![a-z])(na|k|ca|mg|zn|fe|cu|li|h)\s?\^?\d?\+{1,2}(?![a-z])")  # Zn2+
DOTTED = re.compile(r"\b([a-z])\.([a-z])(?:\.([a-z]))?\b\.?")  # i.v.
LEVEL = re.compile(r"\b([ctls])(\d{1,2})\s?[/-]\s?(?=\d{1,2}\b)")  # L4/5 is L4-L5
# The second lumbar vertebra is L2.
ORDINAL = re.compile(
    r"\b(1st|first|2nd|second|3rd|third|4th|fourth|5th|fifth|6th|sixth|7th|seventh|8th|eighth|9th|ninth|10th|tenth|"
    r"11th|eleventh|12th|twelfth) (cervical|thoracic|lumbar|sacral) (?=vertebra|spinal|level|segment|nerve|body|root)"
)
LACK = re.compile(r"^(?:an? |the )?(?:lack of|deficiency of|insufficient(?! [\w ]*valve)) ([\w -]{2,40})$")
VESSELS = {"n": "nerve", "a": "artery", "v": "vein", "m": "muscle"}
VESSEL = re.compile(r"(?<=[a-z]{4} )([navm])\.(?=\s|$)")  # the radial n.
ACRONYMS = re.compile(r"\b([A-Z]{2,5})s\b")  # PPIs
UNIT = re.compile(
    r"(?<=\d)(?=(?:cm|mm|mg|ml|mcg|ug|kg|g|l|years?|weeks?|days?|hours?|months?|hz|kev|mmhg)\b)"
    r"|(?<=alpha)(?=\d)|(?<=beta)(?=\d)|(?<=gamma)(?=\d)"
)
ROMAN = {"i": "1", "ii": "2", "iii": "3", "iv": "4", "v": "5", "vi": "6", "vii": "7", "viii": "8", "ix": "9", "x": "10",
         "xi": "11", "xii": "12", "xiii": "13"}  # fmt: skip
ALWAYS_ROMAN = frozenset({"ii", "iii", "vii", "viii", "xii", "xiii"})
ROMAN_LETTER = re.compile(r"(i{1,3}|iv|vi{0,3}|ix|xi{0,2})([a-e])")
GRADED = frozenset(
    {"type", "stage", "grade", "class", "phase", "degree", "factor", "nerve", "cn", "group", "level", "category",
    "zone",
     "mobitz", "harris", "collagen", "men", "complex", "figo", "nyha", "segment", "forrest", "gustilo", "part"}
)  # fmt: skip
NUMBERS = {
    word: str(number)
    for number, words in enumerate(
        ("zero", "one first 1st", "two 2nd", "three third 3rd", "four fourth 4th", "five fifth 5th",
         "six sixth 6th", "seven seventh 7th", "eight eighth 8th", "nine ninth 9th", "ten tenth 10th",
         "eleven eleventh 11th", "twelve twelfth 12th", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen",
         "eighteen", "nineteen", "twenty")
    )
    for word in words.split()
}  # fmt: skip
DROPPED = frozenset({"a", "an", "the"})
LETTERED = frozenset({"vitamin", "hepatitis", "group", "influenza", "hemophilia", "haemophilia", "coenzyme", "type",
                      "immunoglobulin", "grade", "child", "stanford", "botulinum", "hexosaminidase", "factor",
                      "weber"})  # fmt: skip
SIDES = frozenset({"left", "right", "bilateral", "both"})
SIDED = frozenset({"sided", "side", "sides", "hand"})
NO_SIDE_LETTER = frozenset({"spine", "wave", "dopa", "carnitine", "arginine", "transposition", "cell", "plus"})


class Terms:
    """Names of things as canonical words, longest first by their first word; compared by identity."""

    def __init__(self, named: Iterable[Group], base: "Terms | None" = None) -> None:
        self.names: dict[Words, Words] = dict(base.names) if base else {}
        found = [tuple(stems(name) for name in group) for group in named]
        for one, *others in found:
            for other in others:
                self.names[other] = one
        for one, *_ in found:
            self.names.setdefault(one, one)
        self.longest = _longest(self.names)
        inner = {one: self.named(one, apart=one) for one in set(self.names.values())}  # names inside a name
        composed = {self.named(words, apart=one): one for words, one in self.names.items()}
        self.names = {words: inner[one] for words, one in (composed | self.names).items() if words}
        self.longest = _longest(self.names)
        self.vocabulary = frozenset(word for names in self.names.items() for words in names for word in words)

    def named(self, words: Words, apart: Words | None = None) -> Words:
        """Words with every name in them replaced by the one that stands for its thing, the longest names first.

        apart: leave the other names of this thing alone.
        """
        found: list[str] = []
        place, size = 0, len(words)
        while place < size:
            reach = min(self.longest.get(words[place], 0), size - place)
            for length in range(reach, 0, -1):
                one = self.names.get(words[place : place + length])
                if one and one != apart:
                    place += length
                    if tuple(found[-len(one) :]) != one:  # "X-ray (plain film)" names one thing twice
                        found += one
                    break
            else:
                found.append(words[place])
                place += 1
        return tuple(found)


def _longest(names: Iterable[Words]) -> dict[str, int]:
    """{first word: the most words that a name with it has}."""
    found: dict[str, int] = {}
    for words in names:
        found[words[0]] = max(len(words), found.get(words[0], 0))
    return found


@cache
def terms() -> Terms:
    """The names of the library's own tables."""
    return Terms(groups())


def terms_with(synonyms: Synonyms | None) -> Terms:
    """The names of the library's tables and a user's own."""
    if not synonyms:
        return terms()
    if isinstance(synonyms, Mapping):
        return _extended(user_groups(synonyms))
    return _from_file(str(synonyms))


@lru_cache(maxsize=8)
def _extended(named: tuple[Group, ...]) -> Terms:
    return Terms(named, terms())


@lru_cache(maxsize=8)
def _from_file(path: str) -> Terms:
    return Terms(user_groups(path), terms())


@lru_cache(maxsize=16_384)
def canon(text: str, known: Terms | None = None) -> Words:
    """Canonical words of a short text: folded, lower case, one spelling, singular, no article, one name for each thing.

    >>> canon("The Oedemas, type II") == canon("edema type 2"), canon("heart attack") == canon("MI")
    (True, True)
    """
    known = known or terms()
    plain = stems(text)
    words = known.named(plain)
    return known.named(words) if words != plain else words  # names made of names: contrast-enhanced CT


def stems(text: str) -> Words:
    """The words of a text in one form each, before names are looked up.

    >>> stems("R frontal lobe"), stems("Fourth ventricle; the 5cm tumour")
    (('right', 'frontal', 'lobe'), ('4', 'ventricle', '5', 'cm', 'tumor'))
    """
    plain = fold(text)
    if not plain.isascii():
        plain = plain.translate(GREEK)
        plain = _without_accents(plain)
    plain = (
        (plain if plain.islower() else ACRONYMS.sub(r"\1", plain))
        .lower()
        .replace("in situ", "insitu")
        .replace("t2*", "t2 star")
    )
    if "'" in plain:
        plain = POSSESSIVE.sub("", plain)
    if "." in plain:
        plain = DOTTED.sub(lambda match: "".join(filter(None, match.groups())), plain)
    if "+" in plain:
        plain = ION.sub(r"\1 ", plain)
    for mark, word in SIGNED:
        plain = plain.replace(mark + " ", word + " ") if not plain.endswith(mark) else plain[:-3] + word
    if "-" in plain or "non " in plain or "pseudo " in plain:
        plain = PREFIX.sub(lambda match: match[1] or match[2], plain)
    if "-like" in plain:
        plain = plain.replace("-like", "like")
    if "lack of" in plain or "deficiency of" in plain or "insufficient" in plain:
        plain = LACK.sub(r"\1 deficiency", plain)
    if "." in plain:
        plain = VESSEL.sub(lambda match: VESSELS[match[1]], plain)
    if any(level in plain for level in ("cervical ", "thoracic ", "lumbar ", "sacral ")):
        plain = ORDINAL.sub(lambda match: f"{match[2][0]}{NUMBERS.get(match[1], 2)} ", plain)
    if "/" in plain or "-" in plain:
        plain = LEVEL.sub(r"\1\2 \1", plain)
    raw = WORD.findall(UNIT.sub(" ", plain) if any(map(str.isdigit, plain)) else plain)
    words: list[str] = []
    for place, word in enumerate(raw):
        if word in DROPPED and not (word == "a" and (place == len(raw) - 1 or raw[place - 1] in LETTERED)):
            continue
        if word in SIDED and words and words[-1] in SIDES:
            continue
        words.append(_word(word, words[-1] if words else "", raw[place + 1] if place + 1 < len(raw) else ""))
    return tuple(words)


def _word(word: str, before: str, after: str) -> str:
    """One word in its place: numerals, sides in one letter, else its stem."""
    if word in ALWAYS_ROMAN or (before in GRADED and word in ROMAN):
        return ROMAN[word]
    if before in GRADED and (match := ROMAN_LETTER.fullmatch(word)):
        return ROMAN[match[1]] + match[2]
    if word in NUMBERS:
        return NUMBERS[word]
    if word in ("r", "l") and len(after) > 2 and after not in NO_SIDE_LETTER and not before:
        return "right" if word == "r" else "left"
    return stem(word)


def _without_accents(text: str) -> str:
    """Letters without their accents (Sjögren, Ménière)."""
    import unicodedata

    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", text).translate(ACCENT))
