"""One set of servers: a Kubernetes API server and a Weaviate of its own, with a plain client of each."""

import json
import ssl
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from e2e.cluster.controlplane import ControlPlane
from e2e.cluster.namespace import eventually
from e2e.cluster.ports import PortReservation
from e2e.cluster.toolchain import Toolchain
from e2e.cluster.weaviate import WeaviateServer

Json = dict[str, Any]

CRDS = Path(__file__).parents[3] / "crds"
GROUP = "/apis/hirag.dev/v1alpha1"
_SECONDS = 120.0  # of one call: the slowest, a schema write among thousands, takes a few


class Servers:
    """A context manager that starts them and at the end stops them.

    Args:
        tools: Where the binaries come from.

    Attributes:
        control_plane: The API server.
        weaviate: The vector database; it counts its requests.
        kubernetes: A client of the API server with the administrator's rights.
        rest: A client of Weaviate's REST API; its root is /v1.
        metrics_url: Where Weaviate exposes its counts.
    """

    def __init__(self, tools: Toolchain) -> None:
        self._tools = tools
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self.control_plane = stack.enter_context(ControlPlane(self._tools))
            for file in sorted(CRDS.glob("*.yaml")):
                self.control_plane.kubectl("apply", "--server-side", "-f", str(file))
            port = stack.enter_context(PortReservation()).first
            self.weaviate = stack.enter_context(WeaviateServer(self._tools, env=_counting(port)))
            self.metrics_url = f"http://127.0.0.1:{port}/metrics"
            self.kubernetes = stack.enter_context(
                httpx.Client(
                    base_url=self.control_plane.url,
                    headers={"Authorization": f"Bearer {self.control_plane.token}"},
                    verify=ssl.create_default_context(cafile=str(self.control_plane.authority)),
                    timeout=_SECONDS,
                    trust_env=False,
                )
            )
            self.rest = stack.enter_context(
                httpx.Client(base_url=f"{self.weaviate.http_url}/v1", timeout=_SECONDS, trust_env=False)
            )
            self._await_kinds()
            self._stack = stack.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stack.close()

    def make_namespaces(self, names: Iterable[str]) -> None:
        """Make namespaces."""
        for name in names:
            body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
            accepted(self.kubernetes.post("/api/v1/namespaces", json=body))

    def apply(self, plural: str, namespace: str, name: str, spec: Mapping[str, Any]) -> Json:
        """Apply one of our kinds as its user does, server-side; returns the object."""
        return apply(self.kubernetes, f"{GROUP}/namespaces/{namespace}/{plural}/{name}", manifest(plural, name, spec))

    def delete(self, plural: str, namespace: str, name: str) -> None:
        """Ask for the deletion of one of our kinds."""
        accepted(self.kubernetes.delete(f"{GROUP}/namespaces/{namespace}/{plural}/{name}"))

    def _await_kinds(self) -> None:
        """Wait until the API server serves our kinds, which takes it a moment after it has taken their definitions."""
        paths = [f"{GROUP}/{plural}" for plural in KINDS]
        eventually(lambda: [self.kubernetes.get(path).is_success for path in paths], all)


def manifest(plural: str, name: str, spec: Mapping[str, Any]) -> Json:
    """Return what a user's YAML file holds."""
    return {"apiVersion": "hirag.dev/v1alpha1", "kind": KINDS[plural], "metadata": {"name": name}, "spec": dict(spec)}


def apply(client: httpx.Client, path: str, body: Json, manager: str = "user") -> Json:
    """Server-side apply `body` at `path`; returns the object."""
    headers = {"Content-Type": "application/apply-patch+yaml"}
    parameters = {"fieldManager": manager, "force": "true"}
    return dict(accepted(client.patch(path, params=parameters, headers=headers, content=json.dumps(body))).json())


KINDS = {
    "contextcollections": "ContextCollection",
    "embeddingmodels": "EmbeddingModel",
    "hnswindexpolicies": "HNSWIndexPolicy",
}


def accepted(answer: httpx.Response) -> httpx.Response:
    """Return the answer if it is a success.

    Raises:
        RuntimeError: It is none; the message holds the server's words.
    """
    if not answer.is_success:
        raise RuntimeError(
            f"{answer.status_code} to {answer.request.method} {answer.request.url.path}: {answer.text[:400]}"
        )
    return answer


def _counting(port: int) -> dict[str, str]:
    """Weaviate's own counts, by kind of request alone. It has no option to expose them on loopback only."""
    return {
        "PROMETHEUS_MONITORING_ENABLED": "true",
        "PROMETHEUS_MONITORING_GROUP": "true",
        "PROMETHEUS_MONITORING_PORT": str(port),
        "MAXIMUM_ALLOWED_COLLECTIONS_COUNT": "-1",
    }
