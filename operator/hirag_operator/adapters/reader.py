"""Kubernetes as a person at a terminal looks at it: many objects in few requests, and nothing written.

All that is sent besides reads is what the API server is to check and not to keep: dry runs, and questions about rights.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

from hirag_operator.adapters.kubeapi import NOT_FOUND, SERVER, KubernetesServer
from hirag_operator.adapters.kubeconfig import Access
from hirag_operator.adapters.resources import RESOURCES, Resource
from hirag_operator.errors import Garbled, NotAllowed, Refused, Unreachable

Json = dict[str, Any]
Answer = TypeVar("Answer")

__all__ = ["NOT_FOUND", "READABLE", "ClusterReader", "permission"]

READABLE: Final[Mapping[str, Resource]] = {
    **RESOURCES,
    "Lease": Resource("coordination.k8s.io/v1", "leases"),
    "CustomResourceDefinition": Resource("apiextensions.k8s.io/v1", "customresourcedefinitions"),
    "SelfSubjectAccessReview": Resource("authorization.k8s.io/v1", "selfsubjectaccessreviews"),
}
PAGE: Final = 500  # objects in one answer: what kubectl asks for


class ClusterReader:
    """Reads objects of `READABLE`. Raises the errors of `hirag_operator.errors`; NotAllowed names the missing verb.

    Args:
        access: The way into the cluster.
        timeout_seconds: The longest that one answer may take.

    Attributes:
        requests: How many requests were sent.
    """

    def __init__(self, access: Access, *, timeout_seconds: float = 10.0) -> None:
        self.access = access
        self.requests = 0
        self._server = KubernetesServer(access.client, timeout_seconds=timeout_seconds, observe=self._sent)

    def get(self, kind: str, namespace: str | None, name: str) -> Json | None:
        """Return an object, or None where there is none."""
        path = READABLE[kind].path(namespace, name)
        try:
            return self._allowed("get", kind, namespace, lambda: self._ask("get", kind, path))
        except Refused as error:
            if error.status == NOT_FOUND:
                return None
            raise

    def all_of(
        self, kind: str, namespace: str | None = None, *, labels: str | None = None, fields: str | None = None
    ) -> list[Json]:
        """Return all objects of a kind in a namespace (None: in all), page by page.

        Raises:
            Refused: the server knows no such kind (404).
        """
        resource = READABLE[kind]
        path, found, after = resource.path(namespace), list[Json](), None
        while True:
            page = self._page(kind, namespace, path, after, labels, fields)
            found += [{"apiVersion": resource.api_version, "kind": kind, **one} for one in page["items"]]
            after = page["metadata"].get("continue")
            if not after:
                return found

    def version(self) -> str:
        """Return the version of the API server, e.g. v1.35.4."""
        answer = self._ask("get", "version", "/version")
        if not isinstance(answer.get("gitVersion"), str):
            raise Garbled(SERVER, "/version names no gitVersion: is this a Kubernetes API server?")
        return str(answer["gitVersion"])

    def serves(self, api_version: str) -> bool:
        """Return whether the API server serves a group and version, which everybody may ask."""
        try:
            self._ask("get", api_version, f"/apis/{api_version}")
        except Refused as error:
            if error.status == NOT_FOUND:
                return False
            raise
        return True

    def may(self, verb: str, kind: str, namespace: str | None) -> bool:
        """Return whether RBAC lets the caller do something with a kind in a namespace (None: in all)."""
        resource = READABLE[kind]
        attributes = {"verb": verb, "group": _group(resource), "resource": resource.plural}
        if namespace is not None:
            attributes["namespace"] = namespace
        body = {
            "apiVersion": READABLE["SelfSubjectAccessReview"].api_version,
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": attributes},
        }
        path = READABLE["SelfSubjectAccessReview"].path(None)
        answer = self._ask("review", "SelfSubjectAccessReview", path, body=body)
        return bool((answer.get("status") or {}).get("allowed"))

    def dry_run_create(self, body: Json) -> Json:
        """Return the object that a creation would make, defaults filled in.

        Raises:
            Refused: it breaks a rule; `causes` has the fields.
        """
        kind, namespace = body["kind"], body["metadata"]["namespace"]
        path = READABLE[kind].path(namespace)
        return self._allowed(
            "create",
            kind,
            namespace,
            lambda: self._ask("dry_run_create", kind, path, body=body, dry_run="All", query_params=_strictly()),
        )

    def dry_run_patch(self, body: Json, content_type: str, *, manager: str | None = None) -> Json:
        """Return the object that a patch of an existing one would make; with a `manager`, by server-side apply.

        Raises:
            Refused: it breaks a rule; `causes` has the fields.
        """
        kind, metadata = body["kind"], body["metadata"]
        path = READABLE[kind].path(metadata["namespace"], metadata["name"])
        force = {"field_manager": manager, "force_conflicts": "true"} if manager else {}
        return self._allowed(
            "patch",
            kind,
            metadata["namespace"],
            lambda: self._ask(
                "dry_run_apply",
                kind,
                path,
                body=body,
                content_type=content_type,
                dry_run="All",
                query_params=_strictly(),
                **force,
            ),
        )

    def _page(
        self, kind: str, namespace: str | None, path: str, after: str | None, labels: str | None, fields: str | None
    ) -> Json:
        selectors = {"label_selector": labels, "field_selector": fields, "_continue": after}
        try:
            return self._allowed(
                "list", kind, namespace, lambda: self._ask("list", kind, path, limit=PAGE, **selectors)
            )
        except Refused as error:
            if error.status != NOT_FOUND:
                raise
            message = (
                f"it has no {READABLE[kind].plural} of {READABLE[kind].api_version}; apply the CRDs of the release"
            )
            raise Refused(SERVER, message, NOT_FOUND) from error

    def _allowed(self, verb: str, kind: str, namespace: str | None, ask: Callable[[], Answer]) -> Answer:
        try:
            return ask()
        except NotAllowed as error:
            # Admission and impersonation are refused by 403 too; of RBAC the permission alone is worth telling.
            why = "" if f" cannot {verb} resource " in error.message else f": {error.message}"
            raise NotAllowed(SERVER, f"you may not {permission(verb, kind, namespace)}{why}") from error

    def _ask(self, operation: str, kind: str, path: str, **parameters: Any) -> Json:
        try:
            return self._server.ask(operation, kind, path, **parameters)
        except Unreachable as error:
            raise Unreachable(f"{SERVER} at {self.access.server}", error.message) from error

    def _sent(self, _operation: str, _seconds: float) -> None:
        self.requests += 1


def permission(verb: str, kind: str, namespace: str | None) -> str:
    """Return a permission in words, e.g. `list contextcollections.hirag.dev in namespace team-a`."""
    resource = READABLE[kind]
    group = _group(resource)
    where = f"in namespace {namespace}" if namespace else "in all namespaces"
    return f"{verb} {resource.plural}{f'.{group}' if group else ''} {where}"


def _group(resource: Resource) -> str:
    return resource.api_version.rpartition("/")[0]


def _strictly() -> list[tuple[str, str]]:
    """Return what has the server refuse fields that it does not know, as kubectl asks for: a new list every time."""
    return [("fieldValidation", "Strict")]
