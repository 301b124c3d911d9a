"""What one sees of `make demo`: the YAML applied, the documentation ingested, the questions answered."""

import json
import os
import shutil
import subprocess
import sys
import textwrap
import time
from collections.abc import Sequence
from urllib.parse import urlsplit

import weaviate

from e2e.cluster import data
from e2e.cluster.toolchain import Toolchain
from e2e.demo import corpus, paths
from e2e.demo.background import DemoError, start
from e2e.demo.questions import QUESTIONS, Index, Passage
from e2e.demo.state import State

NAMESPACE, COLLECTION, LEVEL = "demo", "python-docs", "longTerm"
SAMPLE_URL = "http://127.0.0.1:8081"
READY_SECONDS = 60
COUNT_SECONDS = 60.0


def up() -> None:
    """Set everything up, and leave it up."""
    _heading("Tools")
    Toolchain.from_environment().ensure()
    data.model_folder()
    _heading("Servers")
    state = start()
    _heading("YAML in: three objects")
    _apply(state)
    alias = _address()
    _heading("Ingesting the documentation of Python's standard library")
    documents = corpus.write(paths.CORPUS)
    passages = _ingest(state, alias)
    print(f"{passages:,} passages of {documents:,} documents are in the index.")
    _heading("Asking Weaviate through the alias")
    _ask(state, alias)
    _heading("What kubectl says")
    _await_count(passages)
    _kubectl("get", "hirag", "-A")
    _farewell(state, alias)


def _apply(state: State) -> None:
    """Apply the samples, and wait for the collection."""
    _kubectl("create", "namespace", NAMESPACE, "--dry-run=client", "-o", "yaml", into=("apply", "-f", "-"))
    for file in ("embeddingmodel", "hnswindexpolicy", "contextcollection"):
        manifest = (paths.SAMPLES / f"{file}.yaml").read_text().replace(SAMPLE_URL, state.embedder)
        _kubectl("apply", "-f", "-", stdin=manifest)
    _kubectl(
        "wait", "-n", NAMESPACE, f"ctx/{COLLECTION}", "--for=condition=Ready", f"--timeout={READY_SECONDS}s"
    )  # fmt: skip


def _address() -> str:
    """Return the alias that the collection's status gives."""
    path = f"{{.status.address.{LEVEL}.alias}}"
    return _kubectl("get", "-n", NAMESPACE, "ctx", COLLECTION, "-o", f"jsonpath={path}", quiet=True)


def _ingest(state: State, alias: str) -> int:
    """Run the ingest job as a person would, its progress bar on the terminal; return the passages in the index."""
    spec = json.loads(_kubectl("get", "-n", NAMESPACE, "ctx", COLLECTION, "-o", "json", quiet=True))["spec"]
    command = [
        sys.executable, "-m", "hirag_jobs.main", "ingest", str(paths.CORPUS),
        "--alias", alias,
        "--weaviate-http-url", state.weaviate,
        "--weaviate-grpc", state.weaviate_grpc,
        "--embedder-url", f"{state.embedder}/v1",
        "--max-tokens", str(spec["chunking"]["maxTokens"]),
        "--overlap", str(spec["chunking"]["overlap"]),
        "--prune",
        "--report", str(paths.REPORT),
    ]  # fmt: skip
    done = subprocess.run(command, check=False, env={**os.environ, "TIKTOKEN_CACHE_DIR": str(data.tiktoken_cache())})
    if done.returncode != 0:
        raise DemoError(f"the ingest ended with status {done.returncode}; its words are above")
    with _client(state) as client:
        return Index(client, alias).count()


def _ask(state: State, alias: str) -> None:
    width = min(shutil.get_terminal_size((120, 24)).columns, 120)
    with _client(state) as client:
        index = Index(client, alias)
        for question in QUESTIONS:
            print(f"\n{question}")
            for name, passages in (("nearText", index.near_text(question)), ("hybrid", index.hybrid(question))):
                if not passages:
                    raise DemoError(f"{name} found nothing for {question!r}")
                _show(name, passages, width)


def _show(name: str, passages: Sequence[Passage], width: int) -> None:
    for rank, passage in enumerate(passages):
        head = f"  {name if rank == 0 else '':<9}{passage.score:.2f}  {passage.module:<20} {passage.title:<34} "
        print(head + textwrap.shorten(passage.beginning, max(20, width - len(head)), placeholder=" …"))


def _await_count(passages: int) -> None:
    """Wait until the operator has counted what was written: it looks again every few seconds."""
    end = time.monotonic() + COUNT_SECONDS
    path = "jsonpath={.status.objects}"
    while (seen := _kubectl("get", "-n", NAMESPACE, "ctx", COLLECTION, "-o", path, quiet=True)) != str(passages):
        if time.monotonic() > end:
            raise DemoError(f"the operator counts {seen} objects, and Weaviate has {passages}")
        time.sleep(0.5)


def _client(state: State) -> weaviate.WeaviateClient:
    rest, grpc = urlsplit(state.weaviate), urlsplit(f"//{state.weaviate_grpc}")
    return weaviate.connect_to_local(
        host=rest.hostname or "", port=rest.port or 0, grpc_port=grpc.port or 0, skip_init_checks=False
    )


def _kubectl(*args: str, stdin: str | None = None, into: Sequence[str] = (), quiet: bool = False) -> str:
    """Run kubectl against the demo, its output shown; `into` pipes the output to a second kubectl."""
    command = [str(paths.KUBECTL), f"--kubeconfig={paths.KUBECONFIG}", *args]
    done = subprocess.run(command, input=stdin, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise DemoError(f"kubectl {' '.join(args)}: {done.stderr.strip()}")
    if into:
        return _kubectl(*into, stdin=done.stdout, quiet=quiet)
    if not quiet:
        print(done.stdout.rstrip(), flush=True)
    return done.stdout.strip()


def _heading(text: str) -> None:
    print(f"\n== {text}", flush=True)


def _farewell(state: State, alias: str) -> None:
    kubeconfig, kubectl, addresses = (os.path.relpath(path) for path in (paths.KUBECONFIG, paths.KUBECTL, paths.STATE))
    print(
        f"\nIt stays up until `make down`. Look around:\n"
        f"  export KUBECONFIG={kubeconfig}; alias kubectl={kubectl}\n"
        f"  kubectl describe ctx -n {NAMESPACE} {COLLECTION}\n"
        f"  kubectl explain ctx.spec.levels\n"
        f"  Weaviate: {state.weaviate} (gRPC {state.weaviate_grpc}), collection {alias}\n"
        f"  all addresses: {addresses}"
    )
