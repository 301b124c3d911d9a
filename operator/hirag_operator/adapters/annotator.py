"""Setting an annotation as a person does who has the rights for it: the one thing that the kubectl plugin writes."""

from collections.abc import Mapping
from typing import Any, Final

from hirag_operator.adapters.kubeapi import NOT_FOUND, SERVER, KubernetesServer
from hirag_operator.adapters.kubeconfig import AGENT, Access
from hirag_operator.adapters.reader import READABLE, permission
from hirag_operator.errors import NotAllowed, Refused

_MERGE: Final = "application/merge-patch+json"


def annotate(
    access: Access,
    kind: str,
    namespace: str,
    name: str,
    patch: Mapping[str, Any],
    *,
    dry_run: bool,
    timeout_seconds: float = 10.0,
) -> None:
    """Merge annotations into an object; with `dry_run` the API server only says whether it would.

    Raises:
        NotAllowed: the caller may not patch it.
        Refused: there is no such object, or a rule is broken.
    """
    server = KubernetesServer(access.client, timeout_seconds=timeout_seconds, observe=lambda _operation, _seconds: None)
    how = {"content_type": _MERGE, "field_manager": AGENT, **({"dry_run": "All"} if dry_run else {})}
    try:
        server.ask("patch_annotations", kind, READABLE[kind].path(namespace, name), body=dict(patch), **how)
    except NotAllowed as error:
        why = "" if " cannot patch resource " in error.message else f": {error.message}"
        raise NotAllowed(SERVER, f"you may not {permission('patch', kind, namespace)}{why}") from error
    except Refused as error:
        if error.status != NOT_FOUND:
            raise
        raise Refused(SERVER, f"{kind} {namespace}/{name} does not exist", NOT_FOUND) from error
