from pathlib import Path

import pytest

from e2e.cluster.errors import ImageBuildError
from e2e.cluster.images.base import debian_of
from e2e.cluster.images.recipes import DOCKERFILE


def test_the_base_is_the_debian_that_the_dockerfile_pins() -> None:
    assert debian_of(DOCKERFILE) == "trixie"


@pytest.mark.parametrize(
    "base", ["docker.io/library/debian:trixie-slim", "docker.io/library/alpine:3@sha256:" + "0" * 64]
)
def test_a_base_that_is_not_pinned_or_no_debian_is_refused(tmp_path: Path, base: str) -> None:
    dockerfile = tmp_path / "Dockerfile"
    dockerfile.write_text(f"ARG BASE={base}\nFROM ${{BASE}}\n")
    with pytest.raises(ImageBuildError, match="ARG BASE="):
        debian_of(dockerfile)
