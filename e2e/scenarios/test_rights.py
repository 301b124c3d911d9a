"""The operator asked for nothing that the chart does not grant, and used all that it grants, in the whole run.

This file runs last, behind all other scenarios.
"""

import pytest

from e2e.cluster.audit import EXCEPTIONS, compare, grants_of, read_exceptions, read_requests, subject_of
from e2e.cluster.cluster import Cluster
from e2e.cluster.helm import documents
from e2e.scenarios.installation import Installation


def test_what_was_asked_is_what_is_granted(cluster: Cluster, installation: Installation) -> None:
    if cluster.audit_log is None:
        pytest.skip("the audit log of a cluster that somebody else runs cannot be read")
    rendered = documents(installation.manifest())
    namespace, name = subject_of(rendered)
    with cluster.audit_log.open(encoding="utf-8") as log:
        requests = read_requests(log, f"system:serviceaccount:{namespace}:{name}")
    findings = compare(requests, grants_of(rendered, (namespace, name)), read_exceptions(EXCEPTIONS))
    assert findings.used > 0
    assert findings.complaints == ()
