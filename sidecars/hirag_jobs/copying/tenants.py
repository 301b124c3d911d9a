"""The tenants of a copy: which are to be copied, and each awake for as long as that takes."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from hirag_jobs.levelalias import LevelAlias
from hirag_jobs.rest import Rest
from hirag_jobs.stamp import of_pool
from hirag_kit.errors import ConfigurationError

Json = Mapping[str, Any]

_AWAKE = {"HOT", "ACTIVE"}
_ASLEEP = {"COLD", "INACTIVE"}


def tenants_to_copy(rest: Rest, source: str, target: str, chosen: Sequence[str]) -> list[str]:
    """The names of tenants that both collections have: the chosen ones, or all of the source.

    Raises:
        ConfigurationError: one is missing on either side, or lies in object storage.
    """
    here, there = rest.tenants(source), rest.tenants(target)
    names = sorted(chosen or here)
    for name in names:
        for collection, states in ((source, here), (target, there)):
            if name not in states:
                raise ConfigurationError(f"collection {collection} has no tenant {name}: create it, or leave it out")
            if states[name] not in _AWAKE | _ASLEEP:
                raise ConfigurationError(
                    f"tenant {name} of {collection} is {states[name]}: bring it back from object storage first"
                )
    return names


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
def awake(rest: Rest, collections: Sequence[str], tenant: str) -> Iterator[None]:
    """Has a tenant active in some collections, and puts it back to sleep afterwards where it slept."""
    slept = [one for one in collections if rest.tenant(one, tenant) in _ASLEEP]
    try:
        for one in slept:
            rest.set_state(one, tenant, "ACTIVE")
        yield
    finally:
        for one in slept:
            rest.set_state(one, tenant, "INACTIVE")
