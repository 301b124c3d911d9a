"""A plan as a person reads it."""

import io
import re
from pathlib import Path
from typing import Any

from hirag_operator.plugin.plan.report import DocumentReport, EffectReport, FieldChange, FieldError, PlanReport
from hirag_operator.plugin.plan.text import MOST_SHOWN, text
from hirag_operator.plugin.terminal import console

PAGE = (Path(__file__).parents[3] / "docs/kubectl-plugin.md").read_text()
POLICY: dict[str, Any] = {"kind": "HNSWIndexPolicy", "namespace": "demo", "name": "careful"}


def level(name: str, objects: int | None = 2507) -> EffectReport:
    return EffectReport(
        kind="ContextCollection",
        namespace="demo",
        name=name,
        level="longTerm",
        takes="build",
        basis="status",
        pending=["vectorIndexConfig.efConstruction (256 → 64)"],
        objects=objects,
    )


def report(*effects: EffectReport) -> PlanReport:
    document = DocumentReport(
        source="all.yaml#1",
        **POLICY,
        action="change",
        checked="checked by the API server, kubectl apply",
        changes=[
            FieldChange(path="spec.hnsw.efConstruction", before=256, after=64, class_="build"),
            FieldChange(path="spec.hnsw.ef", before=128, after=99, class_="hot"),
        ],
    )
    notes = ["Weaviate was not looked at: levels are taken to be as their status says. --weaviate-url has it asked."]
    return PlanReport(takes="build", exit_code=3, documents=[document], effects=list(effects), notes=notes)


def shown(plan: PlanReport) -> str:
    out = io.StringIO()
    console(out, {}).print(text(plan))
    return "".join(f"{line.rstrip()}\n" for line in out.getvalue().splitlines())


def test_a_plan_is_shown_as_the_page_shows_it() -> None:
    (example,) = re.findall(r"^```\n(HNSWIndexPolicy demo/careful changes.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    assert shown(report(level("python-docs"))) == example


def test_of_many_effects_the_first_are_shown_and_the_rest_is_counted() -> None:
    told = shown(report(*(level(f"c-{number}", 10) for number in range(50))))
    assert told.count("longTerm  build") == MOST_SHOWN
    assert "and 30 more (30 build); -o json has them all." in told
    assert "50 levels, 500 objects to carry." in told


def test_what_is_not_counted_is_said() -> None:
    told = shown(report(level("a"), level("b", None)))
    assert "2 levels, 2,507 objects to carry (of 1 the objects are not known)." in told


def test_a_refused_document_shows_each_field_with_its_complaint() -> None:
    errors = [FieldError(field="spec.chunkin", message="spec has no field chunkin; did you mean chunking?")]
    refused = DocumentReport(source="all.yaml#1", **POLICY, action="refused", errors=errors)
    told = shown(PlanReport(takes="invalid", exit_code=7, documents=[refused]))
    assert "HNSWIndexPolicy demo/careful is refused" in told
    assert "spec.chunkin: spec has no field chunkin; did you mean chunking?" in told
    assert told.endswith("invalid: It would be refused. Nothing was written.\n")


def test_a_long_value_is_cut() -> None:
    change = FieldChange(path="spec.properties[a]", before=None, after={"description": "x" * 500}, class_="hot")
    document = DocumentReport(source="all.yaml#1", **POLICY, action="change", changes=[change])
    (line,) = [
        one for one in shown(PlanReport(takes="hot", exit_code=0, documents=[document])).splitlines() if "→" in one
    ]
    assert "(none) → {" in line
    assert len(line) < 140
