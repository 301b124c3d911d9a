"""What an object's status comes to in figures."""

from typing import Any

import pytest

from hirag_operator.plan.figures import FAMILIES, figures

Json = dict[str, Any]
WHOSE = ("team-a", "handbook")


def body(kind: str = "ContextCollection", spec: Json | None = None, **status: Any) -> Json:
    metadata = {"namespace": "team-a", "name": "handbook", "generation": 2}
    return {"kind": kind, "metadata": metadata, "spec": spec or {}, "status": {"observedGeneration": 2, **status}}


def condition(type_: str, status: str, reason: str = "Because") -> Json:
    return {"type": type_, "status": status, "reason": reason, "lastTransitionTime": "2026-01-01T00:00:10Z"}


def told(of: Json) -> dict[str, dict[tuple[str, ...], float]]:
    """Figures by the end of their metric's name, then by labels."""
    found: dict[str, dict[tuple[str, ...], float]] = {}
    for figure in figures(of):
        assert len(figure.labels) == len(figure.family.labels)
        found.setdefault(figure.family.name.removeprefix("hirag_operator_"), {})[figure.labels] = figure.value
    return found


def ready(of: Json) -> float:
    return told(of)["object_ready"][(of["kind"], *WHOSE)]


def test_ready_counts_only_of_the_present_spec() -> None:
    assert ready(body(conditions=[condition("Ready", "True")])) == 1
    assert ready(body(conditions=[condition("Ready", "True")], observedGeneration=1)) == 0
    assert ready(body(conditions=[condition("Ready", "False")])) == 0


def test_an_object_that_nobody_has_looked_at_yet_is_not_ready_and_nothing_else_is_told_of_it() -> None:
    fresh = {"kind": "EmbeddingModel", "metadata": {"namespace": "team-a", "name": "handbook", "generation": 1}}
    assert told(fresh) == {"object_ready": {("EmbeddingModel", *WHOSE): 0}}


@pytest.mark.parametrize("kind", ["ContextCollection", "EmbeddingModel", "HNSWIndexPolicy"])
def test_what_waits_for_a_person_says_why_and_is_silent_otherwise(kind: str) -> None:
    stalled = told(body(kind, conditions=[condition("Stalled", "True", "InvalidSpec")]))
    assert stalled["object_stalled"] == {(kind, *WHOSE, "InvalidSpec"): 1}
    assert "object_stalled" not in told(body(kind, conditions=[condition("Stalled", "False")]))


def test_drift_is_told_while_it_is_left() -> None:
    assert told(body(conditions=[condition("InSync", "False")]))["object_drifted"] == {("ContextCollection", *WHOSE): 1}
    assert "object_drifted" not in told(body(conditions=[condition("InSync", "True")]))


def test_a_condition_that_does_not_hold_says_since_when_except_those_that_are_well_so() -> None:
    conditions = [
        condition("Ready", "True"),
        condition("Writable", "False", "WeaviateReadOnly"),
        condition("Stalled", "False"),
        condition("Reconciling", "False"),
    ]
    assert told(body(conditions=conditions))["object_condition_false_timestamp_seconds"] == {
        ("ContextCollection", *WHOSE, "Writable", "WeaviateReadOnly"): 1_767_225_610
    }


def test_a_deletion_that_is_not_over_says_since_when() -> None:
    leaving = body()
    leaving["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:10Z"
    assert told(leaving)["object_deletion_timestamp_seconds"] == {("ContextCollection", *WHOSE): 1_767_225_610}


def test_a_collection_says_how_it_is_set_up_and_what_its_levels_hold() -> None:
    spec = {
        "embeddingModelRef": {"name": "minilm", "namespace": "models"},
        "weaviate": {"connection": "eu"},
        "placement": "Shared",
    }
    found = told(
        body(
            spec=spec,
            activeRevision="e4awbkg6pj",
            counts={"longTerm": 7},
            tenants={"longTerm": {"active": 2, "moving": 1}},
            address={"longTerm": {"alias": "A", "changeClass": "build"}, "shortTerm": {"alias": "B"}},
        )
    )
    assert found["collection_info"] == {(*WHOSE, "eu", "Shared", "models/minilm", "e4awbkg6pj"): 1}
    assert found["collection_objects"] == {(*WHOSE, "longTerm"): 7}
    assert found["collection_tenants"] == {(*WHOSE, "longTerm", "active"): 2, (*WHOSE, "longTerm", "moving"): 1}
    assert found["migration_pending"] == {(*WHOSE, "longTerm", "build"): 1}


def test_a_collection_that_names_little_is_told_with_the_defaults() -> None:
    found = told(body(spec={"embeddingModelRef": {"name": "minilm"}}))
    assert found["collection_info"] == {(*WHOSE, "default", "Dedicated", "team-a/minilm", ""): 1}


def test_a_migration_says_at_which_step_each_level_is_and_how_far() -> None:
    copying = {"phase": "Copying", "source": "A", "target": "B", "done": 0, "total": 2500, "perSecond": 450}
    soaking = {"phase": "Soaking", "alike": 7, "checksum": "c0ffee", "recall": 0.98}
    found = told(body(migration={"phase": "Copying", "levels": {"longTerm": copying, "shortTerm": soaking}}))
    assert {name.removeprefix("migration_"): of for name, of in found.items() if name.startswith("migration_")} == {
        "phase": {(*WHOSE, "longTerm", "Copying"): 1, (*WHOSE, "shortTerm", "Soaking"): 1},
        "objects": {(*WHOSE, "longTerm"): 2500},
        "objects_done": {(*WHOSE, "longTerm"): 0},
        "objects_per_second": {(*WHOSE, "longTerm"): 450},
        "recall": {(*WHOSE, "shortTerm"): 0.98},
    }


def test_a_measured_index_tells_what_it_achieves_and_when_that_was() -> None:
    measured: Json = {"recall": 0.97, "ef": 64, "p95Milliseconds": 4.5, "memoryBytes": 850, "memoryLimitBytes": 1000}
    measured |= {"state": "MemoryNearLimit", "measuredAt": "2026-01-01T00:00:10Z"}
    found = told(body(measurements={"longTerm": measured, "shortTerm": {"state": "NotMeasured"}}))
    level = (*WHOSE, "longTerm")
    assert {name.removeprefix("index_"): of for name, of in found.items() if name.startswith("index_")} == {
        "recall": {level: 0.97},
        "ef": {level: 64},
        "p95_seconds": {level: 0.0045},
        "memory_bytes": {level: 850},
        "memory_limit_bytes": {level: 1000},
        "measured_timestamp_seconds": {level: 1_767_225_610},
    }


@pytest.mark.parametrize(("result", "failing"), [("Failed", 1), ("Complete", 0), ("Running", 0)])
def test_the_last_run_of_a_schedule_says_whether_it_failed_and_when_it_began(result: str, failing: float) -> None:
    found = told(body(lastCompaction={"result": result, "startedAt": "2026-01-01T00:00:10Z"}))
    assert found["job_failing"] == {(*WHOSE, "compaction"): failing}
    assert found["job_started_timestamp_seconds"] == {(*WHOSE, "compaction"): 1_767_225_610}


def test_models_tell_their_pods_and_policies_their_levels() -> None:
    model = told(body("EmbeddingModel", replicas=3, readyReplicas=0))
    assert (model["model_replicas"], model["model_ready_replicas"]) == ({WHOSE: 3}, {WHOSE: 0})
    policy = told(body("HNSWIndexPolicy", bindingCount=5, compliantCount=4))
    assert (policy["policy_levels"], policy["policy_compliant_levels"]) == ({WHOSE: 5}, {WHOSE: 4})


def test_every_family_is_named_once_and_no_label_is_one_that_prometheus_gives_to_targets() -> None:
    assert len({family.name for family in FAMILIES}) == len(FAMILIES)
    assert not {label for family in FAMILIES for label in family.labels} & {"job", "instance", "pod"}
