"""Chooses the exporter of a model, and keeps what it made."""

import hashlib
import json
import os
from pathlib import Path
from uuid import uuid4

import structlog

from hirag_embedder.core.export.bert import BertConfig, export_bert
from hirag_embedder.core.export.weights import Weights
from hirag_embedder.core.folder import ModelFolder, sha256_of
from hirag_embedder.core.spec import Precision

# Raise it whenever the graph changes: files made by another exporter are then made anew.
EXPORTER_VERSION = 2

_log = structlog.get_logger(__name__)


def export(folder: ModelFolder, precision: Precision = "fp32") -> bytes:
    """The folder's model as ONNX: input_ids and attention_mask [batch, sequence] to last_hidden_state.

    Args:
        folder: holds config.json and model.safetensors.
        precision: number format of weights and arithmetic, fp32 or fp16.

    Raises:
        ConfigurationError: when the model is of a kind that the exporter does not know.
    """
    config = BertConfig.read(folder.config)
    return export_bert(config, Weights.read(folder.safetensors), half=precision == "fp16")


def exported(folder: ModelFolder, cache: Path, precision: Precision = "fp32") -> Path:
    """The folder's model as an ONNX file in the cache, made there if it is not, and made anew if it is damaged."""
    target = cache / f"{cache_key(folder, precision)}.onnx"
    if target.is_file():
        if _checksum_file(target).is_file() and _checksum_file(target).read_text("utf-8") == sha256_of(target):
            return target
        _log.warning("the cached export is damaged and is made anew", file=str(target))
    content = export(folder, precision)
    write_atomically(target, content)
    write_atomically(_checksum_file(target), hashlib.sha256(content).hexdigest().encode())
    return target


def cache_key(folder: ModelFolder, precision: Precision = "fp32") -> str:
    """What an export depends on, as one name: weights, configuration, precision, exporter."""
    parts = [folder.weights_sha256, json.dumps(folder.config, sort_keys=True), precision, str(EXPORTER_VERSION)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def write_atomically(target: Path, content: bytes) -> None:
    """Writes a file so that no reader ever sees half of it, even when several processes write the same one."""
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.{uuid4().hex}")
    try:
        with partial.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)


def _checksum_file(target: Path) -> Path:
    return target.with_suffix(".sha256")
