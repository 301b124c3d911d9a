"""Which GPU profile a model runs under, from its Deployment, its pods and the time of day."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from hirag_operator.api import EmbeddingModel
from hirag_operator.api.pods import GpuProfile
from hirag_operator.plan.model.embedder import embedder_objects
from hirag_operator.plan.model.gpuprofiles import Choice, choose
from tests.operator.plan.objects import model, owner
from tests.operator.plan.pods.pods import NO_GPU, NO_VOLUME, pod, unscheduled

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
A100 = {"name": "a100", "resource": {}, "nodeSelector": {"gpu": "a100"}}
L4 = {"name": "l4", "resource": {}, "fallbackAfterSeconds": 300}
CPU = {"name": "cpu"}
ALL = (A100, L4, CPU)


def declared(*profiles: dict[str, Any]) -> EmbeddingModel:
    return model({"serving": {"gpuProfiles": list(profiles)}})


def listed(*profiles: dict[str, Any]) -> list[GpuProfile]:
    return declared(*profiles).spec.effective_serving.gpu_profiles or []


def under(index: int, *profiles: dict[str, Any], seconds: float = 3600) -> dict[str, Any]:
    """The live Deployment that was rendered some seconds ago under the profile at `index` of a list."""
    choice = Choice(listed(*profiles)[index], tuple(listed(*profiles)), NOW - timedelta(seconds=seconds))
    objects = embedder_objects(declared(*profiles), owner(), "image", choice)
    return next(made for made in objects if made["kind"] == "Deployment")


def pod_of(deployment: dict[str, Any], seconds: float = 0, name: str = "p", message: str = NO_GPU) -> dict[str, Any]:
    """A pod of the Deployment that no node takes for some seconds."""
    since = (NOW - timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")
    body = pod(name, **unscheduled(message, since))
    body["metadata"]["annotations"] = deployment["spec"]["template"]["metadata"].get("annotations", {})
    return body


def running(body: dict[str, Any]) -> dict[str, Any]:
    return {**body, "spec": {**body["spec"], "nodeName": "node-1"}, "status": {"phase": "Running"}}


def leaving(body: dict[str, Any]) -> dict[str, Any]:
    return {**body, "metadata": {**body["metadata"], "deletionTimestamp": "2026-01-02T03:04:00Z"}}


def without(deployment: dict[str, Any], annotation: str) -> dict[str, Any]:
    """The Deployment after somebody took an annotation away."""
    metadata = deployment["metadata"]
    kept = {name: value for name, value in metadata["annotations"].items() if name != annotation}
    return {**deployment, "metadata": {**metadata, "annotations": kept}}


FIRST, SECOND, LAST = (under(index, *ALL) for index in range(3))


@pytest.mark.parametrize(
    ("deployment", "pods", "profile"),
    [
        pytest.param(None, [], "a100", id="the first, before there is a Deployment"),
        pytest.param(FIRST, [], "a100", id="the first, before there are pods"),
        pytest.param(FIRST, [pod_of(FIRST, 119)], "a100", id="the first, while its time is not over"),
        pytest.param(FIRST, [pod_of(FIRST, 120)], "l4", id="the second, when the time of the first is over"),
        pytest.param(FIRST, [running(pod_of(FIRST))], "a100", id="the first, while it runs"),
        pytest.param(
            FIRST,
            [running(pod_of(FIRST)), pod_of(FIRST, 900, "q")],
            "a100",
            id="the first, while one of two pods has a node: a fallback would move it too",
        ),
        pytest.param(
            FIRST, [leaving(running(pod_of(FIRST))), pod_of(FIRST, 900)], "l4", id="a pod that leaves is none"
        ),
        pytest.param(FIRST, [pod_of(FIRST, 900, message=NO_VOLUME)], "a100", id="another GPU makes no volume"),
        pytest.param(FIRST, [pod_of(LAST, 900)], "a100", id="pods of another profile say nothing about this one"),
        pytest.param(FIRST, [pod(**unscheduled())], "a100", id="pods from before there were profiles neither"),
        pytest.param(SECOND, [pod_of(SECOND, 299)], "l4", id="the second has a time of its own"),
        pytest.param(SECOND, [pod_of(SECOND, 300), pod_of(FIRST, 900)], "cpu", id="the third after the second"),
        pytest.param(
            under(1, *ALL, seconds=299),
            [pod_of(SECOND, 900)],
            "l4",
            id="each attempt has its whole time, though a pod of an earlier one waits for longer",
        ),
        pytest.param(
            without(FIRST, "hirag.dev/gpu-profile-since"), [pod_of(FIRST, 900)], "a100", id="a note lost begins again"
        ),
        pytest.param(
            without(SECOND, "hirag.dev/gpu-profile"), [pod_of(SECOND, 900)], "a100", id="whichever note is lost"
        ),
        pytest.param(SECOND, [], "l4", id="the second stays when the first might do again"),
    ],
)
def test_a_model_runs_under(deployment: Any, pods: list[Any], profile: str) -> None:
    found = choose(listed(*ALL), deployment, pods, NOW).profile
    assert found is not None
    assert found.name == profile


def test_a_fallback_says_what_was_given_up_and_why() -> None:
    found = choose(listed(*ALL), FIRST, [pod_of(FIRST, 120)], NOW)
    assert found.gave_up == "a100"
    assert found.told() == f"No node takes the pods under GPU profile a100: {NO_GPU[:-1]}; now trying l4."


def test_the_time_until_a_fallback_is_known_while_it_runs() -> None:
    assert choose(listed(*ALL), FIRST, [pod_of(FIRST, 90), pod_of(FIRST, 20, "q")], NOW).seconds_left == 30
    assert choose(listed(*ALL), FIRST, [running(pod_of(FIRST))], NOW).seconds_left is None
    assert choose(listed(*ALL), FIRST, [pod_of(FIRST, 120)], NOW).seconds_left is None


def test_after_the_last_the_scheduler_has_the_word() -> None:
    found = choose(listed(*ALL), LAST, [pod_of(LAST, 120)], NOW)
    assert found.exhausted
    assert (found.profile and found.profile.name, found.gave_up) == ("cpu", "")
    assert NO_GPU[:-1] in found.told()
    assert "(a100, l4, cpu)" in found.told()


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param((A100, CPU), id="one less"),
        pytest.param((A100, L4, CPU, {"name": "late"}), id="one more"),
        pytest.param((CPU, A100, L4), id="another order"),
        pytest.param(({**A100, "nodeSelector": {"gpu": "h100"}}, L4, CPU), id="another node"),
    ],
)
def test_a_change_of_the_list_begins_again_with_its_first(changed: tuple[dict[str, Any], ...]) -> None:
    found = choose(listed(*changed), SECOND, [pod_of(SECOND, 900)], NOW)
    assert (found.profile, found.gave_up) == (listed(*changed)[0], "")


def test_another_time_to_wait_is_no_change_of_the_list() -> None:
    patient = ({**A100, "fallbackAfterSeconds": 3600}, L4, CPU)
    assert choose(listed(*patient), SECOND, [], NOW).profile == listed(*patient)[1]
    assert under(1, *patient) == SECOND


def test_what_is_noted_stays_the_same_while_a_profile_is_in_use() -> None:
    for later in (NOW, NOW + timedelta(days=3)):
        found = choose(listed(*ALL), SECOND, [running(pod_of(SECOND))], later)
        assert found.deployment_annotations.items() <= SECOND["metadata"]["annotations"].items()


def test_a_profile_more_at_the_end_makes_no_new_pods() -> None:
    longer = under(0, *ALL, {"name": "late"})
    assert longer["spec"] == FIRST["spec"]
    assert longer["metadata"]["annotations"] != FIRST["metadata"]["annotations"]


def test_without_profiles_there_is_nothing_to_choose() -> None:
    found = choose([], FIRST, [pod_of(FIRST, 900)], NOW)
    assert found == Choice()
    assert (found.deployment_annotations, found.pod_annotations, found.told()) == ({}, {}, "")


def test_a_profile_without_a_device_asks_for_none() -> None:
    def limits(deployment: dict[str, Any]) -> Any:
        return deployment["spec"]["template"]["spec"]["containers"][0]["resources"].get("limits")

    assert limits(FIRST) == {"nvidia.com/gpu": "1"}
    assert limits(LAST) is None
