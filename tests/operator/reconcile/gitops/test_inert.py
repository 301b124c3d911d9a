"""What is in Git stays as it is in the cluster, and tools that compare the two find nothing."""

import json
from pathlib import Path
from typing import Any

import pytest

from e2e.cluster.errors import KubectlError
from e2e.cluster.namespace import Namespace, eventually
from e2e.cluster.operator import OperatorProcess
from e2e.upgrade import scene
from tests.operator.reconcile.gitops.conftest import Writes
from tests.operator.reconcile.scrape import await_reconciles

Json = dict[str, Any]

FINALIZER = "hirag.dev/context-collection"
FORCED = ("--server-side", "--force-conflicts")
OF_EACH_KIND = 50
A_FEW = 5  # of each kind: enough to have looked at every object again
REST_FIRST = 10


def kubectl(team: Namespace, *args: str, stdin: str | None = None) -> str:
    return team.control_plane.kubectl(*args, "-n", team.name, stdin=stdin)


def ours(team: Namespace) -> dict[str, Json]:
    """The objects of our kinds by kind and name."""
    return {f"{kind}/{body['metadata']['name']}": body for kind in scene.OURS for body in team.all_of(kind)}


def children(team: Namespace) -> dict[str, str]:
    """The children of ours byte for byte, but for the status that the cluster's own controllers keep."""
    found = [(kind, body) for kind in scene.CHILDREN for body in team.all_of(kind)]
    return {f"{kind}/{body['metadata']['name']}": without_status(body) for kind, body in found}


def without_status(body: Json) -> str:
    """The object byte for byte, but for its status and what tells of writes to that."""
    metadata = {key: value for key, value in body["metadata"].items() if key != "resourceVersion"}
    metadata["managedFields"] = [one for one in metadata.get("managedFields", []) if one.get("subresource") != "status"]
    return json.dumps({**{key: value for key, value in body.items() if key != "status"}, "metadata": metadata})


def of_the_user(body: Json) -> Json:
    """What Git says of an object; what kubectl notes for itself goes when another manager takes over."""
    annotations = {**body["metadata"].get("annotations", {})}
    annotations.pop("kubectl.kubernetes.io/last-applied-configuration", None)
    told = {"labels": body["metadata"].get("labels"), "annotations": annotations}
    return {**told, "spec": body["spec"], "generation": body["metadata"]["generation"]}


@pytest.fixture(scope="module")
def as_applied(team: Namespace, git: Path) -> dict[str, Json]:
    """The objects of our kinds as the API server had them before any operator came."""
    kubectl(team, "apply", "-f", str(git))
    return ours(team)


@pytest.fixture(scope="module")
def at_rest(as_applied: dict[str, Json], team: Namespace, operator: OperatorProcess, writes: Writes) -> Namespace:
    """The team's objects, all that was to be done for them having been done."""
    assert as_applied
    scene.await_rest(team)
    await_reconciles(operator, 0, REST_FIRST)
    assert any("contextcollections" in one for one in writes.new()), "writes are seen"
    return team


def test_the_operator_leaves_of_what_was_applied_everything_and_adds_one_finalizer(
    as_applied: dict[str, Json], at_rest: Namespace
) -> None:
    now = ours(at_rest)
    assert {name: of_the_user(body) for name, body in now.items()} == {
        name: of_the_user(body) for name, body in as_applied.items()
    }
    finalizers = {name: body["metadata"].get("finalizers", []) for name, body in now.items()}
    assert finalizers == {name: [FINALIZER] if name.startswith("ContextCollection/") else [] for name in now}


def test_fifty_reconciles_of_each_kind_leave_every_byte_of_it(
    at_rest: Namespace, operator: OperatorProcess, writes: Writes
) -> None:
    before, children_before = ours(at_rest), children(at_rest)
    for touch in range(5):  # what objects refer to is written to, and nothing of it changes
        kubectl(at_rest, "annotate", "secret", "provider", f"touched={touch}", "--overwrite")
        kubectl(at_rest, "label", "namespace", at_rest.name, f"touched={touch}", "--overwrite")
        await_reconciles(operator, 0, OF_EACH_KIND // 5)
    assert ours(at_rest) == before, "not even a status was written"
    assert children(at_rest) == children_before
    assert writes.new() == []


@pytest.mark.parametrize(
    "how",
    [
        pytest.param((), id="as kubectl does"),
        pytest.param(("--server-side", "--field-manager=another"), id="as another manager that forces nothing"),
        pytest.param((*FORCED, "--field-manager=argocd-controller"), id="as Argo CD's server-side diff does"),
        pytest.param((*FORCED, "--field-manager=kustomize-controller"), id="as Flux does"),
    ],
)
def test_a_comparison_with_git_finds_nothing(how: tuple[str, ...], at_rest: Namespace, git: Path) -> None:
    try:
        assert kubectl(at_rest, "diff", *how, "-f", str(git)) == ""
    except KubectlError as error:
        pytest.fail(str(error))


def test_a_comparison_would_find_a_change(at_rest: Namespace, git: Path) -> None:
    changed = git.read_text().replace("ef: 64", "ef: 65")
    with pytest.raises(KubectlError, match="ef: 65"):
        kubectl(at_rest, "diff", "-f", "-", stdin=changed)


def test_applying_it_again_changes_nothing(at_rest: Namespace, git: Path, writes: Writes) -> None:
    before = ours(at_rest)
    kubectl(at_rest, "apply", "-f", str(git))
    assert ours(at_rest) == before
    assert writes.new() == []


@pytest.mark.parametrize("manager", ["argocd-controller", "kustomize-controller"])
def test_another_manager_applies_it_without_a_conflict_and_the_second_time_without_a_write(
    manager: str, at_rest: Namespace, git: Path, operator: OperatorProcess, writes: Writes
) -> None:
    before = {name: of_the_user(body) for name, body in ours(at_rest).items()}
    apply = ("apply", "--server-side", f"--field-manager={manager}", "-f", str(git))
    kubectl(at_rest, *apply)
    once = ours(at_rest)
    kubectl(at_rest, *apply)
    assert ours(at_rest) == once
    assert {name: of_the_user(body) for name, body in once.items()} == before
    await_reconciles(operator, 0, A_FEW)
    assert writes.new() == []


@pytest.mark.parametrize(
    "found",
    [
        pytest.param({}, id="all taken away"),
        pytest.param({"app.kubernetes.io/instance": "other", "team": "others"}, id="others in their place"),
    ],
)
def test_labels_and_annotations_of_the_user_mean_nothing(
    found: dict[str, str], at_rest: Namespace, operator: OperatorProcess, writes: Writes
) -> None:
    before, specs = children(at_rest), {name: body["spec"] for name, body in ours(at_rest).items()}
    patch = json.dumps([{"op": "add", "path": f"/metadata/{key}", "value": found} for key in ("labels", "annotations")])
    for kind in scene.OURS:
        for body in at_rest.all_of(kind):
            kubectl(at_rest, "patch", kind, body["metadata"]["name"], "--type=json", "-p", patch)
    await_reconciles(operator, 0, A_FEW)
    told = {name: body["metadata"].get("annotations", {}) for name, body in ours(at_rest).items()}
    assert told == dict.fromkeys(told, found)
    assert {name: body["spec"] for name, body in ours(at_rest).items()} == specs
    assert children(at_rest) == before
    assert writes.new() == []


def test_an_object_that_is_replaced_from_git_gets_its_finalizer_back_and_nothing_else_happens(
    at_rest: Namespace, provider: str, operator: OperatorProcess, writes: Writes
) -> None:
    before = children(at_rest)
    body = next(body for body in scene.objects(provider) if body["metadata"]["name"] == "handbook")
    kubectl(at_rest, "replace", "-f", "-", stdin=json.dumps(body))

    def finalizers() -> Any:
        return (at_rest.get("ContextCollection", "handbook") or {})["metadata"].get("finalizers")

    eventually(finalizers, lambda found: found == [FINALIZER])
    await_reconciles(operator, 0, A_FEW)
    assert [one.split(" by ")[0] for one in writes.new()] == ["patch contextcollections/team/handbook"]
    assert children(at_rest) == before
