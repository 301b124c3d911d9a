"""A Weaviate in the cluster, with a key, as a platform team runs one beside the operator."""

import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from e2e.cluster.cluster import Cluster

NAMESPACE, NAME = "data", "weaviate"
HTTP, GRPC = 8080, 50051
_USER = "operator"
_READY_SECONDS = 180


@dataclass(frozen=True)
class InCluster:
    """Where it is, and the key that it wants."""

    key: str

    @property
    def http_url(self) -> str:
        """Root of the REST API, without /v1, as pods reach it."""
        return f"http://{NAME}.{NAMESPACE}.svc:{HTTP}"

    @property
    def grpc_address(self) -> str:
        """Host and port of gRPC, as pods reach it."""
        return f"{NAME}.{NAMESPACE}.svc:{GRPC}"


@contextmanager
def running(cluster: Cluster, image: str) -> Iterator[InCluster]:
    """Have a Weaviate of one pod until the end of the block."""
    found = InCluster(secrets.token_urlsafe(24))
    manifests = _manifests(image, found.key)
    cluster.kubectl("create", "namespace", NAMESPACE)
    try:
        cluster.kubectl("apply", "-f", "-", stdin=json.dumps({"apiVersion": "v1", "kind": "List", "items": manifests}))
        cluster.kubectl("-n", NAMESPACE, "rollout", "status", f"deployment/{NAME}", f"--timeout={_READY_SECONDS}s")
        yield found
    finally:
        cluster.kubectl("delete", "namespace", NAMESPACE)


def _manifests(image: str, key: str) -> list[dict[str, Any]]:
    labels = {"app": NAME}
    metadata = {"name": NAME, "namespace": NAMESPACE, "labels": labels}
    ports = [{"name": "http", "port": HTTP}, {"name": "grpc", "port": GRPC}]
    return [
        {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": {"api-key": key}},
        {"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": {"selector": labels, "ports": ports}},
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": metadata,
            "spec": {
                "selector": {"matchLabels": labels},
                "strategy": {"type": "Recreate"},
                "template": {"metadata": {"labels": labels}, "spec": _pod(image)},
            },
        },
    ]


def _pod(image: str) -> dict[str, Any]:
    """Return the pod; its data outlive its container, not itself."""
    container = {
        "name": NAME,
        "image": image,
        "imagePullPolicy": "IfNotPresent",
        "args": ["--host=0.0.0.0", f"--port={HTTP}", "--scheme=http"],
        "env": [{"name": name, "value": value} for name, value in _SETTINGS.items()]
        + [
            {
                "name": "AUTHENTICATION_APIKEY_ALLOWED_KEYS",
                "valueFrom": {"secretKeyRef": {"name": NAME, "key": "api-key"}},
            }
        ],
        "ports": [{"name": "http", "containerPort": HTTP}, {"name": "grpc", "containerPort": GRPC}],
        "readinessProbe": {"httpGet": {"path": "/v1/.well-known/ready", "port": "http"}, "periodSeconds": 1},
        "volumeMounts": [{"name": "data", "mountPath": "/data"}],
    }
    return {
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,  # they would set WEAVIATE_PORT, which the server would take for its own
        "terminationGracePeriodSeconds": 10,
        "containers": [container],
        "volumes": [{"name": "data", "emptyDir": {}}],
    }


_SETTINGS = {
    "AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED": "false",
    "AUTHENTICATION_APIKEY_ENABLED": "true",
    "AUTHENTICATION_APIKEY_USERS": _USER,
    "AUTOSCHEMA_ENABLED": "false",
    "CLUSTER_ADVERTISE_ADDR": "127.0.0.1",
    "CLUSTER_BIND_ADDR": "127.0.0.1",
    "CLUSTER_HOSTNAME": "node1",
    "CLUSTER_IN_LOCALHOST": "true",
    "DISABLE_TELEMETRY": "true",
    "DISK_USE_READONLY_PERCENTAGE": "0",  # the disk of a developer may be nearly full
    "ENABLE_MODULES": "text2vec-transformers",
    "PERSISTENCE_DATA_PATH": "/data",
    "RAFT_BOOTSTRAP_EXPECT": "1",
    "RAFT_TIMEOUTS_MULTIPLIER": "1",
    "TRANSFORMERS_INFERENCE_API": "http://127.0.0.1:9",  # wanted even where every collection names its own
    "TRANSFORMERS_WAIT_FOR_STARTUP": "false",
}
