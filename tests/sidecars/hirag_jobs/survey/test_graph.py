"""How a search is asked for so that it has about as many candidates as an insertion."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hirag_jobs.survey.rates import Graph, graph_of

HNSW: dict[str, Any] = {"ef": -1, "dynamicEfMin": 100, "dynamicEfMax": 500, "dynamicEfFactor": 8}


@pytest.mark.parametrize(
    ("graph", "candidates", "limit", "had"),
    [
        pytest.param(Graph(-1, 100, 500, 8), 128, 16, 128, id="by the factor"),
        pytest.param(Graph(-1, 100, 500, 8), 64, 8, 100, id="no fewer than the least"),
        pytest.param(Graph(-1, 100, 500, 8), 1000, 63, 500, id="no more than the most"),
        pytest.param(Graph(64, 100, 500, 8), 256, 10, 64, id="a fixed number"),
        pytest.param(Graph(8, 100, 500, 8), 256, 8, 8, id="a fixed number below what is asked for"),
    ],
)
def test_a_search_has_as_many_candidates_as_the_settings_let_it(
    graph: Graph, candidates: int, limit: int, had: int
) -> None:
    assert graph.search(candidates) == (limit, had)


@given(
    st.builds(Graph, st.just(-1) | st.integers(1, 4096), st.integers(0, 500), st.integers(1, 4096), st.integers(0, 64)),
    st.integers(1, 100_000),
)
def test_there_is_always_a_search(graph: Graph, candidates: int) -> None:
    limit, had = graph.search(candidates)
    assert limit >= 1
    assert had >= 1


@pytest.mark.parametrize(
    ("kind", "settings", "objects", "found"),
    [
        ("hnsw", HNSW, 5, Graph(-1, 100, 500, 8)),
        ("flat", {"bq": {}}, 5, None),
        ("dynamic", {"threshold": 10, "hnsw": HNSW, "flat": {}}, 9, None),
        ("dynamic", {"threshold": 10, "hnsw": HNSW, "flat": {}}, 10, Graph(-1, 100, 500, 8)),
    ],
)
def test_the_graph_is_the_one_that_is_searched(
    kind: str, settings: dict[str, Any], objects: int, found: Graph | None
) -> None:
    assert graph_of(kind, settings, objects) == found
