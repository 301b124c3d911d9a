"""`hirag-jobs export PATH`: a collection into an archive; what is whole stays, and the next run goes on from it."""

import hashlib
import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hirag_jobs.archive.errors import ArchiveError, disk
from hirag_jobs.archive.files import write_whole
from hirag_jobs.archive.formats import JOURNAL, MANIFEST, MOST_MANIFEST_BYTES, read_manifest
from hirag_jobs.archive.journal import Begun, Journal
from hirag_jobs.archive.manifest import FORMAT, VERSION, Manifest, checksum, is_temporary, temporary, vector_entries
from hirag_jobs.archive.progress import Progress
from hirag_jobs.archive.report import ExportReport
from hirag_jobs.archive.settings import ExportSettings
from hirag_jobs.archive.site import Site, opened
from hirag_jobs.archive.tenancy import check_states
from hirag_jobs.archive.units import Exporting, Units
from hirag_kit.errors import ConfigurationError


def run(path: str, settings: ExportSettings) -> int:
    """Exports a collection.

    Args:
        path: the archive's folder; made where there is none.
        settings: all else.

    Returns:
        The exit status: 0 when the archive is whole.

    Raises:
        HiragError: it could not start, or could not go on; what is whole stays, and the next run goes on behind it.
    """
    folder = Path(path)
    with disk("made", folder):
        folder.mkdir(parents=True, exist_ok=True)
    with opened(settings) as site, Journal(folder / JOURNAL) as journal:
        report = _new_report(folder, site)
        began = time.monotonic()
        try:
            if (folder / MANIFEST).exists():
                _whole_already(folder, site, report)
            else:
                _export(folder, settings, site, journal, report)
            journal.remove()
            report.complete = True
        finally:
            report.seconds = round(time.monotonic() - began, 3)
            report.publish(settings.report)
    return 0


def _export(folder: Path, settings: ExportSettings, site: Site, journal: Journal, report: ExportReport) -> None:
    begun = _begun(folder, settings, site, journal)
    for leftover in folder.iterdir():
        if is_temporary(leftover.name):
            leftover.unlink()
    units = Units(folder, journal)
    units.check()
    report.taken_up = units.objects
    tenants = [None] if begun.states is None else list(begun.states)
    with Progress("exporting", every_seconds=settings.progress_seconds, before=units.objects) as progress:
        Exporting(site, units, settings, report, progress).run(tenants)
    document = _manifest(site, begun, units)
    text = json.dumps(document, indent=1, ensure_ascii=False).encode()
    if len(text) > MOST_MANIFEST_BYTES:
        raise ArchiveError(
            f"the manifest takes {len(text)} bytes: begin anew with a larger --part-bytes, or by --tenant"
        )
    write_whole(folder / MANIFEST, folder / temporary(MANIFEST), text)
    _tell(report, units.objects, [part.bytes for part in units.parts], begun.states)


def _begun(folder: Path, settings: ExportSettings, site: Site, journal: Journal) -> Begun:
    """What is exported: as an earlier run began it, or as it is now."""
    place = site.place
    asked = sorted(site.place.asked(settings.tenant))
    if not journal.records:
        if any(folder.glob("part-*")):
            raise ArchiveError(f"{folder} holds parts of another archive: name an empty folder")
        states = None if place.states is None else _chosen(place.states, asked, place.collection)
        check_states(states or {})
        now = datetime.now(UTC).isoformat(timespec="seconds")
        journal.append(
            Begun(
                version=VERSION,
                created=now,
                collection=place.collection,
                schema_sha256=_digest(place.schema),
                asked=asked,
                states=states,
            )
        )
    begun = journal.records[0]
    if not isinstance(begun, Begun):
        raise ArchiveError(f"{folder / JOURNAL} does not begin as it must: begin anew in an empty folder")
    now_wanted = (VERSION, place.collection, _digest(place.schema), asked)
    if (begun.version, begun.collection, begun.schema_sha256, begun.asked) != now_wanted:
        raise ArchiveError(
            f"{folder} holds an unfinished export of {begun.collection}, of other tenants, or from before its schema "
            "changed: finish that one as it was begun, or name an empty folder"
        )
    return begun


def _chosen(states: Mapping[str, str], asked: list[str], collection: str) -> dict[str, str]:
    absent = [tenant for tenant in asked if tenant not in states]
    if absent:
        raise ConfigurationError(f"collection {collection} has no tenant {', '.join(absent)}")
    return {tenant: states[tenant] for tenant in asked or states}


def _manifest(site: Site, begun: Begun, units: Units) -> dict[str, Any]:
    place = site.place
    tenants = None
    if begun.states is not None:
        tenants = [
            {"name": name, "state": state, "objects": units.objects_of(name)} for name, state in begun.states.items()
        ]
    manifest = Manifest.model_validate(
        {
            "format": FORMAT,
            "version": VERSION,
            "created": begun.created,
            "server_version": place.server_version,
            "alias": place.alias,
            "collection": place.collection,
            "schema": place.schema,
            "vectors": vector_entries(place.schema),
            "fingerprint": place.fingerprint,
            "dimensions": units.dimensions,
            "objects": units.objects,
            "tenants": tenants,
            "parts": units.parts,
            "sha256": "0" * 64,
        }
    )
    document = manifest.model_dump(mode="json", by_alias=True)
    return document | {"sha256": checksum(document)}


def _whole_already(folder: Path, site: Site, report: ExportReport) -> None:
    manifest = read_manifest(folder)
    if manifest.collection != site.place.collection:
        raise ArchiveError(f"{folder} holds an archive of {manifest.collection}: name another folder")
    report.warnings.append(
        f"this archive is whole since {manifest.created.isoformat()}; name another folder for a newer"
    )
    report.taken_up = manifest.objects
    states = None if manifest.tenants is None else {one.name: one.state for one in manifest.tenants}
    _tell(report, manifest.objects, [part.bytes for part in manifest.parts], states)


def _tell(report: ExportReport, objects: int, sizes: list[int], states: Mapping[str, str] | None) -> None:
    report.objects, report.parts, report.bytes = objects, len(sizes), sum(sizes)
    report.tenants = None if states is None else len(states)


def _digest(schema: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(schema, sort_keys=True).encode()).hexdigest()


def _new_report(folder: Path, site: Site) -> ExportReport:
    place = site.place
    return ExportReport(
        folder=str(folder),
        alias=place.alias,
        collection=place.collection,
        server_version=place.server_version,
        fingerprint=place.fingerprint,
    )
