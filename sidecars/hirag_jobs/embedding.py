"""A client of an OpenAI-compatible embedding endpoint: our own embedder's, or a provider's."""

from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import httpx
import stamina
from pydantic import ValidationError

from hirag_jobs.keys import without
from hirag_kit.errors import (
    ConfigurationError,
    DeadlineError,
    EmbeddingError,
    HiragError,
    InvalidRequestError,
    RateLimitError,
)
from hirag_kit.wire import EmbedderMeta, EmbeddingResponse, ErrorBody, InputType

_BODY_EXCERPT = 200
_LONGEST_WAIT = 60.0
_META_SECONDS = 5.0


@dataclass(frozen=True)
class Patience:
    """How long to wait for an endpoint.

    Args:
        request_seconds: for one answer.
        attempts: tries for one batch, the first included.
        total_seconds: the most that all tries of one batch may take.
    """

    request_seconds: float = 120.0
    attempts: int = 8
    total_seconds: float = 300.0


class Embedder:
    """Embeds texts; a context manager that owns its connections.

    What may succeed later (429, 5xx, a lost connection, a time-out) is tried again, after what `Retry-After` asks for
    or else with growing, jittered pauses.

    Args:
        url: base address up to and with `/v1`.
        model: the model's name; None takes the name that our own embedder gives itself.
        api_key: sent as a bearer token.
        dimensions: asks the endpoint for vectors of this size; None leaves it its own.
        patience: how long to wait for it.
    """

    def __init__(
        self,
        url: str,
        model: str | None = None,
        *,
        api_key: str | None = None,
        dimensions: int | None = None,
        patience: Patience | None = None,
    ) -> None:
        headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self._url = url.rstrip("/")
        self._patience = patience or Patience()
        self._api_key = api_key
        self._client = httpx.Client(headers=headers, timeout=self._patience.request_seconds)
        self._dimensions = dimensions
        self.meta = self._read_meta()
        if model is None and self.meta is None:
            self._client.close()
            raise ConfigurationError(f"{self._url} does not name its model at /meta: give --model")
        self.model = model or (self.meta.model if self.meta else "")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._client.close()

    def embed(self, texts: Sequence[str], input_type: InputType = "passage") -> list[list[float]]:
        """The vectors of texts, in their order, all of one size.

        Raises:
            InvalidRequestError: the endpoint refuses these texts; others may go through.
            ConfigurationError: address, model or key is wrong.
            EmbeddingError, RateLimitError, DeadlineError: it failed each time it was tried.
        """
        body: dict[str, Any] = {"model": self.model, "input": list(texts), "encoding_format": "base64"}
        if self._dimensions is not None:
            body["dimensions"] = self._dimensions
        if self.meta is not None:
            body["input_type"] = input_type  # our own extension: others may refuse a field that they do not know
        patience = self._patience
        for attempt in stamina.retry_context(on=_pause, attempts=patience.attempts, timeout=patience.total_seconds):
            with attempt:
                return self._vectors(self._post(body), len(texts))
        raise AssertionError  # stamina raises the last error itself

    def _read_meta(self) -> EmbedderMeta | None:
        """What our own embedder says of itself; None for an endpoint that is not ours."""
        root = self._url.removesuffix("/v1")
        try:
            answer = self._client.get(f"{root}/meta", timeout=_META_SECONDS)
            return EmbedderMeta.model_validate_json(answer.content) if answer.is_success else None
        except ValidationError:
            return None
        except httpx.HTTPError as error:
            self._client.close()
            said = without(self._api_key, str(error))
            raise ConfigurationError(f"no embedder answers at {root}: {said}; check --embedder-url") from error

    def _post(self, body: dict[str, Any]) -> httpx.Response:
        try:
            answer = self._client.post(f"{self._url}/embeddings", json=body)
        except httpx.TimeoutException as error:
            raise DeadlineError(f"the embedder at {self._url} did not answer in time") from error
        except httpx.HTTPError as error:
            said = without(self._api_key, str(error))
            raise EmbeddingError(f"the embedder at {self._url} was not reached: {said}") from error
        if answer.is_success:
            return answer
        raise _refusal(answer, self._api_key)

    def _vectors(self, answer: httpx.Response, expected: int) -> list[list[float]]:
        try:
            items = EmbeddingResponse.model_validate_json(answer.content).data
            vectors = [item.floats() for item in sorted(items, key=lambda item: item.index)]
        except ValueError as error:
            raise EmbeddingError(f"the answer of {self._url}/embeddings is not in OpenAI's form") from error
        if len(vectors) != expected or len({len(vector) for vector in vectors}) > 1:
            raise EmbeddingError(f"{self._url} gave {len(vectors)} vectors for {expected} texts, or of unequal sizes")
        return vectors


def _refusal(answer: httpx.Response, api_key: str | None) -> HiragError:
    """The error that an HTTP status stands for, in the endpoint's words but for the key."""
    status, where = answer.status_code, str(answer.url)
    said = f"{where} answered {status}: {_message(answer, api_key)}"
    pause = _retry_after(answer)
    if status == httpx.codes.TOO_MANY_REQUESTS:
        return RateLimitError(said, limit=0, remaining=0, reset_in_seconds=pause or 0.0)
    if status in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}:
        return ConfigurationError(f"{said}; check --embedder-api-key-file")
    if status in {httpx.codes.NOT_FOUND, httpx.codes.METHOD_NOT_ALLOWED}:
        return ConfigurationError(f"{said}; check --embedder-url and --model")
    if answer.is_server_error:
        return EmbeddingError(said, {} if pause is None else {"reset_in_seconds": pause})
    return InvalidRequestError(said)


def _message(answer: httpx.Response, api_key: str | None) -> str:
    try:
        return without(api_key, ErrorBody.model_validate_json(answer.content).message)
    except ValidationError:
        return without(api_key, answer.text)[:_BODY_EXCERPT]


def _retry_after(answer: httpx.Response) -> float | None:
    """Seconds that the answer asks to wait; None where it names none, or a date."""
    value = answer.headers.get("Retry-After", "")
    return float(value) if value.isdigit() else None


def _pause(error: Exception) -> bool | float:
    """Whether to try again; a number is the seconds to wait until then."""
    if not isinstance(error, HiragError) or not error.retryable:
        return False
    asked = error.details.get("reset_in_seconds")
    return min(asked, _LONGEST_WAIT) if isinstance(asked, float) and asked > 0 else True
