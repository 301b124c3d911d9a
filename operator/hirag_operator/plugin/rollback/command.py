"""`kubectl hirag rollback NAME`: the one command that writes, and what it writes is one annotation."""

import argparse
import sys
import time
from collections.abc import Mapping
from typing import Any, Final

from hirag_operator.adapters.annotator import annotate
from hirag_operator.adapters.kubeconfig import connect
from hirag_operator.adapters.reader import ClusterReader
from hirag_operator.api.reasons import Reason
from hirag_operator.plan.collection.rollback import ROLLBACK
from hirag_operator.plan.dig import dig
from hirag_operator.plugin.errors import CommandError, Exit
from hirag_operator.plugin.kinds import COLLECTION
from hirag_operator.plugin.rollback.outlook import annotated, is_rolled_back, outlook
from hirag_operator.plugin.rollback.report import RollbackReport
from hirag_operator.plugin.rollback.text import text
from hirag_operator.plugin.terminal import show, show_json

Json = Mapping[str, Any]

LOOK_SECONDS: Final = 1.0  # between two looks of one who waits


def run(arguments: argparse.Namespace) -> Exit:
    """Say that the plan which is declared is not wanted, and wait for what comes of it if that is asked for."""
    access = connect(arguments.kubeconfig, arguments.context, arguments.user)
    reader = ClusterReader(access, timeout_seconds=arguments.request_timeout)
    namespace = arguments.namespace or access.namespace
    report = outlook(_look(reader, namespace, arguments.name))
    if report.outcome != "done":
        annotate(
            access,
            COLLECTION,
            namespace,
            arguments.name,
            annotated(report.plan),
            dry_run=arguments.dry_run,
            timeout_seconds=arguments.request_timeout,
        )
        if not arguments.dry_run:
            report = report.model_copy(update={"outcome": "asked"})
            if arguments.wait:
                report = _wait(reader, report, arguments.timeout)
    if arguments.output == "json":
        show_json(sys.stdout, report.to_wire())
    else:
        show(sys.stdout, text(report))
    return Exit.FINE


def _look(reader: ClusterReader, namespace: str, name: str) -> Json:
    body = reader.get(COLLECTION, namespace, name)
    if body is None:
        raise CommandError(f"{COLLECTION} {namespace}/{name} does not exist; kubectl hirag status -A shows what does")
    return body


def _wait(reader: ClusterReader, report: RollbackReport, seconds: float) -> RollbackReport:
    """Return the report once what served before serves.

    Raises:
        CommandError: it is refused, or not wanted any more, or takes longer.
    """
    end = time.monotonic() + seconds
    while True:
        body = _look(reader, report.namespace, report.name)
        if is_rolled_back(body):
            return report.model_copy(update={"outcome": "done"})
        ready = _ready(body)
        if dig(body, "metadata", "annotations", ROLLBACK) != report.plan:
            raise CommandError(f"annotation {ROLLBACK} does not name plan {report.plan} any more")
        if ready.get("reason") == Reason.ROLLBACK_REFUSED:
            raise CommandError(str(ready.get("message")))
        if time.monotonic() > end:
            raise CommandError(f"not within {seconds:g} seconds; it goes on: {ready.get('message', 'nothing is told')}")
        time.sleep(LOOK_SECONDS)


def _ready(body: Json) -> Json:
    conditions = dig(body, "status", "conditions") or []
    return next((one for one in conditions if one.get("type") == "Ready"), {})
