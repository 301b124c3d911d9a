"""Carrying out steps one by one, each counted and told of in an Event."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from hirag_operator import metrics
from hirag_operator.plan.steps import Step
from hirag_operator.reconcile.report import announce
from hirag_operator.reconcile.services import Services

AnyStep = TypeVar("AnyStep", bound=Step)


def carry_out(
    services: Services, body: Mapping[str, Any], apply: Callable[[AnyStep], None], steps: Iterable[AnyStep]
) -> None:
    """Apply steps in order; the first that fails ends it, and the next reconcile plans anew from what is there."""
    for step in steps:
        apply(step)
        metrics.STEPS.labels(step.reason).inc()
        announce(services, body, step.reason, f"{step}.")
