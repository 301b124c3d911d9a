"""What every reconcile works with, wired once in `main` and passed as a value."""

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from hirag_operator.adapters.connections import Connections
from hirag_operator.adapters.embedder import EmbedderAdapter
from hirag_operator.adapters.kubernetes import KubernetesAdapter
from hirag_operator.reconcile.canaries import Canaries
from hirag_operator.reconcile.current import Current
from hirag_operator.reconcile.given import Given
from hirag_operator.reconcile.pools import Pools
from hirag_operator.reconcile.rest import Rests
from hirag_operator.settings import JOBS_RESOURCES


def utc_now() -> datetime:
    """Return the time of day, for `lastTransitionTime`."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Services:
    """Adapters, and the settings that plans ask for."""

    kubernetes: KubernetesAdapter
    connections: Connections
    embedder: EmbedderAdapter
    instance: str
    embedder_image: str
    jobs_image: str
    service_url: str
    namespaces: tuple[str, ...] = ()
    now: Callable[[], datetime] = utc_now
    pools: Pools = field(default_factory=Pools)
    rests: Rests = field(default_factory=Rests)
    jobs_namespace: str = ""  # none: no Job that carries data can be run
    jobs_resources: Mapping[str, Mapping[str, str]] = field(default_factory=lambda: JOBS_RESOURCES)
    jobs_pull_secrets: tuple[str, ...] = ()
    migrations: int = 2  # levels that are migrated side by side
    canaries: Canaries = field(default_factory=Canaries)
    given: Given = field(default_factory=Given)
    current: Current = field(default_factory=Current)
    beginning: threading.Lock = field(default_factory=threading.Lock)  # held while a migration may begin

    def collections(self) -> Iterator[Mapping[str, Any]]:
        """Yield all ContextCollections that the operator watches, as JSON."""
        yield from self._all_of("ContextCollection")

    def models(self) -> Iterator[Mapping[str, Any]]:
        """Yield all EmbeddingModels that the operator watches, as JSON."""
        yield from self._all_of("EmbeddingModel")

    def _all_of(self, kind: str) -> Iterator[Mapping[str, Any]]:
        for scope in self.namespaces or (None,):
            yield from self.kubernetes.all_of(kind, scope)

    def forget(self) -> None:
        """Go by nothing that was seen until now: another process may have acted since."""
        self.connections.forget()
        self.rests.clear()
        self.given.clear()
        self.current.clear()
