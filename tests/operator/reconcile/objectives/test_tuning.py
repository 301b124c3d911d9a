"""ef is found by measuring, within its bounds, and kept; what no ef reaches is proposed and never made."""

from collections.abc import Callable

from e2e.cluster.controlplane import ControlPlane
from e2e.cluster.namespace import eventually
from e2e.cluster.operator import OperatorProcess
from tests.operator.reconcile.objectives.index import BOUNDS, JOBS, Index, tuned
from tests.operator.reconcile.scrape import await_reconciles

FILLED = 1500
TARGET = 0.6
STEPS = 1 + (BOUNDS["max"] - BOUNDS["min"]).bit_length()
PATIENT_SECONDS = 300


def require_smallest(index: Index, target: float) -> int:
    """The ef in force is the smallest of those that meet the target, and the one below misses it."""
    ef, trials = index.ef(), index.trials()
    assert BOUNDS["min"] < ef < BOUNDS["max"], trials
    assert trials[ef] >= target > trials[ef - 1]
    assert len(trials) <= STEPS
    return ef


def versions(index: Index) -> list[str]:
    found = (index.namespace.get(kind, index.name) for kind in ("HNSWIndexPolicy", "ContextCollection"))
    return [body["metadata"]["resourceVersion"] for body in found if body is not None]


def spec_of(index: Index, kind: str) -> object:
    body = index.namespace.get(kind, index.name)
    assert body is not None
    return body["spec"], body["metadata"]["generation"]


def test_the_smallest_ef_that_meets_the_recall_is_found_and_kept(indexes: Callable[..., Index]) -> None:
    index = indexes(tuned(TARGET))
    index.await_state("NothingToMeasure")
    assert index.measuring() == []
    declared = [spec_of(index, kind) for kind in ("HNSWIndexPolicy", "ContextCollection")]
    index.fill(FILLED)
    told = index.await_state("ObjectivesMet", seconds=PATIENT_SECONDS)
    ef = require_smallest(index, TARGET)
    assert (told["ef"], told["queries"], told["k"], told["objects"]) == (ef, 60, 10, FILLED)
    assert told["recall"] == index.trials()[ef]
    assert told["memoryBytes"] > FILLED * 384 * 4
    assert [spec_of(index, kind) for kind in ("HNSWIndexPolicy", "ContextCollection")] == declared
    eventually(index.measuring, lambda jobs: jobs == [])

    status = eventually(
        lambda: (index.namespace.get("HNSWIndexPolicy", index.name) or {})["status"],
        lambda status: status["bindings"][0].get("objectives") == "ObjectivesMet",
    )
    (binding,) = status["bindings"]
    assert (binding["state"], binding["ef"], binding["recall"]) == ("Compliant", ef, told["recall"])
    assert index.namespace.condition("HNSWIndexPolicy", index.name, "ObjectivesMet")["status"] == "True"

    index.wipe_status()
    eventually(lambda: index.measured, lambda found: found == told)
    index.set_ef(ef + 3)  # another hand: it is put back, and is no reason to look for another
    eventually(index.ef, lambda found: found == ef)
    assert index.measuring() == []
    assert require_smallest(index, TARGET) == ef


def test_an_index_that_was_measured_is_looked_at_without_a_write(
    indexes: Callable[..., Index], measuring_operator: OperatorProcess
) -> None:
    index = indexes({"objectives": {"recall": {"target": 0.5}}})
    index.fill(50)
    index.await_state("ObjectivesMet")
    index.namespace.await_reason("HNSWIndexPolicy", index.name, "ObjectivesMet", "ObjectivesMet")
    eventually(index.measuring, lambda jobs: jobs == [])
    await_reconciles(measuring_operator, 0, 2)
    before, noted = versions(index), index.noted()
    await_reconciles(measuring_operator, 0, 6)
    assert versions(index) == before
    assert index.noted() == noted


def test_what_no_ef_reaches_is_proposed_and_made_only_by_whoever_declares_it(indexes: Callable[..., Index]) -> None:
    index = indexes(tuned(0.99, 4, tuning={"ef": {"min": 8, "max": 16}}))
    index.fill(400)
    told = index.await_state("RebuildProposed")
    assert (index.ef(), list(index.trials())) == (16, [16])
    assert told["recall"] < 0.99
    assert "raise hnsw.maxConnections from 4 to 8 and hnsw.efConstruction from 16 to 32" in told["message"]
    assert index.condition()["reason"] == "RebuildProposed"
    policy = index.namespace.await_reason("HNSWIndexPolicy", index.name, "RebuildProposed", "ObjectivesMet")
    assert f"{index.namespace.name}/{index.name} longTerm" in policy["message"]
    assert index.collections() == [index.first]
    assert index.namespace.condition("ContextCollection", index.name)["status"] == "True"

    better = tuned(0.9, 64, tuning={"ef": {"min": 60, "max": 400}})
    index.apply(index=better | {"hnsw": {"efConstruction": 256, "maxConnections": 64}})
    index.await_index(256)
    index.await_state("ObjectivesMet", seconds=PATIENT_SECONDS)
    assert index.collections() != [index.first]
    assert all(60 <= ef <= 400 for ef in index.trials())


def test_an_operator_that_dies_again_and_again_finds_the_same(
    indexes: Callable[..., Index], measuring_operator: OperatorProcess
) -> None:
    index = indexes(tuned(TARGET))
    index.fill(FILLED)
    for number in (1, 2, 4):
        eventually(lambda: len(index.trials()), number.__le__, PATIENT_SECONDS)
        measuring_operator.kill()
        measuring_operator.start()
    index.await_state("ObjectivesMet", seconds=PATIENT_SECONDS)
    require_smallest(index, TARGET)


def test_levels_of_a_pool_are_measured_each_and_again_when_that_was_long_ago_and_searched_with_the_most(
    indexes: Callable[..., Index],
) -> None:
    index = indexes(tuned(0.5, interval="1m"), placement="Shared")
    index.fill(200)
    told = index.await_state("ObjectivesMet")
    assert (told["tenant"], told["ef"], told["objects"]) == (index.tenant, BOUNDS["max"], 200)
    again = eventually(lambda: index.measured, lambda found: found.get("measuredAt") != told["measuredAt"], 120)
    assert (again["state"], again["recall"]) == (told["state"], told["recall"])


def test_of_tenants_of_its_own_the_largest_in_use_is_measured(indexes: Callable[..., Index]) -> None:
    tenants = [{"name": "small"}, {"name": "large"}]
    objectives = {"recall": {"target": 0.5, "k": 5, "sampleSize": 10}, "memory": {"limit": "1k"}}
    index = indexes({"objectives": objectives}, multiTenancy={"enabled": True, "tenants": tenants})
    for index.tenant, number in (("small", 10), ("large", 30)):
        index.fill(number)
    told = index.await_state("ObjectivesMissed")
    assert (told["tenant"], told["objects"], told["k"], told["ef"]) == ("large", 30, 5, -1)
    of_largest = index.noted()["trials"][-1]["memory_bytes"]
    all_of_them = eventually(lambda: index.measured["memoryBytes"], lambda found: found > of_largest)
    assert all_of_them == of_largest * 40 // 30
    assert told["memoryLimitBytes"] == 1000 < told["memoryBytes"]
    assert "more than objectives.memory.limit, 1 kB" in told["message"]


def test_that_no_job_may_be_made_is_told_of_the_measurement_alone(
    indexes: Callable[..., Index], measuring_plane: ControlPlane
) -> None:
    measuring_plane.kubectl("create", "quota", "none", "-n", JOBS, "--hard=count/jobs.batch=0")
    counted = ("get", "quota", "none", "-n", JOBS, "-o", "jsonpath={.status.hard}")
    eventually(lambda: measuring_plane.kubectl(*counted), bool)
    try:
        index = indexes({"objectives": {"recall": {"target": 0.5}}})
        index.fill(50)
        told = index.await_state("MeasurementFailed")
        assert "exceeded quota" in told["message"]
        assert index.ready()["status"] == "True"
    finally:
        measuring_plane.kubectl("delete", "quota", "none", "-n", JOBS)
    index.await_state("ObjectivesMet", seconds=PATIENT_SECONDS)


def test_an_object_that_is_paused_or_goes_has_no_job_left(indexes: Callable[..., Index]) -> None:
    index = indexes({"objectives": {"latency": {"p95Milliseconds": 1000}}})
    index.fill(50)
    eventually(index.measuring, bool)
    index.apply(paused=True)
    eventually(index.measuring, lambda jobs: jobs == [])
    index.apply(paused=False)
    index.await_state("ObjectivesMet")
    index.fill(60, seed=2)  # more than twice as many
    eventually(index.measuring, bool)
    index.namespace.delete("ContextCollection", index.name)
    eventually(lambda: index.namespace.get("ContextCollection", index.name), lambda body: body is None)
    assert index.measuring() == []
    assert index.noted() == {}
