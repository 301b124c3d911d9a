"""Explaining fields: every one of them, and what was meant by a misspelt one."""

import pytest

from hirag_operator.api import KINDS
from hirag_operator.api.change_classes import CHANGES, ChangeClass, change_of
from hirag_operator.api.reasons import ConditionType, Reason
from hirag_operator.plugin.errors import CommandError
from hirag_operator.plugin.explain.command import explained
from hirag_operator.plugin.explain.compose import field_report
from hirag_operator.plugin.explain.fields import Field, root
from hirag_operator.plugin.explain.report import FieldReport, WordReport

FIELDS = [field for kind in KINDS for field in root(kind).all_below()]


def field(words: str) -> FieldReport:
    report = explained(words)
    assert isinstance(report, FieldReport)
    return report


def named(one: Field) -> str:
    return f"{one.kind.resource.singular}.{one.dotted}"


def test_every_field_is_described_and_found_by_its_path() -> None:
    assert len(FIELDS) > 300
    for one in FIELDS:
        report = field(named(one))
        assert report.path == one.dotted
        assert report.description or not one.path[-1].isidentifier(), named(one)
        assert report.type != "any", named(one)


def test_every_field_of_a_spec_has_a_class_or_fields_that_have_one() -> None:
    for one in FIELDS:
        if one.path[0] == "spec" and len(one.path) > 1 and field_report(one).change is None:
            assert all(below.class_ for below in field_report(one).fields), named(one)
            assert field_report(one).fields, named(one)


def test_the_class_is_that_of_the_table() -> None:
    for kind, rows in CHANGES.items():
        for row in rows:
            change = field(f"{kind.lower()}.spec.{row.path}").change
            assert change is not None
            assert (change.class_, change.note) == (str(row.change), row.note)
            assert change.of == f"spec.{change_of(kind, row.path).path}"


def test_status_has_no_class() -> None:
    assert field("ctx.status.address.longTerm.alias").change is None


@pytest.mark.parametrize(
    "words",
    [
        "ctx.spec.chunking.maxTokens",
        "contextcollections.hirag.dev.spec",
        "CTX.chunking.maxTokens",
        "ctx.properties[0].name",
    ],
)
def test_kinds_go_by_all_their_names_and_spec_and_indices_may_be_left_out(words: str) -> None:
    assert field(words).kind == "ContextCollection"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("ctx.levels.longTerm.indexPolicy", "did you mean indexPolicyRef?"),
        ("ctx.levels.longterm", "spec.levels has no field longterm; did you mean longTerm?"),
        ("hnsw.efConstruction", "spec.hnsw.efConstruction"),
        ("emb.spec.Pooling", "did you mean pooling?"),
        ("contextcolection", "did you mean contextcollection"),
        ("MigrationRequird", "did you mean MigrationRequired"),
        ("ctx.spec.paused.more", "spec.paused has no field more, nor any other"),
        ("zzz", "the kinds are contextcollection, contextcollections, ctx, embeddingmodel"),
    ],
)
def test_what_is_misspelt_is_told_with_what_may_have_been_meant(words: str, told: str) -> None:
    with pytest.raises(CommandError) as raised:
        explained(words)
    assert told in str(raised.value)


def test_a_section_lists_its_fields_with_their_classes() -> None:
    report = field("hnsw.hnsw")
    classes = {below.name: below.class_ for below in report.fields}
    assert (classes["ef"], classes["efConstruction"]) == ("hot", "build")
    assert field("ctx.spec").fields[0].class_ == "by field"


def test_rules_between_fields_are_told() -> None:
    assert any("sharding must be left out" in rule for rule in field("ctx.spec").rules)


def test_the_class_under_placement_shared_is_told_where_it_differs() -> None:
    change = field("ctx.invertedIndex.bm25").change
    assert change is not None
    assert (change.class_, change.shared) == (ChangeClass.HOT, ChangeClass.BUILD)


def test_what_this_release_does_not_act_on_is_said() -> None:
    assert field("emb.rateLimit").unacted == "requests are not limited yet"


def test_every_reason_and_condition_is_explained_in_any_case() -> None:
    for word in (*Reason, *ConditionType):
        report = explained(word.value.lower())
        assert isinstance(report, WordReport)
        assert report.meaning
