from datetime import UTC, datetime
from typing import Any

import pytest

from hirag_operator.api.conditions import Condition, ConditionType, Reason
from hirag_operator.plan.verdict import MESSAGE_LIMIT, Aspect, Verdict, conditions, idle, ready, stalled, working

EARLIER = "2026-01-01T00:00:00Z"
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
FITS = Aspect(ConditionType.PASSAGES_FIT, True, Reason.PASSAGES_FIT, "All fit.")


def written(verdict: Verdict, *aspects: Aspect, previous: Any = ()) -> dict[str, dict[str, Any]]:
    return {found["type"]: found for found in conditions(verdict, aspects, previous, 3, NOW)}


@pytest.mark.parametrize(
    ("verdict", "statuses", "reasons"),
    [
        pytest.param(
            ready("Well."), ("True", "False", "False"), ("Ready", "Settled", "NotStalled"), id="all as declared"
        ),
        pytest.param(
            working(Reason.PODS_NOT_READY, "Soon."),
            ("False", "True", "False"),
            ("PodsNotReady", "PodsNotReady", "NotStalled"),
            id="goes on by itself",
        ),
        pytest.param(
            stalled(Reason.CONFLICT, "Taken."),
            ("False", "False", "True"),
            ("Conflict", "Settled", "Conflict"),
            id="needs a person",
        ),
        pytest.param(
            idle(Reason.PAUSED, "Paused."),
            ("False", "False", "False"),
            ("Paused", "Settled", "NotStalled"),
            id="left alone on purpose",
        ),
        pytest.param(
            ready("Well.", also_working="A rollout."),
            ("True", "True", "False"),
            ("Ready", "Reconciling", "NotStalled"),
            id="serves, and works on",
        ),
    ],
)
def test_a_verdict_is_told_as_kstatus_reads_it(
    verdict: Verdict, statuses: tuple[str, ...], reasons: tuple[str, ...]
) -> None:
    found = [written(verdict)[name] for name in ("Ready", "Reconciling", "Stalled")]
    assert tuple(one["status"] for one in found) == statuses
    assert tuple(one["reason"] for one in found) == reasons


def test_conditions_are_what_the_api_says_they_are() -> None:
    for found in written(ready("Well."), FITS).values():
        assert Condition.model_validate(found, strict=False).observed_generation == 3


def test_a_first_condition_begins_now() -> None:
    assert written(ready("Well."))["Ready"]["lastTransitionTime"] == "2026-01-02T03:04:05Z"


def test_a_condition_that_keeps_its_status_keeps_its_time_whatever_else_changes() -> None:
    previous = conditions(stalled(Reason.CONFLICT, "Taken."), [], [], 2, datetime(2026, 1, 1, tzinfo=UTC))
    found = written(stalled(Reason.WEAVIATE_REFUSED, "Refused."), previous=previous)
    assert found["Ready"]["lastTransitionTime"] == EARLIER
    assert (found["Ready"]["reason"], found["Ready"]["observedGeneration"]) == ("WeaviateRefused", 3)


def test_a_condition_that_turns_begins_anew_and_the_others_do_not() -> None:
    previous = conditions(working(Reason.RECONCILING, "Soon."), [FITS], [], 2, datetime(2026, 1, 1, tzinfo=UTC))
    found = written(ready("Well."), FITS, previous=previous)
    times = {name: one["lastTransitionTime"] for name, one in found.items()}
    now = "2026-01-02T03:04:05Z"
    assert times == {"Ready": now, "Reconciling": now, "Stalled": EARLIER, "PassagesFit": EARLIER}


def test_the_same_verdict_written_twice_is_the_same_word_for_word() -> None:
    before = conditions(ready("Well."), [FITS], [], 3, datetime(2026, 1, 1, tzinfo=UTC))
    assert conditions(ready("Well."), [FITS], before, 3, NOW) == before


def test_a_condition_without_a_time_gets_one() -> None:
    previous = [{"type": "Ready", "status": "True"}]
    assert written(ready("Well."), previous=previous)["Ready"]["lastTransitionTime"] == "2026-01-02T03:04:05Z"


def test_a_message_keeps_to_its_limit() -> None:
    found = written(stalled(Reason.CONFLICT, "x" * 5000))
    assert len(found["Ready"]["message"]) == len(found["Stalled"]["message"]) == MESSAGE_LIMIT


@pytest.mark.parametrize(
    ("verdict", "again"),
    [
        pytest.param(ready("Well."), False, id="ready waits for an event"),
        pytest.param(idle(Reason.PAUSED, "Paused."), False, id="paused waits for an event"),
        pytest.param(working(Reason.RECONCILING, "Soon."), True, id="working looks again"),
        pytest.param(stalled(Reason.CONFLICT, "Taken."), True, id="stalled looks again, for others may have helped"),
    ],
)
def test_a_verdict_says_whether_to_look_again(verdict: Verdict, *, again: bool) -> None:
    assert verdict.needs_retry is again
