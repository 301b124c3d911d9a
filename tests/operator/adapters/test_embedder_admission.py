"""What the plan renders for every source, profile and way to scale, as a real API server takes it."""

import itertools
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from e2e.cluster.controlplane import ControlPlane
from e2e.cluster.errors import KubectlError
from hirag_operator.api import EmbeddingModel
from hirag_operator.plan.children.drift import drift
from hirag_operator.plan.children.owned import Owner, marked
from hirag_operator.plan.model.embedder import embedder_objects
from hirag_operator.plan.model.gpuprofiles import choose
from tests.operator.plan.objects import HUB

Json = dict[str, Any]

NAMESPACE = "embedder-admission"
IMAGE = "registry.example.com/hirag-embedder:1"
SHARED = {"modelCache": {"size": "10Gi", "accessMode": "ReadWriteMany", "storageClassName": "shared"}}
SOURCES: dict[str, tuple[Json, Json]] = {
    "hub": (HUB, {}),
    "hub-cached": (HUB, SHARED),
    "claim": ({"persistentVolumeClaim": {"claimName": "models", "path": "a/b"}}, {}),
    "claim-cached": ({"persistentVolumeClaim": {"claimName": "models"}}, SHARED),
    "image": ({"image": {"reference": "registry.example.com/models/bge@sha256:0abc", "path": "/m"}}, {}),
    "folder": ({"hostPath": {"path": "/srv/models"}}, {}),
}
PROFILES: dict[str, Json] = {
    "plain": {},
    "gpu": {
        "gpuProfiles": [
            {
                "name": "h100",
                "resource": {"count": 2},
                "nodeSelector": {"gpu": "h100"},
                "tolerations": [{"key": "nvidia.com/gpu", "operator": "Exists"}],
            }
        ]
    },
    "cpu": {"gpuProfiles": [{"name": "cpu", "nodeSelector": {"pool": "cpu"}}]},
}
SCALING: dict[str, Json] = {
    "one": {},
    "none": {"replicas": 0},
    "three": {"replicas": 3},
    "auto": {"autoscaling": {"minReplicas": 2, "maxReplicas": 5}},
}
COMMON: Json = {
    "resources": {"requests": {"cpu": "0.5", "memory": "1024Mi"}, "limits": {"memory": "2Gi"}},
    "imagePullSecrets": [{"name": "registry"}],
    "podLabels": {"cost-centre": "search"},
    "podAnnotations": {"prometheus.io/scrape": "true"},
}


def rendered(source: str, profile: str, scaling: str) -> list[Json]:
    """The children of one combination, marked as they are applied."""
    where, cache = SOURCES[source]
    name = f"{source}-{profile}-{scaling}"
    serving = {**COMMON, **cache, **PROFILES[profile], **SCALING[scaling]}
    body = {
        "metadata": {"name": name, "namespace": NAMESPACE, "uid": "5f0c7b1e-0000-4000-8000-000000000001"},
        "kind": "EmbeddingModel",
        "spec": {"source": where, "dimensions": 384, "serving": serving},
    }
    model = EmbeddingModel.from_wire(body)
    choice = choose(model.spec.effective_serving.gpu_profiles or (), None, (), datetime.now(UTC))
    owner = Owner("EmbeddingModel", NAMESPACE, name, model.metadata.uid)
    return [marked(manifest) for manifest in embedder_objects(model, owner, IMAGE, choice)]


@pytest.fixture(scope="module")
def namespace(control_plane: ControlPlane) -> Iterator[str]:
    """A namespace that admits pods of the restricted Pod Security Standard alone."""
    control_plane.kubectl("create", "namespace", NAMESPACE)
    control_plane.kubectl("label", "namespace", NAMESPACE, "pod-security.kubernetes.io/enforce=restricted")
    yield NAMESPACE
    control_plane.kubectl("delete", "namespace", NAMESPACE, "--wait=false")


def tried(control_plane: ControlPlane, manifests: list[Json]) -> list[Json]:
    """What the API server makes of manifests on a dry run."""
    listed = json.dumps({"apiVersion": "v1", "kind": "List", "items": manifests})
    command = ("apply", "--server-side", "--dry-run=server", "--field-manager=hirag-operator", "-o", "json", "-f", "-")
    answer = json.loads(control_plane.kubectl(*command, stdin=listed))
    return list(answer["items"]) if answer["kind"] == "List" else [answer]


def pod_of(deployment: Json) -> Json:
    """A pod as the ReplicaSet controller makes it of a Deployment."""
    template = deployment["spec"]["template"]
    metadata = {**template["metadata"], "name": f"{deployment['metadata']['name']}-x", "namespace": NAMESPACE}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": template["spec"]}


@pytest.mark.parametrize("source", SOURCES)
def test_every_combination_is_accepted_and_comes_back_without_drift(
    control_plane: ControlPlane, namespace: str, source: str
) -> None:
    wanted = [child for combination in itertools.product(PROFILES, SCALING) for child in rendered(source, *combination)]
    assert {manifest["metadata"]["namespace"] for manifest in wanted} == {namespace}
    answers = tried(control_plane, wanted)
    assert len(answers) == len(wanted)
    found = {(body["kind"], body["metadata"]["name"]): body for body in answers}
    for manifest in wanted:
        assert list(drift(manifest, found[manifest["kind"], manifest["metadata"]["name"]])) == []


@pytest.mark.parametrize("source", [source for source in SOURCES if source != "folder"])
def test_pods_satisfy_the_restricted_pod_security_standard(
    control_plane: ControlPlane, namespace: str, source: str
) -> None:
    children = [child for profile in PROFILES for child in rendered(source, profile, "one")]
    accounts = [child for child in children if child["kind"] == "ServiceAccount"]
    for account in accounts:
        control_plane.kubectl("create", "serviceaccount", account["metadata"]["name"], "-n", namespace)
    pods = [pod_of(child) for child in children if child["kind"] == "Deployment"]
    answers = tried(control_plane, pods)
    assert len(answers) == len(PROFILES)
    assert all(body["spec"]["automountServiceAccountToken"] is False for body in answers)


def test_a_folder_of_the_node_is_what_the_standard_forbids(control_plane: ControlPlane, namespace: str) -> None:
    (account, deployment, *_) = rendered("folder", "plain", "one")
    control_plane.kubectl("create", "serviceaccount", account["metadata"]["name"], "-n", namespace)
    with pytest.raises(KubectlError, match="restricted volume types"):
        tried(control_plane, [pod_of(deployment)])
