"""What every reconcile works with, wired once in `main` and passed as a value."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from hirag_operator.adapters.connections import Connections
from hirag_operator.adapters.embedder import EmbedderAdapter
from hirag_operator.adapters.kubernetes import KubernetesAdapter
from hirag_operator.reconcile.pools import Pools
from hirag_operator.reconcile.rest import Rests


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

    def forget(self) -> None:
        """Go by nothing that was seen until now: another process may have acted since."""
        self.connections.forget()
        self.rests.clear()
