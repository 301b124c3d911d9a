"""Kopf's watches of our own kinds: run until the end of the process, and begun anew when an answer has ended them.

Kopf ends with a 404, and with a 403 that lasts for a minute. But CRDs that are taken away may come back, and so may
rights; until then there is no reason why all else, another's turn to lead included, should end and start again.
"""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import kopf
import structlog

from hirag_operator.adapters.kubernetes import KubernetesAdapter
from hirag_operator.errors import OperatorError
from hirag_operator.handlers.triggers import OWN_KINDS

log = structlog.get_logger(__name__)

PAUSE_SECONDS = 1.0


@dataclass(frozen=True)
class Course:
    """How far it is: `ready` is set while kopf has started, `over` when it may end; `begun` is called at each start."""

    ready: asyncio.Event
    over: asyncio.Event
    begun: Callable[[], None]


async def follow(
    registry: kopf.OperatorRegistry,
    settings: kopf.OperatorSettings,
    namespaces: Sequence[str],
    kubernetes: KubernetesAdapter,
    course: Course,
) -> None:
    """Run kopf until `course.over`; where an answer of the server ends it, wait until our kinds are served again."""
    while not course.over.is_set():
        known = asyncio.all_tasks()
        tasks = await kopf.spawn_tasks(
            registry=registry,
            settings=settings,
            standalone=True,
            clusterwide=not namespaces,
            namespaces=list(namespaces),
            stop_flag=course.over,
            ready_flag=course.ready,
        )
        course.begun()
        try:
            await kopf.run_tasks(tasks, ignored=known)
        except Exception as error:  # noqa: BLE001  kopf's errors are private; whichever it is, it is logged and begun anew
            log.warning("watches_ended", error=f"{type(error).__name__}: {error}")
            course.ready.clear()
            await _served(kubernetes, namespaces, course.over)


async def _served(kubernetes: KubernetesAdapter, namespaces: Sequence[str], over: asyncio.Event) -> None:
    """Wait until the server lists all our kinds, for kopf looks only once, at its start, which there are."""
    while not await _pause(over):
        try:
            for kind in OWN_KINDS:
                for namespace in namespaces or (None,):
                    await asyncio.to_thread(kubernetes.require_served, kind, namespace)
        except OperatorError as error:
            log.info("watches_wait", error=str(error))
        else:
            log.info("watches_begin_anew")
            return


async def _pause(over: asyncio.Event) -> bool:
    """Wait a moment; return whether the process ends."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(over.wait(), PAUSE_SECONDS)
    return over.is_set()
