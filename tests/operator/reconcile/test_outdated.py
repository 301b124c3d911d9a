"""A process that comes to lead with watches that lag makes and removes nothing for what an object was before."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import httpx
import pytest
from kubernetes import config
from kubernetes.client import ApiClient, Configuration

from e2e.cluster.controlplane import ControlPlane
from e2e.cluster.namespace import Namespace, eventually
from e2e.cluster.weaviate import WeaviateServer
from hirag_operator.adapters.connections import Connections, Target
from hirag_operator.adapters.embedder import EmbedderAdapter
from hirag_operator.adapters.kubernetes import KubernetesAdapter
from hirag_operator.adapters.store import Coverage, Store
from hirag_operator.errors import Outdated
from hirag_operator.plan.children.owned import FIELD_MANAGER
from hirag_operator.reconcile.collection import reconcile
from hirag_operator.reconcile.services import Services
from hirag_operator.settings import Settings

Json = dict[str, Any]
Heir = Callable[[Json], Services]

_load_kube_config: Any = config.load_kube_config  # the client ships no types for it
KIND, NAME = "ContextCollection", "handbook"


@pytest.fixture
def heir(control_plane: ControlPlane, weaviate_server: WeaviateServer, pod_port: int) -> Heir:
    """Makes what another operator works with whose watches have brought one object, and nothing since."""

    def make(body: Json) -> Services:
        configuration = Configuration()
        _load_kube_config(config_file=str(control_plane.kubeconfig), client_configuration=configuration)
        store = Store({KIND: Coverage()})
        store.put(body)
        metadata = body["metadata"]
        store.settle(KIND, None, {(metadata["namespace"], metadata["name"])}, metadata["resourceVersion"])
        return Services(
            kubernetes=KubernetesAdapter(ApiClient(configuration), field_manager=FIELD_MANAGER, store=store),
            connections=Connections({"default": Target(weaviate_server.http_url)}),
            embedder=EmbedderAdapter(),
            instance=Settings.model_fields["instance"].default,
            embedder_image="",
            jobs_image="",
            service_url=f"http://127.0.0.1:{pod_port}",
        )

    return make


def aliases(weaviate: httpx.Client, namespace: Namespace) -> set[str]:
    beginning = namespace.name.replace("-", "_").capitalize()
    found = weaviate.get("/aliases").raise_for_status().json()["aliases"]
    return {one["alias"] for one in found if one["alias"].startswith(beginning)}


def remove(namespace: Namespace) -> None:
    namespace.delete(KIND, NAME)
    eventually(lambda: namespace.get(KIND, NAME), lambda body: body is None)


@pytest.fixture
def body(namespace: Namespace, collection_spec: Json) -> Json:
    """A collection that is ready, and whose data goes with it."""
    namespace.apply(KIND, NAME, {**collection_spec, "deletionPolicy": "Delete", "lossPolicy": "Recreate"})
    return deepcopy(namespace.await_ready(KIND, NAME))


def test_nothing_is_made_for_an_object_that_is_gone(
    namespace: Namespace, body: Json, weaviate: httpx.Client, heir: Heir
) -> None:
    assert aliases(weaviate, namespace)
    remove(namespace)
    services = heir(body)
    with pytest.raises(Outdated):
        reconcile(services, namespace.name, NAME)
    assert aliases(weaviate, namespace) == set()
    assert reconcile(services, namespace.name, NAME).gone, "it knows better by now"


def test_a_namesake_keeps_its_data_though_the_one_before_is_seen_to_leave(
    namespace: Namespace, body: Json, weaviate: httpx.Client, heir: Heir, collection_spec: Json
) -> None:
    remove(namespace)
    namespace.apply(KIND, NAME, collection_spec)
    namespace.await_ready(KIND, NAME)
    there = aliases(weaviate, namespace)
    leaving = {**body, "metadata": {**body["metadata"], "deletionTimestamp": "2026-01-01T00:00:00Z"}}
    with pytest.raises(Outdated):
        reconcile(heir(leaving), namespace.name, NAME)
    assert aliases(weaviate, namespace) == there != set()


def test_what_counts_is_what_is_decided_by(
    namespace: Namespace, body: Json, heir: Heir, control_plane: ControlPlane
) -> None:
    kubernetes = heir(body).kubernetes
    kubernetes.patch_status(KIND, namespace.name, NAME, {"objects": 7})
    kubernetes.require_current(body)
    control_plane.kubectl("annotate", KIND, NAME, "-n", namespace.name, "hirag.dev/approve=some-plan")
    with pytest.raises(Outdated, match="is not as it was read any more"):
        kubernetes.require_current(body)
