"""What a scenario needs of a cluster, whoever runs it."""

from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

import httpx


class Reachable(Protocol):
    """An API server, seen by its administrator."""

    def kubectl(self, *args: str, stdin: str | bytes | None = None) -> str:
        """Run kubectl as the administrator; see `Kubectl`."""
        ...

    def connect(self) -> httpx.Client:
        """Return a client of the API server with the administrator's rights; the caller closes it."""
        ...


class Cluster(Reachable, Protocol):
    """A Kubernetes cluster with at least one node.

    Attributes:
        kubeconfig: By which others reach it.
        audit_log: What its API server was asked, one JSON object a line; None where that cannot be read.
    """

    kubeconfig: Path
    audit_log: Path | None

    def logs(self) -> Iterable[Path]:
        """Return the log files of the cluster's own servers, as far as they can be read."""
        ...
