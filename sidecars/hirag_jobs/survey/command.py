"""`hirag-jobs survey`: looks at a sample, measures, and tells. It writes nothing but a note, where it is to."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final

from hirag_jobs.copying.notes import Notes
from hirag_jobs.copying.rendering import Embedding, Rendering, texts_of
from hirag_jobs.copying.schemas import Json, has_tenants
from hirag_jobs.copying.tenants import AWAKE
from hirag_jobs.embedding import Embedder
from hirag_jobs.keys import read_key
from hirag_jobs.objects.channel import ObjectChannel
from hirag_jobs.objects.pages import count
from hirag_jobs.objects.part import Part
from hirag_jobs.objects.translation import batch_object
from hirag_jobs.rest import Rest
from hirag_jobs.survey.rates import WRITES_OF_READ, embedded_per_second, graph_of, insertions_per_second
from hirag_jobs.survey.report import Survey
from hirag_jobs.survey.sampling import Sample, sample
from hirag_jobs.survey.settings import SurveySettings
from hirag_kit.composition import Composition
from hirag_kit.errors import ConfigurationError, HiragError
from hirag_kit.tokens import token_counter

_TENANTS: Final = 20  # awake ones that are looked at


def run(settings: SurveySettings) -> int:
    """Surveys a collection, or one tenant of it.

    Returns:
        The exit status: 0.

    Raises:
        HiragError: it could not be surveyed; a note says so where one is asked for.
    """
    api_key = read_key(settings.api_key_file, "--api-key-file")
    with (
        Rest(settings.weaviate_http_url, api_key) as rest,
        ObjectChannel(settings.grpc, api_key, secure=settings.secure) as channel,
    ):
        try:
            found = _survey(settings, rest, channel)
        except HiragError as error:
            with suppress(HiragError):  # of a server that is away the program's own output tells
                _note(
                    settings,
                    rest,
                    channel,
                    Survey(source=_source(settings), vectors=settings.vectors, error=error.message),
                )
            raise
        _note(settings, rest, channel, found)
    print("\n".join(found.lines()), file=sys.stderr)  # noqa: T201  what a person at a terminal reads
    if settings.report is not None:
        settings.report.write_text(found.model_dump_json(indent=2) + "\n", encoding="utf-8")
    return 0


@dataclass(frozen=True)
class _Look:
    """What is measured: a sample of a collection, and the largest part that it is of."""

    settings: SurveySettings
    channel: ObjectChannel
    schema: Json
    part: Part
    objects: int
    sample: Sample


def _survey(settings: SurveySettings, rest: Rest, channel: ObjectChannel) -> Survey:
    schema = rest.schema(settings.source)
    if schema is None or schema["class"] != settings.source:
        raise ConfigurationError(f"Weaviate has no collection {settings.source}")
    parts, tenants = _parts(settings, rest, schema)
    counts = [count(channel, part) for part in parts]
    taken = sample(channel, parts, settings.sample)
    found = Survey(
        source=_source(settings),
        vectors=settings.vectors,
        tenants=len(parts) if tenants else 0,
        each=sum(counts) / len(parts) if tenants else 0.0,
        sampled=len(taken.objects),
        read_per_second=taken.read_per_second,
    )
    if not taken.objects:
        found.basis = "there is nothing to measure"
        return found
    composition = _composition(schema)
    _weigh(found, composition, taken)
    if not settings.pace:
        return found
    look = _Look(settings, channel, schema, parts[counts.index(max(counts))], max(counts), taken)
    found.per_second, found.basis = _pace(look, composition)
    return found


def _weigh(found: Survey, composition: Composition, taken: Sample) -> None:
    """Notes how many tokens and bytes objects have."""
    counter, nowhere = token_counter(), Part("")
    texts = [composition.text(texts_of(batch_object(one, nowhere))) for one in taken.objects]
    found.counter = counter.name
    found.tokens = sum(counter.count_batch(texts)) / len(texts)
    found.bytes = sum(one.properties.ByteSize() for one in taken.objects) / len(taken.objects)


def _pace(look: _Look, composition: Composition) -> tuple[float, str]:
    """Objects that can be carried a second, and by what that is known."""
    writing, basis = _writing(look)
    if look.settings.vectors == "copy":
        return writing, basis
    with _rendering(look.settings, look.part, composition) as rendering:
        embedding = embedded_per_second(rendering, look.sample.objects, look.settings.lanes)
    return min(embedding, writing or embedding), f"time by {look.settings.lanes} requests at once to the model"


def _writing(look: _Look) -> tuple[float, str]:
    """Objects that can be written a second, and by what that is known; 0 where it cannot be."""
    reading, candidates = look.sample.read_per_second, look.settings.ef_construction
    if not candidates:
        return WRITES_OF_READ * reading, "time by how fast objects are read"
    graph = graph_of(*_index(look.schema), look.objects)
    if graph is None:
        return 0.0, "time could not be measured: what serves is no graph to try insertions with"
    rate = insertions_per_second(look.channel, look.part, look.sample.objects, graph, candidates)
    if not rate:
        return 0.0, "time could not be measured: objects have no vectors"
    return min(rate, reading), "time by searches such as insertions make"


def _index(schema: Json) -> tuple[str, dict[str, Any]]:
    """Type and settings of the first vector's index."""
    named = sorted((schema.get("vectorConfig") or {}).items())
    one = named[0][1] if named else schema
    return str(one.get("vectorIndexType")), dict(one.get("vectorIndexConfig") or {})


def _parts(settings: SurveySettings, rest: Rest, schema: Json) -> tuple[list[Part], bool]:
    """What is looked at, and whether these are tenants out of several. None is woken for it."""
    if not has_tenants(schema):
        return [Part.of_class(schema)], False
    if settings.tenant:
        return [Part.of_class(schema, settings.tenant[0])], False
    awake = sorted(name for name, state in rest.tenants(settings.source).items() if state in AWAKE)
    if not awake:
        raise ConfigurationError("all tenants sleep, and none is woken for a survey")
    step = max(1, len(awake) // _TENANTS)
    return [Part.of_class(schema, name) for name in awake[::step][:_TENANTS]], True


def _composition(schema: Json) -> Composition:
    """Which text is embedded; where the class says it in a way that is not ours, our own properties."""
    try:
        return Composition.of_class(schema)
    except ConfigurationError:
        return Composition()


@contextmanager
def _rendering(settings: SurveySettings, part: Part, composition: Composition) -> Iterator[Rendering]:
    key = read_key(settings.embedder_api_key_file, "--embedder-api-key-file")
    with Embedder(settings.embedder_url, settings.model, api_key=key, dimensions=settings.dimensions) as embedder:
        yield Embedding(part, (), composition, embedder.embed)


def _note(settings: SurveySettings, rest: Rest, channel: ObjectChannel, found: Survey) -> None:
    if settings.target is None:
        return
    notes = Notes(rest, channel)
    notes.prepare()
    notes.survey(settings.target, found)


def _source(settings: SurveySettings) -> str:
    return "/".join((settings.source, *settings.tenant))
