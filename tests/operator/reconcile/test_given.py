"""Which keys Jobs were given is remembered for a while, and a rotated one is not taken for the one before."""

from hirag_operator.reconcile.given import SECONDS, Given


def test_a_version_is_known_for_a_while_and_another_is_not() -> None:
    now = 1000.0
    given = Given(clock=lambda: now)
    assert not given.knows("s", "1")
    given.note("s", "1")
    assert given.knows("s", "1")
    assert not given.knows("s", "2")
    assert not given.knows("t", "1")
    now += SECONDS
    assert not given.knows("s", "1"), "another hand may have taken it away"
    given.note("t", "1")
    given.clear()
    assert not given.knows("t", "1")
