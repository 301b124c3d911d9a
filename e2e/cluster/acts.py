"""Who acted when, in the servers' own words: an API server's audit log, and proxies in front of Weaviate.

An act is a request that changes something. It is lawful when the process that sent it held the Lease at the moment at
which the request arrived: not before it took the Lease, not after it gave it up or another took it, and not longer
after its last renewal than a lease lasts.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from e2e.cluster.faults import Asked

Json = dict[str, Any]

_CHANGES = ("create", "update", "patch", "delete", "deletecollection")
_POLICY = {
    "apiVersion": "audit.k8s.io/v1",
    "kind": "Policy",
    "omitStages": ["RequestReceived"],
    "rules": [
        {"level": "RequestResponse", "verbs": list(_CHANGES), "resources": [{"group": "coordination.k8s.io"}]},
        {"level": "Metadata", "verbs": list(_CHANGES)},
        {"level": "None"},
    ],
}
_EXPECTED = ("kube-apiserver/", "kube-controller-manager/", "kubectl/", "python-httpx/", "hirag-operator/")
_READS = ("/v1/graphql", "/v1/objects")  # what the operator asks of Weaviate by POST, and what changes nothing


@dataclass(frozen=True)
class Act:
    """A change that a process asked for, and when it arrived (seconds since the epoch)."""

    process: str
    at: float
    what: str


@dataclass(frozen=True)
class Word:
    """A write of the Lease that was taken: by whom, when, and who holds it since."""

    at: float
    holder: str
    transitions: int


@dataclass(frozen=True)
class Term:
    """For how long a process held the Lease without a break."""

    process: str
    begin: float
    end: float


class AuditLog:
    """The audit log of an API server that is started with `flags`.

    Args:
        folder: Where it keeps its files.
        lease_namespace: Of the Lease; what is written there belongs to the election.
    """

    def __init__(self, folder: Path, lease_namespace: str) -> None:
        self._log = folder / "audit.log"
        self._read = 0  # bytes of it
        self._known: list[Json] = []
        self._lease_namespace = lease_namespace
        policy = folder / "policy.yaml"
        policy.write_text(yaml.safe_dump(_POLICY))
        self.flags = (
            f"--audit-policy-file={policy}",
            f"--audit-log-path={self._log}",
            "--audit-log-mode=blocking-strict",
        )

    def acts(self, processes: Iterable[str]) -> list[Act]:
        """Return all changes that these processes asked for; they name themselves in their User-Agent."""
        found: list[Act] = []
        for event in self._events():
            at = event.get("objectRef") or {}
            agent = str(event.get("userAgent"))
            who = next((one for one in processes if f"({one})" in agent), None)
            if who is not None and at.get("namespace") != self._lease_namespace:
                where = "/".join(
                    filter(None, (at.get(key) for key in ("resource", "namespace", "name", "subresource")))
                )
                found.append(Act(who, _seconds(event["requestReceivedTimestamp"]), f"{event['verb']} {where}"))
        return found

    def strangers(self) -> list[str]:
        """Return the changes that neither the cluster, nor users, nor a process by its name asked for."""
        return [
            f"{event['verb']} {event.get('requestURI')} by {event.get('userAgent')}"
            for event in self._events()
            if not str(event.get("userAgent")).startswith(_EXPECTED)
        ]

    def words(self, namespace: str | None = None, name: str | None = None) -> list[Word]:
        """Return the history of the Lease in the Lease's namespace, or of another one."""
        found: list[tuple[int, Word]] = []
        for event in self._events():
            of = event.get("objectRef") or {}
            if of.get("resource") != "leases" or of.get("namespace") != (namespace or self._lease_namespace):
                continue
            if not _taken(event) or (name and event["responseObject"]["metadata"]["name"] != name):
                continue
            lease, at = event["responseObject"], _seconds(event["requestReceivedTimestamp"])
            spec = lease["spec"]
            word = Word(at, spec.get("holderIdentity") or "", spec.get("leaseTransitions") or 0)
            found.append((int(lease["metadata"]["resourceVersion"]), word))
        return [word for _, word in sorted(found, key=lambda one: one[0])]

    def _events(self) -> list[Json]:
        if self._log.exists():
            with self._log.open("rb") as log:
                log.seek(self._read)
                for line in log:
                    if not line.endswith(b"\n"):  # it is being written
                        break
                    self._read += len(line)
                    self._known.append(json.loads(line))
        return self._known


def asked_of_weaviate(process: str, asked: Iterable[Asked]) -> list[Act]:
    """Return the changes that a process asked of Weaviate, through a proxy of its own."""
    return [
        Act(process, one.at, f"{one.method} {one.path}")
        for one in asked
        if one.method != "GET" and one.path not in _READS
    ]


def terms(words: Sequence[Word], seconds: float) -> list[Term]:
    """Return the terms that a Lease's history tells of, each to its last renewal and a lease of `seconds` beyond.

    A term ends sooner where the Lease was given up, or taken by another.
    """
    found: list[Term] = []
    for word in words:
        last = found[-1] if found else None
        if last is not None and last.process == word.holder and word.at <= last.end:
            found[-1] = Term(last.process, last.begin, word.at + seconds)
            continue
        if last is not None:
            found[-1] = Term(last.process, last.begin, min(last.end, word.at))
        if word.holder:
            found.append(Term(word.holder, word.at, word.at + seconds))
    return found


def unlawful(acts: Iterable[Act], held: Sequence[Term]) -> list[str]:
    """Return the acts of processes that did not hold the Lease, each with when it last had."""
    return [
        f"{act.process} at {act.at:.3f}: {act.what}; its terms: {_of(act.process, held)}"
        for act in acts
        if not any(term.process == act.process and term.begin <= act.at <= term.end for term in held)
    ]


def _of(process: str, held: Sequence[Term]) -> str:
    return ", ".join(f"{term.begin:.3f} to {term.end:.3f}" for term in held if term.process == process) or "none"


def _taken(event: Json) -> bool:
    return int((event.get("responseStatus") or {}).get("code", 500)) < 300  # noqa: PLR2004  success, as HTTP has it


def _seconds(stamp: str) -> float:
    return datetime.fromisoformat(stamp).timestamp()
