"""Container images without a container engine.

The product's own Dockerfile is built by buildah, on a base that mmdebstrap makes from Debian's packages, since no
registry may be in reach. What comes out are archives that `ctr --namespace k8s.io images import` and `docker load`
take. They are cached by a hash of what goes in; behind a changed one, buildah's layers make the rest short.
"""

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from e2e.cluster import debian
from e2e.cluster.cache import Cache, publish
from e2e.cluster.errors import ImageBuildError
from e2e.cluster.images import base, packageindex
from e2e.cluster.images.buildah import Buildah
from e2e.cluster.images.recipes import RECIPES, Recipe
from e2e.cluster.progress import Progress

__all__ = ["RECIPES", "TAG", "build", "reference"]

TAG = "e2e"
_KEPT = 3  # archives of each image: of this checkout and of others
_PACKAGES = {"buildah": "buildah", "mmdebstrap": "mmdebstrap"}


def reference(name: str) -> str:
    """The full name under which a container runtime knows the image; pods may call it `name:e2e`."""
    return f"docker.io/library/{name}:{TAG}"


def build(names: Sequence[str], progress: Progress | None = None, cache: Cache | None = None) -> dict[str, Path]:
    """Build images, or find them in the cache.

    Args:
        names: Which of `RECIPES`.
        progress: What a person sees meanwhile.
        cache: Where archives, layers and downloads are kept.

    Returns:
        Name → archive in the format `docker-archive`.

    Raises:
        ImageBuildError: An image cannot be built.
        ToolUnavailableError: buildah or mmdebstrap is missing and cannot be installed here.
    """
    progress, cache = progress or Progress(), cache or Cache.from_environment(os.environ)
    if unknown := set(names) - set(RECIPES):
        raise ImageBuildError(f"There is no image {', '.join(sorted(unknown))}; there are {', '.join(RECIPES)}.")
    archives = {name: _place(name, RECIPES[name], cache) for name in names}
    if all(archive.exists() for archive in archives.values()):
        return archives
    programs = debian.programs(_PACKAGES, cache, progress)
    with cache.alone("images"), progress:
        cache.sweep("images/archives")
        buildah = Buildah(programs["buildah"], cache.root / "images" / "buildah")
        buildah.remove_leftovers()
        for name, archive in archives.items():
            if not archive.exists():  # another session may have built it while we waited
                _build(name, archive, buildah, programs["mmdebstrap"], progress, cache)
    return archives


def _place(name: str, recipe: Recipe, cache: Cache) -> Path:
    return cache.root / "images" / "archives" / f"{name}-{recipe.key}.tar"


def _build(name: str, archive: Path, buildah: Buildah, mmdebstrap: Path, progress: Progress, cache: Cache) -> None:
    recipe = RECIPES[name]
    options = {"target": recipe.target}
    if recipe.on_debian:
        options["build-arg"] = f"BASE={base.debian(recipe.dockerfile, buildah, mmdebstrap, progress)}"
    with (
        progress.activity(f"building image {name}"),
        tempfile.TemporaryDirectory() as scratch,
        cache.partial(archive) as folder,
    ):
        secrets = packageindex.secrets(Path(scratch)) if recipe.on_debian else []
        buildah.build(reference(name), recipe.dockerfile, recipe.context(folder), options, *secrets)
        buildah.export(reference(name), folder / archive.name)
        publish(folder / archive.name, archive)
    older = sorted(archive.parent.glob(f"{name}-*.tar"), key=lambda path: path.stat().st_mtime, reverse=True)
    for superseded in older[_KEPT:]:
        superseded.unlink()
