"""Waiting until the collection is as declared, with a line for all that status tells of a migration meanwhile."""

import json
import time
from collections.abc import Callable, Mapping
from typing import Any

from e2e.demo.background import DemoError
from e2e.demo.declared import COLLECTION, LEVEL, NAMESPACE, POLICY, kubectl

Json = Mapping[str, Any]

POLL_SECONDS = 0.2


def settle(seconds: float, on_line: Callable[[str], None] = lambda _: None) -> Json:
    """Wait until the collection is Ready and its index as its policy says; return the collection's status.

    Args:
        seconds: The longest that it may take.
        on_line: Called with the phase after each line.

    Raises:
        DemoError: it is not in time, or the migration failed.
    """
    began = time.monotonic()
    shown = ""
    while True:
        collection, policy = _look()
        migration = _status(collection).get("migration") or {}
        phase = str(migration.get("phase", ""))
        if phase and (line := _line(phase, migration)) != shown:
            print(f"  {time.monotonic() - began:5.1f} s  {line}", flush=True)
            on_line(phase)
            shown = line
        if _holds(collection, "Ready") and _holds(policy, "Compliant"):
            return _status(collection)
        if phase == "Failed" or time.monotonic() - began > seconds:
            said = _condition(collection, "Ready").get("message", "nothing was said of it yet")
            raise DemoError(f"{COLLECTION} is not as declared after {time.monotonic() - began:.0f} s: {said}")
        time.sleep(POLL_SECONDS)


def _look() -> tuple[Json, Json]:
    names = (f"ctx/{COLLECTION}", f"hnsw/{POLICY}")
    collection, policy = json.loads(kubectl("get", "-n", NAMESPACE, *names, "-o", "json", quiet=True))["items"]
    return collection, policy


def _line(phase: str, migration: Json) -> str:
    """Return a phase and what status tells of it, as far as it tells."""
    level = migration.get("levels", {}).get(LEVEL, {})
    told: list[str] = []
    if "total" in level:
        told.append(f"{level['done']:,} of {level['total']:,} objects")
    if level.get("perSecond"):
        told.append(f"{level['perSecond']:,} a second")
    if "estimate" in migration:
        told.append(str(migration["estimate"]))
    if "alike" in level:
        told.append(f"{level['alike']:,} compared and alike")
    if "recall" in level:
        told.append(f"recall {level['recall']:.3f}")
    return f"{phase:<11} {', '.join(told or migration.get('changes', []))}".rstrip()


def _status(body: Json) -> Json:
    found: Json = body.get("status") or {}
    return found


def _holds(body: Json, condition: str) -> bool:
    return _condition(body, condition).get("status") == "True"


def _condition(body: Json, name: str) -> Json:
    """Return a condition of the present generation; empty where there is none yet."""
    generation = body["metadata"]["generation"]
    found: list[Json] = _status(body).get("conditions", [])
    return next((one for one in found if one["type"] == name and one["observedGeneration"] == generation), {})
