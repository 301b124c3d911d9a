"""Programs out of Debian's packages, installed by the machine's own apt where they are missing."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from e2e.cluster.cache import Cache
from e2e.cluster.errors import ToolUnavailableError
from e2e.cluster.progress import Progress

_PLACES = os.pathsep.join((os.environ.get("PATH", ""), "/usr/local/sbin", "/usr/sbin", "/sbin"))
_INSTALL_SECONDS = 900
_APT = ("apt-get", "-o", "DPkg::Lock::Timeout=300", "--yes", "--no-install-recommends")
_TAIL_CHARACTERS = 2_000


def programs(packages: Mapping[str, str], cache: Cache, progress: Progress) -> dict[str, Path]:
    """The programs of some packages, all of them there when this returns.

    Args:
        packages: Program → package that has it.
        cache: Its lock keeps two sessions from installing at once.
        progress: What a person sees meanwhile.

    Raises:
        ToolUnavailableError: One is missing, and it cannot be installed here.
    """
    if not _missing(packages):
        return _found(packages)
    with cache.alone("debian"):
        if missing := sorted({packages[program] for program in _missing(packages)}):
            _install(missing, progress)
    if still := _missing(packages):
        raise ToolUnavailableError(f"Debian's packages were installed, and yet there is no {', '.join(still)}.")
    return _found(packages)


def _found(packages: Mapping[str, str]) -> dict[str, Path]:
    return {program: Path(path) for program in packages if (path := shutil.which(program, path=_PLACES))}


def _missing(packages: Mapping[str, str]) -> list[str]:
    return [program for program in packages if shutil.which(program, path=_PLACES) is None]


def _install(packages: list[str], progress: Progress) -> None:
    names = ", ".join(packages)
    if os.geteuid() != 0 or shutil.which("apt-get", path=_PLACES) is None:
        raise ToolUnavailableError(
            f"These packages of Debian are missing: {names}. Install them, or be root where apt-get is."
        )
    with progress.activity(f"installing {names}"):
        _apt("update", "--quiet")
        _apt("install", *packages)


def _apt(*arguments: str) -> None:
    command = [*_APT, *arguments]
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=_INSTALL_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise ToolUnavailableError(f"apt-get had not ended after {_INSTALL_SECONDS} s") from error
    if done.returncode != 0:
        raise ToolUnavailableError(
            f"{' '.join(command)} says: {(done.stdout + done.stderr).strip()[-_TAIL_CHARACTERS:]}"
        )
