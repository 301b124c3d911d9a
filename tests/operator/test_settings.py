import socket
from pathlib import Path
from typing import Any

import pytest
from kubernetes.client import Configuration
from pydantic import ValidationError
from pydantic_settings import SettingsError

from hirag_operator import main
from hirag_operator.adapters.fence import OPEN
from hirag_operator.adapters.store import Store
from hirag_operator.settings import JOBS_RESOURCES, Settings

PREFIX = "HIRAG_OPERATOR_"
SECRET = ("weaviate", "a", "api_key_secret")
CONNECTIONS = '{"default": {"http_url": "http://weaviate:80", "grpc_address": "weaviate:50051", "timeout_seconds": 5}}'


def read(monkeypatch: pytest.MonkeyPatch, **variables: str) -> Settings:
    for name, value in variables.items():
        monkeypatch.setenv(f"{PREFIX}{name}", value)
    return Settings()


def test_without_any_variable_there_are_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    found = read(monkeypatch)
    assert (found.instance, found.weaviate, found.namespaces, found.port) == ("default", {}, [], 8080)
    assert (found.jobs_namespace, found.migrations) == ("", 2), "no Job that carries data unless it is told where"
    assert found.jobs_resources["limits"] == {"memory": "1Gi"}


def test_every_variable_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    found = read(
        monkeypatch,
        INSTANCE="blue",
        WEAVIATE=CONNECTIONS,
        NAMESPACES='["team-a", "team-b"]',
        EMBEDDER_IMAGE="embedder:1",
        JOBS_IMAGE="jobs:1",
        JOBS_NAMESPACE="system",
        JOBS_RESOURCES='{"requests": {"cpu": "1.5", "memory": "2Gi"}}',
        MIGRATIONS="4",
        SERVICE_URL="https://{name}.{namespace}:{port}",
        RESYNC_SECONDS="30",
        WORKERS="8",
        HOST="127.0.0.1",
        PORT="9090",
        LOOP_STALE_SECONDS="10",
        LOG_LEVEL="DEBUG",
    )
    assert (found.instance, found.namespaces) == ("blue", ["team-a", "team-b"])
    assert (found.embedder_image, found.jobs_image) == ("embedder:1", "jobs:1")
    assert (found.jobs_namespace, found.migrations) == ("system", 4)
    assert found.jobs_resources == {"requests": {"cpu": "1.5", "memory": "2Gi"}}
    assert (found.resync_seconds, found.workers, found.loop_stale_seconds) == (30.0, 8, 10.0)
    assert (found.host, found.port, found.log_level) == ("127.0.0.1", 9090, "DEBUG")
    assert found.service_url == "https://{name}.{namespace}:{port}"
    connection = found.weaviate["default"]
    assert str(connection.http_url) == "http://weaviate/"
    assert (connection.grpc_address, connection.timeout_seconds) == ("weaviate:50051", 5.0)
    assert connection.api_key_file is None
    assert connection.api_key_secret is None


def test_what_a_server_may_use_is_read_as_kubernetes_writes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    said = '{"a": {"http_url": "http://w", "capacity": {"memory": "8Gi"}}, "b": {"http_url": "http://w"}}'
    found = read(monkeypatch, WEAVIATE=said).weaviate
    assert (found["a"].capacity.memory, found["a"].capacity.disk, found["b"].capacity.memory) == ("8Gi", None, None)


def test_a_key_stays_in_its_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("secret-key\n")
    found = read(monkeypatch, WEAVIATE=f'{{"a": {{"http_url": "http://w", "api_key_file": "{file}"}}}}')
    assert found.weaviate["a"].api_key_file == file
    assert "secret-key" not in repr(found)


def test_jobs_are_told_of_a_key_by_its_secret_and_the_operator_hands_that_on(monkeypatch: pytest.MonkeyPatch) -> None:
    keyed = '{"http_url": "http://w", "api_key_secret": {"name": "weaviate", "key": "api-key"}}'
    connections = f'{{"a": {keyed}, "b": {{"http_url": "http://w"}}}}'
    told = {"JOBS_NAMESPACE": "system", "MIGRATIONS": "3", "JOBS_PULL_SECRETS": '["registry"]'}
    found = read(monkeypatch, WEAVIATE=connections, **told)
    monkeypatch.setattr(main, "configured", Configuration)
    services = main.wire(found, Store(), "agent", OPEN)
    targets = [services.connections.target(name) for name in services.connections.names()]
    assert [target and target.api_key_secret for target in targets] == [("weaviate", "api-key"), None]
    assert (services.jobs_namespace, services.migrations) == ("system", 3)
    assert (services.jobs_resources, services.jobs_pull_secrets) == (JOBS_RESOURCES, ("registry",))


@pytest.mark.parametrize(
    ("name", "value", "place"),
    [
        ("INSTANCE", "Blue_1", ("instance",)),
        ("WEAVIATE", '{"default": {}}', ("weaviate", "default", "http_url")),
        ("WEAVIATE", '{"default": {"http_url": "weaviate:80"}}', ("weaviate", "default", "http_url")),
        ("WEAVIATE", '{"a": {"http_url": "http://w", "grpc_address": "w"}}', ("weaviate", "a", "grpc_address")),
        ("WEAVIATE", '{"a": {"http_url": "http://w", "api_key": "k"}}', ("weaviate", "a", "api_key")),
        ("WEAVIATE", '{"a": {"http_url": "http://w", "timeout_seconds": 0}}', ("weaviate", "a", "timeout_seconds")),
        (
            "WEAVIATE",
            '{"a": {"http_url": "http://w", "capacity": {"disk": "much"}}}',
            ("weaviate", "a", "capacity", "disk"),
        ),
        ("WEAVIATE", '{"a": {"http_url": "http://w", "api_key_secret": {"name": "w"}}}', (*SECRET, "key")),
        ("WEAVIATE", '{"a": {"http_url": "http://w", "api_key_secret": {"name": "W", "key": "k"}}}', (*SECRET, "name")),
        ("JOBS_NAMESPACE", "My Team", ("jobs_namespace",)),
        ("JOBS_RESOURCES", '{"limits": {"cpu": "much"}}', ("jobs_resources", "limits", "cpu")),
        ("JOBS_RESOURCES", '{"claims": {}}', ("jobs_resources", "claims", "[key]")),
        ("MIGRATIONS", "0", ("migrations",)),
        ("MIGRATIONS", "33", ("migrations",)),
        ("SERVICE_URL", "minilm:8080", ("service_url",)),
        ("RESYNC_SECONDS", "0", ("resync_seconds",)),
        ("WORKERS", "many", ("workers",)),
        ("WORKERS", "65", ("workers",)),
        ("PORT", "70000", ("port",)),
        ("LOOP_STALE_SECONDS", "1", ("loop_stale_seconds",)),
        ("LOG_LEVEL", "LOUD", ("log_level",)),
    ],
)
def test_a_wrong_value_is_told_by_its_place(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, place: tuple[Any, ...]
) -> None:
    with pytest.raises(ValidationError) as refused:
        read(monkeypatch, **{name: value})
    assert [error["loc"] for error in refused.value.errors()] == [place]


@pytest.mark.parametrize("name", ["WEAVIATE", "NAMESPACES", "JOBS_RESOURCES"])
def test_what_is_no_json_is_told_by_its_variable(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    with pytest.raises(SettingsError, match=f'"{name.lower()}"'):
        read(monkeypatch, **{name: "{oops"})


def test_a_process_and_its_lease_have_names_of_their_own_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = read(monkeypatch, INSTANCE="blue"), read(monkeypatch, INSTANCE="blue")
    assert first.lease_namespace == "", "no election unless it is asked for"
    assert first.lease() == "hirag-operator-blue"
    assert first.name() != second.name()
    assert first.name().startswith(f"{socket.gethostname()}_")


def test_a_process_and_its_lease_are_named_as_declared(monkeypatch: pytest.MonkeyPatch) -> None:
    found = read(monkeypatch, LEASE_NAMESPACE="system", LEASE_NAME="mine", IDENTITY="pod-1", LEASE_SECONDS="15")
    assert (found.lease_namespace, found.lease(), found.name(), found.lease_seconds) == ("system", "mine", "pod-1", 15)
