"""A team's objects as GitOps tools apply them, under an operator that looks at everything every second."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from e2e.cluster.controlplane import ControlPlane
from e2e.cluster.embedder import EmbedderServer
from e2e.cluster.faultproxy import FaultProxy
from e2e.cluster.namespace import Namespace
from e2e.cluster.operator import OperatorProcess
from e2e.cluster.toolchain import Toolchain
from e2e.cluster.weaviate import WeaviateServer
from e2e.upgrade import scene
from tests.operator.reconcile.faults.audit import Audit, changes

_BY_HAND = " by kubectl/"


class Writes:
    """What has been written since the last look by others than a person with kubectl and the cluster itself."""

    def __init__(self, audit: Audit, proxy: FaultProxy) -> None:
        self._audit = audit
        self._proxy = proxy
        self._seen = 0

    def new(self) -> list[str]:
        """Return the writes to the API server and to Weaviate since the last call."""
        told = self._audit.writes()
        kubernetes = [one for one in told[self._seen :] if _BY_HAND not in one]
        weaviate = [f"{asked.method} {asked.path}" for asked in self._proxy.asked if changes(asked)]
        self._seen = len(told)
        self._proxy.asked.clear()
        return kubernetes + weaviate


@pytest.fixture(scope="package")
def audit(tmp_path_factory: pytest.TempPathFactory) -> Audit:
    return Audit(tmp_path_factory.mktemp("audit"))


@pytest.fixture(scope="package")
def control_plane(toolchain: Toolchain, audit: Audit) -> Iterator[ControlPlane]:
    with ControlPlane(toolchain, flags=audit.flags) as control_plane:
        yield control_plane


@pytest.fixture(scope="package")
def weaviate_proxy(weaviate_server: WeaviateServer) -> Iterator[FaultProxy]:
    with FaultProxy(weaviate_server.http_url) as proxy:
        yield proxy


@pytest.fixture(scope="package")
def writes(audit: Audit, weaviate_proxy: FaultProxy) -> Writes:
    return Writes(audit, weaviate_proxy)


@pytest.fixture(scope="package")
def team(control_plane: ControlPlane) -> Namespace:
    """The team's namespace, with the CRDs applied as `kubectl apply -f crds/` does."""
    control_plane.kubectl("apply", "-f", str(scene.CRDS))
    control_plane.kubectl("wait", "--for=condition=Established", "--timeout=60s", "-f", str(scene.CRDS))
    return Namespace(control_plane, "team")


@pytest.fixture(scope="package")
def provider(embedder: EmbedderServer) -> str:
    return f"{embedder.url}/v1"


@pytest.fixture(scope="package")
def git(provider: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file with the team's manifests."""
    file = tmp_path_factory.mktemp("git") / "team.yaml"
    file.write_text(scene.manifests(provider))
    return file


@pytest.fixture(scope="package")
def operator(control_plane: ControlPlane, team: Namespace, weaviate_proxy: FaultProxy) -> Iterator[OperatorProcess]:
    env = {"HIRAG_OPERATOR_RESYNC_SECONDS": "1", "HIRAG_OPERATOR_INSTANCE": team.name}
    with OperatorProcess(control_plane, {"default": {"http_url": weaviate_proxy.url}}, env=env) as operator:
        yield operator
