"""Structured logs: one JSON object a line on standard error, for structlog and the standard library alike.

Events are named in plain words and carry identifiers, counts and durations: never a user's text, never a key.
"""

import logging
import logging.config
from collections.abc import Sequence

import structlog

_SHARED: Sequence[structlog.types.Processor] = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.ExtraAdder(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
    # Without the frames' local variables: those hold users' texts and keys.
    structlog.processors.ExceptionRenderer(structlog.tracebacks.ExceptionDictTransformer(show_locals=False)),
)
# They write whole answers or their headers at DEBUG, and with them keys that a server repeats.
_TELLTALES = ("httpcore", "urllib3")


def configure(level: str = "INFO") -> None:
    """Sends everything that this process logs through one JSON formatter.

    Args:
        level: the least level that is written: DEBUG, INFO, WARNING or ERROR.
    """
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "json": {
                    "()": structlog.stdlib.ProcessorFormatter,
                    "foreign_pre_chain": list(_SHARED),
                    "processors": [
                        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                        structlog.processors.JSONRenderer(),
                    ],
                }
            },
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
            "root": {"handlers": ["stderr"], "level": level},
            # Their own handlers would write a second, unstructured line.
            "loggers": {
                **{name: {"handlers": [], "propagate": True} for name in ("uvicorn", "uvicorn.error")},
                **{name: {"level": "WARNING"} for name in _TELLTALES},
            },
        }
    )
