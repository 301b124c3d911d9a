"""Durations as people write retention: `30d`, `12h`, `1d12h`, `90s`."""

import re
from datetime import timedelta
from typing import Annotated, Final

from pydantic import Field

from hirag_operator.api.text import Matches

_DAYS: Final = "([1-9][0-9]{0,4}d)?"
_HOURS: Final = "([1-9][0-9]{0,5}h)?"
_MINUTES: Final = "([1-9][0-9]{0,6}m)?"
_SECONDS: Final = "([1-9][0-9]{0,7}s)?"

# No part may be zero, so any non-empty match is at least one of its smallest unit; minLength keeps it non-empty.
LongDuration = Annotated[
    str,
    Field(min_length=2, max_length=24, examples=["30d", "12h", "1d12h"]),
    Matches(
        f"^{_DAYS}{_HOURS}{_MINUTES}$",
        "must be a duration of at least 1m in days, hours and minutes without zero parts, such as 30d, 12h or 1d12h",
    ),
]
"""At least one minute, in days, hours and minutes."""

Duration = Annotated[
    str,
    Field(min_length=2, max_length=32, examples=["10m", "90s", "1h30m"]),
    Matches(
        f"^(0s|{_DAYS}{_HOURS}{_MINUTES}{_SECONDS})$",
        "must be 0s or a duration in days, hours, minutes and seconds without zero parts, such as 10m, 90s or 1h30m",
    ),
]
"""Zero (`0s`) or more, in days, hours, minutes and seconds."""

_PARTS: Final = re.compile(r"([0-9]+)([dhms])")
_UNITS: Final = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds"}


def to_timedelta(duration: str) -> timedelta:
    """The length of a validated `Duration` or `LongDuration`."""
    return timedelta(**{_UNITS[unit]: int(figure) for figure, unit in _PARTS.findall(duration)})
