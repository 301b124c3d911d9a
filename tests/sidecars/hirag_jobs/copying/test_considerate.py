"""How much is written at once follows how searches are doing, and never comes to a stop."""

import pytest

from hirag_jobs.copying.considerate import Dose, considerate
from hirag_jobs.objects.channel import ObjectChannel
from hirag_jobs.objects.pages import pages
from hirag_jobs.objects.part import Part
from hirag_jobs.objects.writing import write
from tests.sidecars.hirag_jobs.copying.copies import Copy


@pytest.mark.parametrize(
    ("before", "slowdown", "after"),
    [
        pytest.param(Dose(100), 2.5, Dose(75), id="too slow: less"),
        pytest.param(Dose(100), 1.8, Dose(100), id="near the limit: as before"),
        pytest.param(Dose(100), 1.0, Dose(125), id="room: more"),
        pytest.param(Dose(5), 2.5, Dose(4), id="too slow still: the fewest"),
        pytest.param(Dose(4), 2.5, Dose(4, 0.002), id="the fewest are too many: a pause behind them"),
        pytest.param(Dose(4, 0.02), 9.0, Dose(4, 0.02), id="the longest pause: it goes on all the same"),
        pytest.param(Dose(4, 0.002), 1.0, Dose(4), id="room: first the pause goes"),
        pytest.param(Dose(5000), 1.0, Dose(5000), id="never more than a page"),
    ],
)
def test_a_dose_follows_how_much_slower_searches_are(before: Dose, slowdown: float, after: Dose) -> None:
    before.adapt(slowdown, 2.0)
    assert before == after


def test_objects_are_written_whole_by_whoever_is_considerate(copy: Copy, channel: ObjectChannel) -> None:
    copy.fill(60)
    schema = copy.schema(copy.source.name)
    way = copy.way()
    with considerate(channel, schema, Part.of_class(schema), 2.0) as writer:
        assert writer is not write
        page = [way.rendering.bare(one) for found in pages(channel, way.source) for one in found]
        assert writer(channel, page) == 60
    assert len(copy.target) == 60


def test_without_vectors_there_is_nobody_to_consider(copy: Copy, channel: ObjectChannel) -> None:
    schema = copy.schema(copy.source.name)
    with considerate(channel, schema, Part.of_class(schema), 2.0) as writer:
        assert writer is write
