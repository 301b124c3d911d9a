"""An index is judged by what it could find: what is written while it is measured is no miss of its."""

import itertools
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from uuid import UUID

import httpx
import numpy as np

from e2e.cluster.namespace import eventually
from e2e.cluster.weaviate import WeaviateServer
from tests.sidecars.hirag_jobs.measure.vectors import Vectors, make_vectors, random_ids, random_vectors

COUNT, DIMENSIONS = 3_000, 8
AT_ONCE = 20


class Unrest:
    """Replaces objects by others of the same ids, inserts new ones between them, and deletes some, without a pause."""

    def __init__(self, made: Vectors, ids: list[str]) -> None:
        self._made, self._ids = made, ids
        self._over = threading.Event()
        self.turns = 0

    @contextmanager
    def going_on(self) -> Iterator[None]:
        with ThreadPoolExecutor(1) as thread:
            writing = thread.submit(self._write)
            try:
                eventually(lambda: self.turns, lambda count: count > 5)
                yield
            finally:
                self._over.set()
                writing.result()

    def _write(self) -> None:
        with httpx.Client(base_url=self._made.server.http_url, timeout=60) as rest:
            for turn in itertools.takewhile(lambda _: not self._over.is_set(), itertools.count(2)):
                at = AT_ONCE * turn % COUNT
                self._made.fill(random_vectors(AT_ONCE, DIMENSIONS, turn), self._ids[at : at + AT_ONCE])
                self._made.fill(random_vectors(AT_ONCE, DIMENSIONS, COUNT + turn), random_ids(AT_ONCE, turn))
                gone = self._ids[at + COUNT // 2 - COUNT]
                rest.delete(f"/v1/objects/{self._made.name}/{gone}").raise_for_status()
                self.turns += 1


def test_what_is_written_while_an_index_is_measured_is_no_miss(weaviate_server: WeaviateServer) -> None:
    with make_vectors(weaviate_server, "flat") as made:
        ids = [str(UUID(int=int(one))) for one in np.linspace(1, 2**62, COUNT)]
        made.fill(random_vectors(COUNT, DIMENSIONS), ids)
        unrest = Unrest(made, ids)
        with unrest.going_on():
            before = unrest.turns
            ran = made.measure("--sample-size", "300", "--k", "50")
            assert unrest.turns > before
    assert ran.status == 0, ran.said
    assert ran.only["vanished"] > 0
    assert (ran.only["recall"]["mean"], ran.only["recall"]["lowest"]) == (1.0, 1.0)
