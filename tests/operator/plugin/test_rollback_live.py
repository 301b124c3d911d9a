"""On a real API server: what rollback writes is one annotation, by the caller's own rights and name."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from e2e.cluster.controlplane import ControlPlane
from e2e.cluster.namespace import Namespace
from tests.operator.plugin.conftest import AuditLog, Came
from tests.operator.plugin.test_rights_live import person

HOME = "plugin-unwatched"  # where no operator writes status, so that it stays as a test has it
PLAN = "abi552zrvt"
LEVEL = {"phase": "Soaking", "plan": PLAN, "source": "Handbook_Ra", "target": "Handbook_Rb"}
SPEC = {"embeddingModelRef": {"name": "minilm"}, "levels": {"longTerm": {}}}
Hirag = Callable[..., Came]


@pytest.fixture
def home(cluster: ControlPlane, name: str) -> Iterator[Namespace]:
    """A namespace with a collection in its soak."""
    namespace = Namespace(cluster, HOME)
    namespace.apply("ContextCollection", name, SPEC)
    tell(namespace, name, "Soaking")
    yield namespace
    namespace.delete("ContextCollection", name)


def tell(home: Namespace, name: str, phase: str, **others: Any) -> None:
    """Say what an operator would say."""
    body = home.get("ContextCollection", name) or {}
    migration = {"phase": phase, "plan": PLAN, "levels": {"longTerm": {**LEVEL, "phase": phase}}}
    status = {"observedGeneration": body["metadata"]["generation"], "migration": migration, **others}
    patch = ("--subresource=status", "--type=merge", f"-p={json.dumps({'status': status})}")
    home.control_plane.kubectl("patch", "contextcollection", name, "-n", home.name, *patch)


def annotations(home: Namespace, name: str) -> dict[str, str]:
    body = home.get("ContextCollection", name) or {}
    return dict(body["metadata"].get("annotations") or {})


def test_a_dry_run_asks_the_server_and_writes_nothing(hirag: Hirag, home: Namespace, name: str) -> None:
    before = home.get("ContextCollection", name)
    came = hirag("rollback", name, "--dry-run", "-o", "json", namespace=HOME)
    assert (came.code, came.json["outcome"]) == (0, "possible")
    assert home.get("ContextCollection", name) == before


def test_one_annotation_is_written_under_a_name_of_its_own(
    hirag: Hirag, home: Namespace, name: str, audit: AuditLog
) -> None:
    asked = len(audit.of("kubectl-hirag"))
    before = home.get("ContextCollection", name) or {}
    came = hirag("rollback", name, namespace=HOME)
    assert (came.code, "Annotation hirag.dev/rollback names it now" in came.out) == (0, True), came.err
    after = home.get("ContextCollection", name) or {}
    assert annotations(home, name) == {**before["metadata"].get("annotations", {}), "hirag.dev/rollback": PLAN}
    assert (after["spec"], after["metadata"]["generation"]) == (before["spec"], before["metadata"]["generation"])
    raw = home.control_plane.kubectl(
        "get", "contextcollection", name, "-n", HOME, "-o", "json", "--show-managed-fields"
    )
    fields = next(one for one in json.loads(raw)["metadata"]["managedFields"] if one["manager"] == "kubectl-hirag")
    assert fields["fieldsV1"] == {"f:metadata": {"f:annotations": {".": {}, "f:hirag.dev/rollback": {}}}}
    assert [one["verb"] for one in audit.of("kubectl-hirag", asked)] == ["get", "patch"]


def test_waiting_ends_with_what_comes_of_it(hirag: Hirag, home: Namespace, name: str) -> None:
    came = hirag("rollback", name, "--wait", "--timeout", "0.1s", namespace=HOME)
    assert (came.code, "not within 0.1 seconds" in came.err) == (1, True)
    ready = {"type": "Ready", "status": "False", "reason": "RollbackRefused", "message": "It is too late."}
    condition = {**ready, "lastTransitionTime": "2026-01-01T00:00:00Z", "observedGeneration": 1}
    tell(home, name, "Soaking", conditions=[condition])
    came = hirag("rollback", name, "--wait", namespace=HOME)
    assert (came.code, came.err) == (1, "error: It is too late.\n")
    tell(home, name, "RolledBack")
    came = hirag("rollback", name, "--wait", namespace=HOME)
    assert (came.code, "It is undone" in came.out) == (0, True)


def test_who_may_not_patch_is_told_the_missing_verb(
    cluster: ControlPlane, kubectl: Callable[..., Came], home: Namespace, name: str, tmp_path: Path
) -> None:
    cluster.kubectl("create", "clusterrole", f"see-{name}", "--verb=get", "--resource=contextcollections.hirag.dev")
    onlooker = person(cluster, f"onlooker-{name}", f"see-{name}", tmp_path)
    came = kubectl(["hirag", "rollback", name, "-n", HOME, "--dry-run"], kubeconfig=onlooker)
    assert (came.code, f"you may not patch contextcollections.hirag.dev in namespace {HOME}" in came.err) == (1, True)
    assert "hirag.dev/rollback" not in annotations(home, name)


def test_what_is_not_there_cannot_go_back(hirag: Hirag, home: Namespace) -> None:
    came = hirag("rollback", "nowhere", namespace=home.name)
    assert (came.code, "does not exist" in came.err) == (1, True)
