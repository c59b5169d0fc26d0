"""What turns pictures into numbers: the built-in encoder, or any vision model of transformers by name or path.

Lingshu took BiomedCLIP (Zhang et al., arXiv 2303.00915). Its hub repository is in the form of open_clip; what
transformers loads is served here: CLIP, SigLIP (MedSigLIP), DINOv2, ViT, Swin, ConvNeXt, ...
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from data.modality.features import Handmade
from recipes import BadInput

if TYPE_CHECKING:
    from PIL import Image

AT_ONCE = 32  # pictures in a batch


class Encoder(Protocol):
    """A frozen function of pictures; `name` is what `encoder` finds it by again."""

    name: str

    def encode(self, images: list[Image.Image]) -> np.ndarray:
        """RGB pictures -> (n, d) floats."""
        ...


@cache
def encoder(name: str = Handmade.name) -> Encoder:
    """`handmade`, or a model of the hub or a folder. BadInput for one that cannot be loaded or takes no pictures."""
    return Handmade() if name == Handmade.name else Vision(name)


class Vision:
    """A vision model of transformers: the features it compares with texts where it has such (CLIP, SigLIP), else the
    mean of its last hidden states, since not every checkpoint has trained weights for a pooler."""

    def __init__(self, name: str) -> None:
        try:
            import torch
            from transformers import AutoImageProcessor, AutoModel
        except ImportError as error:
            remedy = "pip install 'lingshu-rlvr[cpu]', or take the encoder handmade"
            raise BadInput([f"the encoder {name} needs torch and transformers: {remedy}"]) from error
        self.name = name
        self._device = "cuda" if torch.cuda.is_available() else "cpu"
        try:
            self._processor: Any = AutoImageProcessor.from_pretrained(name)
            self._model: Any = AutoModel.from_pretrained(name, dtype=torch.float32).eval().to(self._device)
        except (OSError, ValueError, KeyError) as error:
            reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
            wanted = "name a vision model that transformers loads, or the encoder handmade"
            raise BadInput([f"the encoder {name} cannot be loaded ({reason}); {wanted}"]) from error

    def encode(self, images: list[Image.Image]) -> np.ndarray:
        """(n, d) float64."""
        return np.concatenate([self._batch(images[at : at + AT_ONCE]) for at in range(0, len(images), AT_ONCE)])

    def _batch(self, images: list[Image.Image]) -> np.ndarray:
        import torch

        pixels = self._processor(images=images, return_tensors="pt")["pixel_values"].to(self._device)
        with torch.inference_mode():
            if hasattr(self._model, "get_image_features"):
                found = self._model.get_image_features(pixel_values=pixels)
                found = getattr(found, "pooler_output", found)  # transformers 5 gives both; 4 gave the features alone
            else:
                hidden = self._model(pixel_values=pixels).last_hidden_state  # (n, tokens, d) or (n, d, rows, columns)
                found = hidden.mean(1) if hidden.ndim == 3 else hidden.mean((2, 3))
        return found.double().cpu().numpy()
