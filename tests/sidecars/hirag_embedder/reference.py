"""BERT once more, written down from the paper in numpy at double precision: what the embedder is measured against.

It shares nothing with the exporter: no graph, no batches, no padding, no mask; one text at a time.
"""

import json
import math
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file
from tokenizers import Tokenizer

Array = NDArray[np.float64]


class ReferenceBert:
    def __init__(self, folder: Path, max_tokens: int) -> None:
        config = json.loads((folder / "config.json").read_text("utf-8"))
        self._heads: int = config["num_attention_heads"]
        self._layers: int = config["num_hidden_layers"]
        self._epsilon: float = config["layer_norm_eps"]
        self._weights = {
            name: values.astype(np.float64) for name, values in load_file(folder / "model.safetensors").items()
        }
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(max_tokens)

    def embed(self, text: str, pooling: str = "mean") -> Array:
        hidden = self.hidden_states(self._tokenizer.encode(text).ids)
        vector: Array = {"mean": hidden.mean(axis=0), "cls": hidden[0], "lastToken": hidden[-1]}[pooling]
        scaled: Array = vector / np.linalg.norm(vector)
        return scaled

    def hidden_states(self, ids: list[int]) -> Array:
        table = "embeddings."
        hidden = (
            self._weights[table + "word_embeddings.weight"][ids]
            + self._weights[table + "position_embeddings.weight"][: len(ids)]
            + self._weights[table + "token_type_embeddings.weight"][0]
        )
        hidden = self._norm(hidden, table + "LayerNorm")
        for layer in range(self._layers):
            part = f"encoder.layer.{layer}."
            attended = self._linear(self._attend(hidden, part + "attention.self."), part + "attention.output.dense")
            hidden = self._norm(hidden + attended, part + "attention.output.LayerNorm")
            inner = self._linear(hidden, part + "intermediate.dense")
            inner = inner * 0.5 * (1 + np.vectorize(math.erf)(inner / math.sqrt(2)))
            hidden = self._norm(hidden + self._linear(inner, part + "output.dense"), part + "output.LayerNorm")
        return hidden

    def _attend(self, hidden: Array, part: str) -> Array:
        query, key, value = (
            np.split(self._linear(hidden, part + name), self._heads, axis=1) for name in ("query", "key", "value")
        )
        mixed = []
        for q, k, v in zip(query, key, value, strict=True):
            scores = np.exp(q @ k.T / math.sqrt(q.shape[1]))
            mixed.append(scores / scores.sum(axis=1, keepdims=True) @ v)
        return np.concatenate(mixed, axis=1)

    def _linear(self, hidden: Array, name: str) -> Array:
        product: Array = np.einsum("ti,oi->to", hidden, self._weights[name + ".weight"], optimize=True)
        return product + self._weights[name + ".bias"]

    def _norm(self, hidden: Array, name: str) -> Array:
        centred = hidden - hidden.mean(axis=1, keepdims=True)
        scaled = centred / np.sqrt((centred**2).mean(axis=1, keepdims=True) + self._epsilon)
        normed: Array = scaled * self._weights[name + ".weight"] + self._weights[name + ".bias"]
        return normed
