"""What a ContextCollection was found at rest by; `reconcile/undisturbed.py` asks whether all of it is as it was."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from hirag_operator.api import ContextCollection
from hirag_operator.plan.collection.levelplan import LevelPlan
from hirag_operator.plan.collection.levels import NO_TENANTS, WantedLevel
from hirag_operator.plan.collection.seenlevel import SeenLevel
from hirag_operator.plan.collection.serverhealth import ServerSeen

Version = tuple[str, str, str]  # kind, uid or name, resourceVersion


@dataclass(frozen=True)
class Rest:
    """What a reconcile went by that found nothing to do. `levels` are wanted levels without their schemas.

    `until` is when something falls due whatever is seen; None: nothing does.
    """

    versions: tuple[Version, ...]
    health: ServerSeen
    levels: tuple[WantedLevel, ...]
    seen: tuple[SeenLevel, ...]
    until: datetime | None = None


class Rests:
    """Rests by namespace and name of the collection. Each is touched by one thread at a time.

    `permit` raises where what was seen until now counts for nothing, for this process may not act by it any more.
    """

    def __init__(self, permit: Callable[[], None] = lambda: None) -> None:
        self._permit = permit
        self._known: dict[tuple[str, str], Rest] = {}

    def known(self, collection: ContextCollection) -> Rest | None:
        """Return the last rest of a collection, if nothing was done since."""
        return self._known.get((collection.metadata.namespace, collection.metadata.name))

    def note(self, collection: ContextCollection, rest: Rest | None) -> None:
        """Remember a rest; None when there is none any more."""
        key = (collection.metadata.namespace, collection.metadata.name)
        if rest is None:
            self._known.pop(key, None)
        else:
            self._permit()
            self._known[key] = rest

    def clear(self) -> None:
        """Remember nothing."""
        self._known.clear()

    def forget(self, namespace: str, name: str) -> None:
        """Remember nothing of a collection that leaves."""
        self._known.pop((namespace, name), None)


def rest_of(
    before: tuple[Version, ...], after: tuple[Version, ...], health: ServerSeen | None, plans: Sequence[LevelPlan]
) -> Rest | None:
    """Return the rest that a reconcile without a problem came to; None when something was done on its way."""
    if health is None or before != after or not plans or any(plan.steps or plan.problem for plan in plans):
        return None
    if any(plan.measured is not None and plan.measured.busy for plan in plans):
        return None
    levels = (
        replace(plan.wanted, schema={"class": plan.wanted.collection}, tenancy=NO_TENANTS, tenants={}) for plan in plans
    )
    return Rest(after, health, tuple(levels), tuple(plan.seen for plan in plans))
