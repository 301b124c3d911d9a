"""Carrying out steps one by one, each counted and logged, and all told of together."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, TypeVar, get_args

import structlog
from structlog.contextvars import bound_contextvars

from hirag_operator import metrics
from hirag_operator.api.conditions import Reason
from hirag_operator.errors import OperatorError
from hirag_operator.plan.steps import Step, WeaviateStep
from hirag_operator.reconcile.report import announce
from hirag_operator.reconcile.services import Services

AnyStep = TypeVar("AnyStep", bound=Step)

_IN_WEAVIATE: Final = get_args(WeaviateStep)
WORDS_LIMIT: Final = 500  # characters of what a step says of itself that go into a line of the log

log = structlog.get_logger(__name__)


def carry_out(
    services: Services, body: Mapping[str, Any], apply: Callable[[AnyStep], None], steps: Iterable[AnyStep]
) -> None:
    """Apply steps in order; the first that fails ends it, and the next reconcile plans anew from what is there.

    One Event tells of all that was done, by the reason of the first step, and one more of what was put back.

    Raises:
        Outdated: something in Weaviate was to be changed for what the object is not any more; nothing was done.
    """
    steps, done = list(steps), []
    if any(isinstance(step, _IN_WEAVIATE) for step in steps):
        services.current.require(services.kubernetes, body)
    try:
        for step in steps:
            carried_out(apply, step)
            done.append(step)
    finally:
        for told in _together(done):
            announce(services, body, told[0].reason, " ".join(f"{step}." for step in told))


def carried_out(apply: Callable[[AnyStep], None], step: AnyStep) -> None:
    """Apply one step, count it, and log it with its own words; all lines meanwhile say which step it was."""
    began = time.perf_counter()
    with bound_contextvars(step=step.reason):
        try:
            apply(step)
        except OperatorError as error:
            metrics.FAILED_STEPS.labels(step.reason).inc()
            log.warning("step_failed", to=_words(step), seconds=_since(began), error=str(error))
            raise
        metrics.STEPS.labels(step.reason).inc()
        log.info("step_applied", did=_words(step), seconds=_since(began))


def _words(step: Step) -> str:
    return str(step)[:WORDS_LIMIT]


def _since(began: float) -> float:
    return round(time.perf_counter() - began, 4)


def _together(done: Sequence[AnyStep]) -> list[list[AnyStep]]:
    corrected = [step for step in done if step.reason == Reason.DRIFT_CORRECTED]
    others = [step for step in done if step.reason != Reason.DRIFT_CORRECTED]
    return [told for told in (others, corrected) if told]
