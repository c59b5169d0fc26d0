"""CPD: histopathology pictures, of which the paper gives three letters and no more.

Its captions take the set with masks, or boxes, beside PanNuke and EBHI-Seg. No release of that name was found here, so
nothing is known of its authors, licence and layout; whoever knows which is meant puts the pictures into a folder a
class, CLASS/NAME.png, with CLASS/NAME_mask.png where there is a mask. The guess is only that it is a set of pathology.
"""

from __future__ import annotations

from data.formats import labelled
from data.formats.release import Release
from data.registry import SetInfo

ABOUT = SetInfo(
    name="cpd",
    splits=("train",),
    license="",
    kinds=("text",),
    text="histopathology pictures; which set the paper means is not known",
    citation="named CPD in the Lingshu paper (arXiv 2506.07044), not identified here",
    access="not identified",
    remedy="nobody here knows which set the paper calls CPD: leave the line out, or put pictures as CLASS/NAME.png and"
    " masks as CLASS/NAME_mask.png into {place}",
    classes=("imaging",),
)

load = labelled.loader(
    Release(ABOUT, files="*/*.png", pictures="", modality="pathology", reader=labelled.folders(without="_mask")),
    label=lambda row: row["folder"].replace("_", " "),
    question="What does this histopathology picture show?",
    mask=lambda row: row["path"].replace(".png", "_mask.png"),
)
