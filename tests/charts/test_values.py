"""Values that make no sense are refused before anything reaches the cluster, in words that say which and why."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from e2e.cluster.errors import HelmError
from e2e.cluster.helm import CHART, Helm, documents, write_values

Json = dict[str, Any]

_WEAVIATE = {"weaviate": {"default": {"httpUrl": "http://weaviate:80"}}}

_REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("no server", {"weaviate": {}}, "--set weaviate.default.httpUrl="),
    ("a server without an address", {"weaviate": {"default": {"grpcAddress": "w:1"}}}, "missing property 'httpUrl'"),
    ("an address without a scheme", {"weaviate": {"default": {"httpUrl": "weaviate:80"}}}, "/weaviate/default/httpUrl"),
    ("a password in an address", {"weaviate": {"default": {"httpUrl": "http://a:b@w"}}}, "/weaviate/default/httpUrl"),
    ("a key in plain words", {"weaviate": {"default": {"httpUrl": "http://w", "apiKey": "x"}}}, "'apiKey' not allowed"),
    (
        "a Secret without the key in it",
        {"weaviate": {"default": {"httpUrl": "http://w", "apiKeySecretRef": {"name": "w"}}}},
        "missing property 'key'",
    ),
    ("a name that no collection can use", {"weaviate": {"My_Server": {"httpUrl": "http://w"}}}, "My_Server"),
    ("a misspelt value", {**_WEAVIATE, "replicas": 2}, "'replicas' not allowed"),
    ("a misspelt setting", {**_WEAVIATE, "settings": {"resync": 5}}, "'resync' not allowed"),
    ("a setting out of bounds", {**_WEAVIATE, "settings": {"workers": 100}}, "/settings/workers"),
    ("no migration at all", {**_WEAVIATE, "settings": {"migrations": 0}}, "/settings/migrations"),
    (
        "no amount",
        {**_WEAVIATE, "jobs": {"resources": {"limits": {"memory": "much"}}}},
        "/jobs/resources/limits/memory",
    ),
    (
        "a number as an amount",
        {**_WEAVIATE, "jobs": {"resources": {"limits": {"cpu": 1}}}},
        "/jobs/resources/limits/cpu",
    ),
    ("a claim of a Job", {**_WEAVIATE, "jobs": {"resources": {"claims": []}}}, "'claims' not allowed"),
    ("an instance that is no name", {**_WEAVIATE, "instance": "My Instance"}, "/instance"),
    ("a digest that is none", {**_WEAVIATE, "image": {"digest": "latest"}}, "/image/digest"),
    ("a tag in the repository", {**_WEAVIATE, "image": {"repository": "hirag-operator@sha256"}}, "/image/repository"),
    ("a number in words", {**_WEAVIATE, "replicaCount": "two"}, "/replicaCount"),
    ("all Secrets of a namespace", {**_WEAVIATE, "secrets": {"allowed": [{"namespace": "a", "names": []}]}}, "/names"),
    ("Secrets by pattern", {**_WEAVIATE, "secrets": {"allowed": [{"namespace": "a", "names": ["*"]}]}}, "/names/0"),
    (
        "Secrets of a namespace that is not watched",
        {**_WEAVIATE, "watchNamespaces": ["a"], "secrets": {"allowed": [{"namespace": "b", "names": ["x"]}]}},
        "namespace b is not in watchNamespaces",
    ),
    ("no account", {**_WEAVIATE, "serviceAccount": {"create": False}}, "serviceAccount.name"),
    (
        "a monitor of no Service",
        {**_WEAVIATE, "metrics": {"service": {"enabled": False}, "serviceMonitor": {"enabled": True}}},
        "set metrics.service.enabled",
    ),
    (
        "an address range that is none",
        {**_WEAVIATE, "networkPolicy": {"apiServer": {"cidrs": ["10.0.0.1"]}}},
        "/networkPolicy/apiServer/cidrs/0",
    ),
    ("runbooks that are nowhere", {**_WEAVIATE, "prometheusRule": {"runbooks": "docs"}}, "/prometheusRule/runbooks"),
    ("no port of the API server", {**_WEAVIATE, "networkPolicy": {"apiServer": {"ports": []}}}, "/apiServer/ports"),
]


@pytest.mark.parametrize(("values", "words"), [case[1:] for case in _REFUSED], ids=[case[0] for case in _REFUSED])
def test_a_wrong_value_is_named(helm: Helm, tmp_path: Path, values: dict[str, Any], words: str) -> None:
    with pytest.raises(HelmError) as refused:
        helm.template("search", "hirag", write_values(tmp_path / "values.yaml", values))
    assert words in str(refused.value)


def test_a_parent_chart_may_hand_down_its_own(helm: Helm, tmp_path: Path) -> None:
    assert helm.template("s", "n", write_values(tmp_path / "values.yaml", {**_WEAVIATE, "global": {"any": 1}}))


def test_every_value_that_the_schema_knows_stands_in_the_file_of_values_and_the_other_way_round() -> None:
    schema = json.loads((CHART / "values.schema.json").read_text(encoding="utf-8"))
    values = yaml.safe_load((CHART / "values.yaml").read_text(encoding="utf-8"))
    free = {"global", "settings", "resources"}  # a parent's, by the operator's own names, and by Kubernetes'
    assert _missing(schema, schema, values, free) == []
    assert set(values) <= schema["properties"].keys()


def _missing(schema: Json, node: Json, values: Any, free: set[str], path: str = "") -> list[str]:
    """The values below a node of the schema that the file does not show, not even empty."""
    node = schema["definitions"][node["$ref"].rsplit("/", 1)[-1]] if "$ref" in node else node
    found: list[str] = []
    for name, inner in node.get("properties", {}).items():
        if path == "" and name in free:
            continue
        here = f"{path}.{name}".lstrip(".")
        below = values.get(name) if isinstance(values, dict) else None
        found += [here] if below is None else _missing(schema, inner, below, free, here)
    return found


@pytest.mark.parametrize(
    ("name", "expected"),
    [("search", "search-hirag-operator"), ("hirag-operator", "hirag-operator"), ("a" * 53, f"{'a' * 53}-hirag-ope")],
)
def test_names_are_the_releases_and_fit_a_label(helm: Helm, tmp_path: Path, name: str, expected: str) -> None:
    rendered = helm.template(name, "hirag", write_values(tmp_path / "values.yaml", _WEAVIATE))
    assert f"kind: Deployment\nmetadata:\n  name: {expected}\n" in rendered


@pytest.mark.parametrize(
    ("url", "rule"),
    [
        ("http://weaviate.data.svc:80", {"to": "data"}),
        ("http://weaviate.data.svc.cluster.local", {"to": "data"}),
        ("http://weaviate:8080", {"to": "hirag"}),
        ("https://acme.weaviate.example", {"port": 443}),
        ("http://weaviate.example", {"port": 80}),
        ("http://10.1.2.3:8081/v", {"port": 8081}),
    ],
)
def test_the_way_to_weaviate_is_as_narrow_as_its_address_tells(
    helm: Helm, tmp_path: Path, url: str, rule: dict[str, Any]
) -> None:
    way = _egress(helm, tmp_path, {"httpUrl": url}, "search-hirag-operator")[2]
    if "to" in rule:
        assert way == {"to": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": rule["to"]}}}]}
    else:
        assert way == {"ports": [{"port": rule["port"], "protocol": "TCP"}]}


_DATA = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "data"}}}
_REST, _GRPC = {"port": 443, "protocol": "TCP"}, {"port": 50051, "protocol": "TCP"}
_PODS: list[Json] = [{"podSelector": {}}]
_PORT = [{"port": 8080, "protocol": "TCP"}]


@pytest.mark.parametrize(
    ("connection", "ways"),
    [
        ({"httpUrl": "http://w.data.svc", "grpcAddress": "w-grpc.data.svc:50051"}, [{"to": [_DATA]}]),
        ({"httpUrl": "http://w.data.svc"}, [{"to": [_DATA]}]),
        (
            {"httpUrl": "https://acme.example", "grpcAddress": "grpc.acme.example:443"},
            [{"ports": [_REST]}],
        ),
        ({"httpUrl": "https://acme.example"}, [{"ports": [_REST]}, {"ports": [_GRPC]}]),
        ({"httpUrl": "https://[fd00::1.2.3.4]:443"}, [{"ports": [_REST]}, {"ports": [_GRPC]}]),
        ({"httpUrl": "https://acme.example", "grpcAddress": "w.data.svc:50051"}, [{"ports": [_REST]}, {"to": [_DATA]}]),
        (
            {"httpUrl": "http://w.data.svc", "networkPolicy": {"to": _PODS, "ports": _PORT}},
            [{"to": _PODS, "ports": _PORT}, {"to": _PODS, "ports": [_GRPC]}],
        ),
        ({"httpUrl": "http://w.data.svc", "networkPolicy": {"to": _PODS}}, [{"to": _PODS}]),
    ],
)
def test_jobs_that_carry_data_reach_the_grpc_api_besides_and_no_more_than_that(
    helm: Helm, tmp_path: Path, connection: Json, ways: list[Json]
) -> None:
    names, *found, embedders, providers = _egress(helm, tmp_path, connection, "search-hirag-operator-jobs")
    assert found == ways
    assert names["ports"][0]["port"] == 53
    assert "hirag.dev/embedding-model" in str(embedders)
    assert providers["ports"] == [{"port": 443, "protocol": "TCP"}]


def test_where_no_provider_is_reached_neither_operator_nor_jobs_reach_one(helm: Helm, tmp_path: Path) -> None:
    weaviate = {"default": {"httpUrl": "http://w.data.svc"}}
    values = {"weaviate": weaviate, "networkPolicy": {"enabled": True, "providers": {"ports": []}}}
    rendered = documents(helm.template("search", "hirag", write_values(tmp_path / "values.yaml", values)))
    policies = {body["metadata"]["name"]: body for body in rendered if body["kind"] == "NetworkPolicy"}
    for name in ("search-hirag-operator", "search-hirag-operator-jobs"):
        assert "0.0.0.0/0" not in str(policies[name]["spec"]["egress"])


def _egress(helm: Helm, folder: Path, connection: Json, name: str) -> list[Json]:
    """The egress rules of the policy of a name, given one Weaviate."""
    values = {"weaviate": {"default": connection}, "networkPolicy": {"enabled": True}}
    rendered = documents(helm.template("search", "hirag", write_values(folder / "values.yaml", values)))
    policies = {body["metadata"]["name"]: body for body in rendered if body["kind"] == "NetworkPolicy"}
    rules: list[Json] = policies[name]["spec"]["egress"]
    return rules
