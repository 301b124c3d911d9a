"""Starting and stopping the supervisor from the terminal."""

import os
import signal
import subprocess
import sys
import time

from e2e.demo import paths
from e2e.demo.state import State, is_supervisor, running

START_SECONDS = 180.0
STOP_SECONDS = 60.0
POLL_SECONDS = 0.1


class DemoError(Exception):
    """What went wrong, in a sentence for the person at the terminal."""


def start() -> State:
    """Return the running demo, started if need be; what comes up is printed as it does.

    Raises:
        DemoError: it did not come up; the message ends with the supervisor's last lines.
    """
    if (state := running()) is not None:
        print("It is up already.")
        return state
    paths.STATE.unlink(missing_ok=True)
    paths.FOLDER.mkdir(parents=True, exist_ok=True)
    with paths.LOG.open("wb") as log:
        supervisor = subprocess.Popen(
            [sys.executable, "-m", "e2e.demo", "serve"],
            cwd=paths.ROOT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    return _follow(supervisor)


def stop() -> None:
    """End a running demo and all its servers; the index stays for the next one."""
    state = running()
    if state is None:
        print("Nothing is up.")
        return
    os.kill(state.supervisor, signal.SIGTERM)
    end = time.monotonic() + STOP_SECONDS
    while is_supervisor(state.supervisor):
        if time.monotonic() > end:
            raise DemoError(f"process {state.supervisor} does not end; see {paths.LOG}")
        time.sleep(POLL_SECONDS)
    print("Everything is down. The index stays in build/demo for the next make demo; make clean removes it.")


def _follow(supervisor: subprocess.Popen[bytes]) -> State:
    """Print the supervisor's lines until it is up."""
    began = time.monotonic()
    with paths.LOG.open() as log:
        while (state := running()) is None:
            for line in log:
                print(f"  {time.monotonic() - began:5.1f} s  {line.rstrip()}", flush=True)
            if supervisor.poll() is not None:
                raise DemoError(f"the servers did not come up: {_last_words()}")
            if time.monotonic() - began > START_SECONDS:
                supervisor.terminate()
                raise DemoError(f"not up after {START_SECONDS:g} s: {_last_words()}")
            time.sleep(POLL_SECONDS)
        for line in log:
            print(f"  {time.monotonic() - began:5.1f} s  {line.rstrip()}", flush=True)
    supervisor.returncode = 0  # it runs on and is nobody's to wait for; otherwise Popen warns of it at our end
    return state


def _last_words() -> str:
    return "\n".join(paths.LOG.read_text(errors="replace").splitlines()[-15:])
