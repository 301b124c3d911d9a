"""Durations and quantities as users write them, and as the plan reads them."""

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from hirag_operator.api.durations import Duration, LongDuration, to_timedelta
from hirag_operator.api.quantities import Quantity, to_number


@pytest.mark.parametrize(
    ("written", "length"),
    [
        ("0s", timedelta()),
        ("90s", timedelta(seconds=90)),
        ("1h30m", timedelta(minutes=90)),
        ("1d12h", timedelta(hours=36)),
        ("30d", timedelta(days=30)),
    ],
)
def test_a_duration_is_the_sum_of_its_parts(written: str, length: timedelta) -> None:
    assert to_timedelta(TypeAdapter(Duration).validate_python(written)) == length


@given(days=st.integers(0, 99_999), hours=st.integers(0, 999_999), minutes=st.integers(0, 9_999_999))
def test_any_retention_of_a_minute_or_more_can_be_written(days: int, hours: int, minutes: int) -> None:
    parts = [f"{figure}{unit}" for figure, unit in ((days, "d"), (hours, "h"), (minutes, "m")) if figure]
    if not parts:
        return

    written = TypeAdapter(LongDuration).validate_python("".join(parts))

    assert to_timedelta(written) == timedelta(days=days, hours=hours, minutes=minutes) >= timedelta(minutes=1)


@pytest.mark.parametrize("written", ["", "d", "10", "1.5h", "1h1d", "0m", "0d1h", "-1h", "1h ", "1w", "30 d", "90s\n"])
def test_what_is_no_duration_is_refused(written: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(LongDuration).validate_python(written)


@pytest.mark.parametrize(
    ("written", "figure"),
    [
        ("500m", Decimal("0.5")),
        ("2", Decimal(2)),
        (2, Decimal(2)),
        ("0.25", Decimal("0.25")),
        ("1k", Decimal(1000)),
        ("1Ki", Decimal(1024)),
        ("1.5Gi", Decimal(1_610_612_736)),
        ("1E", Decimal(10**18)),
        ("1Ei", Decimal(2**60)),
    ],
)
def test_a_quantity_is_its_figure_times_its_suffix(written: str | int, figure: Decimal) -> None:
    assert to_number(TypeAdapter(Quantity).validate_python(written)) == figure


@pytest.mark.parametrize("written", ["", "Gi", "1 Gi", "-1", "1KB", "1.5.5", 0.5, True, None])
def test_what_is_no_quantity_is_refused(written: object) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Quantity).validate_python(written, strict=True)


def test_reading_what_is_no_quantity_says_the_remedy() -> None:
    with pytest.raises(ValueError, match="write a number with a suffix"):
        to_number("lots")
