"""Windows: which stretch of values becomes black to white. The presets are in Hounsfield units, (centre, width)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from recipes import BadInput, hint

if TYPE_CHECKING:
    import numpy as np

Span = tuple[float, float]  # centre, width
Window = str | Sequence[float] | Sequence[Sequence[float]] | None

# Usual values after Radiopaedia, Windowing (CT), radiopaedia.org/articles/windowing-ct; of its ranges the middle:
# subdural 50-100 / 130-300; of its two strokes the wider one.
PRESETS: dict[str, Span] = {
    "lung": (-600, 1500),
    "mediastinum": (50, 350),
    "vascular": (200, 600),
    "soft_tissue": (50, 400),
    "liver": (30, 150),
    "spine": (50, 250),
    "bone": (400, 1800),
    "brain": (40, 80),
    "subdural": (75, 215),
    "stroke": (40, 40),
    "temporal_bone": (600, 2800),
}
# Red, green, blue of MedGemma 1.5: -1024..1024, -135..215 and 0..80 HU (Google-Health/medgemma,
# notebooks/high_dimensional_ct_hugging_face.ipynb). The report on MedGemma 1 has (-100, 2250) for red.
THREE: tuple[Span, ...] = ((0, 2048), (40, 350), (40, 80))
OTHERS = ("file", "auto", "three")
PERCENTILES = (0.5, 99.5)  # what `auto` leaves between black and white


@dataclass(frozen=True)
class Wanted:
    """A window that was asked for: by name, with one span (grey) or three (RGB); none for `file` and `auto`."""

    name: str
    spans: tuple[Span, ...] = ()

    @property
    def in_hu(self) -> bool:
        """Whether it means something on CT only."""
        return self.name in PRESETS or self.name == "three"


def wanted(window: Window) -> Wanted:
    """What was asked for; BadInput for an unknown name, or for numbers that are no window."""
    if window is None:
        return Wanted("file")
    if isinstance(window, str):
        return _named(window)
    try:
        spans = (_span(window),) if len(window) == 2 else tuple(_span(one) for one in window)
    except (TypeError, ValueError):
        spans = ()
    if len(spans) not in (1, 3):
        raise BadInput(f"window {window!r} must be a name, (centre, width) with a width above 0, or three such pairs")
    return Wanted("given", spans)


def to_grey(values: np.ndarray, spans: Sequence[Span]) -> np.ndarray:
    """Values (h, w) as uint8: (h, w) by one span, (h, w, 3) by three. NaN is black."""
    import numpy as np

    planes = [np.rint(np.clip((values - (c - w / 2)) / w, 0, 1) * 255) for c, w in spans]
    shown = planes[0] if len(planes) == 1 else np.stack(planes, axis=-1)
    return np.nan_to_num(shown).astype(np.uint8)


def automatic(values: np.ndarray) -> Span:
    """The span between PERCENTILES of the finite values."""
    import numpy as np

    finite = values[np.isfinite(values)]
    low, high = (float(x) for x in np.percentile(finite, PERCENTILES)) if finite.size else (0.0, 1.0)
    return (low + high) / 2, (high - low) or 1.0


def said(name: str, spans: Sequence[Span]) -> str:
    """For a report: `lung: centre -600, width 1500`."""
    return f"{name}: " + "; ".join(f"centre {c:g}, width {w:g}" for c, w in spans)


def _named(name: str) -> Wanted:
    known = (*OTHERS, *PRESETS)
    if name not in known:
        raise BadInput(f"no window {name!r}{hint(name, known)}; there are {', '.join(known)}, or (centre, width)")
    return Wanted(name, THREE if name == "three" else (PRESETS[name],) if name in PRESETS else ())


def _span(pair: Any) -> Span:
    centre, width = (float(number) for number in pair)
    if not (math.isfinite(centre) and 0 < width < math.inf):
        raise ValueError(pair)
    return centre, width
