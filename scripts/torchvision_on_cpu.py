"""Let PyPI's torchvision (built for CUDA) import beside a CPU build of torch.

Its binary operators cannot be loaded there, and `import torchvision` then dies on the missing
schema of `torchvision::nms`, and with it transformers' image processors and vLLM's inspection of
model classes, which runs in a child process. Declaring the schemas is enough: resizing and
normalising are plain torch. `scripts/setup_env.py` puts this file into the environment together
with a `.pth` line that imports it in every process; it costs nothing until torchvision is imported.
"""

import importlib.abc
import importlib.machinery
import importlib.util
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import Any

SCHEMAS = (
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
)
_keep_alive: list[Any] = []  # a Library that is collected takes its schemas with it


class _SchemasFirst(importlib.abc.MetaPathFinder):
    """Declares the schemas when torchvision is first asked for, then steps out of the way."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name != "torchvision":
            return None
        sys.meta_path.remove(self)
        import torch

        if torch.version.cuda is None:
            library = torch.library.Library("torchvision", "FRAGMENT")
            for schema in SCHEMAS:
                library.define(schema)
            _keep_alive.append(library)
        return importlib.util.find_spec(name)


sys.meta_path.insert(0, _SchemasFirst())
