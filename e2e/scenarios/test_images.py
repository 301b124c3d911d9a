"""The product's images, each run by runc as its own user on a read-only root, before any cluster is there."""

import os
import shutil
import socket
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from e2e.cluster import data, debian, images
from e2e.cluster.cache import Cache
from e2e.cluster.images.archive import Archive
from e2e.cluster.images.container import Container, Invocation
from e2e.cluster.namespace import eventually
from e2e.cluster.ports import PortReservation
from e2e.cluster.program import answers
from e2e.cluster.progress import Progress

pytestmark = pytest.mark.skipif("E2E_KUBECONFIG" in os.environ, reason="the images are those of a cluster elsewhere")

USER: Final = 65532
PROGRAMS: Final = ("hirag-operator", "hirag-embedder", "hirag-jobs")
UNWANTED: Final = {"apt", "apt-get", "bash", "cc", "dpkg", "gcc", "ld", "perl", "pip", "pip3", "sh", "uv"}


@dataclass(frozen=True)
class Image:
    """One image as the tests see it: its archive, and its files unpacked."""

    name: str
    archive: Archive
    root: Path


Start = Callable[..., Container]


@pytest.fixture(scope="session")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Image]]:
    folder = tmp_path_factory.mktemp("images")
    found = {}
    for name, path in images.build(PROGRAMS).items():
        archive = Archive(path)
        archive.unpack(folder / name)
        found[name] = Image(name, archive, folder / name)
    yield found
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def runc() -> Path:
    return debian.programs({"runc": "runc"}, Cache.from_environment(os.environ), Progress())["runc"]


@pytest.fixture
def container(unpacked: dict[str, Image], runc: Path, tmp_path: Path) -> Start:
    def made(name: str, *arguments: str, **options: Any) -> Container:
        image, invocation = unpacked[name], Invocation(arguments=arguments or None, **options)
        return Container(runc, image.archive, image.root, tmp_path, invocation)

    return made


@pytest.mark.parametrize("name", PROGRAMS)
def test_an_image_says_how_it_is_to_be_run(unpacked: dict[str, Image], name: str) -> None:
    archive = unpacked[name].archive
    assert archive.references == [images.reference(name)]
    config = archive.config
    assert config["User"] == f"{USER}:{USER}"
    assert config["Entrypoint"] == [f"/opt/hirag/bin/{name}"]
    assert config["StopSignal"] == "SIGTERM"
    assert config["Labels"]["org.opencontainers.image.title"] == name
    assert "PYTHONDONTWRITEBYTECODE=1" in config["Env"]
    assert ("Healthcheck" in config) is (name != "hirag-jobs")


@pytest.mark.parametrize("name", PROGRAMS)
def test_an_image_has_no_program_but_python_and_its_own(unpacked: dict[str, Image], name: str) -> None:
    root = unpacked[name].root
    executable = {path.name for path in _files(root) if path.lstat().st_mode & stat.S_IXUSR and not _is_library(path)}
    assert not executable & UNWANTED
    on_the_path = {path.name for folder in ("opt/hirag/bin", "usr/bin") for path in (root / folder).iterdir()}
    assert {name, "python3.13"} <= on_the_path
    assert {one for one in on_the_path if not one.startswith("python")} == {name}


@pytest.mark.parametrize("name", PROGRAMS)
def test_no_file_of_an_image_gives_rights_away(unpacked: dict[str, Image], name: str) -> None:
    root = unpacked[name].root
    modes = {path.relative_to(root): path.lstat() for path in root.rglob("*") if not path.is_symlink()}
    assert [path for path, about in modes.items() if about.st_mode & (stat.S_ISUID | stat.S_ISGID)] == []
    assert [path for path, about in modes.items() if about.st_mode & stat.S_IWOTH] == [Path("tmp")]
    assert [path for path, about in modes.items() if (about.st_uid, about.st_gid) != (0, 0)] == []


@pytest.mark.parametrize("name", PROGRAMS)
def test_an_image_holds_nothing_of_the_machine_that_built_it(unpacked: dict[str, Image], name: str) -> None:
    root = unpacked[name].root
    assert not any((root / path).exists() for path in ("etc/pip.conf", "etc/uv", "root", "wheel", "source"))
    assert not [path for path in _files(root / "opt") if path.name in {"uv.toml", "pip.conf", ".lock"}]
    debians = (unpacked[name].root / "etc/ssl/certs/ca-certificates.crt").read_bytes()
    assert debians.count(b"BEGIN CERTIFICATE") > 100


@pytest.mark.parametrize("name", PROGRAMS)
def test_every_module_of_the_program_can_be_imported(container: Start, name: str) -> None:
    with _python(container, name, _IMPORT_ALL.format(package=name.replace("-", "_"))) as importing:
        done = importing.run()
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 5


@pytest.mark.parametrize("name", PROGRAMS)
def test_every_library_finds_what_it_is_linked_with(container: Start, name: str) -> None:
    with _python(container, name, _LOAD_ALL) as loading:
        done = loading.run()
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_container_is_nobody_and_writes_nowhere_but_to_its_own_folder(container: Start, name: str) -> None:
    with _python(container, name, _TRY_TO_WRITE) as writing:
        done = writing.run()
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.split() == [f"{USER}:{USER}", "/tmp", "written:/tmp"]  # noqa: S108  the container's own


@pytest.mark.parametrize("name", ["hirag-embedder", "hirag-jobs"])  # the operator reads its environment alone
def test_a_program_explains_itself(container: Start, name: str) -> None:
    with container(name, "--help") as helping:
        done = helping.run()
    assert done.returncode == 0
    assert done.stdout.startswith(f"usage: {name}")


def test_an_operator_without_a_cluster_says_what_it_needs(container: Start) -> None:
    with container("hirag-operator") as starting:
        done = starting.run()
    assert done.returncode == 2
    assert done.stderr.startswith("hirag-operator: the Kubernetes API: no way to it is known; run in a pod")
    assert done.stderr.count("\n") == 1


def test_an_embedder_serves_a_model_and_ends_when_it_is_told_to(container: Start) -> None:
    with PortReservation() as ports:
        url = f"http://127.0.0.1:{ports.first}"
        settings = {"HIRAG_EMBEDDER_MODEL_DIR": "/models", "HIRAG_EMBEDDER_PORT": str(ports.first)}
        model = {"/models": data.model_folder()}
        with container("hirag-embedder", environment=settings, mounts=model, network=True) as serving:
            serving.server.start()
            serving.server.wait_until(lambda: answers(f"{url}/.well-known/ready"), 60)
            asked = {"model": "models", "input": ["how do I compress data?"]}
            answer = httpx.post(f"{url}/v1/embeddings", json=asked, trust_env=False, timeout=30)
            assert len(answer.raise_for_status().json()["data"][0]["embedding"]) == 384
            serving.signal("TERM")
            eventually(lambda: serving.server.running, lambda running: not running)


def test_an_embedder_without_a_model_says_which_setting_is_missing(container: Start) -> None:
    with container("hirag-embedder") as starting:
        done = starting.run()
    assert done.returncode == 2
    assert done.stderr == "hirag-embedder: HIRAG_EMBEDDER_MODEL_DIR: must be set\n"


def test_tokens_are_counted_by_the_ranks_in_the_image_without_a_network(container: Start) -> None:
    counting = "from hirag_kit.tokens import token_counter as t; c = t(); print(c.exact, c.count('Hello, world!'))"
    with _python(container, "hirag-jobs", counting) as offline:
        done = offline.run()
    assert (done.stdout, done.stderr) == ("True 4\n", "")


def test_a_job_that_is_told_to_end_ends_at_once_although_it_is_the_first_process(container: Start) -> None:
    """It waits for a server that took its connection and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(60)
        weaviate = f"127.0.0.1:{silent.getsockname()[1]}"
        options = [
            f"--weaviate-http-url=http://{weaviate}",
            f"--weaviate-grpc={weaviate}",
            "--alias=Team__Notes__LongTerm",
        ]
        documents = ["ingest", "/tmp", f"--embedder-url=http://{weaviate}/v1"]  # noqa: S108  the container's own
        with container("hirag-jobs", *documents, *options, network=True) as working:
            working.server.start()
            silent.accept()
            working.signal("TERM")
            eventually(lambda: working.server.running, lambda running: not running, seconds=5)
            assert "hirag-jobs: interrupted" in working.server.tail()


_IMPORT_ALL = """
import importlib, pkgutil
package = importlib.import_module("{package}")
found = [module.name for module in pkgutil.walk_packages(package.__path__, "{package}.")]
# kubectl's plugin is a program of its own, for another machine.
names = [name for name in found if not name.endswith("__main__") and ".plugin" not in name]
for name in names:
    importlib.import_module(name)
print(len(names))
"""
_LOAD_ALL = """
import ctypes, pathlib, sys
for folder in ("/usr/lib", "/opt/hirag/lib"):
    for library in sorted(pathlib.Path(folder).rglob("*.so*")):
        try:
            ctypes.CDLL(str(library))
        except OSError as error:
            if "cannot open shared object file" in str(error):
                print(error)
"""
_TRY_TO_WRITE = """
import os, pathlib
print(f"{os.getuid()}:{os.getgid()}", os.environ["HOME"])
for folder in ("/", "/etc", "/opt/hirag/lib", "/usr/lib", "/tmp", "/var/lib"):
    try:
        pathlib.Path(folder, "probe").write_text("")
        print(f"written:{folder}")
    except OSError:
        pass
"""


def _python(container: Start, name: str, program: str) -> Container:
    """A container that runs a program of ours in place of the image's own, by the same interpreter."""
    return container(name, "-c", program, entrypoint=["/opt/hirag/bin/python"])


def _files(root: Path) -> Iterator[Path]:
    return (path for path in root.rglob("*") if path.is_file() and not path.is_symlink())


def _is_library(path: Path) -> bool:
    return ".so" in path.suffixes or path.suffix == ".py"
