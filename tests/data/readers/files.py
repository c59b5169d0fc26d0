"""Files that the tests of the readers make: DICOM with known values, and an invented patient to look for."""

import io

import numpy as np
import pydicom

CT, SECONDARY = "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.7"
PATIENT = {
    "PatientName": "Vogelsang^Ottilie",
    "PatientID": "ZX-4711-Q",
    "PatientBirthDate": "19331224",
    "InstitutionName": "Haus am Moor",
    "StudyDate": "20010203",
    "AccessionNumber": "ACC-90210",
}


def dataset(pixels: np.ndarray, **elements):
    """A dataset whose stored values are `pixels`: rows, columns; or frames, rows, columns; or rows, columns, 3."""
    colour = pixels.ndim == 3 and pixels.shape[-1] == 3
    bits = pixels.dtype.itemsize * 8
    made = pydicom.Dataset()
    made.file_meta = pydicom.dataset.FileMetaDataset()
    made.file_meta.TransferSyntaxUID = pydicom.uid.ExplicitVRLittleEndian
    made.file_meta.MediaStorageSOPClassUID = made.SOPClassUID = SECONDARY if colour else CT
    made.file_meta.MediaStorageSOPInstanceUID = made.SOPInstanceUID = "1.2.826.0.1.3680043.8.498.1"
    planes = pixels.shape[:-1] if colour else pixels.shape
    made.Rows, made.Columns = planes[-2:]
    if len(planes) == 3:
        made.NumberOfFrames = planes[0]
    made.Modality = "OT" if colour else "CT"
    made.SamplesPerPixel, made.PhotometricInterpretation = (3, "RGB") if colour else (1, "MONOCHROME2")
    if colour:
        made.PlanarConfiguration = 0
    made.BitsAllocated, made.BitsStored, made.HighBit = bits, bits, bits - 1
    made.PixelRepresentation = int(pixels.dtype.kind == "i")
    made.PixelData = pixels.tobytes()
    for name, value in elements.items():
        setattr(made, name, value)
    return made


def stored(made) -> bytes:
    """A dataset as the bytes of a file of part 10."""
    buffer = io.BytesIO()
    made.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()


def ct(hounsfield, **elements) -> bytes:
    """A CT slice of these values, stored with an intercept."""
    values = (np.asarray(hounsfield) + 1024).astype(np.int16)
    return stored(dataset(np.atleast_2d(values), RescaleSlope=1, RescaleIntercept=-1024, **elements))
