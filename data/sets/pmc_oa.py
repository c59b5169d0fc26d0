"""PMC-OA: subfigures of PubMed Central articles with the part of the caption that is about them.

Lin W et al., PMC-CLIP (2023). Read from pmc_oa.jsonl and the unpacked images.zip. The part beta keeps whole captions.
"""

from __future__ import annotations

from data.formats import captions
from data.formats.release import Release
from data.registry import SetInfo
from data.sets._items import Row

HUB = "axiong/pmc_oa"


def article(row: Row) -> str:
    """A picture's name begins with its article's: PMC212319_Fig3_4.jpg."""
    return f"article:{row['image'].partition('_')[0]}"


ABOUT = SetInfo(
    name="pmc_oa",
    splits=("train",),
    license="",
    kinds=("text",),
    text="captions of the figures of articles",
    hub=HUB,
    citation="Lin W et al., PMC-CLIP: Contrastive Language-Image Pre-training using Biomedical Documents, 2023,"
    " arXiv 2303.07240",
    remedy=f"run `hf download {HUB} pmc_oa.jsonl images.zip --repo-type dataset --local-dir {{place}}` and unzip"
    " images.zip there, so that its pictures lie in {place}/images",
    rows={"train": 1_646_592},
    classes=("captions",),
)

load = captions.loader(Release(ABOUT, files="pmc_oa.jsonl", cluster=article), image="image", caption="caption")
