"""What docs/kubectl-plugin.md shows is what the plugin does."""

import re
from pathlib import Path

import pytest

from hirag_operator.plugin.arguments import COMMANDS
from hirag_operator.plugin.doctor.report import DoctorReport
from hirag_operator.plugin.errors import Exit
from hirag_operator.plugin.explain.report import FieldReport, WordReport
from hirag_operator.plugin.main import run
from hirag_operator.plugin.plan.report import PlanReport
from hirag_operator.plugin.reports import Report
from hirag_operator.plugin.rollback.report import RollbackReport
from hirag_operator.plugin.status.report import StatusReport

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs/kubectl-plugin.md").read_text()
EXAMPLES = re.findall(r"^```console\n\$ kubectl hirag (explain .*)\n((?:.*\n)*?)```", PAGE, re.MULTILINE)
REPORTS: list[type[Report]] = [StatusReport, FieldReport, WordReport, PlanReport, RollbackReport, DoctorReport]


@pytest.mark.parametrize(("command", "shown"), EXAMPLES, ids=[command for command, _ in EXAMPLES])
def test_an_example_is_what_is_shown(capsys: pytest.CaptureFixture[str], command: str, shown: str) -> None:
    run(command.split())
    captured = capsys.readouterr()
    assert captured.out + captured.err == shown


def test_there_are_examples_and_the_tree_is_that_of_a_test() -> None:
    assert len(EXAMPLES) == 3
    tree = (ROOT / "tests/data/plugin/status/collection-in-trouble.out.txt").read_text()
    assert f"```\n{tree}```" in PAGE
    (branch,) = re.findall(r"^```\n…\n(└── Migration .*\n(?: .*\n)+)```", PAGE, re.MULTILINE)
    assert branch in (ROOT / "tests/data/plugin/status/migrations.out.txt").read_text()


def test_going_back_is_shown_as_it_is_told() -> None:
    possible, asked = (
        (ROOT / f"tests/data/plugin/rollback/soaking.{outcome}.txt").read_text() for outcome in ("possible", "asked")
    )
    assert f"$ kubectl hirag rollback handbook -n team-a --dry-run\n{possible}```" in PAGE
    end = re.search(r"^```\n(Annotation hirag.dev/rollback .*?)```", PAGE, re.MULTILINE | re.DOTALL)
    assert end is not None
    assert asked.endswith(end[1])


def test_every_command_has_its_section() -> None:
    assert [name for name in COMMANDS if f"## {name}\n" not in PAGE] == []


def test_every_exit_code_is_told() -> None:
    assert [code for code in Exit if f"| {code.value} | " not in PAGE] == []


@pytest.mark.parametrize("report", REPORTS, ids=lambda report: report.title)
def test_every_field_and_word_of_a_report_is_told(report: type[Report]) -> None:
    section = PAGE[PAGE.index("## For programs") :]
    schema = report.model_json_schema(by_alias=True)
    models = [schema, *schema.get("$defs", {}).values()]
    fields = {name for model in models for name in model.get("properties", {})}
    words = {
        word
        for model in models
        for found in model.get("properties", {}).values()
        for member in (found, *found.get("anyOf", ()))
        for word in member.get("enum", ())
    }
    assert f"| `{report.title}` |" in section
    assert [name for name in sorted(fields) if f"`{name}`" not in section] == []
    assert [word for word in sorted(words) if not re.search(rf"\b{word}\b", section)] == []
