"""Bounds of a schema in words, so that `kubectl explain` and the reference show what the API server enforces."""

from typing import Any, Final

_SIZES: Final = (("Length", "character", "characters"), ("Items", "item", "items"), ("Properties", "entry", "entries"))


def numeric_bounds(schema: dict[str, Any]) -> str:
    """Such as `1 to 65535` or `at least 1`; empty where there are none."""
    least, most = schema.get("minimum"), schema.get("maximum")
    if least is not None and most is not None:
        return f"{_figure(least)} to {_figure(most)}"
    if least is not None:
        return f"at least {_figure(least)}"
    return "" if most is None else f"at most {_figure(most)}"


def size_bounds(schema: dict[str, Any]) -> str:
    """Such as `1 to 63 characters` or `at most 32 items`; empty where there are none."""
    for suffix, one, many in _SIZES:
        least, most = schema.get(f"min{suffix}", 0), schema.get(f"max{suffix}")
        if most is not None:
            span = f"{least} to {most}" if least else f"at most {most}"
            return f"{span} {one if most == 1 else many}"
    return ""


def all_bounds(schema: dict[str, Any]) -> str:
    """Numeric and size bounds together."""
    return ", ".join(filter(None, (numeric_bounds(schema), size_bounds(schema))))


def _figure(number: float) -> str:
    return str(int(number)) if float(number).is_integer() else str(number)
