"""What an embeddings provider can get wrong is said in a condition, heals alone, and never shows its key."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from e2e.cluster.faultproxy import FaultProxy
from e2e.cluster.faults import Fault
from e2e.cluster.namespace import Namespace, eventually
from e2e.cluster.operator import OperatorProcess
from hirag_operator.adapters.embedder import ANSWER_LIMIT
from tests.operator.adapters.answering import Answer, Answering
from tests.operator.reconcile.provider import (
    KEY,
    Provider,
    embeds,
    embeds_all_as,
    provider,
    refuses_key,
    wants_key,
)

Json = dict[str, Any]
KEYED = {"apiKeySecretRef": {"name": "provider", "key": "token"}}


@pytest.fixture
def running() -> Iterator[Provider]:
    with provider() as made:
        yield made


def _stays_secret(namespace: Namespace, operator: OperatorProcess) -> None:
    seen = [namespace.all_of(kind) for kind in ("EmbeddingModel", "ConfigMap", "Event")]
    assert KEY not in json.dumps(seen)
    assert KEY not in operator.log.read_text()


@pytest.mark.parametrize(
    ("answers", "reason", "state", "told"),
    [
        pytest.param(embeds(dimensions=768), "DimensionsMismatch", "Stalled", "set spec.dimensions to 768", id="long"),
        pytest.param(embeds_all_as([0.0] * 384), "VectorsUnusable", "Stalled", "zero or not finite", id="zeros"),
        pytest.param(embeds_all_as([0.5] * 384), "VectorsUnusable", "Stalled", "the same vector", id="one for all"),
        pytest.param(Answer(200, b'{"data": [NaN'), "ProbeFailed", "Reconciling", "what is not JSON", id="garbage"),
        pytest.param(Answer(200, {"data": []}), "ProbeFailed", "Reconciling", "0 vectors to 4 texts", id="no vectors"),
        pytest.param(
            Answer(200, b" " * (ANSWER_LIMIT + 1)), "ProbeFailed", "Reconciling", "longer than", id="without end"
        ),
        pytest.param(Answer(429, {"error": {"message": "slow down"}}), "ProbeFailed", "Reconciling", "slow", id="429"),
        pytest.param(Answer(503), "ProbeFailed", "Reconciling", "503", id="503"),
        pytest.param(
            Answer(302, headers={"Location": "http://127.0.0.1:9/"}), "ProbeFailed", "Stalled", "external.url", id="302"
        ),
        pytest.param(Answer(404, {"error": "no such model"}), "ProbeFailed", "Stalled", "external.model", id="404"),
        pytest.param(refuses_key, "ProviderNotAuthorized", "Stalled", "spec.external.apiKeySecretRef", id="401"),
    ],
)
def test_a_wrong_answer_is_told_and_a_right_one_heals(
    namespace: Namespace, running: Provider, answers: Answering, reason: str, state: str, told: str
) -> None:
    running.answers = answers
    namespace.apply("EmbeddingModel", "drawn", running.spec)
    condition = namespace.await_reason("EmbeddingModel", "drawn", reason, state)
    assert condition["status"] == "True"
    assert told in condition["message"]
    status = (namespace.get("EmbeddingModel", "drawn") or {})["status"]
    assert "fingerprint" not in status, "nothing is known before the first proof"
    running.answers = embeds()
    namespace.await_ready("EmbeddingModel", "drawn")


@pytest.mark.parametrize("fault", [Fault(hang=True), Fault(drip=0.5)], ids=["hangs", "drips"])
def test_a_provider_that_does_not_come_to_an_end_is_given_up(
    namespace: Namespace, running: Provider, fault: Fault
) -> None:
    with FaultProxy(running.spec["external"]["url"].removesuffix("/v1")) as proxy:
        proxy.fault = fault
        external = {**running.spec["external"], "url": f"{proxy.url}/v1"}
        namespace.apply("EmbeddingModel", "drawn", {**running.spec, "external": external})
        condition = namespace.await_reason("EmbeddingModel", "drawn", "ProbeFailed", "Reconciling")
        assert "within 10 s" in condition["message"]
        proxy.fault = Fault()
        namespace.await_ready("EmbeddingModel", "drawn")


def test_a_key_that_the_provider_refuses_is_named_and_not_shown_and_its_rotation_heals(
    namespace: Namespace, running: Provider, operator: OperatorProcess
) -> None:
    running.answers = wants_key("sk-another")
    namespace.secret("provider", {"token": KEY})
    spec = {**running.spec, "external": {**running.spec["external"], **KEYED}}
    namespace.apply("EmbeddingModel", "drawn", spec)
    condition = namespace.await_reason("EmbeddingModel", "drawn", "ProviderNotAuthorized", "Stalled")
    assert "Incorrect API key provided: [key]" in condition["message"]
    assert "correct key token of Secret provider" in condition["message"]
    _stays_secret(namespace, operator)
    patch = json.dumps({"stringData": {"token": "sk-another"}})
    namespace.control_plane.kubectl("patch", "secret", "provider", "-n", namespace.name, "-p", patch)
    namespace.await_ready("EmbeddingModel", "drawn")
    _stays_secret(namespace, operator)


@pytest.mark.parametrize(
    ("key", "reason", "told"),
    [
        pytest.param(f"{KEY}\n{KEY}", "ProviderNotAuthorized", "one line of printable ASCII", id="two lines"),
        pytest.param(f"{KEY}ü", "SecretNotFound", "is not plain text", id="letters that no header carries"),
        pytest.param(" \n", "SecretNotFound", "key token of Secret provider is empty", id="nothing but space"),
    ],
)
def test_a_key_that_cannot_be_sent_is_told_of_without_being_shown(
    namespace: Namespace, running: Provider, operator: OperatorProcess, key: str, reason: str, told: str
) -> None:
    namespace.secret("provider", {"token": key})
    spec = {**running.spec, "external": {**running.spec["external"], **KEYED}}
    namespace.apply("EmbeddingModel", "drawn", spec)
    condition = namespace.await_reason("EmbeddingModel", "drawn", reason, "Stalled")
    assert told in condition["message"]
    assert running.probes == 0
    _stays_secret(namespace, operator)


def test_a_model_at_rest_is_probed_and_written_nothing_of(namespace: Namespace, running: Provider) -> None:
    namespace.apply("EmbeddingModel", "drawn", running.spec)
    namespace.await_ready("EmbeddingModel", "drawn")

    def versions() -> list[str]:
        found = [namespace.get("EmbeddingModel", "drawn"), namespace.get("ConfigMap", "drawn-vectors")]
        return [(body or {})["metadata"]["resourceVersion"] for body in found]

    before, asked = versions(), running.probes
    eventually(lambda: running.probes, lambda count: count >= asked + 3)
    assert versions() == before
