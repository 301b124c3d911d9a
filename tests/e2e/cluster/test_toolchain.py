import io
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import pytest

from e2e.cluster.cache import Cache, digest
from e2e.cluster.errors import ToolUnavailableError
from e2e.cluster.progress import Progress
from e2e.cluster.toolchain import Toolchain
from e2e.cluster.toolchain.download import Limits
from e2e.cluster.toolchain.golang import LOCK, find_go
from e2e.cluster.toolchain.pins import MODULES, TOOLS, Module, Tool
from e2e.cluster.toolchain.release import Releases
from e2e.cluster.toolchain.sources import Assets, Found, Installed, ToolCache
from tests.e2e.cluster.releases import ReleaseServer, program, publish, serving

_BASE = [tool for tool in TOOLS if tool.group == "base"]
_NAMES = [tool.name for tool in _BASE]
_VERSIONS = {tool.name: tool.module.version for tool in TOOLS}
_ARCHITECTURE = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), "")


class NextSource:
    """Stands behind the source that is tested and notes what is left to it."""

    name = "the next source"

    def __init__(self, folder: Path) -> None:
        self.asked_for: list[str] = []
        self._folder = folder

    def obtain(self, tools: Sequence[Tool], progress: Progress) -> Found:
        self.asked_for = [tool.name for tool in tools]
        progress.say("building")
        return Found({tool.name: _write_program(self._folder / tool.name, program(tool)) for tool in tools})


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache")


@pytest.fixture
def releases() -> Iterator[ReleaseServer]:
    with serving(ReleaseServer(_ARCHITECTURE)) as server:
        yield server


@pytest.fixture
def after(tmp_path: Path) -> NextSource:
    return NextSource(tmp_path)


def _write_program(file: Path, content: bytes) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    file.chmod(0o755)
    return file


def _toolchain(
    cache: Cache, url: str, after: NextSource, said: io.StringIO | None = None, limits: Limits | None = None
) -> Toolchain:
    tools = ToolCache(cache)
    releases = Releases(tools, {module.name: url for module in MODULES}, limits)
    return Toolchain(cache, [tools], [releases, after], Progress(said or io.StringIO()))


def _files(cache: Cache) -> list[str]:
    return sorted(file.name for file in cache.root.rglob("*") if file.is_file() and file.suffix != ".lock")


def test_every_tool_is_pinned_to_a_full_version() -> None:
    assert [tool.name for tool in TOOLS if tool.module.version.count(".") != 2] == []


def test_releases_are_verified_unpacked_and_kept(cache: Cache, releases: ReleaseServer, after: NextSource) -> None:
    toolchain = _toolchain(cache, releases.url, after)
    assert sorted(toolchain.ensure()) == sorted(_NAMES)
    assert _files(cache) == sorted(_NAMES)
    assert after.asked_for == []
    for tool in _BASE:
        said = subprocess.run([toolchain.path(tool.name)], capture_output=True, check=True).stdout.decode()
        assert said.strip() == f"{tool.name} Version: v{tool.module.version}"


def test_tools_of_another_group_are_got_when_the_first_of_them_is_asked_for(
    cache: Cache, releases: ReleaseServer, after: NextSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge = Tool("judge", MODULES[0], "example.org/judge", (), group="checks")
    monkeypatch.setattr("e2e.cluster.toolchain.TOOLS", (*_BASE, judge))
    toolchain = _toolchain(cache, releases.url, after)
    assert sorted(toolchain.ensure()) == sorted(_NAMES)
    assert toolchain.path("judge").name == "judge"
    assert after.asked_for == ["judge"], "no release of it is published, so it is left to the next source"


def test_a_second_session_asks_nobody(cache: Cache, releases: ReleaseServer, after: NextSource) -> None:
    first = _toolchain(cache, releases.url, after).ensure()
    releases.asked.clear()
    assert _toolchain(cache, releases.url, after).ensure() == first
    assert releases.asked == []


@pytest.mark.parametrize(
    ("ending", "tool"),
    [
        ("/kubectl", "kubectl"),
        ("/kube-apiserver.sha256", "kube-apiserver"),
        (f"/etcd-v{_VERSIONS['etcd']}-linux-{_ARCHITECTURE}.tar.gz", "etcd"),
        (f"/weaviate-v{_VERSIONS['weaviate-server']}-linux-{_ARCHITECTURE}.tar.gz", "weaviate-server"),
    ],
)
def test_a_release_that_differs_from_its_checksum_is_refused_and_leaves_nothing(
    cache: Cache, releases: ReleaseServer, after: NextSource, ending: str, tool: str
) -> None:
    path = releases.path(ending)
    releases.files[path] = releases.files[path].translate(bytes.maketrans(b"0123456789", b"1234567890"))
    said = io.StringIO()
    toolchain = _toolchain(cache, releases.url, after, said)
    toolchain.ensure()
    assert after.asked_for == [tool]
    assert _files(cache) == sorted(set(_NAMES) - {tool})
    assert f"{tool} refused: " in said.getvalue()
    assert toolchain.origins[tool] == "the next source"


def test_a_truncated_release_is_refused_and_leaves_nothing(
    cache: Cache, releases: ReleaseServer, after: NextSource
) -> None:
    releases.cut.add(releases.path("/kube-apiserver"))
    _toolchain(cache, releases.url, after).ensure()
    assert after.asked_for == ["kube-apiserver"]
    assert _files(cache) == sorted(set(_NAMES) - {"kube-apiserver"})


def test_a_release_that_is_no_archive_is_refused(cache: Cache, releases: ReleaseServer, after: NextSource) -> None:
    publish(releases, f"/weaviate-v{_VERSIONS['weaviate-server']}-linux-{_ARCHITECTURE}.tar.gz", b"not an archive")
    said = io.StringIO()
    _toolchain(cache, releases.url, after, said).ensure()
    assert after.asked_for == ["weaviate-server"]
    assert "the archive cannot be read" in said.getvalue()


def test_a_version_that_is_not_published_goes_to_the_next_source(
    cache: Cache, releases: ReleaseServer, after: NextSource
) -> None:
    del releases.files[releases.path("/kube-controller-manager.sha256")]
    said = io.StringIO()
    _toolchain(cache, releases.url, after, said).ensure()
    assert after.asked_for == ["kube-controller-manager"]
    assert "404" in said.getvalue()
    assert "no releases from" not in said.getvalue()


def test_hosts_that_never_answer_are_asked_side_by_side_and_named_in_one_line(
    cache: Cache, releases: ReleaseServer, after: NextSource
) -> None:
    releases.silent.update(path for path in releases.files if "sha256" in path.lower())
    said = io.StringIO()
    _toolchain(cache, releases.url, after, said, Limits(probe=3.0)).ensure()
    assert releases.waited == len(_BASE), "all were asked although none answered"
    assert after.asked_for == _NAMES
    assert said.getvalue().count("no releases from 127.0.0.1 within 3 s") == 1


def test_a_download_that_stalls_goes_to_the_next_source(
    cache: Cache, releases: ReleaseServer, after: NextSource
) -> None:
    releases.silent.add(releases.path("/kubectl"))
    _toolchain(cache, releases.url, after, limits=Limits(stall=2.0)).ensure()
    assert after.asked_for == ["kubectl"]


def test_a_download_larger_than_allowed_is_refused(cache: Cache, releases: ReleaseServer, after: NextSource) -> None:
    _toolchain(cache, releases.url, after, limits=Limits(size=10)).ensure()
    assert after.asked_for == _NAMES


def test_installed_tools_are_used_when_they_say_the_pinned_version(tmp_path: Path) -> None:
    by_name = {tool.name: tool for tool in TOOLS}
    _write_program(tmp_path / "assets" / "etcd", program(by_name["etcd"]))
    _write_program(tmp_path / "bin" / "kubectl", program(by_name["kubectl"]))
    _write_program(tmp_path / "bin" / "kube-apiserver", b"#!/bin/sh\necho Kubernetes v1.2.3\n")
    _write_program(tmp_path / "bin" / "weaviate-server", program(by_name["weaviate-server"]))
    installed = Installed({"KUBEBUILDER_ASSETS": str(tmp_path / "assets"), "PATH": str(tmp_path / "bin")})
    found = installed.obtain(TOOLS, Progress(io.StringIO()))
    assert sorted(found.paths) == ["etcd", "kubectl"]
    assert "says 'Kubernetes 1.2.3'" in found.refusals["kube-apiserver"]
    assert "HIRAG_ASSETS" in found.refusals["weaviate-server"]


def test_a_folder_that_the_user_names_is_used_as_it_is(tmp_path: Path, cache: Cache) -> None:
    program_file = _write_program(tmp_path / "weaviate-server", b"#!/bin/sh\n")
    toolchain = Toolchain(cache, [Assets(tmp_path)])
    assert toolchain.path("weaviate-server") == program_file


def test_a_tool_that_nobody_has_is_an_error_that_gives_each_reason(tmp_path: Path, cache: Cache) -> None:
    toolchain = Toolchain(cache, [ToolCache(cache), Installed({"PATH": str(tmp_path)})])
    with pytest.raises(ToolUnavailableError, match=r"etcd could not be had:\n  cache: not there\n  KUBEBUILDER_ASSETS"):
        toolchain.path("etcd")


def test_two_sessions_get_the_tools_once(cache: Cache, releases: ReleaseServer, tmp_path: Path) -> None:
    session = tmp_path / "session.py"
    session.write_text("from e2e.cluster.toolchain import Toolchain\nToolchain.from_environment().path('etcd')\n")
    roots = {f"HIRAG_RELEASES_{module.name.upper()}": releases.url for module in MODULES}
    environment = {"PYTHONPATH": ".", "PATH": "", "HOME": str(tmp_path), "HIRAG_CACHE": str(cache.root), **roots}
    sessions = [
        subprocess.Popen([sys.executable, session], env=environment, cwd=Path(__file__).parents[3]) for _ in range(3)
    ]
    assert [session.wait(60) for session in sessions] == [0, 0, 0]
    assets = [path for path in releases.asked if "sha256" not in path.lower()]
    assert sorted(assets) == sorted(set(assets)), "each file is downloaded once"


def test_a_go_that_is_new_enough_is_used(tmp_path: Path, cache: Cache) -> None:
    _write_program(tmp_path / "go", b"#!/bin/sh\necho go1.99.0\n")
    assert find_go({"PATH": str(tmp_path)}, cache, Progress(io.StringIO())) == tmp_path / "go"


@pytest.mark.parametrize("script", [b"#!/bin/sh\necho go1.19.13\n", b"#!/bin/sh\nexit 1\n", b""])
def test_an_old_or_broken_go_is_passed_by_for_the_one_that_was_downloaded(
    tmp_path: Path, cache: Cache, script: bytes
) -> None:
    _write_program(tmp_path / "go", script)
    downloaded = _write_program(cache.root / "go" / digest(LOCK.read_bytes()) / "bin" / "go", b"")
    assert find_go({"PATH": str(tmp_path)}, cache, Progress(io.StringIO())) == downloaded


def test_a_program_of_our_own_is_built_anew_when_its_sources_change(cache: Cache, tmp_path: Path) -> None:
    tool = next(tool for tool in TOOLS if tool.module.sources)
    folder = shutil.copytree(tool.module.folder, tmp_path / "modules" / tool.module.name)
    moved = replace(tool, module=_Moved(**{**asdict(tool.module), "parent": folder.parent}))
    before = ToolCache(cache).place(moved)
    assert before == ToolCache(cache).place(tool), "where the sources lie is no part of it"
    with (folder / "main.go").open("a") as source:
        source.write("// another\n")
    assert ToolCache(cache).place(moved) != before


@dataclass(frozen=True)
class _Moved(Module):
    """A module that lies elsewhere."""

    parent: Path = Path()

    @property
    def folder(self) -> Path:
        return self.parent / self.name
