"""Both levels of one collection are carried by one change, each under writers of its own."""

import copy
from collections.abc import Callable

from tests.operator.reconcile.migration.scene import Scene

FILLED = 500


def short_term_of(scene: Scene) -> Scene:
    """The same collection, seen by its other level."""
    other = copy.copy(scene)
    address = scene.status["address"]["shortTerm"]
    other.alias, other.first = str(address["alias"]), str(address["collection"])
    return other


def test_a_policy_of_both_levels_has_both_carried_and_neither_loses_a_write(scenes: Callable[..., Scene]) -> None:
    policy = {"indexPolicyRef": {"name": "books-1"}}
    long = scenes(levels={"shortTerm": policy, "longTerm": policy})
    short = short_term_of(long)
    assert short.first != long.first
    for seed, level in enumerate((short, long)):
        level.fill(FILLED, seed)
    with short.traffic(60) as of_short, long.traffic(60) as of_long:
        long.apply({"hnsw": {"efConstruction": 80}})
        for level in (short, long):
            level.await_index(80)
    for level, traffic in ((short, of_short), (long, of_long)):
        assert level.collections() == [level.target()] != [level.first]
        level.require_well(traffic, FILLED)
    assert long.jobs() == []
