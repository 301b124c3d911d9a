"""Fields that the API accepts and that this release does not act on yet: said out loud, never silently ignored.

A line leaves this table when the part that acts on its field lands.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from hirag_operator.api.conditions import ConditionType, Reason
from hirag_operator.plan.verdict import Aspect

_GATEWAY = "the gateway is not part of this release"
UNACTED: Mapping[str, Mapping[str, str]] = {
    "EmbeddingModel": {
        "runtime.cache": "the embedder has no cache yet",
        "runtime.batching.maxRequests": "batches are bounded by tokens alone",
        "rateLimit": "requests are not limited yet",
    },
    "HNSWIndexPolicy": {},
    "ContextCollection": {
        "levels.immediate": _GATEWAY,
        "levels.shortTerm.retention": "objects past their retention are not removed yet",
        "levels.longTerm.retention": "objects past their retention are not removed yet",
        "gateway.enabled": _GATEWAY,
    },
}


def unacted_fields(spec: Mapping[str, Any], kind: str) -> list[str]:
    """Return a sentence for each declared field of a spec, as on the wire, that nothing acts on.

    A path is declared when it holds anything but false or nothing.
    """
    return [f"spec.{path}: {why}" for path, why in UNACTED[kind].items() if _declared(spec, path)]


def honored(unacted: Sequence[str]) -> Aspect:
    """Return the condition SpecHonored: whether every declared field is acted on."""
    if unacted:
        return Aspect(ConditionType.SPEC_HONORED, False, Reason.FIELDS_NOT_ACTED_ON, "; ".join(unacted))
    return Aspect(ConditionType.SPEC_HONORED, True, Reason.ALL_FIELDS_ACTED_ON, "Every declared field is acted on.")


def _declared(spec: Mapping[str, Any], path: str) -> bool:
    value: Any = spec
    for part in path.split("."):
        value = dict(_members(value)).get(part)
    return value not in (None, False, [], {})


def _members(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        yield from value.items()
    elif isinstance(value, list):
        yield from ((str(index), item) for index, item in enumerate(value))
