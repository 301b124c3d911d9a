"""The last part of `make demo`: another index under the same alias, made while it is asked and written to."""

import os
import time
from collections.abc import Sequence
from uuid import UUID

import weaviate
from weaviate.classes.query import Filter

from e2e.demo import paths
from e2e.demo.background import DemoError
from e2e.demo.declared import COLLECTION, LEVEL, NAMESPACE, apply, kubectl
from e2e.demo.meanwhile import Meanwhile
from e2e.demo.progress import settle
from e2e.demo.questions import Index, connect
from e2e.demo.state import State

BEFORE, AFTER = "hnswindexpolicy", "hnswindexpolicy-compressed"
SECONDS = 180.0
DOCUMENT = f"{paths.CORPUS.name}#written-meanwhile"  # under the corpus's name, so that the next ingest prunes it


def change_index(state: State, alias: str) -> None:
    """Change what only a new collection can have, and tell how it went.

    Raises:
        DemoError: something failed or is missing.
    """
    print(
        f"{_sample(AFTER)} asks for compressed vectors, which no live index can be turned to.\n"
        "So the operator fills a new collection from the one that serves, compares both, refuses writes for an\n"
        "instant, and moves the alias."
    )
    with connect(state) as client:
        source, objects = _target(client, alias), Index(client, alias).count()
        with Meanwhile(state, alias, DOCUMENT) as meanwhile:
            began = time.monotonic()
            apply(state, AFTER)
            status = settle(SECONDS, _Table())
            seconds = time.monotonic() - began
        target, found = _target(client, alias), Index(client, alias).count()
        print(
            f"\nThe index was another one after {seconds:.1f} s. The alias {alias} led to\n"
            f"  {source} and leads to\n"
            f"  {target}.\n"
            f"Meanwhile {meanwhile.answered:,} questions were answered, the slowest within "
            f"{meanwhile.slowest * 1000:.0f} ms; {len(meanwhile.failures)} failed.\n"
            f"{len(meanwhile.written):,} passages were written; {meanwhile.refused:,} times one was refused at the "
            "swap and tried again.\n"
            f"The new collection holds {objects:,} + {len(meanwhile.written):,} = {found:,} passages."
        )
        if meanwhile.failures:
            raise DemoError(f"what failed meanwhile: {'; '.join(meanwhile.failures[:3])}")
        if target == source:
            raise DemoError(f"the alias leads to {source} as before")
        if found != objects + len(meanwhile.written):
            raise DemoError(f"{objects} passages and {len(meanwhile.written)} new ones are not {found}")
        _take_out(client, alias, meanwhile.written)
    until = status.get("migration", {}).get("levels", {}).get(LEVEL, {}).get("previousUntil")
    if until is not None:
        _way_back(until)


class _Table:
    """Shows kubectl's own table once, when data is on its way."""

    def __init__(self) -> None:
        self._shown = False

    def __call__(self, phase: str) -> None:
        if phase in {"Copying", "Checking", "CatchingUp"} and not self._shown:
            self._shown = True
            kubectl("get", "ctx", "-n", NAMESPACE, COLLECTION)


def _target(client: weaviate.WeaviateClient, alias: str) -> str:
    """Return the collection that the alias leads to."""
    found = client.alias.get(alias_name=alias)
    if found is None:
        raise DemoError(f"there is no alias {alias}")
    return found.collection


def _take_out(client: weaviate.WeaviateClient, alias: str, written: Sequence[UUID]) -> None:
    """Remove what was written meanwhile: the index is of the documentation alone."""
    client.collections.use(alias).data.delete_many(Filter.by_id().contains_any(list(written)))


def _way_back(until: str) -> None:
    print(
        f"The previous collection is kept, read-only, until {until}. To go back, apply what was declared before:\n"
        f"  kubectl apply -f {_sample(BEFORE)}"
    )


def _sample(name: str) -> str:
    return os.path.relpath(paths.SAMPLES / f"{name}.yaml")
