"""Builds from the pinned Go modules."""

import subprocess
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from e2e.cluster.cache import publish
from e2e.cluster.errors import ToolUnavailableError
from e2e.cluster.progress import Progress
from e2e.cluster.toolchain.golang import find_go
from e2e.cluster.toolchain.pins import Tool
from e2e.cluster.toolchain.sources import Found, ToolCache, build_flags

_BUILD_SECONDS = 3600.0
_TAIL_CHARACTERS = 2_000


class Builds:
    """Builds into the cache, the modules side by side.

    Args:
        cache: Where binaries go.
        environment: For Go: PATH, HOME, GOPROXY and the like.
    """

    name = "build from source"

    def __init__(self, cache: ToolCache, environment: Mapping[str, str]) -> None:
        self._cache = cache
        self._environment = {
            **environment,
            "CGO_ENABLED": "0",
            "GOFLAGS": "-mod=readonly",
            "GOTOOLCHAIN": "local",
            "GOWORK": "off",
        }

    def obtain(self, tools: Sequence[Tool], progress: Progress) -> Found:
        """All of them, unless Go or a module cannot be had."""
        try:
            go = find_go(self._environment, self._cache.cache, progress)
        except ToolUnavailableError as error:
            return Found(refusals={tool.name: str(error) for tool in tools})
        found, pending = Found(), []
        modules = list(dict.fromkeys(tool.module for tool in tools))
        with ThreadPoolExecutor(len(modules)) as pool:
            for module in modules:
                wanted = [tool for tool in tools if tool.module == module]
                pending.append(pool.submit(self._build_all, go, wanted, found, progress))
        for build in pending:
            build.result()
        return found

    def _build_all(self, go: Path, tools: Sequence[Tool], found: Found, progress: Progress) -> None:
        """Build one module's tools in turn; they share most of their packages."""
        for tool in tools:
            try:
                with progress.activity(f"building {tool.name} {tool.module.version}"):
                    found.paths[tool.name] = self._build(go, tool)
            except ToolUnavailableError as error:
                found.refusals[tool.name] = str(error)

    def _build(self, go: Path, tool: Tool) -> Path:
        place = self._cache.place(tool)
        with self._cache.cache.partial(place) as folder:
            binary = folder / tool.name
            command = [str(go), "build", *build_flags(tool.module), "-o", str(binary), tool.package]
            try:
                done = subprocess.run(
                    command,
                    cwd=tool.module.folder,
                    env=self._environment,
                    stdin=subprocess.DEVNULL,
                    capture_output=True,
                    text=True,
                    timeout=_BUILD_SECONDS,
                    check=False,
                )
            except subprocess.TimeoutExpired as error:
                raise ToolUnavailableError(f"go build had not ended after {_BUILD_SECONDS:g} s") from error
            if done.returncode != 0:
                raise ToolUnavailableError(f"go build says: {done.stderr.strip()[-_TAIL_CHARACTERS:]}")
            return publish(binary, place)
