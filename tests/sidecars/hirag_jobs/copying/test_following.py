"""A swap under traffic on the real Weaviate: every acknowledged write is there afterwards, none deleted comes back."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from weaviate.classes.config import DataType, Property

from e2e.cluster.namespace import eventually
from e2e.cluster.weaviate import WeaviateServer
from hirag_jobs.objects.channel import ObjectChannel
from tests.sidecars.hirag_jobs.copying.copies import Copies
from tests.sidecars.hirag_jobs.copying.swaps import assert_nothing_lost, swap_of

NUMBER = Property(name="chunkIndex", data_type=DataType.INT)
KEPT_BUDGET_MS, NO_BUDGET_MS = 2_000, 0


@pytest.mark.parametrize("budget_ms", [KEPT_BUDGET_MS, NO_BUDGET_MS], ids=["in the freeze", "behind the swap"])
def test_a_swap_under_writers_and_readers_loses_nothing_and_brings_nothing_back(
    weaviate_server: WeaviateServer, copies: Copies, channel: ObjectChannel, budget_ms: int
) -> None:
    with copies(properties=[NUMBER]) as copy, swap_of(weaviate_server, copy, channel) as swap:
        untouched = copy.fill(2_000)
        with swap.traffic() as traffic, swap.followed() as swapper:
            eventually(lambda: traffic.written, lambda count: count > 300)
            done = swapper.cut_over(swap.alias, swap.source, swap.target, budget_ms=budget_ms)
            at = traffic.written
            eventually(lambda: traffic.written, lambda count: count > at + 100)
        assert_nothing_lost(traffic, swap, untouched)
        assert done.sealed.left == (0 if budget_ms else done.sealed.missed)
        told = swap.await_told(lambda told: bool(told.left_ms) == bool(told.left))
        assert told.left == done.sealed.left
        assert traffic.ledger.refused > 0, "some writes met the freeze"


def test_one_tenant_of_a_pool_is_swapped_and_its_neighbour_is_written_to_all_the_while(
    weaviate_server: WeaviateServer, copies: Copies, channel: ObjectChannel
) -> None:
    with (
        copies(tenants=("mine", "yours"), properties=[NUMBER]) as copy,
        swap_of(weaviate_server, copy, channel, "mine") as swap,
        swap_of(weaviate_server, copy, channel, "yours") as other,
        other.traffic() as neighbour,
    ):
        untouched = copy.fill(500, "mine")
        with swap.traffic() as traffic, swap.followed() as swapper:
            eventually(lambda: traffic.written, lambda count: count > 200)
            before = neighbour.written
            swapper.cut_over(swap.alias, swap.source, swap.target, budget_ms=KEPT_BUDGET_MS)
            eventually(lambda: neighbour.written, lambda count: count > before)
        assert_nothing_lost(traffic, swap, untouched)
    assert (neighbour.ledger.refused, neighbour.ledger.troubles) == (0, [])


@pytest.mark.parametrize("moved", [False, True], ids=["before the alias is moved", "after the alias is moved"])
def test_a_program_that_dies_behind_its_seal_takes_up_what_is_left_and_touches_nothing_of_others(
    weaviate_server: WeaviateServer, copies: Copies, channel: ObjectChannel, *, moved: bool
) -> None:
    """What clients write to the target from then on is not the copy's to sweep."""
    with copies(properties=[NUMBER]) as copy, swap_of(weaviate_server, copy, channel) as swap:
        untouched = copy.fill(500)
        with swap.traffic() as traffic, swap.swapper() as swapper:
            with swap.follower() as first:
                swap.await_caught_up()
                eventually(lambda: traffic.written, lambda count: count > 100)
                freeze = swapper.freeze(swap.source, swap.target, KEPT_BUDGET_MS)
                swapper.sealed(swap.target, freeze)
                first.kill()
            if moved:
                swapper.move(swap.alias, swap.source, swap.target)
                at = traffic.written
                eventually(lambda: traffic.written, lambda count: count > at + 50)
            with swap.follower() as second:
                if not moved:
                    swapper.move(swap.alias, swap.source, swap.target)
                at = traffic.written
                eventually(lambda: traffic.written, lambda count: count > at + 50)
                swapper.finish(swap.target, freeze)
                assert second.wait(60) == 0
        assert_nothing_lost(traffic, swap, untouched)


def test_a_program_that_is_told_of_a_freeze_to_come_has_removed_what_was_deleted_when_it_is_ready(
    weaviate_server: WeaviateServer, copies: Copies, channel: ObjectChannel
) -> None:
    with copies(properties=[NUMBER]) as copy, swap_of(weaviate_server, copy, channel) as swap:
        gone, *kept = copy.fill(500)
        with swap.followed() as swapper:
            for _ in range(2):  # one that was given up, and another
                swapper.announce(swap.target)
                ready = swap.await_told(lambda told: bool(told.ready)).ready
                swapper.thaw(swap.source, swap.target)
            copy.source.data.delete_by_id(gone)
            swapper.announce(swap.target)
            assert swap.await_told(lambda told: bool(told.ready)).ready != ready
            assert set(copy.sides()[1]) == set(kept)
            freeze = swapper.freeze(swap.source, swap.target, NO_BUDGET_MS)
            assert swapper.sealed(swap.target, freeze).missed == 0
            swapper.move(swap.alias, swap.source, swap.target)
            swapper.finish(swap.target, freeze)


def test_a_freeze_that_was_opened_again_is_followed_on_and_sealed_anew(
    weaviate_server: WeaviateServer, copies: Copies, channel: ObjectChannel
) -> None:
    with copies(properties=[NUMBER]) as copy, swap_of(weaviate_server, copy, channel) as swap:
        untouched = copy.fill(500)
        with swap.traffic() as traffic, swap.followed() as swapper:
            freeze = swapper.freeze(swap.source, swap.target, KEPT_BUDGET_MS)
            swapper.sealed(swap.target, freeze)
            swapper.thaw(swap.source, swap.target)
            at = traffic.written
            eventually(lambda: traffic.written, lambda count: count > at + 100)
            swapper.cut_over(swap.alias, swap.source, swap.target, budget_ms=KEPT_BUDGET_MS)
        assert_nothing_lost(traffic, swap, untouched)


@pytest.mark.parametrize("since", [False, True], ids=["as from the beginning", "since the seal"])
def test_going_back_is_the_same_the_other_way_round_and_keeps_what_was_written_since(
    weaviate_server: WeaviateServer, copies: Copies, channel: ObjectChannel, *, since: bool
) -> None:
    with copies(properties=[NUMBER]) as copy, swap_of(weaviate_server, copy, channel) as swap:
        untouched = copy.fill(800)
        with swap.traffic() as traffic:
            with swap.followed() as swapper:
                done = swapper.cut_over(swap.alias, swap.source, swap.target, budget_ms=KEPT_BUDGET_MS)
                at = traffic.written
                eventually(lambda: traffic.written, lambda count: count > at + 100)
            with swap.swapper() as swapper:
                swapper.thaw(swap.source, swap.target)
            swap.source, swap.target = swap.target, swap.source
            sealed = datetime.fromtimestamp(done.sealed.sealed_at / 1000, UTC).isoformat()
            with swap.followed(*(["--since", sealed] if since else [])) as swapper:
                checked = swap.await_caught_up().checked
                assert checked is not None
                assert checked.unlike == 0
                swapper.cut_over(swap.alias, swap.source, swap.target, budget_ms=KEPT_BUDGET_MS)
                at = traffic.written
                eventually(lambda: traffic.written, lambda count: count > at + 100)
        assert_nothing_lost(traffic, swap, untouched)


def test_nothing_is_copied_into_what_clients_reach_already(
    weaviate_server: WeaviateServer, copies: Copies, channel: ObjectChannel
) -> None:
    with copies(properties=[NUMBER]) as copy, swap_of(weaviate_server, copy, channel) as swap:
        ids = copy.fill(3)
        copy.client.alias.update(alias_name=swap.alias, new_target_collection=copy.target.name)
        copy.target.data.insert({"text": "a client's"}, uuid=UUID(int=1))
        with swap.follower() as process:
            assert process.wait(60) == 2
        assert {*copy.sides()[1]} == {UUID(int=1)}
        assert {*copy.sides()[0]} == {*ids}
