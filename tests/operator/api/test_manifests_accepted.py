"""The API server and the operator accept the same manifests and fill in the same defaults."""

from typing import Any

import httpx
import pytest

from tests.operator.api.conftest import Registry
from tests.operator.api.manifests import Manifest, kind_of, manifest, valid_manifests

VALID = valid_manifests()


@pytest.mark.parametrize("sample", VALID.values(), ids=VALID)
def test_the_operator_reads_a_sample_and_writes_it_back_with_all_that_it_said(sample: Manifest) -> None:
    written = kind_of(sample).from_wire(sample).to_wire()

    assert contains(written["spec"], sample["spec"])


@pytest.mark.parametrize("sample", VALID.values(), ids=VALID)
def test_the_api_server_fills_in_the_same_defaults_as_the_operator(sample: Manifest, registry: Registry) -> None:
    response = registry.dry_create(sample)

    assert response.status_code == httpx.codes.CREATED, response.text
    assert response.json()["spec"] == kind_of(sample).from_wire(sample).to_wire()["spec"]


def test_sections_that_are_left_out_stay_out_and_others_have_their_defaults(registry: Registry) -> None:
    response = registry.dry_create(VALID["contextcollection-minimal"])

    spec = response.json()["spec"]
    assert spec["chunking"] == {"strategy": "tokens", "maxTokens": 512, "overlap": 50, "minTokens": 1}
    assert spec["deletionPolicy"] == "Retain"
    assert {"summarization", "compaction", "sharding", "properties"}.isdisjoint(spec)


def test_a_section_given_in_part_has_the_other_defaults(registry: Registry) -> None:
    policy = manifest("HNSWIndexPolicy", {"hnsw": {"ef": 64}})

    hnsw = registry.dry_create(policy).json()["spec"]["hnsw"]

    assert hnsw["ef"] == 64
    assert hnsw["dynamicEf"] == {"min": 100, "max": 500, "factor": 8}


def test_a_quantity_may_be_a_whole_number(registry: Registry) -> None:
    model = manifest(
        "EmbeddingModel",
        {
            "source": {"hostPath": {"path": "/models"}},
            "dimensions": 3,
            "serving": {"resources": {"limits": {"cpu": 2}}},
        },
    )

    assert registry.dry_create(model).status_code == httpx.codes.CREATED
    assert kind_of(model).from_wire(model).to_wire()["spec"]["serving"]["resources"]["limits"] == {"cpu": "2"}


def contains(whole: Any, part: Any) -> bool:
    if isinstance(part, dict):
        return all(key in whole and contains(whole[key], value) for key, value in part.items())
    if isinstance(part, list):
        return len(whole) == len(part) and all(map(contains, whole, part))
    return bool(whole == part)
