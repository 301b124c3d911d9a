"""The ConfigMap of a ContextCollection's address is all the environment that ingest needs."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from e2e.cluster.embedder import EmbedderServer
from e2e.cluster.weaviate import WeaviateServer
from hirag_jobs.settings import IngestSettings
from hirag_kit.errors import ConfigurationError
from tests.sidecars.hirag_jobs.passages import Ingestion
from tests.sidecars.hirag_jobs.pools import REACH, Pool, make_pool, written_address

REFUSED = 2
ALIAS, TENANT = "Team_a__Handbook__LongTerm", "team-a_handbook_longTerm"
BOTH = {"LONG_TERM_ALIAS": ALIAS, "SHORT_TERM_ALIAS": "Team_a__Handbook__ShortTerm", "SHORT_TERM_TENANT": "recent"}


@pytest.fixture(autouse=True)
def no_address_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in {*written_address("Shared"), *BOTH}:
        monkeypatch.delenv(name, raising=False)


def settings(monkeypatch: pytest.MonkeyPatch, environment: Mapping[str, str], **flags: str) -> IngestSettings:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return IngestSettings.model_validate(flags)


@pytest.mark.parametrize(("placement", "tenant"), [("Shared", TENANT), ("Dedicated", None)])
def test_what_the_operator_writes_is_understood_whole(
    monkeypatch: pytest.MonkeyPatch, placement: str, tenant: str | None
) -> None:
    found = settings(monkeypatch, written_address(placement))
    assert (found.alias, found.tenant, found.level) == (ALIAS, tenant, None)
    assert (found.weaviate_http_url, found.grpc) == (REACH.http_url, REACH.grpc_address)
    assert (found.embedder_url, found.model) == (REACH.embedding_url, REACH.embedding_model)


@pytest.mark.parametrize("choice", ["flag", "variable"])
def test_of_two_levels_one_is_chosen(monkeypatch: pytest.MonkeyPatch, choice: str) -> None:
    chosen = {"level": "shortTerm"} if choice == "flag" else {}
    more = {} if chosen else {"HIRAG_JOBS_LEVEL": "shortTerm"}
    found = settings(monkeypatch, {**BOTH, **more}, **chosen)
    assert (found.alias, found.tenant) == (BOTH["SHORT_TERM_ALIAS"], "recent")


@pytest.mark.parametrize(
    ("environment", "flags", "complaint"),
    [
        (BOTH, {}, "the environment has SHORT_TERM_ALIAS and LONG_TERM_ALIAS: choose by --level shortTerm or longTerm"),
        ({"LONG_TERM_ALIAS": ALIAS}, {"level": "shortTerm"}, "LONG_TERM_ALIAS and no alias of level shortTerm"),
    ],
    ids=["none is chosen", "another is chosen"],
)
def test_a_level_that_is_not_clear_is_refused(
    monkeypatch: pytest.MonkeyPatch, environment: Mapping[str, str], flags: dict[str, str], complaint: str
) -> None:
    with pytest.raises(ConfigurationError, match=complaint):
        settings(monkeypatch, environment, **flags)


@pytest.mark.parametrize(
    ("variable", "value", "setting", "beside"),
    [
        ("HIRAG_JOBS_ALIAS", "Other__One__LongTerm", "alias", "tenant"),
        ("HIRAG_JOBS_WEAVIATE_HTTP_URL", "http://other:80", "weaviate_http_url", "weaviate_grpc"),
        ("HIRAG_JOBS_EMBEDDER_URL", "http://other:80/v1", "embedder_url", "model"),
    ],
)
def test_our_own_variables_win_and_leave_out_what_belongs_to_the_other(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, setting: str, beside: str
) -> None:
    found = settings(monkeypatch, {**written_address("Shared"), variable: value})
    assert getattr(found, setting) == value
    assert getattr(found, beside) is None


def test_a_tenant_can_be_chosen_beside_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    found = settings(monkeypatch, written_address("Dedicated"), tenant="acme")
    assert (found.alias, found.tenant) == (ALIAS, "acme")


@pytest.fixture
def pool(weaviate_server: WeaviateServer, embedder: EmbedderServer) -> Iterator[Pool]:
    with make_pool(weaviate_server, embedder.url) as made:
        yield made


def test_ingest_runs_on_the_configmap_alone(
    pool: Pool, ingest: Ingestion, weaviate_server: WeaviateServer, embedder: EmbedderServer, tmp_path: Path
) -> None:
    address = {
        "WEAVIATE_HTTP_URL": weaviate_server.http_url,
        "WEAVIATE_GRPC_ADDRESS": f"127.0.0.1:{weaviate_server.grpc_port}",
        "EMBEDDING_URL": f"{embedder.url}/v1",
        "LONG_TERM_ALIAS": pool.handbook.alias,
        "LONG_TERM_TENANT": pool.handbook.tenant,
        "SHORT_TERM_ALIAS": pool.recent.alias,
        "SHORT_TERM_TENANT": pool.recent.tenant,
    }
    note = tmp_path / "note.txt"
    note.write_text("A note of today.")
    unclear = ingest.by_environment(note, address)
    assert (unclear.status, "choose by --level" in unclear.said) == (REFUSED, True)
    ran = ingest.by_environment(note, address, "--level", "shortTerm")
    assert (ran.status, ran.report["tenant"]) == (0, pool.recent.tenant), ran.said
    assert [item["text"] for item in pool.recent.properties()] == ["A note of today."]
    assert pool.handbook.properties() == []
