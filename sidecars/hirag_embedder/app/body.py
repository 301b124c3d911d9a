"""A request's body and its caller: read within a limit, and given up when the caller is gone."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from fastapi import Request
from pydantic import BaseModel, ValidationError

from hirag_kit.errors import InvalidRequestError, TooLargeError

Model = TypeVar("Model", bound=BaseModel)
Result = TypeVar("Result")


class CallerGone(Exception):  # noqa: N818  an event, not a fault: nobody is left to be told
    """The caller hung up before the answer."""


async def read_model(request: Request, model: type[Model], limit: int) -> Model:
    """The body as a model, whatever its content type says: Weaviate's client sends none.

    Args:
        request: its body is read as it comes, so that a body above the limit is never held.
        model: what it must be.
        limit: bytes.

    Raises:
        TooLargeError: above the limit.
        InvalidRequestError: naming each field that is wrong; never repeating what was sent.
    """
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > limit:
            raise TooLargeError(
                f"the body is above the limit of {limit} bytes; send fewer texts at a time", {"limit": limit}
            )
    try:
        return model.model_validate_json(bytes(body))
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False, include_context=False)
        problems = [
            (".".join(map(str, one["loc"])) or "body", one["msg"].removeprefix("Value error, ")) for one in found
        ]
        raise InvalidRequestError(
            "; ".join(f"{field}: {reason}" for field, reason in problems),
            {"fields": [{"field": field, "reason": reason} for field, reason in problems]},
        ) from error


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
