"""Saying what is wrong with an object in words that name each field as its author wrote it."""

from pydantic import ValidationError

MOST = 5


def complaints(error: ValidationError) -> str:
    """Return the first few complaints, e.g. `spec.levels.longTerm.retention: String should match pattern …`."""
    found = error.errors(include_url=False, include_input=False)
    told = [f"{'.'.join(str(part) for part in one['loc']) or 'object'}: {one['msg']}" for one in found[:MOST]]
    more = [f"and {len(found) - MOST} more"] if len(found) > MOST else []
    return "; ".join([*told, *more])
