"""A level is filled from a collection of others while that is written to, and served once it is proved whole."""

from collections.abc import Callable

import httpx
import pytest

from e2e.cluster.embedder import MODEL_NAME, EmbedderServer
from e2e.cluster.namespace import eventually
from tests.operator.reconcile.adoption.foreign import Adoption, Foreign

FILLED = 1200


@pytest.mark.parametrize("timestamps", [True, False], ids=["with timestamps", "without timestamps"])
def test_clients_that_move_when_their_collection_is_frozen_lose_no_write(
    foreign: Callable[..., Foreign], adoptions: Callable[..., Adoption], *, timestamps: bool
) -> None:
    source = foreign(number=FILLED, timestamps=timestamps)
    scene = adoptions(source, freezeSource=True, cutOver="Hold")
    with source.moving(scene.alias) as traffic:
        scene.await_phase("AwaitingCutOver")
        assert not scene.has_alias
        assert not source.frozen
        scene.change(cutOver="Auto")
        scene.await_served()
        before = traffic.written
        eventually(lambda: traffic.written, lambda written: written > before + 20)
    assert source.frozen
    scene.require_well(traffic, FILLED)


def test_a_copy_has_the_very_vectors_and_its_source_is_left_as_it_was(
    foreign: Callable[..., Foreign], adoptions: Callable[..., Adoption]
) -> None:
    source = foreign()
    before = {one: (it["properties"], it["vector"]) for one, it in source.objects().items()}
    scene = adoptions(source)
    scene.await_served()
    after = scene.objects(scene.target())
    assert {one: (_own(it["properties"]), it["vector"]) for one, it in after.items()} == before
    assert {one: (it["properties"], it["vector"]) for one, it in source.objects().items()} == before
    assert not source.frozen


def test_new_vectors_are_made_by_the_levels_model(
    foreign: Callable[..., Foreign], adoptions: Callable[..., Adoption], embedder: EmbedderServer
) -> None:
    source = foreign(number=60, dimensions=24)
    scene = adoptions(source, vectors="Embed")
    scene.await_served()
    text, vector = scene.vectors(1)[0]
    asked = {"model": MODEL_NAME, "input": [text]}
    answer = httpx.post(f"{embedder.url}/v1/embeddings", json=asked, trust_env=False).raise_for_status().json()
    assert vector == pytest.approx(answer["data"][0]["embedding"], abs=1e-4)
    assert scene.count() == 60


def test_what_was_adopted_is_not_adopted_again_whatever_becomes_of_its_source(
    foreign: Callable[..., Foreign], adoptions: Callable[..., Adoption]
) -> None:
    source = foreign(number=100)
    scene = adoptions(source)
    scene.await_served()
    serving = scene.target()
    source.fill(300)
    scene.apply(chunking={"maxTokens": 90})
    scene.wipe_status()
    scene.await_served()
    source.remove()
    scene.apply({"hnsw": {"efConstruction": 80}})  # the level is migrated as any other
    scene.await_index(80)
    scene.wipe_status()
    scene.await_served()
    assert scene.count() == 100
    assert scene.target() != serving
    assert scene.honored == ("True", "Every declared field is acted on.")


def test_properties_that_are_not_declared_are_carried_where_that_is_asked_for(
    foreign: Callable[..., Foreign], adoptions: Callable[..., Adoption]
) -> None:
    source = foreign(number=50)
    scene = adoptions(source, undeclaredProperties="Carry", spec={"properties": []})
    scene.await_served()
    authors = {it["properties"]["author"] for it in scene.objects(scene.target()).values()}
    assert authors == {f"author {number}" for number in range(7)}


def test_a_level_that_is_there_is_not_filled_and_the_object_says_so(
    foreign: Callable[..., Foreign], adoptions: Callable[..., Adoption]
) -> None:
    source = foreign(number=50)
    scene = adoptions(None)
    scene.await_served()
    scene.declare({"collection": source.name, "vectors": "Copy"})
    scene.apply()
    honored = eventually(lambda: scene.honored, lambda told: told[0] == "False")
    assert "spec.levels.longTerm.adoptFrom: the level is there already, and it was not made from" in honored[1]
    assert scene.count() == 0
    assert scene.ready()["status"] == "True"


def _own(properties: dict[str, object]) -> dict[str, object]:
    """What objects of the source had: the level has their times too."""
    return {name: value for name, value in properties.items() if name not in {"createdAt", "updatedAt"}}
