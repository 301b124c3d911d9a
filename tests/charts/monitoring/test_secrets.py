"""Keys that the product is given stand nowhere but in their files and Secrets, whatever goes well or wrong."""

import json

import pytest

from tests.charts.monitoring.canaries import Canaries
from tests.charts.monitoring.scene import CANARIES, Scene, written


@pytest.fixture(scope="module")
def texts(running: Scene) -> dict[str, str]:
    return written(running)


def test_no_secret_is_in_logs_at_debug_status_events_children_metrics_or_arguments(texts: dict[str, str]) -> None:
    assert {where: found for where, text in texts.items() if (found := CANARIES.found_in(text))} == {}


def test_what_was_searched_tells_of_every_path_that_a_key_takes(texts: dict[str, str]) -> None:
    """So that the search above cannot pass because nothing happened."""
    collections, models, log = texts["contextcollections"], texts["embeddingmodels"], texts["log of the operator"]
    assert {"WeaviateNotAuthorized", "MigrationRequired"} <= {
        condition["reason"] for one in json.loads(collections)["items"] for condition in one["status"]["conditions"]
    }
    assert "Incorrect API key provided: [key]" in collections, "the echo of a Weaviate was quoted, without the key"
    assert "ProviderNotAuthorized" in models
    levels = {json.loads(line)["level"] for line in log.splitlines() if line.startswith("{")}
    assert "debug" in levels
    assert "llm" in texts["cronjobs"]
    assert json.loads(texts["events"])["items"]
    assert '"embedder"' in models, "a Secret is referred to by name"


@pytest.mark.parametrize(
    "text",
    [
        "canary/weaviate+right=1f0a7c",
        "Y2FuYXJ5L3dlYXZpYXRlK3JpZ2h0PTFmMGE3Yw==",
        "?key=canary%2Fweaviate%2Bright%3D1f0a7c&x=1",
    ],
    ids=["as it is", "as the data of a Secret", "in a URL"],
)
def test_a_secret_is_found_in_every_form(text: str) -> None:
    assert Canaries().found_in(f"before {text} after") == ["weaviate"]
