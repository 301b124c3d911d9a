"""`python -m e2e.upgrade.record VERSION`: keep what this checkout's operator leaves behind, for later ones to find.

Each release adds a folder below tests/data/upgrade; the tests bring every one of them back under the present operator.
"""

import argparse
import tempfile
from contextlib import ExitStack
from pathlib import Path

import httpx

from e2e.cluster import data
from e2e.cluster.controlplane import ControlPlane
from e2e.cluster.embedder import EmbedderServer
from e2e.cluster.faultproxy import TcpProxy
from e2e.cluster.namespace import Namespace
from e2e.cluster.operator import OperatorProcess
from e2e.cluster.toolchain import Toolchain
from e2e.cluster.weaviate import WeaviateServer
from e2e.upgrade import scene
from e2e.upgrade.snapshot import SNAPSHOTS, Snapshot, take


def main() -> None:
    """Record, write, and say what there is."""
    parser = argparse.ArgumentParser(prog="python -m e2e.upgrade.record", description=__doc__)
    parser.add_argument("version", help="the release, e.g. 0.2.0: the name of the folder")
    parser.add_argument("--to", type=Path, default=SNAPSHOTS, help="the folder of all snapshots")
    arguments = parser.parse_args()
    found = record(Toolchain.from_environment())
    folder = arguments.to / arguments.version
    found.write(folder)
    kinds = [body["kind"] for body in found.objects]
    counts = ", ".join(f"{kinds.count(kind)} {kind}" for kind in dict.fromkeys(kinds))
    print(f"{folder}: {counts}; in Weaviate {len(found.collections)} collections, {len(found.aliases)} aliases")


def record(tools: Toolchain) -> Snapshot:
    """Return what the operator leaves behind of the team's objects, on servers of its own."""
    with ExitStack() as stack:
        cache = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        embedder = stack.enter_context(EmbedderServer(data.model_folder(), cache, port=scene.PROVIDER_PORT))
        control_plane = stack.enter_context(ControlPlane(tools))
        server = stack.enter_context(WeaviateServer(tools))
        namespace = Namespace(control_plane, scene.NAMESPACE)
        scene.install_crds(namespace)
        scene.apply(namespace, f"{embedder.url}/v1")
        front = stack.enter_context(TcpProxy(server.http_url, port=scene.WEAVIATE_PORT))
        connections = {"default": {"http_url": front.url}}
        stack.enter_context(OperatorProcess(control_plane, connections, env=scene.OPERATOR))
        scene.await_rest(namespace)
        weaviate = stack.enter_context(httpx.Client(base_url=f"{server.http_url}/v1", trust_env=False))
        return take(namespace, weaviate)


if __name__ == "__main__":
    main()
