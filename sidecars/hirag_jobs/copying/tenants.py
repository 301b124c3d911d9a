"""The tenants of a copy: which are to be copied, and each awake for as long as that takes."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from hirag_jobs.copying.schemas import has_tenants
from hirag_jobs.levelalias import LevelAlias
from hirag_jobs.objects.part import Part
from hirag_jobs.rest import Rest
from hirag_jobs.stamp import of_pool
from hirag_kit.errors import ConfigurationError

Json = Mapping[str, Any]

AWAKE: Final = frozenset({"HOT", "ACTIVE"})
ASLEEP: Final = frozenset({"COLD", "INACTIVE"})


@dataclass(frozen=True)
class Pair:
    """A tenant of the source and where it is carried; None on a side that has no tenants."""

    source: str | None
    target: str | None


def pairs(rest: Rest, source: Json, target: Json, chosen: Sequence[str], into: str | None) -> list[Pair]:
    """What is carried where: the chosen tenants, or all of the source; of a side without tenants, all of it.

    Args:
        rest: to the Weaviate of both.
        source: a class as `GET /v1/schema/{class}` gives it.
        target: the same.
        chosen: tenants of the source; none are all.
        into: the tenant of the target, where it is not called as on the source.

    Raises:
        ConfigurationError: a tenant is missing on either side, lies in object storage, or is not said.
    """
    here, there = has_tenants(source), has_tenants(target)
    if chosen and not here:
        raise ConfigurationError(f"collection {source['class']} has no tenants: leave --tenant out")
    if into is not None and not there:
        raise ConfigurationError(f"collection {target['class']} has no tenants: leave --into-tenant out")
    if there and not here and into is None:
        raise ConfigurationError(f"collection {target['class']} has tenants: say which to fill by --into-tenant")
    if here and (into is not None or not there) and len(chosen) != 1:
        raise ConfigurationError(f"say by --tenant which tenant of {source['class']} to carry: it goes into one")
    names: Sequence[str | None] = (chosen or sorted(rest.tenants(source["class"]))) if here else [None]
    found = [Pair(name, (into or name) if there else None) for name in names]
    _require(rest, source["class"], [one.source for one in found])
    _require(rest, target["class"], [one.target for one in found])
    return found


def _require(rest: Rest, collection: str, names: Sequence[str | None]) -> None:
    """Refuses tenants that are not there or cannot be woken."""
    wanted = [name for name in names if name is not None]
    states = rest.tenants(collection) if wanted else {}
    for name in wanted:
        if name not in states:
            raise ConfigurationError(f"collection {collection} has no tenant {name}: create it, or leave it out")
        require_reachable(collection, name, states[name])


def require_reachable(collection: str, tenant: str, state: str) -> None:
    """Refuses a tenant that cannot be woken.

    Raises:
        ConfigurationError: it lies in object storage, or is on its way.
    """
    if state not in AWAKE | ASLEEP:
        raise ConfigurationError(f"tenant {tenant} of {collection} is {state}: bring it back from object storage first")


def require_unused(rest: Rest, schema: Json, tenant: str | None) -> None:
    """Refuses a target that clients reach already: what they wrote there would be taken for what the source lost.

    A pool is reached by the aliases of all its tenants; its neighbours do not count.

    Raises:
        ConfigurationError: naming the alias.
    """
    for alias in rest.aliases_of(schema["class"]):
        level = LevelAlias.parse(alias)
        if of_pool(schema) and level is not None and level.tenant != tenant:
            continue
        raise ConfigurationError(
            f"alias {alias} leads to {schema['class']}: clients may write to it, so nothing can be copied into it"
        )


@contextmanager
def awake(rest: Rest, parts: Sequence[Part]) -> Iterator[None]:
    """Has the tenants of some parts active, and puts those that slept back to sleep afterwards."""
    tenants = [(part.collection, part.tenant) for part in parts if part.tenant is not None]
    slept = [(collection, tenant) for collection, tenant in tenants if rest.tenant(collection, tenant) in ASLEEP]
    try:
        for collection, tenant in slept:
            rest.set_state(collection, tenant, "ACTIVE")
        yield
    finally:
        for collection, tenant in slept:
            rest.set_state(collection, tenant, "INACTIVE")
