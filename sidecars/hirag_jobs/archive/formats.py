"""Which versions of the format can be read: for each, what its manifest and its lines mean."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from hirag_jobs.archive import lines
from hirag_jobs.archive.datatypes import Types
from hirag_jobs.archive.errors import REMEDY, ArchiveError
from hirag_jobs.archive.files import read_bounded
from hirag_jobs.archive.manifest import FORMAT, VERSION, Manifest, checksum

MANIFEST = "manifest.json"
JOURNAL = "parts.jsonl"
MOST_MANIFEST_BYTES = 64 * 2**20
"""A tenant of one part takes some 450 bytes of it: enough for 100,000 of them."""


@dataclass(frozen=True)
class Version:
    """How one version is read.

    Args:
        manifest: from JSON to what the present version calls a manifest.
        line: from a line of a part to an object.
    """

    manifest: Callable[[Mapping[str, Any]], Manifest]
    line: Callable[[bytes, Types, lines.Dimensions], lines.Result]


# The one before the present version stays readable: when 2 comes, it stands beside 1.
VERSIONS = {VERSION: Version(Manifest.model_validate, lines.parsed)}


def read_manifest(folder: Path) -> Manifest:
    """The manifest of an archive.

    Raises:
        ArchiveError: the folder is no archive, or one that was not finished, or is damaged, or of a version that is not
            known here.
        StorageError: it could not be read.
    """
    text = read_bounded(folder / MANIFEST, MOST_MANIFEST_BYTES)
    if text is None:
        if (folder / JOURNAL).exists():
            raise ArchiveError(f"the export to {folder} was not finished: run it again, and then import")
        raise ArchiveError(f"{folder} is no archive: it has no {MANIFEST}; name the folder that export wrote")
    document = _document(text, folder)
    version = document.get("version")
    if not isinstance(version, int) or version not in VERSIONS:
        known = ", ".join(map(str, VERSIONS))
        raise ArchiveError(
            f"{folder / MANIFEST} is of format version {version!r}, and this program reads {known}: "
            "take the release that wrote it, or a newer one"
        )
    if document.get("sha256") != checksum(document):
        raise ArchiveError(f"{folder / MANIFEST} is damaged: its checksum is another; {REMEDY}")
    try:
        return VERSIONS[version].manifest(document)
    except ValidationError as error:
        item = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, item["loc"]))
        raise ArchiveError(f"{folder / MANIFEST} is refused: {where}: {item['msg']}; {REMEDY}") from error


def _document(text: bytes, folder: Path) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ArchiveError(f"{folder / MANIFEST} is damaged: it is not JSON; {REMEDY}") from error
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise ArchiveError(f"{folder / MANIFEST} is not of an archive of this program ({FORMAT})")
    return document
