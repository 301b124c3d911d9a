"""Words that would break out of a query or a path, wherever a manifest may hold them, are refused by the API server."""

import ssl
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from e2e.cluster.controlplane import ControlPlane
from e2e.cluster.operator import OperatorProcess

Json = dict[str, Any]

BREAKOUTS = [
    'a"){meta{count}}}b:Aggregate{Other(tenant:"b',
    "a}}{Get{Other{text",
    "../Other",
    "..%2FOther",
    "a/b",
    "a\n",
    "a\r\nHost: elsewhere",
    "a\x00",
    "ａ",  # noqa: RUF001  a full-width letter, which some normalize to an a
    "a" * 300,
]


PLACES: dict[str, Callable[[str], Json]] = {
    "property": lambda word: {"properties": [{"name": word}]},
    "tenant": lambda word: {"multiTenancy": {"enabled": True, "tenants": [{"name": word}]}},
    "model": lambda word: {"embeddingModelRef": {"name": word}},
    "namespace": lambda word: {"embeddingModelRef": {"name": "a", "namespace": word}},
    "policy": lambda word: {"levels": {"longTerm": {"indexPolicyRef": {"name": word}}}},
}


@pytest.fixture(scope="package")
def creates(control_plane: ControlPlane, operator: OperatorProcess) -> Iterator[Callable[..., bool]]:
    """Ask the API server whether it would create a ContextCollection."""
    operator.check()
    with httpx.Client(
        headers={"Authorization": f"Bearer {control_plane.token}"},
        verify=ssl.create_default_context(cafile=str(control_plane.authority)),
        trust_env=False,
    ) as client:

        def ask(spec: Json, name: str = "thief") -> bool:
            least = {"embeddingModelRef": {"name": "minilm"}, "levels": {"longTerm": {}}}
            body = {"apiVersion": "hirag.dev/v1alpha1", "kind": "ContextCollection", "metadata": {"name": name}}
            answer = client.post(
                f"{control_plane.url}/apis/hirag.dev/v1alpha1/namespaces/default/contextcollections",
                params={"dryRun": "All", "fieldValidation": "Strict"},
                json={**body, "spec": {**least, **spec}},
            )
            assert answer.status_code in {201, 400, 422}, answer.text
            return answer.is_success

        yield ask


@pytest.mark.parametrize("place", PLACES)
def test_words_that_break_out_of_a_query_or_a_path_are_refused(creates: Callable[..., bool], place: str) -> None:
    assert creates(PLACES[place]("plain"))
    assert [word for word in BREAKOUTS if creates(PLACES[place](word))] == []


def test_objects_cannot_have_names_that_weaviate_would_read_as_another(creates: Callable[..., bool]) -> None:
    assert creates({}, "plain")
    assert [word for word in [*BREAKOUTS, "Handbook", "a.b", "1a", "a_b"] if creates({}, word)] == []
