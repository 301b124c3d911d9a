"""What is in an image archive (`docker-archive`): configuration, layers, and the files that they add up to."""

import json
import shutil
import tarfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Final

from e2e.cluster.errors import ImageBuildError

_REMOVED: Final = ".wh."  # prefix of a file that says that a lower layer's file is gone (OCI image-spec, layer.md)


@dataclass(frozen=True)
class Layer:
    """One layer: the step of the Dockerfile that made it, and the size of its files in bytes."""

    made_by: str
    size: int


class Archive:
    """An image archive.

    Args:
        path: The archive.

    Attributes:
        config: The image's configuration, as `docker inspect` shows it under `Config`.
        references: The names that it carries.

    Raises:
        ImageBuildError: It is not one image in the format `docker-archive`.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with tarfile.open(path) as archive:
            manifests = json.loads(_read(archive, "manifest.json"))
            if len(manifests) != 1:
                raise ImageBuildError(f"{path} holds {len(manifests)} images, expected one.")
            described = json.loads(_read(archive, manifests[0]["Config"]))
        self.references: list[str] = manifests[0]["RepoTags"]
        self.config: dict[str, Any] = described["config"]
        self._layers: list[str] = manifests[0]["Layers"]
        self._history: list[dict[str, Any]] = described["history"]

    def layers(self) -> list[Layer]:
        """The layers from the bottom up."""
        steps = [step["created_by"] for step in self._history if not step.get("empty_layer")]
        with tarfile.open(self._path) as archive:
            sizes = [archive.getmember(name).size for name in self._layers]
        return [Layer(step, size) for step, size in zip(steps, sizes, strict=True)]

    def unpack(self, into: Path) -> None:
        """Write the files of all layers, with their owners and permissions; needs root.

        Raises:
            ImageBuildError: A layer removes a file of a lower one, which no Dockerfile of ours does.
        """
        into.mkdir(parents=True)
        with tarfile.open(self._path) as archive:
            for name in self._layers:
                content = archive.extractfile(name)
                if content is None:
                    raise ImageBuildError(f"{self._path} lacks its layer {name}.")
                with tarfile.open(fileobj=content) as layer:
                    for entry in layer:
                        _extract(layer, entry, into)


def _extract(layer: tarfile.TarFile, entry: tarfile.TarInfo, into: Path) -> None:
    if PurePosixPath(entry.name).name.startswith(_REMOVED):
        raise ImageBuildError(f"{entry.name} removes a file that was shipped in a lower layer.")
    place = into / entry.name
    if place.is_dir() and not place.is_symlink() and not entry.isdir():
        shutil.rmtree(place)
    layer.extract(entry, into, numeric_owner=True, filter="fully_trusted")  # built here, and unpacked as it is


def _read(archive: tarfile.TarFile, name: str) -> bytes:
    content = archive.extractfile(name)
    if content is None:
        raise ImageBuildError(f"The archive has no {name}.")
    return content.read()
