"""The operator as a local process, against a control plane and Weaviate servers of one's own."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from e2e.cluster.controlplane import ControlPlane
from e2e.cluster.program import Program


class OperatorProcess(Program):
    """`hirag-operator`; `url` is the root of /healthz, /readyz and /metrics.

    Args:
        control_plane: The API server that it watches.
        weaviate: Connections by name, as HIRAG_OPERATOR_WEAVIATE takes them.
        env: Further environment variables; they win over ours.
    """

    def __init__(
        self,
        control_plane: ControlPlane,
        weaviate: Mapping[str, Mapping[str, Any]],
        *,
        env: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__("hirag-operator", ready="/readyz", start_seconds=60.0)
        self._control_plane = control_plane
        self._weaviate = {name: dict(connection) for name, connection in weaviate.items()}
        self._env = dict(env or {})

    def _command(self) -> list[str | Path]:
        return [sys.executable, "-m", "hirag_operator.main"]

    def _environment(self, port: int) -> dict[str, str]:
        return {
            "KUBECONFIG": str(self._control_plane.kubeconfig),
            "HIRAG_OPERATOR_WEAVIATE": json.dumps(self._weaviate),
            "HIRAG_OPERATOR_HOST": "127.0.0.1",
            "HIRAG_OPERATOR_PORT": str(port),
            **self._env,
        }
