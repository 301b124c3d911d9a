"""kubectl as a user runs it, against any cluster."""

import os
import subprocess
import tempfile
from pathlib import Path

from e2e.cluster.errors import KubectlError
from e2e.cluster.toolchain import Toolchain

_SECONDS = 120.0


class Kubectl:
    """Runs kubectl; call it with its arguments.

    Args:
        tools: Where the binary comes from.
        kubeconfig: Which cluster, and as whom.
    """

    def __init__(self, tools: Toolchain, kubeconfig: Path) -> None:
        self._binary = tools.path("kubectl")
        self._kubeconfig = kubeconfig

    def __call__(self, *args: str, stdin: str | bytes | None = None, seconds: float = _SECONDS) -> str:
        """Run it.

        Args:
            args: Its arguments.
            stdin: What its standard input holds, e.g. manifests for `apply -f -`.
            seconds: The longest that it may take.

        Returns:
            Its standard output.

        Raises:
            KubectlError: It ended with another status than 0, or not in time.
        """
        command = [str(self._binary), f"--kubeconfig={self._kubeconfig}", *args]
        with tempfile.TemporaryDirectory() as scratch:
            try:
                done = subprocess.run(
                    command,
                    input=stdin.encode() if isinstance(stdin, str) else stdin,
                    # HOME: its discovery cache must not outlive a change of CRDs. PATH: a cloud's kubeconfig names a
                    # program there that signs its user in.
                    env={"HOME": scratch, "PATH": os.environ.get("PATH", "")},
                    capture_output=True,
                    check=True,
                    timeout=seconds,
                )
            except subprocess.CalledProcessError as error:
                # `kubectl diff` says what differs on its standard output, and ends with 1.
                said = (error.stderr.strip() or error.stdout.strip()).decode(errors="replace")
                raise KubectlError(f"kubectl {' '.join(args)}: {said}") from error
            except subprocess.TimeoutExpired as error:
                raise KubectlError(f"kubectl {' '.join(args)}: no end after {seconds:g} s") from error
        return done.stdout.decode()
