"""The operator and hirag-jobs know nothing of each other's code, and read the same notes and variables."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hirag_jobs.measure import noting as theirs
from hirag_jobs.measure.settings import MeasureSettings
from hirag_operator.api.index_objectives import Objectives, RecallObjective
from hirag_operator.plan.collection.objectives import notes as ours
from hirag_operator.plan.collection.objectives.job import CONNECTION, Measuring, render_measurement, selector_of
from hirag_operator.plan.collection.vectorindex import vector_index
from hirag_operator.plan.moves import Holder
from tests.operator.plan.collection.migration.loads import MEANS, env_of, pod_of
from tests.operator.plan.objects import policy

words, numbers, figures = st.text(max_size=8), st.integers(0, 2**53), st.floats(0, 1e6)
trials = st.builds(
    theirs.Trial,
    ef=st.integers(-1, 5000),
    recall=st.none() | st.floats(0, 1),
    k=numbers,
    queries=numbers,
    p95_ms=st.none() | figures,
    memory_bytes=st.none() | numbers,
    objects=numbers,
    tenant=st.none() | words,
    why=words,
    at=numbers,
)
WHAT = Measuring(
    namespace="team-a",
    name="handbook",
    level="longTerm",
    connection="eu",
    holder=Holder("Handbook_R1"),
    recall=RecallObjective(target=0.9, k=7, sample_size=50),
    about=ours.about("default", "team-a", "handbook", "longTerm"),
    key="abc",
    ef=64,
    since=0,
)


@given(st.lists(trials, max_size=4, unique_by=lambda one: one.ef), words, words)
def test_what_the_program_notes_the_operator_reads(told: list[theirs.Trial], key: str, error: str) -> None:
    said = theirs.Noted(key=key, trials=told, error=error)
    read = ours.read_noted(json.loads(said.model_dump_json()))
    assert (read.key, read.error) == (key, error)
    assert sorted((one.__dict__ for one in read.trials), key=str) == sorted((one.model_dump() for one in told), key=str)
    assert [one.at for one in read.trials] == sorted(one.at for one in told)


@pytest.mark.parametrize("said", [{}, {"trials": 5}, {"trials": [7]}, {"trials": None}])
def test_what_is_not_understood_is_nothing(said: dict[str, object]) -> None:
    assert ours.read_noted(said) == ours.NOTHING


@given(trials, trials)
def test_a_trial_takes_the_place_of_one_at_the_same_ef_and_of_all_of_another_index(
    first: theirs.Trial, second: theirs.Trial
) -> None:
    noted = theirs.Noted(error="before").with_trial("k", first).with_trial("k", second)
    assert noted.trials == ([second] if first.ef == second.ef else [first, second])
    assert noted.error == ""
    assert noted.with_trial("other", first).trials == [first]


def test_a_measurement_is_set_up_by_the_environment_of_its_pod(monkeypatch: pytest.MonkeyPatch) -> None:
    what = replace(WHAT, holder=Holder("Pool_R1", "team-a"))
    job = render_measurement(what, replace(MEANS, key=("weaviate-key", "api-key"), grpc_address="grpc.hirag:50052"))
    for name, value in env_of(job).items():
        monkeypatch.setenv(name, value.replace("$$", "$"))
    found = MeasureSettings()
    assert (found.collection, found.tenants, found.alias) == ("Pool_R1", ("team-a",), None)
    assert (found.k, found.sample_size, found.note, found.note_key) == (7, 50, what.about, "abc")
    assert (str(found.api_key_file), found.grpc) == ("/var/run/hirag/weaviate/key", "grpc.hirag:50052")
    assert found.await_queue > 0


def test_its_pod_has_no_rights_and_is_found_by_its_labels() -> None:
    job = render_measurement(WHAT, MEANS)
    pod = pod_of(job)
    (container,) = pod["containers"]
    assert (pod["restartPolicy"], pod["automountServiceAccountToken"]) == ("Never", False)
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    assert job["metadata"]["labels"] == job["spec"]["template"]["metadata"]["labels"] == WHAT.labels
    assert job["metadata"]["annotations"] == {CONNECTION: "eu"}
    assert set(selector_of("team-a", "handbook").split(",")) <= {f"{key}={value}" for key, value in WHAT.labels.items()}
    assert job["spec"]["backoffLimit"] < 10


@pytest.mark.parametrize("field", [{"ef": 65}, {"key": "b"}, {"since": 9}, {"level": "shortTerm"}, {"name": "x"}])
def test_no_two_measurements_have_one_job(field: dict[str, Any]) -> None:
    assert replace(WHAT, **field).job_name != WHAT.job_name
    assert len(WHAT.job_name) <= 63


def test_an_index_is_the_same_at_any_ef_and_another_with_any_other_setting() -> None:
    asked = Objectives()

    def key(spec: dict[str, object], collection: str = "C", objectives: Objectives = asked) -> str:
        return ours.key_of(collection, *vector_index(policy(spec).spec), objectives)

    assert key({"hnsw": {"ef": 64}}) == key({})
    assert (
        len({key({}), key({}, "D"), key({"quantization": {"type": "rq"}}), key({"hnsw": {"efConstruction": 9}})}) == 4
    )
    assert key({}, objectives=Objectives(recall=RecallObjective(target=0.9, k=20))) != key({})
    assert key({}, objectives=Objectives(interval="9d")) == key({})


@pytest.mark.parametrize(
    ("index", "ef"), [({"ef": 7}, 7), ({"hnsw": {"ef": 9}, "flat": {}}, 9), ({"distance": "dot"}, -1), ({}, -1)]
)
def test_both_sides_read_the_same_ef(index: dict[str, object], ef: int) -> None:
    assert ours.ef_of(index) == theirs._ef(index) == ef
