"""A namespace as a scenario sees it: objects in, objects out, and waiting until something holds."""

import json
import time
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import httpx

from e2e.cluster.cluster import Reachable

Json = dict[str, Any]
T = TypeVar("T")

PLURALS = {
    "ContextCollection": "hirag.dev/v1alpha1/{}contextcollections",
    "EmbeddingModel": "hirag.dev/v1alpha1/{}embeddingmodels",
    "HNSWIndexPolicy": "hirag.dev/v1alpha1/{}hnswindexpolicies",
    "Deployment": "apps/v1/{}deployments",
    "CronJob": "batch/v1/{}cronjobs",
    "Job": "batch/v1/{}jobs",
    "HorizontalPodAutoscaler": "autoscaling/v2/{}horizontalpodautoscalers",
    "PodDisruptionBudget": "policy/v1/{}poddisruptionbudgets",
    "Event": "events.k8s.io/v1/{}events",
}
CORE = {
    "Service": "{}services",
    "ServiceAccount": "{}serviceaccounts",
    "Pod": "{}pods",
    "Secret": "{}secrets",
    "ConfigMap": "{}configmaps",
    "PersistentVolumeClaim": "{}persistentvolumeclaims",
}


class Namespace:
    """One namespace of a real API server, seen by a user of it.

    Args:
        control_plane: The API server; its administrator is the user.
        name: The namespace; made if it does not exist.
        labels: Labels of a namespace that is made.
    """

    def __init__(self, control_plane: Reachable, name: str, labels: Mapping[str, str] | None = None) -> None:
        self.control_plane = control_plane
        self.name = name
        self._kubernetes = control_plane.connect()
        if self._kubernetes.get(f"/api/v1/namespaces/{name}").status_code == httpx.codes.NOT_FOUND:
            metadata = {"name": name, "labels": dict(labels or {})}
            body = {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}
            _accept(self._kubernetes.post("/api/v1/namespaces", json=body))

    def apply(self, kind: str, name: str, spec: Mapping[str, Any]) -> Json:
        """Apply one of our kinds as a user would, server-side."""
        body = {
            "apiVersion": "hirag.dev/v1alpha1",
            "kind": kind,
            "metadata": {"name": name, "namespace": self.name},
            "spec": spec,
        }
        answer = self._kubernetes.patch(
            self._path(kind, name),
            params={"fieldManager": "user", "force": "true"},
            headers={"Content-Type": "application/apply-patch+yaml"},
            content=json.dumps(body),
        )
        _accept(answer)
        return dict(answer.json())

    def get(self, kind: str, name: str) -> Json | None:
        """Return an object, or None."""
        answer = self._kubernetes.get(self._path(kind, name))
        if answer.status_code == httpx.codes.NOT_FOUND:
            return None
        _accept(answer)
        return dict(answer.json())

    def all_of(self, kind: str) -> list[Json]:
        """Return the namespace's objects of a kind."""
        answer = self._kubernetes.get(self._path(kind))
        _accept(answer)
        return list(answer.json()["items"])

    def header(self, kind: str) -> Json:
        """Return the apiVersion and kind of an object, which the items of a list do not carry."""
        group_version = "v1" if kind in CORE else PLURALS[kind].split("/{}")[0]
        return {"apiVersion": group_version, "kind": kind}

    def delete(self, kind: str, name: str) -> None:
        """Ask for a deletion; finalizers may hold the object."""
        answer = self._kubernetes.delete(self._path(kind, name))
        _accept(answer)

    def secret(self, name: str, values: Mapping[str, str]) -> None:
        """Create a Secret."""
        body = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "stringData": dict(values)}
        answer = self._kubernetes.post(self._path("Secret"), json=body)
        _accept(answer)

    def condition(self, kind: str, name: str, type_: str = "Ready") -> Json:
        """Return a condition of the present generation; empty when there is none yet."""
        body = self.get(kind, name) or {}
        generation = body.get("metadata", {}).get("generation")
        found = body.get("status", {}).get("conditions", [])
        return next((c for c in found if c["type"] == type_ and c["observedGeneration"] == generation), {})

    def await_ready(self, kind: str, name: str, seconds: float = 45.0) -> Json:
        """Wait for Ready=True of the present generation; return the object."""
        eventually(lambda: self.condition(kind, name), lambda c: c.get("status") == "True", seconds)
        body = self.get(kind, name)
        if body is None:
            raise AssertionError(f"{kind} {name} is gone")
        return body

    def await_reason(self, kind: str, name: str, reason: str, type_: str = "Ready", seconds: float = 45.0) -> Json:
        """Wait until a condition carries a reason; return the condition."""
        return eventually(lambda: self.condition(kind, name, type_), lambda c: c.get("reason") == reason, seconds)

    def _path(self, kind: str, name: str | None = None) -> str:
        scope = f"namespaces/{self.name}/"
        root = f"/api/v1/{CORE[kind].format(scope)}" if kind in CORE else f"/apis/{PLURALS[kind].format(scope)}"
        return f"{root}/{name}" if name else root


def _accept(answer: httpx.Response) -> None:
    if not answer.is_success:
        raise AssertionError(f"{answer.request.method} {answer.request.url.path}: {answer.text}")


def eventually(look: Callable[[], T], holds: Callable[[T], object], seconds: float = 45.0) -> T:
    """Return what `look` gives once `holds` is true of it; fail with the last look when time is over."""
    end = time.monotonic() + seconds
    while True:
        seen = look()
        if holds(seen):
            return seen
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds:g} s; last seen: {seen}")
        time.sleep(0.1)  # between two looks at a condition
