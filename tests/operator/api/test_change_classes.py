"""Every field has a class, every row a field, and the rows say what the plan does."""

import typing
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import BaseModel

from hirag_operator.api import KINDS
from hirag_operator.api.change_classes import CHANGES, ChangeClass, change_class, change_of
from hirag_operator.api.model import SpecModel


def models(annotation: Any) -> Iterator[type[BaseModel]]:
    """The models within an annotation, such as the items of an optional list."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in typing.get_args(annotation):
        yield from models(inner)


def fields(model: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, bool]]:
    """The fields of a spec by path, sections before what is in them, each with whether it is a leaf."""
    for name, field in model.model_fields.items():
        path, inner = f"{prefix}{field.alias or name}", list(models(field.annotation))
        yield path, not inner
        for section in inner:
            yield from fields(section, f"{path}.")


def spec(kind: str) -> type[SpecModel]:
    (model,) = (one for one in KINDS if one.resource.kind == kind)
    (found,) = models(model.model_fields["spec"].annotation)
    assert issubclass(found, SpecModel)
    return found


FIELDS = {kind.resource.kind: dict(fields(spec(kind.resource.kind))) for kind in KINDS}
LEAVES = [(kind, path) for kind, paths in FIELDS.items() for path, is_leaf in paths.items() if is_leaf]
ROWS = [(kind, row) for kind, rows in CHANGES.items() for row in rows]


@pytest.mark.parametrize(("kind", "path"), LEAVES, ids=[f"{kind}.{path}" for kind, path in LEAVES])
def test_every_field_has_a_class(kind: str, path: str) -> None:
    assert change_class(kind, path) in ChangeClass


def test_every_kind_has_its_rows() -> None:
    assert set(CHANGES) == set(FIELDS)


def test_every_row_names_a_field_and_no_field_has_two() -> None:
    named = [(kind, row.path) for kind, row in ROWS]
    assert [(kind, path) for kind, path in named if path not in FIELDS[kind]] == []
    assert len(named) == len(set(named))


def test_no_row_repeats_the_row_above_it() -> None:
    for kind, row in ROWS:
        above, _, _ = row.path.rpartition(".")
        if any(other.path == above for _, other in ROWS) and above:
            over = change_of(kind, above)
            assert (over.change, over.shared, over.note) != (row.change, row.shared, row.note), row.path


def test_what_is_forbidden_is_what_a_transition_rule_holds_and_nothing_else() -> None:
    held = {
        (kind.resource.kind, f"{prefix}{rule.field}")
        for kind in KINDS
        for prefix, model in sections(spec(kind.resource.kind))
        for rule in model.transitions
    }
    forbidden = {(kind, row.path) for kind, row in ROWS if row.change is ChangeClass.FORBIDDEN}
    assert {(kind, path.partition(".")[0]) for kind, path in held} == {
        (kind, path.partition(".")[0]) for kind, path in forbidden
    }


def sections(model: type[SpecModel], prefix: str = "") -> Iterator[tuple[str, type[SpecModel]]]:
    yield prefix, model
    for name, field in model.model_fields.items():
        for section in models(field.annotation):
            assert issubclass(section, SpecModel)
            yield from sections(section, f"{prefix}{field.alias or name}.")


@pytest.mark.parametrize(
    ("path", "placement", "expected"),
    [
        pytest.param("spec.properties[author].dataType", "Dedicated", "build", id="of one item of a list"),
        pytest.param("properties[3].description", "Dedicated", "hot", id="below a row"),
        pytest.param("properties[3].description", "Shared", "build", id="which neighbours share"),
        pytest.param("multiTenancy.tenants.state", "Dedicated", "hot", id="below a row below a row"),
        pytest.param("placement", "Shared", "build", id="which has no other class when shared"),
    ],
)
def test_a_field_is_looked_up_as_people_write_it(path: str, placement: str, expected: str) -> None:
    assert change_class("ContextCollection", path, placement) == expected


@pytest.mark.parametrize(
    ("kind", "path", "told"),
    [
        pytest.param("Deployment", "replicas", "none of EmbeddingModel", id="a strange kind"),
        pytest.param("ContextCollection", "colour", "spec.colour is no field", id="a strange field"),
        pytest.param("ContextCollection", "invertedIndex", "a section whose fields differ", id="a section of several"),
    ],
)
def test_what_has_no_class_is_said(kind: str, path: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        change_class(kind, path)
