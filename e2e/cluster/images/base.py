"""The image that stands for Debian where no registry can be reached: the same release, out of Debian's own packages."""

import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

from e2e.cluster.cache import digest
from e2e.cluster.errors import ImageBuildError
from e2e.cluster.images.buildah import Buildah
from e2e.cluster.progress import Progress

_BOOTSTRAP_SECONDS = 900
_TAIL_CHARACTERS = 3_000
_BASE = re.compile(r"^ARG BASE=\S+/debian:(?P<release>[a-z]+)-slim@sha256:[0-9a-f]{64}$", re.MULTILINE)
# What the Dockerfile installs first is in it from the start, which saves unpacking it in another layer. What is lost
# when the machine fails meanwhile is made anew, so nothing waits for the disk.
_OPTIONS = (
    "--mode=root",
    "--variant=minbase",
    "--include=ca-certificates,python3-venv",
    "--dpkgopt=force-unsafe-io",
)


def debian(dockerfile: Path, buildah: Buildah, mmdebstrap: Path, progress: Progress) -> str:
    """The reference of an image of the Debian that a Dockerfile names as its base; made when the store has none.

    Raises:
        ImageBuildError: The Dockerfile names no Debian, or it cannot be bootstrapped.
    """
    release = debian_of(dockerfile)
    image = f"localhost/hirag-debian:{release}-{digest(*(option.encode() for option in _OPTIONS))}"
    if not buildah.has(image):
        with progress.activity(f"bootstrapping Debian {release}"), buildah.from_nothing(image) as root:
            _bootstrap(mmdebstrap, release, root, os.environ)
    return image


def debian_of(dockerfile: Path) -> str:
    """The name of the release of Debian that a Dockerfile pins as its base.

    Raises:
        ImageBuildError: It pins none.
    """
    named = _BASE.search(dockerfile.read_text())
    if named is None:
        raise ImageBuildError(f"{dockerfile} has no line `ARG BASE=…/debian:RELEASE-slim@sha256:…`.")
    return named["release"]


def _bootstrap(mmdebstrap: Path, release: str, root: Path, environment: Mapping[str, str]) -> None:
    """Fill a folder with a minimal Debian, from the mirror in HIRAG_DEBIAN_MIRROR or Debian's own."""
    mirror = [environment["HIRAG_DEBIAN_MIRROR"]] if environment.get("HIRAG_DEBIAN_MIRROR") else []
    command = [str(mmdebstrap), *_OPTIONS, release, str(root), *mirror]
    tools = os.pathsep.join((environment.get("PATH", ""), "/usr/sbin", "/sbin"))
    try:
        done = subprocess.run(
            command,
            env={**environment, "PATH": tools},
            capture_output=True,
            text=True,
            timeout=_BOOTSTRAP_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise ImageBuildError(f"mmdebstrap had not ended after {_BOOTSTRAP_SECONDS} s") from error
    if done.returncode != 0:
        raise ImageBuildError(f"mmdebstrap says: {(done.stdout + done.stderr).strip()[-_TAIL_CHARACTERS:]}")
