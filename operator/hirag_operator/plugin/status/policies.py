"""The report of an HNSWIndexPolicy, from its own status."""

from collections.abc import Mapping
from typing import Any

from hirag_operator.plan.policy import COMPLIANT
from hirag_operator.plugin.status.report import BindingReport, PolicyReport
from hirag_operator.plugin.status.words import index_in_words, outline

Json = Mapping[str, Any]


def policy_report(body: Json) -> PolicyReport:
    """Return how an HNSWIndexPolicy stands, and which levels use it."""
    status = body.get("status") or {}
    bindings = sorted(status.get("bindings") or [], key=lambda one: one.get("state") == COMPLIANT)
    return PolicyReport(
        **outline(body),
        index=index_in_words(body),
        binding_count=status.get("bindingCount") or 0,
        compliant_count=status.get("compliantCount") or 0,
        bindings=[
            BindingReport(
                namespace=one["namespace"],
                name=one["name"],
                level=one["level"],
                state=one["state"],
                pending=one.get("pending") or "",
                change_class=one.get("changeClass") or "",
            )
            for one in bindings
        ],
    )
