"""An archive goes into a collection that can hold it, and vectors of two fingerprints never meet."""

from typing import Any

import pytest

from hirag_jobs.archive.agreement import DisagreementError, There, check, check_dimensions
from tests.sidecars.hirag_jobs.archive.manifests import manifest

TEXT = {"name": "text", "dataType": ["text"]}
OURS, THEIRS = "f" * 26, "g" * 26


def there(fingerprint: str | None = OURS, **schema: Any) -> There:
    return There("Target_R2", {"class": "Target_R2", "properties": [TEXT]} | schema, fingerprint)


@pytest.mark.parametrize(
    ("archived", "target", "stated"),
    [
        (OURS, there(), None),
        (OURS, there(), OURS),
        (None, there(), OURS),
        (None, there(None), None),
        (OURS, there(None), None),
        (OURS, there(properties=[TEXT, {"name": "more", "dataType": ["int"]}]), None),
        (OURS, there(vectorIndexConfig={"ef": 7}), None),
    ],
)
def test_what_goes_together(archived: str | None, target: There, stated: str | None) -> None:
    assert check(manifest(fingerprint=archived), target, stated).keys() == {"text"}


@pytest.mark.parametrize(
    ("archived", "target", "stated", "complaint"),
    [
        (OURS, there(THEIRS), None, f"fingerprint {OURS}, and there of {THEIRS}, which must never meet: import into"),
        (OURS, there(THEIRS), THEIRS, f"are of fingerprint {OURS}, not of {THEIRS}: leave --fingerprint out"),
        (
            None,
            there(),
            None,
            f"the archive names none: if its vectors are of the same model, say so by --fingerprint {OURS}",
        ),
        (None, there(), THEIRS, f"fingerprint {THEIRS}, and there of {OURS}"),
        (OURS, there(properties=[]), None, "of another type: text (text); declare them first"),
        (OURS, there(properties=[{"name": "text", "dataType": ["text[]"]}]), None, "text (text, there text[])"),
        (
            OURS,
            there(vectorConfig={"title": {"vectorizer": {"none": {}}}}),
            None,
            "its vectors are one without a name, and there title",
        ),
    ],
)
def test_what_does_not_go_together_is_told(
    archived: str | None, target: There, stated: str | None, complaint: str
) -> None:
    with pytest.raises(DisagreementError) as refused:
        check(manifest(fingerprint=archived), target, stated)
    assert complaint in str(refused.value)
    assert "the archive of Handbook_R1 does not fit Target_R2" in str(refused.value)


def test_all_reasons_are_told_at_once() -> None:
    with pytest.raises(DisagreementError) as refused:
        check(manifest(), there(THEIRS, properties=[]), None)
    assert "declare them first" in str(refused.value)
    assert "must never meet" in str(refused.value)


def test_vectors_of_another_size_are_refused() -> None:
    check_dimensions({"": 8}, {}, "C")
    check_dimensions({"a": 8}, {"a": 8, "b": 4}, "C")
    with pytest.raises(DisagreementError, match="vectors without a name have 8 numbers, and there 4"):
        check_dimensions({"": 8}, {"": 4}, "C")
