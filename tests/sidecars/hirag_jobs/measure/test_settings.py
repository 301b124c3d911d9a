"""What is asked of a measurement says itself what is wrong with it."""

import pytest

from hirag_jobs.main import main
from hirag_jobs.measure.settings import MeasureSettings


@pytest.mark.parametrize(
    ("flags", "complaint"),
    [
        ([], "one of --alias and --collection is needed, and not both"),
        (["--alias", "A", "--collection", "B"], "one of --alias and --collection is needed, and not both"),
        (["--alias", "A", "--tenant", "a,,b"], "--tenant: String should match pattern"),
        (["--alias", "A", "--k", "0"], "--k: Input should be greater than or equal to 1"),
        (["--alias", "A", "--min-recall", "95"], "--min-recall: Input should be less than or equal to 1"),
        (["--alias", "A", "--query", ""], "--query-0: String should have at least 1 character"),
        (["--alias", "A", "--queries-file", "/absent"], "--queries-file: /absent cannot be read as text"),
        (["--alias", "A", "--queries-file", "/dev/null"], "--queries-file: /dev/null has no questions"),
    ],
)
def test_what_is_wrong_is_named_by_its_flag(
    capsys: pytest.CaptureFixture[str], flags: list[str], complaint: str
) -> None:
    assert main(["measure", *flags]) == 2
    assert complaint in capsys.readouterr().err


def test_tenants_are_measured_once_each_and_in_order() -> None:
    assert MeasureSettings(alias="A", tenant="b,a,b").tenants == ("b", "a")
    assert MeasureSettings(alias="A").tenants == (None,)


def test_every_setting_has_a_flag_and_a_help(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["measure", "--help"])
    said = capsys.readouterr().out
    assert all(f"--{name.replace('_', '-')}" in said for name in MeasureSettings.model_fields)
    assert all(field.description for field in MeasureSettings.model_fields.values())


def test_the_collection_takes_the_place_of_the_whole_address(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"LONG_TERM_ALIAS": "A", "LONG_TERM_TENANT": "t", "WEAVIATE_HTTP_URL": "http://w:80"}.items():
        monkeypatch.setenv(name, value)
    by_address, by_name = MeasureSettings(), MeasureSettings(collection="C_R2")
    assert (by_address.alias, by_address.tenant) == ("A", "t")
    assert (by_name.alias, by_name.tenant, by_name.weaviate_http_url) == (None, None, "http://w:80")
