"""A real Kubernetes control plane: etcd, kube-apiserver, kube-controller-manager; no node."""

import ssl
from collections.abc import Sequence
from contextlib import ExitStack
from types import TracebackType
from typing import Self

import httpx

from e2e.cluster import credentials
from e2e.cluster.kubectl import Kubectl
from e2e.cluster.ports import PortReservation
from e2e.cluster.process import ServerProcess
from e2e.cluster.toolchain import Toolchain
from e2e.cluster.workspace import Workspace

_START_SECONDS = 90.0  # up in two seconds when idle; a loaded machine of two cores needs its time


class ControlPlane:
    """A control plane of one's own; a context manager.

    With the controller manager, owned objects are garbage-collected, Deployments have pods and CronJobs fire; the pods
    stay Pending where there is no node.

    Args:
        tools: Where the binaries come from.
        flags: Further flags of the API server.
        address: Where the API server listens; pods can reach it only where this is not loopback.

    Attributes:
        url: The API server's root.
        etcd_url: Root of its etcd's HTTP gateway.
        kubeconfig: File of a cluster administrator.
        token: The administrator's bearer token.
        authority: PEM file that clients verify the server with.
    """

    def __init__(self, tools: Toolchain, *, flags: Sequence[str] = (), address: str = "127.0.0.1") -> None:
        self._tools = tools
        self._address = address
        self._flags = tuple(flags)
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self._folder = stack.enter_context(Workspace("control-plane")).path
            etcd_client, etcd_peer, api, manager = (stack.enter_context(PortReservation()).first for _ in range(4))
            self.url = f"https://{self._address}:{api}"
            self.etcd_url = f"http://127.0.0.1:{etcd_client}"
            self.kubeconfig = self._folder / "kubeconfig"
            self.authority = self._folder / "certificates" / "apiserver.crt"
            self._signing_key = self._folder / "service-accounts.key"
            credentials.write_service_account_key(self._signing_key)
            self.token = credentials.write_admin_token(self._folder / "tokens.csv")

            self._etcd_url = f"http://127.0.0.1:{etcd_client}"
            self._etcd = self._etcd_process(etcd_client, etcd_peer)
            self._apiserver = self._apiserver_process(api, etcd_client)
            self._manager = self._manager_process(manager)
            for server in (self._etcd, self._apiserver, self._manager):
                stack.callback(server.stop)
            self._etcd.start()
            self.start_apiserver()
            self._start_manager()
            self._stack = stack.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stack.close()

    def start_apiserver(self) -> None:
        """Start the API server, on the port that it always has, and wait until it serves."""
        self._apiserver.start()
        self._apiserver.wait_until(self._api_is_ready, _START_SECONDS)
        credentials.write_kubeconfig(self.kubeconfig, url=self.url, authority=self.authority, token=self.token)

    def stop_apiserver(self) -> None:
        """Stop the API server; data, port and credentials stay."""
        self._apiserver.stop()

    def restart_apiserver(self) -> None:
        """Stop the API server and start it again on the same port with the same data."""
        self.stop_apiserver()
        self.start_apiserver()

    def compact(self) -> None:
        """Have etcd forget all that was before the present revision: who has to go on from there must list again."""
        with httpx.Client(base_url=self._etcd_url, trust_env=False) as etcd:
            header = etcd.post("/v3/kv/range", json={"key": "AA=="}).raise_for_status().json()["header"]
            compaction = {"revision": header["revision"], "physical": True}
            etcd.post("/v3/kv/compaction", json=compaction).raise_for_status()

    def kubectl(self, *args: str, stdin: str | bytes | None = None) -> str:
        """Run kubectl as the administrator; see `Kubectl`."""
        return Kubectl(self._tools, self.kubeconfig)(*args, stdin=stdin)

    def connect(self) -> httpx.Client:
        """Return a client of the API server with the administrator's rights; the caller closes it."""
        return httpx.Client(
            base_url=self.url,
            headers={"Authorization": f"Bearer {self.token}"},
            verify=ssl.create_default_context(cafile=str(self.authority)),
            timeout=30,
            trust_env=False,
        )

    def _etcd_process(self, client: int, peer: int) -> ServerProcess:
        return ServerProcess(
            "etcd",
            [
                self._tools.path("etcd"),
                f"--data-dir={self._folder / 'etcd'}",
                f"--listen-client-urls=http://127.0.0.1:{client}",
                f"--advertise-client-urls=http://127.0.0.1:{client}",
                f"--listen-peer-urls=http://127.0.0.1:{peer}",
                f"--initial-advertise-peer-urls=http://127.0.0.1:{peer}",
                f"--initial-cluster=default=http://127.0.0.1:{peer}",
                "--unsafe-no-fsync",  # nothing here has to survive a power cut
            ],
            self._folder / "etcd.log",
        )

    def _apiserver_process(self, port: int, etcd: int) -> ServerProcess:
        return ServerProcess(
            "kube-apiserver",
            [
                self._tools.path("kube-apiserver"),
                f"--etcd-servers=http://127.0.0.1:{etcd}",
                f"--bind-address={self._address}",
                f"--secure-port={port}",
                f"--cert-dir={self.authority.parent}",
                f"--token-auth-file={self._folder / 'tokens.csv'}",
                "--authorization-mode=RBAC",
                "--anonymous-auth=false",
                "--service-account-issuer=https://kubernetes.default.svc",
                f"--service-account-key-file={self._signing_key}",
                f"--service-account-signing-key-file={self._signing_key}",
                "--service-cluster-ip-range=10.96.0.0/16",
                "--allow-privileged=true",
                "--kubelet-preferred-address-types=InternalIP",  # otherwise exec and logs look node names up in DNS
                "--shutdown-delay-duration=0s",
                *self._flags,
            ],
            self._folder / "kube-apiserver.log",
            grace=2.0,  # with open watches it would take its time; what it has acknowledged is in etcd
        )

    def _manager_process(self, port: int) -> ServerProcess:
        return ServerProcess(
            "kube-controller-manager",
            [
                self._tools.path("kube-controller-manager"),
                f"--kubeconfig={self.kubeconfig}",
                "--bind-address=127.0.0.1",
                f"--secure-port={port}",
                f"--cert-dir={self._folder / 'manager-certificates'}",
                "--leader-elect=false",
                "--kube-api-qps=200",  # the default of 20 stretches its start to five seconds
                "--kube-api-burst=400",
                "--use-service-account-credentials",
                f"--service-account-private-key-file={self._signing_key}",
                f"--root-ca-file={self.authority}",
            ],
            self._folder / "kube-controller-manager.log",
        )

    def _start_manager(self) -> None:
        self._manager.start()
        self._manager.wait_until(self._service_accounts_are_made, _START_SECONDS)

    def _api_is_ready(self) -> bool:
        return self._answers("/readyz")

    def _service_accounts_are_made(self) -> bool:
        """The first visible work of the controller manager; pods cannot be created before it."""
        return self._answers("/api/v1/namespaces/default/serviceaccounts/default")

    def _answers(self, path: str) -> bool:
        if not self.authority.exists():
            return False
        headers = {"Authorization": f"Bearer {self.token}"}
        try:
            context = ssl.create_default_context(cafile=str(self.authority))
        except ssl.SSLError:  # it is being written
            return False
        try:
            return httpx.get(self.url + path, verify=context, headers=headers, trust_env=False).is_success
        except httpx.TransportError:
            return False
