"""One command installs the operator, and it runs as a locked-down pod."""

from e2e.cluster.cluster import Cluster
from e2e.scenarios.installation import Installation


def test_the_operator_runs_with_two_replicas_without_rights_on_its_node(installation: Installation) -> None:
    pods = installation.pods()
    assert len(pods) == 2
    for pod in pods:
        assert pod["status"]["phase"] == "Running"
        assert pod["spec"]["securityContext"]["runAsNonRoot"]
        (container,) = pod["spec"]["containers"]
        assert container["securityContext"]["readOnlyRootFilesystem"]
        assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}


def test_its_namespace_may_enforce_the_restricted_pod_security_standard(
    cluster: Cluster, installation: Installation
) -> None:
    label = "pod-security.kubernetes.io/enforce=restricted"
    said = cluster.kubectl("label", "namespace", installation.namespace, label, "--dry-run=server")
    assert "labeled" in said
    assert "Warning" not in said
