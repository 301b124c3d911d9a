"""Following a ContextCollection's references: found, allowed, valid and ready, or a verdict on what is missing."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from pydantic import ValidationError

from hirag_operator.api import ContextCollection, EmbeddingModel, HNSWIndexPolicy, HNSWIndexPolicySpec, Reason
from hirag_operator.api.conditions import Condition
from hirag_operator.api.references import AllowedNamespaces, ObjectReference
from hirag_operator.errors import NotAuthorized
from hirag_operator.plan.collection.levels import Indexing
from hirag_operator.plan.invalid import complaints
from hirag_operator.plan.references import admits
from hirag_operator.plan.verdict import Verdict, stalled, working

Referred = TypeVar("Referred", EmbeddingModel, HNSWIndexPolicy)

_NOT_FOUND = {
    "EmbeddingModel": Reason.EMBEDDING_MODEL_NOT_FOUND,
    "HNSWIndexPolicy": Reason.INDEX_POLICY_NOT_FOUND,
}


class Obstacle(Exception):
    """What keeps a reconcile from going on; carries the verdict to report."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(verdict.message)
        self.verdict = verdict


class Lookup(Protocol):
    """Whoever knows Kubernetes objects."""

    def get(self, kind: str, namespace: str | None, name: str) -> dict[str, Any] | None:
        """Return an object, or None when there is none."""


class Reads(Protocol):
    """The part of `Services` that following references takes."""

    @property
    def kubernetes(self) -> Lookup:
        """Where objects are looked up."""


class ReadsAll(Reads, Protocol):
    """The part of `Services` that looking for a model takes."""

    def models(self) -> Iterator[Mapping[str, Any]]:
        """Yield all EmbeddingModels that the operator watches, as JSON."""


@dataclass(frozen=True)
class References:
    """What a collection refers to.

    Args:
        model: Its model.
        policies: The policy of each stored level; defaults where none is named.
        not_ready: Why the model may not be used now, though its vectors are known; None: it may.
    """

    model: EmbeddingModel
    policies: dict[str, Indexing]
    not_ready: Verdict | None = None


def follow(
    services: Reads, collection: ContextCollection, made: Collection[str] = (), *, known: bool = False
) -> References:
    """Return the objects referred to.

    Args:
        services: Where they are.
        collection: What refers to them.
        made: The levels that exist.
        known: Whether a model will do that is not ready, if its present spec was proved once.

    Raises:
        Obstacle: one is missing, not allowed, invalid or (the model) not ready.
    """
    model = _find(services, collection, EmbeddingModel, collection.spec.embedding_model_ref, in_use=bool(made))
    policies: dict[str, Indexing] = {}
    for level, declared in collection.spec.levels.stored().items():
        if declared.index_policy_ref is None:
            policies[level] = Indexing(HNSWIndexPolicySpec())
        else:
            policy = _find(services, collection, HNSWIndexPolicy, declared.index_policy_ref, in_use=level in made)
            policies[level] = Indexing(policy.spec, f"{policy.metadata.namespace}/{policy.metadata.name}")
    not_ready = _not_ready(model)
    if not_ready is not None and not (known and _was_proved(model)):
        raise Obstacle(not_ready)
    return References(model, policies, not_ready)


def _find(
    services: Reads,
    collection: ContextCollection,
    kind: type[Referred],
    reference: ObjectReference,
    *,
    in_use: bool,
) -> Referred:
    guest = collection.metadata.namespace
    home = reference.namespace or guest
    label = f"{kind.resource.kind} {home}/{reference.name}"
    try:
        body = services.kubernetes.get(kind.resource.kind, home, reference.name)
    except NotAuthorized as error:
        raise Obstacle(_unreadable(label, home)) from error
    if guest != home and not (body and _admitted(services, body, home, guest)):
        raise Obstacle(_not_allowed(label, guest, in_use=in_use))
    if body is None:
        raise Obstacle(_missing(_NOT_FOUND[kind.resource.kind], label, in_use=in_use))
    try:
        return kind.from_wire(body)
    except ValidationError as error:
        raise Obstacle(stalled(Reason.INVALID_SPEC, f"{label} is invalid: {complaints(error)}.")) from error


def _admitted(services: Reads, body: Mapping[str, Any], home: str, guest: str) -> bool:
    """Return whether an object admits another namespace; one that says so in no valid way admits none."""
    try:
        allowed = AllowedNamespaces.model_validate((body.get("spec") or {}).get("allowedNamespaces") or {})
    except ValidationError:
        return False
    return admits(allowed, home, guest, labels_of(services, guest))


def _not_allowed(label: str, guest: str, *, in_use: bool) -> Verdict:
    """Return the one answer that a stranger gets, so that none learns what another namespace has."""
    keeps = " What was made by it stays as it is and can be read." if in_use else ""
    message = (
        f"{label} does not exist, or does not admit namespace {guest}; have {guest} added to "
        f"spec.allowedNamespaces of that object.{keeps}"
    )
    return stalled(Reason.NAMESPACE_NOT_ALLOWED, message)


def _unreadable(label: str, home: str) -> Verdict:
    """Return what to say where the operator itself has no rights: this is none of the namespaces that it watches."""
    message = (
        f"{label} is in a namespace that the operator may not read; refer to one in a namespace that it watches, or "
        f"have {home} added to watchNamespaces of its Helm chart."
    )
    return stalled(Reason.NAMESPACE_NOT_ALLOWED, message)


def _missing(reason: Reason, label: str, *, in_use: bool) -> Verdict:
    """Return what to say of an object that is not there: one in use was taken away, another may be on its way."""
    if not in_use:
        return working(reason, f"{label} does not exist yet.")
    keeps = "What was made by it stays as it is and can be read; create it again, or correct the reference."
    return stalled(reason, f"{label} does not exist: it was deleted, or the reference changed. {keeps}")


def usable_models(services: ReadsAll, guest: str) -> Iterator[EmbeddingModel]:
    """Yield the models that a namespace may refer to and that are Ready."""
    for body in services.models():
        home = body["metadata"]["namespace"]
        if guest == home or _admitted(services, body, home, guest):
            try:
                model = EmbeddingModel.from_wire(dict(body))
            except ValidationError:
                continue
            if _not_ready(model) is None:
                yield model


def labels_of(services: Reads, namespace: str) -> dict[str, str]:
    """Return the labels of a Namespace; of one that is gone, none."""
    found = services.kubernetes.get("Namespace", None, namespace) or {}
    return dict((found.get("metadata") or {}).get("labels") or {})


def _not_ready(model: EmbeddingModel) -> Verdict | None:
    """Return why a model may not be used; None where its own reconcile has proved its present spec by a live probe."""
    label = f"EmbeddingModel {model.metadata.namespace}/{model.metadata.name}"
    ready = _ready(model)
    if ready is None:
        return working(Reason.EMBEDDING_MODEL_NOT_READY, f"{label} has not been probed yet.")
    if ready.status != "True" or model.status.fingerprint is None:
        message = f"{label} is not ready ({ready.reason}): {ready.message}"
        return working(Reason.EMBEDDING_MODEL_NOT_READY, message)
    return None


def _was_proved(model: EmbeddingModel) -> bool:
    """Return whether the vectors of a model's present spec are known, whatever has become of it since."""
    return _ready(model) is not None and model.status.fingerprint is not None


def _ready(model: EmbeddingModel) -> Condition | None:
    """Return the condition Ready, if it is of the present spec."""
    found = next((one for one in model.status.conditions if one.type == "Ready"), None)
    return found if found is not None and found.observed_generation == model.metadata.generation else None
