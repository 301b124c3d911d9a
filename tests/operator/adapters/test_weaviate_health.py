"""What a real Weaviate says of itself, and that asking leaves no trace."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from e2e.cluster.faultproxy import FaultProxy
from e2e.cluster.faults import Fault
from e2e.cluster.toolchain import Toolchain
from e2e.cluster.weaviate import WeaviateServer
from hirag_operator.adapters.connections import Connections, Target
from hirag_operator.adapters.http import JsonServer
from hirag_operator.adapters.weaviate import WeaviateAdapter
from hirag_operator.adapters.weaviate.health import SETTINGS_AGE, SHARDS_AGE, Health, auto_schema, read_only_shards
from hirag_operator.errors import Garbled, NotAuthorized, ReadOnly, Refused, Unreachable
from hirag_operator.plan.collection.serverhealth import ServerSeen
from hirag_operator.plan.steps import AddProperty, CreateTenants, UpdateCollection
from tests.operator.adapters.answering import Answer, AnsweringServer, answering
from tests.operator.adapters.conftest import API_KEY
from tests.operator.adapters.levels import Levels

TENANTS = {"multiTenancy": {"enabled": True, "tenants": [{"name": "a"}, {"name": "b", "state": "Inactive"}]}}


@pytest.fixture
def weaviate(weaviate_server: WeaviateServer) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{weaviate_server.http_url}/v1", timeout=30, trust_env=False) as client:
        yield client


@pytest.fixture
def server(weaviate_server: WeaviateServer) -> JsonServer:
    return JsonServer("Weaviate 'default'", weaviate_server.http_url)


@pytest.fixture
def server_double() -> Iterator[AnsweringServer]:
    with answering() as running:
        yield running


def set_shards(weaviate: httpx.Client, collection: str, status: str, *names: str) -> None:
    """As a full disk does, and as a person can."""
    for name in names or [shard["name"] for shard in weaviate.get(f"/schema/{collection}/shards").json()]:
        answer = weaviate.put(f"/schema/{collection}/shards/{name}", json={"status": status})
        assert answer.is_success, answer.text


def loaded(weaviate: httpx.Client, collection: str) -> set[str]:
    (node,) = weaviate.get(f"/nodes/{collection}", params={"output": "verbose"}).json()["nodes"]
    return {shard["name"] for shard in node["shards"] if shard["loaded"]}


def test_the_version_is_told_and_auto_schema_is_off(weaviate_server: WeaviateServer) -> None:
    seen = Connections({"default": Target(weaviate_server.http_url)}).health("default")
    assert seen is not None
    assert seen.version.startswith("1.")
    assert seen.auto_schema is False


def test_auto_schema_is_found_out_without_making_anything(toolchain: Toolchain) -> None:
    with WeaviateServer(toolchain, env={"AUTOSCHEMA_ENABLED": "true"}) as open_server:
        assert auto_schema(JsonServer("Weaviate", open_server.http_url)) is True
        assert httpx.get(f"{open_server.http_url}/v1/schema", trust_env=False).json()["classes"] == []
        (node,) = httpx.get(f"{open_server.http_url}/v1/nodes?output=verbose", trust_env=False).json()["nodes"]
        assert not node["shards"]


def test_a_key_without_rights_leaves_what_it_may_not_ask_unknown(guarded_server: WeaviateServer) -> None:
    right = JsonServer("Weaviate", guarded_server.http_url, bearer=API_KEY)
    wrong = JsonServer("Weaviate", guarded_server.http_url, bearer="stranger")
    assert auto_schema(right) is False
    assert (auto_schema(wrong), read_only_shards(wrong)) == (None, None)
    with pytest.raises(NotAuthorized):
        Health().look(wrong)


def test_shards_that_take_no_writes_are_found_by_collection(
    weaviate: httpx.Client, server: JsonServer, levels: Levels
) -> None:
    level, other = levels.wanted(), levels.wanted()
    levels.bring_about(level)
    levels.bring_about(other)
    set_shards(weaviate, level.collection, "READONLY")
    found = read_only_shards(server)
    assert found is not None
    assert level.collection in found
    assert other.collection not in found
    assert read_only_shards(server, level.collection) == {level.collection: found[level.collection]}
    set_shards(weaviate, level.collection, "READY")
    assert read_only_shards(server, level.collection) == {}


def test_looking_for_them_leaves_tenants_that_were_put_away_where_they_are(
    weaviate: httpx.Client, server: JsonServer, levels: Levels
) -> None:
    level = levels.wanted(TENANTS)
    levels.bring_about(level)
    before = loaded(weaviate, level.collection)
    assert read_only_shards(server, level.collection) == {}
    assert "b" not in before
    assert loaded(weaviate, level.collection) == before


@pytest.mark.parametrize(
    "step",
    [
        lambda name: UpdateCollection(name, {"vectorIndexConfig": {"ef": 77}}, ("vectorIndexConfig.ef",)),
        lambda name: UpdateCollection(name, {"invertedIndexConfig": {"bm25": {"b": 0.5}}}, ()),
        lambda name: AddProperty(name, {"name": "later", "dataType": ["int"]}),
    ],
    ids=["index", "keywords", "property"],
)
def test_a_collection_that_takes_no_writes_is_not_half_changed(
    weaviate: httpx.Client, levels: Levels, step: Callable[[str], Any]
) -> None:
    """The server would answer 422 and keep the change in its schema, without carrying it out."""
    level = levels.wanted()
    levels.bring_about(level)
    set_shards(weaviate, level.collection, "READONLY")
    before = levels.live(level)
    with pytest.raises(ReadOnly, match=f"{level.collection} takes no changes, for shard"):
        levels.adapter.apply(step(level.collection))
    assert levels.live(level) == before
    set_shards(weaviate, level.collection, "READY")
    levels.adapter.apply(step(level.collection))
    assert levels.live(level) != before


def test_what_a_refused_update_left_in_the_schema_is_taken_out_again(
    weaviate: httpx.Client, weaviate_server: WeaviateServer, levels: Levels
) -> None:
    """The shard becomes READONLY between the look at it and the update."""
    level = levels.wanted()
    levels.bring_about(level)
    set_shards(weaviate, level.collection, "READONLY")
    with FaultProxy(weaviate_server.http_url) as proxy:
        proxy.fault = Fault(status=200, body=b'{"nodes": []}', path="/v1/nodes")
        adapter = WeaviateAdapter(JsonServer("Weaviate", proxy.url))
        with pytest.raises(Refused, match="read-only"):
            adapter.apply(UpdateCollection(level.collection, {"vectorIndexConfig": {"ef": 77}}, ()))
    assert levels.live(level)["vectorIndexConfig"]["ef"] == level.schema["vectorIndexConfig"]["ef"]


def test_tenants_come_and_go_while_others_take_no_writes(weaviate: httpx.Client, levels: Levels) -> None:
    level = levels.wanted(TENANTS)
    levels.bring_about(level)
    set_shards(weaviate, level.collection, "READONLY", "a")
    levels.adapter.apply(CreateTenants(level.collection, {"c": "ACTIVE"}))
    tenants = weaviate.get(f"/schema/{level.collection}/tenants").json()
    assert {tenant["name"] for tenant in tenants} == {"a", "b", "c"}


def test_a_server_is_asked_once_in_a_while_by_however_many(weaviate_server: WeaviateServer) -> None:
    now = 0.0
    health = Health(lambda: now)
    with FaultProxy(weaviate_server.http_url) as proxy:
        server = JsonServer("Weaviate", proxy.url)
        for moment, calls in ((0.0, 3), (SHARDS_AGE - 1, 3), (SHARDS_AGE, 4), (SETTINGS_AGE, 7), (SETTINGS_AGE + 1, 7)):
            now = moment
            assert health.look(server).auto_schema is False
            assert len(proxy.asked) == calls
        assert {asked.method for asked in proxy.asked} == {"GET", "POST"}
        assert {asked.path for asked in proxy.asked if asked.method == "POST"} == {"/v1/objects"}


def test_after_a_failure_everything_is_asked_anew(server_double: AnsweringServer) -> None:
    now = 0.0
    health, server = Health(lambda: now), JsonServer("Weaviate", server_double.url)
    server_double.answers = {"/v1/meta": Answer(200, {"version": "1.35.2"}), "/v1/objects": Answer(403)}
    server_double.answer = Answer(200, {"nodes": []})
    assert health.look(server) == ServerSeen("1.35.2", None, {})
    server_double.answers["/v1/objects"] = Answer(422, {"error": [{"message": "the given class is empty"}]})
    assert health.look(server, fresh=True).auto_schema is None
    server_double.answer, now = Answer(503), SHARDS_AGE
    with pytest.raises(Unreachable):
        health.look(server)
    server_double.answer = Answer(200, {"nodes": []})
    assert health.look(server).auto_schema is True


def test_a_fresh_look_sees_that_the_server_is_gone_or_another(server_double: AnsweringServer) -> None:
    health, server = Health(lambda: 0.0), JsonServer("Weaviate", server_double.url)
    server_double.answers = {"/v1/meta": Answer(200, {"version": "1.35.2"}), "/v1/objects": Answer(403)}
    server_double.answer = Answer(200, {"nodes": []})
    health.look(server)
    server_double.answers["/v1/meta"] = Answer(200, {"version": "1.36.0"})
    assert health.look(server).version == "1.35.2"
    assert health.look(server, fresh=True).version == "1.36.0"
    server_double.answers["/v1/meta"] = Answer(503)
    with pytest.raises(Unreachable):
        health.look(server, fresh=True)


@pytest.mark.parametrize("status", [403, 404])
def test_nodes_that_may_not_be_looked_at_leave_it_unknown_what_takes_writes(
    server_double: AnsweringServer, status: int
) -> None:
    server_double.answers = {"/v1/meta": Answer(200, {"version": "1.35.2"})}
    server_double.answer = Answer(status)
    assert Health().look(JsonServer("Weaviate", server_double.url)) == ServerSeen("1.35.2", None, None)


@pytest.mark.parametrize(
    ("answer", "error"),
    [(Answer(200, {}), Garbled), (Answer(200, ["odd"]), Garbled), (Answer(503), Unreachable)],
    ids=["no version", "a list", "out of service"],
)
def test_what_is_no_weaviate_is_told_as_such(
    server_double: AnsweringServer, answer: Answer, error: type[Exception]
) -> None:
    server_double.answer = answer
    with pytest.raises(error):
        Health().look(JsonServer("Weaviate", server_double.url))
