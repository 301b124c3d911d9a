"""What going back comes to, from an object as the operator reports it to what a person and a program are shown."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from hirag_operator.plugin.errors import CommandError
from hirag_operator.plugin.rollback.outlook import annotated, outlook
from hirag_operator.plugin.rollback.text import text
from hirag_operator.plugin.terminal import console

FOLDER = Path(__file__).parents[2] / "data" / "plugin" / "rollback"
PLAN = "abi552zrvt"
A, B = "Handbook_Ra", "Handbook_Rb"
ASKED = annotated(PLAN)["metadata"]


def read() -> dict[str, Any]:
    return dict(yaml.safe_load((FOLDER / "soaking.in.yaml").read_text()))


def shown(body: dict[str, Any], **others: Any) -> str:
    out = io.StringIO()
    console(out, {}, width=100).print(text(outlook(body).model_copy(update=others)))
    return "".join(f"{line.rstrip()}\n" for line in out.getvalue().splitlines())


def of(phase: str, plan: str | None = PLAN, metadata: dict[str, Any] | None = None, **others: Any) -> dict[str, Any]:
    """An object with one level, whose migration is in a phase."""
    level = {"phase": phase, "source": A, "target": B, **({"plan": plan} if plan else {})}
    migration = {"phase": phase, "plan": PLAN, "levels": {"longTerm": level}}
    status = {"observedGeneration": 1, "migration": migration}
    named = {"namespace": "team-a", "name": "handbook", "generation": 1, **(metadata or {})}
    return {"metadata": named, "spec": {}, "status": status, **others}


@pytest.mark.parametrize("outcome", ["possible", "asked", "done"])
def test_a_person_is_shown_what_becomes_of_each_level(outcome: str) -> None:
    assert shown(read(), outcome=outcome) == (FOLDER / f"soaking.{outcome}.txt").read_text()


def test_a_program_is_given_the_same_as_json() -> None:
    assert outlook(read()).to_wire() == json.loads((FOLDER / "soaking.out.json").read_text())


@pytest.mark.parametrize(
    ("body", "becomes", "source", "target"),
    [
        (of("Soaking"), "returns", B, A),
        (of("Kept"), "returns", B, A),
        *(
            (of(phase, None), "aborts", A, A)
            for phase in ("AwaitingApproval", "Queued", "Copying", "Swapping", "Failed")
        ),
        (of("RolledBack", None, ASKED), "stays", A, A),
    ],
    ids=lambda value: value["status"]["migration"]["phase"] if isinstance(value, dict) else None,
)
def test_a_level_returns_after_the_swap_and_stays_before_it(
    body: dict[str, Any], becomes: str, source: str, target: str
) -> None:
    (level,) = outlook(body).levels
    assert (level.becomes, level.source, level.target) == (becomes, source, target)


def test_it_is_done_where_the_very_plan_is_undone_by_the_annotation() -> None:
    assert outlook(of("RolledBack", None, ASKED)).outcome == "done"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (of("Soaking", spec={"paused": True}), "spec.paused"),
        (of("Soaking", metadata={"generation": 2}), "no operator has looked at the present spec"),
        (of("Soaking", status={"observedGeneration": 1}), "no migration to undo"),
        (of("Soaking", "another"), "has moved nothing that could be moved back"),
        (of("Removing"), "has moved nothing that could be moved back"),
        (of("Soaking", status={"observedGeneration": 1, "migration": {"levels": 5}}), "as this version knows it"),
    ],
    ids=["paused", "unseen", "no migration", "by another plan", "too late", "garbled"],
)
def test_where_there_is_no_way_back_the_reason_is_told(body: dict[str, Any], words: str) -> None:
    with pytest.raises(CommandError, match=words):
        outlook(body)
