"""`kubectl hirag status [NAME | KIND/NAME | KIND NAME | KIND]`."""

import argparse
import sys
from datetime import UTC, datetime

from hirag_operator.adapters.kubeconfig import connect
from hirag_operator.adapters.reader import ClusterReader
from hirag_operator.plugin.errors import CommandError, Exit
from hirag_operator.plugin.kinds import COLLECTION, IN_ORDER, kind_named, names_of
from hirag_operator.plugin.status.compose import compose
from hirag_operator.plugin.status.look import Seen, look_at_all, look_at_one
from hirag_operator.plugin.status.text import text
from hirag_operator.plugin.terminal import show, show_json


def run(arguments: argparse.Namespace) -> Exit:
    """Report how objects stand."""
    kind, name = target(arguments.target)
    if name is not None and arguments.all_namespaces:
        raise CommandError("a name is looked for in one namespace; leave -A out, or the name")
    access = connect(arguments.kubeconfig, arguments.context, arguments.user)
    reader = ClusterReader(access, timeout_seconds=arguments.request_timeout)
    namespace = arguments.namespace or access.namespace
    seen = _look(reader, kind, None if arguments.all_namespaces else namespace, name)
    report = compose(seen)
    if arguments.output == "json":
        show_json(sys.stdout, report.to_wire())
    else:
        show(sys.stdout, text(report, datetime.now(UTC), full=arguments.full or name is not None))
    return Exit.FINE


def target(words: list[str]) -> tuple[str | None, str | None]:
    """Return the kind and the name that are asked about; None for all of them.

    Raises:
        CommandError: the words name neither.
    """
    parts = [part for word in words for part in word.split("/")]
    match parts:
        case []:
            return None, None
        case [word]:
            found = kind_named(word)
            return (COLLECTION, word) if found is None else (found.resource.kind, None)
        case [word, name] if (found := kind_named(word)) is not None and name:
            return found.resource.kind, name
        case _:
            known = ", ".join(names_of(kind)[-1] for kind in IN_ORDER)
            raise CommandError(f"{' '.join(words)!r} is no target; write NAME, KIND/NAME or KIND, of the kinds {known}")


def _look(reader: ClusterReader, kind: str | None, namespace: str | None, name: str | None) -> Seen:
    if kind is None or name is None or namespace is None:
        kinds = {one.resource.kind for one in IN_ORDER} if kind is None else {kind}
        return look_at_all(reader, kinds, namespace)
    seen = look_at_one(reader, kind, namespace, name)
    if seen is None:
        raise CommandError(f"{kind} {namespace}/{name} does not exist; kubectl hirag status -A shows what does")
    return seen
