"""One operator for all scenarios of this folder; each scenario has a namespace of its own."""

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from e2e.cluster.controlplane import ControlPlane
from e2e.cluster.embedder import EmbedderServer
from e2e.cluster.namespace import Namespace
from e2e.cluster.operator import OperatorProcess
from e2e.cluster.ports import PortReservation
from e2e.cluster.toolchain import Toolchain
from e2e.cluster.weaviate import WeaviateServer

CRDS = Path(__file__).parents[3] / "crds"
MODEL_NAME = "sentence-transformers/all-MiniLM-L6-v2"


@pytest.fixture(scope="package")
def pod_port() -> Iterator[int]:
    """The port where a pod that runs as a local process answers for the Service of any model."""
    with PortReservation() as reservation:
        yield reservation.first


def install_crds(control_plane: ControlPlane) -> None:
    for file in sorted(CRDS.glob("*.yaml")):
        control_plane.kubectl("apply", "--server-side", "--force-conflicts", "-f", str(file))


@pytest.fixture(scope="package")
def weaviate_server(toolchain: Toolchain) -> Iterator[WeaviateServer]:
    """One of their own: what the operator leaves on it meets no other tests."""
    with WeaviateServer(toolchain) as server:
        yield server


@pytest.fixture(scope="package")
def guarded_weaviate(toolchain: Toolchain) -> Iterator[WeaviateServer]:
    """A Weaviate that wants a key."""
    with WeaviateServer(toolchain, api_keys={"right-key-5": "operator"}) as server:
        yield server


@pytest.fixture(scope="package")
def guarded_key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file from which the operator takes the key of the guarded Weaviate: a wrong one to begin with."""
    file = tmp_path_factory.mktemp("keys") / "weaviate"
    file.write_text("wrong-key-7\n")
    return file


@pytest.fixture(scope="package")
def operator(
    control_plane: ControlPlane,
    weaviate_server: WeaviateServer,
    guarded_weaviate: WeaviateServer,
    guarded_key: Path,
    pod_port: int,
) -> Iterator[OperatorProcess]:
    install_crds(control_plane)
    connections = {
        "default": {"http_url": weaviate_server.http_url},
        "nowhere": {"http_url": "http://127.0.0.1:9"},
        "guarded": {"http_url": guarded_weaviate.http_url, "api_key_file": str(guarded_key)},
    }
    env = {
        "HIRAG_OPERATOR_RESYNC_SECONDS": "2",
        "HIRAG_OPERATOR_SERVICE_URL": f"http://127.0.0.1:{pod_port}",
    }
    with OperatorProcess(control_plane, connections, env=env) as operator:
        yield operator


@pytest.fixture
def namespaces(control_plane: ControlPlane, operator: OperatorProcess) -> Iterator[Callable[..., Namespace]]:
    """Make namespaces of one's own, under an operator that runs; emptied at the end, so that it has less to look at."""
    operator.check()
    made: list[Namespace] = []

    def make(**labels: str) -> Namespace:
        made.append(Namespace(control_plane, f"team-{uuid.uuid4().hex[:8]}", labels))
        return made[-1]

    yield make
    for namespace in made:
        for kind in ("ContextCollection", "EmbeddingModel", "HNSWIndexPolicy"):
            for body in namespace.all_of(kind):
                namespace.delete(kind, body["metadata"]["name"])


@pytest.fixture
def namespace(namespaces: Callable[..., Namespace]) -> Namespace:
    return namespaces()


@pytest.fixture
def weaviate(weaviate_server: WeaviateServer) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{weaviate_server.http_url}/v1", timeout=30, trust_env=False) as client:
        yield client


@pytest.fixture
def model_spec(embedder: EmbedderServer) -> dict[str, Any]:
    """An EmbeddingModel's spec: the real embedder as an external provider."""
    external = {"url": f"{embedder.url}/v1", "model": MODEL_NAME, "vectorizer": "text2vec-transformers"}
    return {"external": external, "dimensions": 384, "maxTokens": 256}


@pytest.fixture
def ready_model(namespace: Namespace, model_spec: dict[str, Any]) -> str:
    namespace.apply("EmbeddingModel", "minilm", model_spec)
    return "minilm"


@pytest.fixture
def collection_spec(ready_model: str) -> dict[str, Any]:
    return {"embeddingModelRef": {"name": ready_model}, "levels": {"longTerm": {}}, "chunking": {"maxTokens": 200}}
