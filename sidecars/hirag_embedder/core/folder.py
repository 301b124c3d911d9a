"""A Hugging Face model folder: what is in it, and the checksums that pin it."""

import hashlib
import json
from functools import cached_property
from pathlib import Path
from typing import Any

from hirag_embedder.core.spec import Pooling
from hirag_kit.errors import ConfigurationError

_ONNX_PLACES = ("model.onnx", "onnx/model.onnx")


class ModelFolder:
    """Reads a model folder in the layout of Hugging Face and sentence-transformers.

    Args:
        path: the folder that holds config.json.

    Raises:
        ConfigurationError: when a file that every model needs is missing.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        if not path.is_dir():
            raise ConfigurationError(f"the model folder {path} does not exist or is not a folder")
        for name in ("config.json", "tokenizer.json"):
            if not (path / name).is_file():
                raise ConfigurationError(f"the model folder {path} has no {name}")
        if self.onnx is None and not self.safetensors.is_file():
            raise ConfigurationError(f"the model folder {path} has neither model.safetensors nor model.onnx")

    @property
    def onnx(self) -> Path | None:
        """An ONNX file that came with the model, if any: it is used as it is."""
        return next((self.path / place for place in _ONNX_PLACES if (self.path / place).is_file()), None)

    @property
    def safetensors(self) -> Path:
        """The weights that are exported where no ONNX file came along."""
        return self.path / "model.safetensors"

    @property
    def tokenizer(self) -> Path:
        """The tokenizer, in the format of the `tokenizers` library."""
        return self.path / "tokenizer.json"

    @cached_property
    def config(self) -> dict[str, Any]:
        """The model's configuration (config.json)."""
        return self._json("config.json")

    @property
    def max_positions(self) -> int | None:
        """The most tokens that the model can place, if its configuration tells."""
        value = self.config.get("max_position_embeddings")
        return value if isinstance(value, int) else None

    @property
    def max_tokens(self) -> int | None:
        """The most tokens that the model was made for (sentence_bert_config.json), else `max_positions`."""
        value = self._optional("sentence_bert_config.json").get("max_seq_length")
        return value if isinstance(value, int) else self.max_positions

    @property
    def pooling(self) -> Pooling | None:
        """The pooling that the model was trained with (1_Pooling/config.json), if told and known here.

        Raises:
            ConfigurationError: when the folder asks for a pooling that this server does not have.
        """
        asked = [key for key, on in self._optional("1_Pooling/config.json").items() if on is True and "pooling" in key]
        known: dict[str, Pooling] = {
            "pooling_mode_mean_tokens": "mean",
            "pooling_mode_cls_token": "cls",
            "pooling_mode_lasttoken": "lastToken",
        }
        if not asked:
            return None
        if len(asked) > 1 or asked[0] not in known:
            raise ConfigurationError(f"{self.path}/1_Pooling asks for {', '.join(asked)}; known are {', '.join(known)}")
        return known[asked[0]]

    @cached_property
    def weights_sha256(self) -> str:
        """SHA-256 of the file that the vectors come from: the ONNX file where there is one, else the safetensors."""
        return sha256_of(self.onnx or self.safetensors)

    @cached_property
    def tokenizer_sha256(self) -> str:
        """SHA-256 of tokenizer.json."""
        return sha256_of(self.tokenizer)

    def _json(self, name: str) -> dict[str, Any]:
        try:
            content = json.loads((self.path / name).read_text("utf-8"))
        except ValueError as error:
            raise ConfigurationError(f"{self.path / name} is not JSON: {error}") from error
        if not isinstance(content, dict):
            raise ConfigurationError(f"{self.path / name} must hold a JSON object")
        return content

    def _optional(self, name: str) -> dict[str, Any]:
        return self._json(name) if (self.path / name).is_file() else {}


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, hexadecimal, read in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
