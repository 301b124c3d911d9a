"""Flags win over the environment; what is missing or wrong is named as it was written."""

import pytest
from pydantic import ValidationError

from hirag_jobs.archive.settings import ArchiveSettings, ExportSettings, ImportSettings
from hirag_jobs.main import main


@pytest.mark.parametrize(("verb", "settings"), [("export", ExportSettings), ("import", ImportSettings)])
def test_every_setting_has_a_flag_and_a_help(
    capsys: pytest.CaptureFixture[str], verb: str, settings: type[ArchiveSettings]
) -> None:
    with pytest.raises(SystemExit):
        main([verb, "--help"])
    said = capsys.readouterr().out
    assert all(f"--{name.replace('_', '-')}" in said for name in settings.model_fields)
    assert all(field.description for field in settings.model_fields.values())


def test_tenants_are_a_flag_that_is_repeated_or_a_list_with_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HIRAG_JOBS_TENANT", "acme, globex")
    assert ExportSettings(alias="A").tenant == ("acme", "globex")
    assert ExportSettings.model_validate({"alias": "A", "tenant": ["initech"]}).tenant == ("initech",)


def test_an_address_gives_what_an_export_needs_and_no_alias_beside_a_collection(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told = {"ALIAS": "Team_a__Handbook__LongTerm", "TENANT": "team-a_handbook_longTerm"}
    for name, value in told.items():
        monkeypatch.setenv(f"LONG_TERM_{name}", value)
    monkeypatch.setenv("WEAVIATE_HTTP_URL", "http://weaviate:80")
    monkeypatch.setenv("EMBEDDING_URL", "http://minilm:8080/v1")
    found = ExportSettings()
    assert (found.alias, found.tenant) == (told["ALIAS"], (told["TENANT"],))
    assert found.weaviate_http_url == "http://weaviate:80"
    named = ExportSettings(collection="Shops")
    assert (named.alias, named.tenant) == (None, ())


@pytest.mark.parametrize(
    ("flags", "complaint"),
    [
        ([], "either --alias or --collection is needed"),
        (["--alias", "A", "--part-bytes", "0"], "--part-bytes: Input should be greater than or equal to 1"),
        (["--alias", "A", "--tenant", "a", "--tenant", "../b"], "--tenant-1: String should match pattern"),
        (["--alias", "A", "--compression", "30"], "--compression: Input should be less than or equal to 19"),
    ],
)
def test_what_is_missing_or_wrong_is_named(
    capsys: pytest.CaptureFixture[str], flags: list[str], complaint: str
) -> None:
    assert main(["export", "nowhere", *flags]) == 2
    assert complaint in capsys.readouterr().err


def test_a_setting_of_the_other_command_is_none_of_this_one() -> None:
    with pytest.raises(ValidationError):
        ImportSettings.model_validate({"alias": "A", "part_bytes": 1})
