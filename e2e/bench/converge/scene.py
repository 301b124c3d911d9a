"""The whole scene: two equal sets of servers, the operator on one of them, and the loop for the other."""

import time
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from e2e.bench.converge import samples
from e2e.bench.converge.counts import WRITE, Counts, between, count, total
from e2e.bench.converge.loop import PlainLoop
from e2e.bench.converge.samples import HOME, MODEL, POLICY, Declared
from e2e.bench.converge.servers import Servers
from e2e.bench.converge.tape import Snapshot, snapshot, tape
from e2e.bench.converge.watch import Key, Watch, is_ready
from e2e.cluster import data
from e2e.cluster.embedder import EmbedderServer
from e2e.cluster.operator import OperatorProcess
from e2e.cluster.toolchain import Toolchain
from e2e.cluster.workspace import Workspace

FIRST_EF = 100
_START_SECONDS = 120.0
_QUIET_SECONDS = 2.0  # without a write: whatever was going on is over
_SETTLE_SECONDS = 300.0


@dataclass(frozen=True)
class Moment:
    """The operator's side at one moment: what is there, and how often it was asked."""

    left: Snapshot
    counts: Counts


class Scene:
    """A context manager that starts everything and at the end stops it.

    Args:
        resync_seconds: The operator's; the product's default when absent.

    Attributes:
        ours: The servers that the operator works on.
        peer: The servers that the loop works on.
        operator: The operator, with its default settings otherwise.
        loop: The plain client loop.
        collections: A watch of the ContextCollections of `ours`.
        policies: A watch of its policies.
    """

    def __init__(self, resync_seconds: float | None = None) -> None:
        self._env = {} if resync_seconds is None else {"HIRAG_OPERATOR_RESYNC_SECONDS": str(resync_seconds)}
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            tools = Toolchain.from_environment()
            self.ours = stack.enter_context(Servers(tools))
            self.peer = stack.enter_context(Servers(tools))
            cache = stack.enter_context(Workspace("bench")).path
            embedder = stack.enter_context(EmbedderServer(data.model_folder(), cache))
            connections = {"default": {"http_url": self.ours.weaviate.http_url}}
            self.operator = stack.enter_context(OperatorProcess(self.ours.control_plane, connections, env=self._env))
            self.collections = stack.enter_context(Watch(self.ours, "contextcollections"))
            self.policies = stack.enter_context(Watch(self.ours, "hnswindexpolicies"))
            self.loop = PlainLoop(self.peer)
            self._furnish(embedder.url)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stack.close()

    def make_namespaces(self, declared: Sequence[Declared]) -> None:
        """Make the namespaces of what will be declared, on both sides."""
        names = sorted({one.namespace for one in declared} - {HOME})
        self.ours.make_namespaces(names)
        self.peer.make_namespaces(names)

    def apply(self, declared: Declared) -> None:
        """Apply one collection on the operator's side, as its user does."""
        self.ours.apply("contextcollections", declared.namespace, declared.name, declared.spec)

    def now(self) -> Moment:
        """Look at the operator's side once it has come to rest."""
        counts = self._settled()
        return Moment(snapshot(self.ours), counts)

    def log_lines(self) -> list[str]:
        """Return what the operator has logged so far."""
        return Path(self.operator.log).read_text().splitlines()

    def metrics(self, name: str) -> Counter[str]:
        """Return a metric of the operator by its labels, as they are written."""
        text = httpx.get(f"{self.operator.url}/metrics", trust_env=False, timeout=30).text
        lines = [line for line in text.splitlines() if line.startswith(name + "{")]
        return Counter({line.rpartition(" ")[0]: int(float(line.rpartition(" ")[2])) for line in lines})

    def _settled(self) -> Counts:
        end = time.monotonic() + _SETTLE_SECONDS
        before = count(self.ours)
        while True:
            time.sleep(_QUIET_SECONDS)  # the time without a write that is waited for
            after = count(self.ours)
            if not total(between(before, after), WRITE):
                return after
            if time.monotonic() > end:
                raise TimeoutError(f"the operator did not stop writing within {_SETTLE_SECONDS:g} s")
            before = after

    def _furnish(self, embedder_url: str) -> None:
        """Declare the model and the policy, on the operator's side by a user and on the other by the loop."""
        self.ours.make_namespaces([HOME])
        self.peer.make_namespaces([HOME])
        before = self.now()
        with Watch(self.ours, "embeddingmodels") as models:
            models.expect(is_ready)
            self.policies.expect(is_ready)
            self.ours.apply("embeddingmodels", HOME, MODEL, samples.model(embedder_url))
            self.ours.apply("hnswindexpolicies", HOME, POLICY, samples.policy(FIRST_EF))
            models.wait([Key(HOME, MODEL)], _START_SECONDS)
            self.policies.wait([Key(HOME, POLICY)], _START_SECONDS)
        self.loop.run(tape(before.left, self.now().left))
