"""Words that guard a match: what denies, what excludes what, what changes a thing and what may stand beside it."""

PREPOSITIONS = frozenset(
    {"about", "above", "adjacent", "affecting", "after", "against", "along", "and", "arising", "around", "as",
     "associated", "at", "behind", "below", "beneath", "between", "by", "caused", "causing", "complicated",
     "complicating", "compressing", "displacing", "due", "during", "extending", "following", "for", "from", "in",
     "including", "inside", "into", "involving", "located", "measuring", "near", "of", "on", "over", "per",
     "abutting", "encasing", "filling", "occupying", "originating", "overlying", "projecting", "spanning",
     "producing", "resulting", "secondary", "seen", "status", "such", "superimposed", "than", "throughout", "to",
     "under", "versus", "with", "within", "without"}
)  # fmt: skip
LINKS = frozenset(
    {"affecting", "and", "at", "from", "in", "inside", "involving", "located", "of", "on", "the", "within"}
)  # fmt: skip
NEGATORS = frozenset(
    {"star", "corrected", "treated", "cured", "prevented", "simulated", "withdrawal", "doubtful",
     "absence", "absent", "almost", "alternative", "alternatively", "cannot", "denied", "differential", "either",
     "exclude", "excluded", "false", "history", "instead", "isn", "lack", "maybe", "mimic", "mimicking", "nearly",
     "negative", "neither", "never", "no", "non", "none", "nor", "not", "or", "perhaps", "possible", "possibly",
     "previous", "rather", "resolved", "resolving", "risk", "ruled", "suspicion", "unclear", "unknown", "unlikely",
     "versus", "without"}
)  # fmt: skip
# Of each group, a word that the gold has not must not be added to one that it has.
GROUPS = tuple(
    frozenset(group.split())
    for group in (
        "left right bilateral unilateral midline", "acute chronic subacute hyperacute", "upper lower middle mid",
        "anterior posterior", "superior inferior", "medial lateral", "proximal distal", "unilateral bilateral",
        "benign malignant", "primary secondary metastatic", "mild moderate severe", "small large", "open closed",
        "direct indirect", "internal external", "systolic diastolic", "ischemic hemorrhagic",
        "active latent inactive", "viral bacterial fungal parasitic", "central peripheral", "focal diffuse",
        "single multiple solitary", "hyperdense hypodense isodense", "hyperintense hypointense isointense",
        "hyperechoic hypoechoic anechoic", "axial coronal sagittal", "frontal parietal temporal occipital",
        "congenital acquired", "superficial deep", "small nonsmall", "obstructive nonobstructive",
        "ascending descending sigmoid axial", "complete partial incomplete", "typical atypical",
        "symptomatic asymptomatic", "cervical thoracic lumbar sacral", "type1 type2", "stable unstable",
        "white gray black", "solid cystic", "with without", "early late", "homogeneous heterogeneous",
        "dorsal ventral",
    )
)  # fmt: skip
GUARDED = frozenset().union(*GROUPS) | NEGATORS
DIRECTIONS = frozenset(
    {"acute", "anterior", "apical", "axial", "basal", "benign", "bilateral", "central", "chronic", "coronal", "deep",
     "distal", "dorsal", "external", "hyperacute", "inferior", "internal", "lateral", "left", "lower", "malignant",
     "medial", "mid", "middle", "midline", "peripheral", "posterior", "proximal", "right", "sagittal", "subacute",
     "superficial", "superior", "unilateral", "upper", "ventral"}
)  # fmt: skip
# Words that make a compound about something else than the name before them: a receptor, a releasing hormone.
OF_ANOTHER = frozenset(
    {"releasing", "stimulating", "inhibiting", "binding", "converting", "receptor", "antagonist", "agonist",
     "analog", "antibody", "deficiency", "resistance", "precursor", "inhibitor", "deficient"}
)  # fmt: skip
# What these name changes with the place or kind that is added: pulmonary hypertension is no hypertension.
CHANGED_BY_PLACE = frozenset(
    {"acid", "acidosis", "angina", "arrest", "artery", "asthma", "attack", "block", "cell", "chorea", "coma",
     "deficiency", "diabetes", "disease", "disorder", "factor", "failure", "fever", "hormone", "hypertension",
     "hypotension", "lupus", "nerve", "pain", "reaction", "shock", "sign", "syndrome", "test", "vein", "virus"}
)  # fmt: skip
ORGANS = frozenset(
    {"adrenal", "bladder", "bone", "brain", "breast", "colon", "esophagus", "eye", "gallbladder", "heart",
     "intestine", "kidney", "liver", "lung", "muscle", "ovary", "pancreas", "prostate", "rectum", "skin", "spleen",
     "stomach", "testis", "thyroid", "trachea", "uterus"}
)  # fmt: skip
WHOLE_BODY = frozenset(
    {"abdomen", "body", "brain", "chest", "head", "lung", "patient"}
)  # fmt: skip
GENERIC = frozenset(
    {"appearance", "area", "aspect", "disease", "examination", "fashion", "film", "finding", "image", "inheritance",
     "lesion", "location", "manner", "modality", "one", "organ", "part", "pattern", "photo", "picture", "plane",
     "position", "projection", "radiograph", "region", "scan", "section", "side", "site", "slice", "structure",
     "study", "system",
     "technique", "trait", "type", "view", "way", "zone"}
)  # fmt: skip
SALTS = frozenset(
    {"besylate", "bitartrate", "fumarate", "hcl", "hydrobromide", "hydrochloride", "maleate", "mesylate",
     "succinate", "tartrate"}
)  # fmt: skip
# Classes of things: where the question names one, an answer may repeat it (zinc deficiency).
ASKED_CLASSES = frozenset(
    {"antibody", "artery", "attack", "bone", "cell", "deficiency", "drug", "enzyme", "episode", "excess", "flare",
     "gene", "gland", "hormone", "ligament", "lobe", "muscle", "nerve", "overdose", "plane", "poisoning", "sequence",
     "sign", "sinus", "stain", "tendon", "test", "toxicity", "toxin", "type", "valve", "vein", "view", "virus",
     "vitamin"}
)  # fmt: skip
ORDERED = frozenset(
    {"above", "after", "before", "below", "between", "by", "from", "over", "than", "to", "with", "without"}
)  # fmt: skip
UNITS = frozenset(
    {"microgram", "milligram", "gram", "cm", "daily", "day", "dose", "g", "hour", "iu", "kg", "l", "mcg", "mg",
    "ml", "mm", "once", "tablet", "time",
     "twice", "ug", "unit", "week"}
)  # fmt: skip
# Parts that may stand for the organ they belong to.
PARTS = frozenset(
    {"apex", "area", "base", "body", "compartment", "fundus", "head", "lobe", "loop", "neck", "parenchyma", "part",
     "pole", "segment", "tail", "wall"}
)  # fmt: skip
# Nouns that only repeat what a thing is.
CLASSES = frozenset(
    {"area", "bone", "enzyme", "form", "gene", "gland", "hormone", "level", "muscle", "part", "protein"}
)  # fmt: skip
# Endings of adjectives, and beginnings of words that take back what they stand before.
ADJECTIVE = (
    "al", "ic", "ive", "ous", "ary", "ory", "ar", "ed", "ing", "oid", "ile", "ant", "ent", "ible", "able", "iform",
    "genic", "ian", "like",
)  # fmt: skip
TAKING_BACK = (
    "pseudo", "non", "anti", "mimic", "simul", "fals", "quasi", "imita", "near", "prosthe", "artifi",
)  # fmt: skip
IMAGING = frozenset(
    {"computed", "ct", "flair", "mri", "phase", "sequence", "series", "t1", "t2", "tomography", "weighted"}
)  # fmt: skip
GRADED_THINGS = frozenset(
    {"burn", "cancer", "carcinoma", "disease", "fracture", "glioma", "injury", "lesion", "sprain", "tumor"}
)  # fmt: skip
# Endings of procedures: what stands before them tells how they are done.
PROCEDURES = ("graphy", "scopy", "ectomy", "plasty", "tomy", "centesis", "therapy", "biopsy", "gram")
