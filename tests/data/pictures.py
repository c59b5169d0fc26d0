"""Small releases in the shape of the original files of the sets with pictures; all content is invented."""

import io
from pathlib import Path
from typing import Any

from .releases import Release


def png(shade: int) -> bytes:
    from PIL import Image

    file = io.BytesIO()
    Image.new("L", (8, 6), shade).save(file, "PNG")
    return file.getvalue()


def slake(i: int) -> dict[str, Any]:
    """Even rows in English, odd ones in Chinese."""
    answers = [
        ("OPEN", "Copper"), ("CLOSED", "没有"), ("CLOSED", "Yes"), ("CLOSED", "铜"),
        ("OPEN", 2), ("CLOSED", "是"), ("CLOSED", "Left"), ("OPEN", "无"),
    ]  # fmt: skip
    form, answer = answers[i]
    return {
        "img_id": i // 2, "img_name": f"xmlab{i // 2}/source.jpg", "answer": answer,
        "question": f"第{i}种金属?" if i % 2 else f"Metal {i}?",
        "q_lang": "zh" if i % 2 else "en", "location": "Chest_heart", "modality": "X-Ray",
        "answer_type": form, "base_type": "vqa", "content_type": "Organ", "triple": ["vhead", "_", "_"], "qid": 100 + i,
    }  # fmt: skip


def path_vqa(i: int) -> dict[str, Any]:
    """Two questions an image; even rows are yes or no."""
    answer = ("yes", "copper")[i % 2] if i < 6 else ("no", "the 2 left pans")[i % 2]
    return {"image": {"bytes": png(i // 2), "path": None}, "question": f"which metal is it, {i}?", "answer": answer}


def vqa_rad(i: int) -> dict[str, Any]:
    return {
        "qid": i + 1, "image_name": f"synpic{i // 2}.jpg", "image_organ": "CHEST", "question": f"Is it copper, {i}?",
        "answer": ("Yes ", "copper", 3)[i % 3], "answer_type": "CLOSED" if i % 3 == 0 else "OPEN",
        "question_type": "PRES", "phrase_type": "freeform",
    }  # fmt: skip


FOLDERS = {"slake": "imgs", "vqa_rad": "images"}
PICTURED = {
    "slake": Release("test.json", slake, ("answer_type", "HALF"), id="qid"),
    "path_vqa": Release("data/test-00000-of-00001.parquet", path_vqa, None, needed="answer"),
    "vqa_rad": Release("testset.json", vqa_rad, None, id="qid"),
}


def put(name: str, place: Path, rows: list[dict[str, Any]] | None = None) -> Path:
    """The release with its pictures; the path of its file."""
    release = PICTURED[name]
    rows = release.rows() if rows is None else rows
    if name in FOLDERS:
        (place / FOLDERS[name]).mkdir(parents=True, exist_ok=True)
    if name == "vqa_rad":
        for row in rows:
            (place / "images" / row["image_name"]).write_bytes(png(9))
    return release.write(place, rows)
