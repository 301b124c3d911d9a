"""Writers and readers of a collection behind an alias, and a ledger of every write that Weaviate acknowledged.

Each writer has ids of its own, so the ledger is exact: an object is as its last acknowledged write left it, or gone.
A write that is refused because a shard is read-only is tried again, as docs/copying.md asks of writers; and so is one
without an answer, for nobody knows whether it was taken: the client's pool may close a connection as idle in the very
moment in which another thread is given it. Objects are replaced without Weaviate's client, which does not look at what
it is answered: before 1.38 Weaviate says 200 and nothing else where it has failed in the middle of a PUT, as it does
when the alias is moved between its two looks at it.
"""

import random
import statistics
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from types import SimpleNamespace, TracebackType
from typing import Any, Self
from uuid import UUID

import httpx
from weaviate.exceptions import WeaviateBaseError

from hirag_jobs.connection import connect

INSERT, UPDATE, DELETE = 0.60, 0.25, 0.15
_WRITERS, _READERS = 4, 2
_AGAIN_SECONDS = 0.01  # before a write that was refused is tried again
_SPREADING = 0x9E3779B97F4A7C15F39CC0605CEDC835  # odd, so no two are the same: ids lie in all shards and ranges
_MOST_HITS = 10


@dataclass
class Ledger:
    """What was acknowledged: id → number of the write that the object is to show, or None where it is to be gone."""

    objects: dict[UUID, int | None] = field(default_factory=dict)
    written: int = 0
    refused: int = 0
    troubles: list[str] = field(default_factory=list)


@dataclass
class Searches:
    """What readers saw: seconds of each search, and what was wrong."""

    seconds: list[float] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)


class Traffic:
    """Writes and searches for as long as the context; ledger and searches are whole when it has ended.

    Args:
        url: root of Weaviate's REST API.
        grpc: host and port of its gRPC API.
        alias: what is written and read through.
        tenant: the tenant, where there is one.
        dimensions: of vectors.
        rate: writes a second, in all.
    """

    def __init__(
        self,
        url: str,
        grpc: str,
        alias: str,
        tenant: str | None,
        dimensions: int,
        *,
        rate: float,
    ) -> None:
        self._url, self._grpc = url, grpc
        self._alias, self._tenant, self._dimensions = alias, tenant, dimensions
        self._pause = _WRITERS / rate
        self._over = threading.Event()
        self._ledgers = [Ledger() for _ in range(_WRITERS)]
        self.searches = [Searches() for _ in range(_READERS)]
        work: list[Callable[[], None]] = [
            *(_telling(partial(self._write, number, one), one.troubles) for number, one in enumerate(self._ledgers)),
            *(_telling(partial(self._search, number, one), one.troubles) for number, one in enumerate(self.searches)),
        ]
        self._threads = [
            threading.Thread(target=one, name=f"traffic-{number}", daemon=True) for number, one in enumerate(work)
        ]

    def __enter__(self) -> Self:
        self._client = connect(self._url, self._grpc, None)
        self._http = httpx.Client(base_url=f"{self._url}/v1", trust_env=False, timeout=60)
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()
        self._client.close()
        self._http.close()

    @property
    def ledger(self) -> Ledger:
        """All writers' ledgers as one."""
        whole = Ledger()
        for one in self._ledgers:
            whole.objects |= one.objects
            whole.written += one.written
            whole.refused += one.refused
            whole.troubles += one.troubles
        return whole

    @property
    def written(self) -> int:
        """Writes that were acknowledged until now."""
        return sum(one.written for one in self._ledgers)

    @property
    def searched(self) -> int:
        """Searches that were answered until now."""
        return sum(len(one.seconds) for one in self.searches)

    def p95(self, first: int, last: int) -> float:
        """The 95th percentile of searches from one number of answers to another, in seconds."""
        share = [slice(first // len(self.searches), last // len(self.searches)) for _ in self.searches]
        taken = [second for one, part in zip(self.searches, share, strict=True) for second in one.seconds[part]]
        return statistics.quantiles(taken, n=20)[-1]

    def _collection(self) -> Any:
        found = self._at(self._alias)
        return SimpleNamespace(data=self._data(self._alias), query=found.query)

    def _data(self, name: str) -> Any:
        """What writers do to a collection, by an alias or its own name."""
        data = self._at(name).data
        return SimpleNamespace(insert=data.insert, replace=partial(self._replace, name), delete_by_id=data.delete_by_id)

    def _at(self, name: str) -> Any:
        found = self._client.collections.use(name)
        return found.with_tenant(self._tenant) if self._tenant else found

    def _replace(self, name: str, *, uuid: UUID, properties: dict[str, Any], vector: list[float]) -> None:
        tenant = {"tenant": self._tenant} if self._tenant else {}
        body = {"class": name, "id": str(uuid), "properties": properties, "vector": vector, **tenant}
        answer = self._http.put(f"/objects/{name}/{uuid}", json=body)
        if not answer.is_success:
            raise WeaviateBaseError(answer.text)
        if not answer.content:
            raise httpx.RemoteProtocolError("200 without the object is no answer")

    def _write(self, writer: int, ledger: Ledger) -> None:
        chance = random.Random(writer)  # noqa: S311  the same writes in each run
        data = self._collection().data
        living: list[UUID] = []
        for number in range(1 << 60):
            due = time.monotonic() + self._pause
            what = chance.random()
            if what < INSERT or not living:
                one = UUID(int=((number * _WRITERS + writer + 1) * _SPREADING) % (1 << 128))
                self._until_taken(ledger, one, number, lambda: data.insert(**self._body(one, number)))  # noqa: B023
                living.append(one)
            elif what < INSERT + UPDATE:
                one = chance.choice(living)
                self._until_taken(ledger, one, number, lambda: data.replace(**self._body(one, number)))  # noqa: B023
            else:
                one = living.pop(chance.randrange(len(living)))
                self._until_taken(ledger, one, None, lambda: data.delete_by_id(one))  # noqa: B023
            if self._over.wait(max(0.0, due - time.monotonic())):
                return

    def _until_taken(self, ledger: Ledger, one: UUID, number: int | None, write: Callable[[], object]) -> None:
        while True:
            try:
                write()
            except WeaviateBaseError as error:
                if "read-only" not in str(error) and "already exists" not in str(error):
                    ledger.troubles.append(str(error))
                    return
                if "already exists" in str(error):
                    break  # it was taken, and its answer was lost
                ledger.refused += 1
                time.sleep(_AGAIN_SECONDS)
            except httpx.TransportError:
                time.sleep(_AGAIN_SECONDS)
            else:
                break
        ledger.objects[one] = number
        ledger.written += 1

    def _body(self, one: UUID, number: int) -> dict[str, Any]:
        return {"uuid": one, "properties": {"text": "written", "chunkIndex": number}, "vector": self._vector(number)}

    def _vector(self, number: int) -> list[float]:
        chance = random.Random(number)  # noqa: S311  not for secrets
        return [chance.gauss(0, 1) for _ in range(self._dimensions)]

    def _search(self, reader: int, seen: Searches) -> None:
        query = self._collection().query
        while not self._over.wait(self._pause):
            began = time.monotonic()
            try:
                found = query.near_vector(self._vector(-reader - len(seen.seconds)), limit=_MOST_HITS).objects
            except WeaviateBaseError as error:
                seen.troubles.append(str(error))
                continue
            seen.seconds.append(time.monotonic() - began)
            if not found:
                seen.troubles.append("nothing was found")


def _telling(work: Callable[[], None], troubles: list[str]) -> Callable[[], None]:
    """The same work; what ends it before its time is noted, for a thread ends without a word to whoever began it."""

    def run() -> None:
        try:
            work()
        except Exception as error:
            troubles.append(repr(error))
            raise

    return run
