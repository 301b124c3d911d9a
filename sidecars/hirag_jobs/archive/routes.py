"""Which tenant of an archive goes where."""

from collections.abc import Sequence
from dataclasses import dataclass

from hirag_jobs.archive.manifest import Manifest
from hirag_jobs.archive.place import Place
from hirag_kit.errors import ConfigurationError


@dataclass(frozen=True)
class Route:
    """From a tenant of the archive to one of the collection; None where there are no tenants."""

    source: str | None
    target: str | None


def routes(manifest: Manifest, place: Place, asked: Sequence[str], source: str | None) -> list[Route]:
    """What is read from where to where.

    Args:
        manifest: of the archive.
        place: what is filled.
        asked: tenants to fill; empty for all of the archive's.
        source: the tenant of the archive that is read, where it is called otherwise.

    Raises:
        ConfigurationError: it is not clear, or the archive has no such tenant.
    """
    archived = None if manifest.tenants is None else [one.name for one in manifest.tenants]
    targets = list(place.asked(asked))
    if source is not None and (archived is None or source not in archived):
        raise ConfigurationError(f"the archive has no tenant {source}: correct --from-tenant")
    if place.states is None:
        return [Route(_only(archived, source), None)]
    if not targets:
        if archived is None or source is not None:
            raise ConfigurationError(f"collection {place.collection} has tenants: name the one to fill by --tenant")
        return [Route(name, name) for name in archived]
    if archived is None or source is not None:
        if len(targets) > 1:
            raise ConfigurationError("one tenant of an archive fills one tenant: give --tenant once")
        return [Route(source, targets[0])]
    absent = [name for name in targets if name not in archived]
    if absent:
        raise ConfigurationError(
            f"the archive has no tenant {', '.join(absent)}: name the one to read instead by --from-tenant"
        )
    return [Route(name, name) for name in targets]


def _only(archived: list[str] | None, source: str | None) -> str | None:
    if archived is None or source is not None:
        return source
    if len(archived) != 1:
        raise ConfigurationError(
            f"the archive has {len(archived)} tenants, and the collection none: name the one to read by --from-tenant"
        )
    return archived[0]
