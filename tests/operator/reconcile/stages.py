"""Collections that tests change one field at a time, made once for all fields that can share one."""

import itertools
import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

import httpx

from e2e.cluster.namespace import Namespace, eventually
from hirag_operator.plan.collection.changes import SchemaChanges, schema_changes
from hirag_operator.plan.merge import merged
from tests.operator.plan.collection.change_values import Values
from tests.operator.plan.objects import wanted

Json = dict[str, Any]

VECTOR: Final = [1.0, *[0.0] * 383]
_OF_ITS_OWN = {"description", "moduleConfig", "vectorizer"}  # of a schema: what names the object or its model


def declared(values: Values, value: Any) -> Json:
    """The part of a schema that comes of a spec alone."""
    spec = values.spec(value)
    level = wanted(spec) if values.kind == "ContextCollection" else wanted(index=spec)
    return {key: part for key, part in level.schema.items() if key not in _OF_ITS_OWN}


def expected(values: Values) -> SchemaChanges:
    """What the change of a field comes to, by the plan."""
    return schema_changes(declared(values, values.after), json.loads(json.dumps(declared(values, values.before))))


def leaves(schema: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """The settings of a schema by path, properties by name: an update sorts them."""
    for key, value in schema.items():
        path = f"{prefix}{key}"
        if key == "properties":
            for prop in value:
                yield from leaves(prop, f"properties[{prop['name']}].")
        elif isinstance(value, Mapping):
            yield from leaves(value, f"{path}.")
        else:
            yield path, json.dumps(value)


class Stage:
    """A collection, its policy and one object, in the care of an operator."""

    def __init__(self, namespace: Namespace, weaviate: httpx.Client, name: str, model: str) -> None:
        self.namespace = namespace
        self.name = name
        self._weaviate = weaviate
        level = {"indexPolicyRef": {"name": name}}
        self.base = {"embeddingModelRef": {"name": model}, "levels": {"longTerm": level}, "deletionPolicy": "Delete"}
        self.base["chunking"] = {"maxTokens": 100}

    def make(self, values: Values, *, empty: bool) -> None:
        """Make all of it, with the field as it is before; without the object when `empty`."""
        self.apply(values, values.before)
        ready = self.namespace.await_ready("ContextCollection", self.name)
        self.address: Json = ready["status"]["address"]["longTerm"]
        self.has_tenants = self.live()["multiTenancyConfig"]["enabled"] and "tenant" not in self.address
        if not empty and not self.has_tenants:
            self.write()

    def write(self) -> None:
        """Write one object."""
        body = {"class": self.address["alias"], "properties": {"text": "kept"}, "vector": VECTOR}
        body |= {"tenant": self.address["tenant"]} if "tenant" in self.address else {}
        answer = self._weaviate.post("/objects", json=body)
        assert answer.is_success, answer.text

    def apply(self, values: Values, value: Any) -> None:
        """Apply the specs with the field at a value, and all else as it is by default."""
        spec = values.spec(value)
        is_index = values.kind == "HNSWIndexPolicy"
        self.namespace.apply("HNSWIndexPolicy", self.name, spec if is_index else {})
        self.namespace.apply("ContextCollection", self.name, self.base if is_index else merged(self.base, spec))

    def bring(self, values: Values, value: Any) -> Json:
        """Apply the spec with the field at a value, and return the live schema once it shows it."""
        self.apply(values, value)
        schema = eventually(self.live, lambda live: _as_declared(schema_changes(declared(values, value), live)))
        self.namespace.await_ready("ContextCollection", self.name)
        return schema

    def live(self) -> Json:
        """The schema of the collection that was made at first."""
        return self.schema(self.address["collection"])

    def schema(self, collection: str) -> Json:
        """The live schema of any collection."""
        answer = self._weaviate.get(f"/schema/{collection}")
        assert answer.is_success, answer.text
        return dict(answer.json())

    def count(self) -> int:
        """The objects that are reached through the alias."""
        where = f'(tenant:"{self.address["tenant"]}")' if "tenant" in self.address else ""
        query = f"{{Aggregate{{{self.address['alias']}{where}{{meta{{count}}}}}}}}"
        answer = self._weaviate.post("/graphql", json={"query": query}).json()
        return int(answer["data"]["Aggregate"][self.address["alias"]][0]["meta"]["count"])

    def target(self) -> str:
        """What the alias points at."""
        return str(self._weaviate.get(f"/aliases/{self.address['alias']}").json()["class"])

    def stalled(self) -> Json:
        """Wait until a new revision would be needed; return the condition."""
        return self.namespace.await_reason("ContextCollection", self.name, "MigrationRequired", "Stalled")


def _as_declared(changes: SchemaChanges) -> bool:
    return not (changes.hot or changes.added or changes.build)


class Stages:
    """Stages by what must be said around the values of a field."""

    def __init__(self, namespace: Namespace, weaviate: httpx.Client, model: str) -> None:
        self.namespace = namespace
        self._weaviate, self._model = weaviate, model
        self._made: dict[str, Stage] = {}
        self._numbers = itertools.count(1)

    def of(self, values: Values) -> Stage:
        """The stage on which a field can have both of its values."""
        key = json.dumps(values.around, sort_keys=True)
        if key not in self._made:
            self._made[key] = self.new(values)
        return self._made[key]

    def new(self, values: Values, *, model: str = "", empty: bool = False) -> Stage:
        """A stage of its own, perhaps of another model, or without an object."""
        stage = Stage(self.namespace, self._weaviate, f"stage-{next(self._numbers)}", model or self._model)
        stage.make(values, empty=empty)
        return stage
