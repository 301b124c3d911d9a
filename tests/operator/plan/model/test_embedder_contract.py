"""The environment that the plan renders, read by the process that it is rendered for."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hirag_embedder.settings import Settings, unknown_variables
from hirag_operator.api import EmbeddingModel
from hirag_operator.plan.model.embedderprocess import CACHE_DIR, PORT, embedder_environment, served_revision
from tests.operator.plan.objects import HUB, model

instruction = st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]), max_size=40)
specs = st.fixed_dictionaries(
    {
        "dimensions": st.integers(1, 65_535),
        "maxTokens": st.integers(3, 131_072),
        "pooling": st.sampled_from(["mean", "cls", "lastToken"]),
        "normalize": st.booleans(),
        "instructions": st.fixed_dictionaries({"query": instruction, "passage": instruction}),
        "runtime": st.fixed_dictionaries(
            {
                "precision": st.sampled_from(["fp32", "fp16", "int8"]),
                "device": st.sampled_from(["auto", "cpu", "cuda"]),
                "preset": st.sampled_from(["balanced", "highThroughput", "lowLatency", "lowMemory"]),
                "batching": st.fixed_dictionaries({}, optional={"maxTokens": st.integers(1, 1_048_576)}),
            }
        ),
    }
)
sources = st.sampled_from([HUB, {"hostPath": {"path": "/srv/minilm"}}])


def read(declared: EmbeddingModel, monkeypatch: pytest.MonkeyPatch) -> Settings:
    with monkeypatch.context() as process:
        for name, value in embedder_environment(declared, "/models/x").items():
            process.setenv(name, value)
        assert unknown_variables() == []
        return Settings.from_environment()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(specs, sources)
def test_the_embedder_reads_field_by_field_what_the_model_declares(
    monkeypatch: pytest.MonkeyPatch, spec: dict[str, Any], source: dict[str, Any]
) -> None:
    declared = model(spec, source=source)
    found = read(declared, monkeypatch)
    hub = declared.spec.source.hugging_face if declared.spec.source else None
    batching = declared.spec.effective_runtime.batching
    assert found.model_dir == Path("/models/x")
    assert found.model_name == (hub.repo if hub else "minilm")
    assert found.model_revision == (hub.revision if hub else served_revision(declared))
    assert found.dimensions == declared.spec.dimensions
    assert found.max_tokens == declared.spec.max_tokens
    assert found.pooling == declared.spec.pooling
    assert found.normalize == declared.spec.normalize
    assert found.query_instruction == declared.spec.instructions.query
    assert found.passage_instruction == declared.spec.instructions.passage
    assert found.backend == declared.spec.effective_runtime.backend
    assert found.precision == declared.spec.effective_runtime.precision
    assert found.device == declared.spec.effective_runtime.device
    assert found.preset == declared.spec.effective_runtime.preset
    assert found.batch_tokens == (batching.max_tokens if batching else None)
    assert found.cache_dir == Path(CACHE_DIR)
    assert (found.host, found.port) == ("0.0.0.0", PORT)  # noqa: S104  what a pod listens on


def test_a_model_of_defaults_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read(model(), monkeypatch).preset == "balanced"
