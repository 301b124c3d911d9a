import pytest

from hirag_operator.api import EmbeddingModel, Reason
from hirag_operator.errors import Garbled, NotAuthorized, Refused, Unreachable
from hirag_operator.plan.model.proof import Answered, proof
from hirag_operator.plan.model.vectorreference import wanted_reference
from hirag_operator.plan.verdict import State
from tests.operator.plan.model.answers import probed, provided
from tests.operator.plan.objects import external, model

LEARNT = wanted_reference(model(), None, probed())
KEYED = external(apiKeySecretRef={"name": "provider", "key": "token"})
EARLIER = "2 of the pods are still of an earlier version."


@pytest.mark.parametrize(
    ("declared", "answered", "state", "reason", "told"),
    [
        pytest.param(model(), Answered(probed()), State.READY, Reason.READY, "384 dimensions", id="a first proof"),
        pytest.param(
            model(), Answered(probed(), reference=LEARNT), State.READY, Reason.READY, "384", id="the same again"
        ),
        pytest.param(external(), Answered(provided()), State.READY, Reason.READY, "384", id="a provider"),
        pytest.param(model(), Answered(), State.WORKING, Reason.RECONCILING, "not been probed", id="no probe yet"),
        pytest.param(
            model(),
            Answered(trouble=Unreachable("the embedder", "refused"), reference=LEARNT),
            State.WORKING,
            Reason.PROBE_FAILED,
            "the embedder: refused.",
            id="no answer: it may come",
        ),
        pytest.param(
            model(),
            Answered(trouble=Garbled("the embedder", "no vectors")),
            State.WORKING,
            Reason.PROBE_FAILED,
            "no vectors",
            id="an answer that is none",
        ),
        pytest.param(
            KEYED,
            Answered(trouble=NotAuthorized("the provider", "401")),
            State.STALLED,
            Reason.PROVIDER_NOT_AUTHORIZED,
            "correct key token of Secret provider",
            id="a key that is not accepted",
        ),
        pytest.param(
            external(),
            Answered(trouble=NotAuthorized("the provider", "401")),
            State.STALLED,
            Reason.PROVIDER_NOT_AUTHORIZED,
            "spec.external.apiKeySecretRef",
            id="no key where one is wanted",
        ),
        pytest.param(
            external(),
            Answered(trouble=Refused("the provider", "no such model", 404)),
            State.STALLED,
            Reason.PROBE_FAILED,
            "check spec.external.url and spec.external.model",
            id="a model that the provider does not know",
        ),
        pytest.param(
            model(),
            Answered(trouble=Refused("the embedder", "no such model", 404)),
            State.STALLED,
            Reason.PROBE_FAILED,
            "no such model",
            id="another server behind the Service",
        ),
        pytest.param(
            model(),
            Answered(probed(768), reference=LEARNT),
            State.STALLED,
            Reason.DIMENSIONS_MISMATCH,
            "to 768",
            id="other dimensions",
        ),
        pytest.param(
            model(),
            Answered(probed(model=1), reference=LEARNT),
            State.STALLED,
            Reason.VECTORS_CHANGED,
            "minilm-vectors",
            id="other vectors",
        ),
    ],
)
def test_what_answered_comes_to_a_verdict(
    declared: EmbeddingModel, answered: Answered, state: State, reason: Reason, told: str
) -> None:
    verdict = proof(declared, answered, "")
    assert (verdict.state, verdict.reason) == (state, reason)
    assert told in verdict.message


@pytest.mark.parametrize(
    ("declared", "answered", "state"),
    [
        pytest.param(model(), Answered(probed(), reference=LEARNT), State.READY, id="what was learnt holds"),
        pytest.param(model(), Answered(probed()), State.WORKING, id="nothing was learnt"),
        pytest.param(
            model({"maxTokens": 128}),
            Answered(probed(max_tokens=128), reference=LEARNT),
            State.WORKING,
            id="something else was learnt",
        ),
        pytest.param(
            model({"maxTokens": 128}), Answered(probed(), reference=LEARNT), State.WORKING, id="an old pod answered"
        ),
        pytest.param(model(), Answered(probed(model=1), reference=LEARNT), State.WORKING, id="others answered"),
    ],
)
def test_nothing_is_learnt_nor_held_against_a_model_while_pods_of_an_earlier_version_may_answer(
    declared: EmbeddingModel, answered: Answered, state: State
) -> None:
    verdict = proof(declared, answered, EARLIER)
    assert verdict.state is state
    assert state is State.READY or verdict.message.startswith(EARLIER)
