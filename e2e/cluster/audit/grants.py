"""What a rendered chart grants: the rules of the roles that its bindings give to a service account, taken apart."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from e2e.cluster.audit.requests import Request
from e2e.cluster.errors import ClusterError

Json = dict[str, Any]

_ROLES, _BINDINGS = ("Role", "ClusterRole"), ("RoleBinding", "ClusterRoleBinding")


@dataclass(frozen=True, order=True)
class Grant:
    """One right: one verb on one resource, in a namespace (empty: everywhere), of one name (empty: of any)."""

    verb: str
    group: str
    resource: str
    namespace: str = ""
    name: str = ""

    def covers(self, request: Request) -> bool:
        """Return whether the API server allows a request by this right."""
        same = (self.verb, self.group, self.resource) == (request.verb, request.group, request.resource)
        return same and self.namespace in {"", request.namespace} and self.name in {"", request.name}

    @property
    def right(self) -> tuple[str, str, str, str]:
        """Return it without the namespace: what a chart grants in each of several is one right."""
        return self.verb, self.group, self.resource, self.name

    def __str__(self) -> str:
        """Return it as a person reads it."""
        return str(Request(self.verb, self.group, self.resource, self.namespace, self.name))


def subject_of(rendered: Iterable[Json]) -> tuple[str, str]:
    """Return namespace and name of the one service account that the bindings name.

    Raises:
        ClusterError: there are several, or none.
    """
    subjects = {
        (subject["namespace"], subject["name"])
        for body in rendered
        if body["kind"] in _BINDINGS
        for subject in body["subjects"]
    }
    if len(subjects) != 1:
        raise ClusterError(f"the bindings name {len(subjects)} service accounts, {sorted(subjects)}; name one of them.")
    return subjects.pop()


def grants_of(rendered: Sequence[Json], subject: tuple[str, str]) -> frozenset[Grant]:
    """Return all that the rendered roles and bindings grant to a service account.

    Raises:
        ClusterError: a rule has a wildcard, or a binding names a role that is not there.
    """
    roles = {_address(body): body.get("rules") or [] for body in rendered if body["kind"] in _ROLES}
    found: set[Grant] = set()
    for binding in (body for body in rendered if body["kind"] in _BINDINGS):
        if any((one["namespace"], one["name"]) == subject for one in binding["subjects"]):
            namespace = binding["metadata"].get("namespace", "")
            role = binding["roleRef"]
            address = (role["kind"], namespace if role["kind"] == "Role" else "", role["name"])
            if address not in roles:
                raise ClusterError(
                    f"{binding['kind']} {binding['metadata']['name']} names {address}, which is not there."
                )
            found.update(grant for rule in roles[address] for grant in _grants(rule, namespace))
    return frozenset(found)


def _grants(rule: Json, namespace: str) -> Iterator[Grant]:
    if "*" in (*rule["verbs"], *rule["resources"], *rule["apiGroups"]):
        raise ClusterError(f"a rule has a wildcard: {rule}")
    names = rule.get("resourceNames") or [""]
    for verb, group, resource, name in product(rule["verbs"], rule["apiGroups"], rule["resources"], names):
        yield Grant(verb, group, resource, namespace, name)


def _address(body: Json) -> tuple[str, str, str]:
    return body["kind"], body["metadata"].get("namespace", ""), body["metadata"]["name"]
