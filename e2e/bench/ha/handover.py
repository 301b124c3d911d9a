"""Leaders that are lost in a stream of changes: until the Lease is another's, and until the other makes a change."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from e2e.cluster.acts import terms, unlawful
from e2e.cluster.replicas import Replica
from e2e.cluster.stage import Stage

Loss = Literal["kill -9", "SIGTERM", "SIGSTOP"]

_LOSE: dict[Loss, Callable[[Replica], float]] = {
    "kill -9": Replica.kill,
    "SIGTERM": Replica.ask_to_end,
    "SIGSTOP": Replica.pause,
}


@dataclass(frozen=True)
class HandOver:
    """Seconds from the loss until the other's name is in the Lease, and until its first change reaches a server."""

    taken: float
    acted: float


def hand_over(stage: Stage, loss: Loss) -> HandOver:
    """Lose the leader, wait until the other acts, and have a replica at hand again."""
    leader, heir = stage.await_leader(), stage.standby()
    at = _LOSE[loss](leader)
    taken = stage.await_word(heir.name, at).at
    acted = stage.await_act(heir.name, taken).at
    if loss == "SIGSTOP":
        leader.resume()
    else:
        leader.end()
        leader.start()
    return HandOver(taken - at, acted - at)


def acted_without_a_lease(stage: Stage) -> int:
    """Return how many changes arrived at a server from a process that did not hold the Lease."""
    found = unlawful(stage.acts(), terms(stage.audit.words(), stage.lease_seconds))
    for one in found:
        print(f"    {one}", flush=True)
    return len(found)
