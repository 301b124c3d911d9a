"""The kinds of the Prometheus operator, as its own project defines them: read from its pinned Go module, not built."""

import json
import os
import subprocess
from pathlib import Path
from typing import Final

from e2e.cluster.cache import Cache
from e2e.cluster.errors import ToolUnavailableError
from e2e.cluster.progress import Progress
from e2e.cluster.toolchain.golang import find_go
from e2e.cluster.toolchain.pins import MODULES_FOLDER

_MODULE: Final = "github.com/prometheus-operator/prometheus-operator"
_PLURALS: Final = ("servicemonitors", "podmonitors", "prometheusrules")
_DOWNLOAD_SECONDS: Final = 300.0


def monitoring_crds() -> list[Path]:
    """Return the files of the definitions of ServiceMonitor, PodMonitor and PrometheusRule.

    Raises:
        ToolUnavailableError: there is no Go, or it cannot get the module.
    """
    go = find_go(os.environ, Cache.from_environment(os.environ), Progress())
    done = subprocess.run(
        [go, "mod", "download", "-json", _MODULE],
        cwd=MODULES_FOLDER / "prometheus-operator",
        env={**os.environ, "GOTOOLCHAIN": "local", "GOWORK": "off"},
        capture_output=True,
        text=True,
        timeout=_DOWNLOAD_SECONDS,
        check=False,
    )
    if done.returncode != 0:
        raise ToolUnavailableError(f"go mod download says: {done.stdout}{done.stderr}")
    folder = Path(json.loads(done.stdout)["Dir"]) / "example" / "prometheus-operator-crd"
    return [folder / f"monitoring.coreos.com_{plural}.yaml" for plural in _PLURALS]
