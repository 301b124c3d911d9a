"""The index's answer: searches as an application makes them, timed."""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from weaviate.proto.v1 import base_pb2, base_search_pb2, search_get_pb2

from hirag_jobs.measure.exact import Queries
from hirag_jobs.measure.subject import Subject
from hirag_jobs.objects.channel import ObjectChannel
from hirag_jobs.objects.pages import identity

_AGAIN_SECONDS = (0.0, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64)
"""Pauses before a short answer is asked for once more: a writer that does not pause may shorten one in ten."""


@dataclass(frozen=True)
class Pace:
    """How searches are made.

    Args:
        warm_up: searches before those that count.
        rounds: how often each query is timed.
        concurrency: searches at a time.
    """

    warm_up: int
    rounds: int
    concurrency: int


@dataclass(frozen=True)
class Answers:
    """What searches found, and how long they took.

    Args:
        found: for each query the ids of its k nearest, its own object left out.
        client_milliseconds: of each search, from request to answer, one that had to be asked again included.
        server_milliseconds: of each search, by the server's own clock.
    """

    found: list[list[int]]
    client_milliseconds: list[float]
    server_milliseconds: list[float]


@dataclass(frozen=True)
class _Answer:
    found: list[int]
    client: float
    server: float


def search(channel: ObjectChannel, subject: Subject, queries: Queries, k: int, pace: Pace) -> Answers:
    """Searches for all queries, properties left out.

    A query whose own object is in the collection asks for one more, in place of that one. A short answer is asked
    for again, untimed: Weaviate leaves out what is replaced between its look at the index and that at its store. It
    stays short where there are not more objects, or an index does not lead to them.

    Args:
        channel: to the server.
        subject: the index.
        queries: what is searched for.
        k: neighbours.
        pace: how.
    """

    def ask(row: int) -> _Answer:
        own = queries.own[row]
        limit = k if own is None else k + 1
        request = _request(subject, queries.vectors[row], limit)
        began = time.perf_counter()
        reply = channel.search(request)
        seconds = time.perf_counter() - began
        found = [one for one in map(identity, reply.results) if one != own]
        return _Answer(found[:k], seconds * 1000, reply.took * 1000)

    rows = range(len(queries.own))
    threads = ThreadPoolExecutor(pace.concurrency)
    try:
        list(threads.map(ask, _cycled(rows, pace.warm_up)))
        answers = list(threads.map(ask, [*rows] * pace.rounds))
        found = [answer.found for answer in answers[: len(rows)]]
        for seconds in _AGAIN_SECONDS:
            if short := [row for row in rows if len(found[row]) < k]:
                time.sleep(seconds)
                for row, answer in zip(short, threads.map(ask, short), strict=True):
                    found[row] = answer.found
    finally:
        threads.shutdown(cancel_futures=True)  # after an error or an interruption nothing more is asked
    return Answers(
        found=found,
        client_milliseconds=[answer.client for answer in answers],
        server_milliseconds=[answer.server for answer in answers],
    )


def _request(subject: Subject, vector: NDArray[np.float32], limit: int) -> search_get_pb2.SearchRequest:
    request = subject.part.request(search_get_pb2.MetadataRequest(uuid=True), properties=False)
    request.limit = limit
    packed = base_pb2.Vectors(
        vector_bytes=vector.astype("<f4").tobytes(), type=base_pb2.Vectors.VECTOR_TYPE_SINGLE_FP32
    )
    near = base_search_pb2.NearVector(vectors=[packed])
    if subject.vector is not None:
        near.targets.CopyFrom(base_search_pb2.Targets(target_vectors=[subject.vector]))
    request.near_vector.CopyFrom(near)
    return request


def _cycled(rows: Sequence[int], count: int) -> list[int]:
    return [rows[turn % len(rows)] for turn in range(count)]
