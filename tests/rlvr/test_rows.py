"""What TRL's trainer sees of an example: prompt, images, and where to find the rest."""

import data
from data import Example
from rlvr.rows import training_rows

EXAMPLES = [
    *data.load("clinic", "train", n=2, families=["lab_range", "lesion_side"]),
    Example("options", "Which one?", "B", options={"B": "left", "A": "right"}),
    Example("list", "Which two?", ["C", "A"], options={"A": "x", "B": "y", "C": "z"}),
]


def test_every_column_survives_because_only_the_index_travels() -> None:
    found = training_rows(EXAMPLES, "plain", with_images=True)
    assert set(found[0]) == {"prompt", "images", "index"}
    for row in found.select([2, 0, 3, 1]):
        example = EXAMPLES[row["index"]]
        [turn] = row["prompt"]
        assert turn == {"role": "user", "content": data.prompt.user_text(example, "plain")}
        assert [image.tobytes() for image in row["images"]] == [i.tobytes() for i in data.open_images(example)]
    kept = EXAMPLES[found[2]["index"]], EXAMPLES[found[3]["index"]]
    assert list(kept[0].options) == ["B", "A"]  # Arrow would order the letters and give every row all of them
    assert kept[1].answer == ["C", "A"]


def test_a_text_model_gets_no_images_column() -> None:
    found = training_rows(EXAMPLES[:1], "think", with_images=False)
    assert set(found[0]) == {"prompt", "index"}
    assert "<think>" in found[0]["prompt"][0]["content"]
