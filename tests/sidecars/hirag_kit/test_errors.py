import json

import pytest

from hirag_kit import errors
from hirag_kit.errors import HiragError, RateLimitError

CONTRACT = {
    "EMBEDDING_ERROR": True,
    "VECTOR_DB_ERROR": True,
    "RATE_LIMIT_EXCEEDED": True,
    "STORAGE_ERROR": True,
    "TIMEOUT_ERROR": True,
    "CIRCUIT_BREAKER_OPEN": False,
    "VALIDATION_ERROR": False,
    "CONFIGURATION_ERROR": False,
    "INTERNAL_ERROR": False,
}


def _tree(root: type[HiragError] = HiragError) -> list[type[HiragError]]:
    below = [kind for kind in root.__subclasses__() if kind.__module__ == errors.__name__]
    return below + [kind for child in below for kind in _tree(child)]


def test_codes_and_retryable_flags_are_the_contract() -> None:
    assert {kind.code: kind.retryable for kind in _tree()} == CONTRACT


@pytest.mark.parametrize("kind", _tree(), ids=lambda kind: kind.__name__)
def test_every_error_is_drawn_in_the_tree_with_its_status(kind: type[HiragError]) -> None:
    lines = [line for line in (errors.__doc__ or "").splitlines() if f" {kind.__name__} " in line]
    assert len(lines) == 1
    assert lines[0].split()[-1] == str(kind.status)


def test_the_body_is_of_three_fields() -> None:
    error = errors.InvalidRequestError("text: must be a string", {"field": "text"})
    assert error.body() == {
        "code": "VALIDATION_ERROR",
        "message": "text: must be a string",
        "details": {"field": "text"},
    }
    assert str(error) == "text: must be a string"


def test_a_rate_limit_tells_when_to_come_again() -> None:
    error = RateLimitError("too many", limit=10, remaining=2, reset_in_seconds=3.2)
    assert error.code == "RATE_LIMIT_EXCEEDED"
    assert error.body() == {
        "code": "RATE_LIMIT",
        "message": "too many",
        "details": {"limit": 10, "remaining": 2, "reset_in_seconds": 3.2},
    }
    assert error.headers() == {
        "Retry-After": "4",
        "X-RateLimit-Limit": "10",
        "X-RateLimit-Remaining": "2",
        "X-RateLimit-Reset": "4",
    }
    json.dumps(error.body())


def test_coming_again_at_once_is_never_advised() -> None:
    assert RateLimitError("", limit=1, remaining=0, reset_in_seconds=0).headers()["Retry-After"] == "1"


def test_a_missing_key_names_the_scheme() -> None:
    assert errors.UnauthenticatedError("").headers() == {"WWW-Authenticate": "Bearer"}
