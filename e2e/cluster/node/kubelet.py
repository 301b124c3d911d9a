"""The kubelet of a node, and the certificates by which the API server is known to it."""

import json
from pathlib import Path

from e2e.cluster.node.containers import SOCKET
from e2e.cluster.node.network import DOMAIN
from e2e.cluster.node.sandbox import Sandbox
from e2e.cluster.process import ServerProcess
from e2e.cluster.toolchain import Toolchain


def kubelet(
    sandbox: Sandbox, tools: Toolchain, *, kubeconfig: Path, client_authority: Path, node: str
) -> ServerProcess:
    """Return the kubelet that registers the sandbox as a node.

    Args:
        sandbox: Where it runs.
        tools: Where the binary comes from.
        kubeconfig: By which it speaks to the API server.
        client_authority: PEM of the authority whose clients (the API server) may use it.
        node: Name of the node.
    """
    configuration = {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "address": sandbox.inside,
        "authentication": {
            "anonymous": {"enabled": False},
            "webhook": {"enabled": False},
            "x509": {"clientCAFile": str(client_authority)},
        },
        "authorization": {"mode": "AlwaysAllow"},
        "containerRuntimeEndpoint": f"unix://{SOCKET}",
        "cgroupDriver": "cgroupfs",
        "cgroupRoot": sandbox.cgroup,
        "clusterDNS": [sandbox.inside],
        "clusterDomain": DOMAIN,
        # The machine is shared with what tests the node: nothing is reserved, and a full disk evicts nobody.
        "enforceNodeAllocatable": [],
        "evictionHard": {},
        "imageGCHighThresholdPercent": 100,
        "failCgroupV1": False,
        "failSwapOn": False,
        "nodeStatusUpdateFrequency": "2s",
        "volumePluginDir": str(sandbox.folder / "volume-plugins"),
    }
    file = sandbox.folder / "kubelet.json"
    file.write_text(json.dumps(configuration))
    return sandbox.server(
        "kubelet",
        [
            tools.path("kubelet"),
            f"--config={file}",
            f"--kubeconfig={kubeconfig}",
            f"--hostname-override={node}",
            f"--node-ip={sandbox.inside}",
            f"--cert-dir={sandbox.folder / 'kubelet-certificates'}",
        ],
    )
