"""What the pages promise about the repository holds."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError
from pydantic_settings import BaseSettings

from hirag_embedder.settings import Settings as EmbedderSettings
from hirag_operator.api import GROUP, KINDS, EmbeddingModel
from hirag_operator.plan.model.embedder import embedder_name
from hirag_operator.plan.names import alias_name
from hirag_operator.settings import Settings

ROOT = Path(__file__).parents[1]
PAGES = [*ROOT.glob("docs/**/*.md"), ROOT / "README.md", ROOT / "CHANGELOG.md"]


KIND_BY_NAME = {kind.resource.kind: kind for kind in KINDS}


def manifests(text: str) -> Iterator[dict[str, Any]]:
    """The objects in a page's blocks of YAML."""
    for block in re.findall(r"^```yaml\n(.*?)^```", text, re.DOTALL | re.MULTILINE):
        yield from yaml.safe_load_all(block)


def check_manifests(text: str) -> None:
    """Raises what is wrong with a page's manifests of our group; those of others need no more than to be YAML."""
    for body in manifests(text):
        if body["apiVersion"].startswith(f"{GROUP}/"):
            KIND_BY_NAME[body["kind"]].from_wire(body)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_manifests_are_valid(page: Path) -> None:
    check_manifests(page.read_text())


WRONG = """
```yaml
apiVersion: hirag.dev/v1alpha1
kind: HNSWIndexPolicy
metadata: {name: careful}
spec: {hnsw: {efConstruktion: 256}}
```
"""


@pytest.mark.parametrize(
    ("page", "error"),
    [(WRONG, ValidationError), (WRONG.replace("Policy", "Rule"), KeyError), (WRONG.replace("}}", "}"), yaml.YAMLError)],
    ids=["a field that there is not", "a kind that there is not", "no YAML"],
)
def test_a_wrong_manifest_would_be_found(page: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        check_manifests(page)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text())
    assert [target for target in targets if not (page.parent / target).exists()] == []


def test_the_concept_table_names_files_that_exist() -> None:
    named = re.findall(r"`((?:operator|sidecars|e2e)/[\w/.]+)`", (ROOT / "docs/architecture.md").read_text())
    assert len(named) > 20
    assert [path for path in named if not (ROOT / path).exists()] == []


@pytest.mark.parametrize(
    ("settings", "page"),
    [(Settings, "docs/operations.md"), (EmbedderSettings, "docs/embedder.md")],
    ids=["the operator", "the embedder"],
)
def test_every_setting_is_documented(settings: type[BaseSettings], page: str) -> None:
    text = (ROOT / page).read_text()
    assert [name for name in settings.model_fields if f"`{name.upper()}`" not in text] == []


def test_the_readme_shows_every_kind_and_names_what_the_operator_makes() -> None:
    page = (ROOT / "README.md").read_text()
    objects = {body["kind"]: KIND_BY_NAME[body["kind"]].from_wire(body) for body in manifests(page)}
    assert set(objects) == set(KIND_BY_NAME)
    collection, model = objects["ContextCollection"], objects["EmbeddingModel"]
    assert isinstance(model, EmbeddingModel)
    assert f"`{alias_name(collection.metadata.namespace, collection.metadata.name, 'longTerm')}`" in page
    assert f"http://{embedder_name(model)}:8080/v1" in page
