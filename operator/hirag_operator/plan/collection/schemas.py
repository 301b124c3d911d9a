"""What a live schema says, read in one way."""

from collections.abc import Mapping
from typing import Any


def has_tenants(schema: Mapping[str, Any]) -> bool:
    """Return whether a collection keeps its data apart by tenant."""
    return bool((schema.get("multiTenancyConfig") or {}).get("enabled"))
