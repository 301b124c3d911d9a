"""What was changed by another hand, in Weaviate or in Kubernetes, is put back or reported, as the spec says."""

import json
from typing import Any

import httpx
import pytest

from e2e.cluster.namespace import Namespace, eventually
from e2e.cluster.operator import OperatorProcess
from tests.operator.reconcile.scrape import metric

Json = dict[str, Any]


@pytest.fixture
def handbook(namespace: Namespace, collection_spec: Json, operator: OperatorProcess) -> Json:
    """A collection under a policy that was found at rest more than once; returns its address."""
    namespace.apply("HNSWIndexPolicy", "careful", {"hnsw": {"ef": 64}})
    collection_spec["levels"] = {"longTerm": {"indexPolicyRef": {"name": "careful"}}}
    collection_spec["compaction"] = {"schedule": "@daily"}
    namespace.apply("ContextCollection", "handbook", collection_spec)
    address: Json = namespace.await_ready("ContextCollection", "handbook")["status"]["address"]["longTerm"]
    reconciles = 'hirag_operator_reconciles_total{kind="ContextCollection",result="done"}'
    began = metric(operator, reconciles)
    eventually(lambda: metric(operator, reconciles), lambda now: now >= began + 3)
    return address


def reasons(namespace: Namespace) -> set[str]:
    return {event["reason"] for event in namespace.all_of("Event")}


def ef(weaviate: httpx.Client, address: Json) -> int:
    return int(weaviate.get(f"/schema/{address['collection']}").json()["vectorIndexConfig"]["ef"])


def set_ef(weaviate: httpx.Client, address: Json, value: int) -> None:
    path = f"/schema/{address['collection']}"
    schema = weaviate.get(path).json()
    schema["vectorIndexConfig"]["ef"] = value
    assert weaviate.put(path, json=schema).is_success


def test_a_setting_changed_by_hand_is_put_back_and_told(
    namespace: Namespace, handbook: Json, weaviate: httpx.Client
) -> None:
    set_ef(weaviate, handbook, 7)
    eventually(lambda: ef(weaviate, handbook), lambda value: value == 64)
    eventually(lambda: reasons(namespace), lambda seen: "DriftCorrected" in seen)


def test_an_edit_of_the_spec_is_no_drift(namespace: Namespace, handbook: Json, weaviate: httpx.Client) -> None:
    namespace.apply("HNSWIndexPolicy", "careful", {"hnsw": {"ef": 96}})
    eventually(lambda: ef(weaviate, handbook), lambda value: value == 96)
    namespace.await_ready("ContextCollection", "handbook")
    assert "DriftCorrected" not in reasons(namespace)


def test_under_warn_a_setting_changed_by_hand_is_reported_and_an_edit_of_the_spec_still_applied(
    namespace: Namespace, handbook: Json, collection_spec: Json, weaviate: httpx.Client
) -> None:
    namespace.apply("ContextCollection", "handbook", {**collection_spec, "driftPolicy": "Warn"})
    namespace.await_ready("ContextCollection", "handbook")
    set_ef(weaviate, handbook, 7)
    condition = namespace.await_reason("ContextCollection", "handbook", "Drifted", "InSync")
    assert condition["status"] == "False"
    assert "longTerm: vectorIndexConfig.ef" in condition["message"]
    assert namespace.condition("ContextCollection", "handbook")["status"] == "True"
    assert ef(weaviate, handbook) == 7

    namespace.apply("HNSWIndexPolicy", "careful", {"hnsw": {"ef": 96}})
    eventually(lambda: ef(weaviate, handbook), lambda value: value == 96)
    namespace.await_reason("ContextCollection", "handbook", "InSync", "InSync")


def test_an_alias_moved_by_hand_is_moved_back(namespace: Namespace, handbook: Json, weaviate: httpx.Client) -> None:
    elsewhere = f"Elsewhere_{namespace.name.replace('-', '_')}"
    assert weaviate.post("/schema", json={"class": elsewhere, "vectorizer": "none"}).is_success
    path = f"/aliases/{handbook['alias']}"
    assert weaviate.put(path, json={"class": elsewhere}).is_success
    eventually(lambda: weaviate.get(path).json()["class"], lambda target: target == handbook["collection"])
    eventually(lambda: reasons(namespace), lambda seen: "DriftCorrected" in seen)
    assert weaviate.delete(f"/schema/{elsewhere}").is_success


def test_an_alias_removed_by_hand_is_reported_under_warn_and_made_again_under_enforce(
    namespace: Namespace, handbook: Json, collection_spec: Json, weaviate: httpx.Client
) -> None:
    namespace.apply("ContextCollection", "handbook", {**collection_spec, "driftPolicy": "Warn"})
    namespace.await_ready("ContextCollection", "handbook")
    path = f"/aliases/{handbook['alias']}"
    assert weaviate.delete(path).is_success
    condition = namespace.await_reason("ContextCollection", "handbook", "Drifted", "Stalled")
    assert "was removed by another hand" in condition["message"]
    assert weaviate.get(path).status_code == httpx.codes.NOT_FOUND
    namespace.apply("ContextCollection", "handbook", collection_spec)
    namespace.await_ready("ContextCollection", "handbook")
    assert weaviate.get(path).json()["class"] == handbook["collection"]


def test_a_cronjob_changed_by_hand_is_put_back_or_reported(
    namespace: Namespace, handbook: Json, collection_spec: Json
) -> None:
    assert handbook
    patch = json.dumps({"spec": {"schedule": "@hourly"}})

    def schedule() -> str:
        return str((namespace.get("CronJob", "handbook-compact") or {})["spec"]["schedule"])

    def edit() -> None:
        namespace.control_plane.kubectl("patch", "cronjob", "handbook-compact", "-n", namespace.name, "-p", patch)

    edit()
    eventually(schedule, lambda seen: seen == "@daily")
    namespace.apply("ContextCollection", "handbook", {**collection_spec, "driftPolicy": "Warn"})
    namespace.await_ready("ContextCollection", "handbook")
    edit()
    condition = namespace.await_reason("ContextCollection", "handbook", "Drifted", "InSync")
    assert "spec.schedule of CronJob handbook-compact" in condition["message"]
    assert schedule() == "@hourly"


def test_a_collection_and_its_alias_deleted_behind_our_back_are_told_from_never_made(
    namespace: Namespace, handbook: Json, collection_spec: Json, weaviate: httpx.Client
) -> None:
    assert weaviate.delete(f"/aliases/{handbook['alias']}").is_success
    assert weaviate.delete(f"/schema/{handbook['collection']}").is_success
    condition = namespace.await_reason("ContextCollection", "handbook", "CollectionMissing", "Stalled")
    assert "deleted behind the operator's back" in condition["message"]
    assert weaviate.get(f"/schema/{handbook['collection']}").status_code == httpx.codes.NOT_FOUND
    namespace.apply("ContextCollection", "handbook", {**collection_spec, "lossPolicy": "Recreate"})
    namespace.await_ready("ContextCollection", "handbook")
    assert "CollectionRecreated" in reasons(namespace)
    assert weaviate.get(f"/schema/{handbook['collection']}").is_success


def test_a_level_added_later_is_new_and_not_lost(namespace: Namespace, handbook: Json, collection_spec: Json) -> None:
    assert handbook
    collection_spec["levels"]["shortTerm"] = {}
    namespace.apply("ContextCollection", "handbook", collection_spec)
    status = namespace.await_ready("ContextCollection", "handbook")["status"]
    assert set(status["address"]) == {"shortTerm", "longTerm"}


def test_a_level_that_is_no_longer_declared_keeps_its_data_and_says_so(
    namespace: Namespace, handbook: Json, collection_spec: Json, weaviate: httpx.Client
) -> None:
    assert handbook
    collection_spec["levels"]["shortTerm"] = {}
    namespace.apply("ContextCollection", "handbook", collection_spec)
    left = namespace.await_ready("ContextCollection", "handbook")["status"]["address"]["shortTerm"]
    del collection_spec["levels"]["shortTerm"]
    namespace.apply("ContextCollection", "handbook", collection_spec)
    namespace.await_ready("ContextCollection", "handbook")
    message = namespace.condition("ContextCollection", "handbook")["message"]
    assert f"its data stays in {left['collection']}" in message
    assert weaviate.get(f"/aliases/{left['alias']}").json()["class"] == left["collection"]


def test_the_address_is_a_configmap_for_applications_and_is_kept_as_it_should_be(
    namespace: Namespace, handbook: Json
) -> None:
    def data() -> Json:
        return dict((namespace.get("ConfigMap", "handbook-address") or {}).get("data", {}))

    made = eventually(data, lambda seen: seen)
    assert made["LONG_TERM_ALIAS"] == handbook["alias"]
    assert "LONG_TERM_TENANT" not in made
    assert made["WEAVIATE_HTTP_URL"].startswith("http://127.0.0.1:")
    assert made["EMBEDDING_URL"].endswith("/v1")
    patch = json.dumps({"data": {"LONG_TERM_ALIAS": "Elsewhere"}})
    namespace.control_plane.kubectl("patch", "configmap", "handbook-address", "-n", namespace.name, "-p", patch)
    eventually(data, lambda seen: seen["LONG_TERM_ALIAS"] == handbook["alias"])
    namespace.control_plane.kubectl("delete", "configmap", "handbook-address", "-n", namespace.name)
    eventually(data, lambda seen: seen == made)


def test_what_is_written_meanwhile_is_counted_after_a_rest(
    namespace: Namespace, handbook: Json, weaviate: httpx.Client
) -> None:
    answer = weaviate.post("/objects", json={"class": handbook["alias"], "properties": {"text": "one"}})
    assert answer.is_success, answer.text
    eventually(
        lambda: (namespace.get("ContextCollection", "handbook") or {})["status"]["objects"], lambda count: count == 1
    )


def test_a_status_that_was_wiped_is_written_again_after_a_rest(namespace: Namespace, handbook: Json) -> None:
    wipe = json.dumps({"status": None})
    namespace.control_plane.kubectl(
        "patch", "ctx", "handbook", "-n", namespace.name, "--subresource=status", "--type=merge", "-p", wipe
    )
    status = namespace.await_ready("ContextCollection", "handbook")["status"]
    assert status["address"]["longTerm"] == handbook
