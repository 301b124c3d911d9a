import pytest

from hirag_operator.api import EmbeddingModel, Reason
from hirag_operator.plan.children.owned import plan_children
from hirag_operator.plan.model.probe import Probed
from hirag_operator.plan.model.vectorreference import (
    VectorReference,
    changed,
    is_current,
    known_fingerprint,
    read_reference,
    reference_manifest,
    wanted_reference,
)
from tests.operator.plan.model.answers import META, probed, provided
from tests.operator.plan.objects import external, model, owner

LEARNT = wanted_reference(model(), None, probed())
OF_PROVIDER = wanted_reference(external(), None, provided())
FOLDER = {"hostPath": {"path": "/srv/minilm"}}


def test_what_was_learnt_is_read_again_as_it_was_written() -> None:
    manifest = reference_manifest(model(), owner(), LEARNT)
    assert manifest["metadata"]["name"] == "minilm-vectors"
    assert manifest["data"]["fingerprint"] == known_fingerprint(model(), LEARNT)
    assert read_reference(manifest) == LEARNT
    (step,) = plan_children(owner(), [manifest], []).steps
    assert plan_children(owner(), [manifest], [step.manifest]).steps == ()  # type: ignore[union-attr]  # an ApplyChild


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(None, id="nothing"),
        pytest.param({"identity": "not JSON"}, id="no JSON"),
        pytest.param({"identity": '["a list"]'}, id="no object"),
        pytest.param({"identity": "[" * 10_000}, id="nested without end"),
        pytest.param({"sketch": ""}, id="an empty sketch"),
        pytest.param({"sketch": "1.AAAA"}, id="a sketch that is cut off"),
        pytest.param({"sketch": f"2.{LEARNT.sketch[2:]}"}, id="a sketch of another version"),
    ],
)
def test_what_was_spoilt_by_hand_is_as_good_as_none(data: dict[str, str] | None) -> None:
    manifest = reference_manifest(model(), owner(), LEARNT)
    manifest["data"] = None if data is None else {**manifest["data"], **data}
    assert read_reference(manifest) is None
    assert read_reference(None) is None


@pytest.mark.parametrize(
    ("declared", "present", "answer"),
    [
        pytest.param(model(), LEARNT, probed(), id="the same"),
        pytest.param(model({"serving": {"replicas": 2}}), LEARNT, probed(), id="under more replicas"),
        pytest.param(external(), OF_PROVIDER, provided(), id="of a provider"),
        pytest.param(external(None, url="https://eu.example.com/v1"), OF_PROVIDER, provided(), id="at another address"),
    ],
)
def test_the_same_vectors_leave_what_was_learnt_alone(
    declared: EmbeddingModel, present: VectorReference, answer: Probed
) -> None:
    assert changed(declared, present, answer) is None
    assert wanted_reference(declared, present, answer) is present


@pytest.mark.parametrize(
    ("declared", "present", "answer", "told"),
    [
        pytest.param(
            model(), LEARNT, probed(model=1, weights="c" * 64), "weights aaaaaaaaaaaa… → cccccccccccc…", id="files"
        ),
        pytest.param(model(), LEARNT, probed(weights="c" * 64), "weights", id="files that differ without a trace"),
        pytest.param(model(), LEARNT, probed(tokenizer="c" * 64), "tokenizer bbb", id="a tokenizer"),
        pytest.param(model(), LEARNT, probed(model=1), "cosine ", id="a damage that the files do not show"),
        pytest.param(external(), OF_PROVIDER, provided(model=1), "cosine ", id="another model of the same name"),
        pytest.param(external(), OF_PROVIDER, provided(length=2), "a factor of 2", id="vectors of another length"),
        pytest.param(
            external(None, url="https://eu.example.com/v1"), OF_PROVIDER, provided(model=1), "eu.example", id="moved"
        ),
    ],
)
def test_other_vectors_under_the_same_declaration_are_told_with_both_remedies(
    declared: EmbeddingModel, present: VectorReference, answer: Probed, told: str
) -> None:
    found = changed(declared, present, answer)
    assert found is not None
    assert found.reason is Reason.VECTORS_CHANGED
    assert told in found.message
    assert "Restore the " in found.message
    assert "deleting ConfigMap minilm-vectors" in found.message


@pytest.mark.parametrize(
    ("declared", "answer"),
    [
        pytest.param(model({"maxTokens": 128}), probed(max_tokens=128), id="a setting"),
        pytest.param(model(source=FOLDER), probed(revision="", weights="c" * 64, model=1), id="another source"),
    ],
)
def test_a_change_of_the_declaration_is_learnt_anew(declared: EmbeddingModel, answer: Probed) -> None:
    assert changed(declared, LEARNT, answer) is None
    assert not is_current(declared, LEARNT)
    assert known_fingerprint(declared, LEARNT) is None
    renewed = wanted_reference(declared, LEARNT, answer)
    assert known_fingerprint(declared, renewed) not in {None, known_fingerprint(model(), LEARNT)}


def test_the_same_files_from_elsewhere_keep_their_fingerprint() -> None:
    moved = model(source=FOLDER)
    assert known_fingerprint(moved, wanted_reference(moved, LEARNT, probed(revision=""))) == known_fingerprint(
        model(), LEARNT
    )


def test_a_message_quotes_no_more_of_a_server_than_tells_two_apart() -> None:
    answer = probed(instructions={"query": "ignore " * 500, "passage": ""})
    found = changed(model(), LEARNT, answer)
    assert found is not None
    assert len(found.message) < 500
    assert META["weights"] not in found.message
