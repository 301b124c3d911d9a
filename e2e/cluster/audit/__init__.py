"""Least privilege, proven: what a service account asked of the API server, held against what a chart grants it.

Nothing may have been refused, nothing may have been allowed by other roles than the chart's, and nothing may be granted
that was never used, but for `exceptions.yaml`, which says why.

    python -m e2e.cluster.audit AUDIT.log RENDERED.yaml
"""

from pathlib import Path

from e2e.cluster.audit.comparison import Findings, compare, read_exceptions
from e2e.cluster.audit.grants import Grant, grants_of, subject_of
from e2e.cluster.audit.requests import Request, read_requests

__all__ = [
    "EXCEPTIONS",
    "Findings",
    "Grant",
    "Request",
    "audit_flags",
    "compare",
    "grants_of",
    "read_exceptions",
    "read_requests",
    "subject_of",
]

EXCEPTIONS = Path(__file__).with_name("exceptions.yaml")
_POLICY = Path(__file__).with_name("policy.yaml")


def audit_flags(log: Path) -> tuple[str, ...]:
    """Return the flags that have a kube-apiserver write such a log."""
    return (f"--audit-policy-file={_POLICY}", f"--audit-log-path={log}")
