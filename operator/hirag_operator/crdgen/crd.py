"""A kind's CustomResourceDefinition."""

from typing import Any

from hirag_operator.api.conditions import UNSEEN_GENERATION
from hirag_operator.api.group import GROUP, VERSION
from hirag_operator.api.resource import Column, KubernetesObject, Resource
from hirag_operator.crdgen.jsonschema import kind_json_schema
from hirag_operator.crdgen.structural import structural


def custom_resource_definition(kind: type[KubernetesObject]) -> dict[str, Any]:
    """The CRD as the API server takes it (apiextensions.k8s.io/v1)."""
    resource = kind.resource
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{resource.plural}.{GROUP}"},
        "spec": {
            "group": GROUP,
            "scope": "Namespaced",
            "names": {
                "kind": resource.kind,
                "listKind": f"{resource.kind}List",
                "plural": resource.plural,
                "singular": resource.singular,
                "shortNames": list(resource.short_names),
                "categories": list(resource.categories),
            },
            "versions": [_version(kind)],
        },
    }


def _version(kind: type[KubernetesObject]) -> dict[str, Any]:
    resource = kind.resource
    version: dict[str, Any] = {
        "name": VERSION,
        "served": True,
        "storage": True,
        "subresources": _subresources(resource),
        "additionalPrinterColumns": [_column(column) for column in resource.columns],
    }
    if resource.selectable_fields:
        version["selectableFields"] = [{"jsonPath": path} for path in resource.selectable_fields]
    version["schema"] = {"openAPIV3Schema": _object_schema(kind)}
    return version


def _object_schema(kind: type[KubernetesObject]) -> dict[str, Any]:
    """The kind's structural schema, with the parts that the API server itself owns left to it."""
    schema = structural(kind_json_schema(kind))
    schema["properties"] |= {
        "apiVersion": {"type": "string", "description": "Version of the API that the object is written in."},
        "kind": {"type": "string", "description": "Kind of the object."},
        "metadata": {"type": "object"},
    }
    # What nobody has looked at yet is not current: `kubectl apply` and `flux wait` are faster than any operator.
    schema["properties"]["status"] |= {"default": {"observedGeneration": UNSEEN_GENERATION}}
    schema["required"] = [name for name in schema.get("required", []) if name == "spec"]
    if not schema["required"]:
        del schema["required"]
    return schema


def _subresources(resource: Resource) -> dict[str, Any]:
    subresources: dict[str, Any] = {"status": {}}
    if resource.scale:
        subresources["scale"] = {
            "specReplicasPath": resource.scale.spec_replicas,
            "statusReplicasPath": resource.scale.status_replicas,
            "labelSelectorPath": resource.scale.label_selector,
        }
    return subresources


def _column(column: Column) -> dict[str, Any]:
    written: dict[str, Any] = {"name": column.name, "type": column.type, "jsonPath": column.json_path}
    if column.description:
        written["description"] = column.description
    if column.priority:
        written["priority"] = column.priority
    return written
