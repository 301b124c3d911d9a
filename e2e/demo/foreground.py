"""What one sees of `make demo`: YAML in, documentation ingested, questions answered, the index changed meanwhile."""

import json
import os
import shutil
import subprocess
import sys
import textwrap
import time
from collections.abc import Sequence

from e2e.cluster import data
from e2e.cluster.toolchain import Toolchain
from e2e.demo import corpus, paths
from e2e.demo.background import DemoError, start
from e2e.demo.change import change_index
from e2e.demo.declared import COLLECTION, NAMESPACE, alias, apply, kubectl
from e2e.demo.progress import settle
from e2e.demo.questions import QUESTIONS, Index, Passage, connect
from e2e.demo.state import State

READY_SECONDS = 120
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
    reached = alias()
    _heading("Ingesting the documentation of Python's standard library")
    documents = corpus.write(paths.CORPUS)
    passages = _ingest(state, reached)
    print(f"{passages:,} passages of {documents:,} documents are in the index.")
    _heading("Asking Weaviate through the alias")
    _ask(state, reached)
    _heading("What kubectl says")
    _await_count(passages)
    kubectl("get", "hirag", "-A")
    _heading("Changing the index while it is asked and written to")
    change_index(state, reached)
    _farewell(state, reached)


def _apply(state: State) -> None:
    """Apply the samples, and wait for the collection."""
    kubectl("create", "namespace", NAMESPACE, "--dry-run=client", "-o", "yaml", into=("apply", "-f", "-"))
    for sample in ("embeddingmodel", "hnswindexpolicy", "contextcollection"):
        apply(state, sample)
    if "migration" in settle(READY_SECONDS):
        print("The index of last time was another one: it was carried back into the one that is declared.")
    kubectl("wait", "-n", NAMESPACE, f"ctx/{COLLECTION}", "--for=condition=Ready", f"--timeout={READY_SECONDS}s")


def _ingest(state: State, alias: str) -> int:
    """Run the ingest job as a person would, its progress bar on the terminal; return the passages in the index."""
    spec = json.loads(kubectl("get", "-n", NAMESPACE, "ctx", COLLECTION, "-o", "json", quiet=True))["spec"]
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
    with connect(state) as client:
        return Index(client, alias).count()


def _ask(state: State, alias: str) -> None:
    width = min(shutil.get_terminal_size((120, 24)).columns, 120)
    with connect(state) as client:
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
    while (seen := kubectl("get", "-n", NAMESPACE, "ctx", COLLECTION, "-o", path, quiet=True)) != str(passages):
        if time.monotonic() > end:
            raise DemoError(f"the operator counts {seen} objects, and Weaviate has {passages}")
        time.sleep(0.5)


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
