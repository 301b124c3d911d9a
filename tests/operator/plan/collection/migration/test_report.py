"""What status.migration tells of the courses of all levels."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from hirag_operator.plan.collection.levelplan import LevelPlan, Pending
from hirag_operator.plan.collection.migration.course import Course, Stage
from hirag_operator.plan.collection.migration.notes import Checked, Told
from hirag_operator.plan.collection.migration.report import migration
from hirag_operator.plan.collection.seenlevel import SeenLevel
from hirag_operator.plan.moves import Holder
from tests.operator.plan.objects import wanted

LEVEL = wanted()
SOAK = timedelta(hours=24)
PENDING = Pending(("vectorIndexConfig.distance ('dot' → 'cosine')",), "build")


def plan(
    stage: Stage | None, *told: Told, level: str = "longTerm", pending: Pending | None = PENDING, **course: Any
) -> LevelPlan:
    going = None if stage is None else Course(stage, Holder("R1"), Holder("R2"), told=told, **course)
    return LevelPlan(replace(LEVEL, level=level), SeenLevel(), pending=pending, course=going)


def report(*plans: LevelPlan) -> dict[str, Any]:
    found = migration(plans, "abc", SOAK)
    assert found is not None
    return found


def test_where_nothing_is_carried_nothing_is_told() -> None:
    assert migration([plan(None)], "abc", SOAK) is None


def test_a_copy_under_way_is_told_with_its_figures() -> None:
    assert report(plan(Stage.COPYING, Told(done=40, total=100, rate=2.0))) == {
        "phase": "Copying",
        "plan": "abc",
        "changeClass": "build",
        "changes": [f"longTerm: {PENDING}"],
        "estimate": "about 30 s of copying left",
        "done": 40,
        "total": 100,
        "levels": {
            "longTerm": {
                "phase": "Copying",
                "source": "R1",
                "target": "R2",
                "done": 40,
                "total": 100,
                "perSecond": 2,
            }
        },
    }


def test_tenants_are_told_where_they_are_carried_over_all_shares() -> None:
    shares = (Told(tenants=3, tenants_done=1), Told(tenants=2, tenants_done=2))
    level = report(plan(Stage.COPYING, *shares))["levels"]["longTerm"]
    assert (level["tenants"], level["tenantsDone"]) == (5, 3)
    soaking = report(plan(Stage.SOAKING, *shares))["levels"]["longTerm"]
    assert (soaking["tenants"], soaking["tenantsDone"]) == (5, 3)


def test_a_soak_is_told_until_when_and_without_what_was_pending() -> None:
    soaking = plan(Stage.SOAKING, Told(done=5, total=5), pending=None, since_ms=1_767_322_800_000)
    assert report(soaking) == {
        "phase": "Soaking",
        "plan": "abc",
        "levels": {
            "longTerm": {"phase": "Soaking", "source": "R1", "target": "R2", "previousUntil": "2026-01-03T03:00:00Z"}
        },
    }


@pytest.mark.parametrize(
    ("shares", "said"),
    [
        pytest.param([Told(sealed="f")], {"cameBack": 0, "carriedLate": 0}, id="all was done in the freeze"),
        pytest.param(
            [Told(sealed="f", left=2, late=3), Told(sealed="f")],
            {"cameBack": 2, "carriedLate": 3},
            id="some deletions had to wait, and are there still",
        ),
        pytest.param(
            [Told(sealed="f", left=2, left_ms=900), Told(sealed="f", left=1, left_ms=1_200), Told(sealed="f", late=1)],
            {"cameBack": 3, "cameBackMilliseconds": 1_200, "carriedLate": 1},
            id="they are gone: as long as the last of them was there",
        ),
        pytest.param(
            [Told(sealed="f", left=2, left_ms=900), Told(sealed="f", left=1)],
            {"cameBack": 3, "carriedLate": 0},
            id="those of one share are there still",
        ),
        pytest.param([Told(left=2, late=1)], {}, id="nothing was sealed"),
    ],
)
def test_a_soak_tells_what_the_freeze_had_no_time_for(shares: list[Told], said: dict[str, int]) -> None:
    level = report(plan(Stage.SOAKING, *shares, pending=None))["levels"]["longTerm"]
    assert {key: value for key, value in level.items() if "ame" in key or "Late" in key} == said
    assert "cameBack" not in report(plan(Stage.SWAPPING, *shares))["levels"]["longTerm"]


def test_what_was_checked_is_told() -> None:
    told = Told(done=5, total=5, checked=Checked(equal=5, checksum="ab", recall=0.99, golden=0.98))
    level = report(plan(Stage.CATCHING_UP, told))["levels"]["longTerm"]
    assert (level["alike"], level["checksum"], level["recall"], level["goldenRecall"]) == (5, "ab", 0.99, 0.98)


@pytest.mark.parametrize(
    ("stages", "phase"),
    [
        pytest.param([Stage.COPYING, Stage.FAILED], "Failed", id="what needs a person first"),
        pytest.param([Stage.SOAKING, Stage.COPYING], "Copying", id="then what is least far"),
        pytest.param([Stage.KEPT, Stage.SOAKING], "Soaking", id="what is kept for good last"),
        pytest.param([Stage.SWAPPING, Stage.QUEUED], "Queued", id="one that waits is less far than one that swaps"),
    ],
)
def test_one_stage_speaks_for_all_levels(stages: list[Stage], phase: str) -> None:
    assert report(*(plan(stage, level=f"level{at}") for at, stage in enumerate(stages)))["phase"] == phase


def test_every_stage_has_its_place() -> None:
    for stage in Stage:
        assert report(plan(stage))["phase"] == stage.value


def test_totals_are_told_once_all_levels_know_theirs() -> None:
    known, unknown = plan(Stage.COPYING, Told(done=1, total=2)), plan(Stage.COPYING, Told(), level="shortTerm")
    assert "total" not in report(known, unknown)
    assert report(known, plan(Stage.SOAKING, Told(done=9, total=9), level="shortTerm"))["total"] == 2


def test_new_vectors_of_one_level_make_it_a_change_of_that_class() -> None:
    embed = plan(Stage.COPYING, level="shortTerm", pending=Pending(("vectors",), "embed"))
    assert report(plan(Stage.COPYING), embed)["changeClass"] == "embed"


@pytest.mark.parametrize(
    ("left", "said"),
    [(0, "1 s"), (89, "89 s"), (90, "2 min"), (5399, "90 min"), (5400, "1.5 h")],
)
def test_estimates_are_in_units_that_people_read(left: int, said: str) -> None:
    estimate = report(plan(Stage.COPYING, Told(done=0, total=left, rate=1.0)))["estimate"]
    assert estimate == f"about {said} of copying left"


def test_many_and_long_changes_are_cut() -> None:
    changes = report(plan(Stage.COPYING, pending=Pending(tuple("x" * 500 for _ in range(70)), "build")))["changes"]
    assert len(changes) == 64
    assert {len(change) for change in changes} == {400}
