"""Work in pods of the jobs image: the ingest as the docs have it, and questions asked from inside the cluster."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from e2e.cluster.cluster import Cluster

_SECONDS = 180
_USER = {"runAsNonRoot": True, "runAsUser": 65532, "seccompProfile": {"type": "RuntimeDefault"}}
_LOCKED = {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}


def ingest(cluster: Cluster, namespace: str, collection: str, texts: Mapping[str, str], *, key: str, image: str) -> str:
    """Fill the long-term level of a collection by a Job that reads its address; return the Job's log."""
    metadata = {"name": f"fill-{collection}", "namespace": namespace}
    container = {
        "name": "ingest",
        "image": image,
        "imagePullPolicy": "IfNotPresent",
        "command": ["hirag-jobs", "ingest", "/texts", "--source", "texts"],
        "envFrom": [{"configMapRef": {"name": f"{collection}-address"}}],
        "env": [
            {"name": "HIRAG_JOBS_LEVEL", "value": "longTerm"},
            {"name": "HIRAG_JOBS_API_KEY_FILE", "value": "/var/run/weaviate/api-key"},
        ],
        "volumeMounts": [
            {"name": "texts", "mountPath": "/texts", "readOnly": True},
            {"name": "key", "mountPath": "/var/run/weaviate", "readOnly": True},
            {"name": "tmp", "mountPath": "/tmp"},  # noqa: S108 - a volume of the pod's own
        ],
        "securityContext": _LOCKED,
    }
    volumes = [
        {"name": "texts", "configMap": {"name": metadata["name"]}},
        {"name": "key", "secret": {"secretName": metadata["name"], "defaultMode": 0o440}},
        {"name": "tmp", "emptyDir": {}},
    ]
    manifests = [
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": dict(texts)},
        {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": {"api-key": key}},
        _job(metadata, container, volumes),
    ]
    return _run(cluster, namespace, metadata["name"], manifests)


def python(cluster: Cluster, namespace: str, name: str, program: str, arguments: Sequence[str], *, image: str) -> str:
    """Run a program in a pod; return what it printed."""
    container = {
        "name": "python",
        "image": image,
        "imagePullPolicy": "IfNotPresent",
        "command": ["python", "-c", program, *arguments],
        "securityContext": _LOCKED,
    }
    metadata = {"name": name, "namespace": namespace}
    said = _run(cluster, namespace, name, [_job(metadata, container, [])])
    cluster.kubectl("delete", "job", "-n", namespace, name)
    return said


def _job(metadata: Mapping[str, str], container: Mapping[str, Any], volumes: Sequence[Any]) -> dict[str, Any]:
    pod = {
        "restartPolicy": "Never",
        "automountServiceAccountToken": False,
        "securityContext": {**_USER, "fsGroup": 65532},
        "containers": [container],
        "volumes": list(volumes),
    }
    spec = {"backoffLimit": 0, "template": {"spec": pod}}
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": dict(metadata), "spec": spec}


def _run(cluster: Cluster, namespace: str, name: str, manifests: Sequence[Any]) -> str:
    """Apply a Job with what it needs, wait for its end, return its log; a Job that fails is an error with its log."""
    cluster.kubectl("apply", "-f", "-", stdin=json.dumps({"apiVersion": "v1", "kind": "List", "items": manifests}))
    cluster.kubectl(
        "wait", "-n", namespace, f"job/{name}", f"--timeout={_SECONDS}s",
        '--for=jsonpath={.status.conditions[?(@.status=="True")].type}',
    )  # fmt: skip
    said = cluster.kubectl("logs", "-n", namespace, f"job/{name}")
    failed = cluster.kubectl("get", "job", "-n", namespace, name, "-o", "jsonpath={.status.failed}")
    if failed:
        raise AssertionError(f"Job {name} failed: {said}")
    return said
