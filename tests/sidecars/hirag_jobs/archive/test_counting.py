"""What an import counts in the end, where the collection is written to in the middle of it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from e2e.cluster.weaviate import WeaviateServer
from hirag_jobs.archive.site import Site
from tests.sidecars.hirag_jobs.archive.archives import Collection, Program, make_collection, small

ARCHIVED, HALF = 20, 10

Hand = Callable[[Collection], object]


def _none(_: Collection) -> None:
    """Does nothing."""


def _lands(collection: Collection) -> None:
    """What a run that was killed had on its way is stored."""
    collection.put([small(number) for number in range(HALF, HALF + 5)])


def _adds(collection: Collection) -> None:
    collection.put([small(number) for number in range(ARCHIVED, 3 * ARCHIVED)])


def _deletes(collection: Collection) -> None:
    collection.rest.delete(f"/v1/objects/{collection.name}/{small(0)['id']}").raise_for_status()


@pytest.mark.parametrize(
    ("there", "hands", "said"),
    [
        pytest.param(0, (_none, _none), "", id="nobody else writes"),
        pytest.param(HALF, (_none, _none), "", id="half is there"),
        pytest.param(3 * ARCHIVED, (_none, _none), "", id="all is there, and most of what is there is others'"),
        pytest.param(HALF, (_lands, _none), "", id="half is there, and some more of the archive is stored meanwhile"),
        pytest.param(0, (_none, _adds), "holds 60 objects, not 20", id="others write"),
        pytest.param(HALF, (_none, _adds), "holds 60 objects, not 20", id="others write to one that is half full"),
        pytest.param(HALF, (_none, _deletes), "holds 19 objects, not 20", id="others delete"),
    ],
)
def test_an_import_counts(
    weaviate_server: WeaviateServer,
    program: Program,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    there: int,
    hands: tuple[Hand, Hand],
    said: str,
) -> None:
    with make_collection(weaviate_server) as one, make_collection(weaviate_server) as other:
        one.fill(ARCHIVED)
        assert program.export(tmp_path / "archive", one).status == 0
        other.fill(there)
        behind_the_first, before_the_last = hands
        count = Site.count
        counts: list[int] = []

        def counted(self: Site, tenant: str | None) -> int:
            if counts:
                before_the_last(other)
            counts.append(count(self, tenant))
            if len(counts) == 1:
                behind_the_first(other)
            return counts[-1]

        monkeypatch.setattr(Site, "count", counted)
        ran = program.restore(tmp_path / "archive", other)
        assert ran.status == (1 if said else 0), ran.said
        assert said in ran.said
        assert len(counts) == 2
