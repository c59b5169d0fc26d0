"""Phrases whose words are of one family each, in any order: damage to the endothelium, endothelial injury."""

import re
from collections import Counter
from functools import cache, lru_cache

from rewards.reading.canon import GRADED, Words, canon
from rewards.reading.guards import (
    CHANGED_BY_PLACE,
    DIRECTIONS,
    GENERIC,
    GROUPS,
    GUARDED,
    LINKS,
    NEGATORS,
    ORDERED,
    ORGANS,
    PARTS,
    SALTS,
    UNITS,
)
from rewards.reading.tables import FOLDER, groups, rows, vocabulary
from rewards.reading.words import family, stem

# Nouns that say no more than that there is what stands beside them.
FILLERS = frozenset(
    {"state", "formation", "type", "presence", "process", "change", "condition", "finding", "occurrence", "development",
     "problem", "phenomenon", "its", "their", "your", "his", "her", "very", "some"}
)  # fmt: skip
SMALL = LINKS | FILLERS
REGIMEN = frozenset(
    {"iv", "po", "im", "sc", "oral", "orally", "intravenous", "intravenously", "subcutaneous", "subcutaneously",
     "intramuscular", "sublingual", "inhaled", "inhaler", "nebulized", "nebulizer", "spacer", "topical", "topically",
     "infusion", "injection", "bolus", "tablet", "capsule", "drip", "drop", "cream", "ointment", "therapy",
     "treatment", "monotherapy", "loading", "load", "dose", "daily", "once", "twice", "bd", "bid", "tid", "tds", "qid",
     "od", "qd", "prn", "nightly", "weekly", "mouth", "via", "by", "as", "high", "low", "empirical", "empiric",
     "first", "line", "single", "solitary", "continuous", "slow", "per", "over", "within", "titrated", "up",
     "adult", "minute",
     "sodium", "potassium", "calcium", "acetate", "citrate", "phosphate", "sulfate", "disoproxil", "tromethamine",
     "prophylactic", "prophylaxis", "short", "long", "course", "acting", "systemic", "generic"}
)  # fmt: skip
# What a drawing of an organism shows of it.
FORMS = frozenset(
    {"cyst", "trophozoite", "spore", "hypha", "hyphae", "yeast", "infection", "bacterium", "larva", "egg", "ovum",
     "organism", "parasite", "worm", "virus", "fungus", "species", "colony", "bacillus", "spp", "sp"}
)  # fmt: skip


CHINESE_DETAIL = re.compile(
    "(?:急性|慢性|左侧|右侧|双侧|左|右|双|严重|轻度|中度|重度|典型的?|明显的?|局限性|弥漫性|早期|晚期|原发性?|继发性?|大面积|大量|少量|多发性?|"
    "单发|该患者|患者|诊断|为|是|有|存在|考虑|提示|最?可能的?)+"
)
LEVEL = re.compile(r"[ctls]\d{1,2}")
OF_LEVEL = frozenset({"nerve", "root", "level", "vertebra", "segment", "dermatome", "spinal", "spine", "body"})
HEADS = frozenset(
    {"disease", "syndrome", "disorder", "sign", "stain", "view", "test", "phenomenon", "fracture", "palsy",
    "anomaly", "tumor",
     "maneuver", "triad", "method", "staining", "law", "reflex", "procedure", "operation", "position", "lesion", "body"}
)  # fmt: skip
ACTIONS = frozenset(
    {"inhibit", "block", "activat", "stimulat", "bind", "antagon", "agon", "reduc", "elevat", "releas", "prevent",
    "suppress",
     "enhanc", "clos", "open", "destroy", "degrad", "uptak", "reuptak"}
)  # fmt: skip
VERBAL = ("ive", "ing", "ed")
SWAPPED = frozenset({"disease", "syndrome", "disorder"})
TWO_FORMS = frozenset({"cushing", "parkinson", "weber", "behcet"})  # that name two things, by their nouns
ENLARGED = {"splenomegaly": "spleen", "hepatomegaly": "liver", "cardiomegaly": "heart", "goiter": "thyroid",
            "thyromegaly": "thyroid", "nephromegaly": "kidney", "lymphadenopathy": "lymph node"}  # fmt: skip


@lru_cache(maxsize=16_384)
def bag(words: Words) -> Counter[str]:
    """The families of the words that say something."""
    return Counter(family(word) for word in words if word not in SMALL)


def kindred(said: Words, want: Words) -> str | None:
    """Why two phrases name one thing by words of the same families, or None."""
    said = tuple(word for i, word in enumerate(said) if word != "to" or not i or family(said[i - 1]) != "injur")
    if any(word in ORDERED for word in (*said, *want) if word not in SMALL):
        return None
    mine, gold = bag(said), bag(want)
    if not gold or NEGATORS & set(said) != NEGATORS & set(want):
        return None
    order = [[word for word in words if word in GUARDED] for words in (said, want)]
    if mine == gold:
        mixed = any(sum(word in group for word in order[1]) > 1 for group in GROUPS)
        return None if mixed and order[0] != order[1] else "words of the same families"
    if sum(gold.values()) < 2 or gold - mine or opposite(order[0], order[1]):
        return None
    extra = {word for word in said if family(word) not in gold and word not in SMALL}
    free = DIRECTIONS | vocabulary("detail") | UNITS | GENERIC | {"valve", "cortical"}
    if family(want[-1]) == "cancer":
        free |= ORGANS  # where the cancer is
    fixed = want[-1] in CHANGED_BY_PLACE or ORGANS & set(want[-1:])
    if (
        fixed
        or not all(word in free or word[0].isdigit() for word in extra)
        or mine - gold != Counter(map(family, extra))
    ):
        return None
    return "words of the same families with added detail"


def opposite(said: list[str], want: list[str]) -> bool:
    """Whether a guarded word that the gold has not stands against one that it has."""
    return any(group & set(want) and (group & set(said)) - set(want) for group in GROUPS)


def acting(said: Words, want: Words, asked: frozenset[str]) -> str | None:
    """A mechanism told as a sentence: "it blocks the sodium channels" for blockade of sodium channels."""
    gold = bag(want)
    mine = bag(said)
    if len(gold) < 2 or not ACTIONS & gold.keys() or gold - mine or NEGATORS & set(said) - set(want):
        return None
    if (ACTIONS & mine.keys()) - gold.keys() or opposite([*said], [*want]):
        return None
    told = {family(word) for word in asked}
    free = told | vocabulary("places") | vocabulary("detail") | DIRECTIONS | {"it", "this", "cell", "and", "thereby"}
    extra = [word for word in said if family(word) not in gold and word not in SMALL]
    spare = [word for word in extra if word not in free and family(word) not in free and not word.endswith("ly")]
    return "the mechanism as a sentence" if not spare else None


def verbal(said: Words, want: Words, asked: frozenset[str]) -> str | None:
    """The gold's adjective as the verb of what is asked about: "the tumour infiltrates the fat" for infiltrative."""
    if len(want) != 1 or len(said) < 2 or not want[0].endswith(VERBAL) or NEGATORS & {*said}:
        return None
    place = next((i for i, word in enumerate(said) if i and family(word) == family(want[0])), 0)
    return "the quality as a verb" if place and asked.issuperset(said[:place]) else None


def chinese(said: Words, want: Words) -> str | None:
    """The gold in Chinese with a detail before it: acute, left, severe."""
    if len(said) != 1 or len(want) != 1:
        return None
    if said[0].removesuffix("脏") == want[0].removesuffix("脏"):
        return "the organ in Chinese"
    mine, gold = said[0].removesuffix("脏"), want[0].removesuffix("脏")
    if not gold or not mine.endswith(gold):
        return None
    return "the gold with added detail" if CHINESE_DETAIL.fullmatch(mine.removesuffix(gold)) else None


def headless(said: Words, want: Words) -> str | None:
    """A name after a person without its noun, or with another of the same meaning: DiGeorge, Marfan disease."""
    if len(said) > 2 and {*said[-2:]} <= SWAPPED and said[:-1] == want and not TWO_FORMS & {*want}:
        return "the name with a second noun"  # Marfan is Marfan syndrome already
    short, long = sorted((said, want), key=len)
    heads = short[-1:], long[-1:]
    if len(short) == len(long):
        swapped = set(heads[0]) <= SWAPPED and set(heads[1]) <= SWAPPED
        name = short[:-1] if swapped and short[:-1] == long[:-1] else ()
    else:
        name = short if long[:-1] == short and set(heads[1]) <= HEADS else ()
    if not name or TWO_FORMS & set(name) or not eponyms().issuperset(name):
        return None
    return "the name without its noun"


@cache
def eponyms() -> frozenset[str]:
    """The words of names that are written with a capital: Marfan, Ziehl."""
    words = (word for row in groups() for cell in row if " " in cell for word in re.split(r"[ -]", cell))
    return frozenset(
        stem(word.removesuffix("'s").lower()) for word in words if word[:1].isupper() and not word.isupper()
    )


def answering(said: Words, want: Words, asked: frozenset[str]) -> str | None:
    """The gold, with what the question tells of it: "fracture of the scaphoid" to "Which bone is fractured?"."""
    if len(said) == 1 and ENLARGED.get(said[0]) == want[0] and len(want) == 1:
        return "the organ that is enlarged" if "enlarg" in {family(word) for word in asked} else None
    if len(want) == 1 and LEVEL.fullmatch(want[0]) and want[0] in said and set(said) - {*want} <= OF_LEVEL:
        return "the level with what it is"
    if not asked or Counter(want) - Counter(said) or NEGATORS & set(said) - set(want):
        return None
    if opposite([word for word in said if word in GUARDED], [word for word in want if word in GUARDED]):
        return None
    told = {family(word) for word in asked}
    extra = [word for word in said if word not in want and word not in SMALL]
    parts = PARTS | {"waist", "shaft", "tip", "tubercle", "bone", "patient", "process"} | DIRECTIONS | UNITS
    if not extra or not all(
        family(word) in told or word in parts or word in GRADED or word[0].isdigit() for word in extra
    ):
        return None
    new = [word for word in extra if family(word) in told]
    place = "fractur" in told or "bone" in asked
    return "the gold with words of the question" if (new or place) and set(want) - asked else None


def regimen(said: Words, want: Words) -> str | None:
    """A drug with its dose and route, an organism with the form that is seen."""
    size = len(want)
    for free, table, why in ((REGIMEN | SALTS | UNITS | LINKS, "drugs", "dose"), (FORMS, "organisms", "form")):
        if want in things(table):
            at = next((i for i in range(len(said) - size + 1) if said[i : i + size] == want), None)
            rest = said if at is None else said[:at] + said[at + size :]
            if at is not None and all(word in free or word[0].isdigit() for word in rest):
                return f"the gold with its {why}"
    return None


@cache
def things(table: str) -> frozenset[Words]:
    """The things that a table of names holds, such as drugs."""
    return frozenset(canon(name) for name, *_ in rows(FOLDER / f"names_{table}.tsv"))
