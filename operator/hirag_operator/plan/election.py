"""Who may act: decisions about a Lease (coordination.k8s.io/v1), as client-go's leaderelection takes them.

A Lease names its holder and says for how long it holds after each renewal. The clocks of two machines are never
compared: whoever waits counts, by its own clock, since when the record has stood unchanged. Whoever holds it counts
from before it sent a renewal, so it always believes itself to be out before another believes it to be free
(https://pkg.go.dev/k8s.io/client-go/tools/leaderelection).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

MOST_SECONDS = 300  # the longest lease that is waited for, whatever a record says
HOLD_SHARE = 2 / 3  # of a lease: how long its holder acts without a renewal; the rest is for what is on its way
RENEW_SHARE = 1 / 5  # of a lease: how far renewals are apart
LOOK_SHARE = 1 / 10  # of a lease: how often one looks who waits, or whose renewal failed
CALL_SHARE = 1 / 2  # of a lease: the longest that one turn may take
RELEASED_SECONDS = 1  # of a lease that nobody holds: the API takes no 0


@dataclass(frozen=True)
class Record:
    """What a Lease says. `acquired` and `renewed` are times of day, for people."""

    holder: str = ""
    seconds: int = RELEASED_SECONDS
    acquired: str | None = None
    renewed: str | None = None
    transitions: int = 0


@dataclass(frozen=True)
class Sighting:
    """A record as it was seen, at which resource version, and since when (by one's own clock) it says the same."""

    record: Record
    version: str
    since: float


@dataclass(frozen=True)
class Wait:
    """Somebody else holds the lease, until `until` unless it is renewed."""

    holder: str
    until: float


@dataclass(frozen=True)
class Take:
    """Write `record`, if nobody wrote since `version` (None: if there is no Lease)."""

    record: Record
    version: str | None


def sighted(before: Sighting | None, record: Record, version: str, now: float) -> Sighting:
    """Return what is known after a look: a record that says the same as before has done so since then."""
    since = before.since if before is not None and before.record == record else now
    return Sighting(record, version, since)


def decide(seen: Sighting | None, candidate: str, seconds: int, now: float, at: datetime) -> Wait | Take:
    """Return what a candidate does about a lease of `seconds` that it looked at just now (None: there is none).

    `at` is the time of day to write down.
    """
    stamp = _stamp(at)
    if seen is None:
        return Take(Record(candidate, seconds, stamp, stamp), None)
    record = seen.record
    if record.holder == candidate:
        return Take(replace(record, seconds=seconds, renewed=stamp), seen.version)
    until = seen.since + min(max(record.seconds, seconds), MOST_SECONDS)
    if record.holder and now < until:
        return Wait(record.holder, until)
    return Take(Record(candidate, seconds, stamp, stamp, record.transitions + 1), seen.version)


def released(record: Record, at: datetime) -> Record:
    """Return what its holder leaves behind, for another to take at once."""
    stamp = _stamp(at)
    return Record("", RELEASED_SECONDS, stamp, stamp, record.transitions)


def held_until(sent: float, seconds: int) -> float:
    """Return until when one may act after a renewal that was sent at `sent`."""
    return sent + seconds * HOLD_SHARE


def read_record(lease: Mapping[str, Any]) -> Record:
    """Return what a Lease says; what is left out has the meaning that the API gives it."""
    spec = lease.get("spec") or {}
    return Record(
        holder=spec.get("holderIdentity") or "",
        seconds=spec.get("leaseDurationSeconds") or RELEASED_SECONDS,
        acquired=spec.get("acquireTime"),
        renewed=spec.get("renewTime"),
        transitions=spec.get("leaseTransitions") or 0,
    )


def lease_manifest(namespace: str, name: str, take: Take) -> dict[str, Any]:
    """Return the Lease that is to be written."""
    record = take.record
    spec = {
        "holderIdentity": record.holder,
        "leaseDurationSeconds": record.seconds,
        "acquireTime": record.acquired,
        "renewTime": record.renewed,
        "leaseTransitions": record.transitions,
    }
    metadata = {"namespace": namespace, "name": name}
    if take.version is not None:
        metadata["resourceVersion"] = take.version
    return {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": metadata, "spec": spec}


def _stamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
