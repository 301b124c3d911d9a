from typing import Any

import pytest

from hirag_operator.api.references import AllowedNamespaces, LabelSelector
from hirag_operator.plan.references import admits, selects

ML = {"team": "ml", "stage": "prod"}


def expression(operator: str, *values: str) -> dict[str, Any]:
    return {"matchExpressions": [{"key": "team", "operator": operator, **({"values": [*values]} if values else {})}]}


@pytest.mark.parametrize(
    ("allowed", "guest", "admitted"),
    [
        pytest.param({}, "models", True, id="home is always admitted"),
        pytest.param({}, "team-a", False, id="by default no other namespace is"),
        pytest.param({"from": "Same"}, "team-a", False, id="Same admits no other"),
        pytest.param({"from": "All"}, "team-a", True, id="All admits everybody"),
        pytest.param(
            {"from": "Selector", "selector": {"matchLabels": {"team": "ml"}}}, "team-a", True, id="labels that match"
        ),
        pytest.param(
            {"from": "Selector", "selector": {"matchLabels": {"team": "web"}}},
            "team-a",
            False,
            id="labels that do not match",
        ),
        pytest.param(
            {"from": "Selector", "selector": {"matchLabels": {"team": "web"}}}, "models", True, id="home needs no label"
        ),
        pytest.param({"from": "Selector", "selector": {}}, "team-a", True, id="an empty selector selects everything"),
    ],
)
def test_the_referred_side_decides_who_may_refer(allowed: dict[str, Any], guest: str, *, admitted: bool) -> None:
    assert admits(AllowedNamespaces.model_validate(allowed), "models", guest, ML) is admitted


@pytest.mark.parametrize(
    ("selector", "labels", "selected"),
    [
        pytest.param({"matchLabels": {"team": "ml", "stage": "prod"}}, ML, True, id="both labels are there"),
        pytest.param({"matchLabels": {"team": "ml", "stage": "test"}}, ML, False, id="one label differs"),
        pytest.param(expression("In", "web", "ml"), ML, True, id="In: one of the values"),
        pytest.param(expression("In", "web"), ML, False, id="In: none of the values"),
        pytest.param(expression("In", "web"), {}, False, id="In: no such label"),
        pytest.param(expression("NotIn", "web"), ML, True, id="NotIn: another value"),
        pytest.param(expression("NotIn", "ml"), ML, False, id="NotIn: that value"),
        pytest.param(expression("NotIn", "ml"), {}, True, id="NotIn: no such label, as in Kubernetes"),
        pytest.param(expression("Exists"), ML, True, id="Exists: it does"),
        pytest.param(expression("Exists"), {}, False, id="Exists: it does not"),
        pytest.param(expression("DoesNotExist"), {}, True, id="DoesNotExist: it does not"),
        pytest.param(expression("DoesNotExist"), ML, False, id="DoesNotExist: it does"),
        pytest.param(
            {"matchLabels": {"stage": "prod"}, **expression("NotIn", "ml")}, ML, False, id="all requirements must hold"
        ),
    ],
)
def test_selectors_select_as_kubernetes_does(
    selector: dict[str, Any], labels: dict[str, str], *, selected: bool
) -> None:
    assert selects(LabelSelector.model_validate(selector), labels) is selected
