"""New vectors by a provider that wants a key: the Job is given it as a Secret of its own, and nobody else is."""

import base64
import itertools
import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from e2e.cluster.controlplane import ControlPlane
from e2e.cluster.namespace import Namespace, eventually
from e2e.cluster.operator import OperatorProcess
from e2e.cluster.podrunner import JobPods
from hirag_operator.plan.collection.migration.notes import NOTES
from tests.operator.adapters.answering import Answer, Answering, Asked
from tests.operator.reconcile.migration.scene import JOBS, LONG_SECONDS, Scene
from tests.operator.reconcile.provider import KEY, Provider, provider, refuses_key, wants_key

Json = dict[str, Any]

FILLED = 20
OTHER_KEY = "sk-marlin-0815"
NO_SOAK = {"migration": {"soak": "0s"}}
KEYED = {"embeddingModelRef": {"name": "keyed"}}


@pytest.fixture
def keyed(home: Namespace) -> Iterator[Provider]:
    """A provider that wants a key, and a model of its that has it."""
    with provider() as double:
        double.answers = wants_key(KEY)
        home.secret("provider", {"token": KEY})
        reference = {"name": "provider", "key": "token"}
        external = {**double.spec["external"], "apiKeySecretRef": reference}
        home.apply("EmbeddingModel", "keyed", {**double.spec, "external": external})
        home.await_ready("EmbeddingModel", "keyed")
        yield double


@pytest.fixture
def secrets(migrating_plane: ControlPlane) -> Callable[[], list[Json]]:
    """The Secrets where Jobs run."""
    return lambda: Namespace(migrating_plane, JOBS).all_of("Secret")


@pytest.fixture
def told(
    migrating_plane: ControlPlane, migrating_operator: OperatorProcess, job_pods: JobPods
) -> Callable[[Scene], str]:
    """All that anybody could read but for Secrets: objects, Events, logs of the operator and of Jobs, notes."""

    def look(scene: Scene) -> str:
        system = Namespace(migrating_plane, JOBS)
        objects = [
            *(scene.namespace.all_of(kind) for kind in ("ContextCollection", "EmbeddingModel", "ConfigMap", "Event")),
            *(system.all_of(kind) for kind in ("Job", "Pod", "Event")),
        ]
        notes = scene.weaviate.get("/objects", params={"class": NOTES, "limit": 100}).text
        logs = [migrating_operator.log, *job_pods.folder.glob("*.log")]
        return "\n".join([json.dumps(objects), notes, *(log.read_text() for log in logs)])

    return look


def of_jobs(answers: Answering, otherwise: Answering) -> Callable[[Asked], Answer]:
    """Answers Jobs in one way, and the operator's probes in another: a Job asks for vectors in base64."""

    def answer(asked: Asked) -> Answer:
        chosen = answers if b"base64" in asked.body else otherwise
        return chosen if isinstance(chosen, Answer) else chosen(asked)

    return answer


def key_in(secret: Json) -> str:
    return base64.b64decode(secret["data"]["key"]).decode()


def test_new_vectors_are_made_with_the_key_that_nobody_is_shown(
    scenes: Callable[..., Scene],
    keyed: Provider,
    secrets: Callable[[], list[Json]],
    told: Callable[[Scene], str],
) -> None:
    scene = scenes(**NO_SOAK)
    scene.fill(FILLED)
    before = scene.status["fingerprint"]
    keyed.answers = of_jobs(Answer(429, {"error": {"message": "slow down"}}), wants_key(KEY))
    scene.apply(**KEYED)
    (secret,) = eventually(secrets, bool)
    (job,) = scene.jobs()
    assert key_in(secret) == KEY
    assert [one["uid"] for one in secret["metadata"]["ownerReferences"]] == [job["metadata"]["uid"]]
    held = eventually(lambda: scene.ready().get("message", ""), lambda message: "Held up" in message)
    assert "slow down" in held
    assert KEY not in told(scene)
    keyed.answers = wants_key(KEY)
    eventually(lambda: scene.status["fingerprint"], lambda found: found != before, LONG_SECONDS)
    scene.await_over()
    assert scene.count() == FILLED
    eventually(secrets, lambda found: not found)
    assert KEY not in told(scene)


def test_what_a_provider_would_be_sent_is_counted_before_that_and_without_its_key(
    scenes: Callable[..., Scene],
    keyed: Provider,
    secrets: Callable[[], list[Json]],
    told: Callable[[Scene], str],
) -> None:
    keyed.answers = of_jobs(Answer(500), wants_key(KEY))
    scene = scenes(migration={"approval": "Manual", "soak": "0s"})
    scene.fill(FILLED)
    scene.apply(**KEYED)
    scene.await_phase("AwaitingApproval")
    eventually(lambda: scene.estimated.get("tokens"), bool, LONG_SECONDS)
    assert "seconds" not in scene.estimated
    assert "time is not measured: a survey is not given a provider's key" in scene.estimate
    assert "tokens are" not in scene.estimate
    assert secrets() == []
    assert KEY not in told(scene)


def test_a_key_that_is_rotated_reaches_the_job_that_goes_on(
    scenes: Callable[..., Scene],
    home: Namespace,
    keyed: Provider,
    secrets: Callable[[], list[Json]],
    told: Callable[[Scene], str],
) -> None:
    scene = scenes(**NO_SOAK)
    scene.fill(FILLED)
    keyed.answers = of_jobs(Answer(429), wants_key(KEY))
    scene.apply(**KEYED)
    eventually(secrets, bool)
    keyed.answers = wants_key(OTHER_KEY)  # the old one is not taken any more
    stopped = home.await_reason("EmbeddingModel", "keyed", "ProviderNotAuthorized", "Stalled")
    waits = home.await_reason("ContextCollection", scene.name, "EmbeddingModelNotReady", "Reconciling")
    assert "correct key token of Secret provider" in stopped["message"]
    assert KEY not in stopped["message"] + waits["message"]
    rotated = json.dumps({"stringData": {"token": OTHER_KEY}})
    home.control_plane.kubectl("patch", "secret", "provider", "-n", home.name, "-p", rotated)
    eventually(secrets, lambda found: [key_in(one) for one in found] == [OTHER_KEY])
    scene.await_over(2 * LONG_SECONDS)
    assert scene.count() == FILLED
    assert "drawn-by-chance" in json.dumps((home.get("ConfigMap", f"{scene.name}-address") or {})["data"])
    seen = told(scene)
    assert KEY not in seen
    assert OTHER_KEY not in seen


def test_a_key_that_is_refused_to_a_job_alone_is_told_and_not_shown(
    scenes: Callable[..., Scene], keyed: Provider, secrets: Callable[[], list[Json]], told: Callable[[Scene], str]
) -> None:
    """A quota of its own, say. The change is taken back, and the key goes with the Job."""
    scene = scenes(**NO_SOAK)
    scene.fill(FILLED)
    keyed.answers = of_jobs(refuses_key, wants_key(KEY))
    scene.apply(**KEYED)
    message = eventually(lambda: scene.ready().get("message", ""), lambda message: "Held up" in message)
    assert "answered 401" in message
    assert KEY not in told(scene)
    scene.apply(embeddingModelRef={"name": "minilm"})
    scene.await_over()
    assert scene.target() == scene.first
    eventually(secrets, lambda found: not found)


def test_a_provider_that_asks_to_wait_is_not_asked_before(scenes: Callable[..., Scene], keyed: Provider) -> None:
    scene = scenes(**NO_SOAK)
    scene.fill(FILLED)
    times: list[float] = []

    def slowly(asked: Asked) -> Answer:
        times.append(time.monotonic())
        return Answer(429, headers={"Retry-After": "2"}) if len(times) < 4 else wants_key(KEY)(asked)

    keyed.answers = of_jobs(slowly, wants_key(KEY))
    scene.apply(**KEYED)
    eventually(lambda: len(times), lambda asked: asked >= 4, LONG_SECONDS)
    assert min(later - sooner for sooner, later in itertools.pairwise(times[:4])) >= 2
    scene.await_over()


def test_golden_queries_are_embedded_by_such_a_provider_too(
    scenes: Callable[..., Scene], keyed: Provider, secrets: Callable[[], list[Json]]
) -> None:
    verify = {"sampleSize": 5, "minRecall": 0, "goldenQueries": ["how do tides rise?"]}
    scene = scenes(**KEYED, migration={"soak": "1h", "verify": verify})
    scene.fill(FILLED)
    asked = keyed.probes
    scene.apply({"hnsw": {"efConstruction": 80}})
    assert "goldenRecall" in scene.await_phase("Soaking")
    assert keyed.probes > asked
    scene.apply(migration={"soak": "0s", "verify": verify})
    scene.await_over()
    eventually(secrets, lambda found: not found)


def test_a_job_that_has_no_key_yet_is_given_it_by_the_next_operator(
    scenes: Callable[..., Scene],
    keyed: Provider,
    secrets: Callable[[], list[Json]],
    migrating_plane: ControlPlane,
    migrating_operator: OperatorProcess,
) -> None:
    """A crash between the Job and its Secret leaves the one without the other."""
    scene = scenes(**NO_SOAK)
    scene.fill(FILLED)
    keyed.answers = of_jobs(Answer(429), wants_key(KEY))
    scene.apply(**KEYED)
    (secret,) = eventually(secrets, bool)
    migrating_operator.kill()
    Namespace(migrating_plane, JOBS).delete("Secret", secret["metadata"]["name"])
    migrating_operator.start()
    (again,) = eventually(secrets, bool)
    assert again["metadata"]["name"] == secret["metadata"]["name"]
    assert key_in(again) == KEY
    keyed.answers = wants_key(KEY)
    scene.await_over(2 * LONG_SECONDS)
    assert scene.count() == FILLED
