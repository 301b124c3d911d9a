import pytest

from hirag_operator.api.conditions import Reason
from hirag_operator.plan.collection.serverhealth import ServerSeen, server_fit, unsupported, writable

LEVELS = [("shortTerm", "A_R1", None), ("longTerm", "Pool_R2", "ours")]


@pytest.mark.parametrize(
    ("version", "stalls", "fits"),
    [
        ("1.32.0", False, True),
        ("1.35.2", False, True),
        ("v1.36.0-rc.1", False, True),
        ("1.31.22", True, False),
        ("0.99", True, False),
        ("2.0.0", False, False),
        ("nightly", False, False),
    ],
)
def test_a_version_is_taken_warned_of_or_refused(version: str, *, stalls: bool, fits: bool) -> None:
    seen = ServerSeen(version)
    verdict = unsupported("default", seen)
    assert (verdict is not None) is stalls
    if verdict is not None:
        assert verdict.reason is Reason.WEAVIATE_VERSION_UNSUPPORTED
        assert "run 1.32 or a later version of 1.x" in verdict.message
    assert server_fit("default", seen).holds is fits


def test_auto_schema_is_warned_of_with_the_remedy() -> None:
    aspect = server_fit("default", ServerSeen("1.35.2", auto_schema=True))
    assert (aspect.holds, aspect.reason) == (False, Reason.AUTO_SCHEMA_ENABLED)
    assert "AUTOSCHEMA_ENABLED=false" in aspect.message


def test_what_a_server_does_not_tell_is_not_claimed() -> None:
    seen = ServerSeen("1.35.2", auto_schema=None, read_only=None)
    assert "AutoSchema" not in server_fit("default", seen).message
    assert writable(LEVELS, seen) is None


@pytest.mark.parametrize(
    ("read_only", "told"),
    [
        ({}, None),
        ({"Elsewhere_R1": ("s",), "Pool_R2": ("theirs",)}, None),
        ({"A_R1": ("s1", "s2")}, "shortTerm (A_R1: s1, s2)"),
        ({"Pool_R2": ("ours", "theirs")}, "longTerm (Pool_R2: ours)"),
        ({"A_R1": tuple(f"s{i}" for i in range(9))}, "s0, s1, s2, s3, s4 and 4 more"),
    ],
    ids=["none", "those of others", "a collection of its own", "a tenant of a pool", "many"],
)
def test_shards_that_take_no_writes_are_named_for_those_whom_they_concern(
    read_only: dict[str, tuple[str, ...]], told: str | None
) -> None:
    aspect = writable(LEVELS, ServerSeen("1.35.2", read_only=read_only))
    assert aspect is not None
    assert aspect.holds is (told is None)
    if told is not None:
        assert aspect.reason is Reason.WEAVIATE_READ_ONLY
        assert told in aspect.message
        assert "Make room" in aspect.message
