"""The objects that the demo declares: their names, their YAML in `samples`, and kubectl, by which they are applied."""

import subprocess
from collections.abc import Sequence

from e2e.demo import paths
from e2e.demo.background import DemoError
from e2e.demo.state import State

NAMESPACE, COLLECTION, LEVEL, POLICY = "demo", "python-docs", "longTerm", "careful"
SAMPLE_URL = "http://127.0.0.1:8081"


def apply(state: State, sample: str) -> None:
    """Apply one of the samples; the address of the embedder in it becomes the one of this demo."""
    manifest = (paths.SAMPLES / f"{sample}.yaml").read_text().replace(SAMPLE_URL, state.embedder)
    kubectl("apply", "-f", "-", stdin=manifest)


def alias() -> str:
    """Return the alias that the collection's status gives."""
    path = f"{{.status.address.{LEVEL}.alias}}"
    return kubectl("get", "-n", NAMESPACE, "ctx", COLLECTION, "-o", f"jsonpath={path}", quiet=True)


def kubectl(*args: str, stdin: str | None = None, into: Sequence[str] = (), quiet: bool = False) -> str:
    """Run kubectl against the demo, its output shown; `into` pipes the output to a second kubectl."""
    command = [str(paths.KUBECTL), f"--kubeconfig={paths.KUBECONFIG}", *args]
    done = subprocess.run(command, input=stdin, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise DemoError(f"kubectl {' '.join(args)}: {done.stderr.strip()}")
    if into:
        return kubectl(*into, stdin=done.stdout, quiet=quiet)
    if not quiet:
        print(done.stdout.rstrip(), flush=True)
    return done.stdout.strip()
