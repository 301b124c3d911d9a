"""The pages show what the table says, and nothing else."""

import re
from pathlib import Path

import pytest

from hirag_operator.api import KINDS
from hirag_operator.api.change_classes import CHANGES, Change, ChangeClass
from hirag_operator.crdgen.changes import changes_page, field_classes

PAGE = changes_page()
ROWS = [(kind, row) for kind, rows in CHANGES.items() for row in rows]
CLASSES = field_classes(KINDS)


@pytest.mark.parametrize(("kind", "row"), ROWS, ids=[f"{kind}.{row.path}" for kind, row in ROWS])
def test_a_row_is_on_the_page_of_its_kind(kind: str, row: Change) -> None:
    section = PAGE.partition(f"## {kind}\n")[2].partition("\n## ")[0]
    (line,) = (line for line in section.splitlines() if line.startswith(f"| `{row.path}` |"))
    cells = [cell.strip() for cell in line.strip("|").split("|")]
    assert (cells[1], cells[-1]) == (row.change, row.note)
    assert row.shared is None or cells[2] == row.shared


@pytest.mark.parametrize("word", ChangeClass)
def test_every_class_is_explained(word: ChangeClass) -> None:
    assert f"| `{word}` | {word.meaning} |" in PAGE


@pytest.mark.parametrize(
    ("owner", "field", "told"),
    [
        pytest.param("HnswSettings", "ef", "hot", id="a row of its own"),
        pytest.param("HnswSettings", "maxConnections", "build", id="the row of its section"),
        pytest.param("DynamicEf", "min", "hot", id="the row of a section above"),
        pytest.param("Bm25", "b", "hot, build when Shared", id="two placements"),
        pytest.param("ContextCollectionSpec", "invertedIndex", "by field", id="a section whose fields differ"),
        pytest.param("HNSWIndexPolicySpec", "quantization", "build; or by field", id="a section with exceptions"),
        pytest.param("ObjectReference", "name", "embed or build", id="a type of several places"),
    ],
)
def test_a_field_of_the_reference_is_told_by_all_the_places_that_it_has(owner: str, field: str, told: str) -> None:
    assert CLASSES[owner, field] == told


def test_every_field_of_every_spec_has_its_class_in_the_reference() -> None:
    reference = (Path(__file__).parents[3] / "docs/api.md").read_text(encoding="utf-8")
    sections = dict(re.findall(r"^### (\w+)\n(.*?)(?=^##|\Z)", reference, re.MULTILINE | re.DOTALL))
    for (owner, field), words in CLASSES.items():
        (line,) = (line for line in sections[owner].splitlines() if line.startswith(f"| `{field}` |"))
        assert f" | {words} | " in line, f"{owner}.{field}"


def test_operations_explain_every_class_and_lead_to_the_page() -> None:
    operations = (Path(__file__).parents[3] / "docs/operations.md").read_text(encoding="utf-8")
    section = operations.partition("## What a change does\n")[2].partition("\n## ")[0]
    assert "(changes.md)" in section
    assert [word for word in ChangeClass if f"**{word}**" not in section] == []
