import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from e2e.cluster.errors import ClusterError
from e2e.cluster.namespace import eventually
from e2e.cluster.node.sandbox import Sandbox

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="namespaces for mounts, processes and network need root")

_OWNER = """
import sys
from e2e.cluster.node.sandbox import Sandbox
with Sandbox() as sandbox:
    sandbox.server("sleeper", ["sleep", "1000"]).start()
    print(sandbox.folder, flush=True)
    sys.stdin.read()
"""


def mounts() -> list[str]:
    return [line for line in Path("/proc/self/mounts").read_text().splitlines() if "/node-" in line]


def groups(name: str) -> list[Path]:
    return list(Path("/sys/fs/cgroup").glob(f"**/hirag-{name}"))


def running(folder: Path) -> list[str]:
    """Processes that were told of the folder: the sandbox's first one, and whoever keeps it."""
    found = []
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = process.read_bytes()
        except OSError:  # it ended while we looked
            continue
        if os.fsencode(folder) in command:
            found.append(command.decode())
    return found


def test_it_sees_the_machines_files_and_neither_its_processes_nor_its_network() -> None:
    with Sandbox() as sandbox:
        assert sandbox.run("readlink", "/proc/self/ns/net").strip() != str(Path("/proc/self/ns/net").readlink())
        assert sandbox.run("cat", str(Path(__file__).resolve())) == Path(__file__).read_text()
        assert sandbox.run("ls", "/run").strip() == "mount", "the machine's own sockets are out of sight"
        assert sandbox.run("sh", "-c", "echo $(ls -d /proc/[0-9]* | wc -l)").strip() in {"2", "3", "4", "5"}


def test_there_is_one_way_out_of_it_and_that_ends_at_this_machine() -> None:
    with Sandbox() as sandbox:
        routes = sandbox.run("ip", "route").splitlines()
        assert len(routes) == 1
        assert routes[0].startswith(sandbox.outside.rsplit(".", 1)[0])
        with pytest.raises(ClusterError, match="unreachable"):
            sandbox.run("ip", "route", "get", "192.0.2.1")


def test_it_leaves_nothing_behind() -> None:
    with Sandbox() as sandbox:
        folder, link = sandbox.folder, f"{sandbox.outside}/30"
        sandbox.server("sleeper", ["sleep", "1000"]).start()
        assert groups(folder.name)
        assert link in subprocess.check_output(["ip", "addr"], text=True)
    assert not folder.exists()
    assert not groups(folder.name)
    assert not mounts()
    assert link not in subprocess.check_output(["ip", "addr"], text=True)


def test_it_ends_with_an_owner_that_is_killed() -> None:
    owner = subprocess.Popen(
        [sys.executable, "-c", _OWNER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path.cwd()
    )
    assert owner.stdout is not None
    folder = Path(owner.stdout.readline().strip())
    assert running(folder)
    owner.send_signal(signal.SIGKILL)
    owner.wait()
    eventually(lambda: running(folder), lambda found: not found, seconds=10)
    assert not mounts()
    with Sandbox():
        assert not folder.exists(), "the next run removes what the killed one left"
        assert not groups(folder.name)
