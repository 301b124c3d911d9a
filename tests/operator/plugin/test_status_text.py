"""Status reports, from what was read to what a person and a program are shown."""

import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from hirag_operator.plugin.status.compose import compose
from hirag_operator.plugin.status.look import Seen, key_of
from hirag_operator.plugin.status.text import MOST_TREES, text
from hirag_operator.plugin.terminal import console

FOLDER = Path(__file__).parents[2] / "data" / "plugin" / "status"
CASES = sorted(file.name.removesuffix(".in.yaml") for file in FOLDER.glob("*.in.yaml"))
NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


def read(name: str) -> dict[str, Any]:
    return dict(yaml.safe_load((FOLDER / f"{name}.in.yaml").read_text()))


def seen_of(given: dict[str, Any]) -> Seen:
    bodies = [*given["asked"], *given.get("others", [])]
    missing = {tuple(key): None for key in given.get("missing", [])}
    return Seen(
        asked=given["asked"],
        known={**missing, **{key_of(body): body for body in bodies}},
        children=given.get("children", {}),
        unseen=given.get("unseen", []),
    )


def shown(given: dict[str, Any]) -> str:
    out = io.StringIO()
    console(out, {}, width=given["width"]).print(text(compose(seen_of(given)), NOON, full=given.get("full", False)))
    return "".join(f"{line.rstrip()}\n" for line in out.getvalue().splitlines())


@pytest.mark.parametrize("name", CASES)
def test_a_person_is_shown_what_is_wrong_first_and_the_remedy(name: str) -> None:
    assert shown(read(name)) == (FOLDER / f"{name}.out.txt").read_text()


@pytest.mark.parametrize("name", CASES)
def test_a_program_is_given_the_same_as_json(name: str) -> None:
    assert compose(seen_of(read(name))).to_wire() == json.loads((FOLDER / f"{name}.out.json").read_text())


@pytest.mark.parametrize("name", CASES)
def test_no_line_is_longer_than_the_terminal_is_wide(name: str) -> None:
    given = {**read(name), "width": 50}
    assert max(map(len, shown(given).splitlines())) <= 50


def test_of_many_in_trouble_the_first_are_trees_and_the_rest_lines() -> None:
    given = read("namespace")
    lost = next(body for body in given["asked"] if body["metadata"]["name"] == "lost")
    many = [{**lost, "metadata": {**lost["metadata"], "name": f"lost-{number:02}"}} for number in range(30)]
    lines = shown({**given, "asked": many}).splitlines()
    assert sum(line.startswith("ContextCollection") and " for 40s" in line for line in lines) == MOST_TREES
    assert "10 more are not as they should be; --full shows each as a tree." in lines
    assert "ContextCollection team-a/lost-29  Reconciling  EmbeddingModelNotFound" in lines
    assert not any("more are not" in line for line in shown({**given, "asked": many, "full": True}).splitlines())
