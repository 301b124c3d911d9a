"""The servers' binaries, from wherever this machine can get them.

The sources are asked in order, each for what the ones before it could not give: a folder that the user names, the
cache, what is installed in the pinned version, the official releases, and a build from pinned Go modules.
"""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from e2e.cluster.cache import Cache
from e2e.cluster.errors import ToolUnavailableError
from e2e.cluster.progress import Progress
from e2e.cluster.toolchain.build import Builds
from e2e.cluster.toolchain.pins import MODULES, TOOLS, Group, Tool
from e2e.cluster.toolchain.release import Releases
from e2e.cluster.toolchain.sources import Assets, Installed, Source, ToolCache

__all__ = ["Toolchain"]


class Toolchain:
    """Finds binaries by name, and gets all of a group that are missing as soon as one of it is asked for.

    Args:
        cache: Its lock keeps two sessions from getting the same tools twice.
        looking: Sources that only look at what is there.
        getting: Sources that take their time; asked for what is missing then.
        progress: What the user sees meanwhile.
    """

    def __init__(
        self,
        cache: Cache,
        looking: Sequence[Source],
        getting: Sequence[Source] = (),
        progress: Progress | None = None,
    ) -> None:
        self._cache = cache
        self._looking = looking
        self._getting = getting
        self._progress = progress or Progress()
        self._paths: dict[str, Path] = {}
        self._reasons: dict[str, str] = {}
        self.origins: dict[str, str] = {}

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Toolchain":
        """The toolchain of this machine.

        Args:
            environment: HIRAG_ASSETS names a folder of binaries to use as they are; HIRAG_CACHE the cache;
                HIRAG_RELEASES_KUBERNETES, _ETCD and _WEAVIATE roots of mirrors of the official releases.
        """
        cache = Cache.from_environment(environment)
        tools = ToolCache(cache)
        mirrors = {module.name: environment.get(f"HIRAG_RELEASES_{module.name.upper()}") for module in MODULES}
        chosen = [Assets(Path(folder))] if (folder := environment.get("HIRAG_ASSETS")) else []
        return cls(
            cache,
            looking=[*chosen, tools, Installed(environment)],
            getting=[
                Releases(tools, {name: root for name, root in mirrors.items() if root}),
                Builds(tools, environment),
            ],
        )

    def path(self, name: str) -> Path:
        """The binary of that name.

        Raises:
            ToolUnavailableError: No source has it; the text gives each one's reason.
        """
        if name not in self._paths and name not in self._reasons:
            self.ensure(*{tool.group for tool in TOOLS if tool.name == name})
        if name not in self._paths:
            raise ToolUnavailableError(
                f"{name} could not be had:{self._reasons.get(name, ' it is not a tool of ours')}"
            )
        return self._paths[name]

    def ensure(self, *groups: Group) -> dict[str, Path]:
        """Get the tools of these groups (`base` when none is named) that are missing.

        Returns:
            Tool name → binary, of all that could be had so far.
        """
        missing = self._ask(self._looking, [tool for tool in TOOLS if tool.group in (groups or ("base",))])
        if missing and self._getting:
            self._progress.say(f"Not on this machine yet: {_names(missing)}")
            with self._cache.alone("tools"), self._progress:
                missing = self._ask(self._looking, missing)  # another session may have got them while we waited
                self._cache.sweep("tools")
                self._ask(self._getting, missing, aloud=True)
        return dict(self._paths)

    def _ask(self, sources: Sequence[Source], tools: Sequence[Tool], *, aloud: bool = False) -> list[Tool]:
        missing = list(tools)
        for source in sources:
            if not missing:
                break
            if aloud:
                self._progress.say(f"{source.name}:")
            found = source.obtain(missing, self._progress)
            self._paths |= found.paths
            self.origins |= dict.fromkeys(found.paths, source.name)
            missing = [tool for tool in missing if tool.name not in found.paths]
            for tool in missing:
                reason = found.refusals.get(tool.name, "not there")
                self._reasons[tool.name] = f"{self._reasons.get(tool.name, '')}\n  {source.name}: {reason}"
        return missing


def _names(tools: Sequence[Tool]) -> str:
    return ", ".join(f"{tool.name} {tool.module.version}" for tool in tools)
