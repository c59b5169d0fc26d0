"""Which elements of a DICOM file may identify somebody: their names and how many there are, never what they hold.

The kinds that the Basic Application Level Confidentiality Profile removes or replaces (DICOM PS3.15, annex E), by
their group, value representation and name. An element's value is not even parsed, unless it is a sequence.
"""

from __future__ import annotations

import re
from collections import Counter
from types import ModuleType
from typing import Any

from data.readers._source import needs

PATIENT = 0x0010  # the group of the patient module
CURVES, OVERLAYS = range(0x5000, 0x5100), range(0x6000, 0x6100)
PERSONS_AND_TIMES = {"PN", "DA", "TM", "DT", "AS"}
FREE_TEXT = {"LT", "ST", "UT"}
# UIDs that name a class, an encoding or a program, and no object
CLASSES = re.compile(r"SOPClassUID|TransferSyntaxUID|ImplementationClassUID|ContextUID|CodingSchemeUID|MappingResource")
NAMED = re.compile(
    r"Accession|Address|Admission|Admitting|Comment|CountryOfResidence|DeviceSerialNumber|DetectorID|FillerOrder"
    r"|GantryID|Institution|Occupation|OperatorI|OtherStudy|PatientI|PerformedProcedureStepID|PerformedStation"
    r"|PhysicianI|Physicians|PlacerOrder|PlateID|ProtocolName|Referring|RegionOfResidence|RequestedProcedure"
    r"|RequestingService|Reviewer|ScheduledProcedureStep|ScheduledStation|SeriesDescription|ServiceEpisode"
    r"|StationName|StudyDescription|StudyID|Telephone|Trial|VisitStatus|Verifying"
)


def identifying(dataset: Any) -> dict[str, int]:
    """Names of the elements that may identify somebody and are not empty -> how many, also within sequences."""
    found: Counter[str] = Counter()
    _count(dataset, found, needs("pydicom.datadict"))
    return dict(found)


def _count(dataset: Any, found: Counter[str], dictionary: ModuleType) -> None:
    for tag in list(dataset.keys()):
        element = dataset.get_item(tag)
        # an element that has not been parsed has none where the file does not state it
        vr = element.VR or (dictionary.dictionary_VR(tag) if dictionary.dictionary_has_tag(tag) else "UN")
        if vr == "SQ":
            for item in dataset[tag].value or ():
                _count(item, found, dictionary)
        elif element.value and (label := _label(tag, vr, dictionary.keyword_for_tag(tag))):
            found[label] += 1


def _label(tag: Any, vr: str, name: str) -> str:
    """What an element is counted as; empty if it identifies nobody."""
    if tag.is_private:
        return "private elements"
    if tag.group in CURVES or tag.group in OVERLAYS:
        return "overlays and curves"
    told = tag.group == PATIENT or vr in PERSONS_AND_TIMES or vr in FREE_TEXT or NAMED.search(name)
    return name if told or (vr == "UI" and not CLASSES.search(name)) else ""
