"""From what was read to the report: each object by its kind, those in trouble first."""

from collections.abc import Mapping
from typing import Any

from hirag_operator.plugin.kinds import COLLECTION, IN_ORDER, MODEL
from hirag_operator.plugin.status.collections import collection_report
from hirag_operator.plugin.status.look import Seen
from hirag_operator.plugin.status.models import model_report
from hirag_operator.plugin.status.policies import policy_report
from hirag_operator.plugin.status.report import CollectionReport, ModelReport, ObjectReport, PolicyReport, StatusReport
from hirag_operator.plugin.status.standing import GRAVITY

_ORDER = {kind.resource.kind: place for place, kind in enumerate(IN_ORDER)}


def compose(seen: Seen) -> StatusReport:
    """Return the report on what was asked about."""
    return StatusReport(objects=sorted((_of(body, seen) for body in seen.asked), key=_urgency), unseen=seen.unseen)


def _of(body: Mapping[str, Any], seen: Seen) -> CollectionReport | ModelReport | PolicyReport:
    if body["kind"] == COLLECTION:
        return collection_report(body, seen)
    return model_report(body, seen) if body["kind"] == MODEL else policy_report(body)


def _urgency(one: ObjectReport) -> tuple[int, bool, int, str, str]:
    return GRAVITY[one.state], not one.problems, _ORDER[one.kind], one.namespace, one.name
