"""A follower that was told of a freeze to come: no long pass of its holds the freeze up."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from uuid import uuid4

import pytest

from e2e.cluster.namespace import eventually
from e2e.cluster.weaviate import WeaviateServer
from hirag_jobs.copying.following import Follower
from hirag_jobs.copying.notes import Freeze, Known, Notes, Told
from hirag_jobs.copying.tail import Seal
from hirag_jobs.copying.telling import Telling
from hirag_jobs.objects.channel import ObjectChannel
from hirag_jobs.objects.part import Part
from hirag_jobs.rest import Rest

SHORT_SECONDS, LONG_SECONDS = 0.0, 0.3
ANNOUNCED = "of the freeze to come"
FROZEN = Freeze(token=uuid4().hex, budget_ms=1_000)


@dataclass
class Followed:
    """Stands in for a part on a server that has no time left: what it does takes as long as it is told to.

    Args:
        seconds: how long passes take, one after another, and all that come behind as long as the last of these.
        at_pass: called at the end of each, with its number.
        done: what was done, in its order.
    """

    seconds: Sequence[float]
    at_pass: Callable[[int], object] = lambda _: None
    done: list[str] = field(default_factory=list)
    carried: int = 0
    written: int = 0

    def carry(self) -> int:
        time.sleep(self.seconds[min(self.passes, len(self.seconds) - 1)])  # the double of a server that takes so long
        self.done.append("carry")
        self.at_pass(self.passes)
        return 0

    @property
    def passes(self) -> int:
        return self.done.count("carry")

    def keep_up(self) -> None:
        self.done.append("keep up")

    def sweep_before(self) -> None:
        self.done.append("sweep before")

    def mend(self, since: int) -> None:
        raise AssertionError(f"nothing stumbled since {since}")

    def seal(self, budget_ms: int) -> Seal:
        self.done.append(f"seal within {budget_ms}")
        return Seal(0, 0, behind=False)

    def sweep_behind(self, sealed_at: int) -> object:
        raise AssertionError(f"nothing was left at {sealed_at}")

    def close(self, sealed_at: int) -> int:
        raise AssertionError(f"sealed at {sealed_at}, not over")

    def finish(self, sealed_at: int) -> int:
        raise AssertionError(f"sealed at {sealed_at}, not over")

    def known(self) -> Known:
        return Known()

    def remember(self, known: Known, caught_up_to: int) -> None:
        raise AssertionError(f"nothing was known: {known} {caught_up_to}")

    def holds_all(self) -> bool:
        return True


@dataclass
class Scene:
    """A share of a target of its own, and the notes on it."""

    notes: Notes
    target: Part

    def follower(self, followed: Followed) -> Follower:
        telling = Telling(self.notes, self.target, "1/1")
        follower = Follower(followed, frozenset({"Source"}), telling, followed, lambda: 0)
        follower.begin(None, 0)
        return follower

    def ready(self, followed: Followed) -> Follower:
        """One that has said that it is ready."""
        follower = self.follower(followed)
        self.announce()
        eventually(follower.turn, lambda _: self.told.ready == ANNOUNCED)
        return follower

    def announce(self) -> None:
        self.note(Freeze(freezing=True, announced=ANNOUNCED))

    def note(self, freeze: Freeze) -> None:
        self.notes.freeze(self.target, freeze)

    @property
    def told(self) -> Told:
        told = self.notes.told(self.target, "1/1")
        assert told is not None
        return told


@pytest.fixture
def scene(weaviate_server: WeaviateServer, channel: ObjectChannel) -> Iterator[Scene]:
    with Rest(weaviate_server.http_url, None) as rest:
        notes = Notes(rest, channel)
        notes.prepare()
        yield Scene(notes, Part(f"Getting_Ready_{uuid4().hex}"))


def test_where_passes_are_short_one_is_enough_to_be_ready_and_they_go_on_until_the_freeze_is_there(
    scene: Scene,
) -> None:
    followed = Followed([SHORT_SECONDS])
    follower = scene.ready(followed)
    assert followed.done == ["sweep before", "carry"]
    for _ in range(3):
        assert follower.turn()
    assert followed.done == ["sweep before", *["carry"] * 4]


def test_where_passes_are_long_none_is_under_way_when_the_freeze_comes(scene: Scene) -> None:
    followed = Followed([LONG_SECONDS])
    follower = scene.ready(followed)
    before = [*followed.done]
    for _ in range(2):
        assert follower.turn()
    assert followed.done == before
    scene.note(FROZEN)
    assert follower.turn()
    assert followed.done == [*before, "carry", f"seal within {FROZEN.budget_ms}"]
    assert scene.told.sealed == FROZEN.token


def test_where_the_first_pass_has_much_to_carry_it_is_not_ready_behind_it(scene: Scene) -> None:
    followed = Followed([LONG_SECONDS, SHORT_SECONDS])
    follower = scene.follower(followed)
    scene.announce()
    assert follower.turn()
    assert (followed.done, scene.told.ready) == (["sweep before", "carry"], "")
    assert follower.turn()
    assert (followed.done, scene.told.ready) == (["sweep before", "carry", "carry"], ANNOUNCED)


def test_where_the_freeze_does_not_come_it_is_carried_on(scene: Scene) -> None:
    followed = Followed([LONG_SECONDS])
    follower = scene.ready(followed)
    before = followed.passes
    eventually(follower.turn, lambda _: followed.passes > before)
    assert followed.done[-1] == "carry"


def test_where_the_freeze_is_given_up_it_keeps_up_again(scene: Scene) -> None:
    followed = Followed([LONG_SECONDS])
    follower = scene.ready(followed)
    before = followed.passes
    scene.note(Freeze())
    eventually(follower.turn, lambda _: followed.passes > before)
    assert followed.done[-2:] == ["carry", "keep up"]


def test_a_freeze_that_comes_before_it_is_ready_is_sealed_by_the_next_turn(scene: Scene) -> None:
    followed = Followed([LONG_SECONDS], lambda number: scene.note(FROZEN) if number == 1 else None)
    follower = scene.follower(followed)
    scene.announce()
    eventually(follower.turn, lambda _: scene.told.sealed == FROZEN.token)
    assert scene.told.ready == ""
    assert followed.done == ["sweep before", *["carry"] * 2, f"seal within {FROZEN.budget_ms}"]
