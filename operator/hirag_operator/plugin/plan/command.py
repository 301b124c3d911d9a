"""`kubectl hirag plan -f FILE`."""

import argparse
import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path

from hirag_operator.adapters.connections import Connections, Target
from hirag_operator.adapters.kubeconfig import connect
from hirag_operator.adapters.reader import ClusterReader
from hirag_operator.plugin.errors import CommandError, Exit
from hirag_operator.plugin.plan.applying import Manner
from hirag_operator.plugin.plan.compose import CODES, Means, compose
from hirag_operator.plugin.plan.documents import read
from hirag_operator.plugin.plan.seen import Weaviate
from hirag_operator.plugin.plan.text import text
from hirag_operator.plugin.terminal import show, show_json

VIEW_SECONDS = 60.0  # one look at Weaviate serves the whole command


def run(arguments: argparse.Namespace) -> Exit:
    """Tell what applying files would come to."""
    if arguments.field_manager and not arguments.server_side:
        raise CommandError("--field-manager goes with --server-side")
    access = connect(arguments.kubeconfig, arguments.context, arguments.user)
    documents = read(arguments.filename, arguments.namespace, access.namespace)
    reader = ClusterReader(access, timeout_seconds=arguments.request_timeout)
    manner = Manner(arguments.field_manager or "kubectl") if arguments.server_side else None
    with _weaviate(arguments) as weaviate:
        report = compose(reader, documents, Means(manner, weaviate, arguments.instance))
    if arguments.output == "json":
        show_json(sys.stdout, report.to_wire())
    else:
        show(sys.stdout, text(report))
    return CODES[report.takes]


@contextlib.contextmanager
def _weaviate(arguments: argparse.Namespace) -> Iterator[Weaviate | None]:
    """Open the Weaviate that the command line names, if it names one."""
    if arguments.weaviate_url is None:
        if arguments.weaviate_key_file is not None:
            raise CommandError("--weaviate-key-file goes with --weaviate-url")
        yield None
        return
    key = Path(arguments.weaviate_key_file) if arguments.weaviate_key_file else None
    target = Target(arguments.weaviate_url, key, arguments.request_timeout)
    connections = Connections({arguments.connection: target}, max_age=VIEW_SECONDS)
    try:
        server = connections.get(arguments.connection)
        if server is None:
            raise CommandError(f"connection {arguments.connection!r} cannot be opened")
        yield Weaviate(arguments.connection, server)
    finally:
        connections.close()
