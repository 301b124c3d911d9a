"""Finding out where levels go back to whose plan is not wanted: the annotation, what is noted of holders, and they."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from hirag_operator.adapters.weaviate import WeaviateAdapter
from hirag_operator.api import ContextCollection, EmbeddingModel
from hirag_operator.errors import OperatorError
from hirag_operator.plan.collection.levels import WantedLevel
from hirag_operator.plan.collection.migration.target import holder_of, plan_name
from hirag_operator.plan.collection.rollback import ROLLBACK, SEVERAL, TOO_LATE, as_before, fingerprint_of, no_model
from hirag_operator.plan.collection.stamp import read_stamp
from hirag_operator.reconcile.outcome import weaviate_verdict
from hirag_operator.reconcile.references import Obstacle, References, usable_models
from hirag_operator.reconcile.services import Services

Json = Mapping[str, Any]


@dataclass(frozen=True)
class Wish:
    """What is wanted of a collection, by its spec or as it was before.

    Args:
        levels: The levels.
        references: What they go by: the model is the one whose vectors they are to have.
        refused: Why an annotation that asks for a way back is not followed; empty where it is, or there is none.
        keeps_address: Whether nothing is known of the model whose vectors serve, so what was told of it stays.
    """

    levels: Sequence[WantedLevel]
    references: References
    refused: str = ""
    keeps_address: bool = False

    @property
    def goes_back(self) -> bool:
        """Return whether the declared plan is undone: the model that the spec names has no part in that."""
        return any(level.rolled_back is not None for level in self.levels)


@dataclass(frozen=True)
class _Way:
    """A level, the collection that serves it, and how it is wanted instead of as declared (None: as declared)."""

    declared: WantedLevel
    live: Json
    before: WantedLevel | None

    @property
    def returns(self) -> bool:
        """Return whether it has been swapped, and is to go back."""
        return self.before is not None and self.before.collection != str(self.live.get("class"))


_NOWHERE: Final[Json] = {}


def wish(
    services: Services,
    collection: ContextCollection,
    references: References,
    server: WeaviateAdapter,
    wanted: Sequence[WantedLevel],
) -> Wish:
    """Return what is wanted: as declared, or as before where an annotation says that the declared plan is not wanted.

    Raises:
        Obstacle: Weaviate does not tell.
    """
    plan = plan_name(wanted)
    if collection.metadata.annotations.get(ROLLBACK) != plan:  # another plan is another word
        return Wish(wanted, references)
    try:
        ways = [_way(server, level, plan) for level in wanted]
    except OperatorError as error:
        raise Obstacle(weaviate_verdict(error)) from error
    if all(way.before is None for way in ways):
        return Wish(wanted, references, _refusal(plan, TOO_LATE))
    return _undone(services, collection, references, ways, plan)


def _way(server: WeaviateAdapter, level: WantedLevel, plan: str) -> _Way:
    seen = server.observe_level(level, fresh=True)
    live = seen.live
    stamp = read_stamp(live) if live is not None else None
    if live is None or stamp is None or not level.owns(stamp):
        return _Way(level, _NOWHERE, None)
    if (stays := as_before(level, plan, live)) is not None:
        return _Way(level, live, stays)
    note = server.observe_holder(holder_of(level, live)).note
    if note.plan != plan or not note.source:
        return _Way(level, live, None)
    beside = [schema for name in seen.beside if (schema := server.collection(name)) is not None]
    previous = next((one for one in beside if str(holder_of(level, one)) == note.source), None)
    if previous is None or not server.observe_holder(holder_of(level, previous)).exists:
        return _Way(level, live, None)
    return _Way(level, live, as_before(level, plan, previous))


def _undone(
    services: Services, collection: ContextCollection, references: References, ways: Sequence[_Way], plan: str
) -> Wish:
    declared = [way.declared for way in ways]
    before = [way.before for way in ways if way.before is not None]
    fingerprint = fingerprint_of(before, [way.live for way in ways if way.before is None])
    if fingerprint is None:
        return Wish(declared, references, _refusal(plan, SEVERAL))
    back = [way.before or way.declared for way in ways]
    if fingerprint == references.model.status.fingerprint:
        return Wish(back, references)
    model = _model_of(services, collection, fingerprint)
    if model is not None:
        return Wish(back, replace(references, model=model, not_ready=None))
    if any(way.returns for way in ways):
        return Wish(declared, references, _refusal(plan, no_model(fingerprint, collection.metadata.namespace)))
    return Wish(back, references, keeps_address=True)


def _refusal(plan: str, why: str) -> str:
    return f"Annotation {ROLLBACK} says that plan {plan} is not wanted, and {why}."


def _model_of(services: Services, collection: ContextCollection, fingerprint: str) -> EmbeddingModel | None:
    """Return a model by which the vectors of a fingerprint are made; one of the collection's own namespace first."""
    home = collection.metadata.namespace
    found = [one for one in usable_models(services, home) if one.status.fingerprint == fingerprint]
    return min(found, key=lambda one: (one.metadata.namespace != home, one.metadata.name), default=None)
