from copy import deepcopy
from typing import Any

import pytest

from hirag_operator.plan.children.owned import APPLIED, ChildrenPlan, Owner, marked, plan_children
from hirag_operator.plan.steps import ApplyChild, CorrectChild, DeleteChild
from tests.operator.plan.objects import owner

OWNER = owner()


def service(name: str = "minilm-embedder", whose: Owner = OWNER, **spec: Any) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Service", "metadata": whose.metadata(name), "spec": spec}


def live(manifest: dict[str, Any]) -> dict[str, Any]:
    return deepcopy(marked(manifest))


def by_hand(manifest: dict[str, Any], **spec: Any) -> dict[str, Any]:
    """A live object whose spec somebody else changed after we applied it."""
    body = live(manifest)
    body["spec"].update(spec)
    return body


STRANGER = {"kind": "Service", "metadata": {"name": "minilm-embedder", "namespace": "team-a"}}
NAMESAKE = Owner("EmbeddingModel", "team-a", "minilm", "another-uid")


@pytest.mark.parametrize(
    ("wanted", "seen", "steps", "taken"),
    [
        pytest.param([service()], [], (ApplyChild(marked(service())),), (), id="a missing child is made"),
        pytest.param([service()], [live(service())], (), (), id="a child as wanted is left alone"),
        pytest.param(
            [service(type="ClusterIP")],
            [live(service(type="NodePort"))],
            (ApplyChild(marked(service(type="ClusterIP"))),),
            (),
            id="a child that we want otherwise than before is applied",
        ),
        pytest.param(
            [service(type="ClusterIP")],
            [by_hand(service(type="ClusterIP"), type="NodePort")],
            (CorrectChild(marked(service(type="ClusterIP")), ("spec.type",)),),
            (),
            id="a child changed by hand is put back",
        ),
        pytest.param(
            [service()],
            [live(service(sessionAffinity="ClientIP"))],
            (ApplyChild(marked(service())),),
            (),
            id="a field that is no longer wanted is taken away",
        ),
        pytest.param(
            [],
            [live(service())],
            (DeleteChild("Service", "team-a", "minilm-embedder"),),
            (),
            id="a child that is no longer wanted is deleted",
        ),
        pytest.param([service()], [STRANGER], (), ("Service team-a/minilm-embedder",), id="a stranger is left alone"),
        pytest.param([], [STRANGER], (), (), id="a stranger is not deleted"),
        pytest.param(
            [service()],
            [live(service(whose=NAMESAKE))],
            (ApplyChild(marked(service())),),
            (),
            id="the child of a namesake that is gone is taken over before it is collected",
        ),
        pytest.param([], [live(service(whose=NAMESAKE))], (), (), id="and is not ours to delete"),
    ],
)
def test_children_are_kept_as_wanted(
    wanted: list[Any], seen: list[Any], steps: tuple[Any, ...], taken: tuple[str, ...]
) -> None:
    plan = plan_children(OWNER, wanted, seen)
    assert (plan.steps, plan.taken) == (steps, taken)


def test_under_warn_what_was_changed_by_hand_stays_and_is_named() -> None:
    wanted = service(type="ClusterIP", sessionAffinity="None")
    seen = by_hand(wanted, type="NodePort", sessionAffinity="ClientIP")
    plan = plan_children(OWNER, [wanted], [seen], "Warn")
    assert plan.steps == ()
    assert plan.drifted == (
        "spec.type of Service minilm-embedder",
        "spec.sessionAffinity of Service minilm-embedder",
    )


@pytest.mark.parametrize(
    ("wanted", "seen"),
    [
        pytest.param([service()], [], id="a missing child"),
        pytest.param([service(type="ClusterIP")], [live(service(type="NodePort"))], id="a change of the spec"),
        pytest.param(
            [service(type="ClusterIP")],
            [by_hand(service(type="NodePort"), type="LoadBalancer")],
            id="a change of the spec of what was changed by hand too",
        ),
    ],
)
def test_under_warn_our_own_changes_are_applied_all_the_same(wanted: list[Any], seen: list[Any]) -> None:
    plan = plan_children(OWNER, wanted, seen, "Warn")
    assert plan.steps == tuple(ApplyChild(marked(manifest)) for manifest in wanted)
    assert plan.drifted == ()


def test_what_stands_in_the_way_of_several_plans_adds_up() -> None:
    plan = ChildrenPlan(taken=("a",), drifted=("x",)) + ChildrenPlan(taken=("b",), forbidden=("y",))
    assert plan == ChildrenPlan(taken=("a", "b"), forbidden=("y",), drifted=("x",))


def test_what_the_server_and_others_add_is_no_reason_to_write() -> None:
    seen = live(service(type="ClusterIP"))
    seen["spec"]["clusterIP"] = "10.96.0.7"
    seen["metadata"]["annotations"]["example.com/by"] = "others"
    seen["metadata"]["ownerReferences"].append({"kind": "Tenant", "name": "minilm", "uid": "u-9"})
    assert plan_children(OWNER, [service(type="ClusterIP")], [seen]).steps == ()


def test_a_mark_taken_away_by_hand_is_put_back() -> None:
    seen = live(service())
    del seen["metadata"]["annotations"]
    assert len(plan_children(OWNER, [service()], [seen]).steps) == 1


def test_a_mark_leaves_the_manifest_and_its_annotations_alone() -> None:
    manifest = service()
    manifest["metadata"]["annotations"] = {"example.com/note": "kept"}
    before = deepcopy(manifest)
    assert marked(manifest)["metadata"]["annotations"].keys() == {"example.com/note", APPLIED}
    assert manifest == before


def test_children_are_found_by_their_labels_and_collected_with_their_owner() -> None:
    metadata = owner("ContextCollection", "handbook").metadata("handbook-compact", {"role": "compact"})
    assert metadata["labels"] == {
        "app.kubernetes.io/managed-by": "hirag-operator",
        "hirag.dev/context-collection": "handbook",
        "role": "compact",
    }
    (reference,) = metadata["ownerReferences"]
    assert (reference["kind"], reference["name"], reference["controller"]) == ("ContextCollection", "handbook", True)
