"""A model of a provider whose key is in a Secret that the operator was named, and no other."""

import pytest

from e2e.cluster.namespace import Namespace
from e2e.scenarios.conftest import MODEL, MODELS, PROVIDER_KEY

URL = f"http://{MODEL}-embedder.{MODELS}.svc:8080/v1"


@pytest.mark.usefixtures("model")
def test_a_key_is_read_from_the_one_secret_that_the_values_name(providers: Namespace) -> None:
    external = {"url": URL, "model": MODEL, "apiKeySecretRef": {"name": PROVIDER_KEY, "key": "key"}}
    providers.apply("EmbeddingModel", "bought", {"external": external, "dimensions": 384, "maxTokens": 256})
    said = providers.await_reason("EmbeddingModel", "bought", "SecretNotFound", "Stalled")
    assert PROVIDER_KEY in said["message"]
    providers.secret(PROVIDER_KEY, {"key": "not-looked-at"})
    providers.await_ready("EmbeddingModel", "bought")
