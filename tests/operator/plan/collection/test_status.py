from datetime import UTC, datetime
from typing import Any

import pytest

from hirag_operator.api import ContextCollection
from hirag_operator.api.conditions import Reason
from hirag_operator.plan.collection.contextcollection import judge, plan_level
from hirag_operator.plan.collection.seenlevel import SeenLevel
from hirag_operator.plan.collection.status import status
from hirag_operator.plan.collection.vectorindex import index_digest
from hirag_operator.plan.verdict import Verdict, idle, ready, stalled, working
from tests.operator.plan.objects import collection, wanted

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
LEVEL = wanted()
SEEN = SeenLevel(target=LEVEL.collection, live=LEVEL.schema, count=7)


def report(seen: SeenLevel | None = SEEN, previous: Any = None, verdict: Verdict | None = None) -> dict[str, Any]:
    plans = [plan_level(LEVEL, seen)] if seen else []
    return status(collection(), plans, verdict or judge(plans), [], NOW, previous or {})


def test_the_status_of_a_collection_is_what_the_api_says_it_is() -> None:
    found = ContextCollection.from_wire({**collection().to_wire(), "status": report()}).status
    address = found.address["longTerm"]
    assert (address.alias, address.tenant, address.collection) == (LEVEL.place.alias, None, LEVEL.collection)
    assert (found.counts, found.objects) == ({"longTerm": 7}, 7)
    assert (found.fingerprint, found.active_revision) == (LEVEL.stamp.fingerprint, LEVEL.stamp.revision)
    assert (found.phase, found.observed_generation) == ("Ready", 3)


def test_without_a_look_at_weaviate_what_was_last_seen_there_stays() -> None:
    down = working(Reason.WEAVIATE_UNREACHABLE, "refused")
    again = report(seen=None, previous=report(), verdict=down)
    assert {key: again[key] for key in ("address", "counts", "objects", "fingerprint", "activeRevision")} == {
        key: report()[key] for key in ("address", "counts", "objects", "fingerprint", "activeRevision")
    }
    assert again["phase"] == "Progressing"


def test_the_revision_that_serves_is_told_not_the_one_that_is_wanted() -> None:
    earlier = wanted(index={"distance": "dot"})
    found = report(SeenLevel(target=earlier.collection, live=earlier.schema, count=7))
    assert found["activeRevision"] == earlier.stamp.revision
    assert found["phase"] == "Progressing"


def test_a_collection_that_is_gone_is_neither_counted_nor_named_as_serving() -> None:
    found = report(SeenLevel(target=LEVEL.collection), previous=report())
    assert not {"counts", "objects", "activeRevision", "fingerprint"} & found.keys()


@pytest.mark.parametrize(
    ("verdict", "phase"),
    [
        (ready("Well."), "Ready"),
        (working(Reason.RECONCILING, "Soon."), "Progressing"),
        (stalled(Reason.CONFLICT, "Taken."), "Stalled"),
        (idle(Reason.PAUSED, "Paused."), "Paused"),
    ],
    ids=["ready", "working", "stalled", "paused"],
)
def test_the_phase_is_the_state_in_one_word(verdict: Verdict, phase: str) -> None:
    assert report(seen=None, verdict=verdict)["phase"] == phase


@pytest.mark.parametrize(
    ("index", "told"),
    [
        pytest.param({}, True, id="as wanted"),
        pytest.param({"hnsw": {"ef": 77}}, False, id="a hot setting is still to be changed"),
        pytest.param({"hnsw": {"efConstruction": 77}}, True, id="what differs is told as pending"),
    ],
)
def test_the_index_that_was_taken_up_is_told_once_nothing_is_left_to_do(index: Any, *, told: bool) -> None:
    live = wanted(index=index).schema
    address = report(SeenLevel(target=LEVEL.collection, live=live, count=7))["address"]["longTerm"]
    expected = index_digest(LEVEL.schema["vectorIndexType"], LEVEL.schema["vectorIndexConfig"])
    assert address.get("indexSettings") == (expected if told else None)


def test_a_held_removal_of_tenants_does_not_keep_an_index_from_being_as_wanted() -> None:
    tenancy = {"enabled": True, "tenants": [{"name": "a"}], "removal": {"policy": "Delete"}}
    level = wanted({"multiTenancy": tenancy})
    seen = SeenLevel(target=level.collection, live=level.schema, tenants=dict.fromkeys("abc", "HOT"))
    plan = plan_level(level, seen)
    found = status(collection(), [plan], judge([plan]), [], NOW, {})
    assert found["phase"] == "Stalled"
    assert found["tenants"]["longTerm"]["undeclared"] == 2
    assert "indexSettings" in found["address"]["longTerm"]
