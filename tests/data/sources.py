"""Rows in the form of each source's release; all content is invented."""

import json
from pathlib import Path
from typing import Any

from data.formats.release import Loader
from data.sets.fairvlmed import FOLDERS as PARTS
from data.sets.fairvlmed import USES

from .picture_releases import cell
from .releases import N, write

Row = dict[str, Any]


def talk(i: int, key: str = "conversations", n: int = 1, picture: bool = True) -> Row:
    """A row in LLaVA's form, of n exchanges."""
    said = [("human", f"What is metal {i}.{j}?") for j in range(n)]
    turns = [turn for asked in said for turn in (asked, ("gpt", f"Copper, and {asked[1]}"))]
    rows = [{"from": who, "value": what} for who, what in turns]
    if picture:
        rows[0]["value"] = ("<image>\n{}" if i % 2 else "{}\n<image>").format(rows[0]["value"])
    return {"id": f"x{i}", **({"image": f"a/{i}.jpg"} if picture else {}), key: rows}


def caption(i: int) -> Row:
    return {"image": cell(i), "image_id": f"I{i}", "caption": f"A plate of metal {i}.", "cui": ["C1", "C2"]}


def asked(i: int) -> Row:
    return {"instruction": f"Say which metal {i} is.", "input": f"It is red {i}.", "output": f"Copper {i}."}


ROWS = {
    "pubmedvision": lambda i: talk(i) | {"image": [f"images/{i}.jpg"], "modality": "CT", "body_part": "knee"},
    "llava_med_alignment": lambda i: talk(i, "conversatons"),
    "llava_med": lambda i: talk(i, n=3) | {"domain": {"ct_scan": True}},
    "llava_med_zh": lambda i: {
        "messages": [
            {"role": "user", "content": f"<image>第{i}种金属？"},
            {"role": "assistant", "content": f"铜{i}"},
        ],
        "images": [cell(i)],
    },
    "quilt_pretrain": talk,
    "quilt_instruct": lambda i: talk(i, n=2),
    "pmc_oa": lambda i: {"image": f"PMC{i}_Fig1_2.jpg", "caption": f"Metal {i}."},
    "roco": caption,
    "rocov2": caption,
    "medicat": lambda i: {
        "pdf_hash": f"h{i}",
        "fig_uri": f"2-Figure{i}.png",
        "s2_caption": f"Metal {i}.",
        "s2orc_references": [],
        "radiology": False,
        "scope": True,
        "predicted_type": "Medical images",
    },
    "medpix": lambda i: {
        "Type": "CT",
        "U_id": f"MPX{i // 2}",
        "image": f"MPX{i}_synpic{i}",
        "location": "knee",
        "location category": "Limb",
        "Description": {"Caption": f"Metal {i}.", "Age": "50"},
    },
    "fairvlmed": lambda i: {"filename": f"data_{i}.npz", "gpt4_summary": f"Metal {i}.", "glaucoma": "no"},
    "vqa_med_2019": lambda i: f"synpic{i}|what metal is {i}?|{('copper', 'yes')[i % 2]}",
    "mimic_cxr_vqa": lambda i: {
        "question": f"Which metals are in {i}?",
        "answer": ["yes"] if i % 2 else ["copper", "tin"],
        "image_path": f"p1/p{i}/s1/d.jpg",
        "subject_id": i,
        "study_id": 10 + i,
        "semantic_type": "query",
        "content_type": "presence",
    },
    "kvasir_vqa": lambda i: {
        "image": cell(i),
        "source": "polyps",
        "question": f"How many plates, {i}?",
        "answer": str(i),
        "img_id": f"c{i // 2}",
    },
    "medquad": lambda i: {"question": f"What is metal {i}?", "answer": f"Copper {i}."},
    "apollo_corpus": lambda i: [f"What is metal {i}?", f"Copper {i}."],
    "pmc_llama": lambda i: asked(i) | {"source": "umls", "sample_id": None},
    "medthoughts_8k": lambda i: {
        "question": f"Which metal is {i}?",
        "options": {"A": "copper", "B": "tin"},
        "answer_idx": "AB"[i % 2],
        "ds_think": f"It is red {i}.",
    },
    "medreason": lambda i: {
        "question": f"Which metal is {i}?",
        "options": "A. copper\nB. tin",
        "answer": "copper. Explanation: it is red.",
        "reasoning": "Red metals are copper.",
        "dataset_name": "plates",
        "id_in_dataset": i,
    },
    "medical_o1_reasoning": lambda i: {"Question": f"What is {i}?", "Complex_CoT": "Hm.", "Response": "Copper."},
    "medical_o1_verifiable": lambda i: {
        "Open-ended Verifiable Question": f"What is {i}?",
        "Ground-True Answer": ("Copper", "25%", "Yes")[i % 3],
    },
    "medical_r1_distill": lambda i: {
        "question": f"What is {i}?",
        "reasoning (reasoning_content)": "Hm.",
        "response (content)": "Copper.",
    },
    "healthcaremagic": asked,
    "icliniq": lambda i: {"input": f"Is {i} red?", "answer_icliniq": "It is.", "answer_chatgpt": "No."},
    "huatuogpt2_sft": lambda i: talk(i, picture=False),
    "alpacare": lambda i: asked(i) | ({"input": "<noinput>"} if i % 2 else {}),
    "llava_pretrain": talk,
    "llava_instruct": lambda i: talk(i, n=2, picture=i % 2 == 0),
    "pixmo_cap": lambda i: {"image_url": f"https://a.example/{i}", "caption": f"Metal {i}."},
    "allava": talk,
    "openhermes": lambda i: talk(i, picture=False) | {"source": "plates", "category": None},
    "nih_chest_xray": lambda i: {
        "Image Index": f"{i:08}_000.png",
        "Finding Labels": "Copper|Tin" if i % 2 else "No Finding",
        "Patient ID": i // 2,
        "View Position": "PA",
    },
    "chexpert": lambda i: {
        "Path": f"CheXpert-v1.0/train/patient{i // 2}/study1/view1_frontal.jpg",
        "Frontal/Lateral": "Frontal",
        "AP/PA": "AP",
        **dict.fromkeys(("No Finding", "Enlarged Cardiomediastinum", "Cardiomegaly", "Lung Opacity"), ""),
        **dict.fromkeys(("Lung Lesion", "Consolidation", "Pneumonia", "Atelectasis", "Pneumothorax"), "0.0"),
        **dict.fromkeys(("Pleural Effusion", "Pleural Other", "Support Devices"), "-1.0"),
        "Edema": "1.0",
        "Fracture": "1.0" if i % 2 else "",
    },
    "deeplesion": lambda i: {
        "File_name": f"00000{i}_01_01_109.png",
        "Patient_index": i,
        "Coarse_lesion_type": 1 + i % 8,
        "Bounding_boxes": "1, 2, 3, 4",
        "DICOM_windows": "-175, 275",
        "Spacing_mm_px_": "1, 1, 5",
        "Slice_range": "1, 9",
    },
    "ham10000": lambda i: {
        "lesion_id": f"HAM_{i // 2}",
        "image_id": f"ISIC_{i}",
        "dx": ("nv", "mel")[i % 2],
        "dx_type": "histo",
        "localization": "back",
    },
    "pad_ufes_20": lambda i: {
        "patient_id": f"PAT_{i // 2}",
        "lesion_id": i,
        "region": "ARM",
        "diagnostic": ("MEL", "NEV")[i % 2],
        "img_id": f"PAT_{i}_1.png",
    },
    "isic2020": lambda i: {
        "image_name": f"ISIC_{i}",
        "patient_id": f"IP_{i // 2}",
        "diagnosis": "unknown",
        "anatom_site_general_challenge": "torso",
        "benign_malignant": ("benign", "malignant")[i % 2],
    },
    "fitzpatrick17k": lambda i: {
        "md5hash": f"{i:032x}",
        "fitzpatrick_scale": 3,
        "label": ("copper rash", "tin rash")[i % 2],
        "nine_partition_label": "inflammatory",
    },
    "brset": lambda i: {
        "image_id": f"img{i:05}",
        "patient_id": i // 2,
        "camera": "Canon",
        "exam_eye": 1,
        "DR_ICDR": 0,
        **dict.fromkeys(("diabetic_retinopathy", "macular_edema", "scar", "nevus", "amd", "vascular_occlusion"), 0),
        **dict.fromkeys(("hypertensive_retinopathy", "hemorrhage", "retinal_detachment", "myopic_fundus"), 0),
        **dict.fromkeys(("increased_cup_disc", "other"), 0),
        "drusens": 1,
    },
    "diabetic_retinopathy": lambda i: {"image": f"{i}_left", "level": i % 5},
}

ARRAYS = {"mhsma", "pannuke"}  # sources whose pictures are in arrays
OTHERS = {"papila", "lld_mmri"}  # an Excel file, a nested JSON file
# sources without a table: the pictures
FOLDERS = {
    "ebhi_seg": [f"{kind}/image/{i}.png" for kind in ("Polyp", "Normal") for i in range(4)],
    "blood_cells": [
        f"dataset2-master/dataset2-master/images/{part}/{kind}/{i}.jpeg"
        for part in ("TRAIN", "TEST")
        for kind in ("MONOCYTE", "LYMPHOCYTE")
        for i in range(4)
    ],
    "abdomen_us": [f"AUS/images/{part}/{i}.png" for part in ("train", "test") for i in range(8)],
    "liver_us": [f"{kind}/image/{i}.jpg" for kind in ("Benign", "Normal") for i in range(4)],
    "biomeditech_rpe": [
        f"RPE_dataset/Subwindows/1_{i:05}_001_{1 + i % 4}_{1 + (i % 4 if i < 8 else 0)}.tif" for i in (*range(8), 9)
    ],
    "kipa22": [f"train/image/{i}.nii.gz" for i in range(8)],
    "brats2024": [f"training_data1_v2/G-{i}-1/G-{i}-1-t1c.nii.gz" for i in range(8)],
    "mama_mia": [f"images/D_{i}/D_{i}_000{phase}.nii.gz" for i in range(8) for phase in (0, 1)],
    "covid19_radiography": [f"{kind}/images/{kind}-{i}.png" for kind in ("COVID", "Normal") for i in range(4)],
    "mendeley_knee": [
        f"MedicalExpert-{who}/{kind}/{i}.png" for who in ("I", "II") for kind in ("0Normal", "2Mild") for i in (1, 2)
    ],
    "chest_ctscan": [
        f"{part}/{kind}{stage}/{i}.png"
        for part, stage in (("train", "_left_T2"), ("val", ""), ("test", ""))
        for kind in ("adenocarcinoma", "large.cell.carcinoma")
        for i in range(4)
    ],
    "brain_tumor_mri": [
        f"{part}/{kind}/{i}.jpg" for part in ("Training", "Testing") for kind in ("glioma", "notumor") for i in range(4)
    ],
    "busi": [
        f"{kind}/{kind} ({i}){mask}.png" for kind in ("benign", "normal") for i in range(4) for mask in ("", "_mask")
    ],
    "breast_cancer": [f"Images/y_{kind}{i}_ccd.tif" for kind in ("benign", "malignant") for i in range(4)],
    "cpd": [f"{kind}/{i}{mask}.png" for kind in ("tin", "zinc") for i in range(4) for mask in ("", "_mask")],
    "radimagenet_us": [f"US/{kind}/{i}.png" for kind in ("liver", "gallbladder_stone") for i in range(4)],
}


def put(name: str, place: Path, load: Loader, split: str) -> None:
    """A split of a source's release, without the pictures that its rows name."""
    for path in FOLDERS.get(name, ()):
        _touch(place / path)
    if name == "fairvlmed":
        _arrays(place / PARTS[USES[split]])
    if name == "mhsma":
        _planes(place, load.release.names.get(split, split))
    if name == "pannuke":
        _folds(place)
    if name == "papila":
        for eye in ("od", "os"):
            _sheet(place / f"ClinicalData/patient_data_{eye}.xlsx", [f"#{i:03}" for i in range(N // 2)])
    if name == "lld_mmri":
        cases = {f"MR{i}": _liver(i) for i in range(N // 2 + 1)}
        _touch(place / "labels/Annotation.json").write_text(json.dumps({"Annotation_info": cases}))
    if name not in ROWS:
        return
    for pattern in load.release.parts.values():
        path = place / pattern.format(split=load.release.names.get(split, split)).replace("*", "0")
        rows = [ROWS[name](i) for i in range(N)]
        if path.suffix == ".txt":
            _touch(path).write_text("\n".join(rows), encoding="utf-8")
        else:
            write(path, [row | SPLITS.get(name, {}).get(split, {}) if isinstance(row, dict) else row for row in rows])


# what a row says of its split, where all lie in one file
SPLITS = {
    "fairvlmed": {split: {"use": use} for split, use in USES.items()},
    "deeplesion": {"validation": {"Train_Val_Test": 2}, "test": {"Train_Val_Test": 3}},
}


def _arrays(place: Path) -> None:
    """Pictures of 4 x 3 pixels as .npz files."""
    import numpy

    place.mkdir(parents=True, exist_ok=True)
    for i in range(N):
        numpy.savez(place / f"data_{i}.npz", slo_fundus=numpy.full((3, 4), i, dtype="uint8"))


def _planes(place: Path, split: str) -> None:
    """MHSMA's arrays, the pictures 4 x 3 pixels here; in every second the acrosome is abnormal."""
    import numpy

    place.mkdir(parents=True, exist_ok=True)
    numpy.save(place / f"x_64_{split}.npy", numpy.zeros((N, 3, 4), dtype="uint8"))
    for part in ("acrosome", "head", "vacuole", "tail"):
        labels = numpy.arange(N) % 2 if part == "acrosome" else numpy.zeros(N)
        numpy.save(place / f"y_{part}_{split}.npy", labels.astype("uint8"))


def _folds(place: Path) -> None:
    """PanNuke's arrays, the pictures 4 x 3 pixels here, in two folds."""
    import numpy

    for fold in ("Fold 1", "Fold 2"):
        for folder in ("images", "masks"):
            (place / fold / folder / "fold").mkdir(parents=True, exist_ok=True)
        numpy.save(place / fold / "images" / "fold" / "images.npy", numpy.ones((N // 2, 3, 4, 3)))
        numpy.save(place / fold / "images" / "fold" / "types.npy", numpy.array(["Colon", "Bile-duct"] * (N // 4)))
        numpy.save(place / fold / "masks" / "fold" / "masks.npy", numpy.zeros((N // 2, 3, 4, 6)))


def _liver(i: int) -> list[Row]:
    """Two volumes of a case of LLD-MMRI; the last case's label is kept secret."""
    lesion = {"category": i if i < N // 2 else -1, "bbox": {"3D_box": {"x_min": 1, "x_max": 2}}}
    series = [{"studyUID": "s", "seriesUID": f"{i}.{j}", "phase": phase} for j, phase in enumerate(("DWI", "T2WI"))]
    return [one | {"annotation": {"lesion": {"0": lesion}}} for one in series]


def _sheet(path: Path, patients: list[str]) -> None:
    """An Excel file as PAPILA has it: two lines of headers, a line with ID, a line a patient."""
    import zipfile

    texts = ["Age", "Diagnosis", "dioptre_1", "ID", *patients]
    rows = [{"B": "s0", "D": "s1"}, {"E": "s2"}, {"A": "s3"}]
    rows += [{"A": f"s{4 + i}", "B": "60", "D": str(i % 3)} for i in range(len(patients))]
    cells = [
        "".join(
            f'<c r="{at}{n}"' + (f' t="s"><v>{said[1:]}</v></c>' if said[0] == "s" else f"><v>{said}</v></c>")
            for at, said in row.items()
        )
        for n, row in enumerate(rows, 1)
    ]
    space = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("xl/sharedStrings.xml", f"<sst {space}>{''.join(f'<si><t>{t}</t></si>' for t in texts)}</sst>")
        lines = "".join(f'<row r="{n}">{line}</row>' for n, line in enumerate(cells, 1))
        file.writestr("xl/worksheets/sheet1.xml", f"<worksheet {space}><sheetData>{lines}</sheetData></worksheet>")


def _touch(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    return path
