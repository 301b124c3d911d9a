"""Filters of the gRPC API: by id, and by when an object last changed."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from weaviate.proto.v1 import base_pb2

Filters = base_pb2.Filters

_UPDATED = "_lastUpdateTimeUnix"


def with_ids(ids: Sequence[int]) -> Filters:
    """What has one of these ids."""
    return Filters(
        operator=Filters.OPERATOR_CONTAINS_ANY,
        target=base_pb2.FilterTarget(property="_id"),
        value_text_array=base_pb2.TextArray(values=[str(UUID(int=one)) for one in ids]),
    )


def updated_from(at: int) -> Filters:
    """What was last written at a moment or later, in milliseconds since 1970; the class must index its timestamps."""
    return _updated(Filters.OPERATOR_GREATER_THAN_EQUAL, at)


def updated_before(at: int) -> Filters:
    """What was last written before a moment; as `updated_from`."""
    return _updated(Filters.OPERATOR_LESS_THAN, at)


def both(one: Filters, other: Filters) -> Filters:
    """What passes both."""
    return Filters(operator=Filters.OPERATOR_AND, filters=[one, other])


def _updated(operator: Filters.Operator, at: int) -> Filters:
    moment = datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds")
    return Filters(operator=operator, target=base_pb2.FilterTarget(property=_UPDATED), value_text=moment)
