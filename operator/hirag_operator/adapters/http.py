"""One way to ask an HTTP server for JSON, with every failure turned into the operator's own errors."""

import time
from collections.abc import Callable
from typing import Any

import httpx

from hirag_operator.errors import Garbled, NotAuthorized, OperatorError, Refused, Unreachable

TOO_MANY_REQUESTS = 429
SERVER_ERROR = 500
MESSAGE_LIMIT = 400  # characters of a server's own words that go into a condition

Observer = Callable[[str, float], None]


class JsonServer:
    """A server that speaks JSON over HTTP; raises NotAuthorized for a `bearer` that no header can carry.

    `name` stands for it in errors (`Weaviate "default"`). `observe(operation, seconds)` is told of every call.
    Instances are safe to use from several threads.
    """

    def __init__(
        self,
        name: str,
        base_url: str,
        *,
        bearer: str | None = None,
        timeout_seconds: float = 10.0,
        observe: Observer = lambda _operation, _seconds: None,
    ) -> None:
        if bearer is not None and not (bearer.isascii() and bearer.isprintable()):
            # Refused here, for the HTTP client would refuse the header with the key in its message.
            raise NotAuthorized(name, "the key must be one line of printable ASCII characters")
        headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
        self.name = name
        self._bearer = bearer
        self._observe = observe
        self._client = httpx.Client(base_url=base_url.rstrip("/"), headers=headers, timeout=timeout_seconds)

    def close(self) -> None:
        """Give the pooled connections back."""
        self._client.close()

    def ask(self, operation: str, method: str, path: str, body: Any = None) -> Any:
        """Send `body` as JSON and return the decoded answer (None when empty).

        Raises:
            Unreachable: no answer in time, 429 or 5xx.
            NotAuthorized: 401 or 403.
            Refused: any other answer that is no success, redirections too; `status` tells which.
            Garbled: a 2xx whose body is not JSON.
        """
        started = time.perf_counter()
        try:
            answer = self._client.request(method, path, json=body)
        except httpx.TimeoutException as error:
            raise Unreachable(self.name, f"no answer to {method} {path} in time") from error
        except httpx.TransportError as error:
            raise Unreachable(self.name, str(error) or type(error).__name__) from error
        except httpx.DecodingError as error:
            raise Garbled(self.name, f"{path} answered what cannot be decompressed") from error
        finally:
            self._observe(operation, time.perf_counter() - started)
        if not answer.is_success:
            raise self._failure(answer)
        return self._decoded(answer)

    def find(self, operation: str, path: str) -> Any | None:
        """GET `path`; None when the server says that there is no such thing (404)."""
        try:
            return self.ask(operation, "GET", path)
        except Refused as error:
            if error.status == httpx.codes.NOT_FOUND:
                return None
            raise

    def _decoded(self, answer: httpx.Response) -> Any:
        if not answer.content:
            return None
        try:
            return answer.json()
        except ValueError as error:
            raise Garbled(self.name, f"{answer.request.url.path} answered what is not JSON") from error

    def _failure(self, answer: httpx.Response) -> OperatorError:
        words = _words(answer)
        if self._bearer:  # some servers repeat the key that they refuse
            words = words.replace(self._bearer, "[key]")
        message = f"{answer.status_code} to {answer.request.method} {answer.request.url.path}: {words[:MESSAGE_LIMIT]}"
        if answer.status_code in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}:
            return NotAuthorized(self.name, message)
        if answer.status_code == TOO_MANY_REQUESTS or answer.status_code >= SERVER_ERROR:
            return Unreachable(self.name, message)
        return Refused(self.name, message, answer.status_code)


def _words(answer: httpx.Response) -> str:
    """Return what the server said, whatever of the usual forms it chose."""
    try:
        body = answer.json()
    except ValueError:
        return answer.text.strip() or answer.reason_phrase
    error = body.get("error", body.get("message", body)) if isinstance(body, dict) else body
    if isinstance(error, list):
        error = "; ".join(str(e.get("message", e)) if isinstance(e, dict) else str(e) for e in error)
    if isinstance(error, dict):
        error = error.get("message", error)
    return str(error).strip()
