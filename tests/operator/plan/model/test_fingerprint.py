from typing import Any

import pytest

from hirag_operator.api import EmbeddingModel
from hirag_operator.plan.model.description import Description
from hirag_operator.plan.model.fingerprint import declaration, fingerprint, identity
from tests.operator.plan.model.answers import META
from tests.operator.plan.objects import HUB, external, model

SOURCES: dict[str, dict[str, Any]] = {
    "another repository": {"huggingFace": {**HUB["huggingFace"], "repo": "owner/minilm"}},
    "another revision": {"huggingFace": {**HUB["huggingFace"], "revision": "0" * 40}},
    "a folder": {"hostPath": {"path": "/srv/minilm"}},
    "a volume": {"persistentVolumeClaim": {"claimName": "models", "path": "minilm"}},
    "an image": {"image": {"reference": "models", "path": "/minilm"}},
}
SETTINGS: dict[str, dict[str, Any]] = {
    "fewer dimensions": {"dimensions": 256},
    "a longer text is read": {"maxTokens": 512},
    "another pooling": {"pooling": "cls"},
    "no normalisation": {"normalize": False},
    "an instruction for queries": {"instructions": {"query": "query: "}},
    "an instruction for passages": {"instructions": {"passage": "query: "}},
    "half precision": {"runtime": {"precision": "fp16"}},
    "whole numbers": {"runtime": {"precision": "int8"}},
}
LEFT_ALONE: dict[str, dict[str, Any]] = {
    "defaults written out": {
        "pooling": "mean",
        "normalize": True,
        "instructions": {"query": "", "passage": ""},
        "runtime": {"precision": "fp32", "backend": "onnxruntime"},
    },
    "a GPU": {
        "runtime": {"device": "cuda"},
        "serving": {"gpuProfiles": [{"name": "any", "resource": {"name": "nvidia.com/gpu"}}]},
    },
    "another preset": {"runtime": {"preset": "highThroughput"}},
    "another batch": {"runtime": {"batching": {"maxTokens": 4096, "maxRequests": 64}}},
    "a cache": {"runtime": {"cache": {"maxBytes": "1Gi", "ttl": "1d"}}},
    "more replicas": {"serving": {"replicas": 3}},
    "an autoscaler": {"serving": {"autoscaling": {"maxReplicas": 4}}},
    "another image of the embedder": {"serving": {"image": "registry.example.com/embedder:2"}},
    "other resources": {"serving": {"resources": {"limits": {"memory": "2Gi"}}}},
    "another place": {
        "serving": {
            "nodeSelector": {"disk": "ssd"},
            "tolerations": [{"operator": "Exists"}],
            "affinity": {"nodeAffinity": {}},
            "schedulerName": "own",
            "runtimeClassName": "nvidia",
            "priorityClassName": "high",
        }
    },
    "a longer start": {"serving": {"startupDeadlineSeconds": 1200}},
    "a rate limit": {"rateLimit": {"requestsPerMinute": 60, "tokensPerMinute": 6000}},
    "other namespaces": {"allowedNamespaces": {"from": "All"}},
    "another drift policy": {"driftPolicy": "Warn"},
    "another order of migrations": {"rollout": {"canary": {"namespace": "team-a", "name": "small"}}},
}


def described(declared: EmbeddingModel, **said: Any) -> str:
    """The fingerprint of a model whose server describes itself as declared, but for `said`."""
    wire = declared.to_wire()["spec"]
    words = {"precision": wire.get("runtime", {}).get("precision", "fp32"), "instructions": wire["instructions"]}
    return fingerprint(declared, identity(declared, Description.model_validate({**META, **words, **said})))


def named(declared: EmbeddingModel) -> str:
    """The fingerprint of a provider's model that tells nothing of itself."""
    return fingerprint(declared, identity(declared, None))


@pytest.mark.parametrize("change", SETTINGS.values(), ids=SETTINGS)
def test_a_setting_that_moves_vectors_changes_fingerprint_and_declaration(change: dict[str, Any]) -> None:
    assert described(model(change)) != described(model())
    assert declaration(model(change)) != declaration(model())


def test_no_two_changes_share_a_fingerprint() -> None:
    found = {described(model(change)) for change in [{}, *SETTINGS.values()]}
    assert len(found) == len(SETTINGS) + 1


@pytest.mark.parametrize("change", LEFT_ALONE.values(), ids=LEFT_ALONE)
def test_a_change_that_moves_no_vector_leaves_both_alone(change: dict[str, Any]) -> None:
    assert described(model(change)) == described(model())
    assert declaration(model(change)) == declaration(model())


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_the_same_files_from_elsewhere_keep_the_fingerprint_and_change_what_is_declared(source: dict[str, Any]) -> None:
    moved = model(source=source)
    assert described(moved) == described(model())
    assert declaration(moved) != declaration(model())


def test_every_field_of_the_spec_stands_in_one_of_the_tables() -> None:
    declared = {name for change in [*SETTINGS.values(), *LEFT_ALONE.values()] for name in change}
    fields = {field.alias for field in type(model().spec).model_fields.values()}
    assert declared | {"source", "external"} == fields  # where a model comes from has tests of its own


@pytest.mark.parametrize(
    "said",
    [
        pytest.param({"weights": "c" * 64}, id="other weights"),
        pytest.param({"tokenizer": "c" * 64}, id="another tokenizer"),
        pytest.param({"precision": "fp16"}, id="another precision"),
        pytest.param({"instructions": {"query": "query: ", "passage": ""}}, id="an instruction"),
    ],
)
def test_what_truly_answers_is_part_of_it(said: dict[str, Any]) -> None:
    provider = external(vectorizer="text2vec-transformers")
    assert described(provider, **said) != described(provider)


def test_the_embedder_of_another_cluster_gives_the_same_vectors_as_ones_own() -> None:
    assert described(external(vectorizer="text2vec-transformers")) == described(model())


@pytest.mark.parametrize(
    ("provider", "alters"),
    [
        pytest.param({"model": "text-embedding-3-large"}, True, id="another model of the provider changes it"),
        pytest.param({"url": "https://eu.example.com/v1"}, False, id="another address leaves it alone"),
        pytest.param({"apiKeySecretRef": {"name": "key"}}, False, id="a key leaves it alone"),
    ],
)
def test_a_provider_that_tells_nothing_is_known_by_its_name_for_the_model(
    provider: dict[str, Any], *, alters: bool
) -> None:
    assert (named(external(None, **provider)) != named(external())) is alters
    assert (declaration(external(None, **provider)) != declaration(external())) is alters


def test_a_served_model_that_does_not_name_its_files_has_no_identity() -> None:
    with pytest.raises(ValueError, match=r"spec\.source"):
        identity(model(), Description())


@pytest.mark.parametrize(
    ("found", "golden"),
    [
        pytest.param(described(model()), "sgfsbbhwg6z5izfxfckb4273q7", id="served by the operator"),
        pytest.param(named(external()), "y3edegiqrtxz4n3z7ob3umnmg3", id="of a provider"),
    ],
)
def test_fingerprints_outlive_releases_of_the_operator(found: str, golden: str) -> None:
    # A change here means that every collection in the world would be embedded anew.
    assert found == golden
