"""Small releases in the shape of the original files of the image benchmarks; all content is invented."""

import io
from functools import cache
from pathlib import Path
from typing import Any

from . import releases
from .releases import WORDS, N, Release, letter

FOLDERS = {
    "medxpertqa": "images",
    "pmc_vqa": "figures",
    "omnimedvqa": "Images/Metals",
}  # where a release keeps its pictures as files


@cache
def picture(shade: int) -> bytes:
    """A PNG of 4 x 3 pixels, all of one grey."""
    from PIL import Image

    file = io.BytesIO()
    Image.new("RGB", (4, 3), (shade, shade, shade)).save(file, "PNG")
    return file.getvalue()


def cell(shade: int) -> dict[str, Any]:
    """A picture as Parquet files hold it."""
    return {"bytes": picture(shade), "path": f"{shade}.png"}


def put(name: str, place: Path, rows: list[dict[str, Any]] | None = None) -> Path:
    """A set's release with its pictures."""
    if inside := FOLDERS.get(name):
        for shade in range(N):
            path = place / inside / f"{shade}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(picture(shade))
    return RELEASES[name].write(place, rows)


def medframeqa(i: int) -> dict[str, Any]:
    """Two frames in even rows, five in odd ones; two questions a video."""
    frames = {f"image_{j}": cell(j) if j <= 2 or i % 2 else None for j in range(1, 6)}
    return {
        "question_id": f"q{i}", "question": f"What do all {i} frames show?", "options": list(WORDS),
        "correct_answer": letter(i, 5), "system": "skeletal", "organ": "knee", "keyword": "fracture", "modality": "CT",
        "video_id": f"v{i // 2}", "image_url": ["u"], "reasoning_chain": "First, then.", **frames,
    }  # fmt: skip


def medxpertqa(i: int) -> dict[str, Any]:
    """Five options, repeated in the question; two pictures in odd rows."""
    options = {letter(j, 5): WORDS[j] for j in range(5)}
    repeated = " ".join(f"({key}) {text}" for key, text in options.items())
    return {
        "id": f"MM-{i}", "question": f"Which metal is {i}?\nAnswer Choices: {repeated}", "options": options,
        "label": letter(i, 5), "images": [f"{i}.png", "0.png"] if i % 2 else [f"{i}.png"],
        "medical_task": "Diagnosis", "body_system": "Skeletal", "question_type": "Reasoning",
    }  # fmt: skip


def medxpertqa_text(i: int) -> dict[str, Any]:
    """Ten options."""
    options = {letter(j, 10): f"about {j}" for j in range(10)}
    row = {key: value for key, value in medxpertqa(i).items() if key != "images"}
    return row | {"id": f"Text-{i}", "options": options, "label": letter(i, 10)}


def pmc_vqa(i: int) -> dict[str, Any]:
    """Options as the release writes them; an option of row 1 holds a colon, one of row 2 has no label."""
    texts = [f" {letter(j)}:{WORDS[j]} " for j in range(4)]
    texts[3] = {1: " D:ratio D: 2", 2: "lead-free"}.get(i, texts[3])
    return {
        "index": 30 + i, "Figure_path": f"{i}.png", "Caption": "A metal .", "Question": f" Which, {i}? ",
        **{f"Choice {letter(j)}": texts[j] for j in range(4)}, "Answer": letter(i), "split": "test",
    }  # fmt: skip


def omnimedvqa(i: int) -> dict[str, Any]:
    """Four options, two in row 3; row 5 calls its modality otherwise, the gold of row 6 ends with a full stop."""
    options = {f"option_{letter(j)}": WORDS[j] for j in range(2 if i == 3 else 4)}
    return {
        "dataset": "Metals", "question_id": f"Metals_{i:04}", "question_type": "Modality Recognition",
        "question": f"Which metal, {i}?", "gt_answer": WORDS[i % 2] + ("." if i == 6 else ""),
        "image_path": f"Images/Metals/{i % 4}.png", **options, "modality" if i == 5 else "modality_type": "X-Ray",
    }  # fmt: skip


def mmmu(i: int) -> dict[str, Any]:
    """Row 1 has three pictures with a gap in their numbers, two of them options; 4 to 6 are open."""
    open_items = {4: "2.5", 5: "['3/2', '1.5']", 6: "['grey tin', 'alpha-tin']"}
    pictures = {f"image_{j}": cell(10 * j) if j in ((1, 2, 4) if i == 1 else (1,)) else None for j in range(1, 8)}
    options = ["<image 2>", "<image 4>", "tin", "lead"] if i == 1 else list(WORDS[:4])
    return {
        "id": f"test_Pharmacy_{i}", "question": f"<image 1> Which, {i}? ", "explanation": "",
        "options": "[]" if i in open_items else repr(options), "img_type": "['Body Scans: MRI, CT', 'Tables']",
        "answer": open_items.get(i, letter(i)), "question_type": "open" if i in open_items else "multiple-choice",
        "topic_difficulty": "Hard" if i % 2 else "Easy", "subfield": "Metals", **pictures,
    }  # fmt: skip


RELEASES = {
    "mmmu_med": Release(
        "Pharmacy/test-00000-of-00001.parquet", mmmu, ("answer", "Q"), knobs={"subject": "Pharmacy"},
        needed="options", id="id",
    ),
    "medframeqa": Release(
        "data/test-00000-of-00001.parquet", medframeqa, ("correct_answer", "Q"), needed="options", id="question_id"
    ),
    "medxpertqa": Release(
        "MM/test.jsonl", medxpertqa, ("label", "K"), knobs={"part": "mm"}, needed="images", id="id"
    ),
    "pmc_vqa": Release("test_2.csv", pmc_vqa, ("Answer", "E"), needed="Figure_path"),
    "omnimedvqa": Release(
        "QA_information/Open-access/Metals.json", omnimedvqa, ("gt_answer", "brass"), needed="modality_type",
        id="question_id",
    ),
}  # fmt: skip

write = releases.write
