"""What the shares of a copy say around a freeze, and how long that is waited for, on a server that only answers."""

import json
import time
from typing import Any, Final

import pytest

from hirag_operator.adapters.weaviate import WeaviateAdapter
from hirag_operator.errors import NotSealed
from hirag_operator.plan.collection.migration.notes import Freeze
from hirag_operator.plan.moves import AnnounceFreeze, AwaitSeals, Holder
from tests.operator.adapters.answering import Answer, AnsweringServer, Asked

Json = dict[str, Any]

OTHER: Final = Holder("Other")
FREEZE: Final = "f1"
ANNOUNCED: Final = Freeze("Docs", freezing=True, announced=FREEZE).to_wire()
ASKED: Final = Freeze("Docs", freezing=True, token=FREEZE).to_wire()


class Shares:
    """A Weaviate with the notes of a copy of two shares, which heed what the operator notes a few looks later.

    Args:
        patience: how many looks later.
        pulse: after how many looks they say something again; 0: never.
    """

    def __init__(self, patience: int, pulse: int = 0) -> None:
        self._patience, self._pulse = patience, pulse
        self.noted: Json = {}
        self.looks = 0

    def __call__(self, asked: Asked) -> Answer:
        if asked.method == "POST":
            (one,) = json.loads(asked.body)["objects"]
            self.noted = json.loads(one["properties"]["said"])
            return Answer(200, [{"result": {"status": "SUCCESS"}}])
        self.looks += 1
        heeded = self.noted if self.looks > self._patience else {}
        said = {"ready": heeded.get("announced", ""), "sealed": heeded.get("token", "")}
        return Answer(200, {"properties": {"said": json.dumps(said)}, "lastUpdateTimeUnix": self._at})

    @property
    def _at(self) -> int:
        return self.looks // self._pulse if self._pulse else 1


@pytest.mark.parametrize(
    "step",
    [AnnounceFreeze(OTHER, ANNOUNCED, 2, 60.0, 60.0), AwaitSeals(OTHER, ASKED, 2, 60.0)],
    ids=["ready", "sealed"],
)
def test_every_share_is_waited_for(
    server: AnsweringServer, answered: WeaviateAdapter, step: AnnounceFreeze | AwaitSeals
) -> None:
    shares = Shares(patience=5)
    server.answer = shares
    answered.apply(step)
    assert shares.noted == step.said
    assert shares.looks == 8, "as it ended its fourth look at both, the first two looks at both being in vain"


def test_a_freeze_for_which_a_share_is_not_ready_comes_all_the_same_and_one_that_is_not_sealed_is_given_up(
    server: AnsweringServer,
    answered: WeaviateAdapter,
) -> None:
    server.answer = Shares(patience=10_000)
    answered.apply(AnnounceFreeze(OTHER, ANNOUNCED, 2, 0.05, 60.0))
    with pytest.raises(NotSealed, match="not sealed within"):
        answered.apply(AwaitSeals(OTHER, ASKED, 2, 0.15))


def test_a_freeze_is_put_off_for_longer_than_a_silence_while_shares_say_that_they_get_ready(
    server: AnsweringServer,
    answered: WeaviateAdapter,
) -> None:
    silence = 0.5
    shares = Shares(patience=200, pulse=8)
    began = time.monotonic()
    server.answer = shares
    answered.apply(AnnounceFreeze(OTHER, ANNOUNCED, 2, silence, 60.0))
    assert time.monotonic() - began > silence
    assert shares.looks > 200, "until they are ready"


def test_a_freeze_is_not_put_off_for_ever_for_shares_that_say_much_and_are_not_ready(
    server: AnsweringServer, answered: WeaviateAdapter
) -> None:
    shares = Shares(patience=10_000, pulse=1)
    server.answer = shares
    answered.apply(AnnounceFreeze(OTHER, ANNOUNCED, 2, 60.0, 0.2))
    assert 0 < shares.looks < 10_000
