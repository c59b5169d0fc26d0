"""The page of what a build is made of."""

import json
import xml.etree.ElementTree as xml

import pytest

from data.__main__ import main
from data.build import store
from data.modality.bars import bars
from data.modality.report import count
from recipes import BadInput

from .drawn import drawn, png, row


@pytest.fixture
def build(tmp_path):
    picture = png(drawn("fundus", 0))
    rows = [
        row("1", picture, modality="chest-xray"), row("2", picture, modality="x-ray", modality_by="classifier"),
        row("3", picture, modality="<b>odd</b>"), row("4", modality="text"),
        row("5", picture, modality="x-ray", modality_by="metadata"), row("6", picture, modality="x-ray"),
    ]  # fmt: skip
    store.write(tmp_path / "rl" / "part-00000.parquet", rows[:4], embed=True)
    store.write(tmp_path / "rl" / "part-00001.parquet", rows[4:], embed=True)
    return tmp_path / "rl"


def test_rows_are_counted_in_the_vocabulary(build):
    found = count(build)
    assert dict(found["modality"]) == {"x-ray": 4, "unknown": 1, "text": 1}
    assert dict(found["known from"]) == {"the source": 3, "classifier": 1, "nothing": 1, "metadata": 1}
    assert found["as the rows say it"]["chest-xray"] == 1
    assert dict(found["kind"]) == {"text": 6}


def test_the_command_leaves_the_build_alone(build, capsys):
    before = sorted(path.name for path in build.iterdir())
    assert main(["modality", "report", str(build)]) == 0
    assert "x-ray" in capsys.readouterr().out
    assert sorted(path.name for path in build.iterdir()) == before
    page = (build.parent / "rl-modality" / "modality.html").read_text()
    assert page.count("<svg") == 6
    assert "<b>odd" not in page
    assert "http://" not in page.replace("http://www.w3.org", "")
    told = json.loads((build.parent / "rl-modality" / "modality.json").read_text())
    assert (told["rows"], told["counts"]["modality"]["x-ray"]) == (6, 4)
    assert main(["modality", "report", str(build), "--out", str(build.parent / "x"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["rows"] == 6


def test_bars_are_as_long_as_counts_are_large():
    drawing = xml.fromstring(bars({"ct": 30, "a <very> long name of a modality": 10}, "Rows"))
    widths = [float(rect.get("width")) for rect in drawing.iter("rect")]
    assert widths[0] == pytest.approx(3 * widths[1], abs=0.2)
    texts = ["".join(text.itertext()) for text in drawing.iter("text")]
    assert texts[1::2] == ["30 75.0 %", "10 25.0 %"]
    assert texts[2] == "a <very> long name of…"


def test_what_is_no_build_is_named(tmp_path, capsys):
    assert main(["modality", "report", str(tmp_path)]) == 2
    assert "holds no part-*.parquet" in capsys.readouterr().err
    (tmp_path / "part-00000.parquet").write_bytes(b"PAR1 torn")
    with pytest.raises(BadInput, match="is damaged"):
        count(tmp_path)
