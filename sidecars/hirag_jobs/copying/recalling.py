"""How well a target's index finds what it should, before anybody searches there."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hirag_jobs.measure.exact import ExactAnswer
from hirag_jobs.measure.recall import recall
from hirag_jobs.measure.sampling import NoVectorsError, sample
from hirag_jobs.measure.scanning import scan
from hirag_jobs.measure.searching import Pace, search
from hirag_jobs.measure.subject import Subject, subject_of
from hirag_jobs.objects.channel import ObjectChannel
from hirag_jobs.target import Target
from hirag_kit.errors import ConfigurationError

_SEED = 0
_DIGITS = 6
_ONCE = Pace(warm_up=0, rounds=1, concurrency=1)


@dataclass(frozen=True)
class Recalled:
    """What measuring came to.

    Attributes:
        recall: mean recall@k; of several vectors that of the worst; None where nothing could be measured.
        queries: searches that it is of.
        searched: the types of the indexes, or why there is no recall.
    """

    recall: float | None
    queries: int
    searched: str


def measure_recall(
    channel: ObjectChannel, schema: Mapping[str, Any], tenant: str | None, size: int, k: int
) -> Recalled:
    """Compares what the index of each vector finds with the exact answer; reads all vectors once.

    Args:
        channel: to the Weaviate.
        schema: the class as `GET /v1/schema/{class}` gives it.
        tenant: whose index is measured; None in a collection without tenants.
        size: how many objects' vectors are the queries, each vector apart.
        k: neighbours.
    """
    try:
        subjects = list(_subjects(schema, tenant))
        found = [(subject, *_measured(channel, subject, size, k)) for subject in subjects]
    except ConfigurationError as error:
        return Recalled(None, 0, error.message)
    if not found:
        return Recalled(None, 0, f"{schema['class']} has no vectors")
    return Recalled(
        min(mean for _, mean, _ in found),
        sum(queries for _, _, queries in found),
        ", ".join(_name(subject, subjects) for subject in subjects),
    )


def _subjects(schema: Mapping[str, Any], tenant: str | None) -> Iterator[Subject]:
    target = Target(schema["class"], schema["class"], schema, tenant)
    return (subject_of(target, name) for name in sorted(schema.get("vectorConfig") or {}) or [None])


def _measured(channel: ObjectChannel, subject: Subject, size: int, k: int) -> tuple[float, int]:
    """Mean recall and the number of queries; 1 of none where there are no two vectors, so no neighbours to miss."""
    try:
        queries = sample(channel, subject, size, _SEED)
    except NoVectorsError:
        return 1.0, 0
    exact = ExactAnswer(subject.distance, queries, search(channel, subject, queries, k, _ONCE).found, k)
    for page in scan(channel, subject, queries.dimensions):
        exact.take(page.ids, page.vectors)
    truth = exact.truth()
    if truth.neighbours.min() == 0:
        return 1.0, 0
    mean = recall(truth.hits().tolist(), truth.neighbours.tolist()).mean
    return round(mean, _DIGITS), len(queries.own)


def _name(subject: Subject, subjects: Sequence[Subject]) -> str:
    return subject.index_type if len(subjects) == 1 else f"{subject.vector}: {subject.index_type}"
