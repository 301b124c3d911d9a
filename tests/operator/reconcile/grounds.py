"""What scenarios stand on whose operator runs Jobs: a control plane with our kinds, and a namespace with a model."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from e2e.cluster.controlplane import ControlPlane
from e2e.cluster.embedder import DIMENSIONS, MAX_TOKENS, MODEL_NAME, EmbedderServer
from e2e.cluster.namespace import Namespace
from e2e.cluster.toolchain import Toolchain
from e2e.cluster.weaviate import WeaviateServer
from tests.operator.reconcile.conftest import install_crds
from tests.operator.reconcile.migration.scene import JOBS


@contextmanager
def plane_for_jobs(toolchain: Toolchain) -> Iterator[ControlPlane]:
    """A control plane with our kinds and the namespace where Jobs run."""
    with ControlPlane(toolchain) as control_plane:
        install_crds(control_plane)
        control_plane.kubectl("create", "namespace", JOBS)
        yield control_plane


def connection(weaviate: WeaviateServer) -> dict[str, Any]:
    """How an operator reaches a Weaviate, for its Jobs too."""
    return {"http_url": weaviate.http_url, "grpc_address": f"127.0.0.1:{weaviate.grpc_port}"}


def furnished(plane: ControlPlane, name: str, embedder: EmbedderServer) -> Namespace:
    """A namespace with a model that is Ready."""
    namespace = Namespace(plane, name)
    furnish(namespace, embedder)
    return namespace


def furnish(namespace: Namespace, embedder: EmbedderServer) -> None:
    """Give a namespace a model that is Ready."""
    external = {"url": f"{embedder.url}/v1", "model": MODEL_NAME, "vectorizer": "text2vec-transformers"}
    spec: dict[str, Any] = {"external": external, "dimensions": DIMENSIONS, "maxTokens": MAX_TOKENS}
    namespace.apply("EmbeddingModel", "minilm", spec)
    namespace.await_ready("EmbeddingModel", "minilm")
