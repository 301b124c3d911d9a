"""A model's files in a claim, as a platform team puts them there where no hub is reached."""

import io
import json
import tarfile
from pathlib import Path
from typing import Any

from e2e.cluster import data
from e2e.cluster.cluster import Cluster
from e2e.cluster.local import LocalCluster

SIZE = "1Gi"
_DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class"
_ON_THE_NODE = Path("/var/tmp/hirag-e2e")  # noqa: S108 - of a node that somebody else runs and that has no storage class
FOLDER = "minilm"
_UNPACK = "import sys, tarfile; tarfile.open(fileobj=sys.stdin.buffer, mode='r|').extractall('/models', filter='data')"
_WAIT = "import signal; signal.pause()"
_FILL_SECONDS = 180
READY_SECONDS = 180.0  # a pod starts, exports the model and answers


def fill_claim(cluster: Cluster, namespace: str, claim: str, image: str) -> None:
    """Make a claim that holds the model in FOLDER.

    Args:
        cluster: Where.
        namespace: The claim's; it exists.
        claim: Its name; a pod of the same name writes into it and is gone afterwards.
        image: One that has Python.
    """
    volume = "" if _makes_volumes(cluster) else _offer_volume(cluster, namespace, claim)
    items = [_claim(namespace, claim, volume), _pod(namespace, claim, image)]
    manifests = {"apiVersion": "v1", "kind": "List", "items": items}
    cluster.kubectl("apply", "-f", "-", stdin=json.dumps(manifests))
    wait = ("wait", "-n", namespace, f"pod/{claim}", "--for=condition=Ready", f"--timeout={_FILL_SECONDS}s")
    cluster.kubectl(*wait)
    unpack = ("exec", "-i", "-n", namespace, claim, "--", "python", "-c", _UNPACK)
    cluster.kubectl(*unpack, stdin=_archive(data.model_folder()))
    cluster.kubectl("delete", "pod", "-n", namespace, claim, "--grace-period=1")


def spec(claim: str, **more: Any) -> dict[str, Any]:
    """Return the spec of an EmbeddingModel whose files `fill_claim` has brought; everybody may use it."""
    return {
        "source": {"persistentVolumeClaim": {"claimName": claim, "path": FOLDER}},
        "dimensions": 384,
        "maxTokens": 256,
        "allowedNamespaces": {"from": "All"},
        **more,
    }


def _makes_volumes(cluster: Cluster) -> bool:
    """Return whether a claim that names no storage class gets a volume by itself."""
    classes = json.loads(cluster.kubectl("get", "storageclasses", "-o", "json"))["items"]
    return any((one["metadata"].get("annotations") or {}).get(_DEFAULT_CLASS) == "true" for one in classes)


def _offer_volume(cluster: Cluster, namespace: str, claim: str) -> str:
    """Make the volume that a storage class would: a folder of the node. It goes with the namespace; its name."""
    root = cluster.folder if isinstance(cluster, LocalCluster) else _ON_THE_NODE
    owner = json.loads(cluster.kubectl("get", "namespace", namespace, "-o", "json"))["metadata"]
    reference = {"apiVersion": "v1", "kind": "Namespace", "name": namespace, "uid": owner["uid"]}
    name = f"{namespace}-{claim}"
    volume = {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {"name": name, "ownerReferences": [reference]},
        "spec": {
            "capacity": {"storage": SIZE},
            "accessModes": ["ReadWriteOnce"],
            "claimRef": {"namespace": namespace, "name": claim},
            "hostPath": {"path": str(root / "volumes" / name), "type": "DirectoryOrCreate"},
            "persistentVolumeReclaimPolicy": "Retain",
        },
    }
    cluster.kubectl("apply", "-f", "-", stdin=json.dumps(volume))
    return name


def _claim(namespace: str, name: str, volume: str) -> dict[str, Any]:
    spec: dict[str, Any] = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": SIZE}}}
    if volume:
        spec |= {"storageClassName": "", "volumeName": volume}
    metadata = {"name": name, "namespace": namespace}
    return {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": metadata, "spec": spec}


def _pod(namespace: str, name: str, image: str) -> dict[str, Any]:
    container = {
        "name": "fill",
        "image": image,
        "imagePullPolicy": "IfNotPresent",
        "command": ["python", "-c", _WAIT],
        "volumeMounts": [{"name": "models", "mountPath": "/models"}],
    }
    spec = {
        "automountServiceAccountToken": False,
        "terminationGracePeriodSeconds": 1,
        "securityContext": {"runAsUser": 0},  # a folder of the node belongs to root
        "containers": [container],
        "volumes": [{"name": "models", "persistentVolumeClaim": {"claimName": name}}],
    }
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": namespace}, "spec": spec}


def _archive(folder: Path) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        archive.add(folder, FOLDER)
    return packed.getvalue()
