"""Command line of the comparison; its exit status is 1 when there is anything to complain of."""

import argparse
import sys
from pathlib import Path

import yaml

from e2e.cluster.audit import EXCEPTIONS, compare, grants_of, read_exceptions, read_requests, subject_of
from e2e.cluster.errors import ClusterError


def main(arguments: list[str] | None = None) -> int:
    """Compare an audit log with a rendered chart; print what came out."""
    parser = argparse.ArgumentParser(prog="python -m e2e.cluster.audit", description=__doc__)
    parser.add_argument("log", type=Path, help="audit log of an API server, at level Metadata")
    parser.add_argument("rendered", type=Path, help="what helm template gave")
    parser.add_argument("--subject", metavar="NAMESPACE/NAME", help="service account (default: that of the bindings)")
    parser.add_argument("--exceptions", type=Path, default=EXCEPTIONS, help="table of rights that need not be used")
    options = parser.parse_args(arguments)
    try:
        rendered = [body for body in yaml.safe_load_all(options.rendered.read_text(encoding="utf-8")) if body]
        namespace, name = options.subject.split("/") if options.subject else subject_of(rendered)
        grants = grants_of(rendered, (namespace, name))
    except ClusterError as error:
        print(error, file=sys.stderr)
        return 2
    with options.log.open(encoding="utf-8") as log:
        requests = read_requests(log, f"system:serviceaccount:{namespace}:{name}")
    findings = compare(requests, grants, read_exceptions(options.exceptions))
    for excused in findings.excused:
        print(f"excused: {excused}")
    for complaint in findings.complaints:
        print(complaint)
    print(f"{len(requests)} kinds of request, {findings.used} rights used, {len(findings.complaints)} complaints")
    return 1 if findings.complaints or not requests else 0


if __name__ == "__main__":
    sys.exit(main())
