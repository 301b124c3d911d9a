from typing import Final

from hypothesis import given
from hypothesis import strategies as st

from hirag_operator.adapters.watchstream import Watch
from hirag_operator.handlers.queue import Key
from hirag_operator.handlers.secrets import SecretWatches
from hirag_operator.handlers.watches import secret_watch

SECRETS: Final = [Key("Secret", "team", name) for name in "abcd"]
MOST: Final = 2


class Desk:
    """Notes which Secrets are watched."""

    def __init__(self) -> None:
        self.watched: set[str | None] = set()
        self.follow = SecretWatches(self, MOST)

    def add(self, watch: Watch) -> None:
        assert watch.name not in self.watched, "a watch is begun once"
        self.watched.add(watch.name)

    def drop(self, watch: Watch) -> None:
        self.watched.remove(watch.name)


def test_a_secret_is_watched_by_its_name_and_without_its_value() -> None:
    watch = secret_watch(SECRETS[0])
    assert (watch.kind, watch.namespace, watch.name, watch.metadata_only) == ("Secret", "team", "a", True)


def test_beyond_the_limit_secrets_wait_for_their_turn() -> None:
    desk = Desk()
    for secret in SECRETS:
        desk.follow(secret, wanted=True)
    assert desk.watched == {"a", "b"}
    desk.follow(SECRETS[2], wanted=False)
    desk.follow(SECRETS[0], wanted=False)
    assert desk.watched == {"b", "d"}


@given(st.lists(st.tuples(st.sampled_from(SECRETS), st.booleans()), max_size=12))
def test_as_many_are_watched_as_may_be_and_only_those_that_are_wanted(told: list[tuple[Key, bool]]) -> None:
    desk = Desk()
    wanted: set[str | None] = set()
    for secret, still in told:
        desk.follow(secret, wanted=still)
        (wanted.add if still else wanted.discard)(secret.name)
        assert desk.watched <= wanted
        assert len(desk.watched) == min(MOST, len(wanted))
