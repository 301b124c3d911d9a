"""Helm, with nothing of the user's own: no plugins, no repositories, no settings."""

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import yaml

from e2e.cluster.errors import HelmError
from e2e.cluster.toolchain import Toolchain

CHART: Final = Path(__file__).parents[2] / "charts" / "hirag-operator"
KUBERNETES: Final = "1.35.4"  # what is rendered for where no cluster is asked
_SECONDS: Final = 300.0


class Helm:
    """Runs helm.

    Args:
        tools: Where the binary comes from.
        home: An empty folder for what it keeps.
        kubeconfig: The cluster to install into; not needed to render and lint.
    """

    def __init__(self, tools: Toolchain, home: Path, kubeconfig: Path | None = None) -> None:
        self._tools = tools
        self._home = home
        self._kubeconfig = kubeconfig

    def run(self, *args: str | Path) -> str:
        """Return what helm prints.

        Raises:
            HelmError: It ended with another status than 0, or not in time.
        """
        folders = {f"HELM_{name}_HOME": str(self._home / name.lower()) for name in ("CACHE", "CONFIG", "DATA")}
        environment = {"HOME": str(self._home), "PATH": "", **folders}
        if self._kubeconfig is not None:
            environment["KUBECONFIG"] = str(self._kubeconfig)
        command = [str(self._tools.path("helm")), *map(str, args)]
        try:
            done = subprocess.run(
                command, env=environment, capture_output=True, text=True, check=False, timeout=_SECONDS
            )
        except subprocess.TimeoutExpired as error:
            raise HelmError(f"helm {args[0]}: no end after {_SECONDS:g} s") from error
        if done.returncode != 0:
            raise HelmError(f"helm {args[0]}: {done.stdout}{done.stderr}")
        return done.stdout

    def template(
        self, release: str, namespace: str, *values: Path, chart: Path = CHART, sets: Sequence[str] = ()
    ) -> str:
        """Return the chart rendered with files of values and `--set` assignments, as YAML documents."""
        files = [argument for file in values for argument in ("--values", file)]
        assignments = [argument for one in sets for argument in ("--set", one)]
        where = ("--namespace", namespace, "--kube-version", KUBERNETES)
        return self.run("template", release, chart, *where, *files, *assignments)


def documents(rendered: str) -> list[dict[str, Any]]:
    """Return the objects that were rendered."""
    return [body for body in yaml.safe_load_all(rendered) if body]


def write_values(file: Path, values: Mapping[str, Any]) -> Path:
    """Write a file of values; return it."""
    file.write_text(yaml.safe_dump(dict(values)), encoding="utf-8")
    return file
