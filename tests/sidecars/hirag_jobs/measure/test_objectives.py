"""What is missed is said, with both figures."""

import pytest

from hirag_jobs.measure.health import Health
from hirag_jobs.measure.latency import percentiles
from hirag_jobs.measure.memory import Memory
from hirag_jobs.measure.objectives import Objectives
from hirag_jobs.measure.report import LatencyFigures, Measurement, RecallFigures

MEASURED = Measurement(
    tenant=None,
    objects=5,
    vectors=5,
    without_vector=0,
    dimensions=4,
    queries=2,
    recall=RecallFigures(mean=0.9, lowest=0.8, confidence_low=0.7, confidence_high=0.95, each=[0.8, 1.0]),
    vanished=0,
    latency=LatencyFigures(searches=1, concurrency=1, server=percentiles([7.5]), client=percentiles([90.0])),
    health=Health(queue=0, compressed=False, shards=[]),
    memory=Memory(vectors_bytes=1, graph_bytes=1, codebook_bytes=0, total_bytes=2, quantizer="none", graph=True),
)


@pytest.mark.parametrize(
    ("objectives", "sentences"),
    [
        (Objectives(), []),
        (Objectives(min_recall=0.9, max_p95_ms=7.5), []),
        (Objectives(min_recall=0.95), ["recall@10 of Notes is 0.9000, below 0.95"]),
        (Objectives(max_p95_ms=5), ["95 of 100 searches in Notes take up to 7.5 ms, above 5 ms"]),
    ],
)
def test_each_objective_that_is_missed_is_a_sentence(objectives: Objectives, sentences: list[str]) -> None:
    assert list(objectives.missed(MEASURED, "Notes", 10)) == sentences
