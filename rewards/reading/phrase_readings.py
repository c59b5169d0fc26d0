"""The readings of one phrase: without its openers and closers, asides and appositions, or its Chinese sentence."""

import re
from collections.abc import Iterator

from rewards.reading.canon import stems
from rewards.reading.guards import NEGATORS
from rewards.reading.nearby import shown

EITHER = re.compile(r"\b(?:or|vs|versus|either|alternatively|and/or)\b|\?", re.IGNORECASE)
ASIDE = re.compile(r"\s*[(\[](?![\d;:pq.,-]+[)\]])([^()\[\]]{1,120})[)\]]")  # t(15;17) is one name
OPENER = re.compile(
    r"^(?:(?:i\.?e\.?,?|that is|namely|(?:also |formerly )?(?:known|called) as|aka|a\.k\.a\.|formerly|by|using|"
    r"(?:stained|acquired|taken|obtained|imaged) (?:with|in|as|by)|"
    r"(?:measurement|collection|accumulation|build-?up|administration) of|administer|via|in|at|on|within|inside|"
    r"into|of|with|from|an?|the|both|some|most likely|likely|probably|probable|presumably|"
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
    r"[\s,]*(?:,? (?:most )?(?:likely|probably|presumably)|by far|for sure|immediately|at once|(?:right|"
    r"straight) away|without delay|promptly|now|first|stat|"
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
    r"(?:\s-(?=\s+(?:an?|the) )|\bi\.e\.,?|,?\s*\b(?:also )?(?:known as|called)|,\s*(?:specifically|namely|"
    r"in particular|that is)|"
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
HARMLESS = re.compile(r"\bwithout contrast\b|\bfalse[- ](?=positive|negative)", re.IGNORECASE)
BREAKPOINTS = re.compile(r"(?<=\))\([pq][\dpq.;]*\)")  # t(9;22)(q34;q11)


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


def alters(aside: str) -> bool:
    """Whether what is added offers something else or takes something back."""
    return bool(EITHER.search(aside) or NEGATORS & set(stems(HARMLESS.sub("", aside))))
