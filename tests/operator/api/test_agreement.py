"""The API server and the operator agree on manifests that nobody thought of."""

import re
from collections.abc import Callable
from typing import Any, Final

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from hirag_operator.api import KINDS, KubernetesObject
from hirag_operator.crdgen.crd import custom_resource_definition
from tests.operator.api.conftest import Registry
from tests.operator.api.manifests import Manifest, kind_of, manifest, valid_manifests

Schema = dict[str, Any]

WORDS: Final = (
    "a",
    "minilm",
    "author",
    "pageNo",
    "title",
    "30d",
    "1d12h",
    "90s",
    "0s",
    "0 3 * * *",
    "@daily",
    "61 * * * *",
    "Etc/UTC",
    "https://api.example.com/v1",
    "https://key@example.com",
    "owner/name",
    "nvidia.com/gpu",
    "/models",
    "../models",
    "1Gi",
    "500m",
    "",
    "Ünïcode",
    "a b",
    "x" * 64,
)
OUTSIDE: Final = 0.04  # chance that a figure lies outside its bounds, or a text has any shape
MANY: Final = 20
PRESENT: Final = 0.3  # chance that a field that may be absent is there


def values(schema: Schema, draw: st.DrawFn) -> Any:
    """A value of the schema, now and then a little outside it."""
    if schema.get("x-kubernetes-int-or-string"):
        return draw(st.sampled_from([1, "1Gi", "500m", "0.5", "much"]))
    if "enum" in schema:
        return draw(st.sampled_from(schema["enum"]))
    return DRAWN_BY_TYPE[schema["type"]](schema, draw)


def boolean(_schema: Schema, draw: st.DrawFn) -> bool:
    return draw(st.booleans())


def number(schema: Schema, draw: st.DrawFn) -> float:
    return round(draw(st.floats(schema.get("minimum", 0), schema.get("maximum", 1))), 2)


def array(schema: Schema, draw: st.DrawFn) -> list[Any]:
    return [values(schema["items"], draw) for _ in range(draw(st.integers(0, 3)))]


def integer(schema: Schema, draw: st.DrawFn) -> int:
    least, most = schema.get("minimum", 0), schema.get("maximum", 1000)
    slack = 1 if happens(OUTSIDE, draw) else 0
    return draw(st.one_of(st.integers(least - slack, min(most, least + 300)), st.integers(most - 5, most + slack)))


def text(schema: Schema, draw: st.DrawFn) -> str:
    fitting = [word for word in WORDS if fits(word, schema)]
    return draw(st.sampled_from(WORDS if happens(OUTSIDE, draw) or not fitting else fitting))


def fits(word: str, schema: Schema) -> bool:
    rules = [validation["rule"] for validation in schema.get("x-kubernetes-validations", ())]
    shapes = [match[1] for rule in rules if (match := re.fullmatch(r"self\.matches\(r'(.*)'\)", rule))]
    in_length = schema.get("minLength", 0) <= len(word) <= schema.get("maxLength", 100)
    return in_length and all(re.search(shape, word) for shape in (schema.get("pattern", ""), *shapes))


def mapping(schema: Schema, draw: st.DrawFn) -> Manifest:
    if "additionalProperties" in schema:
        return {"cpu": values(schema["additionalProperties"], draw)} if draw(st.booleans()) else {}
    required = schema.get("required", [])
    return {
        name: values(field, draw)
        for name, field in schema.get("properties", {}).items()
        if name in required or happens(PRESENT, draw)
    }


def happens(chance: float, draw: st.DrawFn) -> bool:
    return draw(st.floats(0, 1)) < chance


DRAWN_BY_TYPE: Final[dict[str, Callable[[Schema, st.DrawFn], Any]]] = {
    "array": array,
    "boolean": boolean,
    "integer": integer,
    "number": number,
    "object": mapping,
    "string": text,
}


def specs(kind: type[KubernetesObject]) -> st.SearchStrategy[Manifest]:
    """A sample's spec with one or two fields, whole sections mostly, removed or drawn anew."""
    version = custom_resource_definition(kind)["spec"]["versions"][0]
    fields = version["schema"]["openAPIV3Schema"]["properties"]["spec"]["properties"]
    samples = [sample["spec"] for sample in valid_manifests().values() if kind_of(sample) is kind]

    @st.composite
    def spec(draw: st.DrawFn) -> Manifest:
        sample = draw(st.sampled_from(samples))
        chosen = draw(st.lists(st.sampled_from(sorted(fields)), min_size=1, max_size=2, unique=True))
        drawn = {name: values(fields[name], draw) for name in chosen if happens(1 - OUTSIDE, draw)}
        return {**{name: field for name, field in sample.items() if name not in chosen}, **drawn}

    return spec()


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.resource.kind)
def test_both_accept_or_both_refuse(kind: type[KubernetesObject], registry: Registry) -> None:
    @settings(max_examples=200, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(spec=specs(kind))
    def agree(spec: Manifest) -> None:
        sample = manifest(kind.resource.kind, spec)
        response = registry.dry_create(sample)
        read = read_by_operator(sample)

        assert (response.status_code == httpx.codes.CREATED) == isinstance(read, KubernetesObject), (
            f"{response.text}\n{read}"
        )
        if isinstance(read, KubernetesObject):
            assert response.json()["spec"].keys() == read.to_wire()["spec"].keys()
        accepted.append(isinstance(read, KubernetesObject))

    accepted: list[bool] = []
    agree()

    assert MANY < sum(accepted) < len(accepted) - MANY, "too one-sided to prove agreement"


def read_by_operator(sample: Manifest) -> KubernetesObject | ValidationError:
    try:
        return kind_of(sample).from_wire(sample)
    except ValidationError as refusal:
        return refusal
