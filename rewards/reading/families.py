"""Word families: the noun, the adjective and the verb of one finding have one root (stenosis, stenotic, stenosed)."""

from functools import cache

SHORTEST = 4  # letters of a root
# Endings and what they leave, the longest first; only the first that fits is taken.
ENDINGS = tuple(
    sorted(
        (
            # Greek nouns and their adjectives.
            ("plasia", "plastic"), ("plasm", "plastic"), ("trophy", "trophic"), ("trophied", "trophic"),
            ("osis", "os"), ("otic", "os"), ("osed", "os"), ("osing", "os"), ("asis", "as"), ("atic", "as"),
            ("esis", "es"), ("etic", "es"), ("lysis", "lys"), ("lytic", "lys"), ("lyzed", "lys"), ("itis", "itic"),
            ("ia", "ic"), ("pathy", "pathic"),
            ("graphy", "graphic"), ("metry", "metric"), ("metrical", "metric"), ("ectomized", "ectomy"),
            ("matous", "ma"), ("ical", "ic"),
            # Latin and English nouns, participles and adjectives meet in the bare verb.
            ("ification", "ify"), ("ified", "ify"), ("ifying", "ify"), ("clusion", "clud"), ("clusive", "clud"),
            ("trusion", "trud"), ("trusive", "trud"), ("osion", "od"), ("osive", "od"), ("vasion", "vad"),
            ("vasive", "vad"), ("duction", "duc"), ("duced", "duc"), ("ducing", "duc"), ("ption", "b"), ("rbed", "rb"),
            ("ion", ""), ("ed", ""), ("ing", ""), ("ive", ""), ("ement", ""), ("ment", ""), ("e", ""), ("ular", "ul"),
            ("ule", "ul"),
            # Qualities and what has them.
            ("ability", "abl"), ("able", "abl"), ("ibility", "ibl"), ("ible", "ibl"), ("ibly", "ibl"),
            ("ility", "il"), ("ile", "il"), ("osity", "ous"), ("ity", ""), ("iness", "y"), ("ness", ""),
            ("ancy", "ant"), ("ance", "ant"), ("ency", "ent"), ("ence", "ent"), ("ful", ""), ("ally", "al"),
            ("ly", ""),
        ),
        key=lambda pair: -len(pair[0]),
    )
)  # fmt: skip
# Families that no ending shows, the root first.
FAMILIES = (
    "inherit inheritance inherited inheriting hereditary heredity",
    "inflam inflammation inflamed inflammatory", "swell swelling swollen", "thicken thick thickening thickened",
    "widen wide widening widened", "distend distention distension distended", "ulcer ulceration ulcerated ulcerative",
    "opac opaque opacity opacified opacification", "adher adhesion adherent adhesive adhesions", "los loss lost",
    "infect infection infected infectious infective", "disturb disturbance disturbed", "tear torn tearing",
    "fractur broken break fracture fractured breakage", "shrink shrunken shrunk shrinkage",
    "elevat raised increased increase elevated elevation rise rising raise high",
    "reduc decreased decrease reduced reduction diminished diminution lowered low",
    "impair impairment impaired", "sublux subluxation subluxed subluxated", "spasm spastic spasmodic",
    "cancer cancerous carcinoma", "growth growing grown", "bend bent bending", "hypertens hypertension hypertensive",
    "hypotens hypotension hypotensive", "paralys paralysis paralytic paralyzed", "short shortened shortening",
    "fus fusion fused", "perfus perfusion perfused", "hemorrhag hemorrhage hemorrhagic bleeding bled",
    "degenerat degeneration degenerative degenerated", "edema edematous", "pus purulent pyogenic suppurative",
    "hypox hypoxia hypoxic", "injur injury injured damage damaged lesioned",
    "cavit cavity cavitation cavitary cavitating",
    "nodul nodule nodular nodularity", "vesic vesicle vesicular", "follic follicle follicular", "cyst cystic",
    "pallor pale paleness", "absent absence missing",
    "deform deformity deformed deformation", "bow bowing bowed", "lob lobule lobulated lobulation",
    "septat septation septated septate", "fat fatty", "wast wasting wasted",
    "block blocked blockage blockade blocks blocker blocking", "inhibit inhibits inhibitor inhibited inhibition",
    "antagon antagonist antagonism antagonizes antagonize", "agon agonist agonism",
    "activat activates activator activation",
    "stimulat stimulates stimulation stimulator", "stenos stenosis stenotic stenosed narrowing narrowed narrow narrows",
    "scar scarred scarring", "deep deepening", "trauma traumatic", "pain painful",
    "toxic toxicity", "irregular irregularity", "vascular vascularity", "muffl muffled distant faint",
)  # fmt: skip
# Nouns that share an ending, but no family, with another: the drug is not what it does.
APART = frozenset(
    {"diuretic", "emetic", "antiemetic", "lesion", "region", "tension", "version", "vision", "person", "station",
     "ration", "organ", "red", "bed", "ring", "king", "wing", "spring", "protein", "disease", "vaccine", "scale",
     "lobe", "tube", "valve", "nerve", "spine", "vertebrae", "time", "pressure", "temperature", "imaging", "media",
     "anesthetic", "antibiotic", "narcotic", "hypnotic", "cathartic", "cosmetic", "prosthetic", "genetic",
     "fluid", "acid", "base", "bone", "urine", "stage", "phase", "type", "grade", "side", "site", "tongue", "muscle",
     "knee", "eye", "toe", "plane", "sulfate", "phosphate", "nitrate", "citrate", "lactate", "carbonate", "family"}
)  # fmt: skip


@cache
def irregular() -> dict[str, str]:
    """{word: root} of the families that no ending shows."""
    return {word: row.split()[0] for row in FAMILIES for word in row.split()}


def root(word: str) -> str:
    """The root that a word shares with its family; the word itself where no ending is known.

    >>> {root(word) for word in ("stenosis", "stenotic", "stenosed")}, root("calcified") == root("calcification")
    ({'stenos'}, True)
    """
    if known := irregular().get(word):
        return known
    if word in APART or not word.isalpha():
        return word
    for ending, left in ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) + len(left) >= SHORTEST + (len(ending) == 1):
            return word[: -len(ending)] + left
    return word
