"""Runs one server and ends it when the process that asked for it is gone, however that process ended.

Usage: `python guard.py GRACE_SECONDS COMMAND…`, with a pipe as standard input whose other end only the owner holds.
The kernel closes that end when the owner dies, even by SIGKILL, so the end of the pipe is the order to stop (and a
byte in it the order to kill at once). A parent death signal alone would not do: it fires when the *thread* that
started the child ends, and only Linux has it. It is used here one level below, where both facts are fine, to end the
server should the guard itself be killed.

The server leads a process group of its own, so that what it started ends with it. Only the standard library is used,
so the interpreter starts isolated and small.
"""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import threading

_PR_SET_PDEATHSIG = 1  # linux/prctl.h


def _die_with_guard() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _await_orders(server: subprocess.Popen[bytes], grace: float) -> None:
    """Block until the owner writes to the pipe (end at once) or its end of it closes (end gently)."""
    if not os.read(sys.stdin.fileno(), 1):
        server.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(grace)
    _kill_group(server)


def _kill_group(server: subprocess.Popen[bytes]) -> None:
    """Kill the server and what it started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(server.pid, signal.SIGKILL)


def main() -> None:
    """Run the command; exit with its status, or be killed with it when the owner goes."""
    grace, command = float(sys.argv[1]), sys.argv[2:]
    server = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        process_group=0,
        preexec_fn=_die_with_guard,  # noqa: PLW1509 - no thread exists yet, so forking with Python code is safe
    )
    threading.Thread(target=_await_orders, args=(server, grace), daemon=True).start()
    status = server.wait()
    _kill_group(server)
    os._exit(status if status >= 0 else 128 - status)


if __name__ == "__main__":
    main()
