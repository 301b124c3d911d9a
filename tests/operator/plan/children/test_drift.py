from typing import Any

import pytest

from hirag_operator.plan.children.drift import drift


def resources(**limits: str) -> dict[str, Any]:
    return {"spec": {"containers": [{"name": "embedder", "resources": {"limits": limits}}]}}


NONE: dict[str, tuple[Any, Any]] = {
    "what is as declared": ({"spec": {"replicas": 2}}, {"spec": {"replicas": 2}}),
    "what the server defaults": ({"spec": {"replicas": 2}}, {"spec": {"replicas": 2, "revisionHistoryLimit": 10}}),
    "what others add": ({"labels": {"a": "1"}}, {"labels": {"a": "1", "b": "2"}}),
    "an empty object that is left out": ({"resources": {}}, {}),
    "an empty list that is left out": ({"args": []}, {}),
    "an empty text that is left out": ({"value": ""}, {}),
    "half a core": (resources(cpu="0.5"), resources(cpu="500m")),
    "a gibibyte": (resources(memory="1024Mi"), resources(memory="1Gi")),
    "a core with a fraction of nothing": (resources(cpu="2.0"), resources(cpu="2")),
    "named items in another order": (
        {"env": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]},
        {"env": [{"name": "B", "value": "2"}, {"name": "A", "value": "1"}]},
    ),
    "a named item that somebody else adds": (
        {"env": [{"name": "A", "value": "1"}]},
        {"env": [{"name": "A", "value": "1"}, {"name": "PROXY", "value": "x"}]},
    ),
    "a selector as declared": ({"spec": {"selector": {"app": "a"}}}, {"spec": {"selector": {"app": "a"}}}),
    "no node selector and an empty one": ({"spec": {"nodeSelector": {}}}, {"spec": {}}),
    "data that somebody else adds": ({"data": {"URL": "a"}}, {"data": {"URL": "a", "MORE": "b"}}),
    "storage in other words": (
        {"spec": {"resources": {"requests": {"storage": "1024Mi"}}}},
        {"spec": {"resources": {"requests": {"storage": "1Gi"}}, "volumeMode": "Filesystem"}},
    ),
    "another owner beside us": (
        {"ownerReferences": [{"name": "minilm", "uid": "1"}]},
        {"ownerReferences": [{"name": "minilm", "uid": "2"}, {"name": "minilm", "uid": "1"}]},
    ),
}
SOME: dict[str, tuple[Any, Any, list[str]]] = {
    "a value that differs": ({"spec": {"replicas": 2}}, {"spec": {"replicas": 3}}, ["spec.replicas"]),
    "a label more in a selector": (
        {"spec": {"selector": {"app": "a"}}},
        {"spec": {"selector": {"app": "a", "tier": "b"}}},
        ["spec.selector"],
    ),
    "a label more in a budget's selector": (
        {"spec": {"selector": {"matchLabels": {"app": "a"}}}},
        {"spec": {"selector": {"matchLabels": {"app": "a", "tier": "b"}}}},
        ["spec.selector"],
    ),
    "a node selector that nobody declared more": (
        {"spec": {"nodeSelector": {"gpu": "l4"}}},
        {"spec": {"nodeSelector": {"gpu": "l4", "zone": "b"}}},
        ["spec.nodeSelector"],
    ),
    "other data": ({"data": {"URL": "a"}}, {"data": {"URL": "b"}}, ["data.URL"]),
    "a token that is mounted": (
        {"automountServiceAccountToken": False},
        {"automountServiceAccountToken": True},
        ["automountServiceAccountToken"],
    ),
    "a budget of another size": (
        {"spec": {"maxUnavailable": 1}},
        {"spec": {"minAvailable": 1}},
        ["spec.maxUnavailable"],
    ),
    "an autoscaler of another aim": (
        {"spec": {"metrics": [{"type": "Resource", "resource": {"name": "cpu"}}], "maxReplicas": 5}},
        {"spec": {"metrics": [{"type": "Resource", "resource": {"name": "memory"}}], "maxReplicas": 5}},
        ["spec.metrics[0].resource.name"],
    ),
    "a value that is missing": ({"spec": {"replicas": 2}}, {"spec": {}}, ["spec.replicas"]),
    "a whole part that is missing": ({"spec": {"replicas": 2}}, {}, ["spec"]),
    "false that is missing": ({"suspend": False}, {}, ["suspend"]),
    "zero that is missing": ({"replicas": 0}, {}, ["replicas"]),
    "another quantity": (
        resources(cpu="0.5"),
        resources(cpu="600m"),
        ["spec.containers[embedder].resources.limits.cpu"],
    ),
    "a text that merely looks like a quantity": ({"spec": {"path": "1.0"}}, {"spec": {"path": "1"}}, ["spec.path"]),
    "a quantity and no quantity": (
        resources(cpu="500m"),
        resources(cpu="many"),
        ["spec.containers[embedder].resources.limits.cpu"],
    ),
    "a named item that is missing": (
        {"env": [{"name": "A", "value": "1"}]},
        {"env": [{"name": "B", "value": "1"}]},
        ["env[A]"],
    ),
    "a named item with another value": (
        {"env": [{"name": "A", "value": "1"}]},
        {"env": [{"name": "A", "value": "2"}]},
        ["env[A].value"],
    ),
    "a volume mounted elsewhere": (
        {"volumeMounts": [{"name": "model", "mountPath": "/models"}]},
        {"volumeMounts": [{"name": "model", "mountPath": "/other"}]},
        ["volumeMounts[/models]"],
    ),
    "a list without names in another order": (
        {"command": ["a", "b"]},
        {"command": ["b", "a"]},
        ["command[0]", "command[1]"],
    ),
    "a longer list without names": ({"command": ["a"]}, {"command": ["a", "b"]}, ["command"]),
    "one toleration more": (
        {"tolerations": [{"key": "gpu"}]},
        {"tolerations": [{"key": "gpu"}, {"key": "spot"}]},
        ["tolerations"],
    ),
    "a list where an object was": ({"spec": [1]}, {"spec": {}}, ["spec"]),
}


@pytest.mark.parametrize(("wanted", "live"), NONE.values(), ids=NONE)
def test_no_drift_is(wanted: Any, live: Any) -> None:
    assert list(drift(wanted, live)) == []


@pytest.mark.parametrize(("wanted", "live", "paths"), SOME.values(), ids=SOME)
def test_drift_is(wanted: Any, live: Any, paths: list[str]) -> None:
    assert list(drift(wanted, live)) == paths
