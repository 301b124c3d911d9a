"""EmbeddingModel: its embedder's Deployment and Service (or an external provider), proved by a live probe."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from hirag_operator.api import EmbeddingModel
from hirag_operator.errors import OperatorError
from hirag_operator.plan.children.owned import Owner
from hirag_operator.plan.model import embeddingmodel as plan
from hirag_operator.plan.model.embedder import KINDS, embedder_name, embedder_objects
from hirag_operator.plan.model.embeddingmodel import SeenModel
from hirag_operator.plan.model.gpuprofiles import FALLBACK, choose
from hirag_operator.plan.model.proof import Answered
from hirag_operator.plan.verdict import State, Verdict
from hirag_operator.reconcile.children import keep_children
from hirag_operator.reconcile.loading import load
from hirag_operator.reconcile.outcome import Outcome, kubernetes_verdict, outcome
from hirag_operator.reconcile.providerkey import SecretForbidden, SecretMissing
from hirag_operator.reconcile.proving import learnt, probe, remember
from hirag_operator.reconcile.report import announce, write_status
from hirag_operator.reconcile.services import Services

Json = Mapping[str, Any]


def reconcile(services: Services, namespace: str, name: str) -> Outcome:
    """Bring one EmbeddingModel to its spec; owned objects of a deleted one are garbage-collected by Kubernetes."""
    loaded = load(services, EmbeddingModel, namespace, name)
    if isinstance(loaded, Outcome):
        return loaded
    model = loaded.model
    owner = Owner("EmbeddingModel", namespace, name, model.metadata.uid)
    seen, obstacle = _bring_about(services, loaded.body, owner, model)
    seen, verdict = _remember(services, loaded.body, owner, model, seen, obstacle or plan.judge(model, seen))
    status = plan.status(model, seen, verdict, services.service_url, services.now(), loaded.previous)
    write_status(services, loaded.body, status)
    return outcome(verdict, within=seen.choice.seconds_left)


def _bring_about(
    services: Services, body: Json, owner: Owner, model: EmbeddingModel
) -> tuple[SeenModel, Verdict | None]:
    """Keep the children and probe what answers; return what was seen, and what forbade to go on."""
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
        return replace(seen, answered=probe(services, model, seen.answered)), None
    except (SecretMissing, SecretForbidden) as error:
        return seen, error.verdict


def _remember(
    services: Services, body: Json, owner: Owner, model: EmbeddingModel, seen: SeenModel, verdict: Verdict
) -> tuple[SeenModel, Verdict]:
    """Keep what was learnt of the vectors; a model is Ready only when that is kept."""
    proved = verdict.state is State.READY
    try:
        reference, taken = remember(services, body, owner, model, seen.answered, proved=proved)
    except OperatorError as error:
        return seen, kubernetes_verdict(error)
    seen = replace(seen, answered=replace(seen.answered, reference=reference))
    return seen, plan.conflict(taken) if taken else verdict


def _look(services: Services, owner: Owner, model: EmbeddingModel) -> SeenModel:
    """Return what runs of the model, and under which GPU profile it is to run."""
    answered = Answered(reference=learnt(services, owner, model))
    if model.spec.external is not None:
        return SeenModel(answered=answered)
    deployment = _deployment(services, owner, model)
    pods = services.kubernetes.all_of("Pod", owner.namespace, owner.selector)
    profiles = model.spec.effective_serving.gpu_profiles or ()
    choice = choose(profiles, deployment, pods, services.now())
    return SeenModel(deployment, tuple(pods), choice, answered=answered)


def _deployment(services: Services, owner: Owner, model: EmbeddingModel) -> Json | None:
    """Return the Deployment of the model's own; None before there is one, and for an external provider."""
    if model.spec.external is not None:
        return None
    found = services.kubernetes.get("Deployment", owner.namespace, embedder_name(model))
    return found if found is not None and owner.owns(found) else None
