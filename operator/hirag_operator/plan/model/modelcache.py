"""The PersistentVolumeClaim of `spec.serving.modelCache`: downloaded and exported models that outlive their pods.

It is never deleted by leaving the section out: a slip in a manifest must not cost a download that the hub may no longer
give. It goes with its EmbeddingModel.
"""

from typing import Any

from hirag_operator.api import EmbeddingModel
from hirag_operator.api.embedding_serving import ModelCache
from hirag_operator.plan.children.claims import KIND
from hirag_operator.plan.children.owned import Owner
from hirag_operator.plan.names import workload_name


def claim_name(model: EmbeddingModel) -> str:
    """Return the name of the claim."""
    return workload_name(model.metadata.name, "model-cache")


def claim(model: EmbeddingModel, cache: ModelCache, owner: Owner) -> dict[str, Any]:
    """Return the manifest of the claim."""
    spec: dict[str, Any] = {
        "accessModes": [cache.access_mode],
        "resources": {"requests": {"storage": cache.size}},
        **({"storageClassName": cache.storage_class_name} if cache.storage_class_name else {}),
    }
    return {"apiVersion": "v1", "kind": KIND, "metadata": owner.metadata(claim_name(model)), "spec": spec}


def has_one_writer(model: EmbeddingModel) -> bool:
    """Return whether pods must take turns at the cache, so that a new one starts only when the old one has ended."""
    cache = model.spec.effective_serving.model_cache
    return cache is not None and cache.access_mode == "ReadWriteOnce"
