"""Flags win over the environment, which wins over defaults; what is wrong is named as it was written."""

import pytest

from hirag_jobs.main import main
from hirag_jobs.settings import IngestSettings


def test_the_environment_fills_what_flags_leave_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HIRAG_JOBS_ALIAS", "FromEnvironment")
    monkeypatch.setenv("HIRAG_JOBS_MAX_TOKENS", "256")
    settings = IngestSettings.model_validate({"max_tokens": "128"})
    assert (settings.max_tokens, settings.overlap) == (128, 50)
    assert IngestSettings(max_tokens=128).alias == "FromEnvironment"


def test_grpc_is_at_the_host_of_rest_unless_it_is_named() -> None:
    assert IngestSettings(alias="A", weaviate_http_url="https://w.example:8443").grpc == "w.example:50051"
    assert IngestSettings(alias="A", weaviate_grpc="g.example:443").grpc == "g.example:443"


def test_every_setting_has_a_flag_and_a_help(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["ingest", "--help"])
    said = capsys.readouterr().out
    assert all(f"--{name.replace('_', '-')}" in said for name in IngestSettings.model_fields)
    assert all(field.description for field in IngestSettings.model_fields.values())


def test_what_is_missing_or_wrong_is_named_by_its_flag(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ingest", ".", "--max-tokens", "many"]) == 2
    said = capsys.readouterr().err
    assert "--alias: Field required" in said
    assert "--max-tokens: Input should be a valid integer" in said


@pytest.mark.parametrize(
    ("flag", "value"),
    [
        ("--weaviate-http-url", "127.0.0.1:8080"),
        ("--weaviate-http-url", "http://[::1"),
        ("--embedder-url", "http://127.0.0.1:99999/v1"),
        ("--embedder-url", "http://user:secret@host/v1"),
        ("--embedder-url", "http://host/v1?key=secret"),
        ("--weaviate-grpc", "host"),
        ("--weaviate-grpc", "host:99999"),
    ],
)
def test_what_is_no_address_is_refused_without_repeating_it(
    capsys: pytest.CaptureFixture[str], flag: str, value: str
) -> None:
    assert main(["ingest", ".", "--alias", "A", flag, value]) == 2
    said = capsys.readouterr().err
    assert f"{flag}: " in said
    assert "secret" not in said
