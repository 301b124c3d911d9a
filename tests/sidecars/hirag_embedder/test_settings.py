from pathlib import Path

import pytest

from hirag_embedder.presets import PRESETS
from hirag_embedder.settings import ENV_PREFIX, Settings, unknown_variables
from hirag_kit.errors import ConfigurationError


@pytest.fixture(autouse=True)
def _only_the_folder_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HIRAG_EMBEDDER_MODEL_DIR", "/models/minilm")


def test_a_folder_is_all_that_must_be_set() -> None:
    settings = Settings.from_environment()
    assert (settings.host, settings.port) == ("127.0.0.1", 8080)
    assert settings.model().name == "minilm"
    assert (settings.model().max_tokens, settings.model().pooling) == (None, None)
    assert settings.api_key() is None


def test_everything_a_model_is_declared_with_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "MODEL_NAME": "org/model",
        "MODEL_REVISION": "abc",
        "DIMENSIONS": "384",
        "MAX_TOKENS": "256",
        "POOLING": "lastToken",
        "NORMALIZE": "false",
        "QUERY_INSTRUCTION": "query: ",
        "PASSAGE_INSTRUCTION": "",
    }.items():
        monkeypatch.setenv(ENV_PREFIX + name, value)
    model = Settings.from_environment().model()
    assert (model.folder, model.name, model.revision) == (Path("/models/minilm"), "org/model", "abc")
    assert (model.dimensions, model.max_tokens, model.pooling, model.normalize) == (384, 256, "lastToken", False)
    assert (model.query_instruction, model.passage_instruction) == ("query: ", "")


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_decides_what_is_left_open(monkeypatch: pytest.MonkeyPatch, preset: str) -> None:
    monkeypatch.setenv("HIRAG_EMBEDDER_PRESET", preset)
    runtime = Settings.from_environment().runtime()
    meant = PRESETS[Settings.from_environment().preset]
    assert (runtime.batch_tokens, runtime.turn_batches) == (meant.batch_tokens, meant.turn_batches)
    assert runtime.gpu_batch_tokens == meant.gpu_batch_tokens
    monkeypatch.setenv("HIRAG_EMBEDDER_BATCH_TOKENS", "777")
    runtime = Settings.from_environment().runtime()
    assert (runtime.batch_tokens, runtime.gpu_batch_tokens) == (777, 777)


@pytest.mark.parametrize(
    ("variable", "value", "sentence"),
    [
        ("PORT", "eighty", "HIRAG_EMBEDDER_PORT: "),
        ("PORT", "70000", "HIRAG_EMBEDDER_PORT: "),
        ("PORT", "tcp://10.0.0.1:8080", "enableServiceLinks"),
        ("DIMENSIONS", "0", "HIRAG_EMBEDDER_DIMENSIONS: "),
        ("MAX_TOKENS", "2", "HIRAG_EMBEDDER_MAX_TOKENS: "),
        ("POOLING", "max", "HIRAG_EMBEDDER_POOLING: "),
        ("NORMALIZE", "perhaps", "HIRAG_EMBEDDER_NORMALIZE: "),
        ("BACKEND", "torch", "HIRAG_EMBEDDER_BACKEND: "),
        ("PRECISION", "fp8", "HIRAG_EMBEDDER_PRECISION: "),
        ("DEVICE", "tpu", "HIRAG_EMBEDDER_DEVICE: "),
        ("PRESET", "fast", "HIRAG_EMBEDDER_PRESET: "),
        ("BATCH_TOKENS", "-1", "HIRAG_EMBEDDER_BATCH_TOKENS: "),
        ("THREADS", "-1", "HIRAG_EMBEDDER_THREADS: "),
        ("QUERY_INSTRUCTION", "x" * 4097, "HIRAG_EMBEDDER_QUERY_INSTRUCTION: "),
        ("QUEUE_TEXTS", "100", "HIRAG_EMBEDDER_QUEUE_TEXTS must be at least HIRAG_EMBEDDER_MAX_TEXTS"),
        ("LOG_LEVEL", "CHATTY", "HIRAG_EMBEDDER_LOG_LEVEL: "),
    ],
)
def test_a_wrong_value_is_refused_by_the_variables_name(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, sentence: str
) -> None:
    monkeypatch.setenv(ENV_PREFIX + variable, value)
    with pytest.raises(ConfigurationError) as refusal:
        Settings.from_environment()
    assert sentence in refusal.value.message


def test_a_missing_folder_is_refused_by_the_variables_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HIRAG_EMBEDDER_MODEL_DIR")
    with pytest.raises(ConfigurationError, match="HIRAG_EMBEDDER_MODEL_DIR: must be set"):
        Settings.from_environment()


def test_every_wrong_variable_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HIRAG_EMBEDDER_PORT", "x")
    monkeypatch.setenv("HIRAG_EMBEDDER_DEVICE", "x")
    with pytest.raises(ConfigurationError) as refusal:
        Settings.from_environment()
    assert "PORT" in refusal.value.message
    assert "DEVICE" in refusal.value.message


def test_variables_that_nobody_reads_are_found() -> None:
    environment = {"HIRAG_EMBEDDER_MODEL_DIR": "/m", "HIRAG_EMBEDDER_MODEL_DRI": "/m", "HOME": "/"}
    assert unknown_variables(environment) == ["HIRAG_EMBEDDER_MODEL_DRI"]


@pytest.mark.parametrize(("content", "sentence"), [(None, "cannot be read"), ("\n", "is empty")])
def test_a_key_file_without_a_key_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: str | None, sentence: str
) -> None:
    if content is not None:
        (tmp_path / "key").write_text(content, "utf-8")
    monkeypatch.setenv("HIRAG_EMBEDDER_API_KEY_FILE", str(tmp_path / "key"))
    with pytest.raises(ConfigurationError, match=f"HIRAG_EMBEDDER_API_KEY_FILE: .*{sentence}"):
        Settings.from_environment().api_key()
