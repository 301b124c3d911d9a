"""What may not be adopted, or cannot be, is refused with the field and the remedy, and nothing is made of it."""

from collections.abc import Callable
from typing import Any

import pytest

from e2e.cluster.controlplane import ControlPlane
from e2e.cluster.embedder import EmbedderServer
from tests.operator.reconcile.adoption.conftest import STRANGER
from tests.operator.reconcile.adoption.foreign import Adoption, Foreign
from tests.operator.reconcile.grounds import furnished

Json = dict[str, Any]


def test_a_namespace_that_was_given_nothing_adopts_nothing_and_learns_nothing(
    foreign: Callable[..., Foreign],
    adoptions: Callable[..., Adoption],
    adopting_plane: ControlPlane,
    embedder: EmbedderServer,
    home: object,
) -> None:
    del home
    there, absent = foreign(number=1).name, "LegacyNone"
    stranger = furnished(adopting_plane, STRANGER, embedder)
    told = []
    for collection in (there, absent):
        scene = adoptions(collection, namespace=stranger)
        told.append(scene.await_reason("AdoptionRefused").replace(collection, "IT"))
        assert scene.collections() == []
        assert scene.jobs() == []
    assert told[0] == told[1]
    assert (
        "namespace team-b may not adopt IT; whoever configures the operator allows it by weaviate.default.adoptable"
        in told[0]
    )


@pytest.mark.parametrize(
    ("schema", "adopt_from", "spec", "told"),
    [
        pytest.param(
            {}, {}, {"properties": []}, "author are not declared; declare them in spec.properties", id="undeclared"
        ),
        pytest.param(
            {},
            {},
            {"properties": [{"name": "author", "dataType": "int"}]},
            "author (text, here int) are of other data types",
            id="another type",
        ),
        pytest.param(
            {"dimensions": 24},
            {},
            {},
            "its vectors have 24 dimensions, and those of the EmbeddingModel 384",
            id="dimensions",
        ),
        pytest.param(
            {"multiTenancyConfig": {"enabled": True}, "number": 0},
            {},
            {},
            "has tenants, which are not adopted",
            id="tenants",
        ),
        pytest.param({}, {}, {"placement": "Shared"}, "adopt it with Dedicated, then change placement", id="Shared"),
    ],
)
def test_what_does_not_fit_is_refused_before_anything_is_made(
    foreign: Callable[..., Foreign],
    adoptions: Callable[..., Adoption],
    schema: Json,
    adopt_from: Json,
    spec: Json,
    told: str,
) -> None:
    scene = adoptions(foreign(**{"number": 5, **schema}), spec=spec, **adopt_from)
    message = scene.await_reason("AdoptionRefused")
    assert message.startswith("longTerm is not filled: spec.levels.longTerm.adoptFrom: ")
    assert told in message
    assert scene.collections() == []
    assert scene.jobs() == []


def test_what_is_an_operators_own_or_not_there_is_refused(adoptions: Callable[..., Adoption]) -> None:
    own = adoptions(None)
    own.await_served()
    told = adoptions(own.target()).await_reason("AdoptionRefused")
    assert f"{own.target()} is an operator's own" in told
    assert "Weaviate has no collection Legacy" in adoptions("LegacyNowhere").await_reason("AdoptionRefused")
    assert "HiragMigrations is the operator's own" in adoptions("HiragMigrations").await_reason("AdoptionRefused")
    assert "not that of an alias" in adoptions(own.alias).await_reason("AdoptionRefused")


def test_what_was_refused_is_filled_once_the_declaration_is_right(
    foreign: Callable[..., Foreign], adoptions: Callable[..., Adoption]
) -> None:
    scene = adoptions(foreign(number=20), spec={"properties": []})
    scene.await_reason("AdoptionRefused")
    scene.apply(properties=[{"name": "author", "dataType": "text"}])
    scene.await_served()
    assert scene.count() == 20
