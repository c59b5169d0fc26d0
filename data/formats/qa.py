"""Questions with answers: free ones or with options, about pictures or not, with the reasoning where a set has it."""

from __future__ import annotations

from data.example import Example, infer_kind
from data.formats.release import Column, Loader, Release, Spot, needed, value
from data.sets._items import Row, lettered, wrong


def loader(
    release: Release,
    *,
    question: Column,
    answer: Column,
    options: Column | None = None,
    trace: Column | None = None,
    image: Column | None = None,
    kind: str = "",
) -> Loader:
    """`load` of a set of questions. options: letter -> text, or a list; the answer is the letter then.

    trace: the reasoning, which goes into meta. kind: of every row, else it is inferred from each answer.
    """

    def made(row: Row, spot: Spot) -> Example:
        asked, gold = needed(row, question, "question"), needed(row, answer, "answer")
        images = release.images(value(row, image)) if image else ()
        if image and not images:
            raise ValueError("there is no picture")
        choices = lettered(value(row, options)) if options else None
        meta = {"distractors": wrong(choices, [gold])} if choices else {}
        meta |= {"trace": needed(row, trace, "reasoning")} if trace else {}
        form = kind or infer_kind(gold, choices)
        gold = gold.lower() if form == "yesno" else gold
        return release.example(row, spot, asked, gold, kind=form, images=images, options=choices, meta=meta)

    return release.loader(made, (*(["distractors"] if options else []), *(["trace"] if trace else [])))
