"""Asked and granted, side by side."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from e2e.cluster.audit.grants import Grant
from e2e.cluster.audit.requests import Request


@dataclass(frozen=True)
class Exemption:
    """Rights that need not be used, and why they are granted all the same."""

    verbs: frozenset[str]
    resources: frozenset[str]
    reason: str

    def excuses(self, grant: Grant) -> bool:
        """Return whether a right is among them."""
        return grant.verb in self.verbs and f"{grant.group}/{grant.resource}" in self.resources

    def __str__(self) -> str:
        """Return it as a person reads it."""
        return f"{', '.join(sorted(self.verbs))} of {', '.join(sorted(self.resources))}: {self.reason}"


@dataclass(frozen=True)
class Findings:
    """What came out, sentence by sentence; the first four are complaints.

    Attributes:
        refused: Asked, and not allowed.
        elsewhere: Asked and allowed, but by other roles than the chart's.
        unused: Granted and never used, without an excuse.
        stale: Excuses for what is not granted.
        excused: Granted and not used, with the reason.
        used: How many rights were used.
    """

    refused: tuple[str, ...]
    elsewhere: tuple[str, ...]
    unused: tuple[str, ...]
    stale: tuple[str, ...]
    excused: tuple[str, ...]
    used: int

    @property
    def complaints(self) -> tuple[str, ...]:
        """Return all that is wrong."""
        return (
            *(f"refused: {one}" for one in self.refused),
            *(f"allowed by other roles: {one}" for one in self.elsewhere),
            *(f"granted and never used: {one}" for one in self.unused),
            *(f"excused and not granted: {one}" for one in self.stale),
        )


def read_exceptions(file: Path) -> tuple[Exemption, ...]:
    """Return the table of exceptions."""
    rows = yaml.safe_load(file.read_text(encoding="utf-8"))
    return tuple(Exemption(frozenset(row["verbs"]), frozenset(row["resources"]), row["reason"]) for row in rows)


def compare(requests: Collection[Request], grants: Collection[Grant], exceptions: Sequence[Exemption]) -> Findings:
    """Return what differs between what was asked and what is granted.

    A right that is granted in several namespaces is used if it was in one of them. Paths that are no resources, such as
    discovery's, are open to everybody who is known to the API server, and need no role.
    """
    allowed = [request for request in requests if not request.refused]
    used = {grant.right for grant in grants for request in allowed if grant.covers(request)}
    idle = [grant for grant in grants if grant.right not in used]
    excuses = {grant: one for grant in idle for one in exceptions if one.excuses(grant)}
    return Findings(
        refused=_told(f"{one}: {one.refused}" for one in requests if one.refused),
        elsewhere=_told(str(one) for one in allowed if _is_resource(one) and not _covered(one, grants)),
        unused=_told(str(one) for one in idle if one not in excuses),
        stale=_told(str(one) for one in exceptions if not any(one.excuses(grant) for grant in grants)),
        excused=_told(f"{one}: {why.reason}" for one, why in excuses.items()),
        used=len(used),
    )


def _covered(request: Request, grants: Collection[Grant]) -> bool:
    return any(grant.covers(request) for grant in grants)


def _is_resource(request: Request) -> bool:
    return not request.resource.startswith("/")


def _told(lines: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(lines)))
