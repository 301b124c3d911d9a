"""Figures as people read them."""

import pytest

from hirag_operator.plan.quantity import in_bytes, in_thousands, in_time, rounded


@pytest.mark.parametrize(
    ("size", "told"), [(0, "0 B"), (999, "999 B"), (1_500, "2 kB"), (3e12, "3 TB"), (5e15, "5000 TB")]
)
def test_bytes(size: float, told: str) -> None:
    assert in_bytes(size) == told


@pytest.mark.parametrize(("seconds", "told"), [(0, "1 s"), (89, "89 s"), (160, "3 min"), (7_200, "2.0 h")])
def test_times(seconds: float, told: str) -> None:
    assert in_time(seconds) == told


@pytest.mark.parametrize(
    ("number", "told"), [(950, "950"), (1_200, "1.2 k"), (12_000, "12 k"), (1.2e6, "1.2 M"), (3.5e9, "3.5 G")]
)
def test_large_numbers(number: float, told: str) -> None:
    assert in_thousands(number) == told


@pytest.mark.parametrize(("number", "digits", "whole"), [(161, 2, 160), (0, 2, 0), (0.4, 2, 0), (123_456, 3, 123_000)])
def test_estimates_have_few_digits(number: float, digits: int, whole: int) -> None:
    assert rounded(number, digits) == whole
