"""A real Weaviate of one node on loopback."""

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from e2e.cluster.errors import ServerExitedError
from e2e.cluster.ports import PortReservation
from e2e.cluster.process import ServerProcess
from e2e.cluster.program import answers
from e2e.cluster.toolchain import Toolchain
from e2e.cluster.workspace import Workspace

_START_SECONDS = 120.0  # ready after one to eight seconds when idle
_ATTEMPTS = 3
_NO_INFERENCE = "http://127.0.0.1:9"  # the module wants an address even where every collection names its own


class WeaviateServer:
    """A Weaviate server; a context manager that starts it and, at the end, stops it.

    Args:
        tools: Where the binary comes from.
        data_dir: Where it keeps its data; the caller's to remove. Without it the data goes with the server.
        api_keys: API key → user. With keys, anonymous access is off; without, everybody may do everything.
        env: Further environment variables of the server, e.g. `{"ASYNC_INDEXING": "true"}`; they win over ours.

    Attributes:
        http_port: Port of REST and GraphQL.
        grpc_port: Port of gRPC.
        http_url: Root of the REST API, without `/v1`.
    """

    def __init__(
        self,
        tools: Toolchain,
        *,
        data_dir: Path | None = None,
        api_keys: Mapping[str, str] | None = None,
        env: Mapping[str, str] | None = None,
    ) -> None:
        self._tools = tools
        self._data_dir = data_dir
        self._api_keys = dict(api_keys or {})
        self._extra_env = dict(env or {})
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self._folder = stack.enter_context(Workspace("weaviate")).path
            for attempt in range(1, _ATTEMPTS + 1):
                ports = stack.enter_context(PortReservation(7)).ports
                self._process = self._server_process(ports)
                stack.callback(self._process.stop)
                try:
                    self.start()
                    break
                except ServerExitedError as error:
                    if "address already in use" not in error.tail or attempt == _ATTEMPTS:
                        raise
            self._stack = stack.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stack.close()

    @property
    def http_url(self) -> str:
        """Root of the REST API, without `/v1`."""
        return f"http://127.0.0.1:{self.http_port}"

    @property
    def pid(self) -> int:
        """The process that serves."""
        return self._process.pid

    def start(self) -> None:
        """Start it on the ports and data that it always has, and wait until it is ready."""
        self._process.start()
        self._process.wait_until(lambda: answers(f"{self.http_url}/v1/.well-known/ready"), _START_SECONDS)

    def stop(self) -> None:
        """Stop it; ports and data stay."""
        self._process.stop()

    def kill(self) -> None:
        """End it the way a crash does; ports and data stay."""
        self._process.kill()

    def restart(self) -> None:
        """Stop it and start it again on the same ports with the same data."""
        self.stop()
        self.start()

    def _server_process(self, ports: tuple[int, ...]) -> ServerProcess:
        self.http_port, self.grpc_port, profiling, gossip, data, raft, raft_rpc = ports
        return ServerProcess(
            "weaviate",
            [
                self._tools.path("weaviate-server"),
                "--scheme=http",
                "--host=127.0.0.1",
                f"--port={self.http_port}",
            ],
            self._folder / "weaviate.log",
            env={
                "PERSISTENCE_DATA_PATH": str(self._data_dir or self._folder / "data"),
                "CLUSTER_HOSTNAME": "node1",
                "CLUSTER_IN_LOCALHOST": "true",
                "CLUSTER_BIND_ADDR": "127.0.0.1",
                "CLUSTER_ADVERTISE_ADDR": "127.0.0.1",
                "CLUSTER_GOSSIP_BIND_PORT": str(gossip),
                "CLUSTER_DATA_BIND_PORT": str(data),  # Weaviate wants gossip + 1
                "RAFT_PORT": str(raft),
                "RAFT_INTERNAL_RPC_PORT": str(raft_rpc),
                "RAFT_BOOTSTRAP_EXPECT": "1",
                "RAFT_TIMEOUTS_MULTIPLIER": "1",  # the default of 5 has a single node wait for peers it cannot have
                "GRPC_PORT": str(self.grpc_port),
                "GO_PROFILING_PORT": str(profiling),
                "GO_PROFILING_DISABLE": "true",  # it would listen on every interface
                "DISABLE_TELEMETRY": "true",
                "AUTOSCHEMA_ENABLED": "false",
                "DISK_USE_READONLY_PERCENTAGE": "0",  # a full developer disk is not what is tested here
                "ENABLE_MODULES": "text2vec-transformers,reranker-transformers",
                "TRANSFORMERS_INFERENCE_API": _NO_INFERENCE,
                "TRANSFORMERS_WAIT_FOR_STARTUP": "false",
                "RERANKER_INFERENCE_API": _NO_INFERENCE,
                "RERANKER_WAIT_FOR_STARTUP": "false",
                **self._authentication(),
                **self._extra_env,
            },
        )

    def _authentication(self) -> dict[str, str]:
        if not self._api_keys:
            return {"AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED": "true"}
        return {
            "AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED": "false",
            "AUTHENTICATION_APIKEY_ENABLED": "true",
            "AUTHENTICATION_APIKEY_ALLOWED_KEYS": ",".join(self._api_keys),
            "AUTHENTICATION_APIKEY_USERS": ",".join(self._api_keys.values()),
        }
