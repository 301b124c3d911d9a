"""The process in the background that holds the demo's servers, from `make demo` to `make down`."""

import os
import shutil
import signal
import socket
import threading
from contextlib import ExitStack

from e2e.cluster import data
from e2e.cluster.controlplane import ControlPlane
from e2e.cluster.embedder import EmbedderServer
from e2e.cluster.errors import ClusterError
from e2e.cluster.operator import OperatorProcess
from e2e.cluster.podrunner import JobPods
from e2e.cluster.toolchain import Toolchain
from e2e.cluster.weaviate import WeaviateServer
from e2e.demo import paths
from e2e.demo.state import State

JOBS = "hirag-system"
PREFERRED_PORT = 8081
CHECK_SECONDS = 1.0


def serve() -> None:
    """Start everything, say so in build/demo.json, and hold it until SIGTERM or until a server ends by itself."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    tools = Toolchain.from_environment()
    paths.FOLDER.mkdir(parents=True, exist_ok=True)
    port = _embedder_port()
    with ExitStack() as stack:
        stack.callback(paths.STATE.unlink, missing_ok=True)
        control_plane = stack.enter_context(ControlPlane(tools))
        _tell(f"Kubernetes API server at {control_plane.url}")
        embedder = stack.enter_context(EmbedderServer(data.model_folder(), paths.ONNX, port=port))
        _tell(f"embedder at {embedder.url}")
        weaviate = stack.enter_context(WeaviateServer(tools, data_dir=paths.WEAVIATE_DATA))
        _tell(f"Weaviate at {weaviate.http_url}")
        shutil.copy(control_plane.kubeconfig, paths.KUBECONFIG)
        paths.KUBECTL.unlink(missing_ok=True)
        paths.KUBECTL.symlink_to(tools.path("kubectl"))
        for file in sorted(paths.CRDS.glob("*.yaml")):
            control_plane.kubectl("apply", "-f", str(file))
        connections = {"default": {"http_url": weaviate.http_url, "grpc_address": f"127.0.0.1:{weaviate.grpc_port}"}}
        control_plane.kubectl("create", "namespace", JOBS)
        settings = {"HIRAG_OPERATOR_RESYNC_SECONDS": "1", "HIRAG_OPERATOR_JOBS_NAMESPACE": JOBS}
        operator = stack.enter_context(OperatorProcess(control_plane, connections, env=settings))
        pods = stack.enter_context(
            JobPods(control_plane, JOBS, "app.kubernetes.io/component in (migration,measurement)")
        )
        _tell(f"operator at {operator.url}")
        State(
            supervisor=os.getpid(),
            kubernetes=control_plane.url,
            kubeconfig=str(paths.KUBECONFIG),
            weaviate=weaviate.http_url,
            weaviate_grpc=f"127.0.0.1:{weaviate.grpc_port}",
            embedder=embedder.url,
            operator=operator.url,
        ).write()
        while not stop.wait(CHECK_SECONDS):
            operator.check()
            embedder.check()
            if not pods.running:
                raise ClusterError("nothing runs the pods of Jobs any more; the lines above say why")


def _embedder_port() -> int:
    """Return the embedder's port: the one of last time, since Weaviate keeps its address in the collection for good.

    When something else has that port now, the data of last time is given up and made anew.
    """
    if paths.EMBEDDER_PORT.exists():
        port = int(paths.EMBEDDER_PORT.read_text())
        if _is_free(port):
            return port
        _tell(f"port {port} is taken: the index of last time is given up")
        shutil.rmtree(paths.WEAVIATE_DATA, ignore_errors=True)
    port = PREFERRED_PORT if _is_free(PREFERRED_PORT) else _any_free()
    paths.EMBEDDER_PORT.write_text(str(port))
    return port


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _any_free() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _tell(line: str) -> None:
    print(line, flush=True)
