"""How far an export or an import is: a bar at a terminal, a log line now and then elsewhere."""

import time
from types import TracebackType
from typing import Self, TextIO

import structlog
from tqdm import tqdm

_TICK = 1e-3


class Progress:
    """Shows objects done, their rate and what is left; a context manager.

    Args:
        doing: what is done, as a participle.
        every_seconds: the pause between log lines.
        stream: where it is shown.
        before: objects that an earlier run did: they count as done, not for the rate.
    """

    def __init__(self, doing: str, *, every_seconds: float, stream: TextIO, before: int = 0) -> None:
        self._log = structlog.get_logger("hirag_jobs.archive")
        self._doing, self._every, self._before = doing, every_seconds, before
        self._began = self._shown_at = time.monotonic()
        self._bar = tqdm(initial=before, unit=" objects", unit_scale=True, file=stream) if stream.isatty() else None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._bar is not None:
            self._bar.close()

    def show(self, done: int, total: int) -> None:
        """Shows how far it is.

        Args:
            done: objects, those of earlier runs included.
            total: how many there will be, as well as that is known.
        """
        if self._bar is not None:
            self._bar.total = max(total, done)
            self._bar.update(done - self._bar.n)
            return
        now = time.monotonic()
        if now - self._shown_at < self._every:
            return
        self._shown_at = now
        rate = (done - self._before) / max(now - self._began, _TICK)
        left = round(max(total - done, 0) / rate) if rate else None
        self._log.info(self._doing, objects=done, total=total, per_second=round(rate), remaining_seconds=left)
