"""The operator and hirag-jobs know nothing of each other's code, and read the same notes and variables."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hirag_jobs.copying import notes as theirs
from hirag_jobs.copying.settings import MigrateSettings
from hirag_jobs.objects.part import Part
from hirag_jobs.survey.report import Survey as TheirSurvey
from hirag_jobs.survey.settings import SurveySettings
from hirag_operator.plan.collection.migration import notes as ours
from hirag_operator.plan.collection.migration.survey import Question, survey_job
from hirag_operator.plan.moves import Holder
from tests.operator.plan.collection.migration.loads import MEANS, OWNED, env_of, rendered

HOLDERS = [Holder("Handbook_R2"), Holder("Pool_R1", "team-a")]
SINCE = 1_700_000_000_123

words, numbers, figures = st.text(max_size=8), st.integers(0, 2**53), st.floats(0, 1e6)
freezes = st.builds(
    ours.Freeze,
    source=words,
    since_ms=numbers,
    freezing=st.booleans(),
    announced=words,
    token=words,
    budget_ms=numbers,
    over=st.booleans(),
    shares=numbers,
    auto=words,
    plan=words,
)
checks = st.builds(
    theirs.Checked,
    equal=numbers,
    unlike=numbers,
    checksum=words,
    named=st.lists(words, max_size=5),
    recall=st.none() | st.floats(0, 1),
    k=numbers,
    queries=numbers,
    golden=st.none() | st.floats(0, 1),
    questions=numbers,
    queue=numbers,
    searched=words,
)
tellings = st.builds(
    theirs.Told,
    phase=st.sampled_from(["copying", "checking", "following"]),
    rate=figures,
    done=numbers,
    total=st.none() | numbers,
    tenants=numbers,
    tenants_done=numbers,
    checked=st.none() | checks,
    error=words,
    ready=words,
    sealed=words,
    sealed_at=numbers,
    missed=numbers,
    left=numbers,
    left_ms=numbers,
    late=numbers,
)


surveys = st.builds(
    TheirSurvey,
    source=words,
    vectors=st.sampled_from(["copy", "embed"]),
    tenants=numbers,
    each=figures,
    tokens=figures,
    bytes=figures,
    read_per_second=figures,
    per_second=figures,
    basis=words,
    error=words,
)


def through_json(said: Any) -> Any:
    return json.loads(json.dumps(said))


@given(freezes)
def test_what_the_operator_notes_the_program_reads(noted: ours.Freeze) -> None:
    read = theirs.Freeze.model_validate_json(json.dumps(noted.to_wire()))
    assert read.model_dump() == noted.to_wire()


@given(freezes)
def test_what_the_program_keeps_of_a_note_the_operator_reads(noted: ours.Freeze) -> None:
    kept = theirs.Freeze.model_validate(noted.to_wire()).model_dump_json()
    assert ours.read_freeze(json.loads(kept), 0) == noted


@given(tellings)
def test_what_the_program_tells_the_operator_reads(told: theirs.Told) -> None:
    read = ours.read_told(json.loads(told.model_dump_json()), 0)
    said = told.model_dump()
    checked = said.pop("checked")
    for name in ("carried", "caught_up_to"):  # the program's own memory
        del said[name]
    assert {name: getattr(read, name) for name in said} == said
    assert (read.checked is None) == (checked is None)
    if read.checked is not None:
        assert {**read.checked.__dict__, "named": list(read.checked.named)} == checked


@given(surveys)
def test_what_a_survey_tells_the_operator_reads(told: TheirSurvey) -> None:
    read = ours.read_survey(json.loads(told.model_dump_json()), 0)
    assert {name: getattr(read, name) for name in theirs_alone(told)} == theirs_alone(told)


def theirs_alone(told: TheirSurvey) -> dict[str, Any]:
    return told.model_dump(exclude={"sampled", "counter"})  # for people


def test_all_that_the_operator_reads_of_a_share_is_told() -> None:
    for mine, other in ((ours.Told, theirs.Told), (ours.Checked, theirs.Checked), (ours.Freeze, theirs.Freeze)):
        assert set(mine.__dataclass_fields__) <= set(other.model_fields)
    assert set(ours.Survey.__dataclass_fields__) - {"at"} <= set(TheirSurvey.model_fields)


def test_nothing_said_means_the_same_to_both() -> None:
    assert ours.Freeze().to_wire() == theirs.Freeze().model_dump()
    assert ours.read_told(through_json(theirs.Told().model_dump()), 0) == ours.Told()


@pytest.mark.parametrize("holder", HOLDERS, ids=str)
def test_both_find_a_note_under_one_id(holder: Holder) -> None:
    part = Part(holder.collection, holder.tenant)
    assert str(part) == str(holder)
    assert ours.identity(ours.freeze_about(holder)) == theirs._identity(f"freeze of {part}")
    assert ours.identity(ours.share_about(holder, 2, 4)) == theirs._identity(f"share 2/4 of {part}")
    assert ours.identity(ours.survey_about(holder)) == theirs._identity(f"survey for {part}")


def test_whoever_comes_first_makes_the_same_collection() -> None:
    assert ours.NOTES == theirs.NOTES
    assert ours.SCHEMA == theirs._SCHEMA


def settings_of(monkeypatch: pytest.MonkeyPatch, means: dict[str, Any] | None = None, **cargo: Any) -> MigrateSettings:
    """The settings of a pod of a Job, by its environment alone; its index comes from an annotation."""
    for name, value in env_of(rendered(means, **cargo)).items():
        monkeypatch.setenv(name, value.replace("$$", "$"))
    monkeypatch.setenv("HIRAG_JOBS_INDEX", "0")
    return MigrateSettings()


def test_a_copy_is_set_up_by_the_environment_of_its_pod(monkeypatch: pytest.MonkeyPatch) -> None:
    found = settings_of(monkeypatch, objects=600_000)
    assert (found.source, found.target, found.tenant, found.vectors) == ("Handbook_R1", "Handbook_R2", (), "copy")
    assert (found.share_name, found.follow, found.verify, found.sample) == ("1/3", True, True, 100)
    assert (found.since, found.api_key_file) == (None, None)
    assert (found.weaviate_http_url, found.grpc) == ("http://weaviate.hirag:8080", "weaviate.hirag:50051")


def test_a_way_back_with_new_vectors_and_a_key_is_set_up_too(monkeypatch: pytest.MonkeyPatch) -> None:
    means = {"key": ("weaviate-key", "api-key"), "grpc_address": "grpc.hirag:50052"}
    found = settings_of(monkeypatch, means, vectors="embed", since_ms=SINCE)
    assert found.since == datetime.fromtimestamp(SINCE / 1000, UTC)
    assert (found.vectors, found.model) == ("embed", "minilm")
    assert found.embedder_url == "http://minilm-embedder.team-a.svc:8080/v1"
    assert (str(found.api_key_file), found.grpc) == ("/var/run/hirag/weaviate/key", "grpc.hirag:50052")


def test_a_tenant_of_a_pool_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    found = settings_of(monkeypatch, source=Holder("P1", "team-a"), target=Holder("P2", "team-a"), objects=None)
    assert (found.source, found.target, found.tenant, found.share_name) == ("P1", "P2", ("team-a",), "1/1")


def test_questions_are_handed_on_word_for_word(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = ("What does $HOME mean?", 'is "this" 漢字, or not', "x" * 256)
    assert settings_of(monkeypatch, questions=asked).question == asked


def test_no_sample_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    assert settings_of(monkeypatch, sample=0).sample == 0


@pytest.mark.parametrize("holder", HOLDERS, ids=str)
def test_a_survey_is_set_up_by_the_environment_of_its_pod(monkeypatch: pytest.MonkeyPatch, holder: Holder) -> None:
    question = Question(Holder("Handbook_R1", holder.tenant), holder, "embed", 128)
    for name, value in env_of(survey_job(question, OWNED, MEANS)).items():
        monkeypatch.setenv(name, value.replace("$$", "$"))
    found = SurveySettings()
    assert (found.source, found.target) == ("Handbook_R1", str(holder))
    assert found.tenant == ((holder.tenant,) if holder.tenant else ())
    assert (found.vectors, found.model, found.ef_construction) == ("embed", "minilm", 128)
