"""The kinds of hirag.dev/v1alpha1 as pydantic models: the one source of the CRDs and of the API reference."""

from hirag_operator.api.collection_status import ContextCollectionStatus, JobRun, LevelAddress, MigrationStatus
from hirag_operator.api.conditions import Condition, ConditionType, Reason
from hirag_operator.api.contextcollection import ContextCollection, ContextCollectionSpec
from hirag_operator.api.embeddingmodel import EmbeddingModel, EmbeddingModelSpec, EmbeddingModelStatus
from hirag_operator.api.group import API_VERSION, CATEGORY, GROUP, VERSION
from hirag_operator.api.hnswindexpolicy import Binding, HNSWIndexPolicy, HNSWIndexPolicySpec, HNSWIndexPolicyStatus
from hirag_operator.api.resource import KubernetesObject

KINDS: tuple[type[KubernetesObject], ...] = (EmbeddingModel, HNSWIndexPolicy, ContextCollection)

__all__ = [
    "API_VERSION",
    "CATEGORY",
    "GROUP",
    "KINDS",
    "VERSION",
    "Binding",
    "Condition",
    "ConditionType",
    "ContextCollection",
    "ContextCollectionSpec",
    "ContextCollectionStatus",
    "EmbeddingModel",
    "EmbeddingModelSpec",
    "EmbeddingModelStatus",
    "HNSWIndexPolicy",
    "HNSWIndexPolicySpec",
    "HNSWIndexPolicyStatus",
    "JobRun",
    "KubernetesObject",
    "LevelAddress",
    "MigrationStatus",
    "Reason",
]
