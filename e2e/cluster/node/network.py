"""How the pods of a node reach each other, Services and names: a bridge, kube-proxy and CoreDNS."""

import json
from pathlib import Path

from e2e.cluster.node.sandbox import Sandbox
from e2e.cluster.process import ServerProcess
from e2e.cluster.toolchain import Toolchain

PODS = "10.244.0.0/24"
DOMAIN = "cluster.local"
_START_SECONDS = 60.0
_COREFILE = """\
.:53 {{
    bind {address}
    errors
    kubernetes {domain} in-addr.arpa {{
        kubeconfig {kubeconfig}
    }}
    cache 5
}}
"""


def write_bridge(folder: Path) -> Path:
    """Have one bridge for all pods, with addresses from PODS and no way out of the node.

    Returns:
        The folder of the CNI configuration.
    """
    plugin = {
        "type": "bridge",
        "bridge": "pods",
        "isGateway": True,
        "hairpinMode": True,  # a pod may reach itself through its Service
        "ipam": {"type": "host-local", "ranges": [[{"subnet": PODS}]], "routes": [{"dst": "0.0.0.0/0"}]},
    }
    place = folder / "network"
    place.mkdir()
    (place / "pods.conflist").write_text(json.dumps({"cniVersion": "1.0.0", "name": "pods", "plugins": [plugin]}))
    return place


def proxy(sandbox: Sandbox, tools: Toolchain, kubeconfig: Path, node: str) -> ServerProcess:
    """Return kube-proxy, which leads ClusterIPs to pods and to the API server."""
    configuration = {
        "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
        "kind": "KubeProxyConfiguration",
        "clientConnection": {"kubeconfig": str(kubeconfig)},
        "hostnameOverride": node,
        "mode": "nftables",
        # Answers come back this way even where both ends are on the bridge, and the machine knows no route to pods.
        "nftables": {"masqueradeAll": True, "minSyncPeriod": "100ms"},
        "conntrack": {"maxPerCore": 0, "min": 0, "tcpEstablishedTimeout": "0s", "tcpCloseWaitTimeout": "0s"},
        "healthzBindAddress": "127.0.0.1:10256",
        "metricsBindAddress": "127.0.0.1:10249",
    }
    file = sandbox.folder / "kube-proxy.json"
    file.write_text(json.dumps(configuration))
    return sandbox.server("kube-proxy", [tools.path("kube-proxy"), f"--config={file}"])


def names(sandbox: Sandbox, tools: Toolchain, kubeconfig: Path) -> ServerProcess:
    """Return CoreDNS on the sandbox's address, for the pods to ask."""
    file = sandbox.folder / "Corefile"
    file.write_text(_COREFILE.format(address=sandbox.inside, domain=DOMAIN, kubeconfig=kubeconfig))
    return sandbox.server("coredns", [tools.path("coredns"), "-conf", file])
