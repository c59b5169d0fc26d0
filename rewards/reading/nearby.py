"""Second looks at two phrases: with the question's word put in, without a side, with what floats at one place."""

import re
from collections.abc import Iterator
from functools import cache

from rewards.reading.canon import Terms, Words, canon
from rewards.reading.guards import NEGATORS
from rewards.reading.tables import FOLDER, rows

SIDES = frozenset({"left", "right", "bilateral"})
CONTRAST = ("with", "contrast")
MOST_ASKED = 16  # words of a question that are tried beside the gold
ONE_SIDE = re.compile(r"\b(left|right)\b", re.IGNORECASE)
# Organs and parts of which a body has two: where the plural is meant, one of them is not the answer.
PAIR = re.compile(
    r"^(?:the |both )?((?:kidney|lung|ovarie|eye|ear|breast|ureter|tonsil|parotid|lateral ventricle|adrenal|"
    r"(?:adrenal|parotid) gland|shoulder|hip|knee|hand|foot|hilum|lung base)s|testes|testicles|hila|feet)$",
    re.IGNORECASE,
)
HAN = re.compile("[\u4e00-\u9fff]")
# A Chinese sentence up to what it names; a denial is left as it is.
CHINESE_FRAME = re.compile(
    "^(?:[^不非无未没否排]*(?:考虑为?|位于|诊断[为是]|提示|可见|显示|属于|(?<![不但还就若])是))(?=[\u4e00-\u9fff])"
)
CHINESE_SIDE = re.compile("^(左|右|双)侧?")
SIDE_NAMES = {"左": "left", "右": "right", "双": "bilateral"}
# What an image is of, where the image itself is not asked for.
IMAGE_OF = re.compile(
    r"^(?:\S+ ){0,4}?(?:radiograph|x-ray|film|ct|mri|scan|image|view|photograph|photomicrograph|section|slice|"
    r"ultrasound|sonogram|angiogram)\s+(?:of|through|from)\s+(?:the\s+)?(?=\w)",
    re.IGNORECASE,
)


def completed(said: Words, gold: str, asked: frozenset[str], known: Terms) -> bool:
    """Whether the phrase is the gold together with a word of the question: epidural haematoma for extradural."""
    if not asked or len(said) > 4 or len(gold) > 40:
        return False
    return any(canon(f"{gold} {word}", known) == said for word in sorted(asked)[:MOST_ASKED] if len(word) > 3)


def unsided(said: Words, want: Words, known: Terms) -> Iterator[Words]:
    """The phrase without its side, where that makes it the name of one thing: a stone in the right kidney."""
    if SIDES & {*said} and not SIDES & {*want}:
        bare = tuple(word for word in said if word not in SIDES)
        named = known.named(bare)
        if named != bare:
            yield named


def floated(words: Words) -> Words:
    """The words with "with contrast" at the end, wherever it stood."""
    for place in range(len(words) - 2):
        if words[place : place + 2] == CONTRAST:
            return words[:place] + words[place + 2 :] + CONTRAST
    return words


def one_of_pair(said: str, gold: str) -> bool:
    """Whether one of two is named where the gold means both: the left kidney for kidneys."""
    if not (pair := PAIR.match(gold.strip())):
        return False
    sides = {side.lower() for side in ONE_SIDE.findall(said)}
    return len(sides) == 1 and pair[1].lower() not in said.lower()


def sided(said: Words, want: Words, question: str | None) -> bool:
    """Whether a question for the side is answered with both: "Both lungs" to "unilateral or bilateral?"."""
    if want != ("bilateral",) or "bilateral" not in said or not question or "lateral" not in question.lower():
        return False
    return not (NEGATORS | {"left", "right", "unilateral"}) & {*said}


def shown(text: str) -> str | None:
    """What an image is of: the cervical spine for a lateral radiograph of it."""
    image = IMAGE_OF.match(text)
    return text[image.end() :] if image else None


def in_english(text: str) -> str | None:
    """The English name of a thing named in Chinese, with its side; None for any other text."""
    said = text.strip(" .,;:。，")
    side = CHINESE_SIDE.match(said)
    name = chinese_names().get(said) or (chinese_names().get(said[side.end() :]) if side else None)
    return f"{SIDE_NAMES[side[1]]} {name}" if name and side and said not in chinese_names() else name


@cache
def chinese_names() -> dict[str, str]:
    """{Chinese name: English name}."""
    return {name: english for english, *names in rows(FOLDER / "chinese.tsv") for name in names}


def chinese_readings(text: str, gold: str) -> Iterator[str]:
    """A phrase with Chinese in it without its Chinese sentence, and its English name if the gold is English."""
    if not HAN.search(text):
        return
    named = CHINESE_FRAME.sub("", text)
    if named != text:
        yield named
    if not HAN.search(gold) and (english := in_english(re.sub(r"\s*\([^()]*\)", "", named))):
        yield english
