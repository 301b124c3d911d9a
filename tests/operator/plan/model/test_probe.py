import math
from typing import Any

import pytest

from hirag_operator.api import EmbeddingModel, Reason
from hirag_operator.plan.model.embedderprocess import served_revision
from hirag_operator.plan.model.probe import Probed, complaint
from tests.operator.plan.model.answers import probed, provided, vector, vectors
from tests.operator.plan.objects import external, model

DESCRIBED: dict[str, Any] = {"vectorizer": "text2vec-transformers"}
SELF_HOSTED = external(**DESCRIBED)
FIRST, *OTHERS = vectors()


@pytest.mark.parametrize(
    ("declared", "answer"),
    [
        pytest.param(model(), probed(), id="as declared and as described"),
        pytest.param(model(), probed(pooling=None, instructions=None), id="words that are left out"),
        pytest.param(model(), probed(length=1.0005), id="norms that are 1 but for rounding"),
        pytest.param(
            model({"normalize": False}), probed(length=5.2, normalize=False), id="long vectors where none are scaled"
        ),
        pytest.param(external(), provided(length=5.2), id="a provider scales as it likes"),
        pytest.param(SELF_HOSTED, probed(precision="fp16"), id="a provider computes in a precision of its own"),
        pytest.param(SELF_HOSTED, probed(instructions={"query": "q: "}), id="a provider has instructions of its own"),
        pytest.param(SELF_HOSTED, probed(weights=None), id="a provider need not name its files"),
        pytest.param(
            model({"dimensions": 1}),
            Probed(((1.0,), (1.0,)), probed(1).description),
            id="one dimension leaves no choice",
        ),
    ],
)
def test_a_probe_proves_the_declaration(declared: EmbeddingModel, answer: Probed) -> None:
    assert complaint(declared, answer) is None


@pytest.mark.parametrize(
    ("answer", "reason", "told"),
    [
        pytest.param(provided(768), Reason.DIMENSIONS_MISMATCH, "set spec.dimensions to 768", id="longer vectors"),
        pytest.param(
            Probed((FIRST, vector(1, 768))), Reason.DIMENSIONS_MISMATCH, "to 768", id="one longer vector of several"
        ),
        pytest.param(
            Probed((FIRST, (0.0,) * 384)), Reason.VECTORS_UNUSABLE, "zero or not finite", id="a vector of zeros"
        ),
        pytest.param(
            Probed((FIRST, (math.nan, *FIRST[1:]))), Reason.VECTORS_UNUSABLE, "not finite", id="a vector of no numbers"
        ),
        pytest.param(
            Probed(((math.inf, *FIRST[1:]), FIRST)), Reason.VECTORS_UNUSABLE, "not finite", id="a vector without end"
        ),
        pytest.param(
            Probed(((1e200,) * 384, FIRST)), Reason.VECTORS_UNUSABLE, "not finite", id="a length beyond all floats"
        ),
        pytest.param(Probed((FIRST,) * 4), Reason.VECTORS_UNUSABLE, "the same vector", id="one vector for all texts"),
        pytest.param(
            Probed((FIRST, tuple(number * 1.001 for number in FIRST))),
            Reason.VECTORS_UNUSABLE,
            "the same vector",
            id="one direction for all texts",
        ),
    ],
)
def test_vectors_that_cannot_be_right_are_refused_whoever_answers(answer: Probed, reason: Reason, told: str) -> None:
    for declared in (model(), external()):
        found = complaint(declared, answer)
        assert found is not None
        assert found.reason is reason
        assert told in found.message


def test_two_texts_of_one_vector_among_others_are_no_broken_model() -> None:
    assert complaint(external(), Probed((FIRST, FIRST, *OTHERS))) is None


@pytest.mark.parametrize(
    ("declared", "answer", "told"),
    [
        pytest.param(model(), probed(length=5.2), "spec.normalize is true", id="vectors that are not scaled"),
        pytest.param(model(), probed(pooling="cls"), "spec.pooling is 'mean', but the server says 'cls'", id="pooling"),
        pytest.param(model(), probed(max_tokens=128), "spec.maxTokens is 256", id="a shorter reader"),
        pytest.param(model({"normalize": False}), probed(), "spec.normalize is False", id="scaled all the same"),
        pytest.param(
            model(), Probed(vectors(), probed(768).description), "spec.dimensions is 384", id="other words than vectors"
        ),
        pytest.param(
            model({"runtime": {"precision": "fp16"}}), probed(), "spec.runtime.precision is 'fp16'", id="precision"
        ),
        pytest.param(
            model({"instructions": {"query": "query: "}}), probed(), "spec.instructions.query", id="no instruction"
        ),
        pytest.param(
            model(), probed(instructions={"passage": "p: "}), "spec.instructions.passage", id="an instruction too many"
        ),
        pytest.param(
            model(), probed(revision="0" * 40), "a pod of an earlier version", id="a pod of an older revision"
        ),
        pytest.param(model(), probed(weights=None), "names no checksums", id="files that are not named"),
        pytest.param(SELF_HOSTED, probed(max_tokens=128), "set it to 128, or correct spec.external.url", id="remedy"),
    ],
)
def test_a_contradiction_is_told_with_its_remedy(declared: EmbeddingModel, answer: Probed, told: str) -> None:
    found = complaint(declared, answer)
    assert found is not None
    assert found.reason is Reason.DECLARATION_MISMATCH
    assert told in found.message


def test_a_pod_of_our_own_that_describes_something_else_is_about_to_go_and_a_provider_is_not() -> None:
    answer = probed(pooling="cls")
    found = [complaint(declared, answer) for declared in (model(), SELF_HOSTED)]
    assert [one.passes for one in found if one is not None] == [True, False]


def test_a_pod_tells_the_source_that_it_serves() -> None:
    folders = [model(source={"hostPath": {"path": path}}) for path in ("/srv/old", "/srv/new")]
    old, new = map(served_revision, folders)
    assert complaint(folders[1], probed(revision=new)) is None
    found = complaint(folders[1], probed(revision=old))
    assert found is not None
    assert old in found.message
