"""Writes that Weaviate dates long before it stores them, for a model takes its time, are carried all the same."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from threading import Event
from typing import Any
from uuid import UUID

import httpx
import pytest

from e2e.cluster.weaviate import WeaviateServer
from hirag_jobs.copying.carried import LANDING_MS
from hirag_jobs.copying.passes import Way, backfill
from hirag_jobs.copying.rendering import Rendering
from hirag_jobs.copying.report import PartReport
from hirag_jobs.copying.retrospect import Retrospect
from hirag_jobs.copying.tail import MARGIN_MS, Tail
from hirag_jobs.objects.channel import ObjectChannel
from hirag_jobs.objects.part import Part
from hirag_jobs.rest import Rest
from tests.operator.adapters.answering import Answer, Asked, answering
from tests.sidecars.hirag_jobs.passages import make_collection

ONE = UUID(int=1)


@dataclass
class Slow:
    """A copy of a collection whose vectorizer takes as long as is wished.

    Args:
        rest: Weaviate's REST API.
        source: the collection's name.
        tail: follows it into another.
        asked: set when the vectorizer has a text.
        answer: to be set for it to answer.
    """

    rest: httpx.Client
    source: str
    tail: Tail
    asked: Event
    answer: Event

    def update(self, threads: ThreadPoolExecutor) -> "Future[httpx.Response]":
        """Begins to replace the object; Weaviate has dated that when this returns, and not stored it."""
        self.answer.clear()
        self.asked.clear()
        under_way = threads.submit(self.put, "new")
        assert self.asked.wait(30)
        return under_way

    def put(self, text: str) -> httpx.Response:
        body = {"class": self.source, "id": str(ONE), "properties": {"text": text}}
        return self.rest.put(f"/v1/objects/{self.source}/{ONE}", json=body)

    def pass_by(self) -> None:
        """Carries what changed, as of so much later that nobody looks for the update any more."""
        self.tail.carry(self.tail.rest.now() + 2 * MARGIN_MS)

    def held(self) -> str:
        """The text of the object on the target."""
        target = self.tail.way.target.collection
        return str(self.rest.get(f"/v1/objects/{target}/{ONE}").raise_for_status().json()["properties"]["text"])


@pytest.fixture
def slow(weaviate_server: WeaviateServer, channel: ObjectChannel) -> Iterator[Slow]:
    asked, answer = Event(), Event()
    answer.set()

    def vectorize(request: Asked) -> Answer:
        asked.set()
        answer.wait(60)
        return Answer(body={"vector": [float(len(json.loads(request.body)["text"])), 1.0]})

    with ExitStack() as stack:
        vectorizer = stack.enter_context(answering())
        vectorizer.answers = {"/vectors": vectorize, "/vectors/": vectorize}
        source, target = (
            stack.enter_context(make_collection(weaviate_server, vectorizer.url)) for _ in ("source", "target")
        )
        rest = stack.enter_context(Rest(weaviate_server.http_url, None))
        schemas = [rest.schema(one.name) or {} for one in (source, target)]
        way = Way(channel, Part.of_class(schemas[0]), Rendering(Part.of_class(schemas[1]), ()))
        tail = Tail(way, rest, PartReport(tenant=None), rest.now(), filtered=True)
        way.carried.begin(rest.now())
        one = Slow(source.rest, source.name, tail, asked, answer)
        one.rest.post("/v1/objects", json={"class": source.name, "id": str(ONE), "properties": {"text": "old"}})
        list(backfill(way))
        tail.look_back()
        yield one


def before_the_freeze(slow: Slow) -> None:
    """What follows looks back now and then."""
    slow.tail.keep_up()


def in_the_freeze(slow: Slow) -> None:
    """It was quick the last time."""
    slow.tail.retrospect.seconds = 0.0
    slow.tail.seal(1_000)


def behind_the_swap(slow: Slow) -> None:
    """It was slow."""
    slow.tail.retrospect.seconds = 1.0
    slow.tail.seal(1_000)
    assert slow.held() == "old"
    slow.tail.close(slow.tail.rest.now() + 1_000)


@pytest.mark.parametrize("moment", [before_the_freeze, in_the_freeze, behind_the_swap])
def test_what_lands_long_after_its_date_is_carried(slow: Slow, moment: Callable[[Slow], Any]) -> None:
    with ThreadPoolExecutor(1) as threads:
        under_way = slow.update(threads)
        slow.pass_by()
        slow.answer.set()
        assert under_way.result().is_success
    slow.tail.carry()
    assert slow.held() == "old", "nobody looks for it"
    moment(slow)
    assert slow.held() == "new"


def test_what_was_carried_is_not_carried_again(slow: Slow) -> None:
    slow.put("new")
    slow.tail.carry()
    before = slow.tail.report.caught_up
    slow.tail.look_back()
    assert slow.tail.report.caught_up == before


def test_looking_back_goes_on_where_it_ended_until_all_was_seen(slow: Slow) -> None:
    back = Retrospect(slow.tail.way, slow.tail.rest, filtered=True)
    rounds = 0
    while back.seconds is None:
        back.go_on(0)
        rounds += 1
    assert rounds > 1
    assert slow.tail.way.carried.kept_from <= slow.tail.rest.now() - LANDING_MS
