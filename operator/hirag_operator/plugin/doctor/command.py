"""`kubectl hirag doctor`."""

import argparse
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from hirag_operator.adapters.kubeconfig import Access, connect
from hirag_operator.adapters.reader import ClusterReader
from hirag_operator.errors import NotAllowed, OperatorError
from hirag_operator.plugin.doctor.definitions import check_definitions
from hirag_operator.plugin.doctor.objects import check_objects
from hirag_operator.plugin.doctor.permissions import check_permissions
from hirag_operator.plugin.doctor.report import DoctorReport, Finding
from hirag_operator.plugin.doctor.running import check_running
from hirag_operator.plugin.doctor.text import text
from hirag_operator.plugin.doctor.weaviate import check_weaviate
from hirag_operator.plugin.errors import Exit
from hirag_operator.plugin.terminal import show, show_json

AREA: Final = "API server"
_REMEDY: Final = "Check the address in the kubeconfig, the network and one's credentials; or name another --context."


def run(arguments: argparse.Namespace) -> Exit:
    """Check everything, and say what to do."""
    report = DoctorReport(findings=list(_findings(arguments)))
    if arguments.output == "json":
        show_json(sys.stdout, report.to_wire())
    else:
        show(sys.stdout, text(report))
    return Exit.FINE if report.is_well else Exit.FAILED


def _findings(arguments: argparse.Namespace) -> Iterator[Finding]:
    try:
        access = connect(arguments.kubeconfig, arguments.context, arguments.user)
        reader = ClusterReader(access, timeout_seconds=arguments.request_timeout)
        yield _server(access, reader)
        yield from _of_the_cluster(arguments, access, reader)
    except OperatorError as error:
        yield Finding(area=AREA, level="wrong", message=f"{error}.", remedy=_REMEDY)
    if arguments.weaviate_url:
        yield from check_weaviate(arguments.weaviate_url, arguments.weaviate_key_file, arguments.request_timeout)


def _server(access: Access, reader: ClusterReader) -> Finding:
    who = f"context {access.context}" if access.context else "no context"
    try:
        version = reader.version()
    except NotAllowed:  # a cluster may keep its version to itself; what it serves is seen below
        return Finding(
            area=AREA, level="note", message=f"{access.server} answers ({who}), and keeps its version to itself."
        )
    return Finding(area=AREA, level="ok", message=f"{access.server} answers ({who}): Kubernetes {version}.")


def _of_the_cluster(arguments: argparse.Namespace, access: Access, reader: ClusterReader) -> Iterator[Finding]:
    namespace = None if arguments.all_namespaces else arguments.namespace or access.namespace
    definitions = list(check_definitions(reader))
    yield from definitions
    yield from check_permissions(reader, namespace)
    yield from check_running(reader, arguments.operator_namespace, datetime.now(UTC))
    if not any(finding.level == "wrong" for finding in definitions):
        yield from check_objects(reader, namespace)
