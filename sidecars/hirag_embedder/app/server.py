"""Runs the application until it is told to stop."""

import signal
from types import FrameType

import uvicorn

from hirag_embedder.app.factory import create_app
from hirag_embedder.settings import Settings
from hirag_kit.errors import HiragError


def run(settings: Settings) -> HiragError | None:
    """Serves until SIGTERM or SIGINT, then answers what is in flight and returns.

    Returns:
        why the model could not be loaded, if that is what ended it.
    """
    failures: list[HiragError] = []

    def give_up(failure: HiragError) -> None:
        failures.append(failure)
        server.should_exit = True

    config = uvicorn.Config(
        create_app(settings, give_up),
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=settings.shutdown_seconds,
    )
    server = uvicorn.Server(config)
    # uvicorn drains, then raises the signal again for whoever had it before: a drained end is a good end.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _already_drained)
    server.run()
    return failures[0] if failures else None


def _already_drained(_number: int, _frame: FrameType | None) -> None:
    pass
