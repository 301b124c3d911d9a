"""The chart rendered with the values that tests go by, and the form in which it is kept as golden files.

`python -m tests.charts.rendering` writes tests/charts/golden anew; look at the difference before you commit it.
"""

import tempfile
from pathlib import Path
from typing import Any

import yaml

from e2e.cluster.helm import CHART, Helm, documents
from e2e.cluster.toolchain import Toolchain

Json = dict[str, Any]

RELEASE, NAMESPACE = "search", "hirag"
VALUES = sorted((Path(__file__).parent / "values").glob("*.yaml"))
GOLDEN = Path(__file__).parent / "golden"
_HEAD = "# Written by `python -m tests.charts.rendering`; files that are shipped as they are are named, not repeated.\n"


def render(helm: Helm, values: Path) -> list[Json]:
    """The objects that the chart makes of a file of values."""
    return documents(helm.template(RELEASE, NAMESPACE, values))


def golden_text(rendered: list[Json]) -> str:
    """The objects in a fixed order, with the name of a file of the chart in place of what was taken from it."""
    bodies = sorted((_folded(body) for body in rendered), key=_address)
    return _HEAD + yaml.safe_dump_all(bodies, sort_keys=False, width=120, explicit_start=True)


def of_kind(rendered: list[Json], kind: str) -> list[Json]:
    """The objects of a kind."""
    return [body for body in rendered if body["kind"] == kind]


def environment(rendered: list[Json]) -> dict[str, str]:
    """The environment of the operator's container."""
    (deployment,) = of_kind(rendered, "Deployment")
    return {one["name"]: one["value"] for one in deployment["spec"]["template"]["spec"]["containers"][0]["env"]}


def _folded(body: Json) -> Json:
    match body["kind"]:
        case "CustomResourceDefinition":
            return {**body, "spec": _file_with(body["spec"], "files/crds/*.yaml", "spec")}
        case "PrometheusRule":
            return {**body, "spec": _file_with(body["spec"], "rules/*.yaml")}
        case "ConfigMap":
            return {**body, "data": {name: _file_of(name, text) for name, text in body["data"].items()}}
    return body


def _file_with(part: Any, pattern: str, key: str | None = None) -> str:
    for file in sorted(CHART.glob(pattern)):
        whole = yaml.safe_load(file.read_text(encoding="utf-8"))
        if part == (whole if key is None else whole[key]):
            return str(file.relative_to(CHART))
    raise AssertionError(f"no file of {pattern} says the same as {part}")


def _file_of(name: str, text: str) -> str:
    file = CHART / "dashboards" / name
    assert text.strip() == file.read_text(encoding="utf-8").strip(), f"{file} was not taken as it is"
    return str(file.relative_to(CHART))


def _address(body: Json) -> tuple[str, str, str]:
    return body["kind"], body["metadata"].get("namespace", ""), body["metadata"]["name"]


def main() -> None:
    """Write the golden files."""
    GOLDEN.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as home:
        helm = Helm(Toolchain.from_environment(), Path(home))
        for values in VALUES:
            (GOLDEN / values.name).write_text(golden_text(render(helm, values)), encoding="utf-8")


if __name__ == "__main__":
    main()
