"""The chart as a platform team installs it."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from e2e.cluster.cluster import Cluster
from e2e.cluster.helm import CHART, Helm, write_values
from e2e.cluster.images import TAG
from e2e.scenarios.weaviate import InCluster

KEY_SECRET = "weaviate-key"  # noqa: S105 - its name
_WAIT = "5m"


@dataclass(frozen=True)
class Installation:
    """A release of the chart.

    Args:
        cluster: Where.
        helm: By whom.
        namespace: The release's, which is also its name.
        folder: For the files of values.
    """

    cluster: Cluster
    helm: Helm
    namespace: str
    folder: Path

    @property
    def deployment(self) -> str:
        """Name of the operator's Deployment, ServiceAccount and Service."""
        return f"{self.namespace}-hirag-operator"

    def upgrade(self, values: dict[str, Any], chart: Path = CHART) -> str:
        """Install the chart or upgrade to it, and wait until all replicas are ready; return what helm says."""
        file = write_values(self.folder / f"{self.namespace}.yaml", values)
        where = ("--namespace", self.namespace, "--create-namespace", "--values", file)
        return self.helm.run("upgrade", "--install", self.namespace, chart, *where, "--wait", "--timeout", _WAIT)

    def uninstall(self) -> None:
        """Remove the release; what it keeps, stays."""
        self.helm.run("uninstall", self.namespace, "--namespace", self.namespace, "--wait")

    def manifest(self) -> str:
        """Return the YAML documents that the release consists of."""
        return self.helm.run("get", "manifest", self.namespace, "--namespace", self.namespace)

    def pods(self) -> list[dict[str, Any]]:
        """Return the operator's pods that are not about to go."""
        selector = f"app.kubernetes.io/instance={self.namespace},app.kubernetes.io/name=hirag-operator"
        listed = self.cluster.kubectl("get", "pods", "-n", self.namespace, "-l", selector, "-o", "json")
        return [one for one in json.loads(listed)["items"] if "deletionTimestamp" not in one["metadata"]]

    def lease(self, instance: str = "default") -> dict[str, Any]:
        """Return the spec of the Lease by which the replicas agree on who acts."""
        name = f"hirag-operator-{instance}"
        found = self.cluster.kubectl("get", "lease", "-n", self.namespace, name, "-o", "json", "--ignore-not-found")
        return dict(json.loads(found)["spec"]) if found else {}

    def leader(self, instance: str = "default") -> str:
        """Return the name of the pod that acts; empty while nobody does."""
        holder = str(self.lease(instance).get("holderIdentity") or "")
        return next((name for one in self.pods() if holder.startswith(name := one["metadata"]["name"])), "")


def values(weaviate: InCluster, **more: Any) -> dict[str, Any]:
    """Return values for images that were built here and a Weaviate in the cluster."""
    image = {"tag": TAG}
    connection = {
        "httpUrl": weaviate.http_url,
        "grpcAddress": weaviate.grpc_address,
        "apiKeySecretRef": {"name": KEY_SECRET, "key": "key"},
    }
    return {
        "image": image,
        "embedder": {"image": image},
        "jobs": {"image": image},
        "weaviate": {"default": connection},
        # Nothing tells of what is written into Weaviate; it is seen at the next look.
        "settings": {"resyncSeconds": 10},
        **more,
    }


def bring_key(cluster: Cluster, namespace: str, key: str) -> None:
    """Put Weaviate's key where a release of that namespace looks for it."""
    cluster.kubectl("create", "namespace", namespace)
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": KEY_SECRET, "namespace": namespace},
        "stringData": {"key": key},
    }
    cluster.kubectl("apply", "-f", "-", stdin=json.dumps(secret))
