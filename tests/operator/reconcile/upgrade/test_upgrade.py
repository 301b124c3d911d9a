"""Every state that an earlier release left behind is taken over as it is: no write that need not be, and no restart."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from e2e.cluster import data
from e2e.cluster.controlplane import ControlPlane
from e2e.cluster.embedder import EmbedderServer
from e2e.cluster.faultproxy import FaultProxy
from e2e.cluster.namespace import Namespace, eventually
from e2e.cluster.operator import OperatorProcess
from e2e.cluster.toolchain import Toolchain
from e2e.cluster.weaviate import WeaviateServer
from e2e.upgrade import scene
from e2e.upgrade.replay import replay
from e2e.upgrade.snapshot import SNAPSHOTS, Snapshot
from hirag_operator.plan.merge import merged
from tests.operator.reconcile.faults.audit import Audit
from tests.operator.reconcile.gitops.conftest import Writes
from tests.operator.reconcile.scrape import await_reconciles

Json = dict[str, Any]

RELEASES = sorted(folder for folder in SNAPSHOTS.iterdir() if folder.is_dir())
ROUNDS = 5  # reconciles of each kind: each object has been looked at more than once
IMAGE = "HIRAG_OPERATOR_EMBEDDER_IMAGE"


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbedderServer]:
    """The provider of the snapshots, at the address that they name."""
    cache = tmp_path_factory.mktemp("onnx")
    with EmbedderServer(data.model_folder(), cache, port=scene.PROVIDER_PORT) as embedder:
        yield embedder


@dataclass(frozen=True)
class Upgraded:
    """A cluster of an earlier release, with the present CRDs, and no operator yet."""

    folder: Path
    before: Snapshot
    control_plane: ControlPlane
    namespace: Namespace
    weaviate: FaultProxy
    writes: Writes

    def operator(self, **settings: str) -> OperatorProcess:
        """The present operator; further settings win over those of the scene."""
        connections = {"default": {"http_url": self.weaviate.url}}
        return OperatorProcess(self.control_plane, connections, env={**scene.OPERATOR, **settings})

    def deployments(self) -> dict[str, int]:
        """Deployment → generation, which every change of its spec raises."""
        found = self.namespace.all_of("Deployment")
        return {body["metadata"]["name"]: body["metadata"]["generation"] for body in found}


@pytest.fixture(scope="module", params=RELEASES, ids=lambda folder: folder.name)
def upgraded(
    request: pytest.FixtureRequest,
    toolchain: Toolchain,
    provider: EmbedderServer,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Upgraded]:
    provider.check()
    folder: Path = request.param
    before = Snapshot.read(folder)
    audit = Audit(tmp_path_factory.mktemp("audit"))
    with ExitStack() as stack:
        control_plane = stack.enter_context(ControlPlane(toolchain, flags=audit.flags))
        server = stack.enter_context(WeaviateServer(toolchain))
        weaviate = stack.enter_context(httpx.Client(base_url=f"{server.http_url}/v1", timeout=60, trust_env=False))
        namespace = replay(before, control_plane, weaviate)
        scene.install_crds(namespace)
        proxy = stack.enter_context(FaultProxy(server.http_url, port=scene.WEAVIATE_PORT))
        writes = Writes(audit, proxy)
        writes.new()
        yield Upgraded(folder, before, control_plane, namespace, proxy, writes)


def expected(folder: Path) -> dict[str, str]:
    """The writes that a later release has to make of a snapshot, each with its reason; most have none."""
    file = folder / "expected.yaml"
    return dict(yaml.safe_load(file.read_text())) if file.exists() else {}


def test_the_present_operator_writes_nothing_that_need_not_be(upgraded: Upgraded) -> None:
    deployments = upgraded.deployments()
    assert deployments, "there is something that could restart"
    with upgraded.operator() as operator:
        await_reconciles(operator, 0, ROUNDS)
    assert sorted({one.split(" by ")[0] for one in upgraded.writes.new()}) == sorted(expected(upgraded.folder))
    assert upgraded.deployments() == deployments
    for body in upgraded.before.objects:
        if body["kind"] in scene.OURS:
            now = upgraded.namespace.get(body["kind"], body["metadata"]["name"])
            assert now is not None
            identity = itemgetter("uid", "generation")
            assert identity(now["metadata"]) == identity(body["metadata"])
            # What was declared is as it was; fields that are new have their defaults.
            assert merged(now["spec"], body["spec"]) == now["spec"]


def test_another_embedder_image_restarts_the_embedders_that_run_it_and_touches_nothing_else(
    upgraded: Upgraded,
) -> None:
    before = upgraded.deployments()
    with upgraded.operator(**{IMAGE: "registry.example.com/hirag-embedder:2"}):
        eventually(upgraded.deployments, lambda found: all(found[name] == before[name] + 1 for name in before))
    written = {one.split(" by ")[0].split("/")[0] for one in upgraded.writes.new()}
    assert written <= {"patch deployments", "patch embeddingmodels", "create events"}
    assert "patch deployments" in written
