"""Words that name a modality, in one vocabulary: that of Lingshu (arXiv 2506.07044, figure 5).

`named` says what a label, a caption or a file's name says, and UNKNOWN where it says nothing or two things at once:
"head CT or MR" is neither. `candidates` says which modalities such a text leaves open.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

NAMES = (
    "x-ray", "ct", "mri", "ultrasound", "microscopy", "histopathology", "dermoscopy", "fundus", "oct", "endoscopy",
    "digital photography", "pet", "other",
)  # fmt: skip
UNKNOWN = "unknown"


class _Words(NamedTuple):
    """Patterns of one modality. prose: what a sentence may say in any case. abbreviated: letters that are other words
    in lower case. label: what only a label or a tag says so."""

    prose: str
    abbreviated: str = r"(?!)"
    label: str = r"(?!)"


_WORDS = {
    "x-ray": _Words(
        r"x-? ?ray\w*|(?:radio|mammo|fluoro|arthro|orthopanto|panto)(?:gram|graph)s?|radiography|mammography"
        r"|fluoroscop\w*|tomosynthesis|plain films?",
        "CXR",
        "cr|dx|mg|rf|rg|xa|xr|cxr|io|px",
    ),
    "ct": _Words(
        r"(?:computed|computeri[sz]ed|computer) (?:axial )?tomogra\w+|cat scans?|tomodensitometry",
        r"(?:C[EB]|HR|MD|NC|LD|µ)?CTA?s?",
        r"(?:cb|hr)?cta?",
    ),
    "mri": _Words(
        r"(?:nuclear )?mag-?netic resonance\w*|mr[ -](?:imag\w+|scans?|angiogra\w+)|t[12][ -]?w(?:eighted|i)?",
        r"[fp]?MRIs?|MRA|MRCP|MR|FLAIR|DWI",
        r"[fp]?mri?|mra|mrcp|t1|t2|flair|dwi",
    ),
    "ultrasound": _Words(
        r"ultraso(?:und|no)\w*|sono(?:gra|gram)\w*|echocardiogra\w*|doppler\w*", "TTE|TEE|EUS|IVUS", "us|ivus"
    ),
    "microscopy": _Words(
        r"(?:\w+)?microscop\w*|(?:photo)?micrographs?|blood smears?|(?:pap|peripheral|bone marrow) smears?|cytolog\w*",
        label="gm",
    ),
    "histopathology": _Words(
        r"(?:\w+)?histolog\w*|histopatholog\w*|pathological images?|h ?& ?e|ha?ematoxylin\w*|(?:immuno)?histochemi\w*"
        r"|whole[ -]slide\w*",
        "IHC|WSI",
        r"pathology|sm|wsi|stains?",
    ),
    "dermoscopy": _Words(r"derm(?:at)?oscop\w*|epiluminescence", label="dms"),
    "fundus": _Words(
        r"(?:color|colour|retinal|ocular) fundus|fundus (?:photo\w*|images?|camera|autofluorescence)|fundoscop\w*"
        r"|ophthalmoscop\w*|retina(?:l)? photo\w*",
        "CFP",
        "fundus|cfp|retinal? images?",
    ),
    "oct": _Words(r"optical coherence tomogra\w+", "(?:SD-?|SS-?)?OCTA?", "octa?|opt|ivoct"),
    "endoscopy": _Words(
        r"(?:video)?(?:endo|gastro|colono|broncho|laparo|cysto|arthro|hystero|laryngo|duodeno|entero|sigmoido|thoraco"
        r"|uretero|rhino|recto|ano|esophagogastroduodeno)scop\w*",
        "EGD",
        "es",
    ),
    "digital photography": _Words(
        r"(?:clinical|digital|intraoperative|gross|smartphone|slit[ -]lamp) (?:photo\w*|pictures?)|photo(?:graph)?s?"
        r"|photography|gross specimens?",
        label="gross|xc",
    ),
    "pet": _Words(r"positron[ -]emission tomogra\w+", "PET|FDG", "pet|pt"),
    "other": _Words(
        r"scintigra\w+|single[ -]photon emission\w*|electrocardiogra\w+|electroencephalogra\w+|thermogra\w+"
        r"|colposcop\w*|infrared reflectance\w*",
        "SPECT|ECG|EKG|EEG",
        "spect|ecg|ekg|eeg|nm|tg|others?",
    ),
}
# Words of a field that uses several: they leave these open.
_FIELDS = {
    r"radiolog\w*|body scans?": ("x-ray", "ct", "mri", "ultrasound", "pet", "other"),
    r"dermatolog\w*": ("dermoscopy", "digital photography"),
    r"ophthalmolog\w*": ("fundus", "oct", "digital photography"),
}
# One device with two names: the right-hand side is what it counts as.
_COMPOUND = (
    (re.compile(r"\bPET\s*[-/]\s*(?:CT|MRI?)\b", re.IGNORECASE), "PET"),
    (re.compile(r"\bendoscopic (?=ultraso)", re.IGNORECASE), ""),
    (re.compile(r"\bx-?ray (?:micro)?(?=computed tomo|CT\b)", re.IGNORECASE), ""),
)
# What the left one names is also what it is made with or looks like: a slide lies under a microscope.
_MORE_SPECIAL = {
    "histopathology": {"microscopy", "digital photography"},
    "microscopy": {"digital photography"},
    "dermoscopy": {"digital photography"},
    "fundus": {"digital photography"},
    "endoscopy": {"digital photography"},
}
# Defined terms of the attribute Modality (0008,0060), DICOM PS3.3 C.7.3.1.1.1. OP may be of the front of the eye too.
_DICOM = {
    **dict.fromkeys(("CR", "DX", "IO", "MG", "PX", "RF", "RG", "XA"), "x-ray"),
    **dict.fromkeys(("US", "IVUS", "BDUS"), "ultrasound"),
    **dict.fromkeys(("OCT", "OPT", "IVOCT"), "oct"),
    **dict.fromkeys(("NM", "TG", "ECG", "EEG", "BI", "LS", "DG"), "other"),
    "CT": "ct", "MR": "mri", "PT": "pet", "SM": "histopathology", "GM": "microscopy", "DMS": "dermoscopy",
    "ES": "endoscopy", "XC": "digital photography",
}  # fmt: skip


def _whole(pattern: str, flags: int = 0) -> re.Pattern[str]:
    return re.compile(rf"(?<![A-Za-z0-9])(?:{pattern})(?![A-Za-z0-9])", flags)


_PROSE = {name: _whole(words.prose, re.IGNORECASE) for name, words in _WORDS.items()}
_ABBREVIATED = {name: _whole(words.abbreviated) for name, words in _WORDS.items()}
_LABEL = {name: _whole(words.label, re.IGNORECASE) for name, words in _WORDS.items()}
_FIELD = {_whole(pattern, re.IGNORECASE): names for pattern, names in _FIELDS.items()}


def named(label: str) -> str:
    """The modality that a label names: a column's value, a folder, a tag; UNKNOWN for none or several.

    >>> named("chest-xray"), named("CT(Computed Tomography)"), named("head-ct-mr"), named("mixed")
    ('x-ray', 'ct', 'unknown', 'unknown')
    """
    return _only(_all(label, labels=True))


def candidates(label: str) -> tuple[str, ...]:
    """What a label leaves open: the modalities it names, those of a field it names (radiology), else all.

    >>> candidates("head-ct-mr")
    ('ct', 'mri')
    """
    found = _all(label, labels=True)
    open_ones = found or {name for pattern, names in _FIELD.items() if pattern.search(label) for name in names}
    return tuple(name for name in NAMES if not open_ones or name in open_ones)


def told(caption: str) -> str:
    """The modality that a caption speaks of in its first sentence that names any; UNKNOWN for none or several there.

    Short names count in capitals only: "us", "mr" and "pet" are words.
    """
    for sentence in re.split(r"(?<=[.!?;\n])\s+", caption):
        if found := _all(sentence, labels=False):
            return _only(found)
    return UNKNOWN


def of_file(path: str | Path) -> str:
    """The modality that a file's name says, else the next of the two folders above that says one."""
    for part in list(reversed(Path(path).parts))[:3]:
        apart = re.sub(r"(?<=[A-Za-z])(?=\d)|(?<=\d)(?=[A-Za-z])|[_.]+", " ", Path(part).stem)
        if found := _all(apart, labels=False):
            return _only(found)
    return UNKNOWN


def of_tag(tag: str) -> str:
    """The modality of a DICOM file by its attribute Modality."""
    return _DICOM.get(tag.strip().upper(), UNKNOWN)


def _only(found: set[str]) -> str:
    return next(iter(found)) if len(found) == 1 else UNKNOWN


def _all(text: str, labels: bool) -> set[str]:
    """Every modality that a text names, but for those that another one implies."""
    text = text.replace("_", " ")
    for pattern, instead in _COMPOUND:
        text = pattern.sub(instead, text)
    tables = (_PROSE, _ABBREVIATED, *([_LABEL] if labels else []))
    found = {name for table in tables for name, pattern in table.items() if pattern.search(text)}
    return found - {general for name in found for general in _MORE_SPECIAL.get(name, ())}
