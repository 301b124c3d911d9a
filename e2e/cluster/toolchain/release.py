"""Official releases, verified by the checksums that their projects publish."""

import platform
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from e2e.cluster.progress import Progress
from e2e.cluster.toolchain.download import Limits, RefusedError, Release, UnreachableError
from e2e.cluster.toolchain.pins import Tool
from e2e.cluster.toolchain.sources import Found, ToolCache

_ARCHITECTURES: Final = {"x86_64": "amd64", "aarch64": "arm64"}


class Releases:
    """Downloads into the cache.

    Args:
        cache: Where verified binaries go.
        roots: Module name → root of its releases, where it is not the project's own, e.g. a mirror.
        limits: When to give up.
    """

    name = "official releases"

    def __init__(self, cache: ToolCache, roots: Mapping[str, str], limits: Limits | None = None) -> None:
        self._cache = cache
        self._roots = roots
        self._limits = limits or Limits()

    def obtain(self, tools: Sequence[Tool], progress: Progress) -> Found:
        """Those that are published for this machine and whose checksum is right."""
        architecture = _ARCHITECTURES.get(platform.machine())
        if sys.platform != "linux" or architecture is None:
            reason = f"there are none for {sys.platform} on {platform.machine()}"
            return Found(refusals={tool.name: reason for tool in tools})
        releases = [self._release(tool, architecture) for tool in tools if tool.asset]
        checksums, problems = _probe(releases, self._limits.probe)
        if unreachable := {one.host for one in releases if isinstance(problems.get(one.tool.name), UnreachableError)}:
            progress.say(f"  no releases from {', '.join(sorted(unreachable))} within {self._limits.probe:g} s")
        with ThreadPoolExecutor() as pool:
            pending = {
                release.tool.name: pool.submit(self._install, release, checksums[release.tool.name], progress)
                for release in releases
                if release.tool.name in checksums
            }
        found = Found(refusals={tool.name: "none is published" for tool in tools if not tool.asset})
        for name, result in pending.items():
            try:
                found.paths[name] = result.result()
            except RefusedError as error:
                problems[name] = error
        for name, problem in problems.items():
            found.refusals[name] = str(problem)
            if not isinstance(problem, UnreachableError):
                progress.say(f"  {name} refused: {problem}")
        return found

    def _release(self, tool: Tool, architecture: str) -> Release:
        root = self._roots.get(tool.module.name, tool.module.releases).rstrip("/")
        asset, checksum = (
            f"{root}/{path.format(version=tool.module.version, arch=architecture)}"
            for path in (tool.asset, tool.checksum)
        )
        return Release(tool, asset, checksum, self._limits)

    def _install(self, release: Release, sha256: str, progress: Progress) -> Path:
        with progress.activity(f"downloading {release.tool.name} {release.tool.module.version}"):
            return release.install(sha256, self._cache)


def _probe(releases: Sequence[Release], seconds: float) -> tuple[dict[str, str], dict[str, RefusedError]]:
    """Ask for all checksums at once: tool name → SHA-256, and tool name → why there is none.

    Looking up a name can block for longer than any timeout of a connection. So threads are left behind rather than
    waited for, and what comes late is not looked at.
    """
    answers: dict[str, str] = {}
    problems: dict[str, RefusedError] = {}

    def ask(release: Release) -> None:
        try:
            answers[release.tool.name] = release.published_sha256()
        except RefusedError as error:
            problems[release.tool.name] = error

    threads = [threading.Thread(target=ask, args=(release,), daemon=True) for release in releases]
    for thread in threads:
        thread.start()
    end = time.monotonic() + seconds
    for thread in threads:
        thread.join(max(0.0, end - time.monotonic()))
    in_time, refused = dict(answers), dict(problems)
    for release in releases:
        if release.tool.name not in in_time:
            refused.setdefault(release.tool.name, UnreachableError(f"{release.host} did not answer in {seconds:g} s"))
    return in_time, refused
