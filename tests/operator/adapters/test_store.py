"""The store against the plain rule that it must keep: of every object, what is newest."""

from typing import Any, Final

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from hirag_operator.adapters.store import DELETED_SECONDS, Coverage, Store, newer

Json = dict[str, Any]
MANAGED: Final = {"app.kubernetes.io/managed-by": "hirag-operator"}
OWNER: Final = "hirag.dev/context-collection"
COVERAGE: Final = {
    "ConfigMap": Coverage(MANAGED),
    "Deployment": Coverage(MANAGED),
    "ContextCollection": Coverage(),
    "Namespace": Coverage(),
}


def body(name: str = "a", version: int = 1, *, kind: str = "ConfigMap", namespace: str = "team", **labels: str) -> Json:
    metadata: Json = {"namespace": namespace, "name": name, "resourceVersion": str(version)}
    return {"kind": kind, "metadata": {**metadata, "labels": {**MANAGED, OWNER: "x", **labels}}}


def listed(store: Store, kind: str = "ConfigMap", namespace: str | None = None) -> Store:
    store.settle(kind, namespace, set(), "0")
    return store


@pytest.fixture
def store() -> Store:
    return Store(COVERAGE)


def test_what_was_put_is_found_until_it_is_removed(store: Store) -> None:
    assert store.put(body())
    assert store.get("ConfigMap", "team", "a") == body()
    assert store.remove("ConfigMap", "team", "a", "2")
    assert store.get("ConfigMap", "team", "a") is None


@pytest.mark.parametrize("late", [1, 2], ids=["an older version", "the same version"])
def test_what_is_no_news_changes_nothing(store: Store, late: int) -> None:
    store.put({**body(version=2), "data": {"of": "the newer"}})
    assert not store.put(body(version=late))
    assert "data" in (store.get("ConfigMap", "team", "a") or {})


def test_versions_are_compared_as_numbers(store: Store) -> None:
    store.put(body(version=9))
    assert store.put(body(version=10))
    assert newer("10", "9")
    assert newer("b", "c"), "a server that does not count"


def test_a_late_answer_does_not_bring_back_what_was_deleted(store: Store) -> None:
    store.put(body(version=3))
    store.remove("ConfigMap", "team", "a", "7")
    assert not store.put(body(version=5))
    assert store.put(body(version=8)), "one of that name that was made since"


def test_a_late_deletion_does_not_remove_what_was_made_since(store: Store) -> None:
    store.put(body(version=9))
    assert not store.remove("ConfigMap", "team", "a", "7")
    assert store.get("ConfigMap", "team", "a") is not None


def test_what_was_not_in_a_listing_and_is_as_old_does_not_come_back(store: Store) -> None:
    store.settle("ConfigMap", None, set(), "5")
    assert not store.put(body(version=5)), "made and deleted before the listing; the answer to its making is late"
    assert store.put(body(version=6))


def test_a_deletion_of_what_was_never_here_counts_against_a_late_answer(store: Store) -> None:
    assert not store.remove("ConfigMap", "team", "a", "7")
    assert not store.put(body(version=5))


def test_deletions_are_forgotten_once_no_answer_can_be_that_late() -> None:
    now = [0.0]
    store = Store(COVERAGE, clock=lambda: now[0])
    for number in range(100):
        now[0] += DELETED_SECONDS / 10
        store.put(body(str(number), 1))
        store.remove("ConfigMap", "team", str(number), "2")
    assert len(store._deleted) <= 11


def test_a_listing_removes_what_it_does_not_hold_and_nothing_that_is_newer(store: Store) -> None:
    for name, version in (("gone", 1), ("stays", 2), ("newer", 9)):
        store.put(body(name, version))
    store.put(body("elsewhere", 1, namespace="other"))
    gone = store.settle("ConfigMap", "team", {("team", "stays")}, "5")
    assert [one["metadata"]["name"] for one in gone] == ["gone"]
    assert [one["metadata"]["name"] for one in store.all_of("ConfigMap")] == ["elsewhere", "newer", "stays"]


def test_children_are_found_by_their_owners_label_and_all_others_too(store: Store) -> None:
    store.put(body("a", 1, app="web"))
    store.put(body("b", 2, **{OWNER: "y"}))
    store.put(body("c", 3, namespace="other"))
    assert [one["metadata"]["name"] for one in store.all_of("ConfigMap", "team", {OWNER: "x"})] == ["a"]
    assert [one["metadata"]["name"] for one in store.all_of("ConfigMap", None, {OWNER: "x"})] == ["c", "a"]
    assert store.all_of("ConfigMap", "team", {OWNER: "x", "app": "api"}) == []
    store.put(body("a", 4, **{OWNER: "y"}))
    assert store.all_of("ConfigMap", "team", {OWNER: "x"}) == []
    assert len(store.all_of("ConfigMap", "team", {OWNER: "y"})) == 2


def test_an_index_leaves_nothing_behind(store: Store) -> None:
    store.put(body())
    store.remove("ConfigMap", "team", "a", "2")
    assert store._labelled == {}


def test_what_the_watch_would_not_bring_is_not_kept(store: Store) -> None:
    stranger = body()
    stranger["metadata"]["labels"] = {}
    assert not store.put(stranger)
    assert not store.put(body(kind="Secret"))
    assert store.get("ConfigMap", "team", "a") is store.get("Secret", "team", "a") is None


@pytest.mark.parametrize(("kind", "kept"), [("ConfigMap", False), ("Deployment", True)])
def test_book_keeping_is_kept_only_where_it_is_read(store: Store, kind: str, *, kept: bool) -> None:
    managed = body(kind=kind)
    managed["metadata"]["managedFields"] = [{"manager": "hirag-operator"}]
    store.put(managed)
    found = store.get(kind, "team", "a") or {}
    assert ("managedFields" in found["metadata"]) is kept
    assert "managedFields" in managed["metadata"], "what was put is left as it is"


def test_a_kind_is_known_once_all_its_namespaces_were_listed() -> None:
    store = Store({"ConfigMap": Coverage(MANAGED, frozenset({"a", "b"})), "Pod": Coverage(MANAGED)})
    assert store.unsynced() == ["ConfigMap", "Pod"]
    listed(store, namespace="a")
    assert not store.synced("ConfigMap")
    listed(store, namespace="b")
    listed(store, "Pod")
    assert store.unsynced() == []


@pytest.mark.parametrize(
    ("namespace", "labels", "known"),
    [("a", MANAGED, True), ("a", {}, False), ("c", MANAGED, False), (None, MANAGED, False)],
    ids=["what is watched", "without the label", "another namespace", "all namespaces"],
)
def test_only_what_is_watched_is_answered_for(namespace: str | None, labels: dict[str, str], *, known: bool) -> None:
    store = listed(Store({"ConfigMap": Coverage(MANAGED, frozenset({"a"}))}), namespace="a")
    assert store.knows("ConfigMap", namespace, labels) is known
    assert not store.knows("Secret", namespace, labels)


NAMES: Final = st.sampled_from(["a", "b"])
VALUES: Final = st.sampled_from(["x", "y"])


class StoreRules(RuleBasedStateMachine):
    """A server with its history; what it tells arrives twice, late and in any order, but nothing is lost."""

    def __init__(self) -> None:
        super().__init__()
        self.store = Store(COVERAGE)
        self.version = 0
        self.history: list[tuple[str, Json]] = []  # what happened, in the server's order
        self.latest: dict[str, tuple[str, Json]] = {}  # what the store has been told, newest by name

    @rule(name=NAMES, owner=VALUES)
    def written(self, name: str, owner: str) -> None:
        self.version += 1
        self.history.append(("PUT", body(name, self.version, **{OWNER: owner})))

    @rule(name=NAMES)
    def deleted(self, name: str) -> None:
        self.version += 1
        self.history.append(("DELETED", body(name, self.version)))

    @rule(data=st.data())
    def told(self, data: st.DataObject) -> None:
        if not self.history:
            return
        event, told = data.draw(st.sampled_from(self.history))
        name, version = told["metadata"]["name"], told["metadata"]["resourceVersion"]
        known = self.latest.get(name)
        if event == "PUT":
            self.store.put(told)
        else:
            self.store.remove("ConfigMap", "team", name, version)
        if known is None or int(version) > int(known[1]["metadata"]["resourceVersion"]):
            self.latest[name] = (event, told)

    @invariant()
    def newest_wins(self) -> None:
        present = {name: told for name, (event, told) in self.latest.items() if event == "PUT"}
        for name in ("a", "b"):
            assert self.store.get("ConfigMap", "team", name) == present.get(name)
        for value in ("x", "y"):
            found = {one["metadata"]["name"] for one in self.store.all_of("ConfigMap", "team", {OWNER: value})}
            assert found == {name for name, one in present.items() if one["metadata"]["labels"][OWNER] == value}


StoreRules.TestCase.settings = settings(max_examples=80, stateful_step_count=30)
TestStore = StoreRules.TestCase
