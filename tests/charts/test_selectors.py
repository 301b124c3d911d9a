"""What the chart selects is there: the pods that the operator makes, and its own, by their labels and ports."""

from typing import Any

import pytest

from e2e.cluster.helm import Helm
from hirag_operator.api.index_objectives import RecallObjective
from hirag_operator.plan.collection.migration.job import Cargo, Means, Owned, render_job
from hirag_operator.plan.collection.objectives.job import Measuring, render_measurement
from hirag_operator.plan.model.embedder import embedder_objects
from hirag_operator.plan.model.gpuprofiles import Choice
from hirag_operator.plan.moves import Holder
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


@pytest.fixture(scope="module")
def migration() -> Json:
    """The template of a migration's pods."""
    owned = Owned("team-a", "handbook", "longTerm", 1)
    means = Means("hirag", "hirag-jobs", {}, "http://weaviate")
    cargo = Cargo(Holder("A_R1"), Holder("A_R2"), "copy", 1, 0, 0)
    template: Json = render_job(owned, means, cargo)["spec"]["template"]
    return template


@pytest.fixture(scope="module")
def measurement() -> Json:
    """The template of a measurement's pod."""
    means = Means("hirag", "hirag-jobs", {}, "http://weaviate")
    recall = RecallObjective(target=0.9)
    what = Measuring("team-a", "handbook", "longTerm", "default", Holder("A_R1"), recall, "about", "key", 64, 0)
    template: Json = render_measurement(what, means)["spec"]["template"]
    return template


def selects(selector: Json, pod: Json) -> bool:
    """Return whether a label selector picks a pod; of expressions the chart uses `Exists` and `In` alone."""
    labels = pod["metadata"]["labels"]
    expressions = selector.get("matchExpressions", [])
    assert {one["operator"] for one in expressions} <= {"Exists", "In"}
    return selector.get("matchLabels", {}).items() <= labels.items() and all(
        one["key"] in labels and labels[one["key"]] in one.get("values", [labels[one["key"]]]) for one in expressions
    )


def ports(pod: Json) -> Json:
    return {port["name"]: port["containerPort"] for port in pod["spec"]["containers"][0]["ports"]}


def policy_of(rendered: list[Json], name: str) -> Json:
    (spec,) = [one["spec"] for one in of_kind(rendered, "NetworkPolicy") if one["metadata"]["name"] == name]
    return dict(spec)


def reached(policy: Json, pod: Json) -> list[int]:
    """The ports at which a policy lets its pods reach another."""
    return [
        port["port"]
        for rule in policy["egress"]
        for peer in rule.get("to", [])
        for port in rule.get("ports", [])
        if "podSelector" in peer and selects(peer["podSelector"], pod)
    ]


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


def test_the_policy_of_embedders_closes_their_pods_and_opens_their_port(
    production: list[Json], embedder: Json, migration: Json
) -> None:
    policy = policy_of(production, "hirag-search-hirag-operator-embedders")
    assert selects(policy["podSelector"], embedder)
    (rule,) = policy["ingress"]
    assert [port["port"] in ports(embedder) for port in rule["ports"]] == [True]
    own = {"kubernetes.io/metadata.name": "hirag"}
    admitted = [one for one in rule["from"] if one.get("namespaceSelector", {}).get("matchLabels") == own]
    for pod in (own_pod(production), migration):
        assert [selects(one["podSelector"], pod) for one in admitted].count(True) == 1


def test_the_operator_reaches_the_embedders_that_it_probes(production: list[Json], embedder: Json) -> None:
    policy = policy_of(production, "search-hirag-operator")
    assert selects(policy["podSelector"], own_pod(production))
    assert reached(policy, embedder) == [ports(embedder)["http"]]


def test_jobs_reach_what_they_work_with_and_nobody_reaches_them(
    production: list[Json], embedder: Json, migration: Json, measurement: Json
) -> None:
    policy = policy_of(production, "search-hirag-operator-jobs")
    assert [selects(policy["podSelector"], pod) for pod in (migration, measurement)] == [True, True]
    assert not any(selects(policy["podSelector"], pod) for pod in (own_pod(production), embedder))
    assert reached(policy, embedder) == [ports(embedder)["http"]]
    assert policy["policyTypes"] == ["Ingress", "Egress"]
    assert policy["ingress"] == []


def test_service_monitor_and_budget_pick_the_operators_pods(production: list[Json]) -> None:
    (service,), (monitor,) = of_kind(production, "Service"), of_kind(production, "ServiceMonitor")
    (budget,) = of_kind(production, "PodDisruptionBudget")
    pod = own_pod(production)
    assert service["spec"]["selector"].items() <= pod["metadata"]["labels"].items()
    assert {port["targetPort"] for port in service["spec"]["ports"]} <= ports(pod).keys()
    assert monitor["spec"]["selector"]["matchLabels"].items() <= service["metadata"]["labels"].items()
    assert {one["port"] for one in monitor["spec"]["endpoints"]} == {port["name"] for port in service["spec"]["ports"]}
    assert selects(budget["spec"]["selector"], pod)
