"""A cluster of the plugin's own, whose API server keeps an audit log: it tells what was asked, and what was not."""

import json
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from e2e.cluster.controlplane import ControlPlane
from e2e.cluster.embedder import EmbedderServer
from e2e.cluster.namespace import Namespace
from e2e.cluster.operator import OperatorProcess
from e2e.cluster.toolchain import Toolchain
from e2e.cluster.weaviate import WeaviateServer
from hirag_operator.plugin.main import run

CRDS = Path(__file__).parents[3] / "crds"
SCRIPTS = Path(sys.executable).parent
KEY = "right-key-5"
INSTANCE = "plugin"
WATCHED = ("plugin-a", "plugin-b")
MODEL_NAME = "sentence-transformers/all-MiniLM-L6-v2"
Json = dict[str, Any]

AUDIT_POLICY = """
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules: [{level: Metadata}]
"""


@pytest.fixture(autouse=True)
def unbounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines as long as they are, whatever the tests themselves run in."""
    monkeypatch.delenv("COLUMNS", raising=False)


@dataclass(frozen=True)
class AuditLog:
    """What the API server was asked, by whom."""

    file: Path

    def of(self, agent: str, since: int = 0) -> list[Json]:
        """Return the requests of a program, leaving out as many as there were before."""
        events = [json.loads(line) for line in self.file.read_text().splitlines()]
        return [event for event in events if str(event.get("userAgent", "")).startswith(agent)][since:]


@dataclass(frozen=True)
class Came:
    """What a command came to."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Json:
        return dict(json.loads(self.out))


@pytest.fixture(scope="package")
def audit(tmp_path_factory: pytest.TempPathFactory) -> AuditLog:
    folder = tmp_path_factory.mktemp("audit")
    (folder / "policy.yaml").write_text(AUDIT_POLICY)
    return AuditLog(folder / "log")


@pytest.fixture(scope="package")
def cluster(toolchain: Toolchain, audit: AuditLog) -> Iterator[ControlPlane]:
    policy = audit.file.with_name("policy.yaml")
    flags = [f"--audit-policy-file={policy}", f"--audit-log-path={audit.file}", "--audit-log-mode=blocking"]
    with ControlPlane(toolchain, flags=flags) as control_plane:
        for file in sorted(CRDS.glob("*.yaml")):
            control_plane.kubectl("apply", "--server-side", "-f", str(file))
        for name in WATCHED:
            Namespace(control_plane, name)
        yield control_plane


@pytest.fixture(scope="package")
def guarded(toolchain: Toolchain) -> Iterator[WeaviateServer]:
    """A Weaviate that wants a key."""
    with WeaviateServer(toolchain, api_keys={KEY: "operator"}) as server:
        yield server


@pytest.fixture(scope="package")
def key_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("keys") / "weaviate"
    file.write_text(f"{KEY}\n")
    return file


@pytest.fixture(scope="package")
def operator(cluster: ControlPlane, guarded: WeaviateServer, key_file: Path) -> Iterator[OperatorProcess]:
    """An operator that watches two namespaces; what others hold is for nobody to touch."""
    connections = {"default": {"http_url": guarded.http_url, "api_key_file": str(key_file)}}
    env = {
        "HIRAG_OPERATOR_RESYNC_SECONDS": "2",
        "HIRAG_OPERATOR_INSTANCE": INSTANCE,
        "HIRAG_OPERATOR_NAMESPACES": json.dumps(WATCHED),
    }
    with OperatorProcess(cluster, connections, env=env) as process:
        yield process


@pytest.fixture(scope="package")
def model_spec(embedder: EmbedderServer) -> Json:
    """An EmbeddingModel's spec: the real embedder as an external provider."""
    external = {"url": f"{embedder.url}/v1", "model": MODEL_NAME, "vectorizer": "text2vec-transformers"}
    return {"external": external, "dimensions": 384, "maxTokens": 256}


@pytest.fixture
def team(cluster: ControlPlane, operator: OperatorProcess, model_spec: Json) -> Iterator[Namespace]:
    """A watched namespace with a model that is Ready; emptied at the end."""
    operator.check()
    namespace = Namespace(cluster, WATCHED[0])
    namespace.apply("EmbeddingModel", "minilm", model_spec)
    namespace.await_ready("EmbeddingModel", "minilm")
    yield namespace
    for kind in ("ContextCollection", "HNSWIndexPolicy"):
        for body in namespace.all_of(kind):
            namespace.delete(kind, body["metadata"]["name"])


@pytest.fixture
def at_weaviate(guarded: WeaviateServer, key_file: Path) -> tuple[str, ...]:
    """The flags by which the terminal reaches Weaviate."""
    return "--weaviate-url", guarded.http_url, "--weaviate-key-file", str(key_file)


@pytest.fixture
def name() -> str:
    """A name that nothing had before: what is retained in Weaviate is not taken up again."""
    return f"c-{uuid.uuid4().hex[:8]}"


@pytest.fixture
def hirag(cluster: ControlPlane, capsys: pytest.CaptureFixture[str]) -> Callable[..., Came]:
    """Run the plugin as the cluster's administrator, in the namespace of the team."""

    def call(command: str, *arguments: str, namespace: str | None = WATCHED[0]) -> Came:
        where = [] if command == "explain" else ["--kubeconfig", str(cluster.kubeconfig)]
        if namespace is not None and command != "explain":
            where += ["-n", namespace]
        capsys.readouterr()
        code = run([command, *arguments, *where])
        captured = capsys.readouterr()
        return Came(int(code), captured.out, captured.err)

    return call


@pytest.fixture
def kubectl(cluster: ControlPlane, toolchain: Toolchain, tmp_path: Path) -> Callable[..., Came]:
    """Run the real kubectl, which finds the plugin on its PATH."""

    def call(arguments: Sequence[str], *, kubeconfig: Path | None = None, stdin: str = "", **env: str) -> Came:
        environment = {
            "PATH": str(SCRIPTS),
            "HOME": str(tmp_path),
            "KUBECONFIG": str(kubeconfig or cluster.kubeconfig),
            **env,
        }
        command = [str(toolchain.path("kubectl")), *arguments]
        done = subprocess.run(
            command, input=stdin, env=environment, capture_output=True, text=True, check=False, timeout=60
        )
        return Came(done.returncode, done.stdout, done.stderr)

    return call
