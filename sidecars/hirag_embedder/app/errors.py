"""Where an error becomes an HTTP answer: the only such place."""

from collections.abc import Collection

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from hirag_embedder.app.body import CallerGone
from hirag_embedder.app.metrics import Metrics
from hirag_kit.errors import HiragError, InternalError, InvalidRequestError, NotFoundError

_STATUS_NOT_FOUND = 404
# nginx's number for a caller that hung up; nobody reads the answer, but the metrics count it.
_STATUS_CALLER_GONE = 499
_SERVER_ERRORS = 500

_log = structlog.get_logger(__name__)


def install(app: FastAPI, metrics: Metrics, with_error_field: Collection[str]) -> None:
    """Maps every exception to the one error body.

    Args:
        app: gets the handlers.
        metrics: counts errors by code.
        with_error_field: paths whose clients read the message from a field `error` besides.
    """

    def answer(request: Request, error: HiragError, status: int) -> Response:
        metrics.errors.labels(error.code).inc()
        report = _log.error if status >= _SERVER_ERRORS else _log.info
        report("request failed", path=request.url.path, code=error.code, status=status, retryable=error.retryable)
        body = error.body()
        if request.url.path in with_error_field:
            body["error"] = error.message
        return JSONResponse(body, status, headers=error.headers())

    @app.exception_handler(HiragError)
    async def ours(request: Request, error: HiragError) -> Response:
        return answer(request, error, error.status)

    @app.exception_handler(HTTPException)
    async def routing(request: Request, error: HTTPException) -> Response:
        if error.status_code == _STATUS_NOT_FOUND:
            return answer(request, NotFoundError(f"there is nothing at {request.url.path}"), error.status_code)
        response = answer(
            request, InvalidRequestError(f"{request.method} {request.url.path}: {error.detail}"), error.status_code
        )
        response.headers.update(error.headers or {})
        return response

    @app.exception_handler(CallerGone)
    async def gone(_request: Request, _error: CallerGone) -> Response:
        return Response(status_code=_STATUS_CALLER_GONE)

    @app.exception_handler(Exception)
    async def unforeseen(request: Request, error: Exception) -> Response:
        _log.error("unforeseen error", path=request.url.path, exc_info=error)
        fault = InternalError("an unforeseen error; its trace is in the server's log")
        return answer(request, fault, fault.status)
