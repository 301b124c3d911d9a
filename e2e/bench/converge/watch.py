"""Waiting by watches: an object's moment is when the API server tells of it, not when somebody asks."""

import json
import threading
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from time import monotonic, perf_counter
from types import TracebackType
from typing import Any, NamedTuple, Self

import httpx

from e2e.bench.converge.servers import GROUP, Servers

Json = dict[str, Any]
_STREAM_SECONDS = 4 * 3600


class Key(NamedTuple):
    """An object of one kind."""

    namespace: str
    name: str


class NotInTimeError(Exception):
    """What was waited for did not happen in time; the message names some that are missing."""


class Watch:
    """A watch of one of our kinds in a thread of its own; a context manager.

    Args:
        servers: Whose API server is watched.
        plural: The kind.
    """

    def __init__(self, servers: Servers, plural: str) -> None:
        self._kubernetes = servers.kubernetes
        self._path = f"{GROUP}/{plural}"
        self._news = threading.Condition()
        self._holds: Callable[[Json], bool] = lambda _body: False
        self._since: dict[Key, float] = {}
        self._seen: dict[Key, Json] = {}
        self._ended: BaseException | None = None
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        parameters = {"watch": "1", "timeoutSeconds": str(_STREAM_SECONDS)}
        asked = self._kubernetes.stream("GET", self._path, params=parameters, timeout=httpx.Timeout(30, read=None))
        answer = self._stack.enter_context(asked)
        threading.Thread(target=self._listen, args=(answer,), daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stack.close()

    def expect(self, holds: Callable[[Json], bool]) -> None:
        """From now on note when `holds` becomes true of an object, and forget it when it is not any more."""
        with self._news:
            self._holds = holds
            now = perf_counter()
            self._since = {key: now for key, body in self._seen.items() if holds(body)}

    def wait(self, keys: Iterable[Key], seconds: float, tell: Callable[[int], None] = lambda _n: None) -> list[float]:
        """Wait until what is expected is true of all `keys`; return since when it is (perf_counter), in their order.

        Raises:
            NotInTimeError: It is not within `seconds`.
        """
        wanted, end = list(keys), monotonic() + seconds
        with self._news:
            while missing := [key for key in wanted if key not in self._since]:
                if self._ended is not None:
                    raise RuntimeError("the watch has ended") from self._ended
                left = end - monotonic()
                if left <= 0:
                    raise NotInTimeError(self._complaint(missing, seconds))
                tell(len(wanted) - len(missing))
                self._news.wait(min(left, 1.0))
            return [self._since[key] for key in wanted]

    def seen(self, keys: Iterable[Key]) -> list[Json]:
        """Return objects as last told of; KeyError for one that was not."""
        with self._news:
            return [self._seen[key] for key in keys]

    def knows(self, key: Key) -> bool:
        """Return whether an object is there."""
        with self._news:
            return key in self._seen

    def wait_gone(self, key: Key, seconds: float) -> None:
        """Wait until an object is deleted.

        Raises:
            NotInTimeError: It is not within `seconds`.
        """
        with self._news:
            if not self._news.wait_for(lambda: key not in self._seen or self._ended is not None, seconds):
                raise NotInTimeError(f"{key.namespace}/{key.name} is still there after {seconds:g} s")

    def _complaint(self, missing: list[Key], seconds: float) -> str:
        key = missing[0]
        conditions = (self._seen.get(key, {}).get("status") or {}).get("conditions", [])
        told = "; ".join(f"{c['type']}={c['status']} {c['reason']}: {c['message']}" for c in conditions)
        return (
            f"{len(missing)} not within {seconds:g} s, the first {key.namespace}/{key.name}: {told or 'no conditions'}"
        )

    def _listen(self, answer: httpx.Response) -> None:
        try:
            for line in answer.iter_lines():
                event = json.loads(line)
                self._note(event["type"], event["object"], perf_counter())
            self._end(RuntimeError("the API server closed the watch"))
        except Exception as error:  # noqa: BLE001  handed to the thread that waits, which raises it
            self._end(error)

    def _note(self, kind: str, body: Json, now: float) -> None:
        if kind == "ERROR":
            raise RuntimeError(f"the watch answered {body}")
        key = Key(body["metadata"]["namespace"], body["metadata"]["name"])
        with self._news:
            if kind == "DELETED":
                self._seen.pop(key, None)
                self._since.pop(key, None)
            else:
                self._seen[key] = body
                if self._holds(body):
                    self._since.setdefault(key, now)
                else:
                    self._since.pop(key, None)
            self._news.notify_all()

    def _end(self, error: BaseException) -> None:
        with self._news:
            self._ended = error
            self._news.notify_all()


def changed(watch: Watch, key: Key, holds: Callable[[Json], bool]) -> Callable[[Json], bool]:
    """Return `holds` for specs younger than the present one alone: what is true before a change must not end a wait."""
    (body,) = watch.seen([key])
    generation = body["metadata"]["generation"]
    return lambda one: one["metadata"]["generation"] > generation and holds(one)


def is_ready(body: Json) -> bool:
    """Return whether an object is Ready as of its present generation."""
    return any(
        c["type"] == "Ready" and c["status"] == "True" and c["observedGeneration"] == body["metadata"]["generation"]
        for c in (body.get("status") or {}).get("conditions", [])
    )
