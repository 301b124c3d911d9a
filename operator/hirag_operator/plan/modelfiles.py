"""How a model's files reach the embedder's pod, by kind of source: a volume, its mount, perhaps an init container."""

from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from hirag_operator.api import EmbeddingModel
from hirag_operator.api.embedding_source import HuggingFaceSource
from hirag_operator.plan.hardening import hardened_container

Json = dict[str, Any]

MOUNT = "/models"


@dataclass(frozen=True)
class ModelFiles:
    """The volume `model` of the pod, its mount in the embedder, and the folder of the model as the embedder sees it."""

    volume: Json
    mount: Json
    model_dir: str = MOUNT
    init_containers: list[Json] = field(default_factory=list)


def model_files(model: EmbeddingModel, image: str) -> ModelFiles:
    """Return how the files of `spec.source` are brought; `image` runs the init container that fetches from the hub."""
    source = model.spec.source
    read_only = {"name": "model", "mountPath": MOUNT, "readOnly": True}
    if source is not None and source.persistent_volume_claim is not None:
        claim = source.persistent_volume_claim
        volume = {"persistentVolumeClaim": {"claimName": claim.claim_name, "readOnly": True}}
        return ModelFiles({"name": "model", **volume}, read_only, _below(claim.path))
    if source is not None and source.image is not None:
        volume = {"image": {"reference": source.image.reference, "pullPolicy": "IfNotPresent"}}
        return ModelFiles({"name": "model", **volume}, read_only, _below(source.image.path))
    if source is not None and source.host_path is not None:
        host = {"hostPath": {"path": source.host_path.path, "type": "Directory"}}
        return ModelFiles({"name": "model", **host}, read_only)
    if source is not None and source.hugging_face is not None:
        fetch = _fetch(source.hugging_face, image)
        return ModelFiles({"name": "model", "emptyDir": {}}, read_only, init_containers=[fetch])
    raise ValueError("spec.source: a model that the operator serves has one source")


def _below(path: str) -> str:
    """Return the folder under the mount; `.` and `/` mean the mount itself."""
    return str(PurePosixPath(MOUNT) / path.strip("/"))


def _fetch(source: HuggingFaceSource, image: str) -> Json:
    return {
        "name": "fetch",
        "image": image,
        "command": ["hirag-embedder", "fetch", "--repo", source.repo, "--revision", source.revision, "--to", MOUNT],
        "volumeMounts": [
            {"name": "model", "mountPath": MOUNT},
            {"name": "tmp", "mountPath": "/tmp"},  # noqa: S108  a volume of the pod's own
        ],
        "securityContext": hardened_container(),
    }
