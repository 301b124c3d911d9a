import asyncio
from typing import Any

import pytest

from hirag_operator import metrics
from hirag_operator.handlers.queue import Key, Pace, WorkQueue
from hirag_operator.handlers.triggers import Triggers

CTX = Key("ContextCollection", "team-a", "handbook")
MODEL = Key("EmbeddingModel", "models", "minilm")
POLICY = Key("HNSWIndexPolicy", "models", "accurate")
SPEC = {
    "embeddingModelRef": {"name": "minilm", "namespace": "models"},
    "levels": {"longTerm": {"indexPolicyRef": {"name": "accurate", "namespace": "models"}}},
}


class Desk:
    """Triggers with a queue that is looked at after each event."""

    def __init__(self) -> None:
        self.queue = WorkQueue(Pace(), clock=lambda: 0.0)
        self.triggers = Triggers(self.queue)

    def woken(self) -> set[Key]:
        """The keys that are due, taken and dropped."""
        found = set()
        while self.queue.waiting():
            key, _ = asyncio.run(self.queue.take())
            self.queue.forget(key)
            self.queue.done(key, failed=False)
            found.add(key)
        return found

    def own(self, key: Key, event: str | None = "MODIFIED", *, generation: int = 1, **others: Any) -> set[Key]:
        self.triggers.own(event, body(key, generation=generation, **others))
        return self.woken()

    def child(self, owner: Key, **others: Any) -> set[Key]:
        reference = {"apiVersion": "hirag.dev/v1alpha1", "kind": owner.kind, "name": owner.name, **others}
        metadata = {"name": "child", "namespace": owner.namespace, "ownerReferences": [reference]}
        self.triggers.child({"kind": "Deployment", "metadata": metadata})
        return self.woken()


def body(key: Key, *, spec: Any = None, **metadata: Any) -> dict[str, Any]:
    return {
        "kind": key.kind,
        "metadata": {"namespace": key.namespace, "name": key.name, "uid": "u-1", **metadata},
        "spec": spec or (SPEC if key.kind == "ContextCollection" else {}),
    }


@pytest.fixture
def desk() -> Desk:
    """All three objects are known, and nothing is due."""
    desk = Desk()
    for key in (MODEL, POLICY, CTX):
        desk.own(key, None)
    return desk


@pytest.mark.parametrize("event", [None, "ADDED", "MODIFIED"])
def test_an_object_that_appears_is_looked_at(event: str | None) -> None:
    assert Desk().own(MODEL, event) == {MODEL}


def test_an_event_of_our_own_status_wakes_nothing(desk: Desk) -> None:
    assert MODEL not in desk.own(MODEL)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"generation": 2}, id="a new spec"),
        pytest.param({"uid": "u-2"}, id="a new object of the name"),
        pytest.param({"deletionTimestamp": "2026-01-01T00:00:00Z"}, id="a deletion that has begun"),
    ],
)
def test_a_change_that_is_not_ours_wakes_the_object(desk: Desk, change: dict[str, Any]) -> None:
    assert MODEL in desk.own(MODEL, **change)


def test_every_event_of_a_model_or_a_policy_wakes_who_uses_it(desk: Desk) -> None:
    assert desk.own(MODEL) == {CTX}
    assert desk.own(POLICY) == {CTX}


def test_a_deleted_model_wakes_who_used_it(desk: Desk) -> None:
    assert desk.own(MODEL, "DELETED") == {CTX}


def test_every_event_of_a_collection_wakes_its_policies_which_report_it(desk: Desk) -> None:
    assert desk.own(CTX) == {POLICY}


def test_a_policy_that_is_no_longer_used_is_woken_to_report_it(desk: Desk) -> None:
    spec = {"embeddingModelRef": {"name": "minilm", "namespace": "models"}, "levels": {"longTerm": {}}}
    assert desk.own(CTX, generation=2, spec=spec) == {CTX, POLICY}
    assert desk.own(POLICY) == set()


def test_a_deleted_collection_wakes_its_policies_and_is_forgotten(desk: Desk) -> None:
    assert desk.own(CTX, "DELETED") == {POLICY}
    assert desk.own(MODEL) == set()


def test_a_collection_that_comes_back_is_looked_at(desk: Desk) -> None:
    desk.own(CTX, "DELETED")
    assert desk.own(CTX, "ADDED") == {CTX, POLICY}


def test_a_deleted_objects_gauge_goes(desk: Desk) -> None:
    metrics.READY.labels(*CTX).set(1)
    desk.own(CTX, "DELETED")
    samples = [sample.labels for metric in metrics.READY.collect() for sample in metric.samples]
    assert CTX.name not in {labels["name"] for labels in samples}


def test_an_event_of_a_child_wakes_its_owner(desk: Desk) -> None:
    assert desk.child(MODEL) == {MODEL}


@pytest.mark.parametrize(
    "reference",
    [
        pytest.param({"kind": "Deployment"}, id="an owner of another kind"),
        pytest.param({"apiVersion": "example.com/v1"}, id="a kind of that name in another group"),
        pytest.param({"name": "gone"}, id="an owner that is not there"),
    ],
)
def test_an_event_of_another_child_wakes_nothing(desk: Desk, reference: dict[str, str]) -> None:
    assert desk.child(MODEL, **reference) == set()


def test_a_child_that_outlives_its_owner_does_not_bring_it_back(desk: Desk) -> None:
    desk.own(MODEL, "DELETED")
    assert desk.child(MODEL) == set()


def test_a_policy_that_does_not_exist_is_not_looked_for() -> None:
    desk = Desk()
    assert desk.own(CTX) == {CTX}
    assert desk.own(POLICY, "ADDED") == {POLICY, CTX}
