"""Remembering which keys Jobs were given, so that they are not given anew at every look.

This is no state: without it, after a restart say, they are given once more.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

SECONDS: Final = 300.0  # for how long that is remembered: another hand may have taken a Secret away


@dataclass
class Given:
    """Versions of keys by the Secret that they were given as. Thread-safe."""

    clock: Callable[[], float] = time.monotonic
    _known: dict[str, tuple[str, float]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def knows(self, secret: str, version: str) -> bool:
        """Return whether a Secret was made of this version a while ago."""
        with self._lock:
            known, at = self._known.get(secret, ("", 0.0))
            return known == version and self.clock() - at < SECONDS

    def note(self, secret: str, version: str) -> None:
        """Remember that a Secret was made of a version, and forget what was long ago."""
        with self._lock:
            now = self.clock()
            self._known = {name: one for name, one in self._known.items() if now - one[1] < SECONDS}
            self._known[secret] = (version, now)

    def clear(self) -> None:
        """Remember nothing."""
        with self._lock:
            self._known.clear()
