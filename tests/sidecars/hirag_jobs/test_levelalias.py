"""What ingest reads in an alias is what the operator wrote into it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hirag_jobs.levelalias import LevelAlias
from hirag_operator.api.collection_levels import STORED_LEVELS
from hirag_operator.plan.names import alias_name, tenant_name

namespaces = st.from_regex(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?", fullmatch=True)
names = st.from_regex(r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?", fullmatch=True)
close_namespaces = st.from_regex(r"[an1]([-n1]{0,3}[n1])?", fullmatch=True)
close_names = st.from_regex(r"[an]([-n1]{0,3}[n1])?", fullmatch=True)


@given(namespaces | close_namespaces, names | close_names, st.sampled_from(STORED_LEVELS))
def test_every_alias_and_tenant_of_the_operator_is_understood(namespace: str, name: str, level: str) -> None:
    found = LevelAlias.parse(alias_name(namespace, name, level))
    assert found == LevelAlias(namespace, name, level)
    assert found.tenant == tenant_name(namespace, name, level)


@pytest.mark.parametrize(
    "alias",
    ["Handbook", "LongTerm", "__LongTerm", "Handbook__LongTerm", "A__B__C__LongTerm", "Team_a__Handbook__Middle"],
)
def test_an_alias_that_the_operator_does_not_give_says_nothing(alias: str) -> None:
    assert LevelAlias.parse(alias) is None
