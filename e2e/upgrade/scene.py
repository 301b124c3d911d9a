"""A team's objects, one of everything that the operator makes and keeps, and when it has come to rest with them."""

from functools import partial
from pathlib import Path
from typing import Any, Final

import yaml

from e2e.cluster.namespace import Namespace, eventually

Json = dict[str, Any]

CRDS: Final = Path(__file__).parents[2] / "crds"
OURS: Final = ("EmbeddingModel", "HNSWIndexPolicy", "ContextCollection")
CHILDREN: Final = (
    *("Deployment", "Service", "ServiceAccount", "HorizontalPodAutoscaler", "PodDisruptionBudget"),
    *("PersistentVolumeClaim", "ConfigMap", "CronJob"),
)
NAMESPACE: Final = "team"
# Digests are made of addresses, and a snapshot keeps them: so these are the same whenever one is brought back.
PROVIDER_PORT: Final = 18385
WEAVIATE_PORT: Final = 18386
OPERATOR: Final = {
    "HIRAG_OPERATOR_RESYNC_SECONDS": "1",
    "HIRAG_OPERATOR_EMBEDDER_IMAGE": "registry.example.com/hirag-embedder:1",
    "HIRAG_OPERATOR_JOBS_IMAGE": "registry.example.com/hirag-jobs:1",
}
_MANIFESTS: Final = Path(__file__).with_name("team.yaml")
_READY: Final = (
    *(("EmbeddingModel", "minilm"), ("HNSWIndexPolicy", "fast"), ("HNSWIndexPolicy", "small")),
    *(("ContextCollection", name) for name in ("handbook", "tenants", "shared")),
)
_UNSERVED: Final = {"fixed": 2, "scaled": 2}  # replicas: there is no node for their pods


def manifests(provider: str) -> str:
    """Return the team's manifests as YAML.

    Args:
        provider: Root of the OpenAI-compatible API that the model `minilm` is served by, with its version.
    """
    return _MANIFESTS.read_text().replace("{provider}", provider)


def objects(provider: str) -> list[Json]:
    """Return the team's manifests of our kinds."""
    return [body for body in yaml.safe_load_all(manifests(provider)) if body["kind"] in OURS]


def install_crds(namespace: Namespace, folder: Path = CRDS) -> None:
    """Apply the CRDs of a folder, and wait until their kinds are served."""
    kubectl = namespace.control_plane.kubectl
    kubectl("apply", "--server-side", "--force-conflicts", "-f", str(folder))
    kubectl("wait", "--for=condition=Established", "--timeout=60s", "-f", str(folder))


def apply(namespace: Namespace, provider: str) -> None:
    """Apply the team's manifests as `kubectl apply` does without further options."""
    namespace.control_plane.kubectl("apply", "-n", namespace.name, "-f", "-", stdin=manifests(provider))


def await_rest(namespace: Namespace) -> None:
    """Wait until all that can be ready is, and the rest says why it is not."""
    for kind, name in _READY:
        namespace.await_ready(kind, name)
    namespace.await_reason("ContextCollection", "paused", "Paused")
    for name, replicas in _UNSERVED.items():
        namespace.await_reason("EmbeddingModel", name, "PodsNotReady")
        eventually(partial(_pods, namespace, name), replicas.__eq__)


def _pods(namespace: Namespace, name: str) -> int:
    """Return how many pods a model says that it has; an autoscaler looks every 15 seconds."""
    model = namespace.get("EmbeddingModel", name)
    return int(((model or {}).get("status") or {}).get("replicas", 0))
