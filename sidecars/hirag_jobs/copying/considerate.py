"""Writing no faster than those who search can bear: while objects are indexed, searches take longer.

Searches of our own are timed before the first write, and go on all the while. Where they take much longer than they
did, less is written at once, down to a few objects with short pauses between them; where there is room, more. It never
comes to a stop: what slows searches may be others' work, which no pause of ours would end.

A small part, as most tenants are, is written sooner than that is timed. All of them take turns, a few objects at once.
"""

import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, Self

import structlog
from weaviate.proto.v1 import batch_pb2

from hirag_jobs.copying.passes import Writer
from hirag_jobs.measure.exact import Queries
from hirag_jobs.measure.latency import percentile
from hirag_jobs.measure.sampling import NoVectorsError, sample
from hirag_jobs.measure.searching import Pace, search
from hirag_jobs.measure.subject import Subject, subject_of
from hirag_jobs.objects.channel import ObjectChannel
from hirag_jobs.objects.part import Part
from hirag_jobs.objects.writing import write
from hirag_jobs.target import Target
from hirag_kit.errors import HiragError

_QUERIES: Final = 40  # different ones, that none is answered from a cache alone
_NEIGHBOURS: Final = 10
_ONCE: Final = Pace(warm_up=0, rounds=1, concurrency=1)
_REMEMBERED: Final = 40  # searches by which it is judged: a 95th percentile of fewer is the slowest
_PROBE_SECONDS: Final = 0.05  # between two searches
_ADAPT_SECONDS: Final = 0.5  # between two changes: what a change does is seen only after some searches
_FLOOR_MS: Final = 2.0  # what is faster than this is taken for this: nobody feels the difference
_ROOM: Final = 0.8  # of the limit: below it there is room for more
_SLOWER, _FASTER = 3 / 4, 5 / 4
_FEWEST, _FIRST_SIZE, _MOST = 4, 16, 5_000
_GENTLE_PAGE: Final = 500  # objects, where it may take seconds to write a page: progress is told from page to page
_FIRST_PAUSE, _LONGEST_PAUSE = 0.002, 0.02
_SEED: Final = 1
_WORTH_TIMING: Final = 1_000  # objects: the searches that tell the quiet time take as long as writing some hundred


@dataclass
class Dose:
    """How much is written at once, and the pause behind it, in seconds."""

    size: int = _FIRST_SIZE
    pause: float = 0.0

    def adapt(self, slowdown: float, limit: float) -> None:
        """Write less where searches are slower by more than `limit` times, and more where there is room."""
        if slowdown > limit:
            if self.size > _FEWEST:
                self.size = max(_FEWEST, int(self.size * _SLOWER))
            else:
                self.pause = min(_LONGEST_PAUSE, max(_FIRST_PAUSE, self.pause * _FASTER))
        elif slowdown < limit * _ROOM:
            if self.pause:
                self.pause = self.pause * _SLOWER if self.pause > _FIRST_PAUSE else 0.0
            else:
                self.size = min(_MOST, max(self.size + 1, int(self.size * _FASTER)))


class Probe:
    """Searches now and then, and knows how much slower that is than it was; a context manager.

    Args:
        channel: to the Weaviate.
        subject: what is searched.
        queries: for what.
    """

    def __init__(self, channel: ObjectChannel, subject: Subject, queries: Queries) -> None:
        self._channel, self._subject, self._queries = channel, subject, queries
        self._turn = 0
        self._quiet = max(_FLOOR_MS, percentile([self._search() for _ in range(_REMEMBERED)], 95))
        self._recent: deque[float] = deque(maxlen=_REMEMBERED)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._go_on, name="probe", daemon=True)

    @property
    def slowdown(self) -> float:
        """How many times longer searches take than before the first write, by the 95th percentile."""
        recent = list(self._recent)
        return percentile(recent, 95) / self._quiet if recent else 1.0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _go_on(self) -> None:
        while not self._over.wait(_PROBE_SECONDS):
            try:
                self._recent.append(self._search())
            except HiragError as error:  # the writing itself tells of it where it lasts
                structlog.get_logger("hirag_jobs.migrate").warning("probe_failed", error=error.message)

    def _search(self) -> float:
        """Search once; return how long that took, in milliseconds."""
        row = self._turn % len(self._queries.own)
        self._turn += 1
        one = Queries(self._queries.vectors[row : row + 1], self._queries.own[row : row + 1])
        return search(self._channel, self._subject, one, _NEIGHBOURS, _ONCE).client_milliseconds[0]


class Considerate:
    """Writes pages in doses, one after the other; thread-safe.

    Args:
        probe: tells how searches are doing; where nobody does, a dose is what it is at first.
        limit: how many times longer they may take.
    """

    def __init__(self, probe: Probe | None = None, limit: float = 0.0) -> None:
        self._probe, self._limit = probe, limit
        self._dose = Dose()
        self._adapted_at = time.monotonic()
        self._one_at_a_time = threading.Lock()

    def write(self, channel: ObjectChannel, objects: Sequence[batch_pb2.BatchObject]) -> int:
        """Write objects as `objects.writing.write` does, in doses."""
        begin = 0
        while begin < len(objects):
            with self._one_at_a_time:
                dose = objects[begin : begin + self._dose.size]
                write(channel, dose)
                begin += len(dose)
                if self._dose.pause:
                    time.sleep(self._dose.pause)
                self._adapt()
        return len(objects)

    def _adapt(self) -> None:
        now = time.monotonic()
        if self._probe is not None and now - self._adapted_at >= _ADAPT_SECONDS:
            self._adapted_at = now
            self._dose.adapt(self._probe.slowdown, self._limit)


class Consideration:
    """How the parts of a run are written while others search them, so that it takes them `limit` times as long at most.

    Args:
        schema: the class of the parts that are searched.
        limit: how many times longer than before the first write; 0 for no limit.
    """

    def __init__(self, schema: Mapping[str, Any], limit: float = 0.0) -> None:
        self._schema, self._limit = schema, limit
        self._small = Considerate()

    def page(self, most: int) -> int:
        """The most objects of a page, of so many."""
        return min(most, _GENTLE_PAGE) if self._limit else most

    @contextmanager
    def of(self, channel: ObjectChannel, part: Part) -> Iterator[Writer]:
        """How to write while others search a part. Where it holds no vector there is nobody to consider."""
        if not self._limit:
            yield write
        elif channel.count(part.collection, part.tenant) < _WORTH_TIMING:
            yield self._small.write
        elif (probe := self._probe(channel, part)) is None:
            yield write
        else:
            with probe:
                yield Considerate(probe, self._limit).write

    def _probe(self, channel: ObjectChannel, part: Part) -> Probe | None:
        """Searches of a part; None where it holds no vector."""
        target = Target(part.collection, part.collection, self._schema, part.tenant)
        subject = subject_of(target, next(iter(part.vectors), None))
        try:
            queries = sample(channel, subject, _QUERIES, _SEED)
        except NoVectorsError:
            return None
        return Probe(channel, subject, queries)
