"""What of all that the watches bring is news."""

from typing import Any

import pytest

from hirag_operator.adapters.store import Coverage, Store
from hirag_operator.adapters.watchstream import Watch
from hirag_operator.handlers.feed import Feed
from hirag_operator.plan.children.owned import MANAGED_BY

Json = dict[str, Any]
PODS = Watch("Pod", labels=MANAGED_BY)
TEAM = Watch("Namespace", name="team", metadata_only=True)
SECRET = Watch("Secret", "team", "key", metadata_only=True)


def body(kind: str = "Pod", name: str = "a", version: int = 1) -> Json:
    metadata: Json = {"name": name, "resourceVersion": str(version), "labels": MANAGED_BY}
    return {"kind": kind, "metadata": metadata if kind == "Namespace" else {**metadata, "namespace": "team"}}


class Desk:
    """A feed, what it told, and whether it said that all is listed."""

    def __init__(self, *kinds: str) -> None:
        named = {kind: Coverage(MANAGED_BY if kind == "Pod" else {}) for kind in kinds}
        if "Namespace" in named:
            named["Namespace"] = Coverage(namespaces=frozenset({"team"}))
        self.store = Store(named)
        self.told: list[tuple[str, str]] = []
        self.synced = 0
        self.feed = Feed(self.store, self._tell, self._sync)

    def _tell(self, event: str, told: Any) -> None:
        self.told.append((event, told["metadata"]["name"]))

    def _sync(self) -> None:
        self.synced += 1

    def listing(self, watch: Watch, *bodies: Json, version: int = 9) -> list[tuple[str, str]]:
        """What a listing with these objects tells."""
        self.feed.page(watch, list(bodies))
        addresses = {(one["metadata"].get("namespace", ""), one["metadata"]["name"]) for one in bodies}
        self.feed.listed(watch, addresses, str(version))
        return self.taken()

    def event(self, watch: Watch, event: str, told: Json) -> list[tuple[str, str]]:
        """What an event tells."""
        self.feed.changed(watch, event, told)
        return self.taken()

    def taken(self) -> list[tuple[str, str]]:
        told, self.told = self.told, []
        return told


def test_a_listing_tells_of_what_is_new_and_of_what_is_gone() -> None:
    desk = Desk("Pod")
    assert desk.listing(PODS, body(name="a"), body(name="b")) == [("MODIFIED", "a"), ("MODIFIED", "b")]
    assert desk.listing(PODS, body(name="b")) == [("DELETED", "a")]
    assert desk.listing(PODS, body(name="b")) == []


def test_an_event_is_told_once() -> None:
    desk = Desk("Pod")
    assert desk.event(PODS, "ADDED", body()) == [("ADDED", "a")]
    assert desk.event(PODS, "ADDED", body()) == []
    assert desk.event(PODS, "DELETED", body(version=2)) == [("DELETED", "a")]
    assert desk.event(PODS, "DELETED", body(version=2)) == []


def test_the_echo_of_our_own_write_is_no_news() -> None:
    desk = Desk("Pod")
    desk.store.put(body(version=5))
    assert desk.event(PODS, "MODIFIED", body(version=5)) == []
    assert desk.event(PODS, "MODIFIED", body(version=6)) == [("MODIFIED", "a")]


def test_all_is_listed_when_the_last_kind_is() -> None:
    desk = Desk("Pod", "Namespace")
    desk.listing(PODS)
    assert desk.synced == 0
    desk.listing(TEAM, body("Namespace", "team"))
    assert desk.synced == 1


def test_a_namespace_that_is_watched_by_its_name_may_go() -> None:
    desk = Desk("Namespace")
    desk.listing(TEAM, body("Namespace", "team"))
    assert desk.listing(TEAM) == [("DELETED", "team")]
    assert desk.store.get("Namespace", None, "team") is None


def test_a_secret_is_told_of_when_its_version_changes_and_nothing_of_it_is_kept() -> None:
    desk = Desk("Pod")
    assert desk.listing(SECRET) == [("MODIFIED", "key")], "what was read before the watch began may be old"
    assert desk.listing(SECRET) == []
    assert desk.event(SECRET, "ADDED", body("Secret", "key", 2)) == [("MODIFIED", "key")]
    assert desk.listing(SECRET, body("Secret", "key", 2)) == []
    assert desk.event(SECRET, "DELETED", body("Secret", "key", 3)) == [("MODIFIED", "key")]
    assert desk.store.get("Secret", "team", "key") is None


@pytest.mark.parametrize("event", [None, "ADDED", "MODIFIED"])
def test_a_late_event_tells_what_became_of_the_object(event: str | None) -> None:
    desk = Desk("Pod")
    desk.store.put(body(version=5))
    desk.feed.keep(event, body(version=3))
    assert desk.feed.now(body(version=3)) == ("MODIFIED", body(version=5))
    desk.feed.keep("DELETED", body(version=7))
    desk.feed.keep(event, body(version=6))
    assert desk.feed.now(body(version=6))[0] == "DELETED"
