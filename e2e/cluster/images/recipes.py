"""What the images are made of: the product's own, and the two that a node needs beside them."""

import os
import shutil
import subprocess
from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from e2e.cluster.cache import Cache, digest, sha256
from e2e.cluster.errors import ImageBuildError
from e2e.cluster.progress import Progress
from e2e.cluster.toolchain import Toolchain
from e2e.cluster.toolchain.golang import find_go

ROOT: Final = Path(__file__).parents[3]
DOCKERFILE: Final = ROOT / "operator" / "Dockerfile"
_HERE = Path(__file__).parent
_LINK_SECONDS = 300


class Recipe(ABC):
    """How one image is made.

    Args:
        dockerfile: What builds it.
        target: Stage of the Dockerfile; empty for its last.

    Attributes:
        on_debian: Whether it stands on the base.
    """

    on_debian = False

    def __init__(self, dockerfile: Path, target: str = "") -> None:
        self.dockerfile = dockerfile
        self.target = target

    @property
    def key(self) -> str:
        """A digest of all that goes in, by name and content."""
        inputs = [f"{os.path.relpath(path, ROOT)} {sha256(path)}" for path in self.inputs()]
        return digest(self.target.encode(), *(line.encode() for line in inputs))

    @abstractmethod
    def inputs(self) -> list[Path]:
        """Return the files by whose content the image is known."""

    @abstractmethod
    def context(self, scratch: Path) -> Path:
        """Return the folder that the Dockerfile copies from; what has to be made for it goes into `scratch`."""


class Product(Recipe):
    """An image of the product, out of the repository."""

    on_debian = True

    def inputs(self) -> list[Path]:
        """Return what `.dockerignore` lets in."""
        return [self.dockerfile, ROOT / ".dockerignore", *sorted(_let_in())]

    def context(self, scratch: Path) -> Path:  # noqa: ARG002 - nothing has to be made
        """Return the repository."""
        return ROOT


class Weaviate(Recipe):
    """The toolchain's Weaviate."""

    def inputs(self) -> list[Path]:
        """Return the Dockerfile and the server."""
        return [self.dockerfile, self._server()]

    def context(self, scratch: Path) -> Path:
        """Return a folder with the server."""
        shutil.copy(self._server(), scratch / "weaviate-server")
        return scratch

    def _server(self) -> Path:
        return Toolchain.from_environment().path("weaviate-server")


class Pause(Recipe):
    """What keeps a pod's namespaces, built by the toolchain's Go."""

    def inputs(self) -> list[Path]:
        """Return the Dockerfile and the source."""
        return [self.dockerfile, *(self.dockerfile.with_name(name) for name in ("go.mod", "main.go"))]

    def context(self, scratch: Path) -> Path:
        """Return a folder with the program.

        Raises:
            ImageBuildError: Go refuses it.
        """
        go = find_go(os.environ, Cache.from_environment(os.environ), Progress())
        command = [str(go), "build", "-trimpath", "-ldflags=-s -w", f"-o={scratch / 'pause'}", "."]
        environment = {**os.environ, "CGO_ENABLED": "0", "GOTOOLCHAIN": "local", "GOWORK": "off", "GOFLAGS": ""}
        source = self.dockerfile.parent
        done = subprocess.run(
            command, cwd=source, env=environment, capture_output=True, text=True, timeout=_LINK_SECONDS, check=False
        )
        if done.returncode != 0:
            raise ImageBuildError(f"go build of pause says: {done.stderr.strip()}")
        return scratch


RECIPES: Final[dict[str, Recipe]] = {
    "hirag-operator": Product(DOCKERFILE, "operator"),
    "hirag-embedder": Product(DOCKERFILE, "embedder"),
    "hirag-embedder-cuda": Product(DOCKERFILE, "embedder-cuda"),
    "hirag-jobs": Product(DOCKERFILE, "jobs"),
    "weaviate": Weaviate(_HERE / "weaviate" / "Dockerfile"),
    "pause": Pause(_HERE / "pause" / "Dockerfile"),
}


def _let_in() -> Iterator[Path]:
    """Yield the files that `.dockerignore` excepts from leaving everything out, as a build sees them."""
    for line in (ROOT / ".dockerignore").read_text().splitlines():
        if line.startswith("!"):
            for found in ROOT.glob(line.removeprefix("!")):
                files = found.rglob("*") if found.is_dir() else [found]
                yield from (file for file in files if file.is_file() and "__pycache__" not in file.parts)
