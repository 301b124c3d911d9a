"""A collection that has the very name of a level's alias is copied, removed by a person, and then served."""

from collections.abc import Callable

from e2e.cluster.namespace import Namespace, eventually
from hirag_operator.plan.names import alias_name
from tests.operator.reconcile.adoption.foreign import Adoption, Foreign


def test_a_name_that_is_taken_is_adopted_and_freed_by_a_person(
    home: Namespace, foreign: Callable[..., Foreign], adoptions: Callable[..., Adoption]
) -> None:
    source = foreign(alias_name(home.name, "taken", "longTerm"), number=300)
    scene = adoptions(None, name="taken")
    told = scene.await_reason("Conflict")
    assert f"adoptFrom.collection: {source.name} and freezeSource: true" in told

    scene.declare({"collection": source.name, "vectors": "Copy"})
    scene.apply()
    assert "set freezeSource to true" in scene.await_reason("AdoptionRefused")

    scene.change(freezeSource=True)
    told = scene.await_reason("AdoptionAwaitsRemoval")
    assert f"DELETE /v1/schema/{source.name}" in told
    assert (source.frozen, scene.level["phase"]) == (True, "AwaitingRemoval")
    source.remove()
    eventually(lambda: scene.has_alias, bool, 30)
    scene.await_served()
    assert scene.count() == 300


def test_one_that_awaits_removal_is_taken_back_and_writable_again(
    home: Namespace, foreign: Callable[..., Foreign], adoptions: Callable[..., Adoption]
) -> None:
    source = foreign(alias_name(home.name, "kept", "longTerm"), number=100)
    scene = adoptions(source, name="kept", freezeSource=True)
    scene.await_reason("AdoptionAwaitsRemoval")
    scene.apply(paused=True)
    eventually(lambda: source.frozen, lambda frozen: not frozen)
    scene.apply(paused=False)
    eventually(lambda: source.frozen, bool, 60)
    scene.await_reason("AdoptionAwaitsRemoval")
    scene.declare(None)
    scene.apply()
    scene.await_reason("Conflict")
    eventually(scene.collections, lambda left: left == [])
    assert (source.count(), source.frozen) == (100, False)
