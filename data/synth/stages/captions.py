"""Long captions in five stages (Lingshu, section 2.2.1): a short caption from the labels, regions of interest, facts of
the boxed image, what doctors look for in the plain one, and a summary of both in which the facts win."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

from data.clean import Drop
from data.example import Example
from data.images import open_images
from data.synth import Ask, Form, Nonsense, Stage, add, boxes, volumes, wording
from data.synth.rows import TO_DESCRIBE, all_of

if TYPE_CHECKING:
    from data.synth import Outcome

# What can be seen in an image; all other labels (age, dates, identifiers, ...) are left out of its caption.
VISIBLE = ("modality", "sequence", "stain", "plane", "view", "side", "anatomy", "abnormality", "grade")
NORMAL = re.compile(r"normal|healthy|none|no (?:finding|abnormality|lesion|tumou?r)s?", re.IGNORECASE)
# The checklist of a modality: the first whose words all stand in modality and anatomy.
GROUPS = (
    (r"knee", r"x-?ray|radiograph|\bcr\b|\bdx\b", "knee X-ray"),
    (r"", r"\bct\b|computed tomography", "CT"),
    (r"", r"x-?ray|radiograph|mammogra|\bcr\b|\bdx\b|\bcxr\b", "X-ray"),
    (r"", r"\bmri?\b|magnetic resonance|flair|\bt[12]\b", "MRI"),
    (r"", r"histo|patholog|\bh&e\b|\bwsi\b", "histopathology"),
    (r"", r"derm|skin", "skin"),
    (r"", r"endoscop|colonoscop|gastroscop", "GI endoscopy"),
    (r"", r"fundus|retina", "fundus"),
    (r"", r"ultraso|sonogra|\bus\b|echo", "ultrasound"),
)
ORDER = {
    "histopathology": "from the whole to the detail: tissue and architecture first, then cells, then nuclei",
    "skin": "from the whole to the detail: the lesion as a whole first, then its border, colours and structures",
}
BY_ORGAN = "organ by organ, each finding beside the organ that it belongs to"
SEES_MORE = re.compile(
    r"\b(?:bounding|red|coloured|colored)\s+(?:box|rectangle|outline|frame)|\b(?:box|rectangle)(?:es|s)?\b"
    r"|\b(?:short|given|provided)\s+(?:caption|label|knowledge)|\bcaptions?\b|\bbackground\s+knowledge\b"
    r"|\bmetadata\b|\bcheck\s?list\b",
    re.IGNORECASE,
)
REVEALS = Drop("speaks of what the reader does not see")


@dataclass(frozen=True)
class Metadata(Stage):
    """Stage 1: `labels` -> the column `short_caption`; labels that no image shows are left out.

    knowledge: what is known of an abnormality, by its label; it is shown to stage 3 (the paper looks it up on the web).
    """

    name: ClassVar[str] = "caption_metadata"
    about: ClassVar[str] = "a short caption from the labels of an image"

    knowledge: Mapping[str, str] | None = None

    def __post_init__(self) -> None:
        if self.knowledge is not None and not isinstance(self.knowledge, Mapping):
            raise ValueError("knowledge must map labels to texts, e.g. knowledge={gout: urate crystals in a joint}")

    def read(self, row: Example, reply: str) -> Outcome:
        labels = {name: all_of(value) for name, value in (row.meta.get("labels") or {}).items() if name in VISIBLE}
        labels.setdefault("modality", [row.modality] if row.modality != "text" else [])
        if not labels.get("anatomy") and not labels.get("abnormality"):
            return Drop("no label of what is seen", "neither anatomy nor abnormality")
        known = {name.casefold(): text for name, text in (self.knowledge or {}).items()}
        told = [known[value.casefold()] for value in labels.get("abnormality", ()) if value.casefold() in known]
        left = {name: value for name, value in labels.items() if value}
        return [add(row, labels=left, short_caption=short_caption(left), knowledge=" ".join(told))]


def short_caption(labels: Mapping[str, list[str]]) -> str:
    """`T2 MRI, axial plane, of the brain, showing glioma.`"""

    def said(name: str) -> str:
        return " and ".join(labels.get(name, ()))

    technique = " ".join(filter(None, [said("sequence"), said("stain"), said("modality")])) or "Image"
    parts = [technique, *(f"{said(name)} {name}" for name in ("plane", "view", "side") if said(name))]
    where = f" of the {said('anatomy')}" if said("anatomy") else ""
    found = [value for value in labels.get("abnormality", ()) if not NORMAL.fullmatch(value.strip())]
    grade = f" ({said('grade')})" if said("grade") else ""
    what = f"showing {', '.join(found)}{grade}" if found else ""
    nothing = "without a labelled abnormality" if labels.get("abnormality") and not found else ""
    return ", ".join(filter(None, [", ".join(parts) + where, what or nothing])) + "."


@dataclass(frozen=True)
class Regions(Stage):
    """Stage 2: `boxes` as they are ([x1, y1, x2, y2] or {"box", "label"}), else from `mask` (a file); of `volume` and
    `mask` (files that `volumes.read` takes) a row a slice. A row without any of these has no boxes.

    slices: at most, of a volume. window: centre and width of its greys, else percentiles. min_px: of a region.
    """

    name: ClassVar[str] = "caption_regions"
    about: ClassVar[str] = "boxes around what a mask marks, slices of a volume"

    slices: int = 3
    window: tuple[float, float] | None = None
    min_px: int = 9

    def __post_init__(self) -> None:
        if self.slices < 1:
            raise ValueError(f"slices is {self.slices}, it must be at least 1")
        if self.window is not None and (len(self.window) != 2 or self.window[1] <= 0):
            raise ValueError(f"window is {self.window}, it must be [centre, width] with a positive width")

    def read(self, row: Example, reply: str) -> Outcome:
        mask = row.meta.get("mask")
        if row.meta.get("volume"):
            return self._slices(row, mask) if mask else Drop("a volume without a mask")
        if len(row.images) != 1:
            return Drop("not one image", f"{len(row.images)} images")
        if row.meta.get("boxes") or not mask:
            given = row.meta.get("boxes") or ()
            return [add(row, boxes=[one if isinstance(one, dict) else {"box": one, "label": 1} for one in given])]
        [image] = open_images(row)
        found = boxes.boxes_of(boxes.read_mask(mask, image.size), self.min_px)
        return [add(row, boxes=found)] if found else Drop("an empty mask")

    def _slices(self, row: Example, path: str) -> Outcome:
        stack, marks = volumes.read(row.meta["volume"]), volumes.read(path)
        if not marks.lies_as(stack):
            return Drop("mask and volume differ in shape or place", f"{marks.values.shape} and {stack.values.shape}")
        volume, mask = stack.values, marks.values
        low, high = volumes.grey_range(volume, self.window)
        meta = {name: value for name, value in row.meta.items() if name not in ("volume", "mask")}
        made = []
        for z in volumes.marked_slices(mask, self.slices):
            if found := boxes.boxes_of(mask[:, :, z], self.min_px):
                image = volumes.grey(volume[:, :, z], low, high)
                made.append(replace(row, id=f"{row.id}/z{z}", images=(image,), meta={**meta, "boxes": found, "z": z}))
        return made or Drop("an empty mask")


FACTS, PREFERENCE = Form(("overview", "findings", "relations")), Form(("description",))
SUMMARY = Form(("caption",), {"conflicts": 20}, optional=("conflicts",))


@dataclass(frozen=True)
class Facts(Stage):
    """Stage 3: the boxed image, the short caption and the knowledge -> the column `facts`."""

    name: ClassVar[str] = "caption_facts"
    about: ClassVar[str] = "a description of the boxed image by its labels"
    prompts: ClassVar[tuple[str, ...]] = ("caption_facts",)

    def ask(self, row: Example) -> Ask | Drop:
        if not row.meta.get("short_caption"):
            return Drop("no short caption")
        marked = row.meta.get("boxes") or []
        marks = f"{len(marked)} region(s) of interest are outlined in red." if marked else "Nothing is outlined."
        knowledge = row.meta.get("knowledge") or "none"
        fields = {"caption": row.meta["short_caption"], "knowledge": knowledge, "marks": marks}
        [image] = open_images(row)
        return Ask(wording.load("caption_facts"), fields, [boxes.drawn(image, marked)], (FACTS,))

    def read(self, row: Example, reply: str) -> Outcome:
        said = FACTS.read(reply)
        return said if isinstance(said, Nonsense) else _kept(row, "facts", "\n".join(said[key] for key in FACTS.texts))


@dataclass(frozen=True)
class Preference(Stage):
    """Stage 4: the plain image and the checklist of its modality -> the column `preference`."""

    name: ClassVar[str] = "caption_preference"
    about: ClassVar[str] = "a description of the plain image by what doctors look for"
    prompts: ClassVar[tuple[str, ...]] = ("caption_preference", "caption_checklists")

    def ask(self, row: Example) -> Ask | Drop:
        group = group_of(row)
        if not group:
            return Drop("no checklist for this modality")
        checklist = wording.sections("caption_checklists")[group]
        return Ask(
            wording.load("caption_preference"),
            {"group": group, "checklist": checklist},
            open_images(row),
            (PREFERENCE,),
        )

    def read(self, row: Example, reply: str) -> Outcome:
        said = PREFERENCE.read(reply)
        return said if isinstance(said, Nonsense) else _kept(row, "preference", said["description"])


@dataclass(frozen=True)
class Summary(Stage):
    """Stage 5: `facts` and `preference` -> a row to describe, its answer the caption; `conflicts` are the statements of
    stage 4 that contradicted stage 3 and were left out, in the model's words."""

    name: ClassVar[str] = "caption_summary"
    about: ClassVar[str] = "one caption of both descriptions, in which the facts win"
    prompts: ClassVar[tuple[str, ...]] = ("caption_summary",)

    def ask(self, row: Example) -> Ask | Drop:
        if not (row.meta.get("facts") and row.meta.get("preference")):
            return Drop("a description is missing")
        fields = {"facts": row.meta["facts"], "preference": row.meta["preference"]}
        fields["order"] = ORDER.get(group_of(row), BY_ORGAN)
        return Ask(wording.load("caption_summary"), fields, forms=(SUMMARY,))

    def read(self, row: Example, reply: str) -> Outcome:
        said = SUMMARY.read(reply)
        if isinstance(said, Nonsense):
            return said
        if SEES_MORE.search(said["caption"]):
            return REVEALS
        conflicts = said.get("conflicts")
        new = replace(row, question=TO_DESCRIBE, answer=said["caption"], kind="report", options=None)
        return [add(new, conflicts=[str(one) for one in conflicts] if isinstance(conflicts, list) else [])]


def group_of(row: Example) -> str:
    """The group of modalities whose checklist fits a row, '' for none."""
    labels: Mapping[str, Any] = row.meta.get("labels") or {}
    modality = " ".join([row.modality, *all_of(labels.get("modality", ())), *all_of(labels.get("sequence", ()))])
    anatomy = " ".join([modality, *all_of(labels.get("anatomy", ()))])
    return next(
        (
            group
            for part, kind, group in GROUPS
            if re.search(part, anatomy, re.IGNORECASE) and re.search(kind, modality, re.IGNORECASE)
        ),
        "",
    )


def _kept(row: Example, column: str, text: str) -> Outcome:
    return REVEALS if SEES_MORE.search(text) else [add(row, **{column: text})]


STAGES = (Metadata, Regions, Facts, Preference, Summary)
