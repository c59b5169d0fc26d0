"""Which modality a text names, and when it names none."""

import pytest

from data.modality.words import NAMES, UNKNOWN, candidates, named, of_file, of_tag, told


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("chest-xray", "x-ray"), ("X-Ray", "x-ray"), ("xray", "x-ray"), ("CR - Plain Film", "x-ray"),
        ("abdomen-ct", "ct"), ("CT(Computed Tomography)", "ct"), ("CT - noncontrast", "ct"),
        ("MR (Mag-netic Resonance Imaging)", "mri"), ("mri", "mri"), ("MR - FLAIR", "mri"),
        ("US - Ultrasound", "ultrasound"), ("ultrasound", "ultrasound"),
        ("Microscopy Images", "microscopy"), ("microscopic images", "microscopy"),
        ("pathology", "histopathology"), ("pathological images", "histopathology"),
        ("dermoscopy", "dermoscopy"), ("dermatoscopic", "dermoscopy"),
        ("Fundus Photography", "fundus"), ("fundus", "fundus"),
        ("OCT (Optical Coherence Tomography)", "oct"), ("endoscopy", "endoscopy"),
        ("Digital Photography", "digital photography"), ("photographs", "digital photography"),
        ("PET/CT", "pet"), ("pet", "pet"), ("Colposcopy", "other"), ("Infrared Reflectance Imaging", "other"),
        ("head-ct-mr", UNKNOWN), ("body scans: mri, ct scans, and x-rays", UNKNOWN), ("mixed", UNKNOWN),
        ("radiology", UNKNOWN), ("dermatology", UNKNOWN), ("text", UNKNOWN), ("", UNKNOWN), ("unknown", UNKNOWN),
    ],
)  # fmt: skip
def test_labels_of_data_sets(label, name):
    assert named(label) == name


def test_every_name_names_itself():
    assert [named(name) for name in NAMES] == list(NAMES)


def test_what_a_label_leaves_open():
    assert candidates("head-ct-mr") == ("ct", "mri")
    assert candidates("mixed") == NAMES
    assert "fundus" not in candidates("radiology")
    assert "ct" in candidates("radiology")
    assert candidates("dermatology") == ("dermoscopy", "digital photography")


@pytest.mark.parametrize(
    ("caption", "name"),
    [
        ("Axial CT of the chest. An MRI followed.", "ct"),
        ("A 60-year-old man. Chest radiograph shows a mass.", "x-ray"),
        ("Coronal T2-weighted image of the knee", "mri"),
        ("FDG PET/CT shows uptake", "pet"),
        ("Endoscopic ultrasound of the pancreas", "ultrasound"),
        ("Fundus of the uterus on sonography", "ultrasound"),
        ("Photomicrograph, H&E stain", "histopathology"),
        ("Scanning electron microscopy of a hair", "microscopy"),
        ("X-ray computed tomography", "ct"),
        ("Colonoscopic view of a polyp", "endoscopy"),
        ("Clinical photograph of the hand", "digital photography"),
        ("Color fundus photograph", "fundus"),
        ("CT and MRI of the head", UNKNOWN),
        ("They told us that Mr Stone has a pet.", UNKNOWN),
        ("The tumour in the fundus of the stomach", UNKNOWN),
        ("A factor in doctors' practice", UNKNOWN),
    ],
)
def test_captions(caption, name):
    assert told(caption) == name


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/sets/thing/CT0001.png", "ct"), ("/sets/OCT/NORMAL-1-2.jpeg", "oct"),
        ("/sets/ultrasound/benign (1).png", "ultrasound"), ("chest_xray/train/a.jpg", "x-ray"),
        ("ct_of/MRI/7.png", "mri"), ("/home/mr_stone/pets/us.png", UNKNOWN), ("/MRI/a/b/c/1.png", UNKNOWN),
    ],
)  # fmt: skip
def test_names_of_files_and_folders(path, name):
    assert of_file(path) == name


@pytest.mark.parametrize(
    ("tag", "name"), [("CT", "ct"), ("mr ", "mri"), ("MG", "x-ray"), ("OP", UNKNOWN), ("SR", UNKNOWN), ("", UNKNOWN)]
)
def test_the_attribute_of_dicom(tag, name):
    assert of_tag(tag) == name
