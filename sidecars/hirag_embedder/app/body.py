"""A request's body and its caller: read within a limit, and given up when the caller is gone."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from fastapi import Request
from pydantic import BaseModel, ValidationError

from hirag_kit.errors import InvalidRequestError, RateLimitError, TooLargeError

Model = TypeVar("Model", bound=BaseModel)
Result = TypeVar("Result")


class CallerGone(Exception):
    """The caller hung up before the answer."""


class Bodies:
    """The bodies of all requests being worked on, bounded in bytes: one by one and together.

    Args:
        each: bytes of one body, at most.
        together: bytes of all, at most.
    """

    def __init__(self, each: int, together: int) -> None:
        self._each = each
        self._together = together
        self._held = 0

    @asynccontextmanager
    async def read(self, request: Request, model: type[Model]) -> AsyncIterator[Model]:
        """The body as a model, whatever its content type says: Weaviate's client sends none.

        It counts as held until the context ends, which should be when the answer is made.

        Raises:
            TooLargeError: when this body is above the limit; it is not read to its end.
            RateLimitError: when all bodies together are.
            InvalidRequestError: naming each field that is wrong; never repeating what was sent.
        """
        body = bytearray()
        try:
            async for piece in request.stream():
                body += piece
                self._held += len(piece)
                self._check(len(body))
            yield _parse(model, bytes(body))
        finally:
            self._held -= len(body)

    def _check(self, size: int) -> None:
        if size > self._each:
            raise TooLargeError(
                f"the body is above the limit of {self._each} bytes; send fewer texts at a time", {"limit": self._each}
            )
        if self._held > self._together:
            raise RateLimitError(
                f"the bodies being worked on are above the limit of {self._together} bytes",
                limit=self._together,
                remaining=0,
                reset_in_seconds=1,
            )


def _parse(model: type[Model], body: bytes) -> Model:
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False, include_context=False)
        problems = [
            {"field": ".".join(map(str, one["loc"])) or "body", "reason": one["msg"].removeprefix("Value error, ")}
            for one in found
        ]
        message = "; ".join(f"{one['field']}: {one['reason']}" for one in problems)
        raise InvalidRequestError(message, {"fields": problems}) from error


async def unless_gone(request: Request, work: Coroutine[Any, Any, Result]) -> Result:
    """The result of the work, which is cancelled when the caller hangs up first. The body must have been read.

    Raises:
        CallerGone: then.
    """
    task = asyncio.ensure_future(work)
    gone = asyncio.ensure_future(_hang_up(request))
    try:
        await asyncio.wait({task, gone}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise CallerGone
        return task.result()
    finally:
        task.cancel()
        gone.cancel()


async def _hang_up(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
