"""Servers of one's own with two replicas of the operator on them, and the servers' own record of who acted when."""

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from e2e.cluster import data
from e2e.cluster.acts import Act, AuditLog, Word
from e2e.cluster.controlplane import ControlPlane
from e2e.cluster.embedder import DIMENSIONS, MAX_TOKENS, MODEL_NAME, EmbedderServer
from e2e.cluster.faultproxy import FaultProxy
from e2e.cluster.namespace import Namespace, eventually
from e2e.cluster.replicas import LEASE_NAMESPACE, Replica
from e2e.cluster.toolchain import Toolchain
from e2e.cluster.weaviate import WeaviateServer
from e2e.cluster.workspace import Workspace

Json = dict[str, Any]

CRDS = Path(__file__).parents[2] / "crds"
KINDS = [f"/apis/hirag.dev/v1alpha1/{kind}" for kind in ("contextcollections", "embeddingmodels", "hnswindexpolicies")]
HOME, MODEL = "team-a", "minilm"
TAKE_OVER_SECONDS = 60.0  # the longest wait for another leader; what is promised is judged by who waits


class Stage:
    """A context manager that starts everything and at the end stops it.

    Args:
        tools: Where the binaries come from.
        lease_seconds: For how long a Lease holds.
        env: Further environment variables of the replicas.
        apart: Whether each has a way of its own to Weaviate, by which its changes are told; otherwise both know it by
            one address, as in a cluster.

    Attributes:
        control_plane: The API server.
        weaviate: The vector database.
        namespace: A namespace of a team, with an EmbeddingModel MODEL that is Ready, for all namespaces.
        replicas: The two.
        audit: What the API server was asked to change.
    """

    def __init__(
        self, tools: Toolchain, lease_seconds: int, env: Mapping[str, str] | None = None, *, apart: bool = True
    ) -> None:
        self._tools = tools
        self.lease_seconds = lease_seconds
        self._apart = apart
        self._env = {"HIRAG_OPERATOR_LEASE_SECONDS": str(lease_seconds), **(env or {})}
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            folder = stack.enter_context(Workspace("stage")).path
            self.audit = AuditLog(folder, LEASE_NAMESPACE)
            self.control_plane = stack.enter_context(ControlPlane(self._tools, flags=self.audit.flags))
            self._install()
            unlimited = {"MAXIMUM_ALLOWED_COLLECTIONS_COUNT": "-1"}
            self.weaviate = stack.enter_context(WeaviateServer(self._tools, env=unlimited))
            self._embedder = stack.enter_context(EmbedderServer(data.model_folder(), folder))
            proxies = [stack.enter_context(FaultProxy(self.weaviate.http_url)) for _ in range(2 if self._apart else 1)]
            self.replicas = [
                stack.enter_context(Replica(stem, self.control_plane, proxy, folder, self._env))
                for stem, proxy in zip(("a", "b"), (proxies[0], proxies[-1]), strict=True)
            ]
            self.namespace = Namespace(self.control_plane, HOME)
            self.namespace.apply("EmbeddingModel", MODEL, _model(self._embedder.url))
            self.namespace.await_ready("EmbeddingModel", MODEL)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stack.close()

    def leader(self) -> Replica | None:
        """Return the replica whose process the Lease names."""
        words = self.audit.words()
        holder = words[-1].holder if words else ""
        return next((one for one in self.replicas if one.name == holder), None)

    def await_leader(self) -> Replica:
        """Wait until the Lease names a process that is there."""
        found = eventually(self.leader, bool, TAKE_OVER_SECONDS)
        if found is None:
            raise AssertionError("nobody leads")
        return found

    def standby(self) -> Replica:
        """Return a replica that does not lead, while another does."""
        leader = self.await_leader()
        return next(one for one in self.replicas if one is not leader)

    def await_word(self, name: str, since: float) -> Word:
        """Wait until the Lease names a process, by a write after a time of day; return the first such write."""

        def look() -> list[Word]:
            return [word for word in self.audit.words() if word.holder == name and word.at > since]

        return eventually(look, bool, TAKE_OVER_SECONDS)[0]

    def await_act(self, name: str, since: float) -> Act:
        """Wait until a process asks for a change after a time of day; return the first."""

        def look() -> list[Act]:
            return [act for act in self.acts() if act.process == name and act.at > since]

        return min(eventually(look, bool, TAKE_OVER_SECONDS), key=lambda act: act.at)

    def acts(self) -> list[Act]:
        """Return all changes that the processes of all replicas asked of any server."""
        names = [life.name for one in self.replicas for life in one.lives]
        return [*self.audit.acts(names), *(act for one in self.replicas for act in one.acts_on_weaviate())]

    def _install(self) -> None:
        """Bring our kinds, and the namespace of the Lease; wait until the kinds are served."""
        for file in sorted(CRDS.glob("*.yaml")):
            self.control_plane.kubectl("apply", "--server-side", "-f", str(file))
        self.control_plane.kubectl("create", "namespace", LEASE_NAMESPACE)
        with self.control_plane.connect() as client:
            eventually(lambda: [client.get(path).is_success for path in KINDS], all)


def _model(url: str) -> Json:
    external = {"url": f"{url}/v1", "model": MODEL_NAME, "vectorizer": "text2vec-transformers"}
    return {
        "external": external,
        "dimensions": DIMENSIONS,
        "maxTokens": MAX_TOKENS,
        "allowedNamespaces": {"from": "All"},
    }
