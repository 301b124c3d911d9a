"""Weights by name, out of a safetensors file."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file

from hirag_kit.errors import ConfigurationError

# Checkpoints that were saved with a task's head keep the encoder one level down; old ones name LayerNorm otherwise.
_WRAPPERS = ("bert.", "model.")
_OLD_NAMES = {"LayerNorm.gamma": "LayerNorm.weight", "LayerNorm.beta": "LayerNorm.bias"}


class Weights:
    """The tensors of a model, read as 32-bit floats.

    Args:
        tensors: by full name.
        prefix: what stands before the names that are asked for.
    """

    def __init__(self, tensors: dict[str, NDArray[np.generic]], prefix: str = "") -> None:
        self._tensors = tensors
        self.prefix = prefix

    @classmethod
    def read(cls, path: Path) -> "Weights":
        """Reads a safetensors file.

        Raises:
            ConfigurationError: when the file is damaged or holds number formats that numpy does not have.
        """
        try:
            tensors = load_file(path)
        except (SafetensorError, OSError, KeyError) as error:
            raise ConfigurationError(f"{path} cannot be read as safetensors: {error}") from error
        return cls({_today(name): values for name, values in tensors.items()})

    def below(self, name: str) -> "Weights":
        """The weights of one part."""
        return Weights(self._tensors, f"{self.prefix}{name}.")

    def __getitem__(self, name: str) -> NDArray[np.float32]:
        full = self.prefix + name
        if full not in self._tensors:
            raise ConfigurationError(f"the weights hold no {full}: this is not a BERT encoder, or the file is cut")
        return self._tensors[full].astype(np.float32, copy=False)


def _today(name: str) -> str:
    for wrapper in _WRAPPERS:
        name = name.removeprefix(wrapper)
    for old, new in _OLD_NAMES.items():
        name = name.replace(old, new)
    return name
