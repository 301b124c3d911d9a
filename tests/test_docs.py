"""What the pages promise about the repository holds."""

import re
from pathlib import Path

import pytest
import yaml
from pydantic_settings import BaseSettings

from hirag_embedder.settings import Settings as EmbedderSettings
from hirag_operator.api import KINDS, EmbeddingModel
from hirag_operator.plan.embedder import embedder_name
from hirag_operator.plan.names import alias_name
from hirag_operator.settings import Settings

ROOT = Path(__file__).parents[1]
PAGES = [*ROOT.glob("docs/**/*.md"), ROOT / "README.md", ROOT / "CHANGELOG.md"]


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


def test_every_metric_of_the_operator_is_documented() -> None:
    page = (ROOT / "docs/operations.md").read_text()
    source = (ROOT / "operator/hirag_operator/metrics.py").read_text()
    names = re.findall(r'"(hirag_operator_\w+)"', source)
    assert names
    assert [name for name in names if name not in page] == []


def test_the_manifests_of_the_readme_are_valid_and_its_names_are_those_that_the_operator_makes() -> None:
    page = (ROOT / "README.md").read_text()
    kinds = {kind.resource.kind: kind for kind in KINDS}
    found = [body for block in re.findall(r"```yaml\n(.*?)```", page, re.DOTALL) for body in yaml.safe_load_all(block)]
    objects = {body["kind"]: kinds[body["kind"]].from_wire(body) for body in found}
    assert set(objects) == set(kinds)
    collection, model = objects["ContextCollection"], objects["EmbeddingModel"]
    assert isinstance(model, EmbeddingModel)
    assert f"`{alias_name(collection.metadata.namespace, collection.metadata.name, 'longTerm')}`" in page
    assert f"http://{embedder_name(model)}:8080/v1" in page
