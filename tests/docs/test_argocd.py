"""The health check that the page gives for Argo CD, run on every state that an object can tell of itself."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from lupa import lua51

from hirag_operator.api import GROUP, KINDS
from tests.docs.argocd import health
from tests.operator.plan.states import STATES_BY_KIND, Told

CONFIG = Path(__file__).parents[2] / "docs" / "argocd" / "argocd-cm.yaml"
SCRIPTS: dict[str, str] = yaml.safe_load(CONFIG.read_text())["data"]


def key(kind: str) -> str:
    return f"resource.customizations.health.{GROUP}_{kind}"


@pytest.mark.parametrize("kind", STATES_BY_KIND)
def test_every_state_has_its_health(kind: str) -> None:
    states = STATES_BY_KIND[kind]
    found = {state.name: health(SCRIPTS[key(kind)], state.body)[0] for state in states}
    assert found == {state.name: state.argocd for state in states}


@pytest.mark.parametrize("kind", STATES_BY_KIND)
def test_the_message_says_the_reason_and_the_words_of_the_condition(kind: str) -> None:
    def is_told(state: Told) -> bool:
        message = health(SCRIPTS[key(kind)], state.body)[1]
        reason = message.split(": ")[0]
        return state.words in message and any(one["reason"] == reason for one in state.body["status"]["conditions"])

    assert [state.name for state in STATES_BY_KIND[kind] if state.words and not is_told(state)] == []


def test_there_is_a_check_for_each_kind_and_for_nothing_else() -> None:
    assert set(SCRIPTS) == {key(kind.resource.kind) for kind in KINDS}


@pytest.mark.parametrize(
    "body",
    [
        {"metadata": {"generation": 1}},
        {"metadata": {"generation": 1}, "status": {}},
        {"metadata": {"generation": 1}, "status": {"observedGeneration": 1}},
        {"metadata": {"generation": 1}, "status": {"observedGeneration": 1, "conditions": []}},
    ],
    ids=["no status", "an empty status", "no conditions", "an empty list of conditions"],
)
def test_an_object_that_says_nothing_is_on_its_way(body: dict[str, Any]) -> None:
    assert {health(script, body)[0] for script in SCRIPTS.values()} == {"Progressing"}


@pytest.mark.parametrize(
    "line", ['os.execute("true")', 'io.open("/etc/passwd")', '("a"):upper()', 'string.rep("a", 2)']
)
def test_the_interpreter_has_no_more_than_argo_cd_gives(line: str) -> None:
    with pytest.raises(lua51.LuaError):
        health(f"local it = {line}; return {{status = 'Healthy', message = ''}}", {})
