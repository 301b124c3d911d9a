"""The only place that speaks to the Kubernetes API (the watches of kopf apart).

Objects travel as plain dictionaries. The table of resources is closed: what is not in it, the operator cannot touch,
and the chart's RBAC is written from the same list. The official client carries authentication, TLS and token
rotation; its discovery is left out, since it would ask the server for every group and keep the answer in a file.
"""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import urllib3
from kubernetes import config
from kubernetes.client import ApiClient, ApiException, Configuration
from kubernetes.dynamic import DynamicClient

from hirag_operator.errors import Conflict, Garbled, NotAuthorized, OperatorError, Refused, Unreachable
from hirag_operator.plan.steps import ApplyChild, DeleteChild, HandOverReplicas, KubernetesStep

Json = dict[str, Any]
Observer = Callable[[str, float], None]

# The client ships no types for these.
_dynamic_client: Any = DynamicClient
_load_incluster_config: Any = config.load_incluster_config
_load_kube_config: Any = config.load_kube_config

SERVER = "the Kubernetes API"
NOT_FOUND, CONFLICT, UNAUTHORIZED, FORBIDDEN, TOO_MANY, SERVER_ERROR = 404, 409, 401, 403, 429, 500
MESSAGE_LIMIT = 400


@dataclass(frozen=True)
class Resource:
    """Where a kind lives in the API."""

    api_version: str
    plural: str

    def path(self, namespace: str | None, name: str | None = None, subresource: str | None = None) -> str:
        """Return the URL path of the collection, an object or a subresource."""
        root = "/api/" if "/" not in self.api_version else "/apis/"
        scope = f"/namespaces/{namespace}" if namespace else ""
        return "".join(
            [f"{root}{self.api_version}{scope}/{self.plural}", *(f"/{part}" for part in (name, subresource) if part)]
        )


RESOURCES: Mapping[str, Resource] = {
    "ContextCollection": Resource("hirag.dev/v1alpha1", "contextcollections"),
    "EmbeddingModel": Resource("hirag.dev/v1alpha1", "embeddingmodels"),
    "HNSWIndexPolicy": Resource("hirag.dev/v1alpha1", "hnswindexpolicies"),
    "Deployment": Resource("apps/v1", "deployments"),
    "Service": Resource("v1", "services"),
    "HorizontalPodAutoscaler": Resource("autoscaling/v2", "horizontalpodautoscalers"),
    "CronJob": Resource("batch/v1", "cronjobs"),
    "Secret": Resource("v1", "secrets"),
    "Namespace": Resource("v1", "namespaces"),
    "Event": Resource("events.k8s.io/v1", "events"),
}


class _NoDiscovery:
    """Stands where the dynamic client expects a discoverer: the table above is all there is."""

    def __init__(self, _client: Any, _cache_file: Any) -> None: ...


class KubernetesAdapter:
    """Reads and writes objects of `RESOURCES`. Thread-safe; raises the errors of `hirag_operator.errors`."""

    def __init__(
        self,
        api_client: ApiClient,
        *,
        field_manager: str,
        timeout_seconds: float = 10.0,
        observe: Observer = lambda _operation, _seconds: None,
    ) -> None:
        self._client: Any = _dynamic_client(api_client, discoverer=_NoDiscovery)
        self._field_manager = field_manager
        self._timeout = timeout_seconds
        self._observe = observe

    @classmethod
    def connect(cls, *, field_manager: str, observe: Observer) -> "KubernetesAdapter":
        """Connect by the pod's service account, or outside of a cluster as kubectl does (KUBECONFIG)."""
        configuration = Configuration()
        try:
            _load_incluster_config(client_configuration=configuration)
        except config.ConfigException:
            _load_kube_config(client_configuration=configuration)
        # Retries belong to the work queue, which backs off per object; here they would only hide a server in trouble.
        configuration.retries = 0
        return cls(ApiClient(configuration), field_manager=field_manager, observe=observe)

    def get(self, kind: str, namespace: str | None, name: str) -> Json | None:
        """Return an object, or None when there is none."""
        try:
            return self._ask("get", kind, RESOURCES[kind].path(namespace, name))
        except Refused as error:
            if error.status == NOT_FOUND:
                return None
            raise

    def all_of(self, kind: str, namespace: str | None = None, selector: str | None = None) -> list[Json]:
        """Return all objects of a kind in a namespace (None: in all)."""
        answer = self._ask("list", kind, RESOURCES[kind].path(namespace), label_selector=selector)
        resource = RESOURCES[kind]
        return [{"apiVersion": resource.api_version, "kind": kind, **item} for item in answer["items"]]

    def apply(self, step: KubernetesStep) -> None:
        """Carry out one step on an object that the operator owns."""
        match step:
            case ApplyChild(manifest):
                self._server_side_apply(manifest, self._field_manager)
            case HandOverReplicas(namespace, name, replicas):
                metadata = {"namespace": namespace, "name": name}
                body = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata}
                self._server_side_apply({**body, "spec": {"replicas": replicas}}, f"{self._field_manager}-replicas")
            case DeleteChild(kind, namespace, name):
                self.delete(kind, namespace, name)

    def _server_side_apply(self, wanted: Mapping[str, Any], manager: str) -> None:
        """Apply what we declare; fields of ours that others took by force become ours again."""
        metadata = wanted["metadata"]
        self._ask(
            "apply",
            wanted["kind"],
            RESOURCES[wanted["kind"]].path(metadata["namespace"], metadata["name"]),
            body=dict(wanted),
            content_type="application/apply-patch+yaml",
            field_manager=manager,
            force_conflicts="true",
        )

    def delete(self, kind: str, namespace: str, name: str) -> None:
        """Delete an object and, in the background, what it owns; one that is gone already is fine."""
        path = RESOURCES[kind].path(namespace, name)
        self._unless_gone("delete", kind, path, propagation_policy="Background")

    def patch_status(self, kind: str, namespace: str, name: str, patch: Json) -> None:
        """Merge `{"status": patch}` into the status subresource; an object that is gone is fine."""
        path = RESOURCES[kind].path(namespace, name, "status")
        self._merge("patch_status", kind, path, {"status": patch})

    def set_finalizers(self, kind: str, namespace: str, name: str, finalizers: list[str], version: str) -> None:
        """Replace the finalizers if the object is still at resource version `version`, else raise Conflict."""
        body = {"metadata": {"finalizers": finalizers, "resourceVersion": version}}
        self._merge("patch_finalizers", kind, RESOURCES[kind].path(namespace, name), body)

    def create(self, body: Json) -> Json:
        """Create an object that nobody applies again (an Event)."""
        return self._ask("create", body["kind"], RESOURCES[body["kind"]].path(body["metadata"]["namespace"]), body=body)

    def _merge(self, operation: str, kind: str, path: str, body: Json) -> None:
        self._unless_gone(operation, kind, path, body=body, content_type="application/merge-patch+json")

    def _unless_gone(self, operation: str, kind: str, path: str, **parameters: Any) -> None:
        """Ask for a change; an object that is not there any more needs none."""
        try:
            self._ask(operation, kind, path, **parameters)
        except Refused as error:
            if error.status != NOT_FOUND:
                raise

    def _ask(self, operation: str, kind: str, path: str, **parameters: Any) -> Json:
        started = time.perf_counter()
        try:
            answer = self._client.request(
                _METHODS[operation], path, serialize=False, _request_timeout=self._timeout, **parameters
            )
        except ApiException as error:
            raise _failure(kind, error) from error
        except urllib3.exceptions.HTTPError as error:
            raise Unreachable(SERVER, type(error).__name__) from error
        finally:
            self._observe(operation, time.perf_counter() - started)
        try:
            decoded: Json = json.loads(answer.data)
        except ValueError as error:
            raise Garbled(SERVER, f"{kind}: {path} answered what is not JSON") from error
        return decoded


_METHODS = {
    "get": "get",
    "list": "get",
    "apply": "patch",
    "patch_status": "patch",
    "patch_finalizers": "patch",
    "create": "post",
    "delete": "delete",
}


def _failure(kind: str, error: ApiException) -> OperatorError:
    try:
        words = str(json.loads(error.body or "")["message"])[:MESSAGE_LIMIT]
    except (TypeError, ValueError, KeyError):
        words = str(error.reason)
    status = int(error.status or 0)
    message = f"{kind}: {status} {words}"
    if status in {UNAUTHORIZED, FORBIDDEN}:
        return NotAuthorized(SERVER, message)
    if status == CONFLICT:
        return Conflict(SERVER, message)
    if status == TOO_MANY or status >= SERVER_ERROR or status == 0:
        return Unreachable(SERVER, message)
    return Refused(SERVER, message, status)
