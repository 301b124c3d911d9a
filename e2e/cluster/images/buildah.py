"""Buildah on a machine without a container engine: images in a store of our own, builds in a plain chroot."""

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path

from e2e.cluster.errors import ImageBuildError

_BUILD_SECONDS = 1800
_TAIL_CHARACTERS = 3_000


class Buildah:
    """Runs `buildah` for one store; not for two sessions at once.

    Args:
        program: The program.
        folder: Where the store is, with what builds keep between runs.
    """

    def __init__(self, program: Path, folder: Path) -> None:
        self._program = program
        self._folder = folder
        self._environment = {**os.environ, "TMPDIR": str(folder / "tmp")}

    def has(self, image: str) -> bool:
        """Whether the store has an image."""
        return bool(self.run("images", "--filter", f"reference={image}", "--quiet").strip())

    @contextlib.contextmanager
    def from_nothing(self, image: str) -> Iterator[Path]:
        """A folder to fill; what it then holds becomes the image."""
        container = self.run("from", "scratch").strip()
        try:
            yield Path(self.run("mount", container).strip())
            self.run("commit", "--quiet", "--format=docker", container, image)
        finally:
            self.run("rm", container)

    def build(self, image: str, dockerfile: Path, context: Path, options: Mapping[str, str], *more: str) -> None:
        """Build a Dockerfile; unchanged steps are taken from the store.

        Args:
            image: The reference that it gets.
            dockerfile: The Dockerfile.
            context: The folder that it copies from.
            options: Flag without its dashes → value.
            more: Further arguments.
        """
        flags = [f"--{flag}={value}" for flag, value in options.items() if value]
        isolated = ["--isolation=chroot", "--layers", "--format=docker"]  # Docker's format keeps a HEALTHCHECK
        self.run("build", *isolated, *flags, *more, f"--tag={image}", f"--file={dockerfile}", str(context))

    def export(self, image: str, archive: Path) -> None:
        """Write an image as a `docker-archive`, which `docker load` and `ctr images import` take."""
        self.run("push", "--quiet", image, f"docker-archive:{archive}:{image}")

    def remove_leftovers(self) -> None:
        """Remove the containers and temporary files of a session that was killed."""
        shutil.rmtree(self._folder / "tmp", ignore_errors=True)
        self.run("rm", "--all")

    def run(self, *arguments: str) -> str:
        """Run one command of buildah; returns what it prints.

        Raises:
            ImageBuildError: It failed; the end of what it said is in the text.
        """
        (self._folder / "tmp").mkdir(parents=True, exist_ok=True)
        command = [*self._base, *arguments]
        try:
            done = subprocess.run(
                command, env=self._environment, capture_output=True, text=True, timeout=_BUILD_SECONDS, check=False
            )
        except subprocess.TimeoutExpired as error:
            raise ImageBuildError(f"buildah {arguments[0]} had not ended after {_BUILD_SECONDS} s") from error
        if done.returncode != 0:
            tail = (done.stdout + done.stderr).strip()[-_TAIL_CHARACTERS:]
            raise ImageBuildError(f"buildah {arguments[0]} ended with status {done.returncode}:\n{tail}")
        return done.stdout

    @cached_property
    def _base(self) -> list[str]:
        """The program with its store: overlays where the file system has them, full copies elsewhere."""
        for driver in ("overlay", "vfs"):
            store = [f"--root={self._folder / driver}", f"--runroot={self._folder / 'run'}"]
            command = [str(self._program), *store, f"--storage-driver={driver}"]
            probe = subprocess.run([*command, "images"], env=self._environment, capture_output=True, check=False)
            if probe.returncode == 0:
                return command
        raise ImageBuildError(f"buildah has no store here: {probe.stderr.decode(errors='replace').strip()}")
