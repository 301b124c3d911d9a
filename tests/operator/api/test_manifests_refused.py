"""The API server, by CEL and schema, and the operator, by pydantic, refuse the same manifests with the same words."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from pydantic import ValidationError

from hirag_operator.api import KINDS
from hirag_operator.api.model import ApiModel
from tests.operator.api.conftest import Registry
from tests.operator.api.manifests import (
    MANIFESTS,
    Manifest,
    WrongManifest,
    load,
    manifest,
    merged,
    wrong_manifests,
)

WRONG = wrong_manifests()
TRANSITIONS = load(MANIFESTS / "invalid" / "transitions.yaml")


def refusals(wrong: WrongManifest) -> list[tuple[str, str]]:
    """Field and message of each of pydantic's errors."""
    with pytest.raises(ValidationError) as caught:
        wrong.kind.from_wire(wrong.manifest)
    return [(".".join(map(str, error["loc"])), error["msg"]) for error in caught.value.errors()]


def dotted(path: str) -> str:
    """`a[0].b` as pydantic has it: `a.0.b`."""
    return re.sub(r"\[(\d+)\]", r".\1", path)


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: wrong.title)
def test_the_operator_refuses_it_and_names_the_field(wrong: WrongManifest) -> None:
    [(where, message)] = refusals(wrong)

    assert dotted(wrong.field).startswith(where), f"{where}: {message}"
    assert wrong.mentions.lower() in message.lower()


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: wrong.title)
def test_the_api_server_refuses_it_and_names_the_field(wrong: WrongManifest, registry: Registry) -> None:
    said = refused_with(registry.dry_create(wrong.manifest))

    assert wrong.field in said
    assert wrong.mentions.lower() in said.lower()


@pytest.mark.parametrize("case", TRANSITIONS["refused"], ids=lambda case: case["name"])
def test_the_api_server_refuses_a_change_that_no_migration_can_carry(case: dict[str, Any], registry: Registry) -> None:
    said = refused_with(changed(registry, case))

    assert case["field"] in said
    assert case["mentions"] in said


@pytest.mark.parametrize("case", TRANSITIONS["accepted"], ids=lambda case: case["name"])
def test_the_api_server_accepts_a_change_that_a_migration_carries(case: dict[str, Any], registry: Registry) -> None:
    assert changed(registry, case).status_code == httpx.codes.OK


def test_every_rule_is_broken_by_one_of_the_wrong_manifests() -> None:
    said = "\n".join(message for wrong in WRONG for _, message in refusals(wrong))
    mentioned = [case["mentions"] for case in TRANSITIONS["refused"]]

    models = [model for kind in KINDS for model in models_within(kind)]
    assert [rule.message for model in models for rule in model.rules if rule.message not in said] == []
    transitions = [transition.message for model in models for transition in model.transitions]
    assert [message for message in transitions if not any(fragment in message for fragment in mentioned)] == []


def refused_with(response: httpx.Response) -> str:
    assert response.status_code in {httpx.codes.BAD_REQUEST, httpx.codes.UNPROCESSABLE_ENTITY}, response.text
    message: str = response.json()["message"]
    return message


def changed(registry: Registry, case: dict[str, Any]) -> httpx.Response:
    """What the server says to the case's change of an object that exists."""
    existing = registry.create(manifest(TRANSITIONS["kind"], TRANSITIONS["base"], name="existing"))
    try:
        new: Manifest = {**existing, "spec": merged(existing["spec"], case["patch"])}
        return registry.dry_replace(new)
    finally:
        registry.delete(existing)


def models_within(model: type[ApiModel], seen: set[type[ApiModel]] | None = None) -> Iterator[type[ApiModel]]:
    """The model and all models that its fields are made of, each once."""
    seen = set() if seen is None else seen
    if model in seen:
        return
    seen.add(model)
    yield model
    for field in model.model_fields.values():
        for part in parts_of(field.annotation):
            yield from models_within(part, seen)


def parts_of(annotation: Any) -> Iterator[type[ApiModel]]:
    if isinstance(annotation, type) and issubclass(annotation, ApiModel):
        yield annotation
    for argument in getattr(annotation, "__args__", ()):
        yield from parts_of(argument)
