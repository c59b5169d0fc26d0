"""A report as one page of HTML that needs nothing else: styles and pictures lie in it, no script, no network.

All text is escaped: what models and data sets wrote is shown, never obeyed; the page's own policy forbids the rest.
"""

import base64
import re
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path

from data.pages.blocks import Block, Bullets, Case, Heading, Picture, Study, Table, Text

CSS = Path(__file__).with_suffix(".css")
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
HEAD = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<title>{title}</title>
<style>
{css}</style>
</head>
<body>
<main>
"""


def html(blocks: Sequence[Block]) -> str:
    """The page; its title is the first heading."""
    sections = [block.text for block in blocks if isinstance(block, Heading)]
    head = HEAD.format(policy=POLICY, title=escape(sections[0]), css=CSS.read_text(encoding="utf-8"))
    return head + "\n".join(_parts(blocks)) + "\n</main>\n</body>\n</html>\n"


def _parts(blocks: Sequence[Block]) -> Iterator[str]:
    """The blocks, with a list of contents before the first section."""
    chapters = {
        f"s{at}": block.text for at, block in enumerate(blocks) if isinstance(block, Heading) and block.level == 2
    }
    first = next(iter(chapters), None)
    for at, block in enumerate(blocks):
        if f"s{at}" == first:
            links = (f'<li><a href="#{name}">{_marked(text)}</a></li>' for name, text in chapters.items())
            yield '<nav aria-label="Contents"><ul>' + "".join(links) + "</ul></nav>"
        yield _html(block, f"s{at}")


def _html(block: Block, name: str) -> str:
    match block:
        case Heading(text, level):
            return f'<h{level} id="{name}">{_marked(text)}</h{level}>'
        case Text(text):
            return f"<p>{_marked(text)}</p>"
        case Bullets(lines, headline):
            items = "".join(f"<li>{_marked(line)}</li>\n" for line in lines)
            return f"<ul{' class=headline' if headline else ''}>\n{items}</ul>"
        case Table():
            return _table(block)
        case Picture(alt):
            return f"<figure>\n{_image(block)}\n<figcaption>{escape(alt)}</figcaption>\n</figure>"
        case Case(title, parts):
            return f"<details>\n<summary>{escape(title)}</summary>\n{_said(parts)}\n</details>"
        case Study():
            return _study(block)


def _said(parts: Sequence[tuple[str, str]]) -> str:
    return "<dl>\n" + "".join(f"<dt>{escape(label)}</dt><dd>{escape(text)}</dd>\n" for label, text in parts) + "</dl>"


def _study(block: Study) -> str:
    images = "".join(f'<img src="{escape(uri)}" alt="Image {i} of the item">' for i, uri in enumerate(block.images, 1))
    models = "".join(f"<section><h4>{escape(name)}</h4>\n{_said(parts)}</section>\n" for name, parts in block.models)
    return (
        f'<article class="study">\n<h3>{escape(block.title)}</h3>\n<div class="images">{images}</div>\n'
        f'{_said(block.item)}\n<div class="models">\n{models}</div>\n</article>'
    )


def _table(block: Table) -> str:
    """In a box of its own that scrolls, also by keyboard: the page itself never does sideways."""
    head = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in block.header)
    rows = "".join(
        f'<tr><th scope="row">{escape(first)}</th>{"".join(f"<td>{escape(cell)}</td>" for cell in rest)}</tr>\n'
        for first, *rest in block.rows
    )
    notes = "".join(f'\n<p class="note">{_marked(note)}</p>' for note in block.notes)
    caption = escape(block.caption)
    return (
        f'<div class="scroll" role="region" tabindex="0" aria-label="{caption}">\n<table>\n'
        f"<caption>{caption}</caption>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table>\n</div>{notes}"
    )


def _image(picture: Picture) -> str:
    if picture.drawing or picture.file is None:
        return picture.drawing
    data = base64.b64encode(picture.file.read_bytes()).decode()
    return f'<img src="data:image/png;base64,{data}" alt="{escape(picture.alt)}">'


def _marked(text: str) -> str:
    """Escaped first, so that only our own marks become markup."""
    text = re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))
    return re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", text)
