"""Where tools can come from: what the sources have in common, and the two that only look."""

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from e2e.cluster.cache import Cache, digest
from e2e.cluster.progress import Progress
from e2e.cluster.toolchain.pins import Module, Tool

_VERSION_SECONDS = 20.0


@dataclass
class Found:
    """What a source gave, and why it gave nothing else.

    Attributes:
        paths: Tool name → binary.
        refusals: Tool name → reason. A tool in neither is simply not there.
    """

    paths: dict[str, Path] = field(default_factory=dict)
    refusals: dict[str, str] = field(default_factory=dict)


class Source(Protocol):
    """A place that may have tools."""

    name: str

    def obtain(self, tools: Sequence[Tool], progress: Progress) -> Found:
        """Get as many of the tools as it has; every binary is complete, executable and of the pinned version."""
        ...


class ToolCache:
    """Binaries of earlier sessions, keyed by the hash of what pins them.

    Args:
        cache: The cache to look in.
    """

    name = "cache"

    def __init__(self, cache: Cache) -> None:
        self.cache = cache

    def obtain(self, tools: Sequence[Tool], progress: Progress) -> Found:  # noqa: ARG002 - looking takes no time
        """Those that are there."""
        return Found({tool.name: self.place(tool) for tool in tools if self.place(tool).exists()})

    def place(self, tool: Tool) -> Path:
        """Where the binary is or would be."""
        module = tool.module
        key = digest(
            (module.folder / "go.mod").read_bytes(),
            (module.folder / "go.sum").read_bytes(),
            *(source.read_bytes() for source in module.sources),
            " ".join(build_flags(module)).encode(),
            " ".join(os.uname()[i] for i in (0, 4)).encode(),
        )
        return self.cache.root / "tools" / f"{module.name}-{module.version}-{key}" / tool.name


class Assets:
    """A folder of binaries that somebody vouches for, used as they are.

    Args:
        folder: The folder.
    """

    name = "HIRAG_ASSETS"

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def obtain(self, tools: Sequence[Tool], progress: Progress) -> Found:  # noqa: ARG002 - looking takes no time
        """Those that are there."""
        files = {tool.name: self._folder / tool.name for tool in tools}
        return Found({name: file for name, file in files.items() if os.access(file, os.X_OK)})


class Installed:
    """Binaries on this machine that say that they are of the pinned version.

    Args:
        environment: KUBEBUILDER_ASSETS and PATH are looked through.
    """

    name = "KUBEBUILDER_ASSETS and PATH"

    def __init__(self, environment: Mapping[str, str]) -> None:
        folders = (environment.get("KUBEBUILDER_ASSETS"), environment.get("PATH"))
        self._path = os.pathsep.join(folder for folder in folders if folder)

    def obtain(self, tools: Sequence[Tool], progress: Progress) -> Found:  # noqa: ARG002 - looking takes no time
        """Those whose version is right."""
        found = Found()
        for tool in tools:
            file = shutil.which(tool.name, path=self._path)
            if file is None:
                continue
            if not tool.version_arguments:
                found.refusals[tool.name] = f"{file} cannot tell its version; name its folder in HIRAG_ASSETS to use it"
            elif tool.module.version in (words := _version_words(file, tool.version_arguments)):
                found.paths[tool.name] = Path(file)
            else:
                found.refusals[tool.name] = f"{file} says {' '.join(words)!r}, {tool.module.version} is pinned"
        return found


def build_flags(module: Module) -> list[str]:
    """The flags of `go build` that shape a binary."""
    major, minor, *_ = module.version.split(".")
    stamp = module.link_flags.format(version=module.version, major=major, minor=minor)
    tags = ["-tags", module.tags] if module.tags else []
    return ["-trimpath", *tags, "-ldflags", f"-s -w {stamp}".strip()]


def _version_words(file: str, arguments: Sequence[str]) -> list[str]:
    try:
        output = subprocess.run(
            [file, *arguments], capture_output=True, text=True, timeout=_VERSION_SECONDS, check=False
        ).stdout
    except (OSError, subprocess.TimeoutExpired) as error:
        return [str(error)]
    first_line = output.strip().split("\n", 1)[0]
    return [word.removeprefix("v") for word in first_line.split()]
