"""How a model's files reach the embedder's pod, by kind of source: a volume, its mount, perhaps an init container."""

from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from hirag_operator.api import EmbeddingModel
from hirag_operator.api.embedding_source import HuggingFaceSource
from hirag_operator.plan.pods.hardening import hardened_container

Json = dict[str, Any]

MOUNT = "/models"


@dataclass(frozen=True)
class ModelFiles:
    """The volume of the pod, its mount in the embedder, and the folder of the model as the embedder sees it.

    The volume is None where the files lie in the model cache, which the pod has anyway.
    """

    volume: Json | None
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
        return _from_hub(model, source.hugging_face, image)
    raise ValueError("spec.source: a model that the operator serves has one source")


def _below(path: str) -> str:
    """Return the folder under the mount; `.` and `/` mean the mount itself."""
    return str(PurePosixPath(MOUNT) / path.strip("/"))


def _from_hub(model: EmbeddingModel, source: HuggingFaceSource, image: str) -> ModelFiles:
    """Return the files as an init container fetches them: into a folder of the pod's own, or into the model cache.

    In the cache each revision has a folder of its own, since old pods read theirs while new ones fetch.
    """
    cached = model.spec.effective_serving.model_cache is not None
    name = "cache" if cached else "model"
    folder = _below(f"{source.repo}/{source.revision}" if cached else ".")
    mount = {"name": name, "mountPath": MOUNT}
    volume = None if cached else {"name": name, "emptyDir": {}}
    return ModelFiles(volume, {**mount, "readOnly": True}, folder, [_fetch(model, source, image, mount, folder)])


def _fetch(model: EmbeddingModel, source: HuggingFaceSource, image: str, mount: Json, folder: str) -> Json:
    resources = model.spec.effective_serving.resources
    return {
        "name": "fetch",
        "image": image,
        "command": ["hirag-embedder", "fetch", "--repo", source.repo, "--revision", source.revision, "--to", folder],
        # Costs no more than the server itself asks for, and a quota on CPU or memory refuses pods that leave any out.
        "resources": resources.to_wire() if resources else {},
        "volumeMounts": [mount, {"name": "tmp", "mountPath": "/tmp"}],  # noqa: S108  a volume of the pod's own
        "securityContext": hardened_container(),
        "terminationMessagePolicy": "FallbackToLogsOnError",
    }
