"""A machine within the machine: namespaces of its own for mounts, processes and network.

Its network is one cable to the machine and nothing else. There is no route to the outside, neither for the node nor for
its pods, and what a node writes into its network tables is gone with it.
"""

import json
import random
import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path
from types import TracebackType
from typing import Self

from e2e.cluster.errors import ClusterError
from e2e.cluster.node import init
from e2e.cluster.node.cgroups import own_tree, sweep
from e2e.cluster.process import ServerProcess
from e2e.cluster.workspace import Workspace

_START_SECONDS = 30.0
_CABLES = IPv4Network("10.213.0.0/16")  # of these a /30 for each sandbox
_TREES = "hirag-"  # what the names of control groups begin with; the folder's name follows
_RANDOM = random.SystemRandom()


class Sandbox:
    """The namespaces, with a process in them that keeps them; a context manager.

    Attributes:
        folder: Ours, seen alike from inside and outside; removed at the end.
        cgroup: Path of a control group for what runs in it.
        outside: The machine's address on the cable.
        inside: The sandbox's address on the cable.
    """

    def __init__(self) -> None:
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self.folder = stack.enter_context(Workspace("node")).path
            sweep(_TREES, lambda name: (self.folder.parent / name).exists())
            self.cgroup = stack.enter_context(own_tree(f"{_TREES}{self.folder.name}"))
            self._init = ServerProcess(
                "node",
                [
                    *("unshare", "--mount", "--pid", "--net", "--fork", "--kill-child", "--mount-proc"),
                    *(sys.executable, "-I", "-S", init.__file__, str(self.folder)),
                ],
                self.folder / "init.log",
                grace=0.1,  # unshare heeds no signal; the kernel ends what is inside when it is killed
            )
            stack.callback(self._init.stop)
            self._init.start()
            self._init.wait_until((self.folder / init.READY).exists, _START_SECONDS)
            self._pid = _child_of(self._init.pid)
            self._plug_in()
            self._stack = stack.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stack.close()

    def within(self, *command: str | Path) -> list[str | Path]:
        """Return a command that runs another inside."""
        return ["nsenter", f"--target={self._pid}", "--mount", "--pid", "--net", "--", *command]

    def run(self, *command: str | Path) -> str:
        """Run a command inside, and return its standard output.

        Raises:
            ClusterError: It ended with another status than 0.
        """
        return _run(*self.within(*command))

    def server(self, name: str, command: Sequence[str | Path]) -> ServerProcess:
        """Return a server that runs inside; its log is in the folder."""
        return ServerProcess(name, self.within(*command), self.folder / f"{name}.log", grace=0.1)

    def _plug_in(self) -> None:
        """Lay the cable. The machine's end goes with the sandbox's, whose namespace ends with its last process."""
        taken = {address for link in json.loads(_run("ip", "-json", "-4", "addr")) for address in _addresses(link)}
        free = [net for net in _CABLES.subnets(new_prefix=30) if not taken & set(net.hosts())]
        self.outside, self.inside = (str(address) for address in _RANDOM.choice(free).hosts())
        link = f"hirag{self._pid}"
        _run("ip", "link", "add", link, "type", "veth", "peer", "name", "eth0", "netns", str(self._pid))
        _run("ip", "addr", "add", f"{self.outside}/30", "dev", link)
        _run("ip", "link", "set", link, "up")
        self.run("ip", "addr", "add", f"{self.inside}/30", "dev", "eth0")
        self.run("ip", "link", "set", "eth0", "up")


def _addresses(link: dict[str, object]) -> set[IPv4Address]:
    found = link.get("addr_info")
    return {IPv4Address(one["local"]) for one in found} if isinstance(found, list) else set()


def _child_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])


def _run(*command: str | Path) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise ClusterError(f"{' '.join(str(part) for part in command)}: {done.stderr.strip()}")
    return done.stdout
