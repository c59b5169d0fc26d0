"""MedICaT: 217,060 figures of open-access articles with captions and the sentences that refer to them.

Subramanian S et al., MedICaT (2020). Read from the release's JSON lines; a picture is named by its article's hash and
`fig_uri`. It holds no picture of ROCO.
"""

from __future__ import annotations

from data.formats import captions
from data.formats.release import Release
from data.registry import SetInfo
from data.sets._items import Row


def picture(row: Row) -> str:
    """The file of a figure."""
    return f"{row['pdf_hash']}_{row['fig_uri']}"


ABOUT = SetInfo(
    name="medicat",
    splits=("train",),
    license="of each article",
    kinds=("text",),
    text="captions of the figures of articles, with the sentences that refer to them",
    citation="Subramanian S et al., MedICaT: A Dataset of Medical Images, Captions, and Textual References, 2020,"
    " arXiv 2010.06000",
    access="agreement: a form of its authors",
    remedy="ask for it at github.com/allenai/medicat and put"
    " s2_full_figures_oa_nonroco_combined_medical_top4_public.jsonl and the folder figures into {place}",
    rows={"train": 217_060},
    classes=("captions",),
)

load = captions.loader(
    Release(
        ABOUT,
        files="s2_full_figures_oa_nonroco_combined_medical_top4_public.jsonl",
        pictures="figures",
        cluster=lambda row: f"article:{row['pdf_hash']}",
        keep=("pdf_hash", "fig_uri", "s2orc_references", "radiology", "scope", "predicted_type"),
    ),
    image=picture,
    caption="s2_caption",
)
