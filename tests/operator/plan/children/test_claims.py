"""What a PersistentVolumeClaim that exists can still become."""

from typing import Any

import pytest

from hirag_operator.plan.children.claims import forbidden_changes, settled
from hirag_operator.plan.children.owned import marked, plan_children
from hirag_operator.plan.model.modelcache import claim, claim_name, has_one_writer
from hirag_operator.plan.steps import ApplyChild
from tests.operator.plan.objects import model, owner

CACHE = {"size": "10Gi", "storageClassName": "fast"}


def wanted(**cache: Any) -> dict[str, Any]:
    declared = model({"serving": {"modelCache": {**CACHE, **cache}}})
    section = declared.spec.effective_serving.model_cache
    assert section is not None
    return claim(declared, section, owner())


def live(capacity: str | None = None, **cache: Any) -> dict[str, Any]:
    made = marked(wanted(**cache))
    made["spec"] = {"storageClassName": "standard", **made["spec"], "volumeMode": "Filesystem"}
    return {**made, "status": {"capacity": {"storage": capacity}} if capacity else {"phase": "Pending"}}


@pytest.mark.parametrize(
    ("change", "seen", "told"),
    [
        pytest.param({}, live(), [], id="nothing"),
        pytest.param({"size": "20Gi"}, live(), [], id="more room"),
        pytest.param({"size": "10240Mi"}, live(), [], id="the same room in other words"),
        pytest.param({"storageClassName": None}, live(), [], id="a class that is no longer named"),
        pytest.param({"size": "5Gi"}, live(), ["minilm-model-cache has 10Gi and cannot shrink to 5Gi"], id="less room"),
        pytest.param({"size": "15Gi"}, live("10Gi", size="20Gi"), [], id="less than was asked for and never given"),
        pytest.param(
            {"storageClassName": "slow"}, live(), ["keeps storageClassName fast and cannot have slow"], id="a class"
        ),
        pytest.param(
            {"accessMode": "ReadWriteMany"},
            live(),
            ["keeps accessModes ReadWriteOnce and cannot have ReadWriteMany"],
            id="an access mode",
        ),
        pytest.param(
            {"storageClassName": "slow", "size": "1Gi"}, live(), ["cannot have slow", "cannot shrink"], id="two at once"
        ),
    ],
)
def test_forbidden_changes_are(change: dict[str, Any], seen: dict[str, Any], told: list[str]) -> None:
    found = list(forbidden_changes(wanted(**change), seen))
    assert len(found) == len(told)
    assert all(part in sentence for part, sentence in zip(told, found, strict=True))
    assert all("kubectl delete pvc minilm-model-cache" in sentence for sentence in found)


def test_a_forbidden_change_is_told_and_never_sent() -> None:
    plan = plan_children(owner(), [wanted(storageClassName="slow")], [live()])
    assert plan.steps == ()
    assert len(plan.forbidden) == 1


def test_room_is_added_under_the_class_that_the_cluster_chose() -> None:
    plan = plan_children(
        owner(), [wanted(storageClassName=None, size="20Gi")], [live(storageClassName=None, size="10Gi")]
    )
    (step,) = plan.steps
    assert isinstance(step, ApplyChild)
    assert step.manifest["spec"]["storageClassName"] == "standard"


def test_a_claim_of_the_clusters_class_is_left_alone() -> None:
    assert plan_children(owner(), [wanted(storageClassName=None)], [live(storageClassName=None)]).steps == ()


def test_a_claim_outlives_its_section() -> None:
    assert plan_children(owner(), [], [live()]).steps == ()


def test_other_kinds_have_nothing_of_this() -> None:
    service = {"kind": "Service", "metadata": {"name": "s"}, "spec": {}}
    assert list(forbidden_changes(service, service)) == []
    assert settled(service, service) is service


@pytest.mark.parametrize(
    ("serving", "turns"),
    [
        pytest.param({}, False, id="no cache"),
        pytest.param({"modelCache": CACHE}, True, id="a cache of one writer"),
        pytest.param({"modelCache": {**CACHE, "accessMode": "ReadWriteMany"}}, False, id="a shared cache"),
    ],
)
def test_pods_take_turns_at(serving: dict[str, Any], *, turns: bool) -> None:
    assert has_one_writer(model({"serving": serving})) is turns


def test_the_claim_is_called_after_its_model() -> None:
    assert claim_name(model()) == "minilm-model-cache"
