"""Figures as people read them."""

from typing import Final

_UNITS: Final = ("B", "kB", "MB", "GB", "TB")
_STEP: Final = 1000
_MINUTES_FROM, _HOURS_FROM = 90, 5400  # seconds: beyond that, the larger unit is near enough
_TWO_DIGITS_BELOW: Final = 10


def in_bytes(size: float) -> str:
    """Return a number of bytes in the unit that suits it."""
    for unit in _UNITS[:-1]:
        if size < _STEP:
            return f"{size:.0f} {unit}"
        size /= _STEP
    return f"{size:.0f} {_UNITS[-1]}"


def in_time(seconds: float) -> str:
    """Return a length of time in the unit that suits it; the least is a second."""
    if seconds < _MINUTES_FROM:
        return f"{max(1, round(seconds))} s"
    return f"{round(seconds / 60)} min" if seconds < _HOURS_FROM else f"{seconds / 3600:.1f} h"


def in_thousands(number: float) -> str:
    """Return a large number in words of at most three digits: 950, 12 k, 1.2 M."""
    for unit in ("", " k", " M"):
        if number < _STEP:
            return f"{number:.1f}{unit}" if unit and number < _TWO_DIGITS_BELOW else f"{number:.0f}{unit}"
        number /= _STEP
    return f"{number:,.1f} G"


def rounded(number: float, digits: int = 2) -> int:
    """Return a whole number with so many digits that are not zero: a figure that is estimated has no more."""
    return int(float(f"{number:.{digits - 1}e}"))
