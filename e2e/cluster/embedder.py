"""The embedding server as a local process, with a real model."""

import sys
from pathlib import Path

from e2e.cluster.program import Program

MODEL_NAME = "sentence-transformers/all-MiniLM-L6-v2"
DIMENSIONS = 384
MAX_TOKENS = 256


class EmbedderServer(Program):
    """`hirag-embedder serve`; the OpenAI-compatible API is below `url`/v1.

    Args:
        model: Folder of all-MiniLM-L6-v2.
        cache: Folder that keeps the converted model, so that only the first start converts it.
        port: Where it listens; a free port when absent.
    """

    def __init__(self, model: Path, cache: Path, *, port: int | None = None) -> None:
        super().__init__("hirag-embedder", ready="/.well-known/ready", start_seconds=90.0, port=port)
        self._model = model
        self._cache = cache

    def _command(self) -> list[str | Path]:
        return [Path(sys.executable).with_name("hirag-embedder"), "serve"]

    def _environment(self, port: int) -> dict[str, str]:
        settings = {
            "MODEL_DIR": str(self._model),
            "MODEL_NAME": MODEL_NAME,
            "DIMENSIONS": str(DIMENSIONS),
            "MAX_TOKENS": str(MAX_TOKENS),
            "CACHE_DIR": str(self._cache),
            "HOST": "127.0.0.1",
            "PORT": str(port),
        }
        return {f"HIRAG_EMBEDDER_{name}": value for name, value in settings.items()}
