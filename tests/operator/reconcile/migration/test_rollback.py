"""Going back by an annotation: the spec still says the new, and the old serves with all that was written since."""

from collections.abc import Callable
from typing import Any

import pytest

from e2e.cluster.controlplane import ControlPlane
from e2e.cluster.namespace import Namespace, eventually
from hirag_operator.plan.collection.stamp import read_stamp
from hirag_operator.plugin.errors import Exit
from hirag_operator.plugin.main import run
from tests.operator.adapters.answering import Answer
from tests.operator.reconcile.migration.scene import Scene, grown
from tests.operator.reconcile.migration.test_embed import DOUBLE, address
from tests.operator.reconcile.provider import provider

FILLED = 300
SECOND, THIRD = ({"hnsw": {"efConstruction": number}} for number in (80, 96))
LONG_SOAK: dict[str, Any] = {"migration": {"soak": "1h"}}
NO_SOAK: dict[str, Any] = {"migration": {"soak": "0s"}}
ROLLBACK = "hirag.dev/rollback"


def plan_of(scene: Scene) -> str:
    return str(scene.status["migration"]["plan"])


@pytest.fixture
def hirag(migrating_plane: ControlPlane) -> Callable[..., int]:
    """Run kubectl hirag rollback of a collection; return its exit code."""
    reached = ("--kubeconfig", str(migrating_plane.kubeconfig))
    return lambda scene, *arguments: run(["rollback", scene.name, "-n", scene.namespace.name, *reached, *arguments])


def await_rolled_back(scene: Scene) -> dict[str, Any]:
    """Wait until what served before serves, and the object says why; return what status tells of the level."""
    level = scene.await_phase("RolledBack")
    scene.namespace.await_reason("ContextCollection", scene.name, "RolledBack", "Stalled")
    return level


@pytest.mark.parametrize("placement", ["Dedicated", "Shared"])
def test_the_old_revision_returns_with_all_that_was_written_since_and_stays(
    scenes: Callable[..., Scene], placement: str, hirag: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    scene = scenes(placement=placement, **LONG_SOAK)
    scene.fill(FILLED)
    with scene.traffic() as traffic:
        scene.apply(SECOND)
        second = str(scene.await_phase("Soaking")["target"]).partition("/")[0]
        grown(lambda: traffic.written)
        plan = plan_of(scene)
        assert hirag(scene, "--dry-run") == Exit.FINE
        assert scene.level["phase"] == "Soaking"
        assert hirag(scene, "--wait") == Exit.FINE
        assert "what served before it serves" in capsys.readouterr().out
        level = await_rolled_back(scene)
        grown(lambda: traffic.written)
    assert scene.target() == scene.first
    assert scene.ef_construction() == 64
    scene.require_well(traffic, FILLED)
    assert (level["source"].partition("/")[0], level["target"].partition("/")[0]) == (scene.first, second)
    assert "previousUntil" in level
    assert scene.status["migration"]["plan"] == plan
    assert "efConstruction (64 → 80)" in scene.status["migration"]["changes"][0]

    scene.apply(**NO_SOAK)  # which is no other plan
    eventually(lambda: scene.level, lambda level: "previousUntil" not in level)
    settled = await_settled(scene)
    scene.wipe_status()
    eventually(lambda: scene.ready().get("reason"), lambda reason: reason == "RolledBack")
    assert await_settled(scene)["migration"] == settled["migration"]
    assert scene.target() == scene.first
    assert scene.jobs() == []


def await_settled(scene: Scene) -> dict[str, Any]:
    """Wait until some looks have left the object as it was; return its status."""
    versions: list[str] = []

    def look() -> list[str]:
        body = scene.namespace.get("ContextCollection", scene.name) or {}
        versions.append(str(body["metadata"]["resourceVersion"]))
        return versions[-12:]

    eventually(look, lambda last: len(last) == 12 and len(set(last)) == 1)  # at a look each fifth of a second
    return scene.status


def test_without_the_annotation_it_migrates_again_and_another_plan_is_not_meant(
    scenes: Callable[..., Scene],
) -> None:
    scene = scenes(**LONG_SOAK)
    scene.fill(FILLED)
    scene.apply(SECOND)
    second = str(scene.await_phase("Soaking")["target"])
    scene.annotate(ROLLBACK, plan_of(scene))
    await_rolled_back(scene)
    scene.annotate(ROLLBACK, "")
    eventually(scene.target, lambda found: found == second, 90)
    scene.annotate(ROLLBACK, plan_of(scene))
    await_rolled_back(scene)
    scene.apply(THIRD, **NO_SOAK)
    scene.await_index(96)
    assert not scene.exists(second)


def test_before_the_swap_it_ends_the_copy(scenes: Callable[..., Scene]) -> None:
    blind = {
        "hnsw": {"efConstruction": 8, "maxConnections": 4, "ef": 8, "dynamicEf": {"min": 8, "max": 8, "factor": 1}}
    }
    scene = scenes(migration={"verify": {"minRecall": 1}, "soak": "1h"})
    scene.fill(FILLED)
    scene.apply(blind)  # which does not verify, so it cannot be swapped
    shadow = str(scene.await_phase("Copying", "Checking", "CatchingUp", "Failed")["target"])
    scene.annotate(ROLLBACK, plan_of(scene))
    await_rolled_back(scene)
    eventually(lambda: scene.exists(shadow), lambda there: not there)
    assert scene.target() == scene.first
    assert scene.jobs() == []


def test_when_the_previous_revision_is_gone_it_is_too_late(
    scenes: Callable[..., Scene], hirag: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    scene = scenes(**NO_SOAK)
    scene.fill(FILLED)
    scene.apply(SECOND, migration={"soak": "1h"})
    scene.await_phase("Soaking")
    plan = plan_of(scene)
    scene.apply(**NO_SOAK)
    scene.await_over()
    assert hirag(scene) == Exit.FAILED
    assert "has no migration to undo" in capsys.readouterr().err
    scene.annotate(ROLLBACK, plan)
    told = scene.namespace.await_reason("ContextCollection", scene.name, "RollbackRefused", "Stalled")
    assert "nothing is left of what served before it" in told["message"]
    assert scene.ef_construction() == 80
    scene.annotate(ROLLBACK, "")
    scene.await_over()


def test_new_vectors_are_given_up_for_those_of_the_old_model_while_it_is_there(
    scenes: Callable[..., Scene], home: Namespace
) -> None:
    """The first is a double for a provider; what is written since gets its vectors on the way back."""
    with provider() as double:
        home.apply("EmbeddingModel", "first", double.spec)
        home.await_ready("EmbeddingModel", "first")
        scene = scenes(embeddingModelRef={"name": "first"}, **LONG_SOAK)
        scene.fill(FILLED)
        before, fingerprint = address(home, scene), scene.status["fingerprint"]
        scene.apply(embeddingModelRef={"name": "minilm"})
        scene.await_phase("Soaking")
        home.delete("EmbeddingModel", "first")
        eventually(lambda: home.get("EmbeddingModel", "first"), lambda found: found is None)
        scene.annotate(ROLLBACK, plan_of(scene))
        told = scene.namespace.await_reason("ContextCollection", scene.name, "RollbackRefused", "Stalled")
        assert fingerprint in told["message"]
        home.apply("EmbeddingModel", "again", double.spec)
        home.await_ready("EmbeddingModel", "again")
        scene.fill(20, seed=1)
        await_rolled_back(scene)
        assert scene.target() == scene.first
        assert scene.count() == FILLED + 20
        eventually(lambda: address(home, scene), lambda data: data["EMBEDDING_MODEL"] == DOUBLE)
        assert address(home, scene) == before
        stamp = read_stamp(scene.weaviate.get(f"/schema/{scene.target()}").raise_for_status().json())
        assert stamp is not None
        assert stamp.fingerprint == fingerprint


def test_while_the_new_model_is_away_it_goes_back_all_the_same(
    scenes: Callable[..., Scene], home: Namespace, hirag: Callable[..., int]
) -> None:
    """The second is a double for a provider, which goes away in the soak: that is when one wants to go back."""
    with provider() as double:
        home.apply("EmbeddingModel", "second", double.spec)
        home.await_ready("EmbeddingModel", "second")
        scene = scenes(**LONG_SOAK)
        scene.fill(FILLED)
        before = address(home, scene)
        scene.apply(embeddingModelRef={"name": "second"})
        scene.await_phase("Soaking")
        double.answers = Answer(503)
        home.await_reason("ContextCollection", scene.name, "EmbeddingModelNotReady", "Reconciling")
        scene.fill(20, seed=1)
        assert hirag(scene, "--wait") == Exit.FINE
        await_rolled_back(scene)
        assert scene.target() == scene.first
        assert scene.count() == FILLED + 20
        eventually(lambda: address(home, scene), lambda data: data == before)
        scene.annotate(ROLLBACK, "")  # then what is declared is wanted again, and waits for its model
        home.await_reason("ContextCollection", scene.name, "EmbeddingModelNotReady", "Reconciling")
        assert scene.target() == scene.first
