"""An export or import that was killed is taken up by the next run, which repeats nothing that was done."""

import json
import subprocess
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from e2e.cluster.toolchain import Toolchain
from e2e.cluster.weaviate import WeaviateServer
from tests.sidecars.hirag_jobs.archive.archives import Program, make_collection

MANY = 10_000
SMALL_PARTS = ("--part-bytes", "2000")


def has_parts(folder: Path, count: int) -> bool:
    return len(list(folder.glob("part-*"))) >= count


def killed_when(program: Program, arguments: list[str], happened: Callable[[], bool]) -> int:
    """Ends a run the way the kernel does, once something happened; returns what it ended with."""
    with subprocess.Popen(program.command(*arguments), env=program.environment(), stderr=subprocess.DEVNULL) as running:
        deadline = time.monotonic() + 60
        while not happened() and time.monotonic() < deadline:
            time.sleep(0.01)
        running.kill()
    return running.returncode


def test_a_killed_export_goes_on_behind_the_last_whole_part(
    weaviate_server: WeaviateServer, program: Program, tmp_path: Path
) -> None:
    folder = tmp_path / "archive"
    with make_collection(weaviate_server) as one, make_collection(weaviate_server) as other:
        one.fill(MANY)
        arguments = ["export", str(folder), "--alias", one.alias, *SMALL_PARTS]
        for parts in (20, 40):
            assert killed_when(program, arguments, partial(has_parts, folder, parts)) == -9
        assert not (folder / "manifest.json").exists()
        (folder / ".part-99999.jsonl.zst.tmp").write_bytes(b"half of a part")
        unfinished = program.restore(folder, other)
        assert (unfinished.status, "was not finished: run it again" in unfinished.said) == (2, True)
        kept = {file.name: (file.stat().st_mtime_ns, file.stat().st_ino) for file in folder.glob("part-*")}
        ran = program.export(folder, one)
        assert ran.status == 0, ran.said
        assert ran.report["taken_up"] + ran.report["moved"] == ran.report["objects"] == MANY
        assert ran.report["taken_up"] > 0
        after = {name: ((folder / name).stat().st_mtime_ns, (folder / name).stat().st_ino) for name in kept}
        # The last may have been renamed and not noted yet: then it was written anew.
        assert sum(kept[name] != after[name] for name in kept) <= 1
        assert sorted(file.name for file in folder.iterdir() if file.name[0] == ".") == []
        assert not (folder / "parts.jsonl").exists()
        assert program.restore(folder, other).status == 0
        assert other.objects() == one.objects()


def test_a_killed_import_compares_and_goes_on(
    weaviate_server: WeaviateServer, program: Program, tmp_path: Path
) -> None:
    folder = tmp_path / "archive"
    with make_collection(weaviate_server) as one, make_collection(weaviate_server) as other:
        one.fill(MANY)
        assert program.export(folder, one).status == 0
        arguments = ["import", str(folder), "--alias", other.alias]
        assert killed_when(program, arguments, lambda: other.count() > 0) == -9
        done = other.count()
        ran = program.restore(folder, other)
        assert ran.status == 0, ran.said
        assert 0 < done < MANY
        # What was on its way when the process ended arrives all the same, a batch at most.
        assert done <= ran.report["unchanged"] <= done + 1_000
        assert ran.report["unchanged"] + ran.report["new"] == MANY
        assert other.objects() == one.objects()


@pytest.mark.parametrize("harm", ["removed", "changed"])
def test_an_export_does_not_go_on_behind_a_part_that_was_harmed(
    weaviate_server: WeaviateServer, program: Program, tmp_path: Path, harm: str
) -> None:
    folder = tmp_path / "archive"
    with make_collection(weaviate_server) as one:
        one.fill(MANY)
        arguments = ["export", str(folder), "--alias", one.alias, *SMALL_PARTS]
        killed_when(program, arguments, partial(has_parts, folder, 5))
        part = folder / "part-00002.jsonl.zst"
        if harm == "removed":
            part.unlink()
        else:
            part.write_bytes(part.read_bytes()[:-1] + b"!")
        ran = program.export(folder, one)
        assert (ran.status, f"part {part.name} is" in ran.said) == (2, True), ran.said


def test_an_unfinished_export_is_finished_as_it_was_begun(
    weaviate_server: WeaviateServer, program: Program, tmp_path: Path
) -> None:
    folder = tmp_path / "archive"
    with make_collection(weaviate_server) as one, make_collection(weaviate_server) as other:
        one.fill(MANY)
        arguments = ["export", str(folder), "--alias", one.alias, *SMALL_PARTS]
        killed_when(program, arguments, partial(has_parts, folder, 5))
        ran = program.export(folder, other)
        assert (ran.status, "holds an unfinished export of" in ran.said) == (2, True), ran.said


def test_a_whole_archive_is_left_as_it_is(weaviate_server: WeaviateServer, program: Program, tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    with make_collection(weaviate_server) as one, make_collection(weaviate_server) as other:
        one.fill(3)
        assert program.export(folder, one).status == 0
        before = {file.name: file.read_bytes() for file in folder.iterdir()}
        one.fill(3, first=3)
        again = program.export(folder, one)
        assert (again.status, again.report["objects"], again.report["moved"]) == (0, 3, 0)
        assert "is whole since" in again.said
        assert {file.name: file.read_bytes() for file in folder.iterdir()} == before
        wrong = program.export(folder, other)
        assert (wrong.status, f"holds an archive of {one.name}" in wrong.said) == (2, True)


def test_an_import_repairs_what_was_changed_and_lost(
    weaviate_server: WeaviateServer, program: Program, tmp_path: Path
) -> None:
    folder = tmp_path / "archive"
    with make_collection(weaviate_server) as one:
        one.fill(20)
        before = one.objects()
        assert program.export(folder, one).status == 0
        lost, changed = sorted(before)[:2]
        one.rest.delete(f"/v1/objects/{one.name}/{lost}").raise_for_status()
        body = {"class": one.name, "properties": {"text": "Changed"}}
        one.rest.patch(f"/v1/objects/{one.name}/{changed}", json=body).raise_for_status()
        one.fill(1, first=99)
        ran = program.restore(folder, one)
        assert (ran.status, ran.report["new"], ran.report["replaced"], ran.report["unchanged"]) == (0, 1, 1, 18)
        assert {key: value for key, value in one.objects().items() if key in before} == before
        assert one.count() == 21


def test_a_server_that_goes_away_for_a_moment_is_waited_for(toolchain: Toolchain, tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    with WeaviateServer(toolchain) as server, make_collection(server) as one:
        one.fill(MANY)
        program = Program(server, tmp_path)
        command = program.command("export", str(folder), "--alias", one.alias, *SMALL_PARTS)
        with subprocess.Popen(
            command, env=program.environment(), stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
        ) as running:
            deadline = time.monotonic() + 60
            while not has_parts(folder, 5) and time.monotonic() < deadline:
                time.sleep(0.01)
            server.kill()
            server.start()
            _, said = running.communicate(timeout=150)
        assert running.returncode == 0, said
        assert json.loads((folder / "manifest.json").read_text())["objects"] == one.count() == MANY


def test_a_disk_that_takes_no_more_is_told_and_the_next_run_goes_on(
    weaviate_server: WeaviateServer, program: Program, tmp_path: Path
) -> None:
    folder = tmp_path / "archive"
    with make_collection(weaviate_server) as one:
        one.fill(MANY)
        command = program.command("export", str(folder), "--alias", one.alias)
        # Not what measures the tests: the limit is for all that the process writes.
        environment = {name: value for name, value in program.environment().items() if "COVERAGE" not in name}
        full = subprocess.run(
            ["sh", "-c", 'ulimit -f 64; exec "$@"', "sh", *command],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert (full.returncode, "part-00001.jsonl.zst could not be written: File too large" in full.stderr) == (
            1,
            True,
        )
        assert "Traceback" not in full.stderr
        assert [file.name for file in folder.iterdir()] == ["parts.jsonl"]
        assert program.export(folder, one).report["objects"] == MANY
