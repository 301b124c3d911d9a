import asyncio
from typing import Any

import pytest

from hirag_operator.handlers.queue import Key, Pace, WorkQueue
from hirag_operator.handlers.triggers import Triggers

CTX = Key("ContextCollection", "team-a", "handbook")
MODEL = Key("EmbeddingModel", "models", "minilm")
POLICY = Key("HNSWIndexPolicy", "models", "accurate")
SECRET = Key("Secret", "models", "provider")
SPEC: dict[str, Any] = {
    "embeddingModelRef": {"name": "minilm", "namespace": "models"},
    "levels": {"longTerm": {"indexPolicyRef": {"name": "accurate", "namespace": "models"}}},
}
EXTERNAL = {"external": {"apiKeySecretRef": {"name": "provider"}}}
READY = {"type": "Ready", "status": "True", "reason": "Ready", "message": "", "lastTransitionTime": "t1"}


class Desk:
    """Triggers with a queue that is looked at after each event; `secrets`: which are followed."""

    def __init__(self) -> None:
        self.queue = WorkQueue(Pace(), clock=lambda: 0.0)
        self.secrets: set[Key] = set()
        self.triggers = Triggers(self.queue, self._follow)

    def _follow(self, secret: Key, *, wanted: bool) -> None:
        (self.secrets.add if wanted else self.secrets.discard)(secret)

    def woken(self) -> set[Key]:
        """The keys that are due, taken and dropped."""
        found = set()
        while self.queue.waiting():
            key, _ = asyncio.run(self.queue.take())
            self.queue.forget(key)
            self.queue.done(key, failed=False)
            found.add(key)
        return found

    def own(self, key: Key, event: str = "MODIFIED", *, generation: int = 1, **others: Any) -> set[Key]:
        self.triggers.take(event, body(key, generation=generation, **others))
        return self.woken()

    def child(self, kind: str = "Deployment", namespace: str = "models", **metadata: Any) -> set[Key]:
        self.triggers.take("MODIFIED", {"kind": kind, "metadata": {"name": "x", "namespace": namespace, **metadata}})
        return self.woken()

    def namespace(self, name: str, event: str = "MODIFIED", **metadata: Any) -> set[Key]:
        self.triggers.take(event, {"kind": "Namespace", "metadata": {"name": name, "uid": "n-1", **metadata}})
        return self.woken()

    def secret(self, key: Key) -> set[Key]:
        self.triggers.take("MODIFIED", {"kind": "Secret", "metadata": {"namespace": key.namespace, "name": key.name}})
        return self.woken()


def body(key: Key, *, spec: Any = None, status: Any = None, **metadata: Any) -> dict[str, Any]:
    return {
        "kind": key.kind,
        "metadata": {"namespace": key.namespace, "name": key.name, "uid": "u-1", **metadata},
        "spec": spec or (SPEC if key.kind == "ContextCollection" else {}),
        "status": status or {},
    }


def owned_by(key: Key, **others: Any) -> list[dict[str, Any]]:
    return [{"apiVersion": "hirag.dev/v1alpha1", "kind": key.kind, "name": key.name, **others}]


@pytest.fixture
def desk() -> Desk:
    """All three objects are known, and nothing is due."""
    desk = Desk()
    for key in (MODEL, POLICY, CTX):
        desk.own(key)
    return desk


def test_an_object_that_appears_is_looked_at() -> None:
    assert Desk().own(MODEL, "ADDED") == {MODEL}


@pytest.mark.parametrize("key", [MODEL, POLICY, CTX])
def test_an_event_that_changes_nothing_wakes_nobody(desk: Desk, key: Key) -> None:
    assert desk.own(key, resourceVersion="2", managedFields=[{}]) == set()


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"generation": 2}, id="a new spec"),
        pytest.param({"uid": "u-2"}, id="a new object of the name"),
        pytest.param({"deletionTimestamp": "2026-01-01T00:00:00Z"}, id="a deletion that has begun"),
        pytest.param({"annotations": {"hirag.dev/abandon-data": "true"}}, id="a word to us in an annotation"),
    ],
)
def test_a_change_that_is_not_ours_wakes_the_object(desk: Desk, change: dict[str, Any]) -> None:
    assert MODEL in desk.own(MODEL, **change)


def test_other_peoples_annotations_wake_nobody(desk: Desk) -> None:
    assert desk.own(CTX, annotations={"argocd.argoproj.io/sync-wave": "1"}) == set()


@pytest.mark.parametrize(
    "status",
    [
        pytest.param({"conditions": [READY]}, id="ready"),
        pytest.param({"fingerprint": "f-2"}, id="other vectors"),
        pytest.param({"endpoint": "http://elsewhere"}, id="another place"),
    ],
)
def test_what_a_model_comes_to_wakes_its_collections_in_other_namespaces(desk: Desk, status: Any) -> None:
    assert desk.own(MODEL, status=status) == {CTX}
    assert desk.own(MODEL, status=status) == set()


def test_the_number_of_a_models_pods_concerns_nobody_else(desk: Desk) -> None:
    assert desk.own(MODEL, status={"replicas": 3, "readyReplicas": 2}) == set()


def test_a_policys_spec_wakes_its_collections_and_its_status_nobody(desk: Desk) -> None:
    assert desk.own(POLICY, generation=2) == {POLICY, CTX}
    assert desk.own(POLICY, generation=2, status={"bindingCount": 1}) == set()


@pytest.mark.parametrize("key", [MODEL, POLICY])
def test_what_is_deleted_wakes_who_used_it(desk: Desk, key: Key) -> None:
    assert desk.own(key, "DELETED") == {CTX}


@pytest.mark.parametrize(
    "status",
    [{"address": {"longTerm": {"alias": "A"}}}, {"conditions": [READY]}],
    ids=["an address", "a condition"],
)
def test_what_a_policy_reports_of_a_collection_wakes_it(desk: Desk, status: Any) -> None:
    assert desk.own(CTX, status=status) == {POLICY}


def test_what_no_policy_reports_of_a_collection_wakes_none(desk: Desk) -> None:
    desk.own(CTX, status={"conditions": [READY]})
    later = {"conditions": [{**READY, "lastTransitionTime": "t2"}], "counts": {"longTerm": 7}, "objects": 7}
    assert desk.own(CTX, status=later) == set()


def test_a_policy_that_is_no_longer_used_is_woken_to_report_it(desk: Desk) -> None:
    spec = {"embeddingModelRef": {"name": "minilm", "namespace": "models"}, "levels": {"longTerm": {}}}
    assert desk.own(CTX, generation=2, spec=spec) == {CTX, POLICY}
    assert desk.own(POLICY, generation=2) == {POLICY}


def test_a_deleted_collection_wakes_its_policies_and_is_forgotten(desk: Desk) -> None:
    assert desk.own(CTX, "DELETED") == {POLICY}
    assert desk.own(MODEL, generation=2) == {MODEL}


def test_a_collection_that_comes_back_is_looked_at(desk: Desk) -> None:
    desk.own(CTX, "DELETED")
    assert desk.own(CTX, "ADDED") == {CTX, POLICY}


def test_an_event_of_a_child_wakes_its_owner(desk: Desk) -> None:
    assert desk.child(ownerReferences=owned_by(MODEL)) == {MODEL}


@pytest.mark.parametrize("kind", ["Pod", "Job"])
def test_what_is_owned_by_what_we_own_wakes_us_by_its_labels(desk: Desk, kind: str) -> None:
    replica_set = [{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "minilm-embedder-5d"}]
    assert desk.child(kind, labels={"hirag.dev/embedding-model": "minilm"}, ownerReferences=replica_set) == {MODEL}
    assert desk.child(kind, "team-a", labels={"hirag.dev/context-collection": "handbook"}) == {CTX}


@pytest.mark.parametrize(
    "reference",
    [
        pytest.param({"kind": "Deployment"}, id="an owner of another kind"),
        pytest.param({"apiVersion": "example.com/v1"}, id="a kind of that name in another group"),
        pytest.param({"name": "gone"}, id="an owner that is not there"),
    ],
)
def test_an_event_of_another_child_wakes_nothing(desk: Desk, reference: dict[str, str]) -> None:
    assert desk.child(ownerReferences=owned_by(MODEL, **reference)) == set()


def test_a_child_that_outlives_its_owner_does_not_bring_it_back(desk: Desk) -> None:
    desk.own(MODEL, "DELETED")
    assert desk.child(ownerReferences=owned_by(MODEL)) == set()


def test_a_policy_that_does_not_exist_is_not_looked_for() -> None:
    desk = Desk()
    assert desk.own(CTX) == {CTX}
    assert desk.own(POLICY, "ADDED") == {POLICY, CTX}


def test_a_secret_is_followed_as_long_as_somebody_refers_to_it_and_wakes_who_does(desk: Desk) -> None:
    desk.own(MODEL, generation=2, spec=EXTERNAL)
    other = Key("EmbeddingModel", "models", "other")
    desk.own(other, spec=EXTERNAL)
    assert desk.secrets == {SECRET}
    assert desk.secret(SECRET) == {MODEL, other}
    desk.own(MODEL, generation=3, spec={})
    assert desk.secrets == {SECRET}
    desk.own(other, "DELETED")
    assert desk.secrets == set()
    assert desk.secret(SECRET) == set()


def test_labels_of_a_namespace_wake_the_collections_in_it_that_look_elsewhere(desk: Desk) -> None:
    desk.own(Key("ContextCollection", "team-b", "local"), spec={"embeddingModelRef": {"name": "m"}})
    for name in ("team-a", "team-b"):
        desk.namespace(name)
    assert desk.namespace("team-b", labels={"tier": "gold"}) == set()
    assert desk.namespace("team-a", labels={"tier": "gold"}) == {CTX}
    assert desk.namespace("team-a", labels={"tier": "gold"}, resourceVersion="9") == set()
    assert desk.namespace("team-a", "DELETED") == {CTX}


def test_every_namespace_concerns_a_collection_that_takes_its_tenants_from_them(desk: Desk) -> None:
    tenants = Key("ContextCollection", "team-b", "tenants")
    desk.own(tenants, spec={"multiTenancy": {"tenantsFrom": {"namespaceSelector": {}}}})
    assert desk.namespace("anything") == {tenants}
    assert desk.namespace("anything", deletionTimestamp="2026-01-01T00:00:00Z") == {tenants}
    assert desk.namespace("anything", "DELETED") == {tenants}
