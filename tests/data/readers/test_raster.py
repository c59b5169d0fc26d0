"""Raster files: every depth and mode ends as plain RGB, the right way up, with nothing but pixels."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image, PngImagePlugin, TiffImagePlugin

import data
from data import readers
from recipes import BadInput

SECRET = "Vogelsang, Ottilie 24.12.1933"


def stored(image: Image.Image, kind: str, **settings) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **settings)
    return buffer.getvalue()


def first(source, **asked) -> tuple[int, ...]:
    return readers.read(source, **asked).images[0].getpixel((0, 0))


def ramp(dtype) -> Image.Image:
    """0, a half and all of 16 bits."""
    return Image.fromarray(np.array([[0, 32768, 65535]], dtype))


def big_png(width: int, height: int) -> bytes:
    """A PNG whose header promises that many pixels."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(99))) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_sixteen_bit_greys_are_scaled_and_not_clipped_to_white(kind, tmp_path):
    path = tmp_path / f"deep.{kind.lower()}"
    path.write_bytes(stored(ramp(np.uint16), kind))
    for image in (readers.read(path).images[0], *data.open_images(data.Example("i", "q", "yes", images=(path,)))):
        assert np.asarray(image)[0].tolist() == [[0] * 3, [128] * 3, [255] * 3]


def test_sixteen_bit_pictures_in_memory_are_scaled_too():
    (image,) = data.open_images(data.Example("i", "q", "yes", images=(ramp(np.uint16),)))
    assert np.asarray(image)[0, :, 0].tolist() == [0, 128, 255]


def test_a_deep_picture_takes_a_window():
    greys = Image.fromarray(np.array([[0, 2048, 4096, 65535]], np.uint16))  # 12 bits of 16
    assert np.asarray(readers.read(stored(greys, "PNG"), window=(2048, 4096)).images[0])[0, :, 0].tolist() == [
        0, 128, 255, 255,
    ]  # fmt: skip
    assert readers.read(stored(greys, "PNG")).report.window == "full: centre 32767.5, width 65535"
    with pytest.raises(BadInput, match="in Hounsfield units"):
        readers.read(stored(greys, "PNG"), window="lung")
    with pytest.raises(BadInput, match="it is RGB"):
        readers.read(stored(Image.new("RGB", (3, 3)), "PNG"), window="auto")


def test_a_sixteen_bit_tiff_whose_zero_is_white_is_inverted():
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    tags[262] = 0
    negative = stored(ramp(np.uint16), "TIFF", tiffinfo=tags)
    if Image.open(io.BytesIO(negative)).tag_v2[262] != 0:  # Pillow writes its own value: set it in the file
        entry = struct.pack("<HHII", 262, 3, 1, 1)
        assert negative.count(entry) == 1
        negative = negative.replace(entry, struct.pack("<HHII", 262, 3, 1, 0))
    assert np.asarray(readers.read(negative).images[0])[0, :, 0].tolist() == [255, 127, 0]


def test_floats_are_stretched():
    image = Image.fromarray(np.linspace(-3, 7, 1000, dtype=np.float32).reshape(10, 100))
    picture = readers.read(stored(image, "TIFF"))
    assert picture.images[0].getextrema()[0] == (0, 255)
    assert picture.report.window.startswith("auto")


@pytest.mark.parametrize(
    ("mode", "colour", "wanted"),
    [
        ("1", 1, (255, 255, 255)),
        ("L", 7, (7, 7, 7)),
        ("LA", (7, 255), (7, 7, 7)),
        ("LA", (7, 0), (255, 255, 255)),
        ("RGB", (1, 2, 3), (1, 2, 3)),
        ("RGBA", (1, 2, 3, 255), (1, 2, 3)),
        ("RGBA", (1, 2, 3, 0), (255, 255, 255)),  # what is hidden stays hidden
        ("RGBA", (0, 0, 0, 128), (127, 127, 127)),
    ],
)
def test_modes_of_png(mode, colour, wanted):
    assert first(stored(Image.new(mode, (4, 4), colour), "PNG")) == wanted


def test_palettes_and_their_transparent_colour():
    image = Image.new("P", (4, 4), 1)
    image.putpalette([0, 0, 0, 10, 20, 30])
    assert first(stored(image, "PNG")) == (10, 20, 30)
    assert first(stored(image, "PNG", transparency=1)) == (255, 255, 255)
    assert first(stored(image, "GIF")) == (10, 20, 30)


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_cmyk(kind):
    red = first(stored(Image.new("CMYK", (8, 8), (0, 255, 255, 0)), kind))
    assert np.abs(np.array(red) - [255, 0, 0]).max() <= 3


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_pictures_are_turned_the_right_way_up(kind, orientation, tmp_path):
    image = Image.new("RGB", (16, 8))
    image.paste((255, 255, 255), (0, 0, 8, 4))  # the upper left quarter
    exif = Image.Exif()
    exif[274] = orientation
    path = tmp_path / f"photo.{kind.lower()}"
    image.save(path, exif=exif)
    (shown,) = readers.read(path).images
    # where the stored picture's upper left corner is shown, PS of TIFF 6.0 tag 274: row 0 is top, bottom, left or right
    corner = {1: "lt", 2: "rt", 3: "rb", 4: "lb", 5: "lt", 6: "rt", 7: "rb", 8: "lb"}[orientation]
    width, height = (16, 8) if orientation < 5 else (8, 16)
    assert shown.size == readers.size(path) == (width, height)
    at = (1 if corner[0] == "l" else width - 2, 1 if corner[1] == "t" else height - 2)
    assert shown.getpixel(at)[0] > 200
    assert sum(shown.getpixel((x, y))[0] > 200 for x in (1, width - 2) for y in (1, height - 2)) == 1
    row = data.Example("i", "q", "yes", images=(path, path.read_bytes(), Image.open(path)))
    assert data.image_sizes(row) == [image.size for image in data.open_images(row)]


def test_pages_of_a_tiff_are_chosen_and_the_first_is_the_default(tmp_path):
    pages = [Image.new("L", (5 + n, 3), n) for n in range(6)]
    path = tmp_path / "pages.tif"
    pages[0].save(path, save_all=True, append_images=pages[1:])
    assert first(path) == (0, 0, 0)
    picture = readers.read(path, frames="even:3")
    assert [image.getpixel((0, 0))[0] for image in picture.images] == [1, 3, 5]
    assert [image.width for image in picture.images] == [6, 8, 10]
    assert (picture.report.frames, picture.report.total) == ((1, 3, 5), 6)
    assert readers.size(path, frames=-1) == (10, 3)
    with pytest.raises(BadInput, match="no frame 6"):
        readers.read(path, frames=6)


def tagged_jpeg() -> bytes:
    exif = Image.Exif()
    exif[0x010E], exif[0x013B] = SECRET, SECRET  # ImageDescription, Artist
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8769)[0x9003] = "2001:02:03 04:05:06"
    return stored(Image.new("RGB", (8, 8)), "JPEG", exif=exif, comment=SECRET.encode())


def tagged_png() -> bytes:
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Comment", SECRET)
    texts.add_itxt("XML:com.adobe.xmp", f"<x>{SECRET}</x>")
    return stored(Image.new("RGB", (8, 8)), "PNG", pnginfo=texts)


def tagged_tiff() -> bytes:
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    tags[270], tags[65001] = SECRET, SECRET
    tags.tagtype[65001] = 2
    return stored(Image.new("RGB", (8, 8)), "TIFF", tiffinfo=tags)


@pytest.mark.parametrize(
    ("made", "named"),
    [
        (tagged_jpeg, {"ImageDescription": 1, "Artist": 1, "GPSInfo": 1, "DateTimeOriginal": 1, "comment": 1}),
        (tagged_png, {"text chunks": 2, "XMP": 1}),
        (tagged_tiff, {"ImageDescription": 1, "private tags": 1}),
    ],
)
def test_tags_are_named_and_left_behind(made, named, tmp_path):
    source = made()
    assert SECRET.encode() in source
    picture = readers.read(source)
    assert picture.report.identifiers == named
    (image,) = picture.images
    assert (image.info, dict(image.getexif())) == ({}, {})
    for kind in ("png", "jpg", "tif"):
        image.save(tmp_path / f"again.{kind}")
        assert SECRET.encode() not in (tmp_path / f"again.{kind}").read_bytes()
    assert SECRET not in repr(picture)
    (opened,) = data.open_images(data.Example("i", "q", "yes", images=(Image.open(io.BytesIO(source)),)))
    assert opened.info == {}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "it is empty"),
        (b"no picture" * 99, "no picture that Pillow knows"),
        (stored(Image.effect_noise((64, 64), 50), "PNG")[:1500], "truncated|broken"),
        (stored(Image.effect_noise((64, 64), 50), "JPEG")[:1500], "truncated"),
        (stored(Image.effect_noise((64, 64), 50), "TIFF")[:1500], "cannot be read"),
        (big_png(20000, 20000), "exceeds limit"),
        (big_png(100, 100), "cannot be read"),
    ],
)
@pytest.mark.parametrize("ending", ["png", "tif"])
def test_a_broken_file_is_one_line_that_names_it(content, said, ending, tmp_path):
    path = tmp_path / f"scan.{ending}"
    path.write_bytes(content)
    with pytest.raises(BadInput, match=said) as caught:
        data.open_images(data.Example("row-7", "q", "yes", images=(path,)))
    assert len(caught.value.problems) == 1
    assert str(caught.value).count(str(path)) == 1
    assert str(caught.value).startswith("row-7: image ")


def test_the_pages_asked_for_are_bounded_together(tmp_path, monkeypatch):
    from data.readers import _source

    monkeypatch.setattr(_source, "MAX_PIXELS", 100)
    pages = [Image.new("L", (6, 6))] * 3
    path = tmp_path / "pages.tif"
    pages[0].save(path, save_all=True, append_images=pages[1:])
    assert len(readers.read(path, frames=[0, 1]).images) == 2
    with pytest.raises(BadInput, match="in 3 frames are 108 pixels, more than 100"):
        readers.read(path, frames="all")
