"""Weaviate's REST API, for what its client would parse: schemas and aliases as they are."""

from typing import Any

import httpx
import stamina

from hirag_jobs.keys import without
from hirag_kit.errors import ConfigurationError, VectorStoreError

_REQUEST_SECONDS = 30.0
_ATTEMPTS = 6
_BODY_EXCERPT = 200
_TOTAL_SECONDS = 30.0


def rest_client(http_url: str, api_key: str | None) -> httpx.Client:
    """A client of one Weaviate; a context manager that owns its connections.

    Args:
        http_url: root of the REST API, without `/v1`.
        api_key: sent as a bearer token.
    """
    headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
    return httpx.Client(base_url=f"{http_url.rstrip('/')}/v1", headers=headers, timeout=_REQUEST_SECONDS)


def get(client: httpx.Client, path: str) -> Any:
    """The JSON at a path below `/v1`; None where there is nothing.

    Raises:
        ConfigurationError: the request is refused; the message says what to look at.
        VectorStoreError: Weaviate was not reached, however often it was asked.
    """
    for attempt in stamina.retry_context(on=VectorStoreError, attempts=_ATTEMPTS, timeout=_TOTAL_SECONDS):
        with attempt:
            return _get_once(client, path)
    raise AssertionError  # stamina raises the last error itself


def _get_once(client: httpx.Client, path: str) -> Any:
    try:
        answer = client.get(path)
    except httpx.HTTPError as error:
        said = without(_key(client), str(error))
        raise VectorStoreError(f"Weaviate at {client.base_url} was not reached: {said}") from error
    if answer.is_server_error:
        raise VectorStoreError(f"{answer.url} answered {answer.status_code}")
    if answer.status_code in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}:
        raise ConfigurationError(f"{answer.url} answered {answer.status_code}; check --api-key-file")
    if answer.status_code in {httpx.codes.NOT_FOUND, httpx.codes.UNPROCESSABLE_ENTITY}:
        return None
    if not answer.is_success:
        said = without(_key(client), answer.text)[:_BODY_EXCERPT]
        raise ConfigurationError(f"{answer.url} answered {answer.status_code}: {said}")
    return answer.json()


def _key(client: httpx.Client) -> str | None:
    return client.headers.get("Authorization", "").removeprefix("Bearer ") or None
