"""An adoption is taken back at any point before it is served, and its source is as it was."""

from collections.abc import Callable

from e2e.cluster.namespace import eventually
from tests.operator.reconcile.adoption.foreign import Adoption, Foreign, await_gone


def test_without_the_field_the_copy_goes_and_the_level_is_made_empty(
    foreign: Callable[..., Foreign], adoptions: Callable[..., Adoption]
) -> None:
    source = foreign()
    scene = adoptions(source, cutOver="Hold")
    scene.await_phase("AwaitingCutOver")
    (copy,) = scene.collections()
    scene.declare(None)
    scene.apply()
    scene.await_served()
    assert scene.count() == 0
    assert copy in scene.collections()  # a new one has its name, for it is declared alike
    assert (source.count(), source.frozen) == (500, False)


def test_one_that_is_deleted_on_the_way_leaves_its_source_alone(
    foreign: Callable[..., Foreign], adoptions: Callable[..., Adoption]
) -> None:
    source = foreign()
    scene = adoptions(source, cutOver="Hold", freezeSource=True)
    scene.await_phase("AwaitingCutOver")
    scene.namespace.delete("ContextCollection", scene.name)
    await_gone(scene)
    assert (source.count(), source.frozen) == (500, False)
    scene.change(cutOver="Auto")  # an object of that name begins anew
    scene.await_served()
    assert scene.count() == 500


def test_another_collection_is_adopted_in_place_of_the_first(
    foreign: Callable[..., Foreign], adoptions: Callable[..., Adoption]
) -> None:
    first, second = foreign(number=80), foreign(number=30)
    scene = adoptions(first, cutOver="Hold")
    scene.await_phase("AwaitingCutOver")
    scene.change(collection=second.name, cutOver="Auto")
    scene.await_served()
    assert scene.count() == 30


def test_other_vectors_are_another_copy(foreign: Callable[..., Foreign], adoptions: Callable[..., Adoption]) -> None:
    source = foreign(number=40)
    scene = adoptions(source, cutOver="Hold")
    scene.await_phase("AwaitingCutOver")
    scene.change(vectors="Embed", cutOver="Auto")
    scene.await_served()
    copied, made = source.objects(), scene.objects(scene.target())
    assert copied.keys() == made.keys()
    assert all(copied[one]["vector"] != it["vector"] for one, it in made.items())


def test_what_is_left_of_a_source_that_is_removed_too_early_is_kept(
    foreign: Callable[..., Foreign], adoptions: Callable[..., Adoption]
) -> None:
    source = foreign(number=200)
    scene = adoptions(source, cutOver="Hold")
    scene.await_phase("AwaitingCutOver")
    source.remove()
    told = scene.await_reason("MigrationFailed")
    assert f"{source.name} was removed before" in told
    assert not scene.has_alias
    scene.declare(None)
    scene.apply()
    scene.await_served()
    assert scene.count() == 200


def test_an_alias_that_another_hand_makes_of_a_copy_is_told_and_the_copy_is_filled_on_without_it(
    foreign: Callable[..., Foreign], adoptions: Callable[..., Adoption]
) -> None:
    source = foreign(number=200)
    scene = adoptions(source, cutOver="Hold")
    scene.await_phase("AwaitingCutOver")
    (copy,) = scene.collections()
    scene.weaviate.post("/aliases", json={"alias": scene.alias, "class": copy}).raise_for_status()
    assert "was made by another hand" in scene.await_reason("Conflict")
    eventually(scene.jobs, lambda jobs: jobs == [])
    scene.weaviate.delete(f"/aliases/{scene.alias}").raise_for_status()
    scene.change(cutOver="Auto")
    scene.await_served()
    assert scene.count() == 200
