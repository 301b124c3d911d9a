import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from e2e.cluster import workspace
from e2e.cluster.errors import NotReadyError, ServerExitedError
from e2e.cluster.process import ServerProcess

_REPOSITORY = Path(__file__).parents[3]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[str], ServerProcess]]:
    """Starts a shell script as a server."""
    started: list[ServerProcess] = []

    def _start(script: str) -> ServerProcess:
        server = ServerProcess("a server", ["/bin/sh", "-c", script], tmp_path / "server.log", grace=2)
        server.start()
        started.append(server)
        return server

    yield _start
    for server in started:
        server.stop()


def _until(condition: Callable[[], bool], seconds: float = 20.0) -> bool:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def _is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):  # gone before, or while it is read
        return False


def test_a_server_that_ends_early_is_an_error_with_its_status_and_last_words(
    start: Callable[[str], ServerProcess],
) -> None:
    server = start("echo cannot bind port 1 >&2; exit 7")
    with pytest.raises(ServerExitedError, match=r"a server exited with status 7(?s:.*)cannot bind port 1"):
        server.wait_until(lambda: False, timeout=20)


def test_its_process_id_is_the_servers_and_not_the_guards(start: Callable[[str], ServerProcess]) -> None:
    server = start("echo it is $$; exec sleep 60")
    server.wait_until(lambda: "it is" in server.tail(), timeout=20)
    assert server.tail() == f"it is {server.pid}"


def test_a_server_that_was_not_started_has_no_process_id(tmp_path: Path) -> None:
    with pytest.raises(NotReadyError, match="was not started"):
        _ = ServerProcess("a server", ["/bin/true"], tmp_path / "server.log").pid


def test_only_the_log_of_the_current_run_is_quoted(start: Callable[[str], ServerProcess]) -> None:
    server = start("echo first words; sleep 60")
    server.wait_until(lambda: "first words" in server.tail(), timeout=20)
    server.stop()
    server.start()
    server.wait_until(lambda: "first words" in server.tail(), timeout=20)
    assert server.tail().count("first words") == 1


def test_a_server_that_never_gets_ready_is_an_error_with_its_last_words(start: Callable[[str], ServerProcess]) -> None:
    server = start("echo waiting for a peer; sleep 60")
    server.wait_until(lambda: "waiting" in server.tail(), timeout=20)
    with pytest.raises(NotReadyError, match=r"within 0.1 s(?s:.*)waiting for a peer"):
        server.wait_until(lambda: False, timeout=0.1)


def test_stopping_gives_the_server_time_to_tidy_up(start: Callable[[str], ServerProcess]) -> None:
    server = start("trap 'echo tidied up; exit' TERM; echo on; while :; do sleep 0.05; done")
    server.wait_until(lambda: "on" in server.tail(), timeout=20)
    server.stop()
    assert "tidied up" in server.tail()
    assert not server.running


def test_a_server_deaf_to_requests_is_killed_with_its_children(
    start: Callable[[str], ServerProcess], tmp_path: Path
) -> None:
    server = start(f"trap '' TERM; sleep 600 & echo $! > {tmp_path}/child; wait; sleep 600")
    server.wait_until(lambda: (tmp_path / "child").exists() and (tmp_path / "child").read_text() != "", timeout=20)
    server.stop()
    assert _until(lambda: not _is_alive(int((tmp_path / "child").read_text())))


def test_killing_the_session_ends_its_servers_and_the_next_one_sweeps_what_they_left(tmp_path: Path) -> None:
    session = tmp_path / "session.py"
    session.write_text(
        textwrap.dedent("""
            import time
            from e2e.cluster.process import ServerProcess
            from e2e.cluster.workspace import Workspace

            workspace = Workspace("crash")
            folder = workspace.path
            script = "trap '' HUP; sleep 600 & echo $$ $! > pids.new; mv pids.new pids; wait"
            server = ServerProcess("a server", ["/bin/sh", "-c", f"cd {folder}; {script}"], folder / "log", grace=0.5)
            server.start()
            print(folder, flush=True)
            time.sleep(600)
        """)
    )
    with subprocess.Popen(
        [sys.executable, session], cwd=_REPOSITORY, env={"PYTHONPATH": "."}, stdout=subprocess.PIPE
    ) as owner:
        assert owner.stdout is not None
        try:
            folder = Path(owner.stdout.readline().decode().strip())
            assert _until((folder / "pids").exists)
            pids = [int(pid) for pid in (folder / "pids").read_text().split()]
            assert [_is_alive(pid) for pid in pids] == [True, True]
            assert folder not in workspace.sweep(), "a living session keeps its folder"
        finally:
            owner.kill()

    assert _until(lambda: not any(_is_alive(pid) for pid in pids))
    workspace.sweep()
    assert not folder.exists()
