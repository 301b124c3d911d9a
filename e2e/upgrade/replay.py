"""Bringing a snapshot back: Kubernetes finds its objects in etcd, as after a restart; Weaviate makes its collections.

The API server gives every object that is created a uid and field managers of its own. So objects are put where it would
have put them, as JSON, which it reads as well as its own encoding.
"""

import base64
import json
from typing import Any, Final

import httpx

from e2e.cluster.controlplane import ControlPlane
from e2e.cluster.namespace import Namespace, eventually
from e2e.upgrade import scene
from e2e.upgrade.snapshot import Snapshot

Json = dict[str, Any]

# Where the API server keeps a kind, below /registry.
# Source: k8s.io/kubernetes, pkg/kubeapiserver/default_storage_factory_builder.go (SpecialDefaultResourcePrefixes)
_PLACES: Final = {
    "EmbeddingModel": "hirag.dev/embeddingmodels",
    "HNSWIndexPolicy": "hirag.dev/hnswindexpolicies",
    "ContextCollection": "hirag.dev/contextcollections",
    "Secret": "secrets",
    "ConfigMap": "configmaps",
    "ServiceAccount": "serviceaccounts",
    "Service": "services/specs",
    "PersistentVolumeClaim": "persistentvolumeclaims",
    "Deployment": "deployments",
    "HorizontalPodAutoscaler": "horizontalpodautoscalers",
    "PodDisruptionBudget": "poddisruptionbudgets",
    "CronJob": "cronjobs",
}


def replay(snapshot: Snapshot, control_plane: ControlPlane, weaviate: httpx.Client) -> Namespace:
    """Bring a snapshot back, with the CRDs of its release.

    Args:
        snapshot: What was left behind.
        control_plane: One that has none of it yet.
        weaviate: A client whose base is the `/v1` of a server that has nothing yet.

    Returns:
        The team's namespace, once the cluster's own controllers have come to rest with it.
    """
    namespace = Namespace(control_plane, snapshot.objects[0]["metadata"]["namespace"])
    scene.install_crds(namespace, snapshot.crds)
    with httpx.Client(base_url=control_plane.etcd_url, trust_env=False) as etcd:
        for body in snapshot.objects:
            _put(etcd, body)
    for collection in snapshot.collections:
        _make(weaviate, collection)
    for alias, target in snapshot.aliases.items():
        _accept(weaviate.post("/aliases", json={"alias": alias, "class": target}))
    for body in snapshot.objects:
        if body["kind"] == "Deployment":
            _await_pods(namespace, body)
    return namespace


def _put(etcd: httpx.Client, body: Json) -> None:
    metadata = body["metadata"]
    key = f"/registry/{_PLACES[body['kind']]}/{metadata['namespace']}/{metadata['name']}"
    pair = {"key": _base64(key), "value": _base64(json.dumps(body))}
    _accept(etcd.post("/v3/kv/put", json=pair))


def _await_pods(namespace: Namespace, body: Json) -> None:
    """Wait until a Deployment has its pods again; they are no part of a snapshot, for nobody needs to know them."""
    name, wanted = body["metadata"]["name"], body["spec"]["replicas"]

    def live() -> list[Json]:
        marked = [pod for pod in namespace.all_of("Pod") if pod["metadata"]["name"].startswith(f"{name}-")]
        deployment = namespace.get("Deployment", name) or {}
        return marked if (deployment.get("status") or {}).get("replicas") == len(marked) else []

    eventually(live, lambda pods: len(pods) == wanted)


def _make(weaviate: httpx.Client, collection: Json) -> None:
    schema = {key: value for key, value in collection.items() if key != "tenants"}
    _accept(weaviate.post("/schema", json=schema))
    if tenants := collection.get("tenants"):
        _accept(weaviate.post(f"/schema/{schema['class']}/tenants", json=tenants))


def _accept(answer: httpx.Response) -> None:
    if not answer.is_success:
        raise AssertionError(f"{answer.request.method} {answer.request.url.path}: {answer.text}")


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
