"""Another model makes new vectors of all that is there, and until then the address names the one that serves."""

from collections.abc import Callable
from typing import Any

import httpx
import numpy as np

from e2e.cluster.embedder import EmbedderServer
from e2e.cluster.namespace import Namespace, eventually
from hirag_operator.plan.collection.stamp import read_stamp
from tests.operator.reconcile.migration.scene import Scene
from tests.operator.reconcile.provider import provider

FILLED = 60
DOUBLE = "drawn-by-chance"
LONG_SOAK = {"soak": "1h"}


def address(namespace: Namespace, scene: Scene) -> dict[str, Any]:
    return dict((namespace.get("ConfigMap", f"{scene.name}-address") or {})["data"])


def stamped(scene: Scene) -> str:
    """Whose vectors the collection behind the alias says that it holds."""
    stamp = read_stamp(scene.weaviate.get(f"/schema/{scene.target()}").raise_for_status().json())
    assert stamp is not None
    return stamp.fingerprint


def require_address_until_the_swap(scene: Scene, expected: dict[str, Any]) -> None:
    """Look at the address again and again: what was seen before the alias moved has to be this."""

    def swapped() -> bool:
        found = address(scene.namespace, scene)
        if scene.target() != scene.first:
            return True
        assert found == expected
        return False

    eventually(swapped, bool, 90)


def test_another_models_vectors_replace_those_of_the_first(
    scenes: Callable[..., Scene], home: Namespace, embedder: EmbedderServer
) -> None:
    """The first is a double for a provider: its vectors are none that the real embedder gives."""
    with provider() as double:
        home.apply("EmbeddingModel", "first", double.spec)
        home.await_ready("EmbeddingModel", "first")
        scene = scenes(embeddingModelRef={"name": "first"}, migration=LONG_SOAK)
        scene.fill(FILLED)
        before = address(home, scene)
        assert before["EMBEDDING_MODEL"] == DOUBLE
        fingerprint = scene.status["fingerprint"]
        assert stamped(scene) == fingerprint
        scene.apply(embeddingModelRef={"name": "minilm"}, migration={**LONG_SOAK, "approval": "Manual"})
        scene.await_phase("AwaitingApproval")
        eventually(lambda: scene.estimated.get("seconds"), bool, 90)
        assert "requests at once to the model" in scene.estimate
        assert f"by EmbeddingModel {home.name}/minilm" in scene.status["migration"]["changes"][0]
        assert address(home, scene) == before
        scene.annotate("hirag.dev/approve", scene.status["migration"]["plan"])
        require_address_until_the_swap(scene, before)
        scene.await_phase("Soaking")
    assert scene.status["fingerprint"] == stamped(scene) != fingerprint
    eventually(lambda: address(home, scene), lambda data: data["EMBEDDING_MODEL"] != DOUBLE)
    assert scene.count() == FILLED
    for text, vector in scene.vectors(3):
        body = {"model": "sentence-transformers/all-MiniLM-L6-v2", "input": [text]}
        answer = httpx.post(f"{embedder.url}/v1/embeddings", json=body, trust_env=False).raise_for_status()
        expected = answer.json()["data"][0]["embedding"]
        assert np.allclose(vector, expected, atol=1e-3)


def test_what_is_written_while_new_vectors_are_made_is_there_afterwards(
    scenes: Callable[..., Scene], home: Namespace
) -> None:
    with provider() as double:
        home.apply("EmbeddingModel", "first", double.spec)
        home.await_ready("EmbeddingModel", "first")
        scene = scenes(embeddingModelRef={"name": "first"}, migration=LONG_SOAK)
        scene.fill(FILLED)
        with scene.traffic(20) as traffic:
            scene.apply(embeddingModelRef={"name": "minilm"})
            scene.await_phase("Soaking")
    scene.require_well(traffic, FILLED)
