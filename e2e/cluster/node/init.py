"""The first process of a node: prepares what its programs see of the machine, then reaps what they leave.

Usage: `python init.py FOLDER`, as process 1 of fresh mount, process and network namespaces. The node has the machine's
file system, with folders of its own where its programs keep what they run with. When this process ends, the kernel ends
everything inside and drops every mount, so nothing of a node outlives it. Only the standard library is used.
"""

import os
import signal
import subprocess
import sys
from pathlib import Path

# Paths that containerd, the kubelet and CNI plugins fix, or that would be the machine's own.
OWN_FOLDERS = (
    "/run",
    "/var/lib/cni",
    "/var/lib/containerd",
    "/var/lib/kubelet",
    "/var/log/containers",
    "/var/log/pods",
)
FORWARDING = "/proc/sys/net/ipv4/ip_forward"
READY = "ready"


def prepare(folder: Path) -> None:
    """Mount an empty folder of ours over each path, and bring the network up."""
    _run("mount", "--make-rshared", "/")
    for path in OWN_FOLDERS:
        own = folder / "mounts" / path.strip("/").replace("/", "-")
        own.mkdir(parents=True)
        Path(path).mkdir(parents=True, exist_ok=True)
        _run("mount", "--bind", str(own), path)
    _run("ip", "link", "set", "lo", "up")
    Path(FORWARDING).write_text("1")
    (folder / READY).touch()


def reap() -> None:
    """Wait for children, adopted ones above all, for ever; SIGTERM ends process 1 and with it the node."""
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    signal.signal(signal.SIGCHLD, lambda *_: _reap_ended())
    while True:
        signal.pause()


def _reap_ended() -> None:
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return


def _run(*command: str) -> None:
    subprocess.run(command, check=True)


if __name__ == "__main__":
    prepare(Path(sys.argv[1]))
    reap()
