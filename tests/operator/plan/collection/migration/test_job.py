"""The Job of a migration: as it is rendered, and as it is seen."""

from dataclasses import replace
from typing import Any

import pytest

from hirag_operator.plan.collection.migration.job import key_secret
from hirag_operator.plan.collection.migration.jobstate import awaiting_key, is_running, seen_job
from hirag_operator.plan.collection.migration.seen import SeenJob
from hirag_operator.plan.moves import Holder
from hirag_operator.plan.pods.jobruns import JOB_OF_POD
from tests.operator.plan.collection.migration.loads import OWNED, env_of, pod_of, rendered
from tests.operator.plan.pods.pods import unscheduled

Json = dict[str, Any]

TARGET = Holder("Handbook_R2")
NAME = rendered()["metadata"]["name"]


@pytest.mark.parametrize(
    ("objects", "shares"),
    [
        pytest.param(None, 1, id="not known: one"),
        pytest.param(249_999, 1, id="few: one"),
        pytest.param(250_000, 2, id="a quarter of a million: two"),
        pytest.param(10**9, 8, id="very many: no more than eight"),
    ],
)
def test_objects_are_shared_among_indices(objects: int | None, shares: int) -> None:
    job = rendered(objects=objects)
    spec = job["spec"]
    assert (spec["completionMode"], spec["completions"], spec["parallelism"]) == ("Indexed", shares, shares)
    assert spec["backoffLimit"] == 30 * shares
    assert env_of(job)["HIRAG_JOBS_SHARES"] == str(shares)


@pytest.mark.parametrize(
    ("tenants", "shares"),
    [
        pytest.param(0, 3, id="none: as many as its objects ask for"),
        pytest.param(1, 1, id="one tenant is not shared out, however many its objects"),
        pytest.param(499, 1, id="few: one"),
        pytest.param(500, 2, id="five hundred: two"),
        pytest.param(10_000, 8, id="very many: no more than eight"),
    ],
)
def test_tenants_of_its_own_are_shared_whole_among_indices(tenants: int, shares: int) -> None:
    job = rendered(objects=600_000, tenants=tenants)
    assert (job["spec"]["completions"], env_of(job)["HIRAG_JOBS_SHARES"]) == (shares, str(shares))
    assert "HIRAG_JOBS_TENANT" not in env_of(job)


@pytest.mark.parametrize(
    ("rate", "objects", "each"),
    [(0, 600_000, None), (900, 600_000, "300"), (2, 600_000, "1"), (900, None, "900")],
    ids=["no limit", "shared out", "one at least", "one share"],
)
def test_a_rate_is_shared_out_and_known_by_an_annotation(rate: int, objects: int | None, each: str | None) -> None:
    job = rendered(objects=objects, rate=rate)
    assert env_of(job).get("HIRAG_JOBS_RATE") == each
    seen = seen_job(TARGET, [job], [])
    assert seen is not None
    assert (seen.rate, seen.held) == (rate, False)


def test_a_job_that_is_suspended_is_held() -> None:
    job = rendered()
    seen = seen_job(TARGET, [{**job, "spec": {**job["spec"], "suspend": True}}], [])
    assert seen is not None
    assert seen.held


def test_an_index_comes_from_the_pod() -> None:
    (container,) = pod_of(rendered())["containers"]
    index = container["env"][-1]
    assert index["name"] == "HIRAG_JOBS_INDEX"
    assert "job-completion-index" in index["valueFrom"]["fieldRef"]["fieldPath"]


def test_a_key_is_mounted_and_named_by_its_file_alone() -> None:
    job = rendered({"key": ("weaviate-key", "api-key")})
    volumes = {volume["name"]: volume for volume in pod_of(job)["volumes"]}
    assert volumes["weaviate"]["secret"]["secretName"] == "weaviate-key"
    assert volumes["weaviate"]["secret"]["items"] == [{"key": "api-key", "path": "key"}]
    assert env_of(job)["HIRAG_JOBS_API_KEY_FILE"] == "/var/run/hirag/weaviate/key"
    assert "weaviate-key" not in str(pod_of(job)["containers"])


PROVIDER = "team-a/keyed by provider/token at https://api.example/v1"


@pytest.mark.parametrize("cargo", [{"vectors": "embed"}, {"questions": ("why?",)}], ids=["vectors", "questions"])
def test_the_key_of_a_provider_is_a_secret_of_the_jobs_own(cargo: Json) -> None:
    job = rendered({"provider": PROVIDER}, nonce="0123456789abcdef", **cargo)
    volumes = {volume["name"]: volume for volume in pod_of(job)["volumes"]}
    name = f"{NAME}-01234567"
    assert volumes["provider"]["secret"] == {
        "secretName": name,
        "defaultMode": 0o440,
        "items": [{"key": "key", "path": "key"}],
    }
    assert env_of(job)["HIRAG_JOBS_EMBEDDER_API_KEY_FILE"] == "/var/run/hirag/provider/key"
    seen = seen_job(TARGET, [{**job, "metadata": {**job["metadata"], "uid": "u-1"}}], [])
    assert seen is not None
    assert (seen.key_in, seen.provider, seen.uid) == (name, PROVIDER, "u-1")
    secret = key_secret(OWNED, seen, "hirag-system", "swordfish")
    assert secret["metadata"]["name"] == name
    owner = {"apiVersion": "batch/v1", "kind": "Job", "name": NAME, "uid": "u-1"}
    assert secret["metadata"]["ownerReferences"] == [owner]
    assert secret["data"] == {"key": "c3dvcmRmaXNo"}


@pytest.mark.parametrize(
    ("means", "cargo"),
    [
        pytest.param({"provider": PROVIDER}, {}, id="vectors are copied"),
        pytest.param({}, {"vectors": "embed"}, id="the provider wants none"),
    ],
)
def test_a_job_that_asks_no_provider_for_vectors_is_given_no_key(means: Json, cargo: Json) -> None:
    job = rendered(means, nonce="0123456789abcdef", **cargo)
    assert "secret" not in str(job).lower()
    assert "HIRAG_JOBS_EMBEDDER_API_KEY_FILE" not in env_of(job)
    assert "hirag.dev/provider" not in job["metadata"]["annotations"]
    seen = seen_job(TARGET, [job], [])
    assert seen is not None
    assert awaiting_key([seen], PROVIDER) == []


@pytest.mark.parametrize(
    ("job", "given"),
    [
        pytest.param({}, True, id="made for this provider"),
        pytest.param({"provider": "another"}, False, id="made for another, who is not to learn this key"),
        pytest.param({"state": "Failed"}, False, id="ended"),
        pytest.param({"deleted": True}, False, id="gone, but for its pods"),
    ],
)
def test_a_key_is_given_to_those_alone_that_were_made_for_it(job: Json, *, given: bool) -> None:
    seen = replace(SeenJob("migrate-b", key_in="migrate-b-1", provider=PROVIDER, uid="u-1"), **job)
    assert awaiting_key([None, seen, seen], PROVIDER) == ([seen] if given else [])


def test_no_key_is_no_volume() -> None:
    job = rendered()
    assert [volume["name"] for volume in pod_of(job)["volumes"]] == ["scratch"]
    assert "HIRAG_JOBS_API_KEY_FILE" not in env_of(job)
    assert "secret" not in str(job).lower()


@pytest.mark.parametrize(
    ("cargo", "name", "value"),
    [
        pytest.param(
            {"since_ms": 1_700_000_000_123}, "SINCE", "2023-11-14T22:13:20.123000+00:00", id="since, RFC 3339"
        ),
        pytest.param({}, "SINCE", None, id="a target that begins empty: no since"),
        pytest.param({"vectors": "embed"}, "EMBEDDER_URL", "http://minilm-embedder.team-a.svc:8080/v1", id="embedding"),
        pytest.param({"vectors": "embed"}, "MODEL", "minilm", id="embedding by a model"),
        pytest.param({}, "EMBEDDER_URL", None, id="copying asks no model"),
        pytest.param({}, "MODEL", None, id="copying names no model"),
        pytest.param({}, "TENANT", None, id="no tenant"),
        pytest.param({"source": Holder("P1", "t"), "target": Holder("P2", "t")}, "TENANT", '["t"]', id="a tenant"),
        pytest.param({}, "FOLLOW", "true", id="it follows"),
        pytest.param({"sample": 0}, "SAMPLE", "0", id="no sample is said too"),
        pytest.param({"questions": ("süß?", "b")}, "QUESTION", '["süß?", "b"]', id="questions of the user's own"),
        pytest.param({"questions": ("a",)}, "MODEL", "minilm", id="questions are embedded though vectors are copied"),
        pytest.param({}, "QUESTION", None, id="no questions"),
    ],
)
def test_the_program_is_told(cargo: Json, name: str, value: str | None) -> None:
    assert env_of(rendered(**cargo)).get(f"HIRAG_JOBS_{name}") == value


def test_pods_are_found_by_the_labels_of_the_job_and_know_what_they_fill() -> None:
    job = rendered()
    template = job["spec"]["template"]["metadata"]
    assert template["labels"] == job["metadata"]["labels"] == OWNED.labels
    assert template["annotations"] == job["metadata"]["annotations"]
    assert OWNED.selector == ",".join(f"{key}={value}" for key, value in sorted(OWNED.labels.items()))


def test_a_job_has_no_rights() -> None:
    pod = pod_of(rendered())
    (container,) = pod["containers"]
    assert (pod["restartPolicy"], pod["automountServiceAccountToken"]) == ("Never", False)
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}


def test_names_of_jobs_are_told_apart_by_what_they_fill_and_fit_a_label() -> None:
    names = {rendered(target=Holder(*of))["metadata"]["name"] for of in (("P", "a"), ("P", "b"), ("P",))}
    assert len(names) == 3
    assert all(len(name) <= 63 for name in names)


def job(condition: str = "", message: str = "", **metadata: Any) -> Json:
    found = [{"type": condition, "status": "True", "message": message}] if condition else []
    body = rendered(objects=300_000)
    return {**body, "metadata": {**body["metadata"], **metadata}, "status": {"conditions": found}}


def pod(phase: str = "Running", **status: Any) -> Json:
    template = rendered()["spec"]["template"]["metadata"]
    metadata = {"name": "pod-1", **template, "labels": {**template["labels"], JOB_OF_POD: NAME}}
    return {"metadata": metadata, "spec": {"containers": []}, "status": {"phase": phase, **status}}


STANDING = SeenJob(NAME, shares=2, generation=3)
DELETED = {"deletionTimestamp": "2026-01-02T03:04:05Z"}


@pytest.mark.parametrize(
    ("jobs", "pods", "seen"),
    [
        pytest.param([], [], None, id="no Job"),
        pytest.param([job()], [], STANDING, id="a Job without pods yet"),
        pytest.param([job()], [pod(), pod("Succeeded")], SeenJob(NAME, "Running", 2, 3, pods=1), id="it runs"),
        pytest.param([job("Complete")], [pod("Succeeded")], SeenJob(NAME, "Complete", 2, 3), id="it is complete"),
        pytest.param(
            [job("Failed", "Too many tries.")], [], SeenJob(NAME, "Failed", 2, 3, message="Too many tries"), id="failed"
        ),
        pytest.param([], [pod("Failed")], None, id="the Job is gone, and its pods have ended"),
        pytest.param([], [pod()], SeenJob(NAME, pods=1, deleted=True), id="the Job is gone, and a pod runs still"),
        pytest.param([job(**DELETED)], [], None, id="the Job is being deleted, and has no pods"),
        pytest.param(
            [job(**DELETED)],
            [pod()],
            SeenJob(NAME, pods=1, deleted=True),
            id="the Job is being deleted, and a pod runs",
        ),
    ],
)
def test_a_job_is_seen(jobs: list[Json], pods: list[Json], seen: SeenJob | None) -> None:
    assert seen_job(TARGET, jobs, pods) == seen


def test_jobs_and_pods_of_another_holder_are_passed_over() -> None:
    assert seen_job(Holder("Handbook_R3"), [job()], [pod()]) is None


def test_what_holds_a_pod_up_is_told() -> None:
    seen = seen_job(TARGET, [job()], [pod("Pending", **{k: v for k, v in unscheduled().items() if k != "phase"})])
    assert seen is not None
    assert "Insufficient nvidia.com/gpu" in seen.message


def test_a_job_runs_until_a_condition_says_otherwise() -> None:
    assert [is_running(one) for one in (job(), job("Suspended"), job("Complete"), job("Failed"))] == [
        True,
        True,
        False,
        False,
    ]
