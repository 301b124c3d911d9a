"""The secure defaults of every pod that the operator renders, in one place."""

from typing import Any, Final

USER_ID: Final = 65532  # the user of our images


def hardened_pod(**security: Any) -> dict[str, Any]:
    """Return the fields of a pod's spec that keep it without rights; `security` adds to its security context."""
    return {
        "automountServiceAccountToken": False,
        # A Service named as one of our programs would put addresses into that program's variables.
        "enableServiceLinks": False,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": USER_ID,
            "runAsGroup": USER_ID,
            "seccompProfile": {"type": "RuntimeDefault"},
            **security,
        },
    }


def hardened_container() -> dict[str, Any]:
    """Return a container's security context: no rights to gain, and nothing but its volumes to write to."""
    return {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
