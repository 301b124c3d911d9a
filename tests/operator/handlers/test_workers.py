import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import structlog
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from hirag_operator import metrics
from hirag_operator.adapters.fence import ALWAYS, LeaseFence
from hirag_operator.errors import Conflict, Garbled, NotAuthorized, NotLeading, OperatorError, Refused, Unreachable
from hirag_operator.handlers import workers
from hirag_operator.handlers.queue import Key, Pace, WorkQueue
from hirag_operator.handlers.workers import attempt, work
from hirag_operator.reconcile.outcome import DONE, RETRY, Outcome

KEY = Key("ContextCollection", "team-a", "handbook")


def reconciles(result: str) -> float:
    return (
        metrics.REGISTRY.get_sample_value("hirag_operator_reconciles_total", {"kind": KEY.kind, "result": result})
        or 0.0
    )


def raising(error: Exception) -> Callable[[str, str], Outcome]:
    def reconcile(_namespace: str, _name: str) -> Outcome:
        raise error

    return reconcile


@pytest.mark.parametrize(("outcome", "result"), [(DONE, "done"), (RETRY, "retry")])
def test_an_outcome_is_passed_on_and_counted(outcome: Outcome, result: str) -> None:
    before = reconciles(result)
    outcomes = {("team-a", "handbook"): outcome}
    assert attempt(KEY, lambda namespace, name: outcomes[namespace, name]) == outcome
    assert reconciles(result) == before + 1


@pytest.mark.parametrize(
    "error",
    [
        Unreachable("Weaviate", "refused"),
        NotAuthorized("Weaviate", "401"),
        Refused("Weaviate", "no", 422),
        Garbled("Weaviate", "odd"),
        Conflict("the Kubernetes API", "changed"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_error_of_the_world_is_tried_again_and_told_in_one_line(
    error: OperatorError, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "log", structlog.get_logger())
    before = reconciles("interrupted")
    with capture_logs([merge_contextvars]) as lines:
        assert attempt(KEY, raising(error)) == RETRY
    (line,) = lines
    assert (line["event"], line["error"], line["name"]) == ("reconcile_interrupted", str(error), "handbook")
    assert reconciles("interrupted") == before + 1


def test_a_defect_is_tried_again_and_told_with_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "log", structlog.get_logger())
    before = reconciles("defect")
    with capture_logs() as lines:
        assert attempt(KEY, raising(KeyError("spec"))) == RETRY
    (line,) = lines
    assert (line["event"], line["exc_info"], line["log_level"]) == ("reconcile_failed", True, "error")
    assert reconciles("defect") == before + 1


def test_an_attempt_that_may_change_nothing_ends_without_a_word_and_without_a_failure(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(workers, "log", structlog.get_logger())
    before = reconciles("not_leading")
    with capture_logs() as lines:
        outcome = attempt(KEY, raising(NotLeading("the lease is not held any more")))
    assert (outcome.retry, outcome.within) == (False, 0.0)
    assert lines == []
    assert reconciles("not_leading") == before + 1


def test_an_attempt_is_bound_to_the_term_in_which_it_began() -> None:
    fence = LeaseFence()
    fence.hold(ALWAYS)

    def reconcile(_namespace: str, _name: str) -> Outcome:
        fence.check()
        fence.end()
        fence.hold(ALWAYS)
        fence.check()
        return DONE

    assert attempt(KEY, reconcile, fence).within == 0.0


def test_a_worker_survives_a_defect_and_goes_on_with_the_next_key() -> None:
    other = Key("ContextCollection", "team-a", "manual")
    seen: list[str] = []
    both = threading.Event()

    def reconcile(_namespace: str, name: str) -> Outcome:
        seen.append(name)
        if len(seen) == 2:
            both.set()
        raise KeyError(name)

    async def scenario() -> None:
        queue = WorkQueue(Pace(resync=1000.0, first_retry=1000.0, longest_retry=1000.0))
        queue.add(KEY)
        queue.add(other)
        begin = asyncio.Event()
        with ThreadPoolExecutor(2) as executor:
            worker = asyncio.create_task(work(queue, {KEY.kind: reconcile}, executor, begin))
            await asyncio.sleep(0)
            assert queue.waiting()[KEY.kind].depth == 2, "nothing is taken before there is enough to see"
            begin.set()
            await asyncio.get_running_loop().run_in_executor(None, both.wait, 10)
            worker.cancel()
            await asyncio.gather(worker, return_exceptions=True)

    asyncio.run(scenario())
    assert seen == ["handbook", "manual"]
