"""Replicas of the operator as local processes, each with a name, and with proxies in front of all its servers."""

import signal
import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

import httpx

from e2e.cluster import credentials
from e2e.cluster.acts import Act, asked_of_weaviate
from e2e.cluster.controlplane import ControlPlane
from e2e.cluster.faultproxy import FaultProxy, TcpProxy
from e2e.cluster.operator import OperatorProcess

LEASE_NAMESPACE = "hirag-system"
_ANSWER_SECONDS = 30.0


class Life(NamedTuple):
    """One process of a replica: its name in the election, and how much Weaviate had been asked before it."""

    name: str
    asked_before: int


class Replica:
    """One process after another; a context manager that starts the first.

    Args:
        stem: What the names of its processes begin with: no two processes may share one.
        control_plane: The API server that it works on.
        weaviate: Between it and the Weaviate that it works on, as connection `default`; the caller's to run.
        folder: Where it may keep a file.
        env: Further environment variables.

    Attributes:
        lives: All its processes.
        operator: The present one.
        api: Between it and the API server.
        weaviate: See there.
    """

    def __init__(
        self, stem: str, control_plane: ControlPlane, weaviate: FaultProxy, folder: Path, env: Mapping[str, str]
    ) -> None:
        self._stem, self._control_plane, self._env = stem, control_plane, dict(env)
        self._kubeconfig = folder / f"{stem}.kubeconfig"
        self.api, self.weaviate = TcpProxy(control_plane.url), weaviate
        self.lives: list[Life] = []
        self._stack, self._life = ExitStack(), ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            stack.enter_context(self.api)
            plane = self._control_plane
            credentials.write_kubeconfig(
                self._kubeconfig, url=self.api.url, authority=plane.authority, token=plane.token
            )
            stack.callback(self.end)
            self.start()
            self._stack = stack.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stack.close()

    @property
    def name(self) -> str:
        """As which the present process stands for election."""
        return self.lives[-1].name

    def start(self) -> None:
        """Start a new process and wait until it is ready."""
        life = Life(f"{self._stem}-{len(self.lives) + 1}", len(self.weaviate.asked))
        env = {
            "KUBECONFIG": str(self._kubeconfig),
            "HIRAG_OPERATOR_LEASE_NAMESPACE": LEASE_NAMESPACE,
            "HIRAG_OPERATOR_IDENTITY": life.name,
            **self._env,
        }
        self.operator = OperatorProcess(
            self._control_plane, {"default": {"http_url": self.weaviate.url, "timeout_seconds": "5"}}, env=env
        )
        self.lives.append(life)
        self._ending = self._paused = False
        self._life.enter_context(self.operator)

    def end(self) -> None:
        """End the process, in whatever state it is; one that is stopped would hear of no end."""
        if self._paused:
            self.resume()
        self._life.close()

    def kill(self) -> float:
        """End the process the way a crash does; return the time of day."""
        at = time.time()
        self.operator.signal(signal.SIGKILL)
        self.end()
        return at

    def ask_to_end(self) -> float:
        """Ask the process to end, as a kubelet does; return the time of day."""
        at = time.time()
        self.operator.signal(signal.SIGTERM)
        self._ending = True
        return at

    def pause(self) -> float:
        """Stop the process in the middle of what it does; return the time of day."""
        at = time.time()
        self.operator.signal(signal.SIGSTOP)
        self._paused = True
        return at

    def resume(self) -> None:
        """Have the process go on."""
        self.operator.signal(signal.SIGCONT)
        self._paused = False

    def restore(self) -> None:
        """Have a process that runs and goes on doing so: the present one, or else a new one."""
        if self._paused:
            self.resume()
        if self._ending or not self.operator.running:
            self.end()
            self.start()

    def metrics(self) -> str:
        """Return what the process exposes."""
        return httpx.get(f"{self.operator.url}/metrics", trust_env=False, timeout=_ANSWER_SECONDS).text

    def acts_on_weaviate(self) -> list[Act]:
        """Return the changes that all its processes asked of Weaviate, if nobody shares its way there."""
        ends = [*(life.asked_before for life in self.lives[1:]), len(self.weaviate.asked)]
        return [
            act
            for life, end in zip(self.lives, ends, strict=True)
            for act in asked_of_weaviate(life.name, self.weaviate.asked[life.asked_before : end])
        ]
