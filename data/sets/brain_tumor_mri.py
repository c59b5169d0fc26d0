"""Brain Tumor MRI: MR slices of three kinds of brain tumour and of none.

Nickparvar M (Kaggle, 2021). Read from the folders Training/KIND and Testing/KIND.
"""

from __future__ import annotations

from data.formats import labelled
from data.formats.release import Release
from data.registry import SetInfo

WORDS = {
    "glioma": "glioma",
    "meningioma": "meningioma",
    "pituitary": "pituitary tumour",
    "notumor": "no tumour",
}

ABOUT = SetInfo(
    name="brain_tumor_mri",
    splits=("train", "test"),
    license="",
    kinds=("text",),
    text="MR slices of three kinds of brain tumour and of none",
    citation="Nickparvar M, Brain Tumor MRI Dataset, Kaggle, 2021",
    remedy="put the folders Training and Testing of"
    " https://www.kaggle.com/datasets/masoudnickparvar/brain-tumor-mri-dataset into {place}",
    classes=("imaging",),
)

load = labelled.loader(
    Release(
        ABOUT,
        files="{split}/*/*.jpg",
        names={"train": "Training", "test": "Testing"},
        pictures="",
        modality="mri",
        reader=labelled.folders(),
    ),
    label="folder",
    words=WORDS,
    question="What does this MR slice of the brain show?",
    anatomy="brain",
)
