"""Shared levels: what is done in one tenant of a pool is neither seen nor felt in another."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import weaviate
from weaviate.collections.collection import Collection
from weaviate.exceptions import WeaviateBaseError

from e2e.cluster.embedder import EmbedderServer
from e2e.cluster.weaviate import WeaviateServer
from hirag_jobs.embedding import Embedder
from tests.sidecars.hirag_jobs.passages import Ingestion
from tests.sidecars.hirag_jobs.pools import Pool, make_pool

REFUSED = 2
SMALL = ("--max-tokens", "16", "--overlap", "0")
PARAGRAPHS = [f"Paragraph {name} speaks of {name} and of nothing else, at some length." for name in "abcdef"]
Documents = Collection[Any, Any]


@pytest.fixture
def pool(weaviate_server: WeaviateServer, embedder: EmbedderServer) -> Iterator[Pool]:
    with make_pool(weaviate_server, embedder.url) as made:
        yield made


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    """Two documents of six passages each."""
    folder = tmp_path / "docs"
    folder.mkdir()
    for name in ("a.txt", "b.txt"):
        (folder / name).write_text("\n\n".join(PARAGRAPHS))
    return folder


def counts(report: dict[str, Any]) -> dict[str, int]:
    names = ("written", "replaced", "relabelled", "unchanged", "removed", "pruned_documents")
    return {name: report[name] for name in names if report[name]}


def test_neighbours_with_the_same_documents_are_left_as_they_are_to_the_byte(
    pool: Pool, ingest: Ingestion, documents: Path
) -> None:
    one, other = pool.handbook, pool.notebook
    assert counts(ingest(documents, one.alias, *one.where, *SMALL).report) == {"written": 12}
    assert counts(ingest(documents, other.alias, *other.where, *SMALL).report) == {"written": 12}
    untouched = other.stored()
    assert len(json.loads(untouched)["objects"]) == 12

    assert counts(ingest(documents, one.alias, *one.where, *SMALL).report) == {"unchanged": 12}
    (documents / "a.txt").write_text("\n\n".join([PARAGRAPHS[0].replace("nothing", "something"), PARAGRAPHS[1]]))
    trimmed = ingest(documents, one.alias, *one.where, *SMALL)
    assert counts(trimmed.report) == {"replaced": 1, "relabelled": 1, "unchanged": 6, "removed": 4}
    assert other.stored() == untouched

    (documents / "b.txt").unlink()
    pruned = ingest(documents, one.alias, *one.where, *SMALL, "--prune")
    assert counts(pruned.report) == {"unchanged": 2, "removed": 6, "pruned_documents": 1}
    assert (pruned.report["alias"], pruned.report["tenant"]) == (one.alias, one.tenant)
    assert [item["parentId"] for item in one.properties()] == ["docs/a.txt"] * 2
    assert other.stored() == untouched
    assert pool.recent.properties() == []


def test_the_level_is_the_one_that_the_alias_spells(pool: Pool, ingest: Ingestion, documents: Path) -> None:
    for member, level in ((pool.handbook, "longTerm"), (pool.recent, "shortTerm")):
        ran = ingest(documents, member.alias, *member.where)
        assert (ran.status, ran.report["level"]) == (0, level), ran.said
        assert {item["level"] for item in member.properties()} == {level}
    wrong = ingest(documents, pool.recent.alias, *pool.recent.where, "--level", "longTerm")
    assert (wrong.status, "holds level shortTerm" in wrong.said) == (REFUSED, True)


def test_every_way_of_searching_through_alias_and_tenant_finds_its_own_alone(
    pool: Pool, ingest: Ingestion, weaviate_server: WeaviateServer, embedder: EmbedderServer, tmp_path: Path
) -> None:
    texts = {pool.handbook: "The heron waits in the reeds.", pool.notebook: "The heron stands in the water."}
    for member, text in texts.items():
        (tmp_path / "note.txt").write_text(text)
        assert ingest(tmp_path / "note.txt", member.alias, *member.where).status == 0
    with Embedder(f"{embedder.url}/v1") as model:
        [vector] = model.embed(["heron"], "query")
    with weaviate.connect_to_local(port=weaviate_server.http_port, grpc_port=weaviate_server.grpc_port) as client:
        for member, text in texts.items():
            level: Documents = client.collections.use(member.alias).with_tenant(member.tenant)
            answers = {
                "nearText": level.query.near_text("heron"),
                "nearVector": level.query.near_vector(vector),
                "BM25": level.query.bm25("heron"),
                "hybrid": level.query.hybrid("heron"),
                "all": level.query.fetch_objects(),
            }
            found = {way: [one.properties["text"] for one in answer.objects] for way, answer in answers.items()}
            assert all(texts_found == [text] for texts_found in found.values()), found
            assert level.aggregate.over_all(total_count=True).total_count == 1


@pytest.mark.parametrize("tenant", [None, "absent"], ids=["no tenant", "one that there is not"])
def test_weaviate_itself_refuses_whoever_names(pool: Pool, weaviate_server: WeaviateServer, tenant: str | None) -> None:
    before = pool.tenants()
    with weaviate.connect_to_local(port=weaviate_server.http_port, grpc_port=weaviate_server.grpc_port) as client:
        through: Documents = client.collections.use(pool.handbook.alias)
        level = through.with_tenant(tenant) if tenant else through
        for use in (level.query.fetch_objects, lambda: level.data.insert({"text": "lost"})):
            with pytest.raises(WeaviateBaseError, match="tenant"):
                use()
    assert pool.tenants() == before


def test_a_tenant_is_named_and_is_the_one_of_its_alias(pool: Pool, ingest: Ingestion, documents: Path) -> None:
    one, other = pool.handbook, pool.notebook
    missing = ingest(documents, one.alias)
    assert (missing.status, f"name its tenant by --tenant {one.tenant}" in missing.said) == (REFUSED, True)
    for wrong in (other.tenant, pool.recent.tenant, "absent"):
        ran = ingest(documents, one.alias, "--tenant", wrong)
        assert ran.status == REFUSED
        assert f"alias {one.alias} stands for tenant {one.tenant}, not for {wrong}" in ran.said
    assert [member.properties() for member in (one, other, pool.recent)] == [[], [], []]


def test_an_alias_that_the_operator_did_not_give_is_refused(pool: Pool, ingest: Ingestion, documents: Path) -> None:
    pool.rest.post("/v1/aliases", json={"alias": "Shortcut", "class": pool.name}).raise_for_status()
    ran = ingest(documents, "Shortcut", *pool.handbook.where)
    pool.rest.delete("/v1/aliases/Shortcut").raise_for_status()
    assert ran.status == REFUSED
    assert "is none that the operator gave: use the one in status.address" in ran.said


@pytest.mark.parametrize("tenancy", [{}, {"autoTenantCreation": True}], ids=["as it is made", "even if Weaviate would"])
def test_a_tenant_that_is_gone_is_not_made(
    weaviate_server: WeaviateServer,
    embedder: EmbedderServer,
    ingest: Ingestion,
    documents: Path,
    tenancy: Mapping[str, bool],
) -> None:
    settings = {"multiTenancyConfig": {"enabled": True, **tenancy}}
    with make_pool(weaviate_server, embedder.url, settings=settings) as pool:
        gone = pool.handbook
        pool.rest.request("DELETE", f"/v1/schema/{pool.name}/tenants", json=[gone.tenant]).raise_for_status()
        ran = ingest(documents, gone.alias, *gone.where)
        assert (ran.status, f"has no tenant {gone.tenant}" in ran.said) == (REFUSED, True)
        assert pool.tenants() == {pool.notebook.tenant, pool.recent.tenant}
