"""What was asked of an API server, read from its audit log (audit.k8s.io/v1, level Metadata)."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]

_FORBIDDEN, _CREATED = 403, 201
# An apply that is to create needs two rights; what the API server says of the second is in its answer alone.
_REFUSAL = re.compile(r" cannot (?P<verb>[a-z]+) (resource|path) ")


@dataclass(frozen=True, order=True)
class Request:
    """One kind of request; equal ones are one.

    Attributes:
        verb: As RBAC calls it.
        group: API group; empty for the core one.
        resource: With its subresource, e.g. `contextcollections/status`; a path where there is no resource.
        namespace: Empty where it was about all namespaces, or about what is in none.
        name: Empty where it was about no single object.
        refused: What the API server said when it did not allow it; empty when it did.
    """

    verb: str
    group: str
    resource: str
    namespace: str = ""
    name: str = ""
    refused: str = ""

    def __str__(self) -> str:
        """Return it as a person reads it, e.g. `watch /secrets team-a/provider-key`."""
        where = "/".join(part for part in (self.namespace, self.name) if part)
        return " ".join(part for part in (self.verb, f"{self.group}/{self.resource}", where) if part)


def read_requests(lines: Iterable[str], username: str) -> frozenset[Request]:
    """Return what a user asked for, e.g. `system:serviceaccount:hirag:hirag-operator`."""
    events: Iterator[Json] = (json.loads(line) for line in lines if line.strip())
    return frozenset(
        request for event in events if event["user"]["username"] == username for request in _requests(event)
    )


def _requests(event: Json) -> Iterator[Request]:
    reference = event.get("objectRef")
    if reference is None:
        yield Request(event["verb"], "", event["requestURI"].split("?")[0], refused=_refused(event))
        return
    parts = (reference["resource"], reference.get("subresource"))
    asked = {
        "group": reference.get("apiGroup", ""),
        "resource": "/".join(part for part in parts if part),
        "namespace": reference.get("namespace", ""),
        "name": reference.get("name", ""),
    }
    refused, verb = _refused(event), event["verb"]
    denied = _REFUSAL.search(refused)
    yield Request(denied["verb"] if denied else verb, **asked, refused=refused)
    if verb == "patch" and (event.get("responseStatus") or {}).get("code") == _CREATED:
        yield Request("create", **asked)


def _refused(event: Json) -> str:
    """Return the words of a refusal by RBAC; a quota that is full, or a namespace that ends, answers 403 too."""
    status = event.get("responseStatus") or {}
    words = str(status.get("message", ""))
    if (event.get("annotations") or {}).get("authorization.k8s.io/decision") == "forbid":
        return words or "forbidden"
    return words if status.get("code") == _FORBIDDEN and _REFUSAL.search(words) else ""
