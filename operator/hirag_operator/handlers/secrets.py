"""Which Secrets are followed: those that somebody refers to, as many as there may be connections."""

from typing import Protocol

import structlog

from hirag_operator.adapters.watchstream import Watch
from hirag_operator.handlers.queue import Key
from hirag_operator.handlers.watches import secret_watch

log = structlog.get_logger(__name__)


class Watches(Protocol):
    """Where watches begin and end."""

    def add(self, watch: Watch) -> None:
        """Begin a watch, unless it runs."""

    def drop(self, watch: Watch) -> None:
        """End a watch."""


class SecretWatches:
    """Begins and ends the watches of single Secrets; a `FollowSecret` of `Triggers`.

    Args:
        watches: Where they run.
        most: How many there may be; others wait until one ends.
    """

    def __init__(self, watches: Watches, most: int) -> None:
        self._watches = watches
        self._most = most
        self._followed: set[Key] = set()
        self._waiting: dict[Key, None] = {}  # in the order in which they came

    def __call__(self, secret: Key, *, wanted: bool) -> None:
        """Note that the first object refers to a Secret, or that none does any more."""
        if wanted and secret not in self._followed:
            self._waiting[secret] = None
        elif not wanted:
            self._waiting.pop(secret, None)
            if secret in self._followed:
                self._followed.remove(secret)
                self._watches.drop(secret_watch(secret))
        self._take_up()
        if secret in self._waiting:
            log.warning("secret_not_watched", namespace=secret.namespace, name=secret.name, limit=self._most)

    def _take_up(self) -> None:
        while self._waiting and len(self._followed) < self._most:
            secret = next(iter(self._waiting))
            del self._waiting[secret]
            self._followed.add(secret)
            self._watches.add(secret_watch(secret))
