"""Counts, times and logs every request. Texts and keys are never written."""

from time import perf_counter

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hirag_embedder.app.metrics import Metrics

# Asked every few seconds by kubelets and scrapers: of interest only when one debugs them.
_QUIET = ("/.well-known/", "/metrics")

_log = structlog.get_logger(__name__)


class Access:
    """ASGI middleware around the whole application.

    Args:
        app: what is wrapped.
        metrics: where requests are counted, by route and status.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on, and notes how it ended."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = 500
        start = perf_counter()

        async def noting_status(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noting_status)
        finally:
            self._note(scope, status, perf_counter() - start)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        # The route's own path, not the one asked for: what nobody serves must not become labels.
        endpoint = getattr(scope.get("route"), "path", "other")
        self._metrics.requests.labels(endpoint, str(status)).inc()
        self._metrics.request_seconds.labels(endpoint).observe(seconds)
        report = _log.debug if scope["path"].startswith(_QUIET) else _log.info
        report("request", method=scope["method"], endpoint=endpoint, status=status, seconds=round(seconds, 4))
