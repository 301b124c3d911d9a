"""Whether an archive and a collection go together: looked at before anything is written."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from hirag_jobs.archive.datatypes import Types, lacking, types_of
from hirag_jobs.archive.manifest import Manifest, vector_entries
from hirag_kit.errors import ConfigurationError


class DisagreementError(ConfigurationError):
    """An archive does not fit a collection; nothing was written."""


@dataclass(frozen=True)
class There:
    """The collection to be filled.

    Args:
        name: its physical name.
        schema: as Weaviate gives it.
        fingerprint: of the vectors inside; None where the operator did not make it.
    """

    name: str
    schema: Mapping[str, Any]
    fingerprint: str | None


def check(manifest: Manifest, there: There, stated: str | None) -> Types:
    """Refuses an archive that does not fit.

    Args:
        manifest: of the archive.
        there: what is to be filled.
        stated: the fingerprint that somebody says the archive's vectors are of.

    Returns:
        The types of the archive's properties.

    Raises:
        DisagreementError: it does not; each reason is named, with its remedy.
    """
    types = types_of(manifest.collection_schema)
    reasons = [
        *_properties(types, types_of(there.schema)),
        *_vectors(manifest, there),
        *_fingerprints(manifest, there, stated),
    ]
    if reasons:
        raise DisagreementError(f"the archive of {manifest.collection} does not fit {there.name}: {'; '.join(reasons)}")
    return types


def check_dimensions(archived: Mapping[str, int], inside: Mapping[str, int], where: str) -> None:
    """Refuses vectors of another size than those that there are.

    Args:
        archived: name of a vector → its size in the archive.
        inside: the same in what is to be filled; empty where there is nothing yet.
        where: what is to be filled.

    Raises:
        DisagreementError: they differ.
    """
    reasons = [
        f"vectors {name or 'without a name'} have {size} numbers, and there {inside[name]}"
        for name, size in archived.items()
        if inside.get(name, size) != size
    ]
    if reasons:
        raise DisagreementError(
            f"the archive does not fit {where}: {'; '.join(reasons)}: name a collection of the archive's own model"
        )


def _properties(archived: Types, there: Types) -> Iterable[str]:
    if absent := list(lacking(there, archived)):
        yield f"properties are missing there, or of another type: {', '.join(absent)}; declare them first"


def _vectors(manifest: Manifest, there: There) -> Iterable[str]:
    archived, found = sorted(manifest.vectors), sorted(vector_entries(there.schema))
    if archived != found:
        yield f"its vectors are {_names(archived)}, and there {_names(found)}: make a collection that has the same"


def _names(vectors: Iterable[str]) -> str:
    return ", ".join(name or "one without a name" for name in vectors)


def _fingerprints(manifest: Manifest, there: There, stated: str | None) -> Iterable[str]:
    """Vectors of two fingerprints never meet; a collection that nobody stamped tells nothing."""
    if stated and manifest.fingerprint and stated != manifest.fingerprint:
        yield f"its vectors are of fingerprint {manifest.fingerprint}, not of {stated}: leave --fingerprint out"
        return
    archived = manifest.fingerprint or stated
    if there.fingerprint is None or archived == there.fingerprint:
        return
    if archived is None:
        yield (
            f"vectors there are of fingerprint {there.fingerprint}, and the archive names none: if its vectors are of "
            f"the same model, say so by --fingerprint {there.fingerprint}"
        )
    else:
        yield (
            f"its vectors are of fingerprint {archived}, and there of {there.fingerprint}, which must never meet: "
            "import into a collection of the same EmbeddingModel, or ingest the documents anew"
        )
