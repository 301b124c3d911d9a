"""The kinds of ours as a person names them: by kind, plural, singular or short name, in any case."""

from typing import Final

from hirag_operator.api.contextcollection import ContextCollection
from hirag_operator.api.embeddingmodel import EmbeddingModel
from hirag_operator.api.hnswindexpolicy import HNSWIndexPolicy
from hirag_operator.api.resource import KubernetesObject

COLLECTION: Final = ContextCollection.resource.kind
MODEL: Final = EmbeddingModel.resource.kind
POLICY: Final = HNSWIndexPolicy.resource.kind

IN_ORDER: Final[tuple[type[KubernetesObject], ...]] = (ContextCollection, EmbeddingModel, HNSWIndexPolicy)


def kind_named(word: str) -> type[KubernetesObject] | None:
    """Return the kind that goes by a name, e.g. `ctx` or `contextcollections.hirag.dev`; None where none does."""
    plain = word.lower().partition(".")[0]
    return next((kind for kind in IN_ORDER if plain in names_of(kind)), None)


def names_of(kind: type[KubernetesObject]) -> tuple[str, ...]:
    """Return all names of a kind, in lower case."""
    resource = kind.resource
    return (resource.singular, resource.plural, *resource.short_names)
