from typing import Any

import pytest

from hirag_operator.plan.fingerprint import fingerprint
from tests.operator.plan.objects import external, model

ALTERED: dict[str, dict[str, Any]] = {
    "another repository": {"source": {"huggingFace": {"repo": "BAAI/bge-small-en"}}},
    "another revision": {"source": {"huggingFace": {"revision": "0" * 40}}},
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
    "a GPU": {"runtime": {"device": "cuda"}, "serving": {"gpuProfiles": [{"name": "any"}]}},
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
}


@pytest.mark.parametrize("change", ALTERED.values(), ids=ALTERED)
def test_a_change_that_moves_vectors_changes_the_fingerprint(change: dict[str, Any]) -> None:
    assert fingerprint(model(change)) != fingerprint(model())


def test_no_two_changes_share_a_fingerprint() -> None:
    found = {fingerprint(model(change)) for change in [{}, *ALTERED.values()]}
    assert len(found) == len(ALTERED) + 1


@pytest.mark.parametrize("change", LEFT_ALONE.values(), ids=LEFT_ALONE)
def test_a_change_that_moves_no_vector_leaves_the_fingerprint_alone(change: dict[str, Any]) -> None:
    assert fingerprint(model(change)) == fingerprint(model())


def test_every_field_of_the_spec_stands_in_one_of_the_tables() -> None:
    declared = {name for change in [*ALTERED.values(), *LEFT_ALONE.values()] for name in change}
    fields = {field.alias for field in type(model().spec).model_fields.values()}
    assert declared | {"external"} == fields  # a provider has tests of its own below


def test_the_kind_of_source_is_part_of_it() -> None:
    path = "/srv/minilm"
    sources = [
        {"hostPath": {"path": path}},
        {"persistentVolumeClaim": {"claimName": "models", "path": path}},
        {"image": {"reference": "models", "path": path}},
    ]
    assert len({fingerprint(model(source=source)) for source in sources}) == 3


@pytest.mark.parametrize(
    ("provider", "alters"),
    [
        pytest.param({"model": "text-embedding-3-large"}, True, id="another model of the provider changes it"),
        pytest.param({"url": "https://eu.example.com/v1"}, False, id="another address leaves it alone"),
        pytest.param({"apiKeySecretRef": {"name": "key"}}, False, id="a key leaves it alone"),
        pytest.param({"vectorizer": "text2vec-transformers"}, False, id="how Weaviate asks leaves it alone"),
    ],
)
def test_a_provider_is_known_by_its_name_for_the_model(provider: dict[str, Any], *, alters: bool) -> None:
    assert (fingerprint(external(None, **provider)) != fingerprint(external())) is alters


@pytest.mark.parametrize(
    ("declared", "golden"),
    [
        pytest.param(model(), "ocwwcm2eqzzv73whozlmsh2ncg", id="served by the operator"),
        pytest.param(external(), "e4gesvs3ft5wzixpzcnilzsojs", id="of a provider"),
    ],
)
def test_fingerprints_outlive_releases_of_the_operator(declared: Any, golden: str) -> None:
    # A change here means that every collection in the world would be embedded anew.
    assert fingerprint(declared) == golden
