"""What a real Weaviate holds is counted as it is, of everybody, and no tenant is woken for it."""

import itertools
from collections.abc import Iterator
from typing import Any, Final

import pytest

from hirag_operator.adapters.http import JsonServer
from hirag_operator.adapters.weaviate.calls import Calls
from hirag_operator.adapters.weaviate.stored import LOOKED_SECONDS, Storage
from hirag_operator.plan.collection.migration.space import Stored

Json = dict[str, Any]

_NUMBERS = itertools.count(1)
DIMENSIONS: Final = 4
TEXT: Final = "about travel"


class Clock:
    """A clock that a test sets."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


class Shelf:
    """Collections of one's own on a server that others use too."""

    def __init__(self, rest: JsonServer) -> None:
        self.rest, self.clock = rest, Clock()
        self.storage = Storage(rest, Calls(rest), self.clock)
        self.names: list[str] = []

    def make(self, number: int, tenants: dict[str, str] | None = None, **schema: Any) -> str:
        """A collection with so many objects, in each of its tenants."""
        name = f"Stored{next(_NUMBERS)}"
        self.names.append(name)
        body = {"class": name, "vectorizer": "none", "properties": [{"name": "text", "dataType": ["text"]}], **schema}
        self.rest.ask("create", "POST", "/v1/schema", body | {"multiTenancyConfig": {"enabled": bool(tenants)}})
        if tenants:
            awake = [{"name": one} for one in tenants]
            self.rest.ask("tenants", "POST", f"/v1/schema/{name}/tenants", awake)
        for tenant in (tenants or [None]) if number else []:
            self.fill(name, number, tenant, named="vectorConfig" in schema)
        asleep = [{"name": one, "activityStatus": state} for one, state in (tenants or {}).items() if state != "ACTIVE"]
        if asleep:
            self.rest.ask("states", "PUT", f"/v1/schema/{name}/tenants", asleep)
        return name

    def fill(self, name: str, number: int, tenant: str | None = None, *, named: bool = False) -> None:
        vector = [float(one + 1) for one in range(DIMENSIONS)]
        one: Json = {"class": name, "properties": {"text": TEXT}}
        one |= {"vectors": {"a": vector, "b": [1.0, 2.0]}} if named else {"vector": vector}
        one |= {"tenant": tenant} if tenant else {}
        answer = self.rest.ask("write", "POST", "/v1/batch/objects", {"objects": [one] * number})
        assert all(not (each["result"].get("errors") or {}) for each in answer)

    def of(self, name: str) -> Stored:
        """What is said of a collection, at a look of this moment."""
        self.clock.now += LOOKED_SECONDS + 1
        return next(one for one in self.storage.all() if one.name == name)

    def states(self, name: str) -> dict[str, str]:
        found = self.rest.ask("tenants", "GET", f"/v1/schema/{name}/tenants")
        return {one["name"]: str(one["activityStatus"]) for one in found}


@pytest.fixture
def shelf(rest: JsonServer) -> Iterator[Shelf]:
    made = Shelf(rest)
    yield made
    for name in made.names:
        rest.ask("delete", "DELETE", f"/v1/schema/{name}")


def test_objects_are_counted_that_are_on_no_disk_yet(shelf: Shelf) -> None:
    name = shelf.make(30)
    found = shelf.of(name)
    assert (found.objects, found.shards, found.object_bytes) == (30, 1, len(f'{{"text": "{TEXT}"}}'))
    assert [(one.kind, one.dimensions) for one in found.indexes] == [("hnsw", DIMENSIONS)]
    assert found.indexes[0].settings["maxConnections"] == 32
    assert found.space.disk > 30 * (4 * DIMENSIONS + found.object_bytes)


def test_each_named_vector_counts(shelf: Shelf) -> None:
    flat = {"vectorizer": {"none": {}}, "vectorIndexType": "flat"}
    hnsw = {"vectorizer": {"none": {}}, "vectorIndexType": "hnsw"}
    name = shelf.make(5, vectorizer=None, vectorConfig={"a": hnsw, "b": flat})
    assert {(one.kind, one.dimensions) for one in shelf.of(name).indexes} == {("hnsw", DIMENSIONS), ("flat", 2)}


def test_an_empty_collection_takes_nothing(shelf: Shelf) -> None:
    name = shelf.make(0)
    assert shelf.of(name).space == Stored(name, 0, 0.0, ()).space


def test_tenants_that_sleep_are_left_asleep_and_uncounted(shelf: Shelf) -> None:
    name = shelf.make(7, {"awake": "ACTIVE", "asleep": "INACTIVE"})
    before = shelf.states(name)
    found = shelf.of(name)
    assert found.objects <= 7  # of tenants nothing is known that is not on disk yet
    assert shelf.states(name) == before


def test_a_look_of_a_moment_ago_is_good_enough(shelf: Shelf) -> None:
    name = shelf.make(3)
    assert shelf.of(name).objects == 3
    shelf.fill(name, 2)
    shelf.storage.all()
    assert next(one for one in shelf.storage.all() if one.name == name).objects == 3
    assert shelf.of(name).objects == 5


def test_one_that_goes_while_all_are_counted_hides_none_of_the_others(shelf: Shelf) -> None:
    names = [shelf.make(2), "GoneMeanwhile", shelf.make(3)]
    assert shelf.storage.counts(names) == {names[0]: 2, names[2]: 3}
    assert shelf.storage.counts([]) == {}
