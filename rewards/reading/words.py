"""One form for one word: British and American spelling, singular and plural (also Latin, Greek), adjective and noun."""

import re
from functools import lru_cache

from rewards.reading.families import root
from rewards.reading.tables import acronyms, adjectives

# British and other spellings -> one form; applied to single lower-case words, in order.
SPELLING = tuple(
    (re.compile(pattern), one)
    for pattern, one in (
        (r"aemi", "emi"), (r"haem", "hem"), (r"(?:^|(?<=o))oesoph", "esoph"), (r"oestr", "estr"), (r"oedem", "edem"),
        (r"paed", "ped"), (r"(?<![ctr])aest(?=h)", "est"), (r"anaes", "anes"), (r"aetio", "etio"), (r"gynaec", "gynec"),
        (r"rrhoe", "rrhe"), (r"faec", "fec"), (r"caec", "cec"), (r"^caes", "ces"), (r"^foet", "fet"), (r"^naev", "nev"),
        (r"^coeli", "celi"), (r"pnoea", "pnea"), (r"amoeb", "ameb"), (r"paeni", "peni"), (r"manoeuv", "maneuv"),
        (r"tonaeum$", "toneum"), (r"tumour", "tumor"), (r"colour", "color"), (r"odour", "odor"),
        (r"behaviour", "behavior"),
        (r"fibre", "fiber"), (r"centre", "center"), (r"litre", "liter"), (r"metre", "meter"), (r"titre", "titer"),
        (r"goitre", "goiter"), (r"calibre", "caliber"), (r"^grey", "gray"), (r"sulph", "sulf"), (r"leuco", "leuko"),
        (r"aluminium", "aluminum"), (r"(?<=[a-z]{3})is(e[ds]?|ing|ation)$", r"iz\1"), (r"(?<=al)ys(e[ds]?)$", r"yz\1"),
        (r"labelled", "labeled"),
    )
)  # fmt: skip
# Words in -ise or -ises that are no British spelling of -ize.
KEEPS_S = frozenset({"disease", "diseased", "exercise", "precise", "excise", "excised", "incise", "incised",
                     "otherwise",
                     "raise", "raised", "noise", "bruise", "bruised", "arise", "advise", "advised", "likewise",
                     "rise", "wise", "rising", "raising", "exercising", "excising", "bruising"})  # fmt: skip
BRITISH_HINT = re.compile(r"ae|oe|our|tre|bre|ys|is|lph|uco|nium|grey|elled")
NOT_PLURAL = ("ss", "us", "is", "os")
US_PLURALS = ("viruses", "sinuses", "fetuses", "uteruses", "thrombuses", "emboluses", "tetanuses", "hiatuses")
SINGULAR_IN_S = frozenset(
    {"diabetes", "herpes", "rabies", "scabies", "series", "species", "biceps", "triceps", "forceps", "ascites",
     "caries", "feces", "measles", "mumps", "facies", "shingles", "rickets", "hiccups", "quadriceps", "lens",
     "hives", "bends", "genitalia", "sepsis", "menses", "yaws", "tabes", "pons", "xerosis", "pancreas",
     "atlas", "gas", "texas", "christmas", "whereas", "alas", "has", "was", "vas", "aids", "ards", "sars",
     "mers", "pres", "laboratories", "kansas", "dies", "always", "sometimes", "perhaps", "bias", "canvas"}
)  # fmt: skip
IRREGULAR = {
    "syndrom": "syndrome",
    "bronchi": "bronchus", "thrombi": "thrombus", "emboli": "embolus", "fungi": "fungus", "bacilli": "bacillus",
    "nuclei": "nucleus", "foci": "focus", "calculi": "calculus", "alveoli": "alveolus", "sulci": "sulcus",
    "gyri": "gyrus", "rami": "ramus", "cocci": "coccus", "stimuli": "stimulus", "villi": "villus",
    "thalami": "thalamus",
    "humeri": "humerus", "tali": "talus", "uteri": "uterus", "hili": "hilum", "hila": "hilum", "malleoli": "malleolus",
    "glomeruli": "glomerulus", "canaliculi": "canaliculus", "nevi": "nevus", "tophi": "tophus", "sacculi": "sacculus",
    "staphylococci": "staphylococcus", "streptococci": "streptococcus", "meningococci": "meningococcus",
    "pneumococci": "pneumococcus", "gonococci": "gonococcus", "enterococci": "enterococcus", "radii": "radius",
    "lactobacilli": "lactobacillus", "diverticula": "diverticulum", "diverticuli": "diverticulum", "alumni": "alumnus",
    "bacteria": "bacterium", "septa": "septum", "atria": "atrium", "ova": "ovum", "ganglia": "ganglion",
    "mitochondria": "mitochondrion", "haustra": "haustrum", "crania": "cranium", "acetabula": "acetabulum",
    "capitula": "capitulum", "frenula": "frenulum", "labia": "labium", "epithelia": "epithelium",
    "endothelia": "endothelium", "phyla": "phylum", "spectra": "spectrum", "cilia": "cilium", "sera": "serum",
    "infundibula": "infundibulum", "ilia": "ilium", "ischia": "ischium", "sterna": "sternum", "media": "media",
    "apices": "apex", "cortices": "cortex", "indices": "index", "appendices": "appendix", "cervices": "cervix",
    "varices": "varix", "matrices": "matrix", "calyces": "calyx", "calices": "calyx", "vertices": "vertex",
    "helices": "helix", "phalanges": "phalanx", "larynges": "larynx", "pharynges": "pharynx", "foramina": "foramen",
    "lumina": "lumen", "stamina": "stamina", "corpora": "corpus", "crura": "crus", "femora": "femur", "genera": "genus",
    "viscera": "viscus", "teeth": "tooth", "feet": "foot", "men": "man", "women": "woman", "children": "child",
    "mice": "mouse", "lice": "louse", "testes": "testis", "crises": "crisis", "leaves": "leaf", "calves": "calf",
    "halves": "half", "lives": "life", "bases": "base", "biases": "bias", "gases": "gas", "axes": "axis",
    "menisci": "meniscus", "loci": "locus", "pili": "pilus", "acini": "acinus", "recti": "rectus", "ovaries": "ovary",
    "abdominus": "abdominis", "irides": "iris", "epididymides": "epididymis", "criteria": "criterion",
    "phenomena": "phenomenon", "data": "data", "condyli": "condyle", "digiti": "digit",
    "conjunctivae": "conjunctiva",
    "canthi": "canthus", "pylori": "pylori",
    "coli": "coli", "vasa": "vas", "viri": "virus", "discs": "disk", "disc": "disk", "sinuses": "sinus",
}  # fmt: skip
GREEK_PLURAL = re.compile(r"(?:stas|thes|nos|bos|ros|los|mos|pos|tos|kos|cos|dos|phos|lys|phys|eps|ops)es$")
ENGLISH_OSES = frozenset({"purposes", "overdoses", "exposes", "supposes", "proposes", "disposes"})


@lru_cache(maxsize=32_768)
def stem(word: str) -> str:
    """One spelling, singular, the noun of an organ's adjective.

    >>> [stem(word) for word in ("metastases", "tumours", "haemorrhages", "renal", "pancreas", "vertebrae")]
    ['metastasis', 'tumor', 'hemorrhage', 'kidney', 'pancreas', 'vertebra']
    """
    word = singular(spelling(word))
    return adjectives().get(word, word)


@lru_cache(maxsize=32_768)
def family(word: str) -> str:
    """One form for the noun, the adjective and the verb of a thing, in one spelling and number.

    >>> family("endothelium") == family("endothelial"), family("dilated") == family("dilatation")
    (True, True)
    """
    return root(stem(word))


def spelling(word: str) -> str:
    """One spelling of a word."""
    if BRITISH_HINT.search(word) and word not in KEEPS_S:
        for pattern, one in SPELLING:
            word = pattern.sub(one, word)
    return word


def singular(word: str) -> str:
    """The word without a plural ending; short words and unknown endings are left alone."""
    if irregular := IRREGULAR.get(word):
        return irregular
    if len(word) < 4 or word[-1] not in "sea" or word in SINGULAR_IN_S or word in acronyms():
        return word
    if word[-1] != "s":
        return word[:-2] if word.endswith("mata") else word[:-1] if word.endswith("ae") and len(word) > 4 else word
    if word.endswith("itides"):
        return word[:-4] + "s"
    if len(word) > 7 and GREEK_PLURAL.search(word) and word not in ENGLISH_OSES:
        return word[:-2] + "is"
    if word.endswith(NOT_PLURAL):
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    return word[:-2] if word.endswith(("shes", "ches", "xes", "sses", *US_PLURALS)) else word[:-1]
