"""The only place that reads and writes Kubernetes objects (the watches apart).

Objects travel as plain dictionaries. What the watches bring is read from the store, so that a reconcile at rest asks
the server nothing; the answer to every write goes into the store, so that the next reconcile sees what this one did.
"""

from collections.abc import Callable, Mapping
from typing import Any

from kubernetes.client import ApiClient

from hirag_operator.adapters.fence import OPEN, Fence
from hirag_operator.adapters.kubeapi import NOT_FOUND, KubernetesServer, Observer
from hirag_operator.adapters.resources import RESOURCES
from hirag_operator.adapters.store import Store, version_of
from hirag_operator.errors import Conflict, Outdated, Refused
from hirag_operator.plan.steps import ApplyChild, DeleteChild, HandOverReplicas, HoldJob, KubernetesStep

Json = dict[str, Any]


class KubernetesAdapter:
    """Reads and writes objects of `RESOURCES`. Thread-safe; raises the errors of `hirag_operator.errors`.

    Objects that it returns may be the store's own: read them, never change them.

    Args:
        api_client: Of the official client.
        field_manager: Who we are in server-side apply.
        store: What the watches bring; without one, every read asks the server.
        timeout_seconds: The longest that one answer may take.
        fence: Passed by all that changes anything; `api_client` asks it once more when it sends.
        observe: Told of every call: operation and seconds.
    """

    def __init__(
        self,
        api_client: ApiClient,
        *,
        field_manager: str,
        store: Store | None = None,
        timeout_seconds: float = 10.0,
        fence: Fence = OPEN,
        observe: Observer = lambda _operation, _seconds: None,
    ) -> None:
        self._server = KubernetesServer(api_client, timeout_seconds=timeout_seconds, observe=observe, fence=fence)
        self._field_manager = field_manager
        self._store = store or Store()

    def get(self, kind: str, namespace: str | None, name: str) -> Json | None:
        """Return an object, or None when there is none.

        Of kinds that are watched by label, an object without the label is not in the store. So one that is not there
        is asked for at the server; one that is there, as it is with all at rest, costs no call.
        """
        found = self._store.get(kind, namespace, name) if self._store.synced(kind) else None
        if found is not None or self._store.knows(kind, namespace):
            return found
        return self._fetch(kind, namespace, name)

    def all_of(self, kind: str, namespace: str | None = None, selector: str | None = None) -> list[Json]:
        """Return all objects of a kind in a namespace (None: in all), or those with the labels `a=x,b=y`."""
        labels = dict(part.split("=", 1) for part in selector.split(",")) if selector else {}
        if self._store.knows(kind, namespace, labels):
            return self._store.all_of(kind, namespace, labels)
        resource = RESOURCES[kind]
        answer = self._server.ask("list", kind, resource.path(namespace), label_selector=selector)
        return [{"apiVersion": resource.api_version, "kind": kind, **item} for item in answer["items"]]

    def require_current(self, body: Mapping[str, Any]) -> None:
        """Return if the server has an object as `body` does in all that is decided by; the store has it then, too.

        Raises:
            Outdated: it is gone, another one of its name, to be deleted, or has another spec or other annotations.
        """
        kind, metadata = body["kind"], body["metadata"]
        now = self._fetch(kind, metadata["namespace"], metadata["name"])
        if now is None or _decided_by(now) != _decided_by(body):
            raise Outdated(f"{kind} {metadata['namespace']}/{metadata['name']} is not as it was read any more")

    def require_served(self, kind: str, namespace: str | None = None) -> None:
        """Return if the server lists a kind at this moment, whatever watches have brought; else raise why not."""
        self._server.ask("list", kind, RESOURCES[kind].path(namespace), limit=1)

    def apply(self, step: KubernetesStep) -> None:
        """Carry out one step on an object that the operator owns."""
        match step:
            case ApplyChild(manifest):
                self._server_side_apply(manifest, self._field_manager)
            case HandOverReplicas(namespace, name, replicas):
                metadata = {"namespace": namespace, "name": name}
                body = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata}
                self._server_side_apply({**body, "spec": {"replicas": replicas}}, f"{self._field_manager}-replicas")
            case HoldJob(namespace, name):
                self._merge("hold", "Job", namespace, name, {"spec": {"suspend": step.suspended}})
            case DeleteChild(kind, namespace, name):
                self.delete(kind, namespace, name)

    def delete(self, kind: str, namespace: str, name: str) -> None:
        """Delete an object and, in the background, what it owns; one that is gone already is fine."""
        path = RESOURCES[kind].path(namespace, name)
        version = self._version(kind, namespace, name)
        answer = self._unless_gone(
            kind, namespace, name, lambda: self._server.ask("delete", kind, path, propagation_policy="Background")
        )
        if answer is not None and answer.get("kind") == kind:  # a finalizer holds it; the answer is what it is now
            self._store.put(answer)
        elif version is not None:
            self._store.remove(kind, namespace, name, version)

    def patch_status(self, kind: str, namespace: str, name: str, patch: Json) -> None:
        """Merge `{"status": patch}` into the status subresource; an object that is gone is fine."""
        self._merge("patch_status", kind, namespace, name, {"status": patch})

    def set_finalizers(self, kind: str, namespace: str, name: str, finalizers: list[str], version: str) -> None:
        """Replace the finalizers if the object is still at resource version `version`, else raise Conflict."""
        body = {"metadata": {"finalizers": finalizers, "resourceVersion": version}}
        try:
            self._merge("patch_finalizers", kind, namespace, name, body)
        except Conflict:
            self._fetch(kind, namespace, name)  # the store may lag; the next try is to see what is there now
            raise

    def create(self, body: Json) -> Json:
        """Create an object that nobody applies again (an Event)."""
        path = RESOURCES[body["kind"]].path(body["metadata"]["namespace"])
        made = self._server.ask("create", body["kind"], path, body=body)
        self._store.put(made)
        return made

    def _server_side_apply(self, wanted: Mapping[str, Any], manager: str) -> None:
        """Apply what we declare; fields of ours that others took by force become ours again."""
        metadata = wanted["metadata"]
        answer = self._server.ask(
            "apply",
            wanted["kind"],
            RESOURCES[wanted["kind"]].path(metadata["namespace"], metadata["name"]),
            body=dict(wanted),
            content_type="application/apply-patch+yaml",
            field_manager=manager,
            force_conflicts="true",
        )
        self._store.put(answer)

    def _merge(self, operation: str, kind: str, namespace: str, name: str, body: Json) -> None:
        """Merge into an object, by the name that its managed fields are to show; one that is gone is fine."""
        path = RESOURCES[kind].path(namespace, name, "status" if operation == "patch_status" else None)
        how = {"content_type": "application/merge-patch+json", "field_manager": self._field_manager}
        answer = self._unless_gone(
            kind, namespace, name, lambda: self._server.ask(operation, kind, path, body=body, **how)
        )
        if answer is not None:
            self._store.put(answer)

    def _fetch(self, kind: str, namespace: str | None, name: str) -> Json | None:
        path = RESOURCES[kind].path(namespace, name)
        found = self._unless_gone(kind, namespace, name, lambda: self._server.ask("get", kind, path))
        if found is not None:
            self._store.put(found)
        return found

    def _unless_gone(self, kind: str, namespace: str | None, name: str, ask: Callable[[], Json]) -> Json | None:
        """Return the answer, or None where the server knows no such object: then the store does not either.

        What was made since the question was asked stays in the store.
        """
        version = self._version(kind, namespace, name)
        try:
            return ask()
        except Refused as error:
            if error.status != NOT_FOUND:
                raise
            if version is not None:
                self._store.remove(kind, namespace, name, version)
            return None

    def _version(self, kind: str, namespace: str | None, name: str) -> str | None:
        present = self._store.get(kind, namespace, name)
        return None if present is None else version_of(present)


def _decided_by(body: Mapping[str, Any]) -> tuple[Any, ...]:
    metadata = body["metadata"]
    said = metadata.get("annotations") or {}
    return metadata.get("uid"), metadata.get("generation"), metadata.get("deletionTimestamp"), said
