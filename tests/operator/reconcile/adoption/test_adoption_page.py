"""The example of docs/adoption.md does what the page says."""

from collections.abc import Callable
from pathlib import Path

import yaml

from hirag_operator.settings import WeaviateConnection
from tests.operator.reconcile.adoption.foreign import Adoption, Foreign

PAGE = Path(__file__).parents[4] / "docs" / "adoption.md"


def test_the_pages_example_is_adopted(foreign: Callable[..., Foreign], adoptions: Callable[..., Adoption]) -> None:
    values, body = (
        yaml.safe_load(PAGE.read_text().split(start)[1].split("```")[0]) for start in ("```\n", "```yaml\n")
    )
    spec = body["spec"]
    adopt_from = spec["levels"].pop("longTerm")["adoptFrom"]
    source = foreign(adopt_from.pop("collection"), number=40)
    scene = adoptions(source, name=body["metadata"]["name"], spec={"properties": spec["properties"]}, **adopt_from)
    scene.await_phase("AwaitingCutOver")
    scene.change(cutOver="Auto")
    scene.await_served()
    assert (scene.count(), source.frozen) == (40, True)
    allowed = values["weaviate"]["default"]["adoptable"]
    assert WeaviateConnection(http_url="http://a", adoptable=allowed).adoptable == allowed
