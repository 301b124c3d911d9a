"""Freezing and opening collections with tenants of their own, on a real Weaviate and on one that only answers."""

import itertools
import threading
from collections.abc import Iterator, Mapping
from typing import Any, Final

import pytest

from hirag_operator.adapters.http import JsonServer
from hirag_operator.adapters.weaviate import WeaviateAdapter
from hirag_operator.adapters.weaviate.automatics import auto_of
from hirag_operator.adapters.weaviate.nodes import shards_of
from hirag_operator.adapters.weaviate.stored import Sample
from hirag_operator.errors import NotSealed, Refused
from hirag_operator.plan.collection.migration.seen import SeenHolder
from hirag_operator.plan.moves import AllowWrites, FreezeWrites, Holder, SwapAlias
from hirag_operator.plan.steps import CreateAlias, CreateCollection, DeleteAlias, DeleteCollection, DeleteTenants
from tests.operator.adapters.answering import Answer, AnsweringServer, Asked

Json = dict[str, Any]

BOTH: Final = "activation,creation"
STATES: Final = {"awake": "ACTIVE", "used": "ACTIVE", "asleep": "INACTIVE"}
OTHER: Final = Holder("Other")
_NUMBERS = itertools.count(1)


class Tenants:
    """A collection with tenants of its own on a real server."""

    def __init__(self, adapter: WeaviateAdapter, rest: JsonServer, name: str) -> None:
        self.adapter, self.rest = adapter, rest
        self.holder = Holder(name)
        self.schema: Json = {
            "class": name,
            "vectorizer": "none",
            "properties": [{"name": "text", "dataType": ["text"]}],
            "multiTenancyConfig": {"enabled": True, "autoTenantActivation": True, "autoTenantCreation": True},
        }

    def make(self, states: Mapping[str, str] = STATES) -> None:
        self.adapter.apply(CreateCollection(self.schema))
        if states:
            self.states(states, method="POST")
        for tenant, state in states.items():
            if state == "ACTIVE":
                assert self.write(tenant) == ""

    def states(self, states: Mapping[str, str], method: str = "PUT") -> None:
        body = [{"name": name, "activityStatus": state} for name, state in states.items()]
        self.rest.ask("set_tenants", method, f"/v1/schema/{self.holder}/tenants", body)

    def write(self, tenant: str) -> str:
        """Write an object; return why the server refused it, or nothing."""
        one = {"class": str(self.holder), "tenant": tenant, "properties": {"text": "x"}, "vector": [1.0, 2.0]}
        (answer,) = self.rest.ask("write", "POST", "/v1/batch/objects", {"objects": [one]})
        errors = answer["result"].get("errors") or {}
        return str(errors.get("error") or "")

    def states_of(self) -> dict[str, str]:
        found = self.rest.ask("get_tenants", "GET", f"/v1/schema/{self.holder}/tenants")
        return {one["name"]: one["activityStatus"] for one in found}

    def auto(self) -> str:
        return auto_of(self.rest.ask("get_class", "GET", f"/v1/schema/{self.holder}"))

    def shards(self) -> dict[str, str]:
        return {one["name"]: str(one["vectorIndexingStatus"]) for one in shards_of(self.rest, str(self.holder))}

    def look(self) -> SeenHolder:
        return self.adapter.observe_holder(self.holder, count_tenants=True)

    def freeze(self) -> None:
        self.adapter.apply(FreezeWrites(self.holder))

    def allow(self, auto: str = "") -> None:
        self.adapter.apply(AllowWrites(self.holder, auto))


@pytest.fixture
def own(adapter: WeaviateAdapter, rest: JsonServer) -> Iterator[Tenants]:
    made = Tenants(adapter, rest, f"OwnTenants{next(_NUMBERS)}")
    yield made
    adapter.apply(DeleteCollection(made.holder.collection))


def test_a_collection_with_tenants_is_seen_with_what_it_does_by_itself(own: Tenants) -> None:
    own.make()
    seen = own.look()
    assert (seen.exists, seen.frozen, seen.auto, seen.tenants) == (True, False, BOTH, 3)
    assert seen.count is None  # one sleeps, and is not woken to be counted
    own.states({"asleep": "ACTIVE"})
    own.write("asleep")
    assert own.look().count == 3


def test_one_that_is_not_there_is_seen_so(own: Tenants) -> None:
    assert own.look() == SeenHolder(own.holder, exists=False)
    own.freeze()
    own.allow(BOTH)
    assert own.look() == SeenHolder(own.holder, exists=False)


def test_a_frozen_one_takes_no_writes_whichever_tenant_they_are_to(own: Tenants) -> None:
    own.make()
    own.freeze()
    seen = own.look()
    assert (seen.frozen, seen.auto, own.auto()) == (True, "", "")
    assert own.shards() == {"awake": "READONLY", "used": "READONLY"}
    assert "read-only" in own.write("awake")
    assert "not active" in own.write("asleep")
    assert "not found" in own.write("new")

    own.freeze()  # again, as after a crash
    assert own.look() == seen


@pytest.mark.parametrize("auto", ["", "activation", "creation", BOTH])
def test_an_opened_one_takes_writes_and_does_by_itself_what_it_did(own: Tenants, auto: str) -> None:
    own.make()
    own.freeze()
    own.allow(auto)
    seen = own.look()
    assert (seen.frozen, seen.auto) == (False, auto)
    assert own.shards() == {"awake": "READY", "used": "READY"}
    assert own.write("awake") == ""
    assert (own.write("asleep") == "") == ("activation" in auto)
    assert (own.write("new") == "") == ("creation" in auto)

    own.allow(auto)
    assert own.look().auto == auto


def test_a_crash_in_the_middle_of_freezing_is_mended(own: Tenants) -> None:
    """What it does by itself is off, and a tenant takes no writes; or another hand has switched it on since."""
    own.make()
    own.freeze()
    own.rest.ask("set_shard", "PUT", f"/v1/schema/{own.holder}/shards/used", {"status": "READY"})
    assert not own.look().frozen
    config = {**own.schema, "multiTenancyConfig": {**own.schema["multiTenancyConfig"]}}
    with pytest.raises(Refused, match="read-only"):  # and has it all the same
        own.rest.ask("update_class", "PUT", f"/v1/schema/{own.holder}", config)
    assert own.auto() == BOTH
    own.allow(BOTH)
    assert (own.shards(), own.auto()) == ({"awake": "READY", "used": "READY"}, BOTH)


def test_a_tenant_that_was_woken_or_made_takes_writes_so_it_is_frozen_no_more(own: Tenants) -> None:
    own.make()
    own.freeze()
    own.states({"asleep": "ACTIVE"})
    assert not own.look().frozen
    own.freeze()
    assert own.look().frozen
    own.states({"later": "ACTIVE"}, method="POST")
    assert not own.look().frozen
    alias = f"{own.holder}Alias"
    own.adapter.apply(CreateAlias(alias, own.holder.collection))
    with pytest.raises(NotSealed):
        own.adapter.apply(SwapAlias(alias, own.holder, OTHER))
    own.adapter.apply(DeleteAlias(alias))


def test_one_whose_tenants_sleep_or_that_has_none_is_frozen_without_touching_any(own: Tenants) -> None:
    own.make({})
    assert (own.look().frozen, own.look().count) == (False, 0)
    own.freeze()
    assert own.look().frozen
    own.states({"asleep": "INACTIVE"}, method="POST")
    assert own.look().frozen
    own.freeze()
    own.allow(BOTH)
    assert (own.look().auto, own.shards(), own.write("asleep")) == (BOTH, {}, "")


def test_a_sample_of_an_active_tenant_tells_how_large_objects_are(own: Tenants) -> None:
    own.make()
    assert own.adapter.sample(own.holder) == Sample(len('{"text": "x"}'), {"": 2})
    own.adapter.apply(DeleteTenants(own.holder.collection, ("awake", "used")))
    assert own.adapter.sample(own.holder) is None
    assert own.states_of() == {"asleep": "COLD"}


class Told:
    """A Weaviate that answers as one with tenants, of which the one that sleeps must not be touched."""

    def __init__(self, *, auto: bool) -> None:
        self.auto, self.status = auto, "READONLY"
        self.lock = threading.Lock()
        self.puts: list[str] = []
        self.gone: set[str] = set()

    def __call__(self, asked: Asked) -> Answer:
        with self.lock:
            return self._answer(asked)

    def _answer(self, asked: Asked) -> Answer:
        if asked.method == "PUT" and "/shards/" in asked.path:
            tenant = asked.path.rpartition("/")[2]
            self.puts.append(f"{tenant} while {'' if self.auto else 'not '}waking")
            return Answer(422, {"error": [{"message": "shard not found"}]}) if tenant in self.gone else Answer(200, {})
        if asked.method == "PUT":
            self.auto = b'"autoTenantActivation":true' in asked.body
            return Answer(200, {})
        if asked.path.startswith("/v1/nodes"):
            shard = {"class": "Docs", "vectorIndexingStatus": self.status}
            return Answer(200, {"nodes": [{"shards": [{**shard, "name": name} for name in ("a", "b", "cold")]}]})
        if asked.path.endswith("/tenants"):
            states = {"a": "HOT", "b": "HOT", "cold": "COLD"}
            return Answer(200, [{"name": name, "activityStatus": state} for name, state in states.items()])
        if "/tenants/" in asked.path:
            return Answer(404 if asked.path.rpartition("/")[2] in self.gone else 200, {"name": "a"})
        config = {"enabled": True, "autoTenantActivation": self.auto, "autoTenantCreation": False}
        return Answer(200, {"class": "Docs", "multiTenancyConfig": config})


NOT_WAKING: Final = ["a while not waking", "b while not waking"]


@pytest.mark.parametrize("auto", [True, False])
def test_no_status_is_set_of_a_tenant_that_sleeps_nor_of_any_while_one_would_be_woken(
    server: AnsweringServer, answered: WeaviateAdapter, *, auto: bool
) -> None:
    """The server would take no change of its schema any more, for ever."""
    weaviate = Told(auto=auto)
    server.answer = weaviate
    answered.apply(FreezeWrites(Holder("Docs")))
    assert sorted(weaviate.puts) == NOT_WAKING
    weaviate.puts, weaviate.auto = [], auto
    answered.apply(AllowWrites(Holder("Docs"), "activation"))
    assert sorted(weaviate.puts) == NOT_WAKING
    assert weaviate.auto


def test_tenants_that_take_writes_are_left_alone_when_they_are_allowed(
    server: AnsweringServer, answered: WeaviateAdapter
) -> None:
    """So no tenant is brought into memory for it, and nothing is switched off in between."""
    weaviate = Told(auto=True)
    weaviate.status = "LAZY_LOADING"
    server.answer = weaviate
    answered.apply(AllowWrites(Holder("Docs"), "activation"))
    assert weaviate.puts == []
    assert {asked.method for asked in server.asked} == {"GET"}


def test_a_tenant_that_was_removed_meanwhile_needs_no_status_and_any_other_refusal_counts(
    server: AnsweringServer,
    answered: WeaviateAdapter,
) -> None:
    weaviate = Told(auto=False)
    weaviate.gone = {"a"}
    server.answer = weaviate
    answered.apply(FreezeWrites(Holder("Docs")))

    def refusing(asked: Asked) -> Answer:
        found = weaviate(asked)
        return Answer(422, {"error": [{"message": "no"}]}) if "/shards/b" in asked.path else found

    server.answer = refusing
    with pytest.raises(Refused):
        answered.apply(FreezeWrites(Holder("Docs")))


def test_a_look_at_very_many_tenants_takes_a_few_requests(server: AnsweringServer, answered: WeaviateAdapter) -> None:
    names = [f"t{number}" for number in range(10_000)]

    def answer(asked: Asked) -> Answer:
        if asked.path.startswith("/v1/nodes"):
            shard = {"class": "Docs", "vectorIndexingStatus": "READONLY", "loaded": True}
            return Answer(200, {"nodes": [{"shards": [{**shard, "name": name} for name in names]}]})
        if asked.path.endswith("/tenants"):
            return Answer(200, [{"name": name, "activityStatus": "HOT"} for name in names])
        if asked.path.startswith("/v1/objects"):
            return Answer(404)
        return Answer(200, {"class": "Docs", "multiTenancyConfig": {"enabled": True}})

    server.answer = answer
    seen = answered.observe_holder(Holder("Docs"))
    assert (seen.frozen, seen.tenants, seen.count) == (True, 10_000, None)
    assert len(server.asked) == 4  # the note, the schema, the tenants, the nodes
