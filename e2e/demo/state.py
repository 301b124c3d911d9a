"""What the demo tells of itself in build/demo.json, and whether it is up."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from e2e.demo.paths import STATE


@dataclass(frozen=True)
class State:
    """The running demo: process id of the supervisor, and where each server answers."""

    supervisor: int
    kubernetes: str
    kubeconfig: str
    weaviate: str
    weaviate_grpc: str
    embedder: str
    operator: str

    def write(self) -> None:
        """Write it whole or not at all."""
        STATE.parent.mkdir(parents=True, exist_ok=True)
        draft = STATE.with_suffix(".draft")
        draft.write_text(json.dumps(asdict(self), indent=2) + "\n")
        draft.replace(STATE)


def running() -> State | None:
    """Return the state of a demo that is up; None when there is none, or when its supervisor is gone."""
    try:
        state = State(**json.loads(STATE.read_text()))
    except FileNotFoundError:
        return None
    return state if is_supervisor(state.supervisor) else None


def is_supervisor(process: int) -> bool:
    """Return whether a process id is (still) a demo's supervisor, and not another process that got the number."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    try:
        return b"e2e.demo" in Path(f"/proc/{process}/cmdline").read_bytes()
    except FileNotFoundError:  # no /proc on this system: the signal has to do
        return True
