"""Rendering a container's environment so that the process reads what was written."""

from collections.abc import Mapping


def environment(values: Mapping[str, str]) -> list[dict[str, str]]:
    """Return `env` entries for `values`, in their order.

    Kubernetes expands `$(NAME)` and shortens `$$` in values
    (https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/), and the
    texts of users may hold either: doubled, a dollar stays one dollar.
    """
    return [{"name": name, "value": value.replace("$", "$$")} for name, value in values.items()]
