"""Everything that a run needs, opened and checked, so that what cannot end well does not begin."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from hirag_jobs.embedding import Embedder
from hirag_jobs.ingest.collection import Collection
from hirag_jobs.ingest.declared import OURS
from hirag_jobs.ingest.samevectors import SameVectors
from hirag_jobs.keys import read_key
from hirag_jobs.rest import Rest
from hirag_jobs.settings import IngestSettings
from hirag_jobs.target import Target, find_target
from hirag_kit.composition import Composition
from hirag_kit.errors import ConfigurationError

DEFAULT_LEVEL = "longTerm"
"""The level of a collection that carries no stamp of the operator."""
_PROBE = "probe"


@dataclass(frozen=True)
class Opened:
    """What a run works with."""

    target: Target
    level: str
    composition: Composition
    collection: Collection
    embedder: Embedder


@contextmanager
def opened(settings: IngestSettings) -> Iterator[Opened]:
    """Opens and checks the collection and the embedder; closes them in the end.

    Raises:
        ConfigurationError: a setting is wrong, or the collection and the embedder do not go together.
        HiragError: Weaviate or the embedder cannot be reached.
    """
    api_key = read_key(settings.api_key_file, "--api-key-file")
    target = find_target(settings.weaviate_http_url, api_key, settings.alias, settings.tenant)
    target.require(OURS)
    level = _level(target, settings)
    composition = Composition.of_class(target.schema)
    with (
        Rest(settings.weaviate_http_url, api_key) as rest,
        Embedder(
            settings.embedder_url,
            settings.model,
            api_key=read_key(settings.embedder_api_key_file, "--embedder-api-key-file"),
            dimensions=settings.dimensions,
        ) as embedder,
        Collection(
            target,
            settings.weaviate_http_url,
            settings.grpc,
            api_key,
            composition.vector_name,
            SameVectors(rest, target).require,
        ) as collection,
    ):
        _check_dimensions(target, collection, embedder, settings.dimensions)
        yield Opened(target, level, composition, collection, embedder)


def _level(target: Target, settings: IngestSettings) -> str:
    if settings.level and target.level and settings.level != target.level:
        raise ConfigurationError(
            f"alias {target.alias} holds level {target.level}: leave --level {settings.level} out or name another alias"
        )
    return settings.level or target.level or DEFAULT_LEVEL


def _check_dimensions(target: Target, collection: Collection, embedder: Embedder, asked: int | None) -> None:
    given = embedder.meta.dimensions if embedder.meta else len(embedder.embed([_PROBE])[0])
    if asked is not None and given != asked:
        raise ConfigurationError(f"the embedder gives {given} dimensions, not the {asked} of --dimensions")
    there = collection.dimensions()
    if there is not None and there != given:
        raise ConfigurationError(
            f"the embedder gives {given} dimensions, but alias {target.alias} holds vectors of {there}: "
            "name the embedder of the collection's own model by --embedder-url"
        )
