"""An operator of one's own, between whom and the world a proxy stands; on a control plane that no other looks after.

It looks at objects only when something happens: what heals here heals without a resync.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from e2e.cluster import credentials
from e2e.cluster.controlplane import ControlPlane
from e2e.cluster.faultproxy import FaultProxy, TcpProxy
from e2e.cluster.faults import NONE
from e2e.cluster.operator import OperatorProcess
from e2e.cluster.toolchain import Toolchain
from e2e.cluster.weaviate import WeaviateServer
from tests.operator.reconcile.conftest import install_crds
from tests.operator.reconcile.faults.audit import Audit


@pytest.fixture(scope="package")
def audit(tmp_path_factory: pytest.TempPathFactory) -> Audit:
    return Audit(tmp_path_factory.mktemp("audit"))


@pytest.fixture(scope="package")
def control_plane(toolchain: Toolchain, audit: Audit) -> Iterator[ControlPlane]:
    with ControlPlane(toolchain, flags=audit.flags) as control_plane:
        install_crds(control_plane)
        yield control_plane


@pytest.fixture(scope="package")
def api_proxy(control_plane: ControlPlane) -> Iterator[TcpProxy]:
    """Between the operator and the API server."""
    with TcpProxy(control_plane.url) as proxy:
        yield proxy


@pytest.fixture(scope="package")
def weaviate_proxy(weaviate_server: WeaviateServer) -> Iterator[FaultProxy]:
    """Between the operator and Weaviate, on the connection `proxied`."""
    with FaultProxy(weaviate_server.http_url) as proxy:
        yield proxy


@pytest.fixture(scope="package")
def open_weaviate(toolchain: Toolchain) -> Iterator[WeaviateServer]:
    """A Weaviate with AutoSchema on."""
    with WeaviateServer(toolchain, env={"AUTOSCHEMA_ENABLED": "true"}) as server:
        yield server


@pytest.fixture(scope="package")
def kubeconfig(control_plane: ControlPlane, api_proxy: TcpProxy, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("proxied") / "kubeconfig"
    credentials.write_kubeconfig(file, url=api_proxy.url, authority=control_plane.authority, token=control_plane.token)
    return file


@pytest.fixture(scope="package")
def operator(
    control_plane: ControlPlane,
    kubeconfig: Path,
    weaviate_server: WeaviateServer,
    weaviate_proxy: FaultProxy,
    open_weaviate: WeaviateServer,
    pod_port: int,
) -> Iterator[OperatorProcess]:
    connections = {
        "default": {"http_url": weaviate_server.http_url},
        "proxied": {"http_url": weaviate_proxy.url, "timeout_seconds": "2"},
        "open": {"http_url": open_weaviate.http_url},
    }
    env = {
        "KUBECONFIG": str(kubeconfig),
        "HIRAG_OPERATOR_PULSE_SECONDS": "0.5",
        "HIRAG_OPERATOR_SERVICE_URL": f"http://127.0.0.1:{pod_port}",
    }
    with OperatorProcess(control_plane, connections, env=env) as operator:
        yield operator


@pytest.fixture(autouse=True)
def no_faults(weaviate_proxy: FaultProxy, api_proxy: TcpProxy) -> Iterator[None]:
    """Whatever a scenario leaves broken is whole for the next."""
    yield
    weaviate_proxy.fault = NONE
    api_proxy.fault = NONE


@pytest.fixture
def proxied_spec(collection_spec: dict[str, Any]) -> dict[str, Any]:
    return {**collection_spec, "weaviate": {"connection": "proxied"}}
