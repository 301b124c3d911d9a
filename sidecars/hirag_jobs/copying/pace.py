"""How fast objects are carried, and how that is shown."""

import time
from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import Self, TextIO

import structlog
from tqdm import tqdm


class Pace:
    """Holds a copy to a rate and shows how far it is; a context manager.

    Args:
        total: objects that there are to carry; None where that is not known.
        rate: the most objects a second; 0 for no limit.
        every_seconds: the pause between log lines.
        stream: where it is shown: as a bar at a terminal, as a line now and then elsewhere.
        sleep: how to wait.
    """

    def __init__(
        self,
        total: int | None,
        *,
        rate: int,
        every_seconds: float,
        stream: TextIO,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._log = structlog.get_logger("hirag_jobs.migrate")
        self._total, self._rate, self._every, self._sleep = total, rate, every_seconds, sleep
        self._began = self._shown_at = time.monotonic()
        self._done = 0
        self._bar = tqdm(total=total, unit=" objects", unit_scale=True, file=stream) if stream.isatty() else None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._bar is not None:
            self._bar.close()

    def kept(self, counts: Iterable[int]) -> Iterator[int]:
        """Hands on counts of carried objects, no faster than the rate allows."""
        for count in counts:
            self._done += count
            self._show(count)
            yield count
            if self._rate and (ahead := self._done / self._rate - (time.monotonic() - self._began)) > 0:
                self._sleep(ahead)

    def _show(self, count: int) -> None:
        now = time.monotonic()
        if self._bar is not None:
            self._bar.update(count)
        elif now - self._shown_at >= self._every:
            self._shown_at = now
            rate = self._done / (now - self._began)
            left = None if self._total is None else round(max(0, self._total - self._done) / rate)
            self._log.info("carrying", done=self._done, total=self._total, a_second=round(rate), seconds_left=left)
