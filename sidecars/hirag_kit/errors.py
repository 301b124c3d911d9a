"""The one tree of errors that every process of the product speaks in.

    HiragError
    ├── retryable: the same request may succeed later
    │   ├── EmbeddingError       EMBEDDING_ERROR        502
    │   ├── VectorStoreError     VECTOR_DB_ERROR        502
    │   ├── RateLimitError       RATE_LIMIT_EXCEEDED    429
    │   ├── StorageError         STORAGE_ERROR          503
    │   └── DeadlineError        TIMEOUT_ERROR          504
    └── not retryable: the request or the set-up has to change first
        ├── CircuitOpenError     CIRCUIT_BREAKER_OPEN   503
        ├── InvalidRequestError  VALIDATION_ERROR       400
        │   ├── UnauthenticatedError                    401
        │   ├── NotFoundError                           404
        │   └── TooLargeError                           413
        ├── ConfigurationError   CONFIGURATION_ERROR    500
        └── InternalError        INTERNAL_ERROR         500

`code` and `retryable` are the contract; an HTTP status is how a server says it.
"""

import math
from collections.abc import Mapping
from typing import ClassVar

Details = Mapping[str, object]


class HiragError(Exception):
    """Base of the tree.

    Args:
        message: one sentence for a person: what is wrong, where, and the remedy. Never a secret or a user's text.
        details: facts for a program, JSON-serialisable.
    """

    code: ClassVar[str] = "INTERNAL_ERROR"
    retryable: ClassVar[bool] = False
    status: ClassVar[int] = 500

    def __init__(self, message: str, details: Details | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.details = dict(details or {})

    def body(self) -> dict[str, object]:
        """The error body of every HTTP surface: `{"code", "message", "details"}`."""
        return {"code": self.code, "message": self.message, "details": self.details}

    def headers(self) -> dict[str, str]:
        """HTTP headers that belong to this error; none for most."""
        return {}


class EmbeddingError(HiragError):
    """A model or an embedding provider did not give a vector."""

    code = "EMBEDDING_ERROR"
    retryable = True
    status = 502


class VectorStoreError(HiragError):
    """Weaviate refused, failed, or was not reached."""

    code = "VECTOR_DB_ERROR"
    retryable = True
    status = 502


class RateLimitError(HiragError):
    """More was asked than is allowed or can be queued.

    On the wire its code is the shorter `RATE_LIMIT`, with what a client needs in order to wait as long as it must.

    Args:
        message: which limit was met.
        limit: the limit, in the unit that the message names.
        remaining: what is left of it now.
        reset_in_seconds: when asking again makes sense.
    """

    code = "RATE_LIMIT_EXCEEDED"
    wire_code: ClassVar[str] = "RATE_LIMIT"
    retryable = True
    status = 429

    def __init__(self, message: str, *, limit: int, remaining: int, reset_in_seconds: float) -> None:
        super().__init__(
            message,
            {"limit": limit, "remaining": remaining, "reset_in_seconds": round(reset_in_seconds, 3)},
        )
        self._limit = limit
        self._remaining = remaining
        self._reset = max(1, math.ceil(reset_in_seconds))

    def body(self) -> dict[str, object]:
        """As the base's, with the code of the wire."""
        return super().body() | {"code": self.wire_code}

    def headers(self) -> dict[str, str]:
        """`Retry-After` and the `X-RateLimit-*` family; times are whole seconds, at least 1."""
        return {
            "Retry-After": str(self._reset),
            "X-RateLimit-Limit": str(self._limit),
            "X-RateLimit-Remaining": str(self._remaining),
            "X-RateLimit-Reset": str(self._reset),
        }


class StorageError(HiragError):
    """A disk, a volume or an object store failed."""

    code = "STORAGE_ERROR"
    retryable = True
    status = 503


class DeadlineError(HiragError):
    """An answer did not come in the time allowed for it."""

    code = "TIMEOUT_ERROR"
    retryable = True
    status = 504


class CircuitOpenError(HiragError):
    """An upstream failed so often that it is not asked for a while."""

    code = "CIRCUIT_BREAKER_OPEN"
    status = 503


class InvalidRequestError(HiragError):
    """The request is wrong; the message names the field and the remedy."""

    code = "VALIDATION_ERROR"
    status = 400


class UnauthenticatedError(InvalidRequestError):
    """The request carries no key, or a wrong one."""

    status = 401

    def headers(self) -> dict[str, str]:
        """Tells the client which scheme to use (RFC 9110, 11.6.1)."""
        return {"WWW-Authenticate": "Bearer"}


class NotFoundError(InvalidRequestError):
    """What the request names does not exist here."""

    status = 404


class TooLargeError(InvalidRequestError):
    """The request is above a limit; the message names the limit."""

    status = 413


class ConfigurationError(HiragError):
    """A setting is wrong; the message names the setting and the remedy."""

    code = "CONFIGURATION_ERROR"


class InternalError(HiragError):
    """A fault of the product itself."""
