"""DICOM: known Hounsfield units give known greys, identifiers stay behind, what is broken is one line."""

import logging
import os
import warnings
from pathlib import Path

import numpy as np
import pydicom
import pytest
from PIL import Image

from data import readers
from recipes import BadInput

from .files import PATIENT, ct, dataset, stored

OWN_FILES = Path(pydicom.__file__).parent / "data" / "test_files"


def greys(source, **asked) -> list[int]:
    """The first row's greys, which must be grey."""
    pixels = np.asarray(readers.read(source, **asked).images[0])
    assert (pixels == pixels[..., :1]).all()
    return pixels[0, :, 0].tolist()


@pytest.mark.parametrize(("window", "span"), readers.PRESETS.items())
def test_a_preset_turns_its_lower_end_black_its_centre_grey_and_its_upper_end_white(window, span):
    centre, width = span
    values = [-3000, centre - width / 2, centre, centre + width / 2, 3000]
    low, bottom, middle, top, high = greys(ct(np.floor(values)), window=window)
    assert (low, high) == (0, 255)
    assert bottom <= 255 / width  # half a unit may be lost where the width is odd
    assert abs(middle - 127.5) <= 1
    assert top >= 255 - 255 / width


def test_known_units_give_exact_greys():
    # lung: -1350..150, 1500 wide; -1024 is the lowest that is stored
    assert greys(ct([-1024, -600, 0, 150]), window="lung") == [55, 128, 230, 255]
    assert greys(ct([0, 20, 40, 80]), window=(40, 80)) == [0, 64, 128, 255]
    assert greys(ct([0, 20, 40, 80]), window=[40, 80]) == [0, 64, 128, 255]  # as a recipe writes it


def test_three_windows_are_the_ranges_that_medgemma_gives_for_red_green_and_blue():
    picture = readers.read(ct([-1024, -135, 0, 40, 80, 215, 1024]), window="three")
    ranges = ((-1024, 1024), (-135, 215), (0, 80))
    shown = np.asarray(picture.images[0])[0]
    for value, pixel in zip((-1024, -135, 0, 40, 80, 215, 1024), shown, strict=True):
        wanted = [round(255 * min(max((value - low) / (high - low), 0), 1) + 1e-9) for low, high in ranges]
        assert pixel.tolist() == wanted
    report = ((-100, 2250), (40, 350), (40, 80))  # of MedGemma 1: the window can also be given as pairs
    assert np.asarray(readers.read(ct([-1024]), window=report).images[0])[0, 0].tolist() == [23, 0, 0]


def test_monochrome1_is_inverted_after_the_window():
    values = [0, 20, 40, 80]
    inverted = greys(ct(values, PhotometricInterpretation="MONOCHROME1"), window=(40, 80))
    assert inverted == [255 - grey for grey in greys(ct(values), window=(40, 80))]


def test_the_file_s_own_window_is_the_default_and_of_several_the_first():
    values = [-160, 39, 40, 240]
    single = ct(values, WindowCenter=40, WindowWidth=400)
    assert greys(single) == greys(single, window="file")
    assert greys(ct(values, WindowCenter=[40, -600], WindowWidth=[400, 1500])) == greys(single)
    # LINEAR of PS3.3 C.11.2.1.2.1 runs from 40 - 0.5 - 399/2 to 40 - 0.5 + 399/2
    assert greys(single) == [0, 127, 128, 255]
    assert greys(ct(values, WindowCenter=40, WindowWidth=400, VOILUTFunction="LINEAR_EXACT")) == [0, 127, 128, 255]
    assert readers.read(single).report.window == "file"


@pytest.mark.parametrize("function", ["LINEAR", "LINEAR_EXACT", "SIGMOID"])
@pytest.mark.parametrize("representation", [np.uint16, np.int16])
def test_the_file_s_window_agrees_with_pydicom(function, representation):
    values = np.arange(0, 2000, 7, dtype=representation)[None]
    made = dataset(values, RescaleSlope=2, RescaleIntercept=-1000, WindowCenter=300, WindowWidth=900)
    made.VOILUTFunction = function
    theirs = pydicom.pixels.apply_windowing(pydicom.pixels.apply_modality_lut(values, made), made)
    low, high = pydicom.pixels.apply_windowing(np.array([-1e5, 1e5]), made)
    wanted = (theirs - low) / (high - low) * 255
    assert np.abs(np.array(greys(stored(made))) - wanted[0]).max() <= 0.51


def test_a_voi_table_is_applied():
    table = pydicom.Dataset()
    table.LUTDescriptor, table.LUTData = [4, 0, 8], [10, 200, 30, 255]
    made = dataset(np.array([[0, 1, 2, 3]], np.uint16), VOILUTSequence=[table])
    made["VOILUTSequence"].value[0]["LUTData"].VR = "US"
    assert greys(stored(made)) == [10, 200, 30, 255]


def test_without_a_window_bytes_stay_and_other_values_are_stretched():
    assert greys(stored(dataset(np.array([[0, 7, 255]], np.uint8), Modality="US"))) == [0, 7, 255]
    rescaled = dataset(np.array([[0, 128, 255]], np.uint8), Modality="PT", RescaleSlope=100, RescaleIntercept=0)
    assert greys(stored(rescaled))[1] == 128
    picture = readers.read(stored(dataset(np.arange(10, 1010, dtype=np.uint16).reshape(10, 100), Modality="MR")))
    assert picture.images[0].getextrema()[0] == (0, 255)
    assert picture.report.window.startswith("auto: centre 509.5")
    # the same for one number all over: no division by nothing
    assert set(greys(stored(dataset(np.full((4, 4), 9, np.uint16), Modality="MR")))) == {128}


@pytest.mark.parametrize("width", [0, -400, None])
def test_a_window_of_no_width_is_none(width):
    values = np.arange(-500, 500).reshape(10, 100)
    assert readers.read(ct(values, WindowCenter=40, WindowWidth=width)).report.window.startswith("auto: centre -0.5")


def test_padding_is_black_and_does_not_stretch_the_greys():
    values = np.array([[-2000] * 50 + list(range(100, 150))], np.int16)
    made = dataset(values, Modality="MR", PixelPaddingValue=-2000, PhotometricInterpretation="MONOCHROME1")
    shown = greys(stored(made))
    assert shown[:50] == [0] * 50
    assert shown[50] == 255
    assert shown[-1] == 0


@pytest.mark.parametrize("window", ["lung", "three"])
def test_hounsfield_windows_are_for_ct_only_and_windows_for_greys_only(window):
    with pytest.raises(BadInput, match=r"window \w+ is in Hounsfield units, and it is no CT"):
        readers.read(stored(dataset(np.zeros((4, 4), np.uint16), Modality="MR")), window=window)
    with pytest.raises(BadInput, match="it is in colour"):
        readers.read(stored(dataset(np.zeros((4, 4, 3), np.uint8))), window=(40, 80))


def test_frames_are_chosen_and_a_lacking_one_is_named():
    made = stored(dataset(np.stack([np.full((3, 5), n, np.uint8) for n in range(9)]), Modality="US"))

    def shown(frames) -> list[int]:
        return [image.getpixel((0, 0))[0] for image in readers.read(made, frames=frames).images]

    assert shown(None) == shown("middle") == [4]
    assert shown("even:3") == [1, 4, 7]
    assert [shown(f"{part}/3") for part in (1, 2, 3)] == [[1], [4], [7]]
    assert shown([8, 0, -1]) == [8, 0, 8]
    assert shown("all") == list(range(9))
    assert readers.read(made, frames="even:3").report.frames == (1, 4, 7)
    assert readers.read(made).report.total == 9
    with pytest.raises(BadInput, match="there is no frame 9, it has 9"):
        readers.read(made, frames=9)


def test_each_frame_of_an_enhanced_file_has_its_own_rescaling_and_window():
    made = dataset(np.array([[[1000, 1040]], [[500, 520]]], np.uint16))
    groups = []
    for slope, centre in ((1, 20), (2, 20)):
        group, pixel, window = pydicom.Dataset(), pydicom.Dataset(), pydicom.Dataset()
        pixel.RescaleSlope, pixel.RescaleIntercept, pixel.RescaleType = slope, -1000, "HU"
        window.WindowCenter, window.WindowWidth, window.VOILUTFunction = centre, 40, "LINEAR_EXACT"
        group.PixelValueTransformationSequence, group.FrameVOILUTSequence = [pixel], [window]
        groups.append(group)
    made.PerFrameFunctionalGroupsSequence = groups
    first, second = (np.asarray(image)[0, :, 0].tolist() for image in readers.read(stored(made), frames="all").images)
    assert first == second == [0, 255]
    assert greys(stored(made), frames=1, window=(40, 80)) == [0, 128]


def test_colour_is_kept_and_sixteen_bits_are_scaled():
    pixels = np.array([[[255, 0, 7], [1, 2, 3]]], np.uint8)
    assert np.asarray(readers.read(stored(dataset(pixels))).images[0]).tolist() == pixels.tolist()
    deep = np.array([[[65535, 0, 32768]]], np.uint16)
    assert np.asarray(readers.read(stored(dataset(deep))).images[0])[0, 0].tolist() == [255, 0, 128]


def test_ybr_and_palettes_become_rgb():
    red = np.array([[[76, 85, 255]]], np.uint8)  # pure red in YBR_FULL, PS3.3 C.7.6.3.1.2
    shown = np.asarray(readers.read(stored(dataset(red, PhotometricInterpretation="YBR_FULL"))).images[0])[0, 0]
    assert np.abs(shown.astype(int) - [255, 0, 0]).max() <= 2
    made = dataset(np.array([[0, 1]], np.uint8), PhotometricInterpretation="PALETTE COLOR", Modality="US")
    for name, table in {"Red": [0, 65535], "Green": [0, 32768], "Blue": [257, 0]}.items():
        setattr(made, f"{name}PaletteColorLookupTableDescriptor", [2, 0, 16])
        setattr(made, f"{name}PaletteColorLookupTableData", np.array(table, np.uint16).tobytes())
    assert np.asarray(readers.read(stored(made)).images[0])[0].tolist() == [[0, 0, 1], [255, 128, 0]]


def test_identifiers_are_counted_by_name_and_leave_with_nothing(tmp_path, capsys, caplog):
    item = pydicom.Dataset()
    item.ReferringPhysicianName = PATIENT["PatientName"]
    made = dataset(np.zeros((4, 4), np.uint16), **PATIENT, BurnedInAnnotation="YES", OtherPatientIDsSequence=[item])
    made.add_new(0x00091001, "LO", "VENDOR PATIENT")
    with caplog.at_level(logging.DEBUG):
        picture = readers.read(stored(made))
    found = picture.report.identifiers
    assert {name: found.get(name) for name in PATIENT} == dict.fromkeys(PATIENT, 1)
    assert found["ReferringPhysicianName"] == 1  # inside a sequence
    assert found["private elements"] == 1
    assert "Modality" not in found
    assert "SOPClassUID" not in found
    assert picture.report.burned_in is True
    (image,) = picture.images
    assert (image.info, dict(image.getexif())) == ({}, {})
    image.save(tmp_path / "out.png")
    said = capsys.readouterr()
    told = repr(picture.report) + caplog.text + said.out + said.err + str((tmp_path / "out.png").read_bytes())
    assert not [value for value in (*PATIENT.values(), "VENDOR PATIENT") if value in told]


def test_what_is_wrong_with_a_file_is_said_without_quoting_it(caplog, recwarn):
    whole = stored(dataset(np.zeros((4, 4), np.uint16), NumberOfFrames=1))
    broken = whole.replace(b"IS\x02\x001 ", b"IS\x02\x00Xy")
    assert broken != whole
    with caplog.at_level(logging.DEBUG), pytest.raises(BadInput) as caught:
        readers.read(broken)
    assert len(caught.value.problems) == 1
    assert "Xy" not in str(caught.value) + caplog.text
    assert not [warning for warning in recwarn if "Xy" in str(warning.message)]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "it is empty"),
        (b"not a picture at all" * 50, "no DICOM picture|its content is broken"),
        (os.urandom(5000), "no DICOM picture|its content is broken"),
        (ct(np.zeros((64, 64)))[:4000], "its content is broken"),
        (ct(np.zeros((64, 64)))[:300], "no DICOM picture|its content is broken"),
        (stored(dataset(np.zeros((4, 4), np.uint16), Rows=60000, Columns=60000)), "60000 x 60000 px are 3,600,000,000"),
        (stored(dataset(np.zeros((4, 4), np.uint16), NumberOfFrames=99)), "its content is broken"),
    ],
)
def test_a_broken_file_is_one_line_that_names_it(content, said, tmp_path):
    path = tmp_path / "scan.dcm"
    path.write_bytes(content)
    with pytest.raises(BadInput, match=said) as caught:
        readers.read(path)
    assert len(caught.value.problems) == 1
    assert str(path) in str(caught.value)


def test_dicom_without_a_picture_says_so():
    made = dataset(np.zeros((4, 4), np.uint16))
    del made.PixelData
    with pytest.raises(BadInput, match="holds no picture"):
        readers.read(stored(made))


def test_dicom_is_known_by_its_ending_or_its_first_bytes(tmp_path):
    for name in ("a.dcm", "B.DCM", "IM000001", "a.dicom"):
        (tmp_path / name).write_bytes(ct(np.zeros((3, 5))))
        assert readers.read(tmp_path / name).report.format == "dicom"
        assert readers.size(tmp_path / name) == (5, 3)


NO_PICTURES = {
    "ExplVR_BigEndNoMeta", "ExplVR_LitEndNoMeta", "UN_sequence", "empty_charset_LEI", "meta_missing_tsyntax",
    "nested_priv_SQ", "no_meta", "no_meta_group_length", "priv_SQ", "reportsi", "reportsi_with_empty_number_tags",
    "rtplan", "rtplan_truncated", "rtstruct", "test-SR", "waveform_ecg",
}  # fmt: skip
BROKEN = {"MR_truncated", "badVR", "JPEG-lossy", "JPEG2000-embedded-sequence-delimiter", "JPGExtended"}  # or 12 bits
LOSSLESS = (
    ("MR_small", "MR_small_RLE", "MR_small_bigendian", "MR_small_jp2klossless", "MR_small_jpeg_ls_lossless"),
    ("SC_rgb_rle", "SC_rgb_jpeg_gdcm", "SC_rgb_gdcm_KY"),
)  # one picture each, in several transfer syntaxes


@pytest.mark.skipif(not OWN_FILES.is_dir(), reason="this pydicom comes without its test files")
def test_pydicom_s_own_files_are_read_or_refused_in_one_line(recwarn):
    warnings.simplefilter("always")
    refused, shown = {}, {}
    for path in sorted(OWN_FILES.glob("*.dcm")):
        try:
            picture = readers.read(path)
        except BadInput as error:
            (refused[path.stem],) = error.problems
            continue
        shown[path.stem] = picture
        assert picture.images[0].size == readers.size(path)
    assert len(shown) > 50
    assert set(refused) - BROKEN <= NO_PICTURES
    assert {name for name, line in refused.items() if "no DICOM picture" in line} <= NO_PICTURES
    assert not [warning for warning in recwarn if "pydicom" in str(warning.filename)]
    assert shown["examples_palette"].report.margins  # ultrasound with a header of text
    for one, *others in LOSSLESS:
        assert all((np.asarray(shown[name].images[0]) == np.asarray(shown[one].images[0])).all() for name in others)
    if "JPGExtended" in refused:
        assert "pip install pylibjpeg-libjpeg" in refused["JPGExtended"]


def test_a_reader_leaves_pydicom_s_log_as_it_was():
    log = logging.getLogger("pydicom")
    readers.read(ct(np.zeros((4, 4))))
    assert log.disabled is False


def test_saved_pictures_are_plain(tmp_path):
    image = readers.read(ct(np.zeros((4, 4)))).images[0]
    assert type(image) is Image.Image
    assert image.mode == "RGB"
