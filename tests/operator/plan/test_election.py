"""Who may act, as a table of moments, and under any order of looks, writes, losses and pauses."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from hirag_operator.plan.election import (
    MOST_SECONDS,
    Record,
    Sighting,
    Take,
    Wait,
    decide,
    held_until,
    lease_manifest,
    read_record,
    released,
    sighted,
)

AT: Final = datetime(2026, 5, 4, 3, 2, 1, 123456, tzinfo=UTC)
STAMP: Final = "2026-05-04T03:02:01.123456Z"
SECONDS: Final = 10
BEFORE: Final = "2026-05-04T00:00:00.000000Z"
THEIRS: Final = Record("b", SECONDS, BEFORE, BEFORE, 4)
OURS: Final = replace(THEIRS, holder="a")
NEW: Final = Record("a", SECONDS, STAMP, STAMP, 5)


@pytest.mark.parametrize(
    ("seen", "comes_to"),
    [
        pytest.param(None, Take(Record("a", SECONDS, STAMP, STAMP, 0), None), id="there is none: it is made"),
        pytest.param(Sighting(OURS, "7", 0.0), Take(replace(OURS, renewed=STAMP), "7"), id="ours is renewed"),
        pytest.param(
            Sighting(replace(OURS, seconds=60), "7", 0.0),
            Take(replace(OURS, renewed=STAMP), "7"),
            id="ours takes up the present length",
        ),
        pytest.param(Sighting(THEIRS, "7", 95.0), Wait("b", 105.0), id="theirs is waited for"),
        pytest.param(Sighting(THEIRS, "7", 90.1), Wait("b", 100.1), id="until its very end"),
        pytest.param(Sighting(THEIRS, "7", 90.0), Take(NEW, "7"), id="theirs that ran out is taken"),
        pytest.param(
            Sighting(replace(THEIRS, seconds=30), "7", 80.0), Wait("b", 110.0), id="their longer lease is theirs"
        ),
        pytest.param(
            Sighting(replace(THEIRS, seconds=2), "7", 95.0), Wait("b", 105.0), id="their shorter one is not believed"
        ),
        pytest.param(
            Sighting(replace(THEIRS, seconds=10**9), "7", 99.0),
            Wait("b", 99.0 + MOST_SECONDS),
            id="no record blocks for ever",
        ),
        pytest.param(Sighting(replace(THEIRS, holder=""), "7", 99.9), Take(NEW, "7"), id="a free one is taken at once"),
    ],
)
def test_what_a_candidate_does_about_what_it_sees(seen: Sighting | None, comes_to: Wait | Take) -> None:
    assert decide(seen, "a", SECONDS, 100.0, AT) == comes_to


def test_a_record_stands_since_it_was_first_seen_whatever_else_of_the_lease_changes() -> None:
    first = sighted(None, THEIRS, "7", 10.0)
    again = sighted(first, THEIRS, "8", 14.0)
    assert again == Sighting(THEIRS, "8", 10.0)
    assert sighted(again, replace(THEIRS, renewed=STAMP), "9", 15.0).since == 15.0


def test_what_is_left_behind_is_free_at_once_and_keeps_count() -> None:
    left = released(OURS, AT)
    assert left == Record("", 1, STAMP, STAMP, 4)
    assert isinstance(decide(Sighting(left, "7", 100.0), "c", SECONDS, 100.0, AT), Take)


def test_a_record_is_read_as_it_was_written() -> None:
    lease = lease_manifest("system", "hirag", Take(NEW, "7"))
    assert read_record(lease) == NEW
    assert lease["metadata"] == {"namespace": "system", "name": "hirag", "resourceVersion": "7"}
    assert "resourceVersion" not in lease_manifest("system", "hirag", Take(NEW, None))["metadata"]


def test_a_lease_without_a_spec_is_free() -> None:
    assert read_record({"metadata": {}}).holder == ""


@dataclass
class Standing:
    """A candidate: what it knows, what it has sent, and until when its fence is open, by a clock of its own."""

    name: str
    rate: float
    seen: Sighting | None = None
    until: float = float("-inf")
    sent: tuple[Take, float] | None = None
    taken: str = ""  # the version that the server gave it


class Rules(RuleBasedStateMachine):
    """Three candidates whose clocks run at different rates, and a server that takes writes of the version it has.

    Between any two things that happen any time may pass, which is what a pause, a slow network and a slow server are.
    """

    def __init__(self) -> None:
        super().__init__()
        self.now = 1000.0
        self.record: Record | None = None
        self.version = 0
        self.standing = [Standing("a", 1.0), Standing("b", 1.1), Standing("c", 0.9)]

    def clock(self, one: Standing) -> float:
        return self.now * one.rate

    @rule(seconds=st.sampled_from([0.5, 2.0, 3.0, 6.0, 9.0, 11.0, 100.0]))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds

    @rule(who=st.integers(0, 2))
    def looks(self, who: int) -> None:
        one = self.standing[who]
        now = self.clock(one)
        one.seen = None if self.record is None else sighted(one.seen, self.record, str(self.version), now)

    @precondition(lambda self: any(one.sent is None for one in self.standing))
    @rule(data=st.data())
    def decides(self, data: st.DataObject) -> None:
        one = data.draw(st.sampled_from([one for one in self.standing if one.sent is None]), "who")
        now = self.clock(one)
        choice = decide(one.seen, one.name, SECONDS, now, datetime.fromtimestamp(self.now, UTC))
        if isinstance(choice, Take):
            one.sent, one.taken = (choice, now), ""
        else:
            one.until = float("-inf")

    @precondition(lambda self: any(one.sent for one in self.standing))
    @rule(data=st.data())
    def reaches_the_server(self, data: st.DataObject) -> None:
        one = data.draw(st.sampled_from([one for one in self.standing if one.sent]), "whose")
        take, _ = one.sent or (None, 0.0)
        expected = None if self.record is None else str(self.version)
        if take is not None and not one.taken and take.version == expected:
            self.record, self.version = take.record, self.version + 1
            one.taken = str(self.version)

    @precondition(lambda self: any(one.sent for one in self.standing))
    @rule(data=st.data(), lost=st.booleans())
    def is_answered(self, data: st.DataObject, *, lost: bool) -> None:
        one = data.draw(st.sampled_from([one for one in self.standing if one.sent]), "whose")
        take, sent = one.sent or (None, 0.0)
        if take is not None and one.taken and not lost:
            one.seen = sighted(one.seen, take.record, one.taken, self.clock(one))
            one.until = held_until(sent, SECONDS)
        one.sent = None

    @precondition(lambda self: any(one.until > self.clock(one) for one in self.standing))
    @rule(data=st.data())
    def resigns(self, data: st.DataObject) -> None:
        leaders = [one for one in self.standing if one.until > self.clock(one)]
        one = data.draw(st.sampled_from(leaders), "who")
        one.until = float("-inf")
        if self.record is not None and one.seen is not None and one.seen.version == str(self.version):
            self.record, self.version = released(self.record, AT), self.version + 1

    @invariant()
    def at_most_one_acts(self) -> None:
        acting = [one.name for one in self.standing if one.until > self.clock(one)]
        assert len(acting) <= 1, acting

    def teardown(self) -> None:
        """However it went, when all is quiet again somebody comes to lead."""
        self.now += 2 * MOST_SECONDS
        one = self.standing[0]
        for _ in range(2):  # the first look may be the one that sees the record's last change
            now = self.clock(one)
            one.seen = None if self.record is None else sighted(one.seen, self.record, str(self.version), now)
            self.now += 2 * MOST_SECONDS
        assert isinstance(decide(one.seen, one.name, SECONDS, self.clock(one), AT), Take)


TestAnyOrder = Rules.TestCase
