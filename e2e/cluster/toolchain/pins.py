"""The tools, as data: which binary comes from which pinned Go module, and where its project publishes releases.

Versions are stated once, in the `go.mod` files under `e2e/cluster/modules`.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from e2e.cluster.errors import ClusterError

MODULES_FOLDER = Path(__file__).parents[1] / "modules"


@dataclass(frozen=True)
class Module:
    """A Go module whose `go.mod` pins servers.

    Attributes:
        name: Its folder under `modules`.
        path: Module path of the requirement that carries the version.
        link_flags: Linker flags on top of stripping; `{version}`, `{major}` and `{minor}` are filled in.
        tags: Build tags that leave out what we do not need.
        releases: Default root of the project's release downloads.
    """

    name: str
    path: str
    releases: str = ""
    link_flags: str = ""
    tags: str = ""

    @property
    def folder(self) -> Path:
        """Where its go.mod and go.sum are."""
        return MODULES_FOLDER / self.name

    @property
    def sources(self) -> tuple[Path, ...]:
        """The program's own sources, where it is ours and only its libraries are pinned."""
        return tuple(sorted(self.folder.glob("*.go")))

    @property
    def version(self) -> str:
        """The pinned version without the leading v, e.g. `1.35.4`."""
        text = (self.folder / "go.mod").read_text()
        if found := re.search(rf"^\s*{re.escape(self.path)} v(\S+)", text, re.MULTILINE):
            return found[1]
        raise ClusterError(f"{self.folder / 'go.mod'} does not require {self.path}; add it as a tool.")


Group = Literal["base", "node", "checks"]


@dataclass(frozen=True)
class Tool:
    """One binary.

    Attributes:
        name: Its file name.
        module: Where it is built from.
        package: Go package of its `main`; `.` for a program of our own.
        version_arguments: Makes it print a text with its version; empty when it cannot.
        asset: Path of the release file below the releases' root; `{version}` and `{arch}` are filled in. Empty where
            none is published for the binary.
        checksum: Path of the file with the asset's SHA-256.
        member: Name of the binary inside the asset, when that is an archive.
        group: What it is for: `base` is what the demo and most tests stand on, `node` runs pods, `checks` are programs
            that judge what is made here. A group is got when the first of it is asked for.
    """

    name: str
    module: Module
    package: str
    version_arguments: tuple[str, ...]
    asset: str = ""
    checksum: str = ""
    member: str = ""
    group: Group = "base"


_STAMP = "k8s.io/component-base/version"
_KUBERNETES = Module(
    "kubernetes",
    "k8s.io/kubernetes",
    "https://dl.k8s.io/release",
    # Without the stamp, clients and CEL see v0.0.0.
    f"-X {_STAMP}.gitVersion=v{{version}} -X {_STAMP}.gitMajor={{major}} -X {_STAMP}.gitMinor={{minor}}",
)
_ETCD = Module("etcd", "go.etcd.io/etcd/server/v3", "https://github.com/etcd-io/etcd/releases/download")
_WEAVIATE = Module("weaviate", "github.com/weaviate/weaviate", "https://github.com/weaviate/weaviate/releases/download")
_COREDNS = Module("coredns", "github.com/coredns/coredns", "https://github.com/coredns/coredns/releases/download")
_COREDNS_ASSET = "v{version}/coredns_{version}_linux_{arch}.tgz"
_HELM = Module(
    "helm", "helm.sh/helm/v4", "https://get.helm.sh", "-X helm.sh/helm/v4/internal/version.version=v{version}"
)
_HELM_ASSET = "helm-v{version}-linux-{arch}.tar.gz"
_WEAVIATE_ASSET = "v{version}/weaviate-v{version}-linux-{arch}.tar.gz"
# The tag leaves out the clients of a dozen clouds that it could discover targets in.
_PROMETHEUS = Module("prometheus", "github.com/prometheus/prometheus", tags="remove_all_sd")


def _kubernetes(name: str, *version_arguments: str, group: Group = "base") -> Tool:
    asset = f"v{{version}}/bin/linux/{{arch}}/{name}"
    package, checksum = f"k8s.io/kubernetes/cmd/{name}", f"{asset}.sha256"
    return Tool(name, _KUBERNETES, package, version_arguments, asset, checksum, group=group)


_OWN_MAIN = "."
# Programs of our own around a library whose word we go by; their sources lie beside their go.mod.
_KSTATUS = Module("kstatus", "sigs.k8s.io/cli-utils")
_FLUX = Module("flux", "github.com/fluxcd/kustomize-controller/api")

MODULES = (_KUBERNETES, _ETCD, _WEAVIATE, _COREDNS, _HELM, _PROMETHEUS, _KSTATUS, _FLUX)
TOOLS = (
    _kubernetes("kube-apiserver", "--version"),
    _kubernetes("kube-controller-manager", "--version"),
    _kubernetes("kube-scheduler", "--version"),
    _kubernetes("kubectl", "version", "--client"),
    Tool(
        "etcd",
        _ETCD,
        "go.etcd.io/etcd/server/v3",
        ("--version",),
        asset="v{version}/etcd-v{version}-linux-{arch}.tar.gz",
        checksum="v{version}/SHA256SUMS",
        member="etcd",
    ),
    Tool(
        "weaviate-server",
        _WEAVIATE,
        "github.com/weaviate/weaviate/cmd/weaviate-server",
        (),
        asset=_WEAVIATE_ASSET,
        checksum=f"{_WEAVIATE_ASSET}.sha256",
        member="weaviate",
    ),
    _kubernetes("kubelet", "--version", group="node"),
    _kubernetes("kube-proxy", "--version", group="node"),
    Tool(
        "coredns",
        _COREDNS,
        "github.com/coredns/coredns",
        ("-version",),
        asset=_COREDNS_ASSET,
        checksum=f"{_COREDNS_ASSET}.sha256",
        member="coredns",
        group="node",
    ),
    Tool(
        "helm",
        _HELM,
        "helm.sh/helm/v4/cmd/helm",
        ("version", "--short"),
        asset=_HELM_ASSET,
        checksum=f"{_HELM_ASSET}.sha256sum",
        member="helm",
        group="checks",
    ),
    Tool("promtool", _PROMETHEUS, "github.com/prometheus/prometheus/cmd/promtool", (), group="checks"),
    Tool("kstatus", _KSTATUS, _OWN_MAIN, (), group="checks"),
    Tool("flux-strict", _FLUX, _OWN_MAIN, (), group="checks"),
)
