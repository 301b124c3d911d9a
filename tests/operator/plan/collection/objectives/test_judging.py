"""What is said of a measurement, and what is proposed where nothing within bounds helps."""

from typing import Any

import pytest

from hirag_operator.plan.collection.objectives.judging import in_words, judge, proposals
from hirag_operator.plan.collection.objectives.measured import Measured, objectives_met
from hirag_operator.plan.collection.objectives.notes import Trial
from hirag_operator.plan.collection.objectives.search import Found
from tests.operator.plan.objects import policy

TRIAL = Trial(ef=64, recall=0.93, k=10, queries=100, p95_ms=4.0, memory_bytes=850, objects=500, at=1_767_225_600_000)
TUNING = {"ef": {"min": 10, "max": 100}}
FOUND = Found(64, settled=True, met=True)
RECALL = {"target": 0.9}


@pytest.mark.parametrize(
    ("objectives", "found", "trial", "met", "reason", "words"),
    [
        pytest.param({"recall": RECALL}, None, TRIAL, True, "ObjectivesMet", "recall@10 0.9300 at ef 64", id="met"),
        pytest.param(
            {"recall": {"target": 0.95}}, None, TRIAL, False, "ObjectivesMissed", "have ef found by", id="recall missed"
        ),
        pytest.param(
            {"recall": {"target": 0.95}, "tuning": TUNING},
            Found(100, settled=True),
            TRIAL,
            False,
            "RebuildProposed",
            "at the most that objectives.tuning.ef allows. Proposed: raise hnsw.maxConnections from 32 to 64",
            id="no ef reaches it",
        ),
        pytest.param(
            {"recall": {"target": 0.95}, "tuning": TUNING},
            None,
            TRIAL,
            False,
            "ObjectivesMissed",
            "raise objectives.tuning.ef.max above 100",
            id="missed in a pool, where none is looked for",
        ),
        pytest.param(
            {"recall": RECALL, "tuning": TUNING},
            Found(40, left=3),
            TRIAL,
            False,
            "Tuning",
            "ef 40 is tried next, 3 more measurements at most",
            id="on the way",
        ),
        pytest.param(
            {"latency": {"p95Milliseconds": 3}}, None, TRIAL, False, "ObjectivesMissed", "more than 3 ms", id="too slow"
        ),
        pytest.param(
            {"recall": RECALL, "tuning": TUNING, "latency": {"p95Milliseconds": 3}},
            FOUND,
            TRIAL,
            False,
            "ObjectivesMissed",
            "a smaller ef would miss the recall, which comes first",
            id="too slow at the least ef that meets the recall",
        ),
        pytest.param(
            {"memory": {"limit": "800"}},
            None,
            TRIAL,
            False,
            "ObjectivesMissed",
            "objectives.memory.limit, 800 B",
            id="large",
        ),
        pytest.param(
            {"memory": {"limit": "1k"}}, None, TRIAL, True, "MemoryNearLimit", "85% of", id="nearly too large"
        ),
        pytest.param({"memory": {"limit": "2k"}}, None, TRIAL, True, "ObjectivesMet", "850 B", id="small"),
        pytest.param({}, None, Trial(why="no vectors"), True, "NothingToMeasure", "no vectors.", id="nothing there"),
    ],
)
def test_a_measurement_comes_to(
    objectives: dict[str, Any], found: Found | None, trial: Trial, reason: str, words: str, *, met: bool
) -> None:
    spec = policy({"objectives": objectives}).spec
    assert spec.objectives is not None
    judged = judge(spec, spec.objectives, trial, found)
    assert (judged.met, judged.reason.value) == (met, reason)
    assert words in judged.message


@pytest.mark.parametrize(
    ("spec", "first"),
    [
        pytest.param(
            {}, "raise hnsw.maxConnections from 32 to 64 and hnsw.efConstruction from 128 to 256", id="a graph"
        ),
        pytest.param(
            {"hnsw": {"maxConnections": 128, "efConstruction": 1024}, "quantization": {"type": "bq"}},
            "quantization.type rq with 8 bits in place of bq",
            id="coarse",
        ),
        pytest.param({"quantization": {"type": "rq"}}, "quantization.type none in place of rq", id="fine already"),
        pytest.param(
            {"indexType": "flat", "quantization": {"type": "bq"}, "distance": "hamming"},
            "quantization.type none in place of bq",
            id="flat",
        ),
        pytest.param({"hnsw": {"maxConnections": 128}}, "raise hnsw.efConstruction from 128 to 256", id="many already"),
        pytest.param(
            {
                "hnsw": {"maxConnections": 128, "efConstruction": 1024},
                "objectives": {"recall": RECALL, "tuning": TUNING},
            },
            "raise objectives.tuning.ef.max above 100, which rebuilds nothing",
            id="as good as a graph gets",
        ),
    ],
)
def test_what_is_proposed_first(spec: dict[str, Any], first: str) -> None:
    assert next(proposals(policy(spec).spec)).startswith(first)


def test_a_condition_speaks_of_all_levels_and_has_the_reason_of_those_that_miss() -> None:
    declared = policy({"objectives": {"recall": {"target": 0.95}}}).spec
    assert declared.objectives is not None
    missed = Measured(judge(declared, declared.objectives, TRIAL, None), TRIAL)
    well = policy({"objectives": {"recall": RECALL}}).spec
    assert well.objectives is not None
    met = Measured(judge(well, well.objectives, TRIAL, None), TRIAL)
    (aspect,) = objectives_met({"longTerm": met, "shortTerm": missed})
    assert (aspect.holds, aspect.reason.value) == (False, "ObjectivesMissed")
    assert aspect.message.startswith("shortTerm: recall@10 0.9300")
    assert "longTerm: recall@10 0.9300" in aspect.message
    assert objectives_met({}) == ()


def test_status_tells_figures_and_when() -> None:
    spec = policy({"objectives": {"recall": RECALL, "memory": {"limit": "1k"}}}).spec
    assert spec.objectives is not None
    told = Measured(judge(spec, spec.objectives, TRIAL, None), TRIAL, 1000).to_wire()
    assert told.items() >= {"recall": 0.93, "ef": 64, "p95Milliseconds": 4.0, "memoryBytes": 850}.items()
    assert told.items() >= {"memoryLimitBytes": 1000, "queries": 100, "measuredAt": "2026-01-01T00:00:00Z"}.items()


@pytest.mark.parametrize(
    ("size", "words"), [(999, "999 B"), (1_000, "1 kB"), (2_564_000, "2.56 MB"), (3_000_000_000, "3 GB")]
)
def test_bytes_are_told_as_people_write_them(size: int, words: str) -> None:
    assert in_words(size) == words
