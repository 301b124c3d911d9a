"""An image run by runc, as a kubelet would have it run: its own user, a root that is read-only, no rights at all."""

import json
import subprocess
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from e2e.cluster.errors import ClusterError
from e2e.cluster.images.archive import Archive
from e2e.cluster.process import ServerProcess

_SPEC: Final = "1.0.2"  # of the OCI runtime-spec
_RUN_SECONDS = 120.0
_MEMORY: Final = {"type": "tmpfs", "source": "tmpfs"}


@dataclass(frozen=True)
class Invocation:
    """How an image is run, where that is not as it says itself.

    Attributes:
        entrypoint: Takes the place of its ENTRYPOINT.
        arguments: Take the place of its CMD.
        environment: On top of its own.
        mounts: Path inside → path outside; read-only.
        network: Whether it may use the machine's network; else it has none, not even loopback.
    """

    entrypoint: Sequence[str] | None = None
    arguments: Sequence[str] | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    mounts: Mapping[str, Path] = field(default_factory=dict)
    network: bool = False


class Container:
    """A container that can be run to its end, or started and stopped as a server; a context manager.

    /tmp is memory of its own, as an emptyDir would be; nothing else can be written to.

    Args:
        runc: The program.
        archive: The image.
        root: The image's files, unpacked; containers may share them.
        folder: For what belongs to this container.
        invocation: What is different from what the image says.
    """

    def __init__(self, runc: Path, archive: Archive, root: Path, folder: Path, invocation: Invocation) -> None:
        self._bundle = folder / f"container-{uuid.uuid4().hex[:8]}"
        self._bundle.mkdir(parents=True)
        (self._bundle / "config.json").write_text(json.dumps(_spec(archive.config, root, invocation)))
        self._runc = [str(runc), "--root", str(folder / "runc")]
        self._command = [*self._runc, "run", "--bundle", str(self._bundle), self._bundle.name]
        self.server = ServerProcess(self._bundle.name, self._command, self._bundle / "log")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.server.stop()
        # What a killed runc left; a container that ended by itself is gone already, which is no error with --force.
        subprocess.run([*self._runc, "delete", "--force", self._bundle.name], capture_output=True, check=False)

    def run(self) -> subprocess.CompletedProcess[str]:
        """Run it to its end; returns its status and what it printed."""
        return subprocess.run(self._command, capture_output=True, text=True, timeout=_RUN_SECONDS, check=False)

    def signal(self, name: str) -> None:
        """Send a signal to its first process, as a container runtime does.

        Raises:
            ClusterError: runc says no.
        """
        command = [*self._runc, "kill", self._bundle.name, name]
        done = subprocess.run(command, capture_output=True, text=True, timeout=_RUN_SECONDS, check=False)
        if done.returncode != 0:
            raise ClusterError(f"runc kill says: {done.stderr.strip()}")


def _spec(config: Mapping[str, Any], root: Path, invocation: Invocation) -> dict[str, Any]:
    """Return the `config.json` of a bundle (OCI runtime-spec, config.md)."""
    uid, gid = (int(part) for part in config["User"].split(":"))
    arguments = config.get("Cmd") or [] if invocation.arguments is None else invocation.arguments
    namespaces = ["pid", "mount", "ipc", "uts", *([] if invocation.network else ["network"])]
    return {
        "ociVersion": _SPEC,
        "process": {
            "user": {"uid": uid, "gid": gid},
            "args": [*(invocation.entrypoint or config["Entrypoint"]), *arguments],
            "env": [*config["Env"], *(f"{name}={value}" for name, value in invocation.environment.items())],
            "cwd": "/",
            "noNewPrivileges": True,  # and no capabilities, since none is listed
        },
        "root": {"path": str(root), "readonly": True},
        "mounts": [
            {"destination": "/proc", "type": "proc", "source": "proc"},
            {"destination": "/dev", **_MEMORY, "options": ["nosuid", "mode=755", "size=64k"]},
            {"destination": "/tmp", **_MEMORY, "options": ["nosuid", "nodev", "mode=1777"]},  # noqa: S108  its own
            *(
                {"destination": inside, "type": "bind", "source": str(outside), "options": ["rbind", "ro"]}
                for inside, outside in invocation.mounts.items()
            ),
        ],
        "linux": {"namespaces": [{"type": kind} for kind in namespaces]},
    }
