"""The peer: two kube-schedulers, elected by client-go with its default times (15 s, 10 s, 2 s)."""

import json
import os
import signal
import time
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from e2e.cluster.namespace import eventually
from e2e.cluster.ports import PortReservation
from e2e.cluster.process import ServerProcess
from e2e.cluster.stage import Stage
from e2e.cluster.toolchain import Toolchain
from e2e.cluster.workspace import Workspace

NAMESPACE, LEASE = "kube-system", "kube-scheduler"
_SECONDS = 60.0
_ACQUIRED = "successfully acquired lease"


class Schedulers:
    """Two of them on the stage's API server; a context manager."""

    def __init__(self, tools: Toolchain, stage: Stage) -> None:
        self._tools, self._stage = tools, stage
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self._folder = stack.enter_context(Workspace("schedulers")).path
            configuration = {
                "apiVersion": "kubescheduler.config.k8s.io/v1",
                "kind": "KubeSchedulerConfiguration",
                "clientConnection": {"kubeconfig": str(self._stage.control_plane.kubeconfig)},
            }
            (self._folder / "configuration.json").write_text(json.dumps(configuration))
            self._running = [self._scheduler(stack, str(number)) for number in range(2)]
            for one in self._running:
                one.start()
            eventually(self._leader, bool, _SECONDS)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stack.close()

    def hand_over(self, number: signal.Signals) -> float:
        """End the leader by a signal; return the seconds until another's name is in the Lease, and start it again."""
        leader = eventually(self._leader, bool, _SECONDS)
        if leader is None:
            raise AssertionError("no scheduler leads")
        before, at = self._holder(), time.time()
        os.kill(leader.pid, number)
        eventually(self._holder, lambda holder: holder not in {"", before}, _SECONDS)
        words = self._stage.audit.words(NAMESPACE, LEASE)
        taken = next(word.at for word in words if word.at > at and word.holder not in {"", before})
        leader.kill()
        leader.start()
        return taken - at

    def _holder(self) -> str:
        words = self._stage.audit.words(NAMESPACE, LEASE)
        return words[-1].holder if words else ""

    def _leader(self) -> ServerProcess | None:
        """Return the process that has said that it leads: the names in the Lease are the library's to choose."""
        return next((one for one in self._running if _ACQUIRED in one.tail().lower()), None)

    def _scheduler(self, stack: ExitStack, name: str) -> ServerProcess:
        port = stack.enter_context(PortReservation()).first
        command: list[str | Path] = [
            self._tools.path("kube-scheduler"),
            f"--config={self._folder / 'configuration.json'}",
            "--bind-address=127.0.0.1",
            f"--secure-port={port}",
            f"--cert-dir={self._folder / name}",
        ]
        server = ServerProcess("kube-scheduler", command, self._folder / f"{name}.log")
        stack.callback(server.stop)
        return server
