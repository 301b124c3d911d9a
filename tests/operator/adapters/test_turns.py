"""Turns: one thread at a time in a collection, any number in several."""

import threading

from hirag_operator.adapters.weaviate.turns import Turns

SECONDS = 10.0


def test_a_second_thread_waits_for_the_first() -> None:
    turns, order = Turns(), []
    waits = threading.Event()

    def second() -> None:
        waits.set()
        with turns.of("a"):
            order.append("second")

    with turns.of("a"):
        thread = threading.Thread(target=second)
        thread.start()
        assert waits.wait(SECONDS)
        order.append("first")
    thread.join(SECONDS)
    assert order == ["first", "second"]


def test_who_has_the_turn_may_take_it_again_and_others_work_elsewhere() -> None:
    turns, done = Turns(), threading.Event()

    def elsewhere() -> None:
        with turns.of("b"):
            done.set()

    with turns.of("a"), turns.of("a"):
        threading.Thread(target=elsewhere).start()
        assert done.wait(SECONDS)
