"""What a server that was killed has stored in part is carried all the same, and made whole where it is to serve."""

import subprocess

from weaviate.classes.data import DataObject

from e2e.cluster.cutover import Swapper
from e2e.cluster.namespace import eventually
from hirag_jobs.copying.wholeness import in_part
from tests.sidecars.hirag_jobs.copying.copies import DIMENSIONS
from tests.sidecars.hirag_jobs.copying.cutoff import cut_off, texts
from tests.sidecars.hirag_jobs.copying.lostserver import Ground


def test_what_no_filter_finds_on_the_source_is_carried(ground: Ground) -> None:
    copy, alias = ground.copy, f"{ground.copy.source.name}_Alias"
    existing = copy.fill(200)
    copy.client.alias.create(alias_name=alias, target_collection=copy.source.name)
    way = copy.way()
    with (
        subprocess.Popen(ground.program("--follow")) as process,
        Swapper(ground.server.http_url, ground.notes) as swapper,
    ):
        eventually(
            lambda: ground.notes.told(way.target, "1/1"), lambda told: told is not None and told.phase == "following"
        )
        acknowledged = cut_off(ground.server, copy.source, way, way.source, existing)
        assert in_part(way, way.source), "written again, it is as it was"
        swapper.cut_over(alias, way.source, way.target, budget_ms=2_000)
        assert process.wait(60) == 0
    held = texts(copy.target)
    assert {one: held.get(one) for one in acknowledged} == acknowledged
    assert held.keys() == texts(copy.source).keys()
    assert in_part(way, way.target) == []


def test_what_is_in_part_where_it_is_to_serve_is_made_whole(ground: Ground) -> None:
    copy, way = ground.copy, ground.copy.way()
    acknowledged = cut_off(ground.server, copy.target, way, way.target)
    assert in_part(way, way.target)
    vector = [0.0] * DIMENSIONS
    copy.put([DataObject(uuid=one, properties={"text": text}, vector=vector) for one, text in acknowledged.items()])
    assert subprocess.run(ground.program(), check=False).returncode == 0
    assert texts(copy.target) == acknowledged
    assert in_part(way, way.target) == []
