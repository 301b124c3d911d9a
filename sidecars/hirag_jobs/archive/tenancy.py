"""Tenants that sleep: woken where they must be, and put back as they were, over a crash too."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

from hirag_jobs.archive.journal import Journal, Woken
from hirag_jobs.archive.place import ACTIVE, INACTIVE
from hirag_jobs.archive.site import Site
from hirag_kit.errors import ConfigurationError


def check_states(states: Mapping[str, str]) -> None:
    """Refuses tenants that cannot be woken at once.

    Raises:
        ConfigurationError: some are offloaded, or on their way.
    """
    away = [f"{name} ({state})" for name, state in states.items() if state not in {ACTIVE, INACTIVE}]
    if away:
        raise ConfigurationError(
            f"bring these tenants back first, or choose others by --tenant: {', '.join(away[:20])}"
        )


@contextmanager
def awake(site: Site, tenant: str | None, journal: Journal | None) -> Iterator[None]:
    """Has a tenant active for as long as it is worked on.

    Args:
        site: where it is.
        tenant: which; None for a collection without tenants, which does not sleep.
        journal: where it is noted that it was woken; None only where every tenant is active.
    """
    if tenant is None or journal is None:
        yield
        return
    before = journal.asleep.get(tenant)
    if before is None and (site.place.states or {}).get(tenant) == ACTIVE:
        yield
        return
    now = site.state(tenant)
    if before is None and now != ACTIVE:
        check_states({tenant: now})
        before = now
        journal.append(Woken(tenant=tenant, state=now))
    try:
        if now != ACTIVE:
            site.put(tenant, ACTIVE)
        yield
    finally:
        if before is not None:
            site.put(tenant, before)


def create(site: Site, tenants: Iterable[str], states: Mapping[str, str], journal: Journal | None) -> None:
    """Makes tenants; those that slept where they were archived sleep again once they are filled."""
    made = list(tenants)
    for tenant in made:
        if journal is not None and states.get(tenant, ACTIVE) != ACTIVE:
            journal.append(Woken(tenant=tenant, state=INACTIVE))
    if made:
        site.create(made)
