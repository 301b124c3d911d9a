"""What can go wrong while real servers are brought up, as one small tree."""

from pathlib import Path


class ClusterError(Exception):
    """A part of the local cluster could not be brought up or used."""


class ServerExitedError(ClusterError):
    """A server ended by itself.

    Args:
        name: The server's name.
        status: Its exit status; 128 + n when signal n ended it.
        log: Its log file.
        tail: The log's last lines since its start.
    """

    def __init__(self, name: str, status: int, log: Path, tail: str) -> None:
        self.tail = tail
        super().__init__(f"{name} exited with status {status}. Its log is {log} and ends with:\n{tail}")


class NotReadyError(ClusterError):
    """A server runs but did not become ready in time; the text names the last answer and the log's tail."""


class KubectlError(ClusterError):
    """`kubectl` ended with an error; the text is what it said."""


class ToolUnavailableError(ClusterError):
    """None of the sources could give a tool or a data file; the text names each source and its reason."""


class HelmError(ClusterError):
    """`helm` ended with an error; the text is what it said."""


class ImageBuildError(ClusterError):
    """A container image could not be built; the text is the end of what the builder said."""
