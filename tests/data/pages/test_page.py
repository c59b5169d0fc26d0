from html.parser import HTMLParser
from pathlib import Path

import pytest
from PIL import Image

from data.pages import page
from data.pages.blocks import Bullets, Case, Heading, Picture, Table, Text, markdown
from eval import plot

EVIL = "<script>alert(1)</script> <img src=http://x.example/a.png onerror=alert(1)> & \"'"
VOID = {"meta", "img", "line", "circle", "br"}


class Read(HTMLParser):
    """The elements of a page with their attributes, its text, and whether all that was opened was closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text, self.open = "", []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.found if name == tag]


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    Image.new("RGB", (4, 4), "red").save(tmp_path / "p.png")
    return tmp_path / "p.png"


@pytest.fixture
def blocks(picture: Path) -> list:
    """One of each kind, with what a model may have written wherever it can be."""
    mark = plot.Mark(EVIL, 40, 0.1, 0.05, 0.15)
    return [
        Heading(f"Title {EVIL}", 1),
        Bullets([f"**bold** `code` {EVIL}"], headline=True),
        Heading("First"),
        Text(EVIL),
        Table(f"caption {EVIL}", ("suite", "n"), [(EVIL, "1"), ("b|c", "2")], [f"a note {EVIL}"]),
        Heading("Deeper", 3),
        Picture(f"seen {EVIL}", picture, "p.png"),
        Picture("drawn", name="p.png", drawing=plot.forest([mark], f"title {EVIL}")),
        Heading("Second"),
        Case(EVIL, [("answer", EVIL), ("reasoning", "line one\n```\n# no heading\n```")]),
    ]


def test_what_models_wrote_is_shown_and_not_obeyed(blocks: list) -> None:
    read = Read(page.html(blocks))
    assert not read.of("script")
    assert [img["src"].split(",")[0] for img in read.of("img") if img["src"]] == ["data:image/png;base64"]
    assert not any(name.startswith("on") for _, attributes in read.found for name in attributes)
    assert read.text.count("<script>alert(1)</script>") >= 7
    [policy] = [meta["content"] for meta in read.of("meta") if meta.get("http-equiv") == "Content-Security-Policy"]
    assert policy is not None
    assert policy.startswith("default-src 'none'")


def test_the_page_needs_nothing_else(blocks: list) -> None:
    text = page.html(blocks)
    read = Read(text)
    assert not read.of("link")
    for _, attributes in read.found:
        for name in ("src", "href"):
            assert (attributes.get(name) or "#").startswith(("#", "data:"))
    assert "url(" not in text
    assert "@import" not in text


def test_the_page_can_be_read_without_eyes(blocks: list) -> None:
    read = Read(page.html(blocks))
    assert read.of("html")[0]["lang"] == "en"
    assert len(read.of("caption")) == len(read.of("table")) == 1
    assert [th["scope"] for th in read.of("th")] == ["col", "col", "row", "row"]
    assert all(img["alt"] for img in read.of("img"))
    assert [svg["role"] for svg in read.of("svg")] == ["img"]
    assert all(svg["aria-label"] for svg in read.of("svg"))
    [scroll] = [div for div in read.of("div") if div.get("class") == "scroll"]
    assert (scroll["tabindex"], scroll["role"]) == ("0", "region")
    assert len(read.of("title")) >= 1


def test_the_page_fits_a_phone_and_a_dark_room() -> None:
    text = page.html([Heading("T", 1)])
    assert '<meta name="viewport" content="width=device-width, initial-scale=1">' in text
    assert "prefers-color-scheme: dark" in text


def test_contents_lead_to_the_sections(blocks: list) -> None:
    read = Read(page.html(blocks))
    links = [a["href"] for a in read.of("a")]
    ids = {h["id"] for h in read.of("h2")}
    assert {link.removeprefix("#") for link in links if link} == ids
    assert len(links) == 2


def test_marks_of_our_own_become_markup(blocks: list) -> None:
    text = page.html(blocks)
    assert "<strong>bold</strong> <code>code</code>" in text


def test_markdown_fences_what_models_wrote_and_keeps_tables_whole(blocks: list) -> None:
    text = markdown(blocks)
    assert "````text\nline one\n```\n# no heading\n```\n````" in text
    assert "| b/c | 2 |" in text
    [row] = [line for line in text.splitlines() if line.startswith("| &lt;script>")]
    assert "<img" not in row
    assert "![drawn](p.png)" in text


def test_a_drawing_tells_what_is_clear_of_zero() -> None:
    marks = [
        plot.Mark("up", 100, 0.1, 0.05, 0.15),
        plot.Mark("down", 100, -0.1, -0.15, -0.05),
        plot.Mark("none", 100, 0.01, -0.05, 0.07),
        plot.Mark("few", 9, 0.5, 0.3, 0.7, few=True),
    ]
    assert [mark.side for mark in marks] == ["up", "down", "", ""]
    drawing = Read(plot.forest(marks, "t"))
    lines = [line["class"] for line in drawing.of("line") if (line["class"] or "").startswith("mark")]
    assert lines == ["mark up", "mark down", "mark", "mark few"]
    across = [float(circle["cx"] or "") for circle in drawing.of("circle")]
    assert across[1] < across[2] < across[0] < across[3]
    assert all(0 <= x <= plot.WIDTH for x in across)
    ticks = [text for text in drawing.text.split() if text.lstrip("+-").isdigit()]
    assert "0" in ticks


def test_a_drawing_of_nothing_much_still_has_an_axis() -> None:
    assert "<circle" in plot.forest([plot.Mark("a", 30, 0.0, 0.0, 0.0)], "t")
    long = plot.forest([plot.Mark("x" * 99, 30, 0.0, -0.01, 0.01)], "t")
    assert f">{'x' * (plot.LONGEST - 1)}… <" in long
    assert "x" * 99 in long  # whole where the pointer rests
