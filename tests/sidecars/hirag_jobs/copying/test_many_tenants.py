"""All tenants of a collection are swapped at once: those in use, those asleep, and those that come and go."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import pytest
from weaviate.classes.config import DataType, Property
from weaviate.classes.tenants import Tenant, TenantActivityStatus

from e2e.cluster.namespace import eventually
from e2e.cluster.weaviate import WeaviateServer
from hirag_jobs.copying.onetenant import OneTenant
from hirag_jobs.copying.passes import Caught, backfill
from hirag_jobs.copying.report import PartReport
from hirag_jobs.copying.tail import Tail
from hirag_jobs.objects.channel import ObjectChannel
from hirag_jobs.rest import Rest
from hirag_kit.errors import ConfigurationError
from tests.sidecars.hirag_jobs.copying.copies import Copies, Copy
from tests.sidecars.hirag_jobs.copying.swaps import Swap, assert_nothing_lost, swap_of

NUMBER = Property(name="chunkIndex", data_type=DataType.INT)
BUDGET_MS = 2_000
ACTIVE, INACTIVE = TenantActivityStatus.ACTIVE, TenantActivityStatus.INACTIVE


@pytest.fixture
def swap(weaviate_server: WeaviateServer, copies: Copies, channel: ObjectChannel) -> Iterator[Swap]:
    with (
        _of("busy", "quiet", "sleeper", "other", copies=copies) as copy,
        swap_of(weaviate_server, copy, channel) as swap,
    ):
        yield swap


def test_all_are_there_afterwards_as_awake_as_they_were(swap: Swap) -> None:
    filled = {name: set(swap.copy.fill(100 * number, name)) for number, name in enumerate(_names(swap), start=1)}
    _set(swap, "sleeper", INACTIVE)
    _set(swap, "other", INACTIVE)
    with swap.traffic(tenant="busy") as traffic, swap.followed("--sample", "10") as swapper:
        eventually(lambda: traffic.written, lambda count: count > 100)
        told = swap.await_caught_up()
        swapper.cut_over(swap.alias, swap.source, swap.target, budget_ms=BUDGET_MS)
        at = traffic.written
        eventually(lambda: traffic.written, lambda count: count > at + 50)
    assert (told.tenants, told.tenants_done, told.error) == (4, 4, "")
    assert told.checked is not None
    assert (told.checked.unlike, told.checked.recall) == (0, 1.0)
    assert _states(swap, "target") == {"busy": "ACTIVE", "quiet": "ACTIVE", "sleeper": "INACTIVE", "other": "INACTIVE"}
    assert _states(swap, "source") == _states(swap, "target")
    assert_nothing_lost(traffic, swap, list(filled.pop("busy")), "busy")
    for name, ids in filled.items():
        assert _ids(swap, name) == ids


def test_tenants_come_go_wake_and_fall_asleep_while_they_are_followed(swap: Swap) -> None:
    for name in _names(swap):
        swap.copy.fill(20, name)
    _set(swap, "sleeper", INACTIVE)
    with swap.followed() as swapper:
        swap.copy.source.tenants.create(Tenant(name="newborn"))
        born = swap.copy.fill(30, "newborn", 1000)
        swap.copy.source.tenants.remove("other")
        _set(swap, "sleeper", ACTIVE)
        woken = swap.copy.fill(10, "sleeper", 2000)
        swap.copy.source.with_tenant("quiet").data.delete_by_id(gone := next(iter(_source_ids(swap, "quiet"))))
        _set(swap, "quiet", INACTIVE)
        wanted = {"busy": "ACTIVE", "quiet": "INACTIVE", "sleeper": "ACTIVE", "newborn": "ACTIVE"}
        eventually(lambda: _states(swap, "target"), lambda found: found == wanted)
        _set(swap, "sleeper", INACTIVE)
        swapper.cut_over(swap.alias, swap.source, swap.target, budget_ms=BUDGET_MS)
    assert _states(swap, "target") == {**wanted, "sleeper": "INACTIVE"}
    assert _ids(swap, "newborn") == set(born)
    assert len(_ids(swap, "sleeper")) == 30
    assert set(woken) <= _ids(swap, "sleeper")
    assert (len(_ids(swap, "quiet")), gone in _ids(swap, "quiet")) == (19, False)


def test_what_a_tenant_was_given_between_two_looks_is_carried_behind_the_swap(swap: Swap) -> None:
    """A tenant is woken, written to and put to sleep again where no look falls in between: the program is dead then."""
    for name in _names(swap):
        swap.copy.fill(20, name)
    _set(swap, "sleeper", INACTIVE)
    with swap.swapper() as swapper:
        with swap.follower() as first:
            swap.await_caught_up()
            freeze = swapper.freeze(swap.source, swap.target, BUDGET_MS)
            swapper.sealed(swap.target, freeze)
            first.kill()
        _set(swap, "sleeper", ACTIVE)
        late = swap.copy.fill(5, "sleeper", 3000)
        gone = next(iter(_source_ids(swap, "sleeper") - set(late)))
        swap.copy.source.with_tenant("sleeper").data.delete_by_id(gone)
        _set(swap, "sleeper", INACTIVE)
        swap.copy.source.tenants.create(Tenant(name="newborn"))
        born = swap.copy.fill(5, "newborn", 4000)
        swap.copy.client.alias.update(alias_name=swap.alias, new_target_collection=swap.target.collection)
        swapper.finish(swap.target, freeze.model_copy(update={"source": swap.source.collection}))
        with swap.follower() as second:
            assert second.wait(60) == 0
    assert set(late) <= _ids(swap, "sleeper")
    assert gone not in _ids(swap, "sleeper")
    assert _ids(swap, "newborn") == set(born)
    assert _states(swap, "target")["sleeper"] == "INACTIVE"


def test_shares_part_the_tenants_and_a_second_run_goes_on(swap: Swap) -> None:
    for name in _names(swap):
        swap.copy.fill(20, name)
    with swap.follower("--shares", "2", "--index", "0") as first:
        told = swap.await_told(lambda told: told.phase == "following", "1/2")
        first.kill()
    swap.copy.target.tenants.create(Tenant(name="leftover"))
    with swap.follower("--shares", "2", "--index", "0"), swap.follower("--shares", "2", "--index", "1"):
        again = swap.await_told(lambda new: new.phase == "following" and new.at > told.at, "1/2")
        other = swap.await_told(lambda new: new.phase == "following", "2/2")
    assert again.tenants_done == told.tenants_done
    assert again.tenants_done + other.tenants_done == 4
    assert _states(swap, "target").keys() == set(_names(swap))


def test_a_source_that_is_deleted_takes_no_tenant_of_the_copy_along(swap: Swap) -> None:
    swap.copy.fill(20, "busy")
    with swap.follower() as process:
        swap.await_caught_up()
        swap.copy.client.alias.update(alias_name=swap.alias, new_target_collection=swap.target.collection)
        swap.copy.client.collections.delete(swap.source.collection)
        assert process.wait(60) != 0
    assert "no collection" in swap.await_told(lambda told: bool(told.error)).error
    assert len(_ids(swap, "busy")) == 20


def test_a_tenant_that_its_owner_removes_behind_the_seal_ends_nothing(
    weaviate_server: WeaviateServer, copies: Copies
) -> None:
    with copies(tenants=("one",)) as copy, Rest(weaviate_server.http_url, None) as rest:
        copy.fill(5, "one")
        way, now = copy.way("one"), rest.now()
        list(backfill(way))
        one = OneTenant(Tail(way, rest, PartReport(tenant="one"), now, filtered=True, before=Caught(0, {}, now)))
        copy.source.tenants.remove("one")
        one.sweep_behind(now)
        assert (one.close(now), one.look_again(now)) == (0, 0)
        assert len(copy.target.with_tenant("one")) == 5


def test_a_source_that_goes_in_the_middle_of_it_is_named_and_no_tenant_taken_for_deleted(
    weaviate_server: WeaviateServer, copies: Copies
) -> None:
    with copies(tenants=("one",)) as copy, Rest(weaviate_server.http_url, None) as rest:
        way, now = copy.way("one"), rest.now()
        one = OneTenant(Tail(way, rest, PartReport(tenant="one"), now, filtered=True, before=Caught(0, {}, now)))
        copy.client.collections.delete(copy.source.name)
        with pytest.raises(ConfigurationError, match=f"no collection {copy.source.name}"):
            one.keep_up()


@contextmanager
def _of(*tenants: str, copies: Copies) -> Iterator[Copy]:
    with copies(tenants=tenants, properties=[NUMBER], both=False) as copy:
        yield copy


def _names(swap: Swap) -> list[str]:
    return sorted(swap.copy.source.tenants.get())


def _set(swap: Swap, name: str, status: TenantActivityStatus) -> None:
    swap.copy.source.tenants.update(Tenant(name=name, activity_status=status))


def _states(swap: Swap, side: str) -> dict[str, str]:
    collection = swap.copy.source if side == "source" else swap.copy.target
    return {name: tenant.activity_status.value for name, tenant in collection.tenants.get().items()}


def _source_ids(swap: Swap, name: str) -> set[UUID]:
    return {one.uuid for one in swap.copy.source.with_tenant(name).iterator()}


def _ids(swap: Swap, name: str) -> set[UUID]:
    """What the target holds of a tenant, which is woken for it if need be and put back."""
    target, state = swap.copy.target, swap.copy.target.tenants.get()[name].activity_status
    target.tenants.update(Tenant(name=name, activity_status=ACTIVE))
    found = {one.uuid for one in target.with_tenant(name).iterator()}
    target.tenants.update(Tenant(name=name, activity_status=state))
    return found
