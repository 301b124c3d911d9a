"""What a person at the terminal sees while tools are fetched or built."""

import contextlib
import sys
import threading
import time
from collections.abc import Iterator
from typing import Self, TextIO

_REFRESH_SECONDS = 1.0
_HEARTBEAT_SECONDS = 30.0
_CLEAR_LINE = "\r\x1b[2K"


class Progress:
    """Lines of what happened and, meanwhile, of what is being done.

    On a terminal the last line is live and shows each activity with its seconds. Elsewhere a plain line now and then
    shows that work goes on.

    Args:
        out: Where to write.
        live: Whether `out` is a terminal; asked when not given.
    """

    def __init__(self, out: TextIO | None = None, *, live: bool | None = None) -> None:
        self._out = out or sys.stderr
        self._live = self._out.isatty() if live is None else live
        self._lock = threading.Lock()
        self._since: dict[str, float] = {}
        self._ended = threading.Event()

    def say(self, text: str) -> None:
        """Write one line that stays."""
        with self._lock:
            self._write(f"{text}\n")
            if self._live:
                self._show_activities()

    @contextlib.contextmanager
    def activity(self, what: str) -> Iterator[None]:
        """Show `what` as going on; when it is done, say so with the seconds it took."""
        start = time.monotonic()
        with self._lock:
            self._since[what] = start
            if self._live:
                self._show_activities()
            else:
                self._write(f"  {what} …\n")
        try:
            yield
        except BaseException:
            self._forget(what)
            raise
        self._forget(what)
        self.say(f"  {what}: done in {time.monotonic() - start:.1f} s")

    def __enter__(self) -> Self:
        self._ended.clear()
        threading.Thread(target=self._refresh, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()

    def _forget(self, what: str) -> None:
        with self._lock:
            del self._since[what]
            self._write("")

    def _refresh(self) -> None:
        while not self._ended.wait(_REFRESH_SECONDS if self._live else _HEARTBEAT_SECONDS):
            with self._lock:
                self._show_activities()

    def _show_activities(self) -> None:
        if not self._since:
            return
        now = time.monotonic()
        line = "  … " + ", ".join(f"{what} {now - since:.0f} s" for what, since in self._since.items())
        if self._live:
            self._write(line)
        elif not self._ended.is_set():
            self._write(f"{line}\n")

    def _write(self, text: str) -> None:
        self._out.write(f"{_CLEAR_LINE}{text}" if self._live else text)
        self._out.flush()
