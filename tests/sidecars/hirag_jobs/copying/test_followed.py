"""What the program tells whoever runs it as a Job: progress, the comparison, recall, and why it ended."""

import signal
from contextlib import ExitStack

import pytest
from weaviate.classes.config import DataType, Property

from e2e.cluster.namespace import eventually
from e2e.cluster.weaviate import WeaviateServer
from hirag_jobs.copying.notes import Freeze, Told
from hirag_jobs.objects.channel import ObjectChannel
from hirag_kit.interruption import INTERRUPTED
from tests.sidecars.hirag_jobs.copying.copies import Copies
from tests.sidecars.hirag_jobs.copying.swaps import assert_nothing_lost, swap_of

NUMBER = Property(name="chunkIndex", data_type=DataType.INT)
SHARES = ("1/2", "2/2")
EARLIER = "of an earlier freeze"


def test_an_indexed_job_compares_measures_and_swaps_under_writers(
    weaviate_server: WeaviateServer, copies: Copies, channel: ObjectChannel
) -> None:
    with copies(properties=[NUMBER]) as copy, swap_of(weaviate_server, copy, channel) as swap, ExitStack() as stack:
        untouched = copy.fill(2_000)
        with swap.traffic() as traffic, swap.swapper() as swapper:
            eventually(lambda: traffic.written, lambda count: count > 100)
            environment = {"HIRAG_JOBS_SHARES": "2", "HIRAG_JOBS_FOLLOW": "true", "HIRAG_JOBS_SAMPLE": "20"}
            programs = [
                stack.enter_context(swap.follower(environment=environment | {"HIRAG_JOBS_INDEX": index}))
                for index in ("0", "1")
            ]
            first, second = (swap.await_told(lambda told: told.phase == "following", share) for share in SHARES)
            eventually(lambda: traffic.written, lambda count: count > 400)
            freeze = swapper.freeze(swap.source, swap.target, 2_000)
            for share in SHARES:
                swapper.sealed(swap.target, freeze, share=share)
            swapper.move(swap.alias, swap.source, swap.target)
            swapper.finish(swap.target, freeze)
            assert [program.wait(60) for program in programs] == [0, 0]
        assert_nothing_lost(traffic, swap, untouched)
    assert first.checked is not None
    assert second.checked is not None
    assert (first.checked.unlike, second.checked.unlike) == (0, 0)
    assert first.checked.equal + second.checked.equal >= 2_000
    assert (first.checked.recall, first.checked.k, first.checked.queries) == (1.0, 10, 20)
    assert (first.checked.queue, first.checked.searched) == (0, "flat")
    assert second.checked.recall is None
    assert (first.done, second.done) == (first.total, second.total)


def test_progress_is_told_while_it_copies_and_what_an_earlier_run_has_carried_counts(
    weaviate_server: WeaviateServer, copies: Copies, channel: ObjectChannel
) -> None:
    with copies() as copy, swap_of(weaviate_server, copy, channel) as swap:
        copy.fill(4_000)
        with swap.follower("--rate", "500") as process:
            told = swap.await_told(lambda told: told.done > 1_000)
            assert (told.phase, told.total, told.carried) == ("copying", 4_000, told.done)
            assert 0 < told.rate < 1_500
            process.send_signal(signal.SIGTERM)
            assert process.wait(10) == INTERRUPTED
        with swap.follower("--rate", "500"):
            again = swap.await_told(lambda told: told.carried < 1_000)
            assert again.done >= told.done
            process.kill()


def test_a_program_that_is_told_to_end_while_it_follows_ends_at_once(
    weaviate_server: WeaviateServer, copies: Copies, channel: ObjectChannel
) -> None:
    with copies() as copy, swap_of(weaviate_server, copy, channel) as swap:
        copy.fill(100)
        with swap.follower() as process:
            swap.await_caught_up()
            process.send_signal(signal.SIGTERM)
            assert process.wait(5) == INTERRUPTED
        assert len(copy.target) == 100


def test_why_a_run_ended_is_told_and_forgotten_by_the_next(
    weaviate_server: WeaviateServer, copies: Copies, channel: ObjectChannel
) -> None:
    with copies() as copy, swap_of(weaviate_server, copy, channel) as swap:
        copy.fill(10)
        alias = f"{copy.target.name}_Alias"
        copy.client.alias.create(alias_name=alias, target_collection=copy.target.name)
        with swap.follower() as process:
            assert process.wait(60) == 2
        assert f"alias {alias} leads to {copy.target.name}" in swap.await_told(lambda told: bool(told.error)).error
        copy.client.alias.delete(alias_name=alias)
        with swap.follower():
            assert swap.await_caught_up().error == ""


NOTED: dict[str, tuple[Freeze, str, bool]] = {
    "the swapper's memory of its own source": (Freeze(freezing=True, source="?", since_ms=5), "", True),
    "a freeze that is about to be": (Freeze(freezing=True), "", True),
    "an earlier swap, from elsewhere": (Freeze(token=EARLIER, over=True, source="Elsewhere"), EARLIER, False),
    "an earlier freeze, by hand, without a seal": (Freeze(token=EARLIER), "", False),
}


@pytest.mark.parametrize("case", NOTED)
def test_of_what_was_noted_before_only_what_is_the_swappers_memory_stays(
    weaviate_server: WeaviateServer, copies: Copies, channel: ObjectChannel, case: str
) -> None:
    noted, sealed, kept = NOTED[case]
    with copies() as copy, swap_of(weaviate_server, copy, channel) as swap:
        copy.fill(10)
        noted = noted.model_copy(update={"source": noted.source.replace("?", copy.source.name)})
        swap.notes.freeze(swap.target, noted)
        swap.notes.tell(swap.target, "1/1", Told(sealed=sealed))
        copy.target.data.insert_many([{"text": "of the earlier copy"}] * 10)
        with swap.follower():
            checked = swap.await_caught_up().checked
        found = swap.notes.freeze_of(swap.target)
        assert found is not None
        assert found.model_dump() == (noted if kept else Freeze()).model_dump()
        assert checked is not None
        assert (checked.equal, checked.unlike) == (10, 0)


def test_a_seal_from_before_the_moment_that_is_asked_for_is_that_of_an_earlier_copy(
    weaviate_server: WeaviateServer, copies: Copies, channel: ObjectChannel
) -> None:
    with copies() as copy, swap_of(weaviate_server, copy, channel) as swap:
        copy.fill(10)
        swap.notes.freeze(swap.target, Freeze(token=EARLIER, over=True, source=copy.source.name))
        swap.notes.tell(swap.target, "1/1", Told(sealed=EARLIER, sealed_at=1_000))
        copy.target.data.insert_many([{"text": "of the earlier copy"}] * 20)
        with swap.follower("--since", "2026-01-01T00:00:00Z"):
            swap.await_caught_up()
        here, there = copy.sides()
        assert here == there
