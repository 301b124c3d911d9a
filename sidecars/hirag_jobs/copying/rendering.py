"""What becomes of an object on its way: the same with its vectors, or the same with a vector of another model."""

from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from weaviate.proto.v1 import base_pb2, batch_pb2

from hirag_jobs.objects.pages import Result
from hirag_jobs.objects.part import Part
from hirag_jobs.objects.translation import batch_object
from hirag_kit.composition import Composition

Embed = Callable[[Sequence[str]], Sequence[Sequence[float]]]

EMBEDDED_AT_ONCE = 64
"""Objects of a page whose texts are embedded in one request."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TIMES = {"createdAt": "creation_time_unix", "updatedAt": "last_update_time_unix"}


@dataclass(frozen=True)
class Rendering:
    """Makes of a page what is written into the target.

    A copy gets new times of Weaviate's own. Where the target has our properties `createdAt` and `updatedAt` and an
    object has not, they take up the times that it had, so that retention goes on by them.

    Args:
        target: where objects are written.
        times: which of `createdAt` and `updatedAt` the target has.
    """

    target: Part
    times: tuple[str, ...] = ()

    def __call__(self, page: Sequence[Result]) -> list[batch_pb2.BatchObject]:
        """The objects of a page as they are to be written, vectors and all."""
        return [self.bare(result) for result in page]

    def into(self, tenant: str | None) -> Self:
        """The same for a tenant of the target."""
        return replace(self, target=self.target.of_tenant(tenant))

    def bare(self, result: Result) -> batch_pb2.BatchObject:
        """One object with the vectors that it has."""
        made = batch_object(result, self.target)
        values = made.properties.non_ref_properties.fields
        for name in self.times:
            if name not in values:
                values[name].string_value = rfc3339(getattr(result.metadata, _TIMES[name]))
        return made


@dataclass(frozen=True)
class Embedding(Rendering):
    """As its base, with vectors made anew.

    Args:
        composition: which text of an object is embedded, as the target's schema says.
        embed: makes a vector of each text, in their order.
    """

    composition: Composition = field(default_factory=Composition)
    embed: Embed = field(default=lambda texts: [[] for _ in texts])

    def __call__(self, page: Sequence[Result]) -> list[batch_pb2.BatchObject]:
        """The objects of a page with new vectors; one without text has none."""
        objects = [self.bare(result) for result in page]
        texts = [self.composition.text(texts_of(one)) for one in objects]
        with_text = [at for at, text in enumerate(texts) if text]
        vectors = self.embed([texts[at] for at in with_text]) if with_text else []
        for at, vector in zip(with_text, vectors, strict=True):
            self._give(objects[at], vector)
        return objects

    def bare(self, result: Result) -> batch_pb2.BatchObject:
        """One object without vectors."""
        made = super().bare(result)
        made.ClearField("vector_bytes")
        made.ClearField("vectors")
        return made

    def _give(self, one: batch_pb2.BatchObject, vector: Sequence[float]) -> None:
        packed = array("f", vector).tobytes()
        if self.composition.vector_name is None:
            one.vector_bytes = packed
        else:
            one.vectors.append(base_pb2.Vectors(name=self.composition.vector_name, vector_bytes=packed))


def times_of(schema: Mapping[str, Any]) -> tuple[str, ...]:
    """Which of our properties for times a class has."""
    dates = {one["name"] for one in schema.get("properties") or [] if one["dataType"] == ["date"]}
    return tuple(name for name in _TIMES if name in dates)


def rfc3339(milliseconds: int) -> str:
    """A moment as Weaviate writes it: UTC, and no zeros at the end of the fraction."""
    moment = _EPOCH + timedelta(milliseconds=milliseconds)
    fraction = f"{moment.microsecond // 1000:03}".rstrip("0")
    return f"{moment:%Y-%m-%dT%H:%M:%S}{'.' if fraction else ''}{fraction}Z"


def texts_of(one: batch_pb2.BatchObject) -> dict[str, Any]:
    """The texts of an object, by property: one or a list."""
    single = {
        name: value.string_value
        for name, value in one.properties.non_ref_properties.fields.items()
        if value.HasField("string_value")
    }
    return single | {many.prop_name: list(many.values) for many in one.properties.text_array_properties}
