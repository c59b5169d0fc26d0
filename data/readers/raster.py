"""JPEG, PNG, TIFF and whatever else Pillow opens: 16 bits a pixel, pages, alpha, palettes, CMYK, EXIF orientation.

Transparent pixels show white, as in a viewer: the colour stored below them may be what somebody meant to hide.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from data.readers._frames import Frames, chosen
from data.readers._picture import Picture, Report, Wish
from data.readers._source import Refusal, Source, bounded
from data.readers._windows import Span, automatic, said, to_grey

if TYPE_CHECKING:
    import numpy as np
    from PIL import Image

SUFFIXES = (".jpg", ".jpeg", ".png", ".tif", ".tiff", ".bmp", ".gif", ".webp")
KNOWN = (b"\xff\xd8\xff", b"\x89PNG\r\n", b"II*\0", b"MM\0*", b"BM", b"GIF8")
# Tags of EXIF and TIFF that may name a person, place, device or time; private ones are counted together.
IDENTIFYING = {
    "Artist", "BodySerialNumber", "CameraOwnerName", "CameraSerialNumber", "Copyright", "DateTime",
    "DateTimeDigitized", "DateTimeOriginal", "DocumentName", "GPSInfo", "HostComputer", "ImageDescription", "ImageID",
    "ImageUniqueID", "IptcNaaInfo", "LensSerialNumber", "MakerNote", "PageName", "TargetPrinter", "UserComment",
    "XMLPacket", "XPAuthor", "XPComment", "XPKeywords", "XPSubject", "XPTitle",
}  # fmt: skip
BLOCKS = {"comment": "comment", "xmp": "XMP", "XML:com.adobe.xmp": "XMP", "photoshop": "Photoshop and IPTC"}
FULL: Span = (65535 / 2, 65535)  # of 16 bits
ORIENTATION, EXIF_BLOCK, PHOTOMETRIC = 274, 0x8769, 262  # tags of EXIF and TIFF


def knows(head: bytes) -> bool:
    return head.startswith(KNOWN)


def read(source: Source, wish: Wish) -> Picture:
    with source.open() as file:
        image = _opened(file)
        total = getattr(image, "n_frames", 1)
        frames = chosen(_first(wish), total)
        bounded(*image.size, len(frames))
        identifiers, pages, windows = _identifiers(image), [], set()
        for frame in frames:
            image.seek(frame)
            bounded(*image.size)
            page, window = shown(image, wish)
            pages.append(page)
            windows.add(window)
    return Picture(pages, Report("raster", tuple(frames), total, " / ".join(sorted(windows)), identifiers))


def size(source: Source, wish: Wish) -> tuple[int, int]:
    with source.open() as file:
        image = _opened(file)
        image.seek(chosen(_first(wish), getattr(image, "n_frames", 1))[0])
        return extent(image)


def extent(image: Image.Image) -> tuple[int, int]:
    """Width and height of a picture the right way up."""
    width, height = image.size
    # Pillow turns a TIFF, and its size, by itself
    turned = image.format != "TIFF" and image.getexif().get(ORIENTATION, 1) in (5, 6, 7, 8)
    return (height, width) if turned else (width, height)


def shown(image: Image.Image, wish: Wish | None = None) -> tuple[Image.Image, str]:
    """A picture as plain RGB the right way up, and the window applied. Greys of more than 8 bits are scaled."""
    from PIL import Image, ImageOps

    negative = _is_negative(image)
    if image.getexif().get(ORIENTATION, 1) != 1:
        image = ImageOps.exif_transpose(image)
    window = ""
    if image.mode.startswith(("I", "F")) or (wish and wish.window.name != "file"):
        grey, window = _windowed(image, wish)
        image = Image.fromarray(255 - grey if negative else grey)
    rgb = _on_white(image).convert("RGB")
    rgb.info = {}  # EXIF and comments go along with a conversion
    return rgb, window


def _opened(file: object) -> Image.Image:
    from PIL import Image, UnidentifiedImageError

    try:
        return Image.open(file)  # type: ignore[arg-type]
    except UnidentifiedImageError:
        raise Refusal("it is no picture that Pillow knows") from None
    except Image.DecompressionBombError as error:
        raise Refusal(str(error)) from None


def _first(wish: Wish) -> Frames:
    return 0 if wish.frames is None else wish.frames


def _windowed(image: Image.Image, wish: Wish | None) -> tuple[np.ndarray, str]:
    """Greys as uint8, by the window asked for: 16 bits in full without one, other numbers by what they are."""
    import numpy as np

    name, spans = (wish.window.name, wish.window.spans) if wish else ("file", ())
    if wish and wish.window.in_hu:
        raise Refusal(f"window {name} is in Hounsfield units, which it does not hold", "give (centre, width)")
    if image.getbands() not in (("I",), ("F",), ("L",)):
        raise Refusal(f"a window needs greys, and it is {image.mode}", "leave the window out")
    values = np.asarray(image).astype(np.float32)
    if not spans and name == "file" and image.mode.startswith("I;16"):
        name, spans = "full", (FULL,)
    elif not spans:
        name, spans = "auto", (automatic(values),)
    return to_grey(values, spans), said(name, spans)


def _is_negative(image: Image.Image) -> bool:
    """Whether 0 is white. Pillow inverts such TIFFs of 8 bits, and leaves those of 16 as they are."""
    tags = getattr(image, "tag_v2", {})
    return image.mode.startswith("I;16") and tags.get(PHOTOMETRIC) == 0


def _on_white(image: Image.Image) -> Image.Image:
    from PIL import Image

    if not image.has_transparency_data or image.mode.startswith("I"):
        return image
    if image.mode == "La":  # Pillow has no way from here to RGBA but by LA
        image = image.convert("LA")
    below = Image.new("RGBA", image.size, "white")
    return Image.alpha_composite(below, image.convert("RGBA"))


def _identifiers(image: Image.Image) -> dict[str, int]:
    """Names of tags and blocks that may identify somebody -> how many there are."""
    from PIL import ExifTags, TiffTags

    found: Counter[str] = Counter()
    exif = image.getexif()
    tags = [*exif, *exif.get_ifd(EXIF_BLOCK), *getattr(image, "tag_v2", ())]
    for tag in set(tags):
        name = ExifTags.TAGS.get(tag) or TiffTags.lookup(tag).name
        if tag >= 32768 and name == "unknown":
            found["private tags"] += 1
        elif name in IDENTIFYING:
            found[name] += 1
    found.update({name for key, name in BLOCKS.items() if image.info.get(key)})
    if texts := getattr(image, "text", None):
        found["text chunks"] += len(texts)
    return dict(found)
