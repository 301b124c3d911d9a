"""Notes are read by what is known of them: what else stands there, or nothing, is no obstacle."""

from typing import Any

import pytest

from hirag_operator.plan.collection.migration.notes import (
    Checked,
    Freeze,
    Told,
    freeze_about,
    read_freeze,
    read_told,
    share_about,
)
from hirag_operator.plan.moves import Holder


@pytest.mark.parametrize(
    ("said", "read"),
    [
        pytest.param({}, Freeze(at=7), id="nothing is said"),
        pytest.param({"source": "A", "since_ms": 3}, Freeze(source="A", since_ms=3, at=7), id="some of it is said"),
        pytest.param(
            {"source": "A", "colour": "red"}, Freeze(source="A", at=7), id="what we do not know is passed over"
        ),
        pytest.param({"token": None, "over": None}, Freeze(at=7), id="None counts as not said"),
        pytest.param({"at": 99}, Freeze(at=7), id="when it was noted is the server's to say"),
    ],
)
def test_a_note_of_a_freeze_is_read(said: dict[str, Any], read: Freeze) -> None:
    assert read_freeze(said, 7) == read


@pytest.mark.parametrize(
    ("said", "read"),
    [
        pytest.param({}, Told(at=7), id="nothing is said"),
        pytest.param({"phase": "following", "done": 4}, Told(phase="following", done=4, at=7), id="some of it is said"),
        pytest.param({"caught_up_to": 1, "carried": 2}, Told(at=7), id="what we do not read is passed over"),
        pytest.param({"total": None, "checked": None}, Told(at=7), id="what may be unknown"),
        pytest.param({"done": None, "phase": None, "error": None}, Told(at=7), id="None elsewhere counts as not said"),
        pytest.param(
            {"checked": {"equal": 3, "named": ["x"], "recall": None, "colour": "red"}},
            Told(checked=Checked(equal=3, named=("x",)), at=7),
            id="a comparison",
        ),
        pytest.param({"checked": {"named": None}}, Told(checked=Checked(), at=7), id="a comparison that names nothing"),
    ],
)
def test_what_a_share_tells_is_read(said: dict[str, Any], read: Told) -> None:
    assert read_told(said, 7) == read


def test_what_was_noted_is_read_as_it_was() -> None:
    noted = Freeze("A", 5, True, "r", "t", 6, True, 2, "creation", 1)
    assert read_freeze(noted.to_wire(), 1) == noted


def test_notes_are_about_holders_and_shares() -> None:
    pool = Holder("Pool_R1", "team-a")
    assert freeze_about(pool) == "freeze of Pool_R1/team-a"
    assert share_about(Holder("Handbook_R2"), 2, 4) == "share 2/4 of Handbook_R2"
