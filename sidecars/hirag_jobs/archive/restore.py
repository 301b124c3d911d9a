"""`hirag-jobs import PATH`: an archive into a collection; what is there already is left, so repeat it at will."""

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from hirag_jobs.archive.agreement import There, check, check_dimensions
from hirag_jobs.archive.filling import Filling, Source
from hirag_jobs.archive.formats import VERSIONS, read_manifest
from hirag_jobs.archive.journal import Journal
from hirag_jobs.archive.manifest import Manifest
from hirag_jobs.archive.parts import check_present
from hirag_jobs.archive.place import ACTIVE, Place
from hirag_jobs.archive.progress import Progress
from hirag_jobs.archive.report import ImportReport
from hirag_jobs.archive.routes import Route, routes
from hirag_jobs.archive.settings import ImportSettings
from hirag_jobs.archive.site import Site, opened
from hirag_jobs.archive.tenancy import check_states, create
from hirag_kit.errors import ConfigurationError, StorageError


def run(path: str, settings: ImportSettings) -> int:
    """Imports an archive.

    Args:
        path: the archive's folder.
        settings: all else.

    Returns:
        The exit status: 0 when the collection holds all that was asked for and counts agree, else 1.

    Raises:
        HiragError: it could not start, or could not go on; the next run compares, and goes on.
    """
    folder = Path(path)
    manifest = read_manifest(folder)
    with opened(settings) as site:
        chosen = routes(manifest, site.place, settings.tenant, settings.from_tenant)
        types = check(manifest, _there(site.place), settings.fingerprint)
        missing = _missing(site.place, chosen, create_tenants=settings.create_tenants)
        _check_parts(folder, manifest, site, chosen)
        report = _new_report(folder, manifest, site.place, chosen)
        if site.place.fingerprint is None and (manifest.fingerprint or settings.fingerprint):
            report.warnings.append(f"{report.collection} names no fingerprint: nothing tells whether its vectors agree")
        source = Source(folder, manifest, VERSIONS[manifest.version].line, types)
        began = time.monotonic()
        try:
            _import(source, settings, site, chosen, missing, report)
        finally:
            report.seconds = round(time.monotonic() - began, 3)
            report.publish(settings.report)
    return 0 if report.complete else 1


def _import(
    source: Source,
    settings: ImportSettings,
    site: Site,
    chosen: Sequence[Route],
    missing: Sequence[str],
    report: ImportReport,
) -> None:
    states = {one.name: one.state for one in source.manifest.tenants or []}
    wanted = {route.target or "": states.get(route.source or "", ACTIVE) for route in chosen}
    with _journal(settings.state or source.folder, site.place, chosen) as journal:
        create(site, missing, wanted, journal)
        report.created = list(missing)
        with Progress("importing", every_seconds=settings.progress_seconds, stream=sys.stderr) as progress:
            filling = Filling(site, source, journal, report, progress)
            for route in chosen:
                filling.fill(route)
        if journal is not None:
            journal.remove()
    report.complete = not report.miscounted


def _there(place: Place) -> There:
    return There(place.collection, place.schema, place.fingerprint)


def _check_parts(folder: Path, manifest: Manifest, site: Site, chosen: Sequence[Route]) -> None:
    """Refuses what can be seen to be wrong without reading or waking anything."""
    place = site.place
    for route in chosen:
        for part in manifest.of_tenant(route.source):
            check_present(folder, part)
        if place.states is None or place.states.get(route.target or "") == ACTIVE:
            check_dimensions(manifest.dimensions, site.dimensions(route.target), route.target or place.collection)


def _missing(place: Place, chosen: Sequence[Route], *, create_tenants: bool) -> list[str]:
    """The tenants that are to be made; a pool's are made by the operator alone."""
    if place.states is None:
        return []
    states = {route.target: place.states.get(route.target or "") for route in chosen}
    check_states({tenant: state for tenant, state in states.items() if tenant and state})
    missing = [tenant for tenant, state in states.items() if tenant and state is None]
    if missing and (place.shared or not create_tenants):
        remedy = "declare the ContextCollection first" if place.shared else "declare them, or give --create-tenants"
        raise ConfigurationError(f"collection {place.collection} has no tenant {', '.join(missing[:20])}: {remedy}")
    return missing


@contextmanager
def _journal(folder: Path, place: Place, chosen: Sequence[Route]) -> Iterator[Journal | None]:
    """Where it is noted which tenants were woken; None where all are awake, so that an archive may be read-only."""
    file = folder / f"import-{place.collection}.jsonl"
    if not file.exists() and _all_awake(place, chosen):
        yield None
        return
    with ExitStack() as stack:
        try:
            journal = stack.enter_context(Journal(file))
        except StorageError as error:
            raise ConfigurationError(f"{error.message}; name a folder that can be written by --state") from error
        yield journal


def _all_awake(place: Place, chosen: Sequence[Route]) -> bool:
    return place.states is None or all(place.states.get(route.target or "") == ACTIVE for route in chosen)


def _new_report(folder: Path, manifest: Manifest, place: Place, chosen: Sequence[Route]) -> ImportReport:
    parts = [part for route in chosen for part in manifest.of_tenant(route.source)]
    return ImportReport(
        folder=str(folder),
        alias=place.alias,
        collection=place.collection,
        server_version=place.server_version,
        fingerprint=place.fingerprint,
        archived_collection=manifest.collection,
        objects=sum(part.objects for part in parts),
        parts=len(parts),
        tenants=None if place.states is None else len(chosen),
        bytes=sum(part.bytes for part in parts),
    )
