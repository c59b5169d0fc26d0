"""Volumes as stacks of axial slices: which are shown, and in which greys."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from recipes import BadInput

if TYPE_CHECKING:
    import numpy as np
    from PIL import Image

NIFTI = (".nii", ".nii.gz")


@dataclass(frozen=True)
class Volume:
    """values: [height, width, slices]. place: the affine of its voxels, mm, where the file tells it."""

    values: np.ndarray
    place: np.ndarray | None = None

    def lies_as(self, other: Volume) -> bool:
        """Whether both have the same voxels in the same place."""
        import numpy as np

        if self.values.shape != other.values.shape:
            return False
        if self.place is None or other.place is None:
            return self.place is other.place
        return np.allclose(self.place, other.place, atol=1e-2)


def read(path: str | Path) -> Volume:
    """A .npy file of numbers [height, width, slices], or a NIfTI file, whose slices then run from the feet to the head
    and are shown as radiologists see them, the front up and the right at the left. BadInput for any other."""
    volume = _nifti(path) if str(path).endswith(NIFTI) else _npy(path)
    if volume.values.ndim != 3 or volume.values.dtype.kind not in "biuf":
        shape = volume.values.shape
        raise BadInput(f"volume {path} has the shape {shape}, it must be numbers [height, width, slices]")
    return volume


def _npy(path: str | Path) -> Volume:
    import numpy as np

    try:
        return Volume(np.load(path, mmap_mode="r", allow_pickle=False))
    except (OSError, ValueError, EOFError) as error:
        raise BadInput(f"volume {path} cannot be read ({error}); it must be a .npy or NIfTI file") from error


def _nifti(path: str | Path) -> Volume:
    try:
        import nibabel
        from nibabel.filebasedimages import ImageFileError
    except ImportError:
        raise BadInput(f"volume {path} needs nibabel: pip install 'lingshu-rlvr[imaging]'") from None
    import numpy as np

    try:
        stored = nibabel.as_closest_canonical(nibabel.load(path))  # axes: to the right, to the front, to the head
        values = np.asarray(stored.dataobj)
    except (OSError, ValueError, EOFError, zlib.error, ImageFileError) as error:
        raise BadInput(f"volume {path} cannot be read ({type(error).__name__}); restore the file") from error
    return Volume(values[::-1, ::-1].swapaxes(0, 1), stored.affine)


def marked_slices(mask: np.ndarray, n: int) -> list[int]:
    """At most n slices of a mask [height, width, slices], evenly spread over those in which something is marked."""
    import numpy as np

    there = np.flatnonzero(mask.any(axis=(0, 1)))
    places = np.linspace(0, len(there) - 1, min(n, len(there))).round().astype(int) if len(there) else []
    return [int(there[place]) for place in places]


def grey(slice_: np.ndarray, low: float, high: float) -> Image.Image:
    """A slice as an 8-bit picture, black at `low` and below, white at `high` and above."""
    import numpy as np
    from PIL import Image

    scaled = (np.asarray(slice_, dtype=np.float32) - low) / max(high - low, 1e-6)
    return Image.fromarray((np.clip(scaled, 0, 1) * 255).round().astype(np.uint8)).convert("RGB")


def grey_range(volume: np.ndarray, window: tuple[float, float] | None) -> tuple[float, float]:
    """(black, white): of a window (centre, width), else the percentiles 0.5 and 99.5 of the volume."""
    import numpy as np

    if window:
        return window[0] - window[1] / 2, window[0] + window[1] / 2
    low, high = np.percentile(volume, (0.5, 99.5))
    return float(low), float(high)
