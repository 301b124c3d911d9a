"""A model folder whose weights somebody changed: the same names and lengths, other vectors."""

import json
import struct
from pathlib import Path

LAYER = "embeddings.LayerNorm.weight"


def tampered_copy(model: Path, to: Path) -> Path:
    """Make a copy of a model folder whose first layer has every other weight at zero; the other files are links."""
    to.mkdir()
    for file in model.iterdir():
        if file.name != "model.safetensors":
            (to / file.name).symlink_to(file)
    (to / "model.safetensors").write_bytes(_tampered((model / "model.safetensors").read_bytes()))
    return to


def _tampered(safetensors: bytes) -> bytes:
    """Layout: 8 bytes of length, a JSON header of that length, the tensors (https://github.com/huggingface/safetensors)."""
    (length,) = struct.unpack_from("<Q", safetensors)
    start = 8 + length
    first, last = json.loads(safetensors[8:start])[LAYER]["data_offsets"]
    weights = list(struct.unpack(f"<{(last - first) // 4}f", safetensors[start + first : start + last]))
    weights[::2] = [0.0] * len(weights[::2])
    packed = struct.pack(f"<{len(weights)}f", *weights)
    return safetensors[: start + first] + packed + safetensors[start + last :]
