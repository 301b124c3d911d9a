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
    if isinstance(cluster, LocalCluster):
        _offer_volume(cluster, namespace, claim)
    manifests = {
        "apiVersion": "v1",
        "kind": "List",
        "items": [_claim(cluster, namespace, claim), _pod(namespace, claim, image)],
    }
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


def _offer_volume(cluster: LocalCluster, namespace: str, claim: str) -> None:
    """Make the volume that a storage class would; pods of any user may write into it."""
    folder = cluster.folder / "volumes" / namespace / claim
    folder.mkdir(parents=True)
    folder.chmod(0o777)
    volume = {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {"name": f"{namespace}-{claim}"},
        "spec": {
            "capacity": {"storage": SIZE},
            "accessModes": ["ReadWriteOnce"],
            "claimRef": {"namespace": namespace, "name": claim},
            "hostPath": {"path": str(folder), "type": "Directory"},
            "persistentVolumeReclaimPolicy": "Retain",
        },
    }
    cluster.kubectl("apply", "-f", "-", stdin=json.dumps(volume))


def _claim(cluster: Cluster, namespace: str, name: str) -> dict[str, Any]:
    spec: dict[str, Any] = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": SIZE}}}
    if isinstance(cluster, LocalCluster):
        spec |= {"storageClassName": "", "volumeName": f"{namespace}-{name}"}
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
        "securityContext": {"fsGroup": 65532},
        "containers": [container],
        "volumes": [{"name": "models", "persistentVolumeClaim": {"claimName": name}}],
    }
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": namespace}, "spec": spec}


def _archive(folder: Path) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        archive.add(folder, FOLDER)
    return packed.getvalue()
