"""`hirag-jobs import PATH`: an archive into a collection; what is there already is left, so repeat it at will."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
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
        report = _new_report(folder, manifest, site.place, chosen)
        began = time.monotonic()
        try:
            _import(folder, manifest, settings, site, chosen, report)
        finally:
            report.seconds = round(time.monotonic() - began, 3)
            report.publish(settings.report)
    return 0 if report.complete else 1


def _import(
    folder: Path,
    manifest: Manifest,
    settings: ImportSettings,
    site: Site,
    chosen: Sequence[Route],
    report: ImportReport,
) -> None:
    place = site.place
    types = check(manifest, There(place.collection, place.schema, place.fingerprint), settings.fingerprint)
    if place.fingerprint is None and (manifest.fingerprint or settings.fingerprint):
        report.warnings.append(f"{place.collection} names no fingerprint: nothing tells whether its vectors agree")
    missing = _missing(place, chosen, create_tenants=settings.create_tenants)
    for route in chosen:
        for part in manifest.of_tenant(route.source):
            check_present(folder, part)
        if place.states is None or place.states.get(route.target or "") == ACTIVE:
            check_dimensions(manifest.dimensions, site.dimensions(route.target), _named(place, route))
    states = {one.name: one.state for one in manifest.tenants or []}
    source = Source(folder, manifest, VERSIONS[manifest.version].line, types)
    with _journal(folder, settings, place, chosen, report) as journal:
        wanted = {route.target or "": states.get(route.source or "", ACTIVE) for route in chosen}
        create(site, missing, wanted, journal)
        report.created = missing
        with Progress("importing", every_seconds=settings.progress_seconds) as progress:
            filling = Filling(site, source, journal, report, progress)
            for route in chosen:
                filling.fill(route)
        if journal is not None:
            journal.remove()
    report.complete = not report.miscounted


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
def _journal(
    folder: Path, settings: ImportSettings, place: Place, chosen: Sequence[Route], report: ImportReport
) -> Iterator[Journal | None]:
    """Where it is noted which tenants were woken; None where all are awake, so that an archive may be read-only."""
    file = (settings.state or folder) / f"import-{place.collection}.jsonl"
    awake = place.states is None or all(place.states.get(route.target or "") == ACTIVE for route in chosen)
    if awake and not file.exists():
        yield None
        return
    try:
        opened_journal = Journal(file).__enter__()
    except StorageError as error:
        raise ConfigurationError(f"{error.message}; name a folder that can be written by --state") from error
    with opened_journal as journal:
        report.woken = 0
        yield journal


def _named(place: Place, route: Route) -> str:
    return place.collection if route.target is None else f"tenant {route.target} of {place.collection}"


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
