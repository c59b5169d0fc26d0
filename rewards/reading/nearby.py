"""Second looks at two phrases: with the question's word put in, without a side, with what floats at one place."""

import re
from collections.abc import Iterator

from rewards.reading.canon import Terms, Words, canon

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


def shown(text: str) -> str | None:
    """What an image is of: the cervical spine for a lateral radiograph of it."""
    image = IMAGE_OF.match(text)
    return text[image.end() :] if image else None
