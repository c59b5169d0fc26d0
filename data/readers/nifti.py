"""NIfTI volumes (.nii, .nii.gz): slices along the patient's axes, whatever the order in which they are stored.

Slices are numbered in canonical RAS order: from the patient's left to right (sagittal), back to front (coronal), feet
to head (axial). They are shown as DICOM viewers do: axial with the front up and the patient's right at the left,
coronal with the head up and the right at the left, sagittal with the head up and the front at the left. Where voxels
are not square in the plane, slices are stretched so that pixels are.
"""

from __future__ import annotations

import gzip
import zlib
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

from data.readers._frames import chosen
from data.readers._picture import Picture, Report, Wish
from data.readers._source import Refusal, Source, bounded, needs, quietly
from data.readers._windows import Span, automatic, said, to_grey

if TYPE_CHECKING:
    import numpy as np
    from PIL import Image

SUFFIXES = (".nii", ".nii.gz")
LOG = "nibabel.global"
GZIP = b"\x1f\x8b"
MAX_BYTES = 2**32  # of the voxels of a volume, which a compressed file makes one decode all at once
SQUARE = 0.01  # spacings that differ by less count as equal
AXES = {"sagittal": 0, "coronal": 1, "axial": 2}  # the RAS axis that the slices follow
TEXTS = ("descrip", "aux_file", "db_name", "intent_name")  # free text of the header


class Layout(NamedTuple):
    """How the stored axes lie: which of them are the picture's rows, columns and slices, and which run against RAS.

    shape: height, width, slices. spacing: mm of a row and a column.
    """

    rows: int
    columns: int
    slices: int
    against: tuple[bool, bool, bool]
    shape: tuple[int, int, int]
    spacing: tuple[float, float]


def knows(head: bytes) -> bool:
    if head.startswith(GZIP):
        try:
            head = zlib.decompressobj(31).decompress(head, 352)
        except zlib.error:
            return False
    return head[344:348] == b"n+1\0" or head[4:12] == b"n+2\0\r\n\x1a\n"


def read(source: Source, wish: Wish) -> Picture:
    with quietly(LOG), source.open() as file:
        image = _loaded(file)
        layout = _layout(image, wish.axis)
        frames = _slices(wish, layout)
        planes = _planes(image, layout, frames)
    images, window = _shown(planes, image, wish)
    width, height = _square(layout)
    images = [one if one.size == (width, height) else one.resize((width, height)) for one in images]
    notes = ("of its volumes the first",) if max(image.shape[3:], default=1) > 1 else ()
    report = Report("nifti", tuple(frames), layout.shape[2], window, _identifiers(image.header), notes=notes)
    return Picture(images, report)


def size(source: Source, wish: Wish) -> tuple[int, int]:
    with quietly(LOG), source.open() as file:
        return _square(_layout(_loaded(file), wish.axis))


def _loaded(file: BinaryIO) -> Any:
    """The image with its header; voxels stay in the file."""
    nibabel = needs("nibabel")
    packed = file.read(2) == GZIP
    file.seek(0)
    stream = gzip.GzipFile(fileobj=file) if packed else file
    two = stream.read(4) in ((540).to_bytes(4, "little"), (540).to_bytes(4, "big"))
    stream.seek(0)
    image = (nibabel.Nifti2Image if two else nibabel.Nifti1Image).from_stream(stream)
    if len(image.shape) < 3 or min(image.shape) < 1:
        raise Refusal(f"its shape is {image.shape}, and a volume has three axes")
    return image


def _layout(image: Any, axis: str) -> Layout:
    """Refusal where the header does not say how the volume lies."""
    import numpy as np

    orientation = needs("nibabel.orientations").io_orientation(image.affine)
    if np.isnan(orientation).any():
        raise Refusal("its header does not say how the volume lies")
    stored = {int(ras): at for at, (ras, _) in enumerate(orientation)}
    depth = AXES[axis]
    rows, columns, slices = stored[2 if depth != 2 else 1], stored[0 if depth != 0 else 1], stored[depth]
    spacing = np.linalg.norm(image.affine[:3, :3], axis=0)
    return Layout(
        rows=rows,
        columns=columns,
        slices=slices,
        against=(orientation[rows][1] < 0, orientation[columns][1] < 0, orientation[slices][1] < 0),
        shape=(image.shape[rows], image.shape[columns], image.shape[slices]),
        spacing=(float(spacing[rows]), float(spacing[columns])),
    )


def _square(layout: Layout) -> tuple[int, int]:
    """Width and height once pixels are square, of the finer spacing."""
    (height, width, _), (tall, wide) = layout.shape, layout.spacing
    finer = min(tall, wide)
    if not finer > 0 or max(tall, wide) / finer - 1 < SQUARE:
        return width, height
    width, height = round(width * wide / finer), round(height * tall / finer)
    bounded(width, height)
    return width, height


def _slices(wish: Wish, layout: Layout) -> list[int]:
    frames = chosen("middle" if wish.frames is None else wish.frames, layout.shape[2])
    bounded(*_square(layout), len(frames))
    return frames


def _planes(image: Any, layout: Layout, frames: list[int]) -> list[np.ndarray]:
    """The slices, each (height, width) as shown, not rescaled yet; of further axes (time, say) the first of each."""
    import numpy as np

    if (stored := image.get_data_dtype().itemsize * int(np.prod(image.shape, dtype=object))) > MAX_BYTES:
        raise Refusal(f"its voxels are {stored:,} bytes, more than {MAX_BYTES:,}", "crop it, or store it in parts")
    volume = image.dataobj.get_unscaled()
    volume = volume[(..., *(0 for _ in image.shape[3:]))]
    volume = volume.transpose(layout.rows, layout.columns, layout.slices)
    # all axes are shown against RAS: down the rows towards the feet or the back, along them to the left or the back
    flip = [slice(None) if against else slice(None, None, -1) for against in layout.against[:2]]
    depth = layout.shape[2]
    return [volume[flip[0], flip[1], depth - 1 - n if layout.against[2] else n] for n in frames]


def _shown(planes: list[np.ndarray], image: Any, wish: Wish) -> tuple[list[Image.Image], str]:
    import numpy as np
    from PIL import Image

    if names := planes[0].dtype.names:  # the colours of an RGB volume
        if wish.window.name != "file":
            raise Refusal("a window needs greys, and it is in colour", "leave the window out")
        return [Image.fromarray(np.stack([plane[c] for c in names[:3]], axis=-1)) for plane in planes], ""
    if np.iscomplexobj(planes[0]):
        raise Refusal("its voxels are complex numbers", "store their magnitude")
    slope, intercept = image.dataobj.slope, image.dataobj.inter
    planes = [plane.astype(np.float32) * slope + intercept for plane in planes]
    name, spans = wish.window.name, wish.window.spans
    if not spans:
        own = _own(image.header) if name == "file" else None
        name, spans = ("file", (own,)) if own else ("auto", (automatic(np.stack(planes)),))
    images = [Image.fromarray(to_grey(plane, spans)).convert("RGB") for plane in planes]
    return images, said(name, spans)


def _own(header: Any) -> Span | None:
    """The header's own window, from cal_min to cal_max."""
    low, high = float(header["cal_min"]), float(header["cal_max"])
    return ((low + high) / 2, high - low) if high > low and high - low < float("inf") else None


def _identifiers(header: Any) -> dict[str, int]:
    """Names of the free texts and extensions that hold something."""
    texts = {name: 1 for name in TEXTS if name in header and bytes(header[name].tobytes()).strip(b"\0 ")}
    return texts | ({"extensions": len(header.extensions)} if header.extensions else {})
