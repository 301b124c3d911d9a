"""Real objects under a real operator, as kstatus, Argo CD's check and `kubectl wait` see them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from e2e.cluster.errors import KubectlError
from e2e.cluster.kstatus import compute
from e2e.cluster.namespace import Namespace, eventually
from e2e.cluster.operator import OperatorProcess
from e2e.cluster.toolchain import Toolchain
from e2e.upgrade import scene
from tests.docs.argocd import health

Json = dict[str, Any]

CONFIG = Path(__file__).parents[4] / "docs" / "argocd" / "argocd-cm.yaml"
SCRIPTS: dict[str, str] = yaml.safe_load(CONFIG.read_text())["data"]


@pytest.fixture(scope="module")
def at_rest(team: Namespace, provider: str, operator: OperatorProcess) -> Namespace:
    operator.check()
    scene.apply(team, provider)
    scene.await_rest(team)
    return team


@pytest.fixture
def without_operator(operator: OperatorProcess) -> Iterator[None]:
    operator.stop()
    yield
    operator.start()


class Judges:
    """What kstatus and Argo CD say of an object, side by side."""

    def __init__(self, toolchain: Toolchain, namespace: Namespace) -> None:
        self._toolchain = toolchain
        self._namespace = namespace

    def of(self, kind: str, name: str) -> tuple[str, str]:
        body = self._namespace.get(kind, name)
        assert body is not None
        script = SCRIPTS[f"resource.customizations.health.hirag.dev_{kind}"]
        return compute(self._toolchain, [body])[0].status, health(script, body)[0]

    def await_(self, kind: str, name: str, kstatus: str, argocd: str) -> None:
        eventually(lambda: self.of(kind, name), lambda found: found == (kstatus, argocd))


@pytest.fixture
def judges(toolchain: Toolchain, team: Namespace) -> Judges:
    return Judges(toolchain, team)


@pytest.mark.parametrize(
    ("kind", "name", "found"),
    [
        ("EmbeddingModel", "minilm", ("Current", "Healthy")),
        ("EmbeddingModel", "fixed", ("InProgress", "Progressing")),
        ("HNSWIndexPolicy", "fast", ("Current", "Healthy")),
        ("ContextCollection", "handbook", ("Current", "Healthy")),
        ("ContextCollection", "shared", ("Current", "Healthy")),
        ("ContextCollection", "paused", ("InProgress", "Suspended")),
    ],
)
def test_an_object_that_came_to_rest_is(
    kind: str, name: str, found: tuple[str, str], at_rest: Namespace, judges: Judges
) -> None:
    assert at_rest.get(kind, name)
    assert judges.of(kind, name) == found


def test_kubectl_waits_for_ready_and_no_longer(at_rest: Namespace) -> None:
    wait = ("wait", "--for=condition=Ready", "-n", at_rest.name)
    said = at_rest.control_plane.kubectl(*wait, "--timeout=60s", "emb/minilm", "hnsw/fast", "ctx/handbook")
    assert said.count("condition met") == 3
    with pytest.raises(KubectlError, match="timed out"):
        at_rest.control_plane.kubectl(*wait, "--timeout=1s", "ctx/paused")


@pytest.mark.usefixtures("without_operator")
@pytest.mark.parametrize("kind", scene.OURS)
def test_an_object_that_no_operator_has_looked_at_is_not_current(
    kind: str, at_rest: Namespace, provider: str, judges: Judges
) -> None:
    spec = next(body["spec"] for body in scene.objects(provider) if body["kind"] == kind)
    at_rest.apply(kind, "fresh", spec)
    try:
        assert judges.of(kind, "fresh") == ("InProgress", "Progressing")
        with pytest.raises(KubectlError, match="timed out"):
            at_rest.control_plane.kubectl(
                "wait", "--for=condition=Ready", "--timeout=1s", f"{kind}/fresh", "-n", at_rest.name
            )
    finally:
        at_rest.delete(kind, "fresh")


def test_an_edit_is_not_current_until_it_was_looked_at(
    at_rest: Namespace, operator: OperatorProcess, judges: Judges
) -> None:
    at_rest.apply("HNSWIndexPolicy", "edited", {"hnsw": {"ef": 64}})
    judges.await_("HNSWIndexPolicy", "edited", "Current", "Healthy")
    operator.stop()
    try:
        at_rest.apply("HNSWIndexPolicy", "edited", {"hnsw": {"ef": 65}})
        assert judges.of("HNSWIndexPolicy", "edited") == ("InProgress", "Progressing")
    finally:
        operator.start()
    judges.await_("HNSWIndexPolicy", "edited", "Current", "Healthy")


def test_what_waits_for_a_person_has_failed_and_what_cannot_be_removed_is_terminating(
    at_rest: Namespace, provider: str, judges: Judges
) -> None:
    spec = next(body["spec"] for body in scene.objects(provider) if body["metadata"]["name"] == "handbook")
    lost = {**spec, "weaviate": {"connection": "nobody-knows"}, "deletionPolicy": "Delete"}
    at_rest.apply("ContextCollection", "lost", lost)
    judges.await_("ContextCollection", "lost", "Failed", "Degraded")
    at_rest.delete("ContextCollection", "lost")
    judges.await_("ContextCollection", "lost", "Terminating", "Progressing")
    annotate = ("annotate", "ctx", "lost", "hirag.dev/abandon-data=true", "-n", at_rest.name)
    at_rest.control_plane.kubectl(*annotate)
    eventually(lambda: at_rest.get("ContextCollection", "lost"), lambda body: body is None)
