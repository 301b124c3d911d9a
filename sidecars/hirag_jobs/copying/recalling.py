"""How well a target's index finds what it should, before anybody searches there."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from hirag_jobs.measure.exact import ExactAnswer, Queries, Truth
from hirag_jobs.measure.recall import recall
from hirag_jobs.measure.sampling import NoVectorsError, sample
from hirag_jobs.measure.scanning import scan
from hirag_jobs.measure.searching import Pace, search
from hirag_jobs.measure.standstill import standstill
from hirag_jobs.measure.subject import Subject, subject_of
from hirag_jobs.objects.channel import ObjectChannel
from hirag_jobs.rest import Rest
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
        golden: the same mean over questions of one's own; None where none were asked, or nothing could be measured.
        questions: how many were asked.
    """

    recall: float | None
    queries: int
    searched: str
    golden: float | None = None
    questions: int = 0


def measure_recall(
    channel: ObjectChannel,
    rest: Rest,
    schema: Mapping[str, Any],
    tenant: str | None,
    size: int,
    k: int,
    questions: Queries | None = None,
) -> Recalled:
    """Compares what the index of each vector finds with the exact answer; reads all vectors once.

    What is written meanwhile, by another share of the copy or by clients, is left out.

    Args:
        channel: to the Weaviate.
        rest: to the same.
        schema: the class as `GET /v1/schema/{class}` gives it.
        tenant: whose index is measured; None in a collection without tenants.
        size: how many objects' vectors are the queries, each vector apart.
        k: neighbours.
        questions: what is asked besides; None asks nothing.
    """
    try:
        subjects = list(_subjects(schema, tenant))
        found = [_Measuring(channel, rest, subject, k).run(size, questions) for subject in subjects]
    except ConfigurationError as error:
        return Recalled(None, 0, error.message)
    if not found:
        return Recalled(None, 0, f"{schema['class']} has no vectors")
    golden = [one.golden for one in found if one.golden is not None]
    return Recalled(
        min(one.recall for one in found),
        sum(one.queries for one in found),
        ", ".join(_name(subject, subjects) for subject in subjects),
        min(golden, default=None),
        len(questions.own) if questions is not None and golden else 0,
    )


def _subjects(schema: Mapping[str, Any], tenant: str | None) -> Iterator[Subject]:
    target = Target(schema["class"], schema["class"], schema, tenant)
    return (subject_of(target, name) for name in sorted(schema.get("vectorConfig") or {}) or [None])


@dataclass(frozen=True)
class _Measured:
    recall: float
    queries: int
    golden: float | None = None


@dataclass(frozen=True)
class _Measuring:
    channel: ObjectChannel
    rest: Rest
    subject: Subject
    k: int

    def run(self, size: int, questions: Queries | None) -> _Measured:
        """Mean recalls; 1 of no queries where there are no two vectors, so no neighbours to miss."""
        try:
            sampled = sample(self.channel, self.subject, size, _SEED)
        except NoVectorsError:
            return _Measured(1.0, 0)
        truth = self._truth(sampled if questions is None else _together(sampled, questions))
        first = len(sampled.own)
        mean, queries = _mean(truth, slice(first))
        return _Measured(mean, queries, None if questions is None else _mean(truth, slice(first, None))[0])

    def _truth(self, asked: Queries) -> Truth:
        moment = standstill(self.rest)
        found = search(self.channel, self.subject, asked, self.k, _ONCE).found
        exact = ExactAnswer(self.subject.distance, asked, found, self.k)
        for page in scan(self.channel, self.subject, asked.dimensions):
            exact.take(*page.before(moment))
        return exact.truth()


def _together(sampled: Queries, questions: Queries) -> Queries:
    if questions.dimensions != sampled.dimensions:
        raise ConfigurationError(
            f"questions are embedded with {questions.dimensions} dimensions, and vectors have {sampled.dimensions}"
        )
    return Queries(np.vstack((sampled.vectors, questions.vectors)), sampled.own + questions.own)


def _mean(truth: Truth, queries: slice) -> tuple[float, int]:
    """The mean recall of some queries, and how many of them have neighbours."""
    hits, neighbours = truth.hits()[queries], truth.neighbours[queries]
    judged = int(np.count_nonzero(neighbours))
    return (round(recall(hits.tolist(), neighbours.tolist()).mean, _DIGITS), judged) if judged else (1.0, 0)


def _name(subject: Subject, subjects: Sequence[Subject]) -> str:
    return subject.index_type if len(subjects) == 1 else f"{subject.vector}: {subject.index_type}"
