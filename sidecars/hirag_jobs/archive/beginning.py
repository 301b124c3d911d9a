"""What an export is of: as it is now, or as an earlier run began it, which must be the same."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hirag_jobs.archive.errors import ArchiveError
from hirag_jobs.archive.journal import Begun, Journal
from hirag_jobs.archive.manifest import VERSION
from hirag_jobs.archive.place import Place
from hirag_jobs.archive.tenancy import check_states
from hirag_kit.errors import ConfigurationError


def begin(folder: Path, place: Place, asked: Sequence[str], journal: Journal) -> Begun:
    """Begins an export, or takes one up.

    Args:
        folder: of the archive.
        place: what is exported.
        asked: its tenants that are; empty for all.
        journal: of the folder.

    Raises:
        ConfigurationError: it has no such tenant, or one that cannot be woken.
        ArchiveError: the folder holds something else.
    """
    if not journal.records:
        if any(folder.glob("part-*")):
            raise ArchiveError(f"{folder} holds parts of another archive: name an empty folder")
        journal.append(_begun(place, asked))
    begun = journal.records[0]
    if not isinstance(begun, Begun):
        raise ArchiveError(f"the journal of {folder} does not begin as it must: begin anew in an empty folder")
    wanted = (VERSION, place.collection, _digest(place.schema), list(asked))
    if (begun.version, begun.collection, begun.schema_sha256, begun.asked) != wanted:
        raise ArchiveError(
            f"{folder} holds an unfinished export of {begun.collection}, of other tenants, or from before its schema "
            "changed: finish that one as it was begun, or name an empty folder"
        )
    return begun


def _begun(place: Place, asked: Sequence[str]) -> Begun:
    states = place.states
    if states is not None:
        absent = [tenant for tenant in asked if tenant not in states]
        if absent:
            raise ConfigurationError(f"collection {place.collection} has no tenant {', '.join(absent)}")
        states = {tenant: states[tenant] for tenant in asked or states}
        check_states(states)
    return Begun(
        version=VERSION,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        collection=place.collection,
        schema_sha256=_digest(place.schema),
        asked=list(asked),
        states=states,
    )


def _digest(schema: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(schema, sort_keys=True).encode()).hexdigest()
