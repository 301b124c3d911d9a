"""Nothing that changes a server reaches it through a closed fence, by whichever adapter; what reads does."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from kubernetes.client import Configuration

from hirag_operator.adapters.fence import LeaseFence
from hirag_operator.adapters.fencedclient import fenced_client
from hirag_operator.adapters.http import JsonServer
from hirag_operator.adapters.kubernetes import KubernetesAdapter
from hirag_operator.adapters.weaviate import WeaviateAdapter
from hirag_operator.adapters.weaviate.health import auto_schema
from hirag_operator.errors import NotLeading
from hirag_operator.plan.moves import (
    AllowWrites,
    AnnounceFreeze,
    AwaitSeals,
    BeginMigration,
    ClearNote,
    CompleteSwap,
    EndFreeze,
    ForgetMeasurements,
    FreezeWrites,
    Holder,
    MigrationStep,
    OpenAlias,
    SwapAlias,
)
from hirag_operator.plan.steps import (
    AddProperty,
    ApplyChild,
    CorrectChild,
    CreateAlias,
    CreateCollection,
    CreateTenants,
    DeleteAlias,
    DeleteChild,
    DeleteCollection,
    DeleteTenants,
    GiveKey,
    HandOverReplicas,
    HoldJob,
    KubernetesStep,
    MoveAlias,
    ResumeJob,
    SetTenantStates,
    UpdateCollection,
    WeaviateStep,
)
from tests.operator.adapters.answering import Answer, Answering, AnsweringServer
from tests.operator.handlers.desk import Clock

Json = dict[str, Any]

SEEN: Json = {"kind": "ConfigMap", "metadata": {"name": "m", "namespace": "n", "resourceVersion": "7"}}
SCHEMA: Json = {"class": "Docs", "classes": [], "aliases": [], "nodes": [], "version": "1.35.2", **SEEN}
EVENT: Json = {"kind": "Event", "metadata": {"name": "e", "namespace": "n"}}

COPY, NOTE = Holder("Docs2"), {"announced": "t", "token": "t"}
SHARD: Json = {"name": "s", "class": "Docs", "vectorIndexingStatus": "READONLY"}
FROZEN: dict[str, Any] = {  # what a Weaviate answers in the middle of a swap, by how the path begins
    "/v1/batch/objects": [],
    "/v1/schema": {"class": "Docs"},
    "/v1/nodes": {"nodes": [{"shards": [SHARD]}]},
    "/v1/aliases": {"alias": "docs", "class": "Docs2"},
    "/v1/objects": {"properties": {"said": '{"ready": "t", "sealed": "t"}'}, "lastUpdateTimeUnix": 1},
}

WEAVIATE_STEPS: list[WeaviateStep] = [
    CreateCollection({"class": "Docs"}),
    UpdateCollection("Docs", {"description": "new"}, ("description",)),
    AddProperty("Docs", {"name": "text"}),
    DeleteCollection("Docs"),
    CreateAlias("docs", "Docs"),
    MoveAlias("docs", "Docs"),
    DeleteAlias("docs"),
    CreateTenants("Docs", {"a": "ACTIVE"}),
    SetTenantStates("Docs", {"a": "INACTIVE"}),
    DeleteTenants("Docs", ("a",)),
    BeginMigration(COPY, NOTE),
    AnnounceFreeze(COPY, NOTE, 1, 1.0, 1.0),
    FreezeWrites(Holder("Docs")),
    AwaitSeals(COPY, NOTE, 1, 1.0),
    SwapAlias("docs", Holder("Docs"), COPY),
    CompleteSwap(COPY, NOTE),
    EndFreeze(COPY, NOTE),
    AllowWrites(Holder("Docs")),
    ClearNote(COPY, NOTE),
    OpenAlias("docs", Holder("Docs"), Holder("Docs3"), frozen=True),
    ForgetMeasurements("measurements of default/team-a/handbook/longTerm"),
]
KUBERNETES_CHANGES: dict[str, Callable[[KubernetesAdapter], object]] = {
    "apply": lambda adapter: adapter.apply(ApplyChild(SEEN)),
    "give a key": lambda adapter: adapter.apply(GiveKey(SEEN)),
    "put back": lambda adapter: adapter.apply(CorrectChild(SEEN, ("data",))),
    "hand over replicas": lambda adapter: adapter.apply(HandOverReplicas("n", "m", 2)),
    "hold a Job": lambda adapter: adapter.apply(HoldJob("n", "m")),
    "resume a Job": lambda adapter: adapter.apply(ResumeJob("n", "m")),
    "delete by a step": lambda adapter: adapter.apply(DeleteChild("ConfigMap", "n", "m")),
    "delete": lambda adapter: adapter.delete("ConfigMap", "n", "m"),
    "patch a status": lambda adapter: adapter.patch_status("EmbeddingModel", "n", "m", {"a": 1}),
    "set finalizers": lambda adapter: adapter.set_finalizers("EmbeddingModel", "n", "m", ["f"], "7"),
    "create": lambda adapter: adapter.create(EVENT),
}


def answers(step: WeaviateStep) -> Answering:
    """What a Weaviate answers to whoever carries out a step."""
    if not isinstance(step, MigrationStep):
        return Answer(200, SCHEMA)
    return lambda asked: Answer(200, next((one for path, one in FROZEN.items() if asked.path.startswith(path)), {}))


class Closing(LeaseFence):
    """A fence that lets steps begin, and closes before their bytes are sent: the process was stopped in between."""

    def __init__(self, clock: Clock, passes: int) -> None:
        super().__init__(clock=clock)
        self._clock, self._passes = clock, passes

    def check(self) -> None:
        if not self._passes:
            self._clock.now += 60
        self._passes -= 1
        super().check()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def closed(clock: Clock) -> LeaseFence:
    return LeaseFence(clock=clock)


def closing(clock: Clock, passes: int) -> Closing:
    fence = Closing(clock, passes)
    fence.hold(clock.now + 6)
    return fence


def weaviate(server: AnsweringServer, fence: LeaseFence) -> WeaviateAdapter:
    return WeaviateAdapter(JsonServer("Weaviate 'default'", server.url, fence=fence))


def kubernetes(server: AnsweringServer, fence: LeaseFence) -> KubernetesAdapter:
    client = fenced_client(Configuration(host=server.url), "test", fence)
    return KubernetesAdapter(client, field_manager="test", fence=fence)


def changes(server: AnsweringServer) -> list[str]:
    return [f"{one.method} {one.path}" for one in server.asked if one.method != "GET"]


@contextmanager
def refused(fence: LeaseFence) -> Iterator[None]:
    with fence.attempt(), pytest.raises(NotLeading):
        yield


@pytest.mark.parametrize("step", WEAVIATE_STEPS, ids=lambda step: type(step).__name__)
class TestNoStepReachesWeaviate:
    def test_while_the_fence_is_closed(self, server: AnsweringServer, closed: LeaseFence, step: WeaviateStep) -> None:
        with refused(closed):
            weaviate(server, closed).apply(step)
        assert server.asked == []

    def test_when_the_fence_closes_before_its_bytes_are_sent(
        self, server: AnsweringServer, clock: Clock, step: WeaviateStep
    ) -> None:
        """Two checks pass: that of the step, and that of its first request, which comes before the socket's."""
        server.answer = answers(step)
        fence = closing(clock, passes=2)
        with refused(fence):
            weaviate(server, fence).apply(step)
        assert changes(server) == []

    def test_but_every_one_does_while_it_is_open(
        self, server: AnsweringServer, clock: Clock, closed: LeaseFence, step: WeaviateStep
    ) -> None:
        server.answer = answers(step)
        closed.hold(clock.now + 6)
        with closed.attempt():
            weaviate(server, closed).apply(step)
        assert len(changes(server)) == 1


@pytest.mark.parametrize("change", KUBERNETES_CHANGES.values(), ids=KUBERNETES_CHANGES.keys())
class TestNoChangeReachesKubernetes:
    def test_while_the_fence_is_closed(
        self, server: AnsweringServer, closed: LeaseFence, change: Callable[[KubernetesAdapter], object]
    ) -> None:
        with refused(closed):
            change(kubernetes(server, closed))
        assert server.asked == []

    def test_when_the_fence_closes_before_its_bytes_are_sent(
        self, server: AnsweringServer, clock: Clock, change: Callable[[KubernetesAdapter], object]
    ) -> None:
        fence = closing(clock, passes=1)
        with refused(fence):
            change(kubernetes(server, fence))
        assert server.asked == []

    def test_but_every_one_does_while_it_is_open(
        self,
        server: AnsweringServer,
        clock: Clock,
        closed: LeaseFence,
        change: Callable[[KubernetesAdapter], object],
    ) -> None:
        server.answer = Answer(200, SEEN)
        closed.hold(clock.now + 6)
        with closed.attempt():
            change(kubernetes(server, closed))
        assert len(changes(server)) == 1


def test_the_tables_hold_every_step_there_is() -> None:
    assert {type(step) for step in WEAVIATE_STEPS} == set(WeaviateStep.__args__)
    tried = {ApplyChild, CorrectChild, GiveKey, HandOverReplicas, HoldJob, ResumeJob, DeleteChild}
    assert set(KubernetesStep.__args__) == tried


def test_what_reads_passes_a_closed_fence(server: AnsweringServer, closed: LeaseFence) -> None:
    """What a process that waits for its turn does: look, also by requests that are no GET."""
    server.answers["/v1/graphql"] = Answer(200, {"data": {"Aggregate": {"a0": [{"meta": {"count": 3}}]}}})
    server.answers["/v1/objects"] = Answer(422, {"error": [{"message": "class '' not found in schema"}]})
    server.answer = Answer(200, SCHEMA)
    here = JsonServer("Weaviate 'default'", server.url, fence=closed)
    assert WeaviateAdapter(here).count_tenant("Docs", "a") == 3
    assert auto_schema(here) is False
    assert kubernetes(server, closed).get("ConfigMap", "n", "m") is not None


def test_a_change_names_the_process_that_asks_for_it(server: AnsweringServer, clock: Clock, closed: LeaseFence) -> None:
    server.answer = Answer(200, SEEN)
    closed.hold(clock.now + 6)
    client = fenced_client(Configuration(host=server.url), "hirag-operator/1 (a)", closed)
    with closed.attempt():
        KubernetesAdapter(client, field_manager="test", fence=closed).apply(ApplyChild(SEEN))
    assert server.asked[0].headers["User-Agent"] == "hirag-operator/1 (a)"
