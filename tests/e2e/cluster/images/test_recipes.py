import re
import shutil
from pathlib import Path

import pytest

from e2e.cluster import data, images
from e2e.cluster.errors import ImageBuildError
from e2e.cluster.images.recipes import DOCKERFILE, RECIPES, ROOT, Pause, Product
from hirag_kit import tokens

PRODUCT = [name for name, recipe in RECIPES.items() if isinstance(recipe, Product)]


@pytest.fixture
def copied(tmp_path: Path) -> Pause:
    source = RECIPES["pause"].dockerfile.parent
    shutil.copytree(source, tmp_path, dirs_exist_ok=True)
    return Pause(tmp_path / "Dockerfile")


def test_an_image_is_known_by_the_content_of_all_that_goes_in(copied: Pause) -> None:
    before = copied.key
    source = copied.dockerfile.with_name("main.go")
    source.write_text(source.read_text() + "\n")
    assert copied.key != before


def test_images_of_one_dockerfile_are_known_by_their_targets() -> None:
    assert len({RECIPES[name].key for name in PRODUCT}) == len(PRODUCT)


@pytest.mark.parametrize("name", PRODUCT)
def test_each_image_has_its_stage(name: str) -> None:
    assert f" AS {RECIPES[name].target}\n" in DOCKERFILE.read_text()


def test_what_the_dockerfile_copies_is_let_in_and_counts() -> None:
    copies = re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE.read_text(), re.MULTILINE)
    inputs = RECIPES["hirag-operator"].inputs()
    wanted = [ROOT / name for line in copies for name in line.split()]
    assert wanted
    assert [path for path in wanted if not any(file.is_relative_to(path) for file in inputs)] == []


def test_no_lock_file_of_the_tests_and_no_cache_of_python_is_let_in() -> None:
    names = {path.relative_to(ROOT).parts[0] for path in RECIPES["hirag-jobs"].inputs()}
    assert not names & {"e2e", "tests", "docs", ".git", ".venv", "build"}
    assert not [path for path in RECIPES["hirag-jobs"].inputs() if "__pycache__" in path.parts]


def test_an_image_that_there_is_none_of_is_named() -> None:
    with pytest.raises(ImageBuildError, match="There is no image hirag-nothing; there are hirag-operator, "):
        images.build(["hirag-nothing"])


def test_the_ranks_that_are_baked_in_are_those_that_are_asked_for() -> None:
    said = DOCKERFILE.read_text()
    assert f"{tokens.RANKS_SHA256}  {tokens.RANKS_FILE}" in said
    assert (ROOT / "sidecars" / "ranks.lock").read_text() in data.LOCK.read_text()


def test_on_a_gpu_the_embedder_has_the_same_libraries_but_for_the_runtime() -> None:
    cpu, cuda = (_pinned(ROOT / f"requirements-{name}.lock") for name in ("embedder", "embedder-cuda"))
    assert cuda.pop("onnxruntime-gpu") == cpu.pop("onnxruntime")
    beside = {name: version for name, version in cuda.items() if not name.startswith("nvidia-")}
    assert beside == cpu


def _pinned(lock: Path) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9-]+)==(\S+)", lock.read_text(), re.MULTILINE))
