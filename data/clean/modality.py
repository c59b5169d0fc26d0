"""Modalities are filled in where a row does not say its own: from its metadata, then by a classifier (Lingshu, section
2.3, which labels pictures so for the balance of its RL set)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from data.clean import Drop, Pictures, Step
from data.example import Example
from data.modality import classifier, metadata
from data.modality.words import UNKNOWN, candidates, named
from recipes import BadInput, from_root

if TYPE_CHECKING:
    from PIL import Image


@dataclass(frozen=True)
class Modality(Step):
    """Rows whose modality names none (mixed, radiology, head-ct-mr) get that of their metadata, or of the classifier;
    `modality_by` then says which. Where neither tells, they stay as they are, and so does a modality that is known.

    model: the folder of `python -m data modality train`; without it metadata alone are asked. threshold: a guess below
    this probability says nothing; nor does one that the row's own words exclude (no fundus in radiology), or one about
    pictures of a row that differ. columns: keys of meta that may name it. one_vocabulary: known ones too are renamed to
    the vocabulary of data/modality/words.py (chest-xray to x-ray), so that `balance` counts them as one.
    """

    about: ClassVar[str] = "modalities filled in from metadata, then by a classifier"

    model: str = ""
    threshold: float = classifier.THRESHOLD
    columns: Sequence[str] = metadata.COLUMNS
    one_vocabulary: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.threshold <= 1:
            raise ValueError(f"threshold is {self.threshold}, it must be a probability from 0 to 1")
        if isinstance(self.columns, str):
            raise ValueError(f"columns is {self.columns!r}, it must be a list of keys such as [modality_type]")
        object.__setattr__(self, "columns", tuple(self.columns))
        if self.model and not (from_root(self.model) / classifier.FILE).is_file():
            raise ValueError(f"{self.model} holds no {classifier.FILE}; make it with `python -m data modality train`")

    def clean(self, row: Example, pictures: Pictures) -> Example | Drop:
        if metadata.is_known(row):
            name = named(row.modality)
            return replace(row, modality=name) if self.one_vocabulary and name != UNKNOWN and row.images else row
        if (name := metadata.of_row(row, self.columns)) != UNKNOWN:
            return _filled(row, name, "metadata")
        if not self.model:
            return row
        try:
            images = pictures()
        except BadInput as error:  # its line names the file, whose name may be a patient's
            return Drop("image cannot be read", type(error.__cause__ or error).__name__)
        name = self._guessed(row, images)
        return row if name == UNKNOWN else _filled(row, name, "classifier")

    def _guessed(self, row: Example, images: list[Image.Image]) -> str:
        """What the classifier says of all the row's pictures."""
        said = {named(guess.above(self.threshold)) for guess in classifier.load(self.model).guess(images)}
        name = said.pop() if len(said) == 1 else UNKNOWN
        return name if name in candidates(row.modality) else UNKNOWN


def _filled(row: Example, name: str, by: str) -> Example:
    return replace(row, modality=name, meta={**row.meta, "modality_by": by})


STEP = Modality
