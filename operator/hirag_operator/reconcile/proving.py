"""Proving a model: asking what answers, and keeping what was learnt of its vectors at the first proof."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from hirag_operator.adapters.embedder import Endpoint
from hirag_operator.api import EmbeddingModel
from hirag_operator.errors import OperatorError
from hirag_operator.plan.children.owned import Owner
from hirag_operator.plan.model.embedderprocess import served_name
from hirag_operator.plan.model.embeddingmodel import endpoint
from hirag_operator.plan.model.fingerprint import describes_itself
from hirag_operator.plan.model.proof import Answered
from hirag_operator.plan.model.vectorreference import (
    KIND,
    VectorReference,
    read_reference,
    reference_manifest,
    reference_name,
    wanted_reference,
)
from hirag_operator.reconcile.children import keep_children
from hirag_operator.reconcile.providerkey import provider_key
from hirag_operator.reconcile.services import Services

Json = Mapping[str, Any]


def learnt(services: Services, owner: Owner, model: EmbeddingModel) -> VectorReference | None:
    """Return what is known of the vectors from before; None when nothing is."""
    found = services.kubernetes.get(KIND, owner.namespace, reference_name(model))
    return read_reference(found) if found is not None and owner.owns(found) else None


def probe(services: Services, model: EmbeddingModel, answered: Answered) -> Answered:
    """Ask the model's server, with the provider's key where the spec names one; return `answered` with what came.

    Raises:
        SecretMissing: the key is not there.
        SecretForbidden: the key may not be read.
    """
    url = endpoint(model, services.service_url)
    where = Endpoint(url, served_name(model), provider_key(services, model).value, describes_itself(model))
    try:
        return replace(answered, probed=services.embedder.probe(where))
    except OperatorError as error:
        return replace(answered, trouble=error)


def remember(
    services: Services, body: Json, owner: Owner, model: EmbeddingModel, answered: Answered, *, proved: bool
) -> tuple[VectorReference | None, tuple[str, ...]]:
    """Keep the ConfigMap of what was learnt: as it is, or new when the vectors are proved under a new declaration.

    Returns:
        What is known of the vectors now, and whatever foreign object stands in its place.
    """
    reference = answered.reference
    if proved and answered.probed is not None:
        reference = wanted_reference(model, reference, answered.probed)
    if reference is None:
        return None, ()
    children = keep_children(services, body, owner, [reference_manifest(model, owner, reference)], (KIND,))
    return (None if children.taken else reference), children.taken
