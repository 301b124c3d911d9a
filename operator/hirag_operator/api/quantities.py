"""Kubernetes resource quantities: `500m`, `2`, `1Gi`.

Source: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
"""

import re
from decimal import Decimal
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, StringConstraints, WithJsonSchema

PATTERN: Final = r"^[0-9]+(\.[0-9]+)?(m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?$"
_MAX_LENGTH: Final = 32

_FACTORS: Final = {
    "": Decimal(1),
    "m": Decimal(1) / 1000,
    **{suffix: Decimal(1000) ** power for power, suffix in enumerate("kMGTPE", start=1)},
    **{f"{suffix}i": Decimal(1024) ** power for power, suffix in enumerate("KMGTPE", start=1)},
}
_PARTS: Final = re.compile(r"^([0-9.]+)([A-Za-z]*)$")


def _integers_as_text(value: Any) -> Any:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


Quantity = Annotated[
    str,
    BeforeValidator(_integers_as_text),
    StringConstraints(pattern=PATTERN, max_length=_MAX_LENGTH),
    WithJsonSchema(
        {
            "x-kubernetes-int-or-string": True,
            "anyOf": [{"type": "integer"}, {"type": "string"}],
            "pattern": PATTERN,
            "maxLength": _MAX_LENGTH,
            "examples": ["500m", "2", "1Gi"],
        }
    ),
]
"""A whole number or a string such as `500m` (thousandths) or `1Gi` (binary multiples)."""


def to_number(quantity: str) -> Decimal:
    """The figure that a validated `Quantity` stands for: cores for CPU, bytes for memory and storage."""
    match = _PARTS.match(quantity)
    if match is None:
        raise ValueError(f"{quantity!r} is not a Kubernetes quantity; write a number with a suffix, such as 1Gi")
    figure, suffix = match.groups()
    return Decimal(figure) * _FACTORS[suffix]
