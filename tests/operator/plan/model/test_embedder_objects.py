from datetime import UTC, datetime
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from hirag_operator.api import EmbeddingModel
from hirag_operator.plan.children.owned import Owner
from hirag_operator.plan.model.embedder import embedder_objects
from hirag_operator.plan.model.embedderprocess import embedder_environment
from hirag_operator.plan.model.gpuprofiles import Choice, choose
from hirag_operator.plan.model.modelfiles import model_files
from hirag_operator.plan.pods.environment import environment
from tests.operator.plan.documents import cases
from tests.operator.plan.objects import external, model, owner

IMAGE = "hirag-embedder:test"
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.mark.parametrize(("manifests", "objects"), cases("embedder"))
def test_a_model_is_served_by_these_objects(manifests: dict[str, Any], objects: list[dict[str, Any]]) -> None:
    declared = EmbeddingModel.from_wire(manifests["EmbeddingModel"])
    metadata = declared.metadata
    whose = Owner("EmbeddingModel", metadata.namespace, metadata.name, metadata.uid)
    first = choose(declared.spec.effective_serving.gpu_profiles or (), None, (), NOW)
    assert embedder_objects(declared, whose, IMAGE, first) == objects


def rendered(spec: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The children of a model by kind."""
    return {made["kind"]: made for made in embedder_objects(model(spec), owner(), IMAGE, Choice())}


def test_an_autoscaler_owns_the_replicas() -> None:
    serving = {"autoscaling": {"minReplicas": 2, "maxReplicas": 5}}
    made = rendered({"serving": serving})
    assert "replicas" not in made["Deployment"]["spec"]
    autoscaler = made["HorizontalPodAutoscaler"]
    assert (autoscaler["spec"]["minReplicas"], autoscaler["spec"]["maxReplicas"]) == (2, 5)


@pytest.mark.parametrize(
    ("changed", "another"),
    [
        pytest.param({"serving": {"replicas": 5}}, False, id="more of them"),
        pytest.param({"serving": {"startupDeadlineSeconds": 60}}, True, id="another deadline, which a probe has too"),
        pytest.param({"serving": {"podAnnotations": {"a": "b"}}}, True, id="an annotation"),
        pytest.param({"serving": {"image": "other"}}, True, id="an image"),
        pytest.param({"pooling": "cls"}, True, id="another pooling"),
    ],
)
def test_pods_are_of_another_version_exactly_when_their_template_is(changed: dict[str, Any], *, another: bool) -> None:
    def version(spec: dict[str, Any]) -> str:
        found: str = rendered(spec)["Deployment"]["spec"]["template"]["metadata"]["annotations"]["hirag.dev/version"]
        return found

    assert (version(changed) != version({})) is another


@pytest.mark.parametrize(
    ("source", "folder"),
    [
        pytest.param({"persistentVolumeClaim": {"claimName": "m"}}, "/models", id="the claim itself"),
        pytest.param({"image": {"reference": "m"}}, "/models", id="the root of the image"),
        pytest.param({"persistentVolumeClaim": {"claimName": "m", "path": "a/b/"}}, "/models/a/b", id="a folder below"),
        pytest.param({"image": {"reference": "m", "path": "/a/b"}}, "/models/a/b", id="a folder of the image"),
        pytest.param({"hostPath": {"path": "/srv/minilm"}}, "/models", id="a folder of the node, mounted itself"),
    ],
)
def test_the_folder_of_the_model_lies_below_the_mount(source: dict[str, Any], folder: str) -> None:
    assert model_files(model(source=source), IMAGE).model_dir == folder


def test_model_files_are_never_writable_to_the_server() -> None:
    for source in ({"image": {"reference": "m"}}, {"hostPath": {"path": "/srv"}}, None):
        declared = model(source=source) if source else model()
        assert model_files(declared, IMAGE).mount["readOnly"] is True


def test_a_provider_has_no_files() -> None:
    with pytest.raises(ValueError, match=r"spec\.source"):
        model_files(external(), IMAGE)


def expanded(value: str) -> str:
    """What Kubernetes makes of a value where no variable is set (k8s.io/kubernetes, golang/expansion)."""
    result, rest = "", value
    while rest:
        if rest.startswith("$$"):
            result, rest = result + "$", rest[2:]
        else:
            result, rest = result + rest[0], rest[1:]
    return result


@given(st.text(alphabet="$()AB ", max_size=12))
def test_what_users_write_reaches_the_process_as_they_wrote_it(text: str) -> None:
    (entry,) = environment({"HIRAG_EMBEDDER_QUERY_INSTRUCTION": text})
    assert expanded(entry["value"]) == text
    assert "$(" not in entry["value"].replace("$$", "")


def test_everything_that_is_rendered_can_be_written_as_yaml() -> None:
    for manifest in embedder_objects(model({"instructions": {"query": "é: #"}}), owner(), IMAGE, Choice()):
        assert yaml.safe_load(yaml.safe_dump(manifest)) == manifest


def test_what_is_not_declared_is_not_in_the_environment() -> None:
    names = embedder_environment(model(), "/models")
    assert not {"HIRAG_EMBEDDER_QUERY_INSTRUCTION", "HIRAG_EMBEDDER_BATCH_TOKENS"} & names.keys()
