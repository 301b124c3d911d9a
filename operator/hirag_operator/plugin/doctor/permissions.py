"""What the caller may do, asked of the API server itself."""

from collections.abc import Iterator
from typing import Final

from hirag_operator.adapters.reader import ClusterReader, permission
from hirag_operator.plugin.doctor.report import Finding

AREA: Final = "Permissions"
REMEDY: Final = "Have it granted: docs/kubectl-plugin.md has a ClusterRole to bind."

# verb, kind → which command needs it, and for what
NEEDED: Final = {
    ("list", "ContextCollection"): "status and plan need it",
    ("list", "EmbeddingModel"): "status and plan need it",
    ("list", "HNSWIndexPolicy"): "status and plan need it",
    ("list", "CronJob"): "status shows schedules by it",
    ("list", "Deployment"): "status shows the pods of models by it",
    ("list", "Pod"): "status shows the pods of models by it",
    ("get", "ConfigMap"): "plan with --weaviate-url tells by it what was made before",
    ("patch", "ContextCollection"): "plan has the API server check changes by it (dry run)",
    ("create", "ContextCollection"): "plan has the API server check new objects by it (dry run)",
}


def check_permissions(reader: ClusterReader, namespace: str | None) -> Iterator[Finding]:
    """Yield what is missing, or one finding that nothing is."""
    missing = [(verb, kind) for verb, kind in NEEDED if not reader.may(verb, kind, namespace)]
    where = f"in namespace {namespace}" if namespace else "in all namespaces"
    if not missing:
        yield Finding(area=AREA, level="ok", message=f"You may do all that this program asks for {where}.")
    for verb, kind in missing:
        message = f"You may not {permission(verb, kind, namespace)}: {NEEDED[verb, kind]}."
        yield Finding(area=AREA, level="warning", message=message, remedy=REMEDY)
