"""A namespace is the border: whoever tries to reach another's data by names, references or words gets nowhere."""

import json
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from e2e.cluster.controlplane import ControlPlane
from e2e.cluster.namespace import Namespace, eventually
from e2e.cluster.operator import OperatorProcess

Json = dict[str, Any]

LONG = "x" * 40
# Pairs of (namespace, name) that look alike once they are put together; {} is a part that no other test has.
LOOKALIKES = {
    "the dash of a namespace and of a name": [("{}-b", "c"), ("{}", "b-c")],
    "dashes in a row": [("{}--b", "c"), ("{}-b", "c"), ("{}", "b--c")],
    "a digit first": [("1{}", "docs"), ("n-1{}", "docs"), ("n--1{}", "docs")],
    "long names that begin alike": [("{}", LONG + "-a"), ("{}", LONG + "-b"), ("{}-" + LONG, "a")],
    "words that names are put together from": [("{}", "longterm"), ("{}-longterm", "a"), ("{}", "a-longterm")],
}


@pytest.fixture
def exactly(control_plane: ControlPlane, operator: OperatorProcess) -> Iterator[Callable[[str], Namespace]]:
    """Make namespaces of given names."""
    operator.check()
    made: dict[str, Namespace] = {}

    def make(name: str) -> Namespace:
        made[name] = made.get(name) or Namespace(control_plane, name)
        return made[name]

    yield make
    for namespace in made.values():
        for body in namespace.all_of("ContextCollection"):
            namespace.delete("ContextCollection", body["metadata"]["name"])


@pytest.fixture
def open_model(namespace: Namespace, model_spec: Json) -> Json:
    """A reference to a model that every namespace may use."""
    namespace.apply("EmbeddingModel", "everybodys", {**model_spec, "allowedNamespaces": {"from": "All"}})
    return {"name": "everybodys", "namespace": namespace.name}


@pytest.mark.parametrize("placement", ["Dedicated", "Shared"])
@pytest.mark.parametrize("pairs", LOOKALIKES.values(), ids=LOOKALIKES)
def test_objects_whose_names_look_alike_have_nothing_in_common(
    exactly: Callable[[str], Namespace],
    open_model: Json,
    weaviate: httpx.Client,
    pairs: list[tuple[str, str]],
    placement: str,
) -> None:
    part = f"p{uuid.uuid4().hex[:6]}"
    spec = {
        "embeddingModelRef": open_model,
        "levels": {"longTerm": {}},
        "placement": placement,
        "deletionPolicy": "Delete",
    }
    owners = [(exactly(namespace.format(part)), name) for namespace, name in pairs]
    for namespace, name in owners:
        namespace.apply("ContextCollection", name, spec)
    addresses = [_address(namespace, name) for namespace, name in owners]
    assert len({address["alias"].lower() for address in addresses}) == len(owners)
    places = {(address["collection"], address.get("tenant")) for address in addresses}
    assert len(places) == len(owners)
    for number, address in enumerate(addresses):
        _write(weaviate, address, f"secret of {number}")
    for number, address in enumerate(addresses):
        assert _texts(weaviate, address) == [f"secret of {number}"]

    (leaving, name), *_ = owners
    leaving.delete("ContextCollection", name)
    eventually(lambda: leaving.get("ContextCollection", name), lambda body: body is None)
    for number, address in enumerate(addresses[1:], start=1):
        assert _texts(weaviate, address) == [f"secret of {number}"]


def test_permission_lost_later_is_said_touches_nothing_and_given_back_heals(
    namespaces: Callable[..., Namespace], model_spec: Json, weaviate: httpx.Client
) -> None:
    home, guest = namespaces(), namespaces()
    home.apply("EmbeddingModel", "minilm", {**model_spec, "allowedNamespaces": {"from": "All"}})
    spec = {
        "embeddingModelRef": {"name": "minilm", "namespace": home.name},
        "levels": {"shortTerm": {}, "longTerm": {}},
        "summarization": {"schedule": "0 3 * * *", "llm": {"url": "http://127.0.0.1:9/v1", "model": "none"}},
        "deletionPolicy": "Delete",
    }
    guest.apply("ContextCollection", "handbook", spec)
    address = _address(guest, "handbook")
    _write(weaviate, address, "kept")
    before = _made(guest)
    assert before["CronJob"], "there is something to lose"

    home.apply("EmbeddingModel", "minilm", model_spec)
    condition = guest.await_reason("ContextCollection", "handbook", "NamespaceNotAllowed", "Stalled")
    assert "stays as it is" in condition["message"]
    assert _made(guest) == before
    assert weaviate.get(f"/aliases/{address['alias']}").json()["class"] == address["collection"]
    assert _texts(weaviate, address) == ["kept"]

    home.apply("EmbeddingModel", "minilm", {**model_spec, "allowedNamespaces": {"from": "All"}})
    guest.await_ready("ContextCollection", "handbook")
    assert _made(guest) == before
    assert _texts(weaviate, address) == ["kept"]


def test_a_stranger_does_not_learn_what_another_namespace_has(
    namespaces: Callable[..., Namespace], model_spec: Json
) -> None:
    home, guest = namespaces(), namespaces()
    home.apply("EmbeddingModel", "present", model_spec)
    home.apply("HNSWIndexPolicy", "present", {})
    home.await_ready("EmbeddingModel", "present")
    guest.apply("EmbeddingModel", "own", model_spec)
    messages: dict[str, set[str]] = {"model": set(), "policy": set()}
    for name in ("present", "absent"):
        abroad = {"name": name, "namespace": home.name}
        guest.apply("ContextCollection", f"model-{name}", {"embeddingModelRef": abroad, "levels": {"longTerm": {}}})
        levels = {"longTerm": {"indexPolicyRef": abroad}}
        guest.apply("ContextCollection", f"policy-{name}", {"embeddingModelRef": {"name": "own"}, "levels": levels})
        for kind, told in messages.items():
            condition = guest.await_reason("ContextCollection", f"{kind}-{name}", "NamespaceNotAllowed", "Stalled")
            told.add(condition["message"].replace(f"/{name} ", "/NAME "))
    assert [len(told) for told in messages.values()] == [1, 1]


def test_a_secret_of_another_namespace_is_out_of_reach(namespaces: Callable[..., Namespace], model_spec: Json) -> None:
    home, guest = namespaces(), namespaces()
    home.secret("provider", {"token": "swordfish-456"})
    model_spec["external"]["apiKeySecretRef"] = {"name": "provider", "key": "token"}
    guest.apply("EmbeddingModel", "thief", model_spec)
    condition = guest.await_reason("EmbeddingModel", "thief", "SecretNotFound")
    assert "swordfish" not in str(condition)
    for name in (f"{home.name}/provider", f"../{home.name}/provider", f"provider?namespace={home.name}"):
        model_spec["external"]["apiKeySecretRef"] = {"name": name, "key": "token"}
        with pytest.raises(AssertionError, match="must be an object's name"):
            guest.apply("EmbeddingModel", "thief", model_spec)


def test_free_words_stay_words(namespace: Namespace, collection_spec: Json, weaviate: httpx.Client) -> None:
    words = 'The "author"}}{ of ../it,\nin `two` lines; $(whoami)'
    collection_spec["properties"] = [{"name": "author", "description": words}]
    namespace.apply("ContextCollection", "handbook", collection_spec)
    address = _address(namespace, "handbook")
    schema = weaviate.get(f"/schema/{address['collection']}").json()
    assert next(one["description"] for one in schema["properties"] if one["name"] == "author") == words


def test_a_record_written_by_hand_leads_to_nobody_elses_data(
    namespaces: Callable[..., Namespace], model_spec: Json, weaviate: httpx.Client, control_plane: ControlPlane
) -> None:
    """Whoever may edit the ConfigMap of an address may claim anything there; the stamp in Weaviate decides."""
    victim, thief = namespaces(), namespaces()
    spec = {"embeddingModelRef": {"name": "minilm"}, "levels": {"longTerm": {}}, "deletionPolicy": "Delete"}
    for namespace in (victim, thief):
        namespace.apply("EmbeddingModel", "minilm", model_spec)
        namespace.apply("ContextCollection", "handbook", spec)
    theirs, own = _address(victim, "handbook"), _address(thief, "handbook")
    _write(weaviate, theirs, "secret")
    claim = json.dumps({"longTerm": {"collection": theirs["collection"], "settings": "any"}})
    control_plane.kubectl(
        "annotate", "configmap", "-n", thief.name, "handbook-address", f"hirag.dev/made={claim}", "--overwrite"
    )
    assert weaviate.delete(f"/aliases/{own['alias']}").is_success
    eventually(lambda: weaviate.get(f"/aliases/{own['alias']}").is_success, bool)
    assert weaviate.get(f"/aliases/{own['alias']}").json()["class"] == own["collection"]
    thief.delete("ContextCollection", "handbook")
    eventually(lambda: thief.get("ContextCollection", "handbook"), lambda body: body is None)
    assert _texts(weaviate, theirs) == ["secret"]


def test_an_alias_that_was_pointed_at_anothers_data_is_not_followed(
    namespaces: Callable[..., Namespace], model_spec: Json, weaviate: httpx.Client
) -> None:
    """Not even to count it, or to delete it with one's own."""
    victim, thief = namespaces(), namespaces()
    spec = {"embeddingModelRef": {"name": "minilm"}, "levels": {"longTerm": {}}, "deletionPolicy": "Delete"}
    for namespace in (victim, thief):
        namespace.apply("EmbeddingModel", "minilm", model_spec)
        namespace.apply("ContextCollection", "handbook", {**spec, "driftPolicy": "Warn"})
    theirs, own = _address(victim, "handbook"), _address(thief, "handbook")
    _write(weaviate, theirs, "secret")
    assert weaviate.put(f"/aliases/{own['alias']}", json={"class": theirs["collection"]}).is_success
    thief.await_reason("ContextCollection", "handbook", "Drifted", "Stalled")
    assert (thief.get("ContextCollection", "handbook") or {})["status"].get("objects", 0) == 0
    thief.delete("ContextCollection", "handbook")
    eventually(lambda: thief.get("ContextCollection", "handbook"), lambda body: body is None)
    assert _texts(weaviate, theirs) == ["secret"]


def _address(namespace: Namespace, name: str) -> Json:
    address: Json = namespace.await_ready("ContextCollection", name)["status"]["address"]["longTerm"]
    return address


def _write(weaviate: httpx.Client, address: Json, text: str) -> None:
    body = {"class": address["alias"], "properties": {"text": text}, "vector": [0.5] * 384}
    if address.get("tenant"):
        body["tenant"] = address["tenant"]
    answer = weaviate.post("/objects", json=body)
    assert answer.is_success, answer.text


def _texts(weaviate: httpx.Client, address: Json) -> list[str]:
    where = f'(tenant:"{address["tenant"]}")' if address.get("tenant") else ""
    answer = weaviate.post("/graphql", json={"query": f"{{Get{{{address['alias']}{where}{{text}}}}}}"}).json()
    return [found["text"] for found in answer["data"]["Get"][address["alias"]]]


def _made(namespace: Namespace) -> Json:
    """Return what was made in Kubernetes, with its versions."""
    found: Json = {}
    for kind, plural in {"CronJob": "cronjobs", "ConfigMap": "configmaps"}.items():
        listed = json.loads(namespace.control_plane.kubectl("get", plural, "-n", namespace.name, "-o", "json"))
        items = [one["metadata"] for one in listed["items"] if one["metadata"].get("ownerReferences")]
        found[kind] = {one["name"]: one["resourceVersion"] for one in items}
    return found
