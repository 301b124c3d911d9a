import pytest
from pydantic import ValidationError

from hirag_jobs.copying.settings import MigrateSettings

TAKEN: dict[str, tuple[dict[str, str], dict[str, str], tuple[int, int]]] = {
    "nothing said": ({}, {}, (1, 1)),
    "a share": ({"share": "2/4"}, {}, (2, 4)),
    "an index, which counts from 0": ({"shares": "4", "index": "1"}, {}, (2, 4)),
    "the index of a Job, from its environment": ({}, {"SHARES": "3", "INDEX": "2"}, (3, 3)),
    "a single one": ({}, {"SHARES": "1", "INDEX": "0"}, (1, 1)),
}


@pytest.mark.parametrize("case", TAKEN)
def test_a_share_is_said_in_either_way(monkeypatch: pytest.MonkeyPatch, case: str) -> None:
    flags, environment, portion = TAKEN[case]
    for name, value in environment.items():
        monkeypatch.setenv(f"HIRAG_JOBS_{name}", value)
    settings = MigrateSettings.model_validate({"source": "A", "target": "B", **flags})
    assert settings.portion == portion
    assert settings.share_name == f"{portion[0]}/{portion[1]}"


REFUSED: dict[str, tuple[dict[str, str], str]] = {
    "both ways": ({"share": "1/2", "shares": "2", "index": "0"}, "two ways to say one thing: give one of them"),
    "shares alone": ({"shares": "2"}, "shares and index belong together"),
    "an index alone": ({"index": "0"}, "shares and index belong together"),
    "an index beyond": ({"shares": "2", "index": "2"}, "index must be below shares, 2: it counts from 0"),
    "a sample that nobody follows": ({"sample": "10"}, "give --follow, without --no-verify"),
    "a sample without a comparison": ({"sample": "10", "follow": "true", "verify": "false"}, "without --no-verify"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_contradicts_itself_is_refused(case: str) -> None:
    flags, why = REFUSED[case]
    with pytest.raises(ValidationError, match=why):
        MigrateSettings.model_validate({"source": "A", "target": "B", **flags})
