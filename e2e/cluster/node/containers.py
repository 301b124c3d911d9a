"""containerd in a sandbox, and the images that it is given; none is ever pulled."""

import subprocess
from collections.abc import Iterable
from pathlib import Path

from e2e.cluster.errors import ClusterError
from e2e.cluster.node.network import write_bridge
from e2e.cluster.node.sandbox import Sandbox

SOCKET = "/run/containerd/containerd.sock"
_START_SECONDS = 30.0
_CONFIGURATION = """\
version = 2

[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "{pause}"
  restrict_oom_score_adj = true  # a machine without CAP_SYS_RESOURCE cannot lower it

[plugins."io.containerd.grpc.v1.cri".cni]
  bin_dir = "/usr/lib/cni"
  conf_dir = "{network}"
"""


class Containers:
    """The container runtime of a node.

    Args:
        sandbox: Where it runs.
        pause: Reference of the image that holds a pod's namespaces.
    """

    def __init__(self, sandbox: Sandbox, pause: str) -> None:
        self._sandbox = sandbox
        configuration = sandbox.folder / "containerd.toml"
        configuration.write_text(_CONFIGURATION.format(pause=pause, network=write_bridge(sandbox.folder)))
        self._server = sandbox.server("containerd", ["containerd", "--config", configuration])

    def start(self) -> None:
        """Start it and wait until it answers."""
        self._server.start()
        self._server.wait_until(self._answers, _START_SECONDS)

    def stop(self) -> None:
        """Stop it; its containers go with the sandbox."""
        self._server.stop()

    def load(self, archives: Iterable[Path]) -> None:
        """Import image archives (docker or OCI) under the names that they carry."""
        for archive in archives:
            self._sandbox.run("ctr", "--address", SOCKET, "--namespace", "k8s.io", "images", "import", str(archive))

    def _answers(self) -> bool:
        try:
            self._sandbox.run("ctr", "--address", SOCKET, "--timeout", "2s", "version")
        except (ClusterError, subprocess.SubprocessError):
            return False
        return True
