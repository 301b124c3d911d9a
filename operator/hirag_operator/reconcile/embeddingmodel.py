"""EmbeddingModel: its embedder's Deployment and Service (or an external provider), proved by a live probe."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from hirag_operator.adapters.embedder import Endpoint
from hirag_operator.api import EmbeddingModel, Reason
from hirag_operator.errors import OperatorError
from hirag_operator.plan import embeddingmodel as plan
from hirag_operator.plan.embedder import KINDS, embedder_name, embedder_objects
from hirag_operator.plan.embedderprocess import served_name
from hirag_operator.plan.embeddingmodel import SeenModel
from hirag_operator.plan.gpuprofiles import FALLBACK, choose
from hirag_operator.plan.owned import Owner
from hirag_operator.plan.verdict import Verdict, stalled
from hirag_operator.reconcile.children import keep_children
from hirag_operator.reconcile.loading import load
from hirag_operator.reconcile.outcome import Outcome, kubernetes_verdict, outcome
from hirag_operator.reconcile.report import announce, write_status
from hirag_operator.reconcile.services import Services


class SecretMissing(Exception):
    """A Secret, or the key in it, that the spec names does not exist or cannot be read."""


def reconcile(services: Services, namespace: str, name: str) -> Outcome:
    """Bring one EmbeddingModel to its spec; owned objects of a deleted one are garbage-collected by Kubernetes."""
    loaded = load(services, EmbeddingModel, namespace, name)
    if isinstance(loaded, Outcome):
        return loaded
    model = loaded.model
    seen, obstacle = _bring_about(services, loaded.body, model)
    verdict = obstacle or plan.judge(model, seen)
    status = plan.status(model, seen, verdict, services.service_url, services.now(), loaded.previous)
    write_status(services, loaded.body, status)
    return outcome(verdict)


def _bring_about(
    services: Services, body: Mapping[str, Any], model: EmbeddingModel
) -> tuple[SeenModel, Verdict | None]:
    """Keep the children and probe what answers; return what was seen, and what forbade to go on."""
    owner = Owner("EmbeddingModel", model.metadata.namespace, model.metadata.name, model.metadata.uid)
    seen = _look(services, owner, model)
    wanted = embedder_objects(model, owner, services.embedder_image, seen.choice)
    try:
        children = keep_children(services, body, owner, wanted, KINDS, drift_policy=model.spec.drift_policy)
    except OperatorError as error:
        return seen, kubernetes_verdict(error)
    if seen.choice.gave_up:
        announce(services, body, FALLBACK, seen.choice.told(), warning=True)
    seen = replace(seen, children=children, deployment=_deployment(services, owner, model))
    if children.taken or not plan.can_probe(model, seen.deployment):
        return seen, None
    try:
        return _probe(services, model, seen), None
    except SecretMissing as error:
        return seen, stalled(Reason.SECRET_NOT_FOUND, f"{error}; create it, or correct spec.external.apiKeySecretRef.")


def _look(services: Services, owner: Owner, model: EmbeddingModel) -> SeenModel:
    """Return what runs of the model, and under which GPU profile it is to run."""
    if model.spec.external is not None:
        return SeenModel()
    deployment = _deployment(services, owner, model)
    pods = services.kubernetes.all_of("Pod", owner.namespace, owner.selector)
    profiles = model.spec.effective_serving.gpu_profiles or ()
    return SeenModel(deployment, tuple(pods), choose(profiles, deployment, pods, services.now()))


def _deployment(services: Services, owner: Owner, model: EmbeddingModel) -> Mapping[str, Any] | None:
    """Return the Deployment of the model's own; None before there is one, and for an external provider."""
    if model.spec.external is not None:
        return None
    found = services.kubernetes.get("Deployment", owner.namespace, embedder_name(model))
    return found if found is not None and owner.owns(found) else None


def _probe(services: Services, model: EmbeddingModel, seen: SeenModel) -> SeenModel:
    url = plan.endpoint(model, services.service_url)
    where = Endpoint(url, served_name(model), _key(services, model))
    described = plan.transformers_root(model, services.service_url) is not None
    try:
        return replace(seen, probed=services.embedder.probe(where, described=described))
    except OperatorError as error:
        return replace(seen, trouble=error)


def _key(services: Services, model: EmbeddingModel) -> str | None:
    """Return the provider's key; it goes into the request's header and nowhere else."""
    reference = model.spec.external.api_key_secret_ref if model.spec.external else None
    if reference is None:
        return None
    secret = services.kubernetes.get("Secret", model.metadata.namespace, reference.name)
    encoded = ((secret or {}).get("data") or {}).get(reference.key)
    if encoded is None:
        missing = f"Secret {reference.name}" if secret is None else f"key {reference.key} of Secret {reference.name}"
        raise SecretMissing(f"{missing} does not exist")
    try:
        return base64.b64decode(encoded, validate=True).decode("ascii").strip()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise SecretMissing(f"key {reference.key} of Secret {reference.name} is not plain text") from error
