"""DICOM: Hounsfield units by the file's rescaling, its own window or a given one, colour, one or many frames.

Greys follow the standard's order (PS3.3 C.11): modality LUT or rescale, then VOI LUT or window, then MONOCHROME1 is
inverted. Padding is black. Without any window 8-bit greys are shown as they are, others from 0.5 to 99.5 %. Overlays
are not drawn.
"""

from __future__ import annotations

from collections.abc import MutableSequence
from typing import TYPE_CHECKING, Any

from data.readers._frames import chosen
from data.readers._picture import Picture, Report, Wish
from data.readers._source import Refusal, Source, bounded, needs, quietly
from data.readers._tags import identifying
from data.readers._windows import Span, automatic, said, to_grey

if TYPE_CHECKING:
    import numpy as np
    from PIL import Image

SUFFIXES = (".dcm", ".dicom")
TWELVE_BIT = "1.2.840.10008.1.2.4.51"  # JPEG Extended: its 8 bits GDCM and Pillow read, its 12 bits neither
GREY = ("MONOCHROME1", "MONOCHROME2")
PIXELS = ("PixelData", "FloatPixelData", "DoubleFloatPixelData")
OF_FRAMES = (
    "BitsStored", "ModalityLUTSequence", "PhotometricInterpretation", "PixelRepresentation", "RescaleIntercept",
    "RescaleSlope", "SamplesPerPixel", "VOILUTFunction", "VOILUTSequence", "WindowCenter", "WindowWidth",
)  # fmt: skip
BURNED_IN = {"YES": True, "NO": False}


def knows(head: bytes) -> bool:
    return head[128:132] == b"DICM"


def read(source: Source, wish: Wish) -> Picture:
    with quietly("pydicom"):
        dataset = _loaded(source)
        if not any(name in dataset for name in PIXELS):
            raise Refusal("it is DICOM, but holds no picture", "leave the row out")
        total = max(int(dataset.get("NumberOfFrames") or 1), 1)
        frames = chosen("middle" if wish.frames is None else wish.frames, total)
        bounded(dataset.Columns, dataset.Rows, len(frames))
        images, window = _shown(dataset, frames, wish)
        burned_in = BURNED_IN.get(str(dataset.get("BurnedInAnnotation", "")).upper())
        found = identifying(dataset)
    return Picture(images, Report("dicom", tuple(frames), total, window, found, burned_in))


def size(source: Source, wish: Wish) -> tuple[int, int]:
    with quietly("pydicom"):
        dataset = _loaded(source, pixels=False)
        bounded(dataset.Columns, dataset.Rows)
        return int(dataset.Columns), int(dataset.Rows)


def _loaded(source: Source, pixels: bool = True) -> Any:
    """The dataset; files without the preamble of part 10 are read too. Refusal if it describes no picture."""
    pydicom = needs("pydicom")
    with source.open() as file:
        dataset = pydicom.dcmread(file, force=True, stop_before_pixels=not pixels)
    if not dataset.get("Rows") or not dataset.get("Columns"):
        raise Refusal("it is no DICOM picture: rows and columns are missing")
    if not dataset.file_meta.get("TransferSyntaxUID"):
        implicit, little = dataset.original_encoding
        by_encoding = {(True, True): "ImplicitVRLittleEndian", (False, True): "ExplicitVRLittleEndian"}
        name = by_encoding.get((implicit, little), "ExplicitVRBigEndian")
        dataset.file_meta.TransferSyntaxUID = getattr(pydicom.uid, name)
    return dataset


def _shown(dataset: Any, frames: list[int], wish: Wish) -> tuple[list[Image.Image], str]:
    arrays = _decoded(dataset, frames)
    if dataset.PhotometricInterpretation not in GREY:
        if wish.window.name != "file":
            raise Refusal("a window needs greys, and it is in colour", "leave the window out")
        return [_colour(array, dataset) for array in arrays], ""
    if wish.window.in_hu and not _is_ct(dataset):
        name = wish.window.name
        raise Refusal(f"window {name} is in Hounsfield units, and it is no CT", "choose file, auto or (centre, width)")
    return _greys(arrays, dataset, frames, wish)


def _decoded(dataset: Any, frames: list[int]) -> list[np.ndarray]:
    """The stored values of each frame: (rows, columns), or (rows, columns, 3) with YBR turned to RGB."""
    pixels = needs("pydicom.pixels")
    try:
        return list(pixels.iter_pixels(dataset, indices=frames))
    except RuntimeError:  # NotImplementedError is one
        syntax = dataset.file_meta.TransferSyntaxUID
        remedy = "pip install 'lingshu-rlvr[imaging]' for the decoders, or leave the row out"
        if str(syntax) == TWELVE_BIT:
            remedy = (
                "pip install pylibjpeg-libjpeg, which is under the GPL-3.0, if it has 12 bits, or leave the row out"
            )
        raise Refusal(f"its pixels cannot be decoded, they are stored as {syntax.name}", remedy) from None


def _colour(array: np.ndarray, dataset: Any) -> Image.Image:
    """Palettes and RGB of any depth as RGB of 8 bits."""
    import numpy as np
    from PIL import Image

    bits = dataset.BitsStored
    if dataset.PhotometricInterpretation == "PALETTE COLOR":
        array = needs("pydicom.pixels").apply_color_lut(array, dataset)
        bits = array.dtype.itemsize * 8
    if bits != 8:
        array = np.rint(array * (255 / (2**bits - 1)))
    return Image.fromarray(array[..., :3].astype(np.uint8))


def _greys(arrays: list[np.ndarray], dataset: Any, frames: list[int], wish: Wish) -> tuple[list[Image.Image], str]:
    import numpy as np
    from PIL import Image

    parts = [_frame_of(dataset, frame) for frame in frames]
    padding = [_padding(array, dataset) for array in arrays]
    modality = needs("pydicom.pixels").apply_modality_lut
    values = [modality(array, part).astype(np.float32) for array, part in zip(arrays, parts, strict=True)]
    spans, name = wish.window.spans, wish.window.name
    if not spans and (name == "auto" or not all(map(_has_window, parts))):
        name, spans = _without(values, padding, dataset, name)
    images = []
    for value, pad, part in zip(values, padding, parts, strict=True):
        grey = to_grey(value, spans) if spans else _own(value, part)
        grey = 255 - grey if dataset.PhotometricInterpretation == "MONOCHROME1" else grey
        grey[pad] = 0
        images.append(Image.fromarray(grey).convert("RGB"))
    return images, said(name, spans) if spans else "file"


def _frame_of(dataset: Any, frame: int) -> Any:
    """What holds for one frame: the dataset, with what the functional groups of an enhanced file say of the frame."""
    groups = [dataset.get("SharedFunctionalGroupsSequence"), dataset.get("PerFrameFunctionalGroupsSequence")]
    if not any(groups):
        return dataset
    own = needs("pydicom").Dataset()
    for name in OF_FRAMES:
        if name in dataset:
            own.add(dataset[name])
    for group, at in zip(groups, (0, frame), strict=True):
        for name in ("PixelValueTransformationSequence", "FrameVOILUTSequence"):
            if group and at < len(group) and group[at].get(name):
                own.update(group[at][name].value[0])
    return own


def _has_window(part: Any) -> bool:
    return bool(part.get("VOILUTSequence")) or _window(part) is not None


def _window(part: Any) -> Span | None:
    """Centre and width; of several windows, which are alternative views, the first. None without a usable one."""
    values = [part.get(name) for name in ("WindowCenter", "WindowWidth")]
    firsts = [value[0] if isinstance(value, MutableSequence) else value for value in values]
    if firsts[0] is None or not firsts[1] or float(firsts[1]) < 0:
        return None
    return float(firsts[0]), float(firsts[1])


def _without(values: list[np.ndarray], padding: list[np.ndarray], dataset: Any, name: str) -> tuple[str, list[Span]]:
    """What is shown where no window is given: 8 bits as they are, other values by their percentiles."""
    import numpy as np

    if name == "file" and _are_plain_bytes(dataset):
        return "full", [(127.5, 255)]
    seen = [value[~pad] for value, pad in zip(values, padding, strict=True)]
    return "auto", [automatic(np.concatenate(seen))]


def _are_plain_bytes(dataset: Any) -> bool:
    if dataset.BitsStored != 8 or dataset.get("PixelRepresentation") or "ModalityLUTSequence" in dataset:
        return False
    return dataset.get("RescaleSlope", 1) == 1 and dataset.get("RescaleIntercept", 0) == 0


def _own(values: np.ndarray, part: Any) -> np.ndarray:
    """Greys by the file's own first VOI LUT or window, uint8."""
    import numpy as np

    if part.get("VOILUTSequence"):
        looked_up = needs("pydicom.pixels").apply_voi(np.rint(values).astype(np.int64), part)
        bits = int(part.VOILUTSequence[0].LUTDescriptor[2])
        return np.rint(looked_up * (255 / (2**bits - 1))).astype(np.uint8)
    centre, width = _window(part) or (0.0, 1.0)  # that there is one has been seen to
    function = str(part.get("VOILUTFunction") or "LINEAR").upper()
    if function == "SIGMOID":
        return np.rint(255 / (1 + np.exp(np.clip(-4 * (values - centre) / width, -60, 60)))).astype(np.uint8)
    if function == "LINEAR":  # PS3.3 C.11.2.1.2.1: a window of whole numbers, both ends included
        centre, width = centre - 0.5, max(width - 1, 1e-6)
    return to_grey(values, [(centre, width)])


def _padding(array: np.ndarray, dataset: Any) -> np.ndarray:
    """Where the stored values are padding and no part of the picture."""
    import numpy as np

    low = dataset.get("PixelPaddingValue")
    if low is None:
        return np.zeros(array.shape, dtype=bool)
    high = dataset.get("PixelPaddingRangeLimit", low)
    return (array >= min(low, high)) & (array <= max(low, high))


def _is_ct(dataset: Any) -> bool:
    return dataset.get("Modality") == "CT" or dataset.get("RescaleType") == "HU"
