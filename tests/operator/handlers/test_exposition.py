"""The text of /metrics about objects: read by Prometheus' own parser, and written anew only for what has changed."""

from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from hirag_operator.adapters.store import Coverage, Store
from hirag_operator.handlers.exposition import ObjectFigures
from hirag_operator.plan.figures import FAMILIES

Json = dict[str, Any]
KIND = "EmbeddingModel"


def model(name: str, version: int, reason: str = "Ready", status: str = "True") -> Json:
    conditions = [
        {"type": "Ready", "status": status, "reason": reason, "lastTransitionTime": "2026-01-01T00:00:10Z"},
    ]
    metadata = {"namespace": "team-a", "name": name, "generation": 1, "resourceVersion": str(version)}
    return {"kind": KIND, "metadata": metadata, "status": {"observedGeneration": 1, "conditions": conditions}}


@pytest.fixture
def store() -> Store:
    store = Store({KIND: Coverage()})
    store.put(model("minilm", 1))
    return store


def read(text: bytes) -> dict[str, dict[frozenset[tuple[str, str]], float]]:
    return {
        family.name: {frozenset(sample.labels.items()): sample.value for sample in family.samples}
        for family in text_string_to_metric_families(text.decode())
    }


def ready(text: bytes) -> dict[str, float]:
    found = read(text)["hirag_operator_object_ready"]
    return {dict(labels)["name"]: value for labels, value in found.items()}


def test_every_family_is_told_once_with_its_help_also_without_a_figure(store: Store) -> None:
    text = ObjectFigures(store).text().decode()
    families = list(text_string_to_metric_families(text))
    assert [(one.name, one.documentation, one.type) for one in families] == [
        (one.name, one.tells, "gauge") for one in FAMILIES
    ]


def test_what_changes_comes_and_goes_is_told_at_the_next_time(store: Store) -> None:
    figures = ObjectFigures(store)
    assert ready(figures.text()) == {"minilm": 1}
    store.put(model("minilm", 2, "PodFailed", "False"))
    store.put(model("other", 3))
    assert ready(figures.text()) == {"minilm": 0, "other": 1}
    store.remove(KIND, "team-a", "minilm", "4")
    assert ready(figures.text()) == {"other": 1}
    store.put(model("minilm", 5))
    assert ready(figures.text()) == {"minilm": 1, "other": 1}


def test_an_object_at_rest_is_not_read_again(store: Store) -> None:
    figures = ObjectFigures(store)
    first = figures.text()
    kept = store.get(KIND, "team-a", "minilm")
    assert kept is not None
    del kept["status"]  # nobody does so, and whoever looked again would see it
    assert figures.text() == first
    store.put(model("minilm", 2, "PodFailed", "False"))
    assert ready(figures.text()) == {"minilm": 0}


def test_any_text_in_a_label_is_read_as_it_was(store: Store) -> None:
    told = 'a "quoted" word, a \\ and a\nline'
    store.put(model("minilm", 2, told, "False"))
    found = read(ObjectFigures(store).text())["hirag_operator_object_condition_false_timestamp_seconds"]
    ((labels, value),) = found.items()
    assert dict(labels)["reason"] == told
    assert value == 1767225610
