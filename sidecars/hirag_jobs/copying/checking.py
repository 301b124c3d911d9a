"""Checking a copy that is followed: whether both sides are alike, and whether the new index finds what it should."""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from hirag_jobs.copying.comparison import Compared, together
from hirag_jobs.copying.following import Follower
from hirag_jobs.copying.notes import Checked
from hirag_jobs.copying.recalling import measure_recall
from hirag_jobs.measure.exact import Queries
from hirag_jobs.measure.health import queue_of
from hirag_jobs.objects.channel import ObjectChannel
from hirag_jobs.objects.part import Part
from hirag_jobs.rest import Rest

_NAMED: Final = 5
_PAUSE_SECONDS: Final = 0.2
_LONGEST_QUEUE_SECONDS: Final = 900.0


@dataclass(frozen=True)
class Check:
    """What is checked before a freeze is heeded. The copy is followed all the while, but for the search itself.

    Args:
        follower: of the copy.
        rest: to the Weaviate that has it.
        channel: to the same.
        target: the target's class as `GET /v1/schema/{class}` gives it.
        began: when this run began, in milliseconds since 1970 by the server's clock.
        portion: which share this is, from 1 on, and of how many.
        sample: queries for the recall; 0 measures none.
        k: nearest neighbours of each.
        questions: makes queries of questions of one's own; None where there are none.
    """

    follower: Follower
    rest: Rest
    channel: ObjectChannel
    target: Mapping[str, Any]
    began: int
    portion: tuple[int, int]
    sample: int
    k: int
    questions: Callable[[], Queries | None] = lambda: None

    def run(self, checked: Checked, part: Part | None) -> None:
        """Tells what comparing came to, and measures the index of a part where this is the first share."""
        telling = self.follower.telling
        telling.told.checked = checked
        telling.tell()
        if self.sample and self.portion[0] == 1 and part is not None:
            telling.told.checked = self._recalled(checked, part)

    def _recalled(self, checked: Checked, part: Part) -> Checked:
        """The same with the recall; waits for the other shares, for an index that is filled is not the one to come."""
        while not self._others_follow():
            self._wait()
        queue = self._await_indexed(part)
        questions = self.questions()
        found = measure_recall(self.channel, self.rest, self.target, part.tenant, self.sample, self.k, questions)
        return checked.model_copy(
            update={
                "recall": found.recall,
                "k": self.k,
                "queries": found.queries,
                "golden": found.golden,
                "questions": found.questions,
                "queue": queue,
                "searched": found.searched,
            }
        )

    def _others_follow(self) -> bool:
        """Whether all other shares have told since this run began that they follow; a dead one's note is older."""
        telling, (_, of) = self.follower.telling, self.portion
        found = [telling.notes.told(telling.target, f"{number}/{of}") for number in range(2, of + 1)]
        return all(told is not None and told.phase == "following" and told.at >= self.began for told in found)

    def _await_indexed(self, part: Part) -> int:
        """How many vectors wait to be indexed: none, unless that took too long."""
        end = time.monotonic() + _LONGEST_QUEUE_SECONDS
        while (queue := queue_of(self.rest, part)) and time.monotonic() < end:
            self._wait()
        return queue

    def _wait(self) -> None:
        self.follower.follow()
        time.sleep(_PAUSE_SECONDS)


def checked(found: Iterable[tuple[str, Compared]]) -> Checked:
    """What comparing some parts came to in all, each with its name, which is empty where there is but one."""
    parts = list(found)
    unlike = [f"{name}{'/' if name else ''}{one} ({how})" for name, each in parts for one, how in each.unlike]
    return Checked(
        equal=sum(each.equal for _, each in parts),
        unlike=len(unlike),
        checksum=together(each.checksum for _, each in parts),
        named=unlike[:_NAMED],
    )
