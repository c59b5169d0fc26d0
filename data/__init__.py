"""What is asked: every data set as Examples, the prompt made of one, and its pictures.

data.names(); data.describe("clinic"); data.load("clinic", "test", n=100, seed=0, difficulty=2)
"""

from data.example import Example
from data.images import image_sizes, open_images
from data.registry import SetInfo, describe, load, names

__all__ = ["Example", "SetInfo", "describe", "image_sizes", "load", "names", "open_images"]
