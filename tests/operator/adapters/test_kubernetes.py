"""The adapter on a real API server with its controllers: what it writes, what it leaves alone, what it reads back."""

import copy
import itertools
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from kubernetes import config
from kubernetes.client import ApiClient, Configuration

from e2e.cluster.controlplane import ControlPlane
from e2e.cluster.ports import PortReservation
from hirag_operator.adapters.kubernetes import KubernetesAdapter
from hirag_operator.adapters.resources import RESOURCES
from hirag_operator.api import ContextCollection, EmbeddingModel
from hirag_operator.errors import Conflict, Garbled, NotAuthorized, Refused, Unreachable
from hirag_operator.plan.children.owned import FIELD_MANAGER, Owner, plan_children
from hirag_operator.plan.collection.cronjobs import cronjobs
from hirag_operator.plan.events import event
from hirag_operator.plan.model.embedder import embedder_objects
from hirag_operator.plan.model.gpuprofiles import Choice
from hirag_operator.plan.steps import ApplyChild, DeleteChild
from tests.operator.adapters.answering import Answer, AnsweringServer
from tests.operator.plan.documents import cases

Json = dict[str, Any]

_load_kube_config: Any = config.load_kube_config  # the client ships no types for it
CRDS = Path(__file__).parents[3] / "crds"
NAMESPACE = "adapters"
NUMBERS = itertools.count(1)
COMPACTION: Json = {"compaction": {"schedule": "@daily"}}
MODEL: Json = {"source": {"hostPath": {"path": "/srv/minilm"}}, "dimensions": 384}


def connected(**settings: Any) -> KubernetesAdapter:
    configuration = Configuration(**settings)
    configuration.retries = 0
    return KubernetesAdapter(ApiClient(configuration), field_manager=FIELD_MANAGER, timeout_seconds=5)


@pytest.fixture(scope="module")
def kubernetes(control_plane: ControlPlane) -> Iterator[KubernetesAdapter]:
    for file in sorted(CRDS.glob("*.yaml")):
        control_plane.kubectl("apply", "--server-side", "--force-conflicts", "-f", str(file))
    control_plane.kubectl("wait", "--for=condition=Established", "crd", "--all", "--timeout=60s")
    control_plane.kubectl("get", "hirag", "--all-namespaces")  # waits for storage that is still being set up
    control_plane.kubectl("create", "namespace", NAMESPACE)
    configuration = Configuration()
    _load_kube_config(config_file=str(control_plane.kubeconfig), client_configuration=configuration)
    configuration.retries = 0
    yield KubernetesAdapter(ApiClient(configuration), field_manager=FIELD_MANAGER)
    control_plane.kubectl("delete", "namespace", NAMESPACE, "--wait=false")


@pytest.fixture
def owner(kubernetes: KubernetesAdapter) -> Callable[[str, Json], Json]:
    """Makes an object of ours, so that the garbage collector lets its children live."""

    def make(kind: str, spec: Json) -> Json:
        metadata = {"name": f"sample-{next(NUMBERS)}", "namespace": NAMESPACE}
        return kubernetes.create({"apiVersion": "hirag.dev/v1alpha1", "kind": kind, "metadata": metadata, "spec": spec})

    return make


def owner_of(body: Json) -> Owner:
    metadata = body["metadata"]
    return Owner(body["kind"], metadata["namespace"], metadata["name"], metadata["uid"])


def children(body: Json) -> list[Json]:
    if body["kind"] == "EmbeddingModel":
        return embedder_objects(EmbeddingModel.from_wire(body), owner_of(body), "hirag-embedder:test", Choice())
    return cronjobs(ContextCollection.from_wire(body), owner_of(body), "hirag-jobs:test")


def keep(kubernetes: KubernetesAdapter, body: Json) -> list[Any]:
    """Keeps an object's children as wanted; what had to be done."""
    wanted = children(body)
    found = [kubernetes.get(m["kind"], NAMESPACE, m["metadata"]["name"]) for m in wanted]
    steps = plan_children(owner_of(body), wanted, [one for one in found if one]).steps
    for step in steps:
        kubernetes.apply(step)
    return list(steps)


def deployment_of(kubernetes: KubernetesAdapter, body: Json) -> Json:
    found = kubernetes.get("Deployment", NAMESPACE, f"{body['metadata']['name']}-embedder")
    assert found is not None
    return found


RENDERED = [
    pytest.param(next(iter(manifests.values())), id=case.id)
    for folder in ("embedder", "cronjobs")
    for case in cases(folder)
    for manifests in (case.values[0],)
]
MEASURED = {
    **MODEL,
    "serving": {
        "resources": {"requests": {"cpu": "0.5", "memory": "1024Mi"}, "limits": {"cpu": "2.0", "memory": "1.5Gi"}}
    },
}


@pytest.mark.parametrize(
    "manifest", [*RENDERED, pytest.param({"kind": "EmbeddingModel", "spec": MEASURED}, id="sizes")]
)
def test_what_was_just_applied_shows_no_drift(
    kubernetes: KubernetesAdapter, owner: Callable[[str, Json], Json], manifest: Json
) -> None:
    body = owner(manifest["kind"], manifest["spec"])
    assert len(keep(kubernetes, body)) == len(children(body))
    assert keep(kubernetes, body) == []


def test_applying_the_same_again_changes_nothing(
    kubernetes: KubernetesAdapter, owner: Callable[[str, Json], Json]
) -> None:
    body = owner("ContextCollection", {"embeddingModelRef": {"name": "m"}, "levels": {"longTerm": {}}, **COMPACTION})
    (step,) = keep(kubernetes, body)
    name = step.manifest["metadata"]["name"]
    before = kubernetes.get("CronJob", NAMESPACE, name)
    kubernetes.apply(step)
    assert kubernetes.get("CronJob", NAMESPACE, name) == before


def test_a_field_that_the_spec_names_no_more_is_taken_away(
    kubernetes: KubernetesAdapter, owner: Callable[[str, Json], Json]
) -> None:
    body = owner("EmbeddingModel", {**MODEL, "serving": {"nodeSelector": {"disk": "ssd"}, "schedulerName": "own"}})
    keep(kubernetes, body)
    assert deployment_of(kubernetes, body)["spec"]["template"]["spec"]["nodeSelector"] == {"disk": "ssd"}
    plain = copy.deepcopy(body)
    plain["spec"] = MODEL
    assert len(keep(kubernetes, plain)) == 1
    pod = deployment_of(kubernetes, body)["spec"]["template"]["spec"]
    assert "nodeSelector" not in pod
    assert pod["schedulerName"] == "default-scheduler"
    assert keep(kubernetes, plain) == []


def test_what_others_add_stays_and_is_no_drift(
    kubernetes: KubernetesAdapter, control_plane: ControlPlane, owner: Callable[[str, Json], Json]
) -> None:
    body = owner("EmbeddingModel", MODEL)
    keep(kubernetes, body)
    name = f"deployment/{body['metadata']['name']}-embedder"
    control_plane.kubectl("-n", NAMESPACE, "label", name, "team=search")
    control_plane.kubectl("-n", NAMESPACE, "set", "env", name, "HTTPS_PROXY=http://proxy:3128")
    assert keep(kubernetes, body) == []
    (deployment, *_) = children(body)
    kubernetes.apply(ApplyChild(deployment))
    live = deployment_of(kubernetes, body)
    assert live["metadata"]["labels"]["team"] == "search"
    (container,) = live["spec"]["template"]["spec"]["containers"]
    assert {"name": "HTTPS_PROXY", "value": "http://proxy:3128"} in container["env"]


def test_a_field_of_ours_that_others_take_is_taken_back(
    kubernetes: KubernetesAdapter, control_plane: ControlPlane, owner: Callable[[str, Json], Json]
) -> None:
    body = owner("EmbeddingModel", {**MODEL, "serving": {"replicas": 2}})
    keep(kubernetes, body)
    name = f"{body['metadata']['name']}-embedder"
    theirs = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": NAMESPACE},
        "spec": {"replicas": 7},
    }
    control_plane.kubectl(
        "apply", "--server-side", "--force-conflicts", "--field-manager=them", "-f", "-", stdin=json.dumps(theirs)
    )
    assert deployment_of(kubernetes, body)["spec"]["replicas"] == 7
    assert len(keep(kubernetes, body)) == 1
    assert deployment_of(kubernetes, body)["spec"]["replicas"] == 2


def test_an_autoscalers_replicas_are_left_to_it(
    kubernetes: KubernetesAdapter, control_plane: ControlPlane, owner: Callable[[str, Json], Json]
) -> None:
    body = owner("EmbeddingModel", {**MODEL, "serving": {"autoscaling": {"maxReplicas": 5}}})
    keep(kubernetes, body)
    control_plane.kubectl("-n", NAMESPACE, "scale", f"deployment/{body['metadata']['name']}-embedder", "--replicas=3")
    assert keep(kubernetes, body) == []
    kubernetes.apply(ApplyChild(next(child for child in children(body) if child["kind"] == "Deployment")))
    assert deployment_of(kubernetes, body)["spec"]["replicas"] == 3


def test_children_are_found_by_their_owners_labels_with_their_kind(
    kubernetes: KubernetesAdapter, owner: Callable[[str, Json], Json]
) -> None:
    body = owner("EmbeddingModel", MODEL)
    keep(kubernetes, body)
    selector = ",".join(f"{key}={value}" for key, value in owner_of(body).labels.items())
    (found,) = kubernetes.all_of("Service", NAMESPACE, selector)
    assert (found["apiVersion"], found["kind"]) == ("v1", "Service")
    assert owner_of(body).owns(found)
    assert kubernetes.all_of("Service", "default", selector) == []
    assert len(kubernetes.all_of("Service", None, selector)) == 1


def test_a_child_is_deleted_and_deleting_it_again_is_fine(
    kubernetes: KubernetesAdapter, owner: Callable[[str, Json], Json]
) -> None:
    body = owner("EmbeddingModel", MODEL)
    keep(kubernetes, body)
    name = f"{body['metadata']['name']}-embedder"
    for _ in range(2):
        kubernetes.apply(DeleteChild("Service", NAMESPACE, name))
    assert kubernetes.get("Service", NAMESPACE, name) is None


def test_what_is_not_there_is_none(kubernetes: KubernetesAdapter) -> None:
    assert kubernetes.get("Secret", NAMESPACE, "nothing") is None
    assert kubernetes.get("Namespace", None, "nothing") is None


@pytest.mark.parametrize("kind", sorted(RESOURCES))
def test_every_kind_of_the_table_is_where_the_table_says(kubernetes: KubernetesAdapter, kind: str) -> None:
    assert isinstance(kubernetes.all_of(kind), list)


def test_a_status_is_merged_and_leaves_the_spec_alone(
    kubernetes: KubernetesAdapter, owner: Callable[[str, Json], Json]
) -> None:
    body = owner("EmbeddingModel", MODEL)
    name = body["metadata"]["name"]
    kubernetes.patch_status("EmbeddingModel", NAMESPACE, name, {"model": "minilm", "dimensions": 384})
    kubernetes.patch_status("EmbeddingModel", NAMESPACE, name, {"dimensions": None, "replicas": 1})
    found = kubernetes.get("EmbeddingModel", NAMESPACE, name)
    assert found is not None
    assert found["status"] == {"model": "minilm", "replicas": 1, "observedGeneration": -1}
    assert (found["spec"], found["metadata"]["generation"]) == (body["spec"], 1)


def test_finalizers_are_replaced_only_on_the_version_that_was_seen(
    kubernetes: KubernetesAdapter, owner: Callable[[str, Json], Json]
) -> None:
    body = owner("EmbeddingModel", MODEL)
    name, version = body["metadata"]["name"], body["metadata"]["resourceVersion"]
    kubernetes.set_finalizers("EmbeddingModel", NAMESPACE, name, ["hirag.dev/held"], version)
    with pytest.raises(Conflict):
        kubernetes.set_finalizers("EmbeddingModel", NAMESPACE, name, [], version)
    held = kubernetes.get("EmbeddingModel", NAMESPACE, name)
    assert held is not None
    assert held["metadata"]["finalizers"] == ["hirag.dev/held"]
    kubernetes.set_finalizers("EmbeddingModel", NAMESPACE, name, [], held["metadata"]["resourceVersion"])


def test_writing_about_an_object_that_is_gone_is_fine(kubernetes: KubernetesAdapter) -> None:
    kubernetes.patch_status("EmbeddingModel", NAMESPACE, "gone", {"model": "m"})
    kubernetes.set_finalizers("EmbeddingModel", NAMESPACE, "gone", [], "")


@pytest.mark.parametrize("note", ["Created collection A.", "→" * 2000], ids=["a sentence", "more than fits"])
def test_an_event_is_taken_and_the_same_one_only_once(
    kubernetes: KubernetesAdapter, owner: Callable[[str, Json], Json], note: str
) -> None:
    made = event(owner("EmbeddingModel", MODEL), "CollectionCreated", note, datetime.now(UTC))
    assert kubernetes.create(made)["note"] == made["note"]
    with pytest.raises(Conflict):
        kubernetes.create(made)


def test_a_refusal_carries_the_servers_words(kubernetes: KubernetesAdapter, owner: Callable[[str, Json], Json]) -> None:
    body = owner("EmbeddingModel", MODEL)
    deployment = copy.deepcopy(next(child for child in children(body) if child["kind"] == "Deployment"))
    deployment["spec"]["template"]["spec"]["containers"][0]["livenessProbe"]["periodSeconds"] = -1
    with pytest.raises(Refused, match=r"Deployment: 422 .*periodSeconds") as caught:
        kubernetes.apply(ApplyChild(deployment))
    assert caught.value.status == 422


def test_a_wrong_token_is_not_authorized_and_not_told(control_plane: ControlPlane) -> None:
    configuration = Configuration(host=control_plane.url)
    configuration.ssl_ca_cert = str(control_plane.authority)
    configuration.api_key = {"authorization": "Bearer a-strangers-token"}
    stranger = KubernetesAdapter(ApiClient(configuration), field_manager=FIELD_MANAGER)
    with pytest.raises(NotAuthorized, match="401") as caught:
        stranger.get("Secret", NAMESPACE, "a")
    assert "a-strangers-token" not in str(caught.value)


def test_a_server_that_nobody_vouches_for_is_unreachable(control_plane: ControlPlane) -> None:
    with pytest.raises(Unreachable, match="the Kubernetes API"):
        connected(host=control_plane.url).get("Secret", NAMESPACE, "a")


def test_a_server_that_refuses_connections_is_unreachable() -> None:
    with PortReservation() as port, pytest.raises(Unreachable):
        connected(host=f"http://127.0.0.1:{port.first}").get("Secret", NAMESPACE, "a")


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        pytest.param(Answer(200, b"<html></html>"), Garbled, id="a page"),
        pytest.param(Answer(403, {"message": "forbidden"}), NotAuthorized, id="no rights"),
        pytest.param(Answer(409, {"message": "changed"}), Conflict, id="changed meanwhile"),
        pytest.param(Answer(429, {"message": "slow down"}), Unreachable, id="too many requests"),
        pytest.param(Answer(503, b"<html></html>"), Unreachable, id="not available"),
        pytest.param(Answer(400, ["odd"]), Refused, id="a refusal of an odd form"),
    ],
)
def test_a_failure_has_a_kind(server: AnsweringServer, answer: Answer, kind: type[Exception]) -> None:
    server.answer = answer
    with pytest.raises(kind, match="the Kubernetes API"):
        connected(host=server.url).get("Secret", NAMESPACE, "a")


def test_a_server_that_hangs_is_unreachable(server: AnsweringServer) -> None:
    server.answer = Answer(held=True)
    adapter = KubernetesAdapter(
        ApiClient(Configuration(host=server.url)), field_manager=FIELD_MANAGER, timeout_seconds=0.2
    )
    with pytest.raises(Unreachable):
        adapter.all_of("Secret")
