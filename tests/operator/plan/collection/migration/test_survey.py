"""A survey is made once for what waits, is told as it stands, and holds nothing up."""

from dataclasses import replace
from typing import Any

import pytest

from hirag_operator.plan.collection.migration.estimate import Estimate
from hirag_operator.plan.collection.migration.jobstate import SURVEYED, carries, seen_job
from hirag_operator.plan.collection.migration.notes import Survey
from hirag_operator.plan.collection.migration.seen import SeenJob
from hirag_operator.plan.collection.migration.survey import Question, Surveyed, needless, survey, survey_job
from hirag_operator.plan.moves import Holder
from tests.operator.plan.collection.migration.loads import MEANS, OWNED, env_of, pod_of, rendered

QUESTION = Question(Holder("Handbook_R1"), Holder("Handbook_R2"), "copy", 128)
NOTE = Survey(source="Handbook_R1", vectors="copy", tokens=9, read_per_second=1, per_second=1)
RUNNING, COMPLETE, FAILED = (SeenJob("s", state=one, generation=3) for one in ("Running", "Complete", "Failed"))


def come_to(note: Survey, job: SeenJob | None, *, room: bool = True) -> Surveyed:
    return survey(QUESTION, note, job, OWNED, MEANS, room=room)


@pytest.mark.parametrize(
    ("note", "job", "room", "steps", "told"),
    [
        pytest.param(Survey(), None, "room", ["ChildApplied"], "are being measured", id="none was made: make one"),
        pytest.param(
            NOTE, None, "room", ["ChildApplied"], "are being measured", id="a note of long ago counts for nothing"
        ),
        pytest.param(Survey(), None, "none", [], "when other surveys have ended", id="others are made: wait"),
        pytest.param(Survey(), SeenJob("", pods=1, deleted=True), "room", [], "other surveys", id="its pod still runs"),
        pytest.param(NOTE, RUNNING, "room", [], "are being measured", id="it runs, and what was noted is older"),
        pytest.param(
            Survey(),
            replace(RUNNING, message="no image"),
            "room",
            [],
            "(held up: no image)",
            id="it runs, and not well",
        ),
        pytest.param(
            replace(NOTE, error="no model"),
            FAILED,
            "room",
            [],
            "could not be measured: no model (delete Job hirag-system/s to have it tried again)",
            id="it failed, and said why: no more tries",
        ),
        pytest.param(
            NOTE, replace(FAILED, message="evicted"), "room", [], "measured: evicted (", id="it failed in silence"
        ),
        pytest.param(
            replace(NOTE, error="no model"),
            replace(FAILED, generation=2),
            "room",
            ["ChildDeleted"],
            "are being measured",
            id="it failed for another spec: once more",
        ),
        pytest.param(Survey(), COMPLETE, "room", [], "its note is gone", id="the note was removed by another hand"),
        pytest.param(
            replace(NOTE, source="R0"), COMPLETE, "room", [], "its note is gone", id="a note of another source"
        ),
    ],
)
def test_as_long_as_nothing_is_known_that_is_told(
    note: Survey, job: SeenJob | None, room: str, steps: list[str], told: str
) -> None:
    found = come_to(note, job, room=room == "room")
    assert found.known is None
    assert [step.reason for step in found.steps] == steps
    assert told in found.remark
    assert told in str(found.added_to(Estimate(5)))


def test_its_note_is_what_is_known_once_it_has_ended() -> None:
    for job in (COMPLETE, replace(COMPLETE, generation=1)):
        found = come_to(NOTE, job)
        assert (found.known, found.steps, found.running, found.remark) == (NOTE, (), False, "")
    assert found.added_to(Estimate(5)).tokens == 45


def test_a_survey_reads_what_it_is_told_and_writes_nothing_but_a_note() -> None:
    job = survey_job(QUESTION, OWNED, MEANS)
    assert pod_of(job)["containers"][0]["command"] == ["hirag-jobs", "survey"]
    assert env_of(job) == {
        "HIRAG_JOBS_WEAVIATE_HTTP_URL": MEANS.http_url,
        "HIRAG_JOBS_SOURCE": "Handbook_R1",
        "HIRAG_JOBS_TARGET": "Handbook_R2",
        "HIRAG_JOBS_VECTORS": "copy",
        "HIRAG_JOBS_EF_CONSTRUCTION": "128",
    }
    embed = env_of(survey_job(replace(QUESTION, vectors="embed", ef_construction=0), OWNED, MEANS))
    assert embed["HIRAG_JOBS_EMBEDDER_URL"] == MEANS.embedding_url
    assert "HIRAG_JOBS_EF_CONSTRUCTION" not in embed
    assert pod_of(survey_job(QUESTION, OWNED, replace(MEANS, key=("k", "key"))))["volumes"][1]["name"] == "weaviate"


def test_one_that_only_counts_is_given_no_model_and_promises_no_time() -> None:
    counting = replace(QUESTION, vectors="embed", pace=False)
    env = env_of(survey_job(counting, OWNED, MEANS))
    assert (env["HIRAG_JOBS_VECTORS"], env["HIRAG_JOBS_PACE"]) == ("embed", "false")
    assert not {"HIRAG_JOBS_EMBEDDER_URL", "HIRAG_JOBS_MODEL"} & env.keys()
    assert survey(counting, Survey(), None, OWNED, MEANS, room=True).remark == "tokens are being measured"
    counted = replace(NOTE, vectors="embed", per_second=0, basis="")
    found = survey(counting, counted, COMPLETE, OWNED, MEANS, room=True).added_to(Estimate(5, remarks=("no time",)))
    assert (found.tokens, found.seconds, found.remarks) == (45, None, ("no time",))


def test_it_is_told_from_a_job_that_carries() -> None:
    of_survey, of_copy = survey_job(QUESTION, OWNED, MEANS), rendered()
    jobs: list[dict[str, Any]] = [of_survey, of_copy]
    assert [carries(job) for job in jobs] == [False, True]
    assert of_survey["metadata"]["labels"] == of_copy["metadata"]["labels"]
    found = [seen_job(QUESTION.target, jobs, []), seen_job(QUESTION.target, jobs, [], SURVEYED)]
    assert [one.name for one in found if one] == [of_copy["metadata"]["name"], of_survey["metadata"]["name"]]


def test_it_goes_when_nothing_waits_for_it() -> None:
    jobs = [survey_job(QUESTION, OWNED, MEANS), rendered()]
    name = jobs[0]["metadata"]["name"]
    assert needless(jobs, QUESTION.target) == []
    assert needless(jobs, Holder("Handbook_R3")) == needless(jobs, None) == [name]
