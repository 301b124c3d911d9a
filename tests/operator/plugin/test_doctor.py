"""What the doctor makes of CRDs, Leases and reports, without a cluster."""

from copy import deepcopy
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from hirag_operator.api import KINDS, ContextCollection
from hirag_operator.crdgen.crd import custom_resource_definition
from hirag_operator.plugin.doctor.definitions import compare
from hirag_operator.plugin.doctor.objects import connections
from hirag_operator.plugin.doctor.running import INSTANCE, LABELS, LEASE_NAME, LEASE_NAMESPACE, leadership

Json = dict[str, Any]
NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.resource.singular)
def test_our_own_definition_is_of_this_version(kind: Any) -> None:
    assert compare(kind, custom_resource_definition(kind)) == ([], [])


def altered(change: Any) -> Json:
    definition = deepcopy(custom_resource_definition(ContextCollection))
    change(definition["spec"]["versions"][0])
    return definition


def chunking(version: Json) -> Json:
    schema: Json = version["schema"]["openAPIV3Schema"]["properties"]["spec"]["properties"]["chunking"]["properties"]
    return schema


@pytest.mark.parametrize(
    ("change", "missing", "unknown"),
    [
        pytest.param(lambda version: chunking(version).pop("overlap"), True, False, id="an older one lacks a field"),
        pytest.param(lambda version: chunking(version)["overlap"].update(maximum=1), True, False, id="another bound"),
        pytest.param(
            lambda version: chunking(version).update(more={"type": "string"}), False, True, id="a newer one has more"
        ),
        pytest.param(lambda version: version.update(selectableFields=[]), True, False, id="no selectable fields"),
        pytest.param(
            lambda version: chunking(version)["overlap"].update(description="Words."), False, False, id="other words"
        ),
    ],
)
def test_a_definition_of_another_version_is_told(change: Any, missing: object, unknown: object) -> None:
    lacks, has = compare(ContextCollection, altered(change))
    assert (bool(lacks), bool(has)) == (missing, unknown)


def test_the_operator_is_looked_for_by_what_the_chart_gives_it() -> None:
    templates = Path(__file__).parents[3] / "charts/hirag-operator/templates"
    labels, environment = ((templates / name).read_text() for name in ("_names.tpl", "_environment.tpl"))
    assert [label for label in LABELS.split(",") if label.replace("=", ": ") not in labels] == []
    names = (LEASE_NAMESPACE, LEASE_NAME, INSTANCE)
    assert [name for name in names if f"name: {name}\n" not in environment] == []


def lease(holder: str, seconds_ago: float) -> Json:
    renewed = (NOON - timedelta(seconds=seconds_ago)).isoformat()
    spec = {"holderIdentity": holder, "renewTime": renewed, "leaseDurationSeconds": 10}
    return {"metadata": {"namespace": "hirag", "name": "hirag-operator-default"}, "spec": spec}


@pytest.mark.parametrize(
    ("given", "level", "told"),
    [
        (lease("pod-a", 3), "ok", "pod-a leads, renewed 3s ago"),
        (lease("pod-a", 61), "wrong", "pod-a led, and has not renewed for 61s"),
        (lease("", 3), "warning", "nobody leads at this moment"),
        ({**lease("pod-a", 3), "spec": {"holderIdentity": "pod-a"}}, "wrong", "has not renewed for an unknown time"),
    ],
)
def test_a_lease_tells_who_leads(given: Json, level: str, told: str) -> None:
    finding = leadership(given, NOON)
    assert (finding.level, told in finding.message) == (level, True)


def collection(connection: str, type_: str, status: str, reason: str, message: str) -> Json:
    condition = {"type": type_, "status": status, "reason": reason, "message": message}
    return {"spec": {"weaviate": {"connection": connection}}, "status": {"conditions": [condition]}}


def test_a_connection_is_judged_by_what_its_collections_say() -> None:
    found = connections(
        [
            collection("a", "ServerFit", "True", "ServerFit", "Weaviate 'a' is 1.35.2, and AutoSchema is off."),
            collection("b", "Ready", "False", "WeaviateUnreachable", "no answer"),
            collection("b", "Ready", "False", "WeaviateUnreachable", "no answer"),
            collection("c", "ServerFit", "False", "AutoSchemaEnabled", "it is on"),
            {"spec": {}},
        ]
    )
    told = {finding.message.split(":")[0]: (finding.level, bool(finding.remedy)) for finding in found}
    assert told == {
        "Connection a": ("ok", False),
        "Connection b": ("wrong", True),
        "Connection c": ("warning", True),
        "Connection default": ("note", False),
    }
