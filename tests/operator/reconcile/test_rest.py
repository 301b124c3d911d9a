"""Which reconciles count as rest: those that changed nothing, neither by us nor by others meanwhile."""

from dataclasses import replace
from typing import Any

import pytest

from hirag_operator.api import Reason
from hirag_operator.errors import NotLeading
from hirag_operator.plan.collection.contextcollection import plan_level
from hirag_operator.plan.collection.objectives.judging import Judged
from hirag_operator.plan.collection.objectives.measured import Measured
from hirag_operator.plan.collection.seenlevel import SeenLevel
from hirag_operator.plan.collection.serverhealth import ServerSeen
from hirag_operator.reconcile.rest import Rests, rest_of
from tests.operator.plan.objects import collection, wanted

LEVEL = wanted()
SEEN = SeenLevel(target=LEVEL.collection, live=LEVEL.schema, count=3)
PLAN = plan_level(LEVEL, SEEN)
MEASURING = Measured(Judged(False, Reason.NOT_MEASURED, "It is being measured."), busy=True)
HEALTH = ServerSeen("1.35.2", auto_schema=False, read_only={})
VERSIONS = (("ContextCollection", "a", "1"), ("EmbeddingModel", "b", "2"))


def test_a_reconcile_that_changed_nothing_is_a_rest_and_keeps_no_schema_of_its_own() -> None:
    rest = rest_of(VERSIONS, VERSIONS, HEALTH, [PLAN])
    assert rest is not None
    assert rest.seen == (SEEN,)
    assert rest.levels[0].schema == {"class": LEVEL.collection}
    assert rest.levels[0].place == LEVEL.place


@pytest.mark.parametrize(
    ("after", "health", "plans"),
    [
        pytest.param((*VERSIONS, ("ConfigMap", "c", "3")), HEALTH, [PLAN], id="something was written meanwhile"),
        pytest.param(VERSIONS, None, [PLAN], id="the server was not looked at"),
        pytest.param(VERSIONS, HEALTH, [], id="no level was looked at"),
        pytest.param(VERSIONS, HEALTH, [plan_level(LEVEL, SeenLevel())], id="steps remain"),
        pytest.param(VERSIONS, HEALTH, [plan_level(LEVEL, SeenLevel(clash=True))], id="a problem"),
        pytest.param(VERSIONS, HEALTH, [replace(PLAN, measured=MEASURING)], id="its index is being measured"),
    ],
)
def test_anything_else_is_none(after: Any, health: Any, plans: Any) -> None:
    assert rest_of(VERSIONS, after, health, plans) is None


def test_a_rest_is_known_until_it_is_disturbed_or_the_collection_leaves() -> None:
    rests, handbook, rest = Rests(), collection(), rest_of(VERSIONS, VERSIONS, HEALTH, [PLAN])
    rests.note(handbook, rest)
    assert rests.known(handbook) == rest
    rests.note(handbook, None)
    assert rests.known(handbook) is None
    assert rest is not None
    rests.note(handbook, replace(rest, seen=()))
    rests.forget("team-a", "handbook")
    assert rests.known(handbook) is None


def test_a_rest_that_was_come_to_before_the_lead_was_lost_is_not_remembered() -> None:
    def forbidden() -> None:
        raise NotLeading("the term in which this began is over")

    rests, handbook = Rests(forbidden), collection()
    with pytest.raises(NotLeading):
        rests.note(handbook, rest_of(VERSIONS, VERSIONS, HEALTH, [PLAN]))
    assert rests.known(handbook) is None
    rests.note(handbook, None)
