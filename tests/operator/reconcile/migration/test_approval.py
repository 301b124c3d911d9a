"""With approval Manual nothing is begun before the plan is named, and another plan needs another word."""

from collections.abc import Callable
from typing import Any

from e2e.cluster.namespace import eventually
from tests.operator.reconcile.migration.scene import Scene

FILLED = 50
MANUAL: dict[str, Any] = {"approval": "Manual", "soak": "0s"}


def plan_of(scene: Scene) -> str:
    """Wait until a migration asks for approval; return its plan."""
    scene.await_phase("AwaitingApproval")
    return str(scene.status["migration"]["plan"])


def test_a_migration_waits_for_its_very_plan_to_be_approved(scenes: Callable[..., Scene]) -> None:
    scene = scenes(migration=MANUAL)
    scene.fill(FILLED)
    scene.apply({"hnsw": {"efConstruction": 80}})
    first = plan_of(scene)
    told = scene.namespace.await_reason("ContextCollection", scene.name, "MigrationPendingApproval", "Stalled")
    assert first in told["message"]
    assert "50 objects" in scene.status["migration"]["estimate"]
    assert scene.collections() == [scene.first]

    scene.apply({"hnsw": {"efConstruction": 96}})
    second = eventually(lambda: plan_of(scene), lambda plan: plan != first)
    scene.apply(migration={**MANUAL, "approvedPlan": first})
    scene.namespace.await_reason("ContextCollection", scene.name, "MigrationPendingApproval", "Stalled")
    assert scene.collections() == [scene.first]
    scene.apply(migration={**MANUAL, "approvedPlan": second})
    scene.await_index(96)


def test_an_annotation_approves_as_well(scenes: Callable[..., Scene]) -> None:
    scene = scenes(migration=MANUAL)
    scene.fill(FILLED)
    scene.apply({"hnsw": {"efConstruction": 80}})
    scene.annotate("hirag.dev/approve", plan_of(scene))
    scene.await_index(80)


def test_a_plan_that_is_approved_twice_is_carried_out_once(scenes: Callable[..., Scene]) -> None:
    scene = scenes(migration=MANUAL)
    scene.fill(FILLED)
    scene.apply({"hnsw": {"efConstruction": 80}})
    plan = plan_of(scene)
    scene.annotate("hirag.dev/approve", plan)
    scene.apply(migration={**MANUAL, "approvedPlan": plan})
    scene.await_index(80)
    target = scene.target()
    scene.annotate("hirag.dev/approve", "")
    scene.annotate("hirag.dev/approve", plan)  # of what is done by now
    scene.namespace.await_ready("ContextCollection", scene.name)
    assert (scene.target(), scene.collections(), scene.jobs()) == (target, [target], [])
    scene.apply({"hnsw": {"efConstruction": 96}})
    scene.await_phase("AwaitingApproval")
