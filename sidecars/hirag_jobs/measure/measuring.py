"""One index measured: its answer, the true one, and what it takes."""

import time
from collections.abc import Iterable

import numpy as np
import structlog

from hirag_jobs.measure.exact import ExactAnswer, Queries, Truth
from hirag_jobs.measure.health import Health, await_indexed
from hirag_jobs.measure.latency import percentiles
from hirag_jobs.measure.memory import Memory, estimate
from hirag_jobs.measure.recall import recall
from hirag_jobs.measure.report import LatencyFigures, Measurement, RecallFigures
from hirag_jobs.measure.sampling import NoVectorsError, sample
from hirag_jobs.measure.scanning import Page, scan
from hirag_jobs.measure.searching import Answers, Pace, search
from hirag_jobs.measure.settings import MeasureSettings
from hirag_jobs.measure.standstill import standstill
from hirag_jobs.measure.subject import Subject
from hirag_jobs.objects.channel import ObjectChannel
from hirag_jobs.rest import Rest
from hirag_kit.errors import ConfigurationError

_DIGITS = 6


def measure(
    channel: ObjectChannel,
    rest: Rest,
    subject: Subject,
    settings: MeasureSettings,
    questions: Queries | None,
) -> Measurement:
    """Measures one index, reading only.

    Args:
        channel: to the server's gRPC API.
        rest: to its REST API.
        subject: the index.
        settings: how.
        questions: the queries; None draws a sample.

    Raises:
        HiragError: it cannot be measured.
    """
    queries = _queries(channel, subject, settings, questions)
    health = await_indexed(rest, subject, settings.await_queue)
    pace = Pace(settings.warm_up, settings.rounds, settings.concurrency)
    moment = standstill(rest)
    answers = search(channel, subject, queries, settings.k, pace)
    exact = ExactAnswer(subject.distance, queries, answers.found, settings.k)
    pages = scan(channel, subject, queries.dimensions)
    vectors, bare = _pass_over(pages, subject, exact, moment, settings.progress_seconds)
    truth = exact.truth()
    if vectors <= 1:
        raise NoVectorsError(f"{subject.part} holds a single vector: it has no neighbours to find")
    if truth.neighbours.max() == 0:
        raise NoVectorsError(f"{subject.part} was written anew as a whole while it was measured: measure it again")
    return Measurement(
        tenant=subject.part.tenant,
        objects=vectors + bare,
        vectors=vectors,
        without_vector=bare,
        dimensions=queries.dimensions,
        queries=int(np.count_nonzero(truth.neighbours)),
        recall=_recall(truth),
        vanished=sum(map(len, answers.found)) - truth.judged,
        latency=_latency(answers, settings.concurrency),
        health=health,
        memory=_memory(subject, vectors, queries.dimensions, health),
    )


def _queries(channel: ObjectChannel, subject: Subject, settings: MeasureSettings, questions: Queries | None) -> Queries:
    if questions is None:
        return sample(channel, subject, settings.sample_size, settings.seed)
    there = sample(channel, subject, 1, settings.seed).dimensions
    if questions.dimensions != there:
        raise ConfigurationError(
            f"the embedder gives {questions.dimensions} dimensions, but {subject.part} holds vectors of {there}: "
            "name the embedder of the collection's own model by --embedder-url"
        )
    return questions


def _pass_over(
    pages: Iterable[Page], subject: Subject, exact: ExactAnswer, moment: int, every_seconds: float
) -> tuple[int, int]:
    """Gives all vectors that were written before a moment to the exact answer; counts objects with one and without."""
    log = structlog.get_logger("hirag_jobs.measure")
    vectors = bare = 0
    said = time.monotonic()
    for page in pages:
        exact.take(*page.before(moment))
        vectors += len(page.ids)
        bare += page.bare
        if time.monotonic() - said >= every_seconds:
            said = time.monotonic()
            log.info("comparing", part=str(subject.part), vectors=vectors)
    return vectors, bare


def _recall(truth: Truth) -> RecallFigures:
    hits, neighbours = truth.hits().tolist(), truth.neighbours.tolist()
    found = recall(hits, neighbours)
    return RecallFigures(
        mean=round(found.mean, _DIGITS),
        lowest=round(found.lowest, _DIGITS),
        confidence_low=round(found.low, _DIGITS),
        confidence_high=round(found.high, _DIGITS),
        each=[round(hit / whole, _DIGITS) if whole else None for hit, whole in zip(hits, neighbours, strict=True)],
    )


def _latency(answers: Answers, concurrency: int) -> LatencyFigures:
    return LatencyFigures(
        searches=len(answers.client_milliseconds),
        concurrency=concurrency,
        server=percentiles(answers.server_milliseconds),
        client=percentiles(answers.client_milliseconds),
    )


def _memory(subject: Subject, vectors: int, dimensions: int, health: Health) -> Memory:
    return estimate(
        subject.index_type,
        subject.settings,
        vectors=vectors,
        dimensions=dimensions,
        shards=subject.shards,
        compressed=health.compressed,
    )
