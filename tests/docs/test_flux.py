"""The examples for Flux and Argo CD are what these take, and name what is there."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from e2e.cluster.flux import refusal
from e2e.cluster.toolchain import Toolchain
from hirag_operator.api import KINDS
from hirag_operator.api.group import API_VERSION
from hirag_operator.crdgen.crd import custom_resource_definition

Json = dict[str, Any]

DOCS = Path(__file__).parents[2] / "docs"
EXAMPLES = {file.name: list(yaml.safe_load_all(file.read_text())) for file in sorted((DOCS / "flux").glob("*.yaml"))}


@pytest.mark.parametrize("name", EXAMPLES)
def test_flux_takes_an_example_field_by_field(name: str, toolchain: Toolchain) -> None:
    assert refusal(toolchain, EXAMPLES[name]) == ""


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"waits": True}, 'unknown field "waits"'),
        ({"wait": "yes"}, "cannot unmarshal string"),
        ({"interval": "soon"}, "invalid duration"),
    ],
    ids=["a field that there is not", "a value of another type", "no duration"],
)
def test_flux_would_refuse(change: Json, said: str, toolchain: Toolchain) -> None:
    body = next(one for one in EXAMPLES["team.yaml"] if one["kind"] == "Kustomization")
    found = refusal(toolchain, [{**body, "spec": {**body["spec"], **change}}])
    assert said in found


def test_flux_would_refuse_a_kind_that_it_has_not(toolchain: Toolchain) -> None:
    found = refusal(toolchain, [{**EXAMPLES["team.yaml"][0], "kind": "Kustomisation"}])
    assert "no kind that is known" in found


def test_what_an_example_refers_to_is_in_it() -> None:
    for objects in EXAMPLES.values():
        there = {(body["kind"], body["metadata"]["name"]) for body in objects}
        for spec in (body["spec"] for body in objects):
            source = spec.get("sourceRef") or spec.get("chartRef")
            wanted = [(source["kind"], source["name"])] if source else []
            wanted += [("Kustomization", other["name"]) for other in spec.get("dependsOn", [])]
            assert set(wanted) <= there


def test_health_checks_name_our_kinds() -> None:
    ours = {(API_VERSION, kind.resource.kind) for kind in KINDS}
    checks = [one for body in EXAMPLES["team.yaml"] for one in body["spec"].get("healthChecks", [])]
    assert checks
    assert {(one["apiVersion"], one["kind"]) for one in checks} <= ours


def test_the_page_names_every_default_that_a_comparison_by_the_client_cannot_know() -> None:
    named = set(re.findall(r"`([\w.]+)`", (DOCS / "gitops.md").read_text()))
    found = {path for kind in KINDS for path in _defaults_in_lists(_spec(custom_resource_definition(kind)))}
    assert found
    assert found <= named


def _spec(crd: Json) -> Json:
    schema: Json = crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    return dict(schema["properties"]["spec"])


def _defaults_in_lists(node: Json, path: str = "", *, listed: bool = False) -> list[str]:
    """The fields of items of lists that the API server gives a default."""
    found = [path] if listed and "default" in node else []
    for name, field in node.get("properties", {}).items():
        found += _defaults_in_lists(field, f"{path}.{name}" if path else name, listed=listed)
    if isinstance(node.get("items"), dict):
        found += _defaults_in_lists(node["items"], path, listed=True)
    return found
