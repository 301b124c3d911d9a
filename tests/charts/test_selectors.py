"""What the chart selects is there: the pods that the operator makes, and its own, by their labels and ports."""

from typing import Any

import pytest

from e2e.cluster.helm import Helm
from hirag_operator.plan.model.embedder import embedder_objects
from hirag_operator.plan.model.gpuprofiles import Choice
from tests.charts.rendering import VALUES, of_kind, render
from tests.operator.plan.objects import model, owner

Json = dict[str, Any]


@pytest.fixture(scope="module")
def production(helm: Helm) -> list[Json]:
    (values,) = [file for file in VALUES if file.stem == "production"]
    return render(helm, values)


@pytest.fixture(scope="module")
def embedder() -> Json:
    """The template of an embedder's pods."""
    (deployment,) = of_kind(embedder_objects(model(), owner(), "hirag-embedder", Choice()), "Deployment")
    template: Json = deployment["spec"]["template"]
    return template


def selects(selector: Json, pod: Json) -> bool:
    """Return whether a label selector picks a pod; of expressions the chart uses `Exists` alone."""
    labels = pod["metadata"]["labels"]
    expressions = selector.get("matchExpressions", [])
    assert {one["operator"] for one in expressions} <= {"Exists"}
    return selector.get("matchLabels", {}).items() <= labels.items() and all(
        one["key"] in labels for one in expressions
    )


def ports(pod: Json) -> Json:
    return {port["name"]: port["containerPort"] for port in pod["spec"]["containers"][0]["ports"]}


def own_pod(rendered: list[Json]) -> Json:
    (deployment,) = of_kind(rendered, "Deployment")
    template: Json = deployment["spec"]["template"]
    return template


def test_the_monitor_of_embedders_picks_their_pods_and_not_the_operators(
    production: list[Json], embedder: Json
) -> None:
    (monitor,) = of_kind(production, "PodMonitor")
    assert selects(monitor["spec"]["selector"], embedder)
    assert not selects(monitor["spec"]["selector"], own_pod(production))
    assert {one["port"] for one in monitor["spec"]["podMetricsEndpoints"]} <= ports(embedder).keys()
    assert set(monitor["spec"]["podTargetLabels"]) <= embedder["metadata"]["labels"].keys()


def test_the_policy_of_embedders_closes_their_pods_and_opens_their_port(production: list[Json], embedder: Json) -> None:
    (policy,) = [one for one in of_kind(production, "NetworkPolicy") if one["metadata"]["namespace"] == "team-a"]
    assert selects(policy["spec"]["podSelector"], embedder)
    (rule,) = policy["spec"]["ingress"]
    assert [port["port"] in ports(embedder) for port in rule["ports"]] == [True]
    assert any(selects(one["podSelector"], own_pod(production)) for one in rule["from"] if "namespaceSelector" in one)


def test_the_operator_reaches_the_embedders_that_it_probes(production: list[Json], embedder: Json) -> None:
    (policy,) = [one for one in of_kind(production, "NetworkPolicy") if one["metadata"]["namespace"] == "hirag"]
    assert selects(policy["spec"]["podSelector"], own_pod(production))
    reached = [
        port["port"]
        for rule in policy["spec"]["egress"]
        for peer in rule.get("to", [])
        for port in rule.get("ports", [])
        if "podSelector" in peer and selects(peer["podSelector"], embedder)
    ]
    assert reached == [ports(embedder)["http"]]


def test_service_monitor_and_budget_pick_the_operators_pods(production: list[Json]) -> None:
    (service,), (monitor,) = of_kind(production, "Service"), of_kind(production, "ServiceMonitor")
    (budget,) = of_kind(production, "PodDisruptionBudget")
    pod = own_pod(production)
    assert service["spec"]["selector"].items() <= pod["metadata"]["labels"].items()
    assert {port["targetPort"] for port in service["spec"]["ports"]} <= ports(pod).keys()
    assert monitor["spec"]["selector"]["matchLabels"].items() <= service["metadata"]["labels"].items()
    assert {one["port"] for one in monitor["spec"]["endpoints"]} == {port["name"] for port in service["spec"]["ports"]}
    assert selects(budget["spec"]["selector"], pod)
