"""Carrying out steps one by one, each counted, and all told of together."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from hirag_operator import metrics
from hirag_operator.api.conditions import Reason
from hirag_operator.plan.steps import Step
from hirag_operator.reconcile.report import announce
from hirag_operator.reconcile.services import Services

AnyStep = TypeVar("AnyStep", bound=Step)


def carry_out(
    services: Services, body: Mapping[str, Any], apply: Callable[[AnyStep], None], steps: Iterable[AnyStep]
) -> None:
    """Apply steps in order; the first that fails ends it, and the next reconcile plans anew from what is there.

    One Event tells of all that was done, by the reason of the first step, and one more of what was put back.
    """
    done: list[AnyStep] = []
    try:
        for step in steps:
            apply(step)
            metrics.STEPS.labels(step.reason).inc()
            done.append(step)
    finally:
        for told in _together(done):
            announce(services, body, told[0].reason, " ".join(f"{step}." for step in told))


def _together(done: Sequence[AnyStep]) -> list[list[AnyStep]]:
    corrected = [step for step in done if step.reason == Reason.DRIFT_CORRECTED]
    others = [step for step in done if step.reason != Reason.DRIFT_CORRECTED]
    return [told for told in (others, corrected) if told]
