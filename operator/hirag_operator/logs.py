"""Logs as JSON lines on standard error, those of libraries included.

What was bound to the context of a reconcile (`handlers/workers.py`, `reconcile/progress.py`) stands on every line that
is written meanwhile: kind, namespace, name, reconcile, step. Lines have the same shape as those of the sidecars.
"""

import logging
import sys

import structlog

_QUIET = ("httpx", "kopf.objects", "aiohttp.access")  # a line for every request or event says nothing
# They write whole answers or their headers at DEBUG, and with them keys and the values of Secrets.
_TELLTALES = ("kubernetes", "httpcore", "urllib3")


def configure(level: str) -> None:
    """Set up structlog and the standard library's logging for the process; `level` is a name such as INFO."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        # Without the frames' local variables: those hold keys.
        structlog.processors.ExceptionRenderer(structlog.tracebacks.ExceptionDictTransformer(show_locals=False)),
    ]
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.JSONRenderer(),
        ],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in (*_QUIET, *_TELLTALES):
        logging.getLogger(name).setLevel(logging.WARNING)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
