"""What the API server was asked to change, in its own words, and what of requests to Weaviate could change it."""

import json
from pathlib import Path
from typing import Any

import yaml

from e2e.cluster.faults import Asked

_OF_THE_CLUSTER = ("kube-apiserver/", "kube-controller-manager/")  # who writes without being asked
_POLICY = {
    "apiVersion": "audit.k8s.io/v1",
    "kind": "Policy",
    "omitStages": ["RequestReceived"],
    "rules": [
        {"level": "Metadata", "verbs": ["create", "update", "patch", "delete", "deletecollection"]},
        {"level": "None"},
    ],
}


class Audit:
    """The audit log of an API server that is started with `flags`.

    Args:
        folder: Where it keeps its files.
    """

    def __init__(self, folder: Path) -> None:
        self._log = folder / "audit.log"
        policy = folder / "policy.yaml"
        policy.write_text(yaml.safe_dump(_POLICY))
        self.flags = (f"--audit-policy-file={policy}", f"--audit-log-path={self._log}")

    def writes(self) -> list[str]:
        """Return all changes that were asked for so far by others than the cluster's own programs."""
        events: list[dict[str, Any]] = [json.loads(line) for line in self._log.read_text().splitlines()]
        return [_told(event) for event in events if not event.get("userAgent", "").startswith(_OF_THE_CLUSTER)]


def _told(event: dict[str, Any]) -> str:
    at = event.get("objectRef") or {}
    where = "/".join(filter(None, (at.get("resource"), at.get("namespace"), at.get("name"), at.get("subresource"))))
    return f"{event['verb']} {where} by {event.get('userAgent')}"


def changes(asked: Asked) -> bool:
    """Return whether a request could change something in Weaviate.

    A question in GraphQL comes as a POST, and so does an object of no class, by which a server tells of its health.
    """
    if asked.method == "GET" or (asked.method, asked.path) == ("POST", "/v1/graphql"):
        return False
    return (asked.method, asked.path) != ("POST", "/v1/objects") or bool(json.loads(asked.body)["class"])
