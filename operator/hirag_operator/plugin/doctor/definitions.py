"""Whether the cluster has the CRDs, and has them as this program knows them."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from hirag_operator.adapters.reader import ClusterReader
from hirag_operator.api import KINDS, KubernetesObject
from hirag_operator.api.group import API_VERSION, GROUP, VERSION
from hirag_operator.crdgen.crd import custom_resource_definition
from hirag_operator.errors import NotAllowed
from hirag_operator.plan.dig import dig
from hirag_operator.plugin.doctor.report import Finding

Json = Mapping[str, Any]

AREA: Final = "CRDs"
_INSTALL: Final = "Apply the CRDs of the release: kubectl apply --server-side -f crds/ (or upgrade the Helm chart)."
_UPGRADE_US: Final = (
    "Upgrade this program to the version of the operator: pip install --upgrade 'hirag-operator[plugin]'."
)
_COMPARED: Final = ("schema", "subresources", "additionalPrinterColumns", "selectableFields")
_MOST_NAMED: Final = 3


def check_definitions(reader: ClusterReader) -> Iterator[Finding]:
    """Yield a finding for each kind."""
    for kind in KINDS:
        try:
            yield _definition(kind, reader.get("CustomResourceDefinition", None, f"{kind.resource.plural}.{GROUP}"))
        except NotAllowed as error:
            served = reader.serves(API_VERSION)
            yield _by_discovery(served, error)
            return


def compare(kind: type[KubernetesObject], live: Json) -> tuple[list[str], list[str]]:
    """Return what a live CRD lacks of what we know or has otherwise, and what it has that we do not know."""
    version: Json = next((one for one in dig(live, "spec", "versions") or [] if one.get("name") == VERSION), {})
    ours = custom_resource_definition(kind)["spec"]["versions"][0]
    known, present = (dict(_leaves({key: one.get(key) for key in _COMPARED})) for one in (ours, version))
    missing = [path for path, value in known.items() if present.get(path) != value]
    return missing, [path for path in present if path not in known]


def _definition(kind: type[KubernetesObject], live: Json | None) -> Finding:
    name = f"{kind.resource.plural}.{GROUP}"
    if live is None:
        return Finding(area=AREA, level="wrong", message=f"{name} is not installed.", remedy=_INSTALL)
    conditions = {one.get("type"): one.get("status") for one in dig(live, "status", "conditions") or []}
    if conditions.get("Established") != "True":
        remedy = f"See its conditions: kubectl get crd {name} -o yaml."
        return Finding(area=AREA, level="wrong", message=f"{name} is not established.", remedy=remedy)
    missing, unknown = compare(kind, live)
    if missing:
        message = f"{name} is not that of this version: {_named(missing)}."
        return Finding(area=AREA, level="warning", message=message, remedy=_INSTALL)
    if unknown:
        message = f"{name} is newer than this program: it has {_named(unknown)}."
        return Finding(area=AREA, level="warning", message=message, remedy=_UPGRADE_US)
    return Finding(area=AREA, level="ok", message=f"{name} is installed, as this version has it.")


def _by_discovery(served: bool, error: NotAllowed) -> Finding:  # noqa: FBT001  what was found
    if not served:
        return Finding(area=AREA, level="wrong", message=f"{API_VERSION} is not served.", remedy=_INSTALL)
    message = f"{API_VERSION} is served; of which version its CRDs are was not told, for {error.message}."
    return Finding(area=AREA, level="note", message=message)


def _leaves(value: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield (path, value) of all leaves; descriptions are for people and change without anything else."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if key != "description" or not isinstance(inner, str):
                yield from _leaves(inner, f"{prefix}.{key}" if prefix else str(key))
    elif value is not None:
        yield prefix, value


def _named(paths: list[str]) -> str:
    short = [path.removeprefix("schema.openAPIV3Schema.").replace("properties.", "") for path in paths[:_MOST_NAMED]]
    return ", ".join(short) + (f" and {len(paths) - _MOST_NAMED} more" if len(paths) > _MOST_NAMED else "")
