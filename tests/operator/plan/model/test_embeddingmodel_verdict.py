from datetime import UTC, datetime
from typing import Any

import pytest

from hirag_operator.api import EmbeddingModel
from hirag_operator.api.conditions import Reason
from hirag_operator.errors import Unreachable
from hirag_operator.plan.children.owned import ChildrenPlan
from hirag_operator.plan.model.embeddingmodel import SeenModel, can_probe, endpoint, judge, status, transformers_root
from hirag_operator.plan.model.proof import Answered
from hirag_operator.plan.model.vectorreference import known_fingerprint, wanted_reference
from hirag_operator.plan.verdict import State
from tests.operator.plan.model.answers import probed, provided
from tests.operator.plan.objects import external, model

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
SERVICE_URL = "http://{name}.{namespace}.svc:{port}"
GOOD = Answered(probed())
LEARNT = wanted_reference(model(), None, probed())


def deployment(wanted: int = 1, generation: int = 2, **counted: Any) -> dict[str, Any]:
    """A live Deployment."""
    return {
        "metadata": {"name": "minilm-embedder", "generation": generation},
        "spec": {"replicas": wanted},
        "status": counted,
    }


def condition(kind: str, status: str, reason: str, message: str = "") -> list[dict[str, str]]:
    return [{"type": kind, "status": status, "reason": reason, "message": message}]


UP = deployment(observedGeneration=2, replicas=1, updatedReplicas=1, readyReplicas=1)


@pytest.mark.parametrize(
    ("declared", "seen", "state", "reason", "told"),
    [
        pytest.param(
            model(), SeenModel(UP, answered=GOOD), State.READY, Reason.READY, "384 dimensions", id="pods and probe"
        ),
        pytest.param(
            external({"dimensions": 384}),
            SeenModel(answered=Answered(provided())),
            State.READY,
            Reason.READY,
            "384 dimensions",
            id="a provider and a probe",
        ),
        pytest.param(
            model(),
            SeenModel(children=ChildrenPlan(taken=("Service team-a/minilm-embedder",))),
            State.STALLED,
            Reason.CONFLICT,
            "belongs to somebody else",
            id="a name that is taken",
        ),
        pytest.param(
            model(), SeenModel(), State.WORKING, Reason.RECONCILING, "is being made", id="before there is a Deployment"
        ),
        pytest.param(
            model(), SeenModel(deployment()), State.WORKING, Reason.PODS_NOT_READY, "No pod", id="no pod is ready yet"
        ),
        pytest.param(
            model(),
            SeenModel({**deployment(), "status": None}),
            State.WORKING,
            Reason.PODS_NOT_READY,
            "No pod",
            id="a Deployment without a status yet",
        ),
        pytest.param(
            model(),
            SeenModel(deployment(0)),
            State.WORKING,
            Reason.PODS_NOT_READY,
            "scaled to 0",
            id="scaled to nothing",
        ),
        pytest.param(
            model(),
            SeenModel(deployment(conditions=condition("ReplicaFailure", "True", "FailedCreate", "exceeded quota"))),
            State.STALLED,
            Reason.QUOTA_EXCEEDED,
            "exceeded quota",
            id="pods that a quota forbids",
        ),
        pytest.param(
            model(),
            SeenModel(deployment(conditions=condition("Progressing", "False", "ProgressDeadlineExceeded"))),
            State.STALLED,
            Reason.STARTUP_DEADLINE_EXCEEDED,
            "startupDeadlineSeconds",
            id="no pod within the deadline",
        ),
        pytest.param(
            model(), SeenModel(UP), State.WORKING, Reason.RECONCILING, "not been probed", id="before there is a probe"
        ),
        pytest.param(
            model(),
            SeenModel(UP, answered=Answered(trouble=Unreachable("the embedder", "refused"))),
            State.WORKING,
            Reason.PROBE_FAILED,
            "the embedder: refused",
            id="no answer",
        ),
    ],
)
def test_what_is_seen_of_a_model_comes_to_a_verdict(
    declared: EmbeddingModel, seen: SeenModel, state: State, reason: Reason, told: str
) -> None:
    verdict = judge(declared, seen)
    assert (verdict.state, verdict.reason) == (state, reason)
    assert told in verdict.message


@pytest.mark.parametrize(
    ("live", "told"),
    [
        pytest.param(UP, "", id="all replicas are new and ready"),
        pytest.param(
            deployment(3, observedGeneration=2, replicas=4, updatedReplicas=1, readyReplicas=4),
            "1 of 3 replicas",
            id="one of three is new",
        ),
        pytest.param(
            deployment(1, observedGeneration=2, replicas=2, updatedReplicas=1, readyReplicas=1),
            "0 of 1 replicas",
            id="the one that is ready is of an earlier version",
        ),
        pytest.param(
            deployment(3, observedGeneration=2, replicas=3, updatedReplicas=3, readyReplicas=2),
            "2 of 3 replicas",
            id="two of three are ready",
        ),
        pytest.param(
            deployment(1, 5, observedGeneration=4, replicas=1, updatedReplicas=1, readyReplicas=1),
            "taken up no change",
            id="the controller has not looked yet",
        ),
    ],
)
def test_a_rollout_behind_pods_that_serve_is_told_without_losing_ready(live: dict[str, Any], told: str) -> None:
    verdict = judge(model(), SeenModel(live, answered=Answered(probed(), reference=LEARNT)))
    assert verdict.state is State.READY
    assert told in verdict.also_working
    assert bool(told) is bool(verdict.also_working)


@pytest.mark.parametrize(
    ("declared", "url", "root"),
    [
        pytest.param(
            model(),
            "http://minilm-embedder.team-a.svc:8080/v1",
            "http://minilm-embedder.team-a.svc:8080",
            id="our own embedder",
        ),
        pytest.param(external(), "https://api.example.com/v1", None, id="a provider that Weaviate cannot ask"),
        pytest.param(
            external(None, url="http://127.0.0.1:9000/v1/", vectorizer="text2vec-transformers"),
            "http://127.0.0.1:9000/v1",
            "http://127.0.0.1:9000",
            id="a provider that answers Weaviate's module",
        ),
    ],
)
def test_a_model_has_an_address_and_perhaps_one_for_weaviate(
    declared: EmbeddingModel, url: str, root: str | None
) -> None:
    assert endpoint(declared, SERVICE_URL) == url
    assert transformers_root(declared, SERVICE_URL) == root


@pytest.mark.parametrize(
    ("declared", "live", "answers"),
    [
        pytest.param(external(), None, True, id="a provider is there"),
        pytest.param(model(), None, False, id="no Deployment yet"),
        pytest.param(model(), deployment(), False, id="no ready pod yet"),
        pytest.param(model(), UP, True, id="a ready pod"),
    ],
)
def test_a_probe_waits_until_something_should_answer(declared: EmbeddingModel, live: Any, *, answers: bool) -> None:
    assert can_probe(declared, live) is answers


def test_the_status_of_a_model_is_what_the_api_says_it_is() -> None:
    seen = SeenModel(UP, answered=Answered(probed(), reference=LEARNT))
    report = status(model(), seen, judge(model(), seen), SERVICE_URL, NOW, {})
    found = EmbeddingModel.from_wire({**model().to_wire(), "status": report}).status
    assert (found.fingerprint, found.dimensions) == (known_fingerprint(model(), LEARNT), 384)
    assert found.sketch == LEARNT.sketch
    assert (found.replicas, found.ready_replicas) == (1, 1)
    assert found.selector == "app.kubernetes.io/managed-by=hirag-operator,hirag.dev/embedding-model=minilm"
    assert found.observed_generation == 3


def test_what_was_learnt_stays_in_status_when_nothing_answers_and_none_of_it_when_something_else_is_declared() -> None:
    seen = SeenModel(UP, answered=Answered(trouble=Unreachable("the embedder", "refused"), reference=LEARNT))
    report = status(model(), seen, judge(model(), seen), SERVICE_URL, NOW, {})
    assert (report["dimensions"], report["fingerprint"]) == (384, known_fingerprint(model(), LEARNT))
    other = model({"maxTokens": 128})
    assert (
        not {"dimensions", "fingerprint", "sketch"}
        & status(other, seen, judge(other, seen), SERVICE_URL, NOW, report).keys()
    )


def test_the_fingerprint_stays_that_of_the_vectors_in_collections_when_others_answer() -> None:
    seen = SeenModel(UP, answered=Answered(probed(model=1, weights="c" * 64), reference=LEARNT))
    report = status(model(), seen, judge(model(), seen), SERVICE_URL, NOW, {})
    assert report["fingerprint"] == known_fingerprint(model(), LEARNT)
    assert report["sketch"] == LEARNT.sketch


def test_a_provider_has_no_replicas_to_report() -> None:
    report = status(external(), SeenModel(), judge(external(), SeenModel()), SERVICE_URL, NOW, {})
    assert not {"replicas", "readyReplicas", "selector", "dimensions"} & report.keys()
    assert report["model"] == "text-embedding-3-small"
