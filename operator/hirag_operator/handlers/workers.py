"""Workers: they take keys from the queue to the reconciler of their kind, side by side in threads."""

import asyncio
import secrets
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Executor

import structlog
from structlog.contextvars import bound_contextvars

from hirag_operator import metrics
from hirag_operator.adapters.fence import OPEN, Fence
from hirag_operator.errors import NotLeading, OperatorError, Outdated
from hirag_operator.handlers.queue import Key, WorkQueue
from hirag_operator.reconcile.outcome import RETRY, Outcome

log = structlog.get_logger(__name__)

AT_ONCE = Outcome(within=0.0)

Reconcilers = Mapping[str, Callable[[str, str], Outcome]]


async def work(
    queue: WorkQueue, reconcilers: Reconcilers, executor: Executor, begin: asyncio.Event, fence: Fence = OPEN
) -> None:
    """Reconcile one key after another until cancelled; a key being worked on at that moment is finished first.

    `begin`: set once there is enough to see; what is looked at before is looked at with calls for each child.
    `fence`: what each attempt is bound to a term by.
    """
    loop = asyncio.get_running_loop()
    await begin.wait()
    while True:
        key, waited = await queue.take()
        metrics.QUEUE_SECONDS.labels(key.kind).observe(waited)
        result = await loop.run_in_executor(executor, attempt, key, reconcilers[key.kind], fence)
        queue.done(key, failed=result.retry, gone=result.gone, within=result.within)


def attempt(key: Key, reconcile: Callable[[str, str], Outcome], fence: Fence = OPEN) -> Outcome:
    """Reconcile once; every line that is logged meanwhile, by whomever, says of which object and by which attempt."""
    with bound_contextvars(**key._asdict(), reconcile=secrets.token_hex(4)):
        return _attempt(key, reconcile, fence)


def _attempt(key: Key, reconcile: Callable[[str, str], Outcome], fence: Fence) -> Outcome:
    """Reconcile once. What goes wrong is logged and counted, and the key is tried again with backoff.

    What ends because this process may not act is no failure: it is done anew in the next term, by whoever leads then.
    """
    started = time.perf_counter()
    result = "retry"
    try:
        with fence.attempt():
            outcome = reconcile(key.namespace, key.name)
        result = "retry" if outcome.retry else "done"
    except NotLeading:
        outcome, result = AT_ONCE, "not_leading"
    except Outdated as outdated:  # the store knows better by now
        log.info("reconcile_outdated", why=str(outdated))
        outcome, result = AT_ONCE, "outdated"
    except OperatorError as error:
        log.warning("reconcile_interrupted", error=str(error), type=type(error).__name__)
        outcome, result = RETRY, "interrupted"
    except Exception:  # a defect of ours must not end the worker, and must not hide either: it is logged and counted
        log.exception("reconcile_failed")
        outcome, result = RETRY, "defect"
    metrics.RECONCILES.labels(key.kind, result).inc()
    metrics.RECONCILE_SECONDS.labels(key.kind).observe(time.perf_counter() - started)
    return outcome
