"""Bounds in words."""

from typing import Any

import pytest

from hirag_operator.crdgen.bounds import all_bounds


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({}, ""),
        ({"minimum": 1}, "at least 1"),
        ({"maximum": 1.0}, "at most 1"),
        ({"minimum": 0, "maximum": 0.9}, "0 to 0.9"),
        ({"maxLength": 63, "minLength": 1}, "1 to 63 characters"),
        ({"maxItems": 1}, "at most 1 item"),
        ({"maxProperties": 32}, "at most 32 entries"),
        ({"minimum": 2, "maxLength": 5}, "at least 2, at most 5 characters"),
    ],
)
def test_bounds_read_as_words(schema: dict[str, Any], words: str) -> None:
    assert all_bounds(schema) == words
