"""Servers that restart, forget or cannot be reached: from the moment that they are whole until all changes are made.

While a server is away (or just back, if that is what takes the changes), collections are edited, deleted and made; what
is timed ends when the last of that is done.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from e2e.cluster.faults import NONE, Fault
from e2e.cluster.namespace import eventually
from e2e.cluster.stage import MODEL, Stage

Json = dict[str, Any]

KIND = "ContextCollection"
SEEN_SECONDS = 30.0  # for the operator to notice that a server is away
DONE_SECONDS = 180.0

Trouble = Callable[[Stage], Iterator[None]]


def recover(stage: Stage, trouble: Trouble, number: int) -> float:
    """Have trouble, change everything meanwhile; return the seconds from its end until all is as declared."""
    edited, deleted, made = (f"{word}-{number}" for word in ("edited", "deleted", "made"))
    for name in (edited, deleted):
        stage.namespace.apply(KIND, name, _spec(128))
        stage.namespace.await_ready(KIND, name)
    with contextmanager(trouble)(stage):
        stage.namespace.apply(KIND, edited, _spec(64))
        stage.namespace.delete(KIND, deleted)
        stage.namespace.apply(KIND, made, _spec(128))
    whole = time.monotonic()
    eventually(lambda: _done(stage, (edited, made), deleted), bool, DONE_SECONDS)
    seconds = time.monotonic() - whole
    for name in (edited, made):
        stage.namespace.delete(KIND, name)
    eventually(lambda: stage.namespace.all_of(KIND), lambda bodies: not bodies, DONE_SECONDS)
    return seconds


def api_server_restarts(stage: Stage) -> Iterator[None]:
    """Restart the API server, and declare the changes as soon as it is ready: before all watches are back."""
    stage.control_plane.restart_apiserver()
    yield


def history_is_compacted(stage: Stage) -> Iterator[None]:
    """Cut the replicas off, change, and have the API server and etcd forget what happened meanwhile."""
    _cut_api(stage, Fault(cut=True))
    yield
    stage.control_plane.compact()
    stage.control_plane.restart_apiserver()
    _cut_api(stage, NONE)


def api_server_is_cut_off(stage: Stage) -> Iterator[None]:
    """Cut the replicas off until nobody leads any more."""
    _cut_api(stage, Fault(cut=True))
    yield
    eventually(
        lambda: any("hirag_operator_leader 1.0" in one.metrics() for one in stage.replicas),
        lambda leads: not leads,
        SEEN_SECONDS,
    )
    _cut_api(stage, NONE)


def weaviate_restarts(stage: Stage) -> Iterator[None]:
    """Stop Weaviate until its absence is told."""
    stage.weaviate.stop()
    yield
    _await_unreachable(stage)
    stage.weaviate.start()


def weaviate_is_cut_off(stage: Stage) -> Iterator[None]:
    """Cut the replicas off from Weaviate until that is told."""
    for replica in stage.replicas:
        replica.weaviate.fault = Fault(cut=True)
    yield
    _await_unreachable(stage)
    for replica in stage.replicas:
        replica.weaviate.fault = NONE


TROUBLES: Mapping[str, Trouble] = {
    "API server restarts": api_server_restarts,
    "history compacted while watches are cut": history_is_compacted,
    "network to the API server cut": api_server_is_cut_off,
    "Weaviate restarts": weaviate_restarts,
    "network to Weaviate cut": weaviate_is_cut_off,
}


def _cut_api(stage: Stage, fault: Fault) -> None:
    for replica in stage.replicas:
        replica.api.fault = fault


def _await_unreachable(stage: Stage) -> None:
    def reasons() -> set[str]:
        bodies = stage.namespace.all_of(KIND)
        return {one["reason"] for body in bodies for one in (body.get("status") or {}).get("conditions", [])}

    eventually(reasons, lambda found: "WeaviateUnreachable" in found, SEEN_SECONDS)


def _done(stage: Stage, ready: tuple[str, ...], gone: str) -> bool:
    namespace = stage.namespace
    return namespace.get(KIND, gone) is None and all(
        namespace.condition(KIND, name).get("status") == "True" for name in ready
    )


def _spec(chunk_tokens: int) -> Json:
    return {
        "embeddingModelRef": {"name": MODEL},
        "levels": {"longTerm": {}},
        "chunking": {"maxTokens": chunk_tokens},
        "deletionPolicy": "Delete",
    }
