"""Questions of one's own as queries, embedded as an application embeds what it searches for."""

from collections.abc import Iterator, Sequence

import numpy as np

from hirag_jobs.embedding import Embedder
from hirag_jobs.keys import read_key
from hirag_jobs.measure.exact import Queries
from hirag_jobs.measure.settings import MeasureSettings
from hirag_jobs.settings import EmbeddingSettings
from hirag_kit.errors import ConfigurationError

_AT_A_TIME = 64


def questions(settings: MeasureSettings) -> list[str]:
    """The questions of flags and file, in this order; empty where a sample is to be drawn.

    Raises:
        ConfigurationError: the file cannot be read, or has none.
    """
    return [*settings.query, *(_lines(settings) if settings.queries_file else ())]


def embedded(texts: Sequence[str], settings: EmbeddingSettings) -> tuple[Queries, str]:
    """Queries by the vectors of questions, and the name of the model that made them.

    Raises:
        HiragError: the embedding endpoint is not there, or refuses them.
    """
    key = read_key(settings.embedder_api_key_file, "--embedder-api-key-file")
    with Embedder(settings.embedder_url, settings.model, api_key=key, dimensions=settings.dimensions) as embedder:
        vectors = [
            vector
            for first in range(0, len(texts), _AT_A_TIME)
            for vector in embedder.embed(texts[first : first + _AT_A_TIME], "query")
        ]
        model = embedder.model
    return Queries(np.array(vectors, dtype=np.float32), (None,) * len(vectors)), model


def _lines(settings: MeasureSettings) -> Iterator[str]:
    file = settings.queries_file
    try:
        text = file.read_text(encoding="utf-8") if file else ""
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"--queries-file: {file} cannot be read as text") from error
    found = [line.strip() for line in text.splitlines() if line.strip()]
    if not found:
        raise ConfigurationError(f"--queries-file: {file} has no questions")
    yield from found
