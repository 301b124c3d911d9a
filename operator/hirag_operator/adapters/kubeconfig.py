"""Connecting as a person does: by a kubeconfig and one of its contexts, as kubectl reads them.

The official client's loader knows what kubeconfigs hold (certificates, tokens, exec plugins, OIDC). Nothing is written
back, refreshed tokens neither.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from kubernetes import config
from kubernetes.client import ApiClient, Configuration

from hirag_operator.adapters.kubeapi import SERVER
from hirag_operator.errors import NoAccess

# The client ships no types for these.
_load_kube_config: Any = config.load_kube_config
_load_incluster_config: Any = config.load_incluster_config
_contexts: Any = config.list_kube_config_contexts
_api_client: Any = ApiClient

AGENT = "kubectl-hirag"  # as what one is told apart in the audit log
_POD_NAMESPACE = Path("/var/run/secrets/kubernetes.io/serviceaccount/namespace")
_REMEDY = "name a kubeconfig by --kubeconfig or KUBECONFIG, and one of its contexts by --context"


@dataclass(frozen=True)
class Access:
    """A way into a cluster: its client, and what the context says of it."""

    client: ApiClient
    server: str
    context: str
    namespace: str = "default"


def connect(kubeconfig: str | None = None, context: str | None = None, user: str | None = None) -> Access:
    """Return the way in that a kubeconfig gives, or, without any kubeconfig, the pod's service account.

    `user` is on whose behalf is asked, other than by one's own name, as with `kubectl --as`.

    Raises:
        NoAccess: there is none, it is broken, or it has no such context.
    """
    configuration = Configuration()
    try:
        found, namespace = _by_kubeconfig(configuration, kubeconfig, context)
    except (config.ConfigException, yaml.YAMLError, OSError, ValueError, TypeError, KeyError) as error:
        if kubeconfig or context or not _POD_NAMESPACE.is_file():
            raise NoAccess(SERVER, f"{' '.join(str(error).split())}; {_REMEDY}") from error  # in one line
        _load_incluster_config(client_configuration=configuration)
        found, namespace = "the pod's service account", _POD_NAMESPACE.read_text().strip()
    configuration.retries = 0
    client = _api_client(configuration)
    client.user_agent = AGENT
    if user:
        client.set_default_header("Impersonate-User", user)
    return Access(client, str(configuration.host), found, namespace)


def _by_kubeconfig(configuration: Configuration, file: str | None, context: str | None) -> tuple[str, str]:
    """Fill in the configuration; return the names of the context and of its namespace."""
    _load_kube_config(file, context=context, client_configuration=configuration, persist_config=False)
    known, active = _contexts(file)
    chosen = next((one for one in known if one["name"] == context), active) or {}
    return str(chosen.get("name", "")), str((chosen.get("context") or {}).get("namespace") or "default")
