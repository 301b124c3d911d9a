"""`hirag-jobs export PATH`: a collection into an archive; what is whole stays, and the next run goes on from it."""

import json
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hirag_jobs.archive.beginning import begin
from hirag_jobs.archive.errors import ArchiveError, disk
from hirag_jobs.archive.files import write_whole
from hirag_jobs.archive.formats import JOURNAL, MANIFEST, MOST_MANIFEST_BYTES, read_manifest
from hirag_jobs.archive.journal import Begun, Journal
from hirag_jobs.archive.manifest import FORMAT, VERSION, Manifest, checksum, is_temporary, temporary, vector_entries
from hirag_jobs.archive.progress import Progress
from hirag_jobs.archive.report import ExportReport
from hirag_jobs.archive.settings import ExportSettings
from hirag_jobs.archive.site import Site, opened
from hirag_jobs.archive.units import Exporting, Units


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
        asked = sorted(site.place.asked(settings.tenant))
        whole = _whole(folder, site)
        begun = None if whole else begin(folder, site.place, asked, journal)
        try:
            if whole is not None:
                _tell_whole(whole, report)
            if begun is not None:
                _export(settings, site, begun, Units(folder, journal), report)
            journal.remove()
            report.complete = True
        finally:
            report.seconds = round(time.monotonic() - began, 3)
            report.publish(settings.report)
    return 0


def _export(settings: ExportSettings, site: Site, begun: Begun, units: Units, report: ExportReport) -> None:
    folder = units.folder
    with disk("tidied", folder):
        for leftover in folder.iterdir():
            if is_temporary(leftover.name):
                leftover.unlink()
    units.check()
    report.taken_up = units.objects
    tenants = [None] if begun.states is None else list(begun.states)
    every = settings.progress_seconds
    with Progress("exporting", every_seconds=every, stream=sys.stderr, before=units.objects) as progress:
        Exporting(site, units, settings, report, progress).run(tenants)
    document = _manifest(site, begun, units)
    text = json.dumps(document, indent=1, ensure_ascii=False).encode()
    if len(text) > MOST_MANIFEST_BYTES:
        raise ArchiveError(
            f"the manifest takes {len(text)} bytes: begin anew with a larger --part-bytes, or by --tenant"
        )
    write_whole(folder / MANIFEST, folder / temporary(MANIFEST), text)
    _tell(report, units.objects, [part.bytes for part in units.parts], begun.states)


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


def _whole(folder: Path, site: Site) -> Manifest | None:
    """The manifest of an archive that is finished; None where there is none yet."""
    if not (folder / MANIFEST).exists():
        return None
    manifest = read_manifest(folder)
    if manifest.collection != site.place.collection:
        raise ArchiveError(f"{folder} holds an archive of {manifest.collection}: name another folder")
    return manifest


def _tell_whole(manifest: Manifest, report: ExportReport) -> None:
    report.warnings.append(
        f"this archive is whole since {manifest.created.isoformat()}; name another folder for a newer"
    )
    report.taken_up = manifest.objects
    states = None if manifest.tenants is None else {one.name: one.state for one in manifest.tenants}
    _tell(report, manifest.objects, [part.bytes for part in manifest.parts], states)


def _tell(report: ExportReport, objects: int, sizes: list[int], states: Mapping[str, str] | None) -> None:
    report.objects, report.parts, report.bytes = objects, len(sizes), sum(sizes)
    report.tenants = None if states is None else len(states)


def _new_report(folder: Path, site: Site) -> ExportReport:
    place = site.place
    return ExportReport(
        folder=str(folder),
        alias=place.alias,
        collection=place.collection,
        server_version=place.server_version,
        fingerprint=place.fingerprint,
    )
