"""Invented sources on disk for builds of a second."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

import recipes
from recipes import Recipe


def picture(shade: int, size: tuple[int, int] = (80, 70)) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, (shade, 0, 255 - shade)).save(file, "PNG")
    return file.getvalue()


def release(place: Path, n: int = 12, small: int = 0, broken: int = 0, torn: int = 0) -> None:
    """A VQA-RAD of n train rows, one picture each: the first are too small, the next cannot be decoded, and the last
    are no rows."""
    (place / "images").mkdir(parents=True)
    rows = []
    for i in range(n):
        content = picture(i, (40, 70) if i < small else (80, 70))
        (place / "images" / f"{i}.png").write_bytes(content[:60] if small <= i < small + broken else content)
        row = {"qid": i, "image_name": f"{i}.png", "image_organ": "CHEST", "answer": "Yes" if i % 2 else "left lung"}
        row |= {"answer_type": "OPEN", "question_type": "PRES", "phrase_type": "freeform"}
        rows.append({**row, "question": f"What is at {i}?"})
    for row in rows[n - torn :]:
        del row["question"]
    for split in ("train", "test"):
        (place / f"{split}set.json").write_text(json.dumps(rows))


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of data sets; `release` fills it."""
    monkeypatch.setenv("LINGSHU_DATA", str(tmp_path / "sets"))
    return tmp_path / "sets" / "vqa_rad"


@pytest.fixture
def corpus(tmp_path: Path) -> Callable[..., Recipe]:
    """corpus(**build settings) -> a recipe of VQA-RAD's train split and 10 rows of clinic."""

    def made(name: str = "out", sources: list[dict[str, Any]] | None = None, **build: Any) -> Recipe:
        default = [{"use": "vqa_rad", "split": "train"}, {"use": "clinic", "split": "train", "n": 10}]
        build = {"workers": 1, "rows_per_file": 5, "rows_per_shard": 8, "tasks": 2, **build}
        path = tmp_path / f"{name}.yaml"
        run = {"seed": 3, "output_dir": str(tmp_path / name)}
        path.write_text(json.dumps({"data": {"train": sources or default}, "build": build, "run": run}))
        return recipes.load(path)

    return made
