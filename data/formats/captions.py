"""A picture, or several, and the text that goes with them: the text becomes the answer to a short request.

The request is one of our own wordings, chosen by the row's id, so that it is the same in every run.
"""

from __future__ import annotations

from data.example import Example
from data.formats.release import Column, Loader, Release, Spot, needed, value
from data.sets._items import Row
from data.sets._release import rank

# (of one picture, of several)
WORDINGS = (
    ("Describe this image.", "Describe these images."),
    ("What does this image show?", "What do these images show?"),
    ("Write a caption for this image.", "Write one caption for these images."),
    ("What can be seen here?", "What can be seen in these images?"),
    ("Give a description of the image.", "Give a description of the images."),
    ("Say what is visible in this image.", "Say what is visible in these images."),
    ("Explain what this image depicts.", "Explain what these images depict."),
    ("Put into words what you see in the image.", "Put into words what you see in the images."),
)


def loader(release: Release, *, image: Column, caption: Column) -> Loader:
    """`load` of a set of captions. image: a path below the folder of pictures, or a picture; one or a list."""

    def made(row: Row, spot: Spot) -> Example:
        images, answer = release.images(value(row, image)), needed(row, caption, "caption")
        if not images:
            raise ValueError("there is no picture")
        question = request(f"{release.about.name}/{spot.name}", len(images))
        return release.example(row, spot, question, answer, kind="text", images=images)

    return release.loader(made)


def request(name: str, n: int) -> str:
    """The wording for the row of that name, which has n pictures."""
    return WORDINGS[int(rank(name), 16) % len(WORDINGS)][n > 1]
